//! `domains list`.

use crate::{
    brand::Brand,
    config::{Config, ConfigError, Files},
};
use std::io::{self, BufWriter, Write};

/// Prints each entry: domain, class, whether the official guidance names it, sources.
///
/// # Errors
///
/// The faults of the configuration.
pub fn list(config: &Files) -> Result<io::Result<()>, Vec<ConfigError>> {
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
