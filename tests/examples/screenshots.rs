//! The picture of the page for the documents: the demonstration's mail goes through a real Postfix, and a real browser looks at
//! what became of it. `tests/screenshots.sh` starts it; by hand, as root:
//!
//! ```text
//! screenshots MILTER FOLDER
//! ```

// What it can't do ends it, with the reason.
#![allow(clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use support::browser::Browser;
use support::dns::ZoneServer;
use support::milter::{Milter, MilterConfig};
use support::postfix::{Postfix, PostfixOptions};
use support::samples::{Sample, samples, zone};
use support::smtp::SmtpClient;

/// How often each sample is sent, as a day has them: mostly honest.
const TIMES: [(&str, usize); 5] = [
    ("genuine", 14),
    ("forged", 4),
    ("lookalike", 3),
    ("display-name", 6),
    ("ordinary", 60),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [program, folder] = arguments.as_slice() else {
        eprintln!("usage: screenshots MILTER FOLDER");
        return ExitCode::from(2);
    };
    let dns = ZoneServer::start(&zone());
    let config = MilterConfig {
        // Seen from a browser on the same machine.
        http: "show_addresses = true\n".into(),
        ..MilterConfig::preset("enforce")
    };
    let milter = Milter::start(Path::new(program), dns.addr, &config);
    let postfix = Postfix::start(&PostfixOptions {
        milters: vec![milter.socket.clone()],
        ..PostfixOptions::default()
    });
    send_all(&postfix);
    fs::create_dir_all(folder).expect("a folder");
    let browser = Browser::start();
    let home = format!("http://{}/", milter.http);
    browser.look("light", 1280);
    browser.open(&home);
    // Charts move once.
    std::thread::sleep(Duration::from_secs(2));
    let file = Path::new(folder).join("page.png");
    fs::write(&file, browser.picture()).expect("write a picture");
    println!("{}", file.display());
    ExitCode::SUCCESS
}

/// In rounds, so that no kind stands alone at the top.
fn send_all(postfix: &Postfix) {
    let all: Vec<Sample> = samples();
    let most = TIMES
        .iter()
        .map(|(_, times)| *times)
        .max()
        .unwrap_or_default();
    for round in 0..most {
        for (name, times) in TIMES {
            let due = round * times / most != (round + 1) * times / most;
            let sample = all.iter().find(|sample| sample.name == name);
            if let Some(sample) = sample
                && due
            {
                send(postfix, sample);
            }
        }
    }
}

fn send(postfix: &Postfix, sample: &Sample) {
    let mut client = SmtpClient::connect_as(postfix.smtp_addr, &sample.client).expect("XCLIENT");
    client
        .send(&sample.envelope(), &sample.message)
        .expect("a dialog");
    client.quit().expect("QUIT");
}
