//! Serves a master file as DNS, for tests and trials:
//!
//! ```text
//! cargo run --example zone-server -- ZONEFILE ADDR:PORT
//! ```
//!
//! Port 0 lets the system choose; the address in use is printed on standard output. A value may be
//! a fault: `TIMEOUT`, `SERVFAIL`, `REFUSED`, `LAME`, `TRUNCATE`, `WRONGNAME`, `CIRCLE`, `DELAY MILLISECONDS`.

#[path = "../support/mod.rs"]
mod support;

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;

use support::dns::{ZoneServer, parse};
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "usage: zone-server ZONEFILE ADDR:PORT   (port 0: any free one)";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("zone-server: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, addr] = arguments.as_slice() else {
        return Err(USAGE.to_owned());
    };
    let addr: SocketAddr = addr
        .parse()
        .map_err(|_| format!("{addr} is no ADDR:PORT such as 127.0.0.1:5353\n{USAGE}"))?;
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let zone = parse(&text).map_err(|error| format!("{file}, {error}"))?;

    // Before the address is printed: whoever reads it may end us at once.
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|e| e.to_string())?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|e| e.to_string())?;
    let server = ZoneServer::start_at(addr, zone).map_err(|error| format!("{addr}: {error}"))?;
    let mut out = std::io::stdout();
    // Whoever waits for the line may have gone; the server goes on.
    let _ = writeln!(out, "{}", server.addr).and_then(|()| out.flush());
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
