//! The whole way of a mail, to look at: a DNS server with a demonstration zone, the milter, a
//! private Postfix, six mails through SMTP, and what became of each. `make demo` runs it:
//!
//! ```text
//! cargo build && cargo run --example demo -- --help
//! ```
//!
//! Everything listens on loopback, on ports that the system chooses, and ends with this program.

// The modules below have no other user; `pub` marks what one shows to the next.
#![allow(unreachable_pub)]

#[path = "../support/mod.rs"]
mod support;

#[path = "demo/mail.rs"]
mod mail;
#[path = "demo/metrics.rs"]
mod metrics;
#[path = "demo/options.rs"]
mod options;
#[path = "demo/paper.rs"]
mod paper;
#[path = "demo/show.rs"]
mod show;
#[path = "demo/site.rs"]
mod site;

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mail::Mail;
use options::Options;
use paper::Paper;
use site::{Outcome, Seen, Site};
use support::dns::ZoneServer;
use tokio::signal::unix::{SignalKind, signal};

/// Wrong use.
const EXIT_USAGE: u8 = 2;
/// As a shell has it for SIGINT.
const EXIT_INTERRUPTED: u8 = 130;

/// The presets that are shown, and what each is for.
const PRESETS: [(&str, &str); 2] = [
    ("tag", "the default: all mail is delivered, spoofs labelled"),
    ("enforce", "forged and lookalike mail is refused"),
];

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) if options.help => {
            print!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(options) => options,
        Err(error) => return usage(&error),
    };
    let mails = match mail::all(&options) {
        Ok(mails) => mails,
        Err(error) => return usage(&error),
    };
    let interrupted = Arc::new(AtomicBool::new(false));
    if let Err(error) = watch_signals(Arc::clone(&interrupted)) {
        eprintln!("demo: signals can't be received: {error}");
        return ExitCode::FAILURE;
    }
    // The harness tells by a panic what it could not start. Unwinding stops what runs already.
    std::panic::set_hook(Box::new(|_| {}));
    let run = || run(&options, &mails, &interrupted);
    let result = std::panic::catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|panic| Err(panic_text(panic.as_ref())));
    let stopped = interrupted.load(Ordering::Relaxed);
    match result {
        Ok(()) => {
            println!("\nEverything that was started is stopped again.");
            match stopped && !options.keep {
                true => ExitCode::from(EXIT_INTERRUPTED),
                false => ExitCode::SUCCESS,
            }
        }
        Err(_) if stopped => {
            println!("\nInterrupted. Everything that was started is stopped again.");
            ExitCode::from(EXIT_INTERRUPTED)
        }
        Err(error) => {
            eprintln!("\ndemo: {error}\ndemo: everything that was started is stopped again.");
            ExitCode::FAILURE
        }
    }
}

fn usage(error: &str) -> ExitCode {
    eprintln!("demo: {error}\ndemo: all options: make demo DEMO_HELP=1");
    ExitCode::from(EXIT_USAGE)
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
    text.unwrap_or_else(|| "something failed without saying what".to_owned())
}

/// The first signal asks the program to end in good order, the second ends it.
fn watch_signals(interrupted: Arc<AtomicBool>) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let guard = runtime.enter();
    let mut kinds = Vec::new();
    for kind in [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ] {
        kinds.push(signal(kind)?);
    }
    drop(guard);
    std::thread::spawn(move || {
        runtime.block_on(async move {
            let [interrupt, terminate, hangup] = kinds.as_mut_slice() else {
                return;
            };
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                    _ = hangup.recv() => {}
                }
                if interrupted.swap(true, Ordering::Relaxed) {
                    std::process::exit(i32::from(EXIT_INTERRUPTED));
                }
                eprintln!("\nStopping (once more Ctrl-C: at once) ...");
            }
        });
    });
    Ok(())
}

fn run(options: &Options, mails: &[Mail], interrupted: &AtomicBool) -> Result<(), String> {
    let paper = Paper::standard_output();
    let program = program()?;
    show::introduction(&paper, options, mails);
    let zone = match options.dns {
        Some(_) => None,
        None => Some(ZoneServer::start(&mail::zone())),
    };
    let dns = zone.as_ref().map(|zone| zone.addr).or(options.dns);
    let dns = dns.ok_or("there is no DNS server")?;
    match zone {
        Some(_) => paper.step(&format!("DNS server with the demonstration zone on {dns}")),
        None => paper.step(&format!("DNS server {dns}, not ours")),
    }
    let mut sites = Vec::new();
    let mut columns: Vec<(&str, Vec<Outcome>)> = Vec::new();
    for (preset, _) in PRESETS {
        let site = Site::start(&program, dns, preset, &paper)?;
        let Some(outcomes) = deliver(&site, mails, interrupted, &paper)? else {
            return Ok(());
        };
        columns.push((preset, outcomes));
        sites.push(site);
    }
    // What it came to first, then how; and again where whoever reads stands at the end.
    show::at_a_glance(&paper, "At a glance", mails, &columns);
    let mut earlier = None;
    for ((site, (_, meaning)), (preset, outcomes)) in sites.iter().zip(PRESETS).zip(&columns) {
        show::preset(&paper, site, meaning, mails, outcomes, earlier);
        earlier = earlier.or(Some((*preset, outcomes.as_slice())));
    }
    show::at_a_glance(&paper, "Again, at a glance", mails, &columns);
    if options.keep {
        show::addresses(&paper, dns, &sites);
        watch(&paper, &sites, interrupted);
    } else {
        show::what_next(&paper);
    }
    sites.into_iter().for_each(Site::stop);
    Ok(())
}

/// Shows what the user sends, till Ctrl-C.
fn watch(paper: &Paper, sites: &[Site], interrupted: &AtomicBool) {
    let mut marks: Vec<Seen> = sites.iter().map(|_| Seen::default()).collect();
    // The demonstration's own mails were shown already.
    for (site, seen) in sites.iter().zip(&mut marks) {
        site.news(seen);
    }
    while !interrupted.load(Ordering::Relaxed) {
        for (site, seen) in sites.iter().zip(&mut marks) {
            show::arrivals(paper, site, &site.news(seen));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Hands in all mails; `None` where the user had enough.
fn deliver(
    site: &Site,
    mails: &[Mail],
    interrupted: &AtomicBool,
    paper: &Paper,
) -> Result<Option<Vec<Outcome>>, String> {
    paper.step(match mails {
        [_] => "sending it by SMTP",
        _ => "sending the mails by SMTP, one after the other",
    });
    let mut outcomes = Vec::new();
    for mail in mails {
        if interrupted.load(Ordering::Relaxed) {
            return Ok(None);
        }
        outcomes.push(site.send(mail)?);
    }
    Ok(Some(outcomes))
}

/// The program under demonstration: cargo puts it beside the folder of the examples.
fn program() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| format!("where am I: {error}"))?;
    let folder = own.parent().and_then(|examples| examples.parent());
    let program = folder.map(|folder| folder.join("amazon-spoof-milter"));
    program
        .filter(|program| program.is_file())
        .ok_or_else(|| "the program is not built yet; run `cargo build` first".to_owned())
}

/// How a server is written for people and for tools such as swaks.
fn host_and_port(addr: SocketAddr) -> String {
    format!("{} port {}", addr.ip(), addr.port())
}
