//! `domains`: the official list, and what a host is to it.

use crate::{
    config::{Config, ConfigError},
    decision::{brand::Brand, lookalike::classify_line},
};
use std::{
    io::{self, BufRead, BufWriter, Write},
    path::Path,
};

/// Prints each entry: domain, class, whether the official guidance names it, sources.
///
/// # Errors
///
/// The faults of the configuration.
pub fn list(config: Option<&Path>) -> Result<io::Result<()>, Vec<ConfigError>> {
    let config = Config::load(config)?;
    Ok(write_list(
        &config.brand,
        &mut BufWriter::new(io::stdout().lock()),
    ))
}

fn write_list(brand: &Brand, out: &mut impl Write) -> io::Result<()> {
    let mut entries: Vec<_> = brand.entries().collect();
    entries.sort_by(|a, b| a.domain.cmp(&b.domain));
    for entry in entries {
        let guidance = match entry.guidance {
            true => "official-guidance",
            false => "-",
        };
        writeln!(
            out,
            "{}\t{}\t{guidance}\t{}",
            entry.domain,
            entry.class.word(),
            entry.sources.join(";")
        )?;
    }
    out.flush()
}

/// Prints `HOST<TAB>class<TAB>why` for each host, those of standard input where none is given.
///
/// # Errors
///
/// The faults of the configuration.
pub fn classify(
    config: Option<&Path>,
    hosts: &[String],
) -> Result<io::Result<()>, Vec<ConfigError>> {
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
