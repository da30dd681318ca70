//! Writes the seeds of a target into a folder: `seeds TARGET FOLDER`.

#[allow(dead_code)]
mod seeds;

use std::{env, fs, io, path::PathBuf};

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let (Some(target), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::other("usage: seeds TARGET FOLDER"));
    };
    let folder = PathBuf::from(folder);
    fs::create_dir_all(&folder)?;
    for (number, seed) in seeds::seeds(&target).iter().enumerate() {
        fs::write(folder.join(format!("seed-{number:04}")), seed)?;
    }
    Ok(())
}
