//! `domains classify`.

use crate::{
    brand::{Brand, host::classify_line},
    config::{Config, ConfigError, Files},
};
use std::io::{self, BufRead, BufWriter, Write};

/// Prints `HOST<TAB>class<TAB>why` for each host, those of standard input where none is given.
///
/// # Errors
///
/// The faults of the configuration.
pub fn classify(config: &Files, hosts: &[String]) -> Result<io::Result<()>, Vec<ConfigError>> {
    let config = Config::load(config)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let result = match hosts {
        [] => io::stdin()
            .lock()
            .lines()
            .try_for_each(|line| write_class(&config.brand, &line?, &mut out)),
        hosts => hosts
            .iter()
            .try_for_each(|host| write_class(&config.brand, host, &mut out)),
    };
    Ok(result.and_then(|()| out.flush()))
}

fn write_class(brand: &Brand, host: &str, out: &mut impl Write) -> io::Result<()> {
    let host = host.trim();
    if host.is_empty() {
        return Ok(());
    }
    let (class, why) = classify_line(brand, host);
    writeln!(out, "{}\t{class}\t{why}", host.escape_debug())
}
