//! What opening a file costs: the readers of files are processes of their own, whose time counts, too.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::filter::Filter;
use super::letters::Letter;
use super::load::{Load, median};
use super::support::dns::ZoneServer;
use super::{DEFAULT, Options, letters};

/// A picture with a QR code.
const PICTURE: &[u8] = include_bytes!("../../attachments/code.jpg");

/// Mail under the brand's name with so many pictures.
fn letter(pictures: usize) -> Letter {
    let text = "Dear customer,\r\n\r\nplease see the enclosed document.\r\n";
    let picture = STANDARD.encode(PICTURE);
    let lines = picture.as_bytes().chunks(76);
    let lines: Vec<&str> = lines.filter_map(|line| str::from_utf8(line).ok()).collect();
    let part = format!(
        "--b\r\nContent-Type: image/jpeg; name=\"code.jpg\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        lines.join("\r\n")
    );
    let raw = format!(
        "From: \"Amazon.com\" <news@sender.example>\r\nTo: Joe <user@shop.example>\r\nSubject: Your document\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\n{text}{}--b--\r\n",
        part.repeat(pictures)
    );
    Letter {
        raw: raw.into_bytes(),
        ..letters::ordinary(10)
    }
}

/// Prints what a message costs without a file, with one and with four.
pub fn measure(options: &Options) {
    let dns = ZoneServer::start(&letters::zone());
    let program = std::path::Path::new(&options.program);
    println!(
        "| files ({} KB) | a second | CPU ms, readers among it | p50 ms | p99 ms |",
        PICTURE.len() / 1_000
    );
    println!("|---|---|---|---|---|");
    for pictures in [0, 1, 4] {
        let filter = Filter::milter(program, "unix", "", dns.addr, DEFAULT);
        let mail = letter(pictures).into();
        let time = Duration::from_secs_f64(options.seconds);
        let loads = (0..=options.rounds).map(|_| Load::run(&filter, &mail, 2, time));
        // The first one fills the caches.
        let loads: Vec<Load> = loads.skip(1).collect();
        let of = |value: fn(&Load) -> f64| median(loads.iter().map(value));
        println!(
            "| {pictures} | {:.0} | {:.2} | {:.2} | {:.2} |",
            of(Load::rate),
            of(Load::processor),
            of(|load| load.percentile(50)),
            of(|load| load.percentile(99)),
        );
    }
}
