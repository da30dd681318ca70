//! What many large messages at once take of memory, and what of it is left soon after.

use std::path::Path;
use std::thread;
use std::time::Duration;

use super::filter::Filter;
use super::load::{Load, Target};
use super::support::dns::ZoneServer;
use super::{DEFAULT, Options, letters};

/// For so long a program is left alone before what it holds is taken as what it holds at rest.
const REST: Duration = Duration::from_secs(2);

/// Prints the peak by size, and what is held two seconds after the last answer.
pub fn measure(options: &Options) {
    const MIB: f64 = (1 << 20) as f64;
    let dns = ZoneServer::start(&letters::zone());
    println!("| 64 at once, genuine | MiB at rest | at most | 2 s after |");
    println!("|---|---|---|---|");
    for megabytes in [1, 8, 25] {
        let program = Path::new(&options.program);
        let filter = Filter::milter(program, "unix", "", dns.addr, DEFAULT);
        thread::sleep(REST);
        let rest = filter.used().held;
        let mail = letters::genuine(megabytes * 1_000_000).into();
        let _ = Load::run(&filter, &mail, 64, Duration::from_secs_f64(options.seconds));
        thread::sleep(REST);
        let used = filter.used();
        println!(
            "| {megabytes} MB | {:.0} | {:.0} | {:.0} |",
            rest as f64 / MIB,
            used.peak as f64 / MIB,
            used.held as f64 / MIB,
        );
    }
}
