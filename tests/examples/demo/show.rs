//! The report that the user reads.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::host_and_port;
use super::mail::{Mail, fields, printable};
use super::metrics::{PREFIX, split};
use super::options::Options;
use super::paper::{Ink, Paper, wrap};
use super::site::{Difference, Fate, News, Outcome, Site};

type Paragraphs = Vec<(Ink, String)>;

/// The field whose first word is the verdict.
const VERDICT: &str = "X-Amazon-Spoof-Verdict: ";

/// Before anything starts.
pub fn introduction(paper: &Paper, options: &Options, mails: &[Mail]) {
    paper.heading("amazon-spoof-milter: a mail says it is from Amazon. Is it?");
    paper.text(
        "A DNS server, the milter and a private Postfix are started on loopback addresses, and \
         stopped at the end. Mail is handed in by SMTP, each as from an Internet address of its \
         own. Nothing leaves this machine, and its own mail system is not touched.",
    );
    if let (false, Some(mail)) = (options.mails.is_empty(), mails.first()) {
        println!();
        paper.text(&format!(
            "Your mail is handed in by client {} ({}) with MAIL FROM:<{}>; CLIENT_IP, CLIENT_NAME \
             and MAIL_FROM change that.",
            options.client_ip, options.client_name, mail.mail_from
        ));
        if options.dns.is_none() {
            paper.text(
                "DNS is the demonstration zone: of real domains it knows a made-up amazon.com, so \
                 real signatures can't pass. DNS=ADDR:PORT asks a real server instead.",
            );
        }
    }
    println!();
}

/// All mails under one preset, and what was counted.
/// `earlier` is what another preset came to; what is the same there is not shown again.
pub fn preset(
    paper: &Paper,
    site: &Site,
    meaning: &str,
    mails: &[Mail],
    outcomes: &[Outcome],
    earlier: Option<(&str, &[Outcome])>,
) {
    paper.heading(&format!("Preset \"{}\" ({meaning})", site.preset));
    let left = paper.width * 3 / 7;
    for (row, (mail, outcome)) in mails.iter().zip(outcomes).enumerate() {
        let number = row + 1;
        paper.title(&match mail.name.parse::<usize>() {
            Ok(_) => format!("{number} {}", mail.about),
            Err(_) => format!("{number} {}: {}", mail.name, mail.about),
        });
        let same = earlier.filter(|(_, earlier)| {
            earlier
                .get(row)
                .is_some_and(|other| other.fate == outcome.fate)
        });
        match same {
            Some((preset, _)) => println!("delivered exactly as with preset \"{preset}\", above"),
            None => paper.columns(left, &sending_side(mail, outcome), &recipient(outcome)),
        }
    }
    metrics(paper, site);
}

fn sending_side(mail: &Mail, outcome: &Outcome) -> Paragraphs {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let ink = match outcome.fate {
        Fate::Refused | Fate::Missing => Ink::Bad,
        Fate::Delivered(_) | Fate::Held(..) => Ink::Good,
    };
    vec![
        (Ink::Bold, "THE SENDER".to_owned()),
        (Ink::Plain, mail.field("From")),
        (Ink::Plain, mail.field("Subject")),
        (
            Ink::Dim,
            format!(
                "client {} ({})",
                or_dash(&mail.client.addr),
                or_dash(&mail.client.name)
            ),
        ),
        (Ink::Dim, format!("MAIL FROM:<{}>", mail.mail_from)),
        (Ink::Plain, "is answered:".to_owned()),
        (ink, format!("  {}", outcome.reply)),
    ]
}

fn recipient(outcome: &Outcome) -> Paragraphs {
    let mut out = vec![(Ink::Bold, "THE RECIPIENT".to_owned())];
    match &outcome.fate {
        Fate::Delivered(difference) => out.extend(changes("gets it", difference)),
        Fate::Held(id, difference) => {
            out.push((
                Ink::Warn,
                format!("gets nothing yet: held for the postmaster in the hold queue as {id}"),
            ));
            out.push((
                Ink::Dim,
                "(postsuper -H releases it, postsuper -d deletes it)".to_owned(),
            ));
            out.extend(changes("It is held", difference));
        }
        Fate::Refused => out.push((
            Ink::Bad,
            "gets nothing: the sender's server was told why, and has the mail back".to_owned(),
        )),
        Fate::Missing => out.push((
            Ink::Bad,
            "Postfix took it, and then neither delivered nor held it".to_owned(),
        )),
    }
    out
}

fn changes(verb: &str, difference: &Difference) -> Paragraphs {
    let mut out = Vec::new();
    let untouched = difference.added.is_empty() && difference.removed.is_empty();
    let how = match (untouched, difference.rest_as_sent) {
        (true, true) => "byte for byte as it was sent",
        (true, false) => "with its header fields as they were sent",
        (false, true) => "byte for byte as it was sent, below these new fields:",
        (false, false) => "with these changes to its header:",
    };
    let ink = if untouched { Ink::Good } else { Ink::Plain };
    out.push((ink, format!("{verb} {how}")));
    for field in &difference.added {
        out.push((ink_of_field(field), format!("  {field}")));
    }
    for field in &difference.removed {
        out.push((Ink::Warn, format!("  removed: {field}")));
    }
    out
}

fn ink_of_field(field: &str) -> Ink {
    match field.strip_prefix(VERDICT) {
        Some(value) if value.starts_with("verified") => Ink::Good,
        Some(value) if is_spoof(value) => Ink::Bad,
        Some(_) => Ink::Warn,
        None => Ink::Plain,
    }
}

fn is_spoof(verdict: &str) -> bool {
    ["forged", "lookalike", "impersonation"]
        .iter()
        .any(|word| verdict.starts_with(word))
}

/// The series that moved: those of messages a line each, the others a line a family.
fn metrics(paper: &Paper, site: &Site) {
    paper.title(&format!("what http://{}/metrics counted", site.milter.http));
    let mut families: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (series, change) in site.changes() {
        let (name, labels) = split(&series);
        let entry = match (name, labels.as_slice()) {
            ("messages_total", [verdict, action]) => {
                format!("  {verdict:24}{action:20}{change:>3}")
            }
            _ => {
                let words: Vec<&str> = labels
                    .iter()
                    .filter_map(|label| Some(label.split_once('=')?.1))
                    .collect();
                format!("{} {change}", words.join(" "))
            }
        };
        families.entry(name.to_owned()).or_default().push(entry);
    }
    for name in [
        "messages_total",
        "reasons_total",
        "auth_results_total",
        "dns_lookups_total",
    ] {
        println!("{}", paper.ink(Ink::Bold, &format!("{PREFIX}{name}")));
        let entries = families.remove(name).unwrap_or_default();
        let lines = match name {
            "messages_total" => entries,
            _ => wrap(&format!("  {}", entries.join(", ")), paper.width, 0),
        };
        lines.iter().for_each(|line| println!("{line}"));
    }
    println!();
}

/// All mails, one line each, the presets side by side.
pub fn at_a_glance(paper: &Paper, title: &str, mails: &[Mail], columns: &[(&str, Vec<Outcome>)]) {
    paper.heading(title);
    let name = mails
        .iter()
        .map(|mail| mail.name.chars().count())
        .max()
        .unwrap_or(0)
        + 2;
    let width = paper.width.saturating_sub(name) / columns.len().max(1);
    print!("{:name$}", "");
    for (preset, _) in columns {
        let title = format!("preset \"{preset}\"");
        print!("{}", paper.ink(Ink::Bold, &format!("{title:width$}")));
    }
    println!();
    for (row, mail) in mails.iter().enumerate() {
        print!("{:name$}", mail.name);
        for outcome in columns.iter().filter_map(|(_, column)| column.get(row)) {
            let (ink, text) = summary(outcome);
            print!("{}", paper.ink(ink, &format!("{text:width$}")));
        }
        println!();
    }
}

fn summary(outcome: &Outcome) -> (Ink, String) {
    let verdict = |difference: &Difference| {
        let field = difference
            .added
            .iter()
            .find_map(|field| field.strip_prefix(VERDICT))?;
        field.split(';').next().map(str::to_owned)
    };
    match &outcome.fate {
        Fate::Delivered(difference) => match verdict(difference) {
            Some(word) if is_spoof(&word) => (Ink::Warn, format!("delivered, tagged {word}")),
            Some(word) => (Ink::Good, format!("delivered, {word}")),
            None => (Ink::Good, "delivered, untouched".to_owned()),
        },
        Fate::Held(_, difference) => {
            let word = verdict(difference).unwrap_or_default();
            (Ink::Warn, format!("held, {word}"))
        }
        Fate::Refused => {
            let code: Vec<&str> = outcome.reply.split(' ').take(2).collect();
            (Ink::Bad, format!("refused, {}", code.join(" ")))
        }
        Fate::Missing => (Ink::Bad, "lost".to_owned()),
    }
}

/// Where everything is that was left running.
pub fn addresses(paper: &Paper, dns: SocketAddr, sites: &[Site]) {
    paper.heading("It keeps running. Ctrl-C stops everything");
    println!(
        "DNS         {} (dig @{} -p {} amazon.com TXT)",
        host_and_port(dns),
        dns.ip(),
        dns.port()
    );
    for site in sites {
        println!(
            "\n{}\n  SMTP      {}\n  milter    {}\n  page      http://{}/\n  metrics   http://{}/metrics",
            paper.ink(Ink::Bold, &format!("preset \"{}\"", site.preset)),
            host_and_port(site.postfix.smtp_addr),
            site.milter.socket,
            site.milter.http,
            site.milter.http,
        );
        println!("  Postfix   {}", site.postfix.config_dir.display());
    }
    let Some(site) = sites.first() else { return };
    let smtp = site.postfix.smtp_addr;
    println!(
        "
To send mail of your own, for any recipient (loopback is exempt, so say by XCLIENT who you are):

  swaks --server {smtp} --to you@example.test --from x@sender.example \\
        --xclient 'ADDR=203.0.113.99 NAME=mail.sender.example' \\
        --header 'From: \"Amazon.com\" <x@sender.example>' --header 'Subject: hello'

or by hand, with nc or telnet {}:

  EHLO me
  XCLIENT ADDR=203.0.113.99 NAME=mail.sender.example
  EHLO mail.sender.example
  MAIL FROM:<x@sender.example>
  RCPT TO:<you@example.test>
  DATA

What comes of it is shown below.",
        host_and_port(smtp).replace(" port", ""),
    );
}

/// What has newly come to a site: for whom, and its header.
pub fn arrivals(paper: &Paper, site: &Site, news: &News) {
    for delivery in &news.delivered {
        paper.title(&format!(
            "preset \"{}\": delivered to {}",
            site.preset,
            printable(&delivery.rcpt_to)
        ));
        header(paper, &delivery.octets);
    }
    for id in &news.held {
        paper.title(&format!(
            "preset \"{}\": held in the queue as {id}",
            site.preset
        ));
        header(paper, &site.queued(id));
    }
}

fn header(paper: &Paper, message: &[u8]) {
    for field in fields(message) {
        for line in wrap(&field, paper.width, 2) {
            println!("{}", paper.ink(ink_of_field(&field), &line));
        }
    }
}

/// At the end of a run that leaves nothing behind.
pub fn what_next(paper: &Paper) {
    println!();
    paper.text(
        "Try also: make demo KEEP=1 (leaves it running), make demo MAIL=file.eml (sends your own \
         mail).",
    );
}
