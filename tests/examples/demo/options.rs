//! What the user asked for.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// `--help`.
pub const HELP: &str = "\
The demonstration of amazon-spoof-milter. With make:

  make demo                         six mails, shown with the presets tag and enforce
  make demo KEEP=1                  leaves everything running, to send mail of your own
  make demo MAIL=file.eml           sends your file instead (several: MAIL=\"a.eml b.eml\")
       CLIENT_IP=192.0.2.10           as if this client had handed it in
       CLIENT_NAME=mail.example       with this host name and HELO
       MAIL_FROM=sender@example.org   with this envelope sender ('<>': the null sender)
       DNS=192.0.2.53:53              asking this DNS server, not the demonstration zone

Without make: cargo build && cargo run --example demo --
       [--keep] [--mail FILES]... [--client-ip IP] [--client-name NAME]
       [--mail-from ADDR] [--dns ADDR:PORT]
";

#[derive(Clone, Debug)]
pub struct Options {
    pub help: bool,
    pub keep: bool,
    pub mails: Vec<PathBuf>,
    pub client_ip: IpAddr,
    pub client_name: String,
    pub mail_from: String,
    pub dns: Option<SocketAddr>,
}

impl Default for Options {
    /// A client of the documentation's networks (RFC 5737) that no record of the demonstration
    /// zone authorises.
    fn default() -> Self {
        Self {
            help: false,
            keep: false,
            mails: Vec::new(),
            client_ip: IpAddr::from([203, 0, 113, 99]),
            client_name: "mail.sender.example".to_owned(),
            mail_from: "someone@sender.example".to_owned(),
            dns: None,
        }
    }
}

impl Options {
    /// Reads the arguments. An empty value is as good as none: make passes on what it was given.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        while let Some(name) = arguments.next() {
            match name.as_str() {
                "--help" | "-h" => options.help = true,
                "--keep" => options.keep = true,
                "--mail" | "--client-ip" | "--client-name" | "--mail-from" | "--dns" => {
                    let value = arguments.next().ok_or(format!("{name} needs a value"))?;
                    if !value.is_empty() {
                        options.set(&name, &value)?;
                    }
                }
                _ => return Err(format!("there is no option {name}")),
            }
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let wrong = |what: &str| format!("{name} {value}: this is no {what}");
        match name {
            "--mail" => self.mails.extend(files(value)),
            "--client-ip" => {
                self.client_ip = value
                    .parse()
                    .map_err(|_| wrong("IP address such as 192.0.2.10"))?;
            }
            "--client-name" => self.client_name = line(value).ok_or(wrong("host name"))?,
            "--mail-from" => {
                let path = line(value).ok_or(wrong("mail address"))?;
                self.mail_from = path.trim_matches(['<', '>']).to_owned();
            }
            _ => {
                self.dns = Some(
                    value
                        .parse()
                        .map_err(|_| wrong("ADDR:PORT such as 192.0.2.53:53"))?,
                );
            }
        }
        Ok(())
    }
}

/// One file whose name may hold spaces, or several.
fn files(value: &str) -> Vec<PathBuf> {
    let whole = PathBuf::from(value);
    if whole.exists() {
        return vec![whole];
    }
    value.split_whitespace().map(PathBuf::from).collect()
}

/// A value that fits into one SMTP command.
fn line(value: &str) -> Option<String> {
    let plain = value.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
    plain.then(|| value.to_owned())
}
