//! Files that are made to harm their readers, and files that broke on their way.

use super::build::{Pdf, archive, code, corners, deflated, docx, png_of, text_of};
use super::{Usage, corpus, read, readers};
use amazon_spoof_milter::mail::file::Outcome;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What the files of a message may take where it is measured; elsewhere others may have the machine, and what counts is
/// that there is an end.
fn most() -> Duration {
    match is_measured() {
        true => Duration::from_millis(1_500),
        false => Duration::from_secs(30),
    }
}

/// `make hostile` measures.
fn is_measured() -> bool {
    std::env::var_os("FLOOD").is_some()
}

const MOST_MEMORY: u64 = 200 << 20;

/// A page that draws itself.
fn draws_itself() -> Vec<u8> {
    let forms = "/XObject << /A 5 0 R /B 6 0 R >>";
    Pdf::page("/A Do /B Do", forms, "", |pdf| {
        for _ in 0..2 {
            let resources =
                format!("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << {forms} >>");
            let content = "/A Do /B Do ".repeat(40);
            pdf.stream(&resources, content.as_bytes());
        }
    })
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// Every bomb with its name.
pub(crate) fn bombs() -> Vec<(String, Vec<u8>)> {
    let mut bombs: Vec<(String, Vec<u8>)> = pdf_bombs();
    bombs.extend(picture_bombs());
    bombs.extend(package_bombs());
    bombs
}

fn pdf_bombs() -> Vec<(String, Vec<u8>)> {
    let zeros = deflated(&vec![b' '; 200 << 20]);
    let page = |content: &str| Pdf::page(content, "", "", |_| {});
    let mut pages = Pdf::default();
    pages.add("<< /Type /Catalog /Pages 2 0 R >>");
    pages.add("<< /Type /Pages /Kids [2 0 R 2 0 R 2 0 R] /Count 99999999 >>");
    let mut many = Pdf::default();
    many.add("<< /Type /Catalog /Pages 2 0 R >>");
    let kids = "3 0 R ".repeat(100_000);
    many.add(format!("<< /Type /Pages /Kids [{kids}] /Count 100000 >>"));
    many.add("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>");
    many.stream("", b"0 0 1 1 re f");
    let picture = |entries: &str, octets: &[u8]| {
        Pdf::page(
            &"q 9 0 0 9 0 0 cm /P Do Q ".repeat(30),
            "/XObject << /P 5 0 R >>",
            "",
            |pdf| {
                pdf.stream(&format!("/Type /XObject /Subtype /Image {entries}"), octets);
            },
        )
    };
    let mut bombs = vec![
        ("a page that draws itself", draws_itself()),
        ("a page that is its own parent", pages.file()),
        ("a hundred thousand pages", many.file()),
        (
            "200 MB of blanks",
            Pdf::page("", "", "", |pdf| {
                pdf.0[3] = {
                    let head = format!(
                        "<< /Filter /FlateDecode /Length {} >>\nstream\n",
                        zeros.len()
                    );
                    [head.as_bytes(), &zeros, b"\nendstream"].concat()
                }
            }),
        ),
        (
            "blanks packed twice",
            Pdf::page("", "", "", |pdf| {
                pdf.0[3] = {
                    let twice = deflated(&zeros);
                    let head = format!(
                        "<< /Filter [/FlateDecode /FlateDecode] /Length {} >>\nstream\n",
                        twice.len()
                    );
                    [head.as_bytes(), &twice, b"\nendstream"].concat()
                }
            }),
        ),
        ("a million states", page(&"q ".repeat(1_000_000))),
        (
            "a million letters",
            page(&format!("BT /F1 9 Tf {} ET", "(a) Tj ".repeat(1_000_000))),
        ),
        ("a million areas", page(&"0 0 1 1 re f ".repeat(1_000_000))),
        (
            "a path of a million lines",
            page(&format!("0 0 m {} f", "9 9 l ".repeat(1_000_000))),
        ),
        (
            "arrays in arrays",
            [b"%PDF-1.7\n1 0 obj\n".to_vec(), b"[".repeat(500_000)].concat(),
        ),
        (
            "dictionaries in dictionaries",
            [b"%PDF-1.7\n1 0 obj\n".to_vec(), b"<</A".repeat(300_000)].concat(),
        ),
        (
            "a table before itself",
            b"%PDF-1.7\nxref\n0 0\ntrailer\n<< /Prev 9 /Root 1 0 R >>\nstartxref\n9\n%%EOF"
                .to_vec(),
        ),
        (
            "nothing but objects",
            (0..200_000).fold(b"%PDF-1.7\n".to_vec(), |mut out, nth| {
                out.extend(format!("{nth} 0 obj 1 endobj ").bytes());
                out
            }),
        ),
        (
            "a picture of a gigabyte",
            picture(
                "/Width 30000 /Height 30000 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode",
                &zeros,
            ),
        ),
        (
            "thirty pictures of 48 MB",
            picture(
                "/Width 4000 /Height 4000 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode",
                &zeros,
            ),
        ),
        (
            "a fax that never ends",
            picture(
                "/Width 60000 /Height 60000 /ImageMask true /BitsPerComponent 1 /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 60000 /Rows 60000 >>",
                &[0x55; 200_000],
            ),
        ),
        (
            "a tile of nothing",
            Pdf::page(
                "/Pattern cs /T scn 0 0 600 700 re f",
                "/Pattern << /T 5 0 R >>",
                "",
                |pdf| {
                    pdf.stream("/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep 0.0001 /YStep 0.0001 /Resources << >>", b"0 0 1 1 re f");
                },
            ),
        ),
        (
            "a function that counts",
            Pdf::page(
                "/Sh sh",
                "/Shading << /Sh << /ShadingType 1 /ColorSpace /DeviceGray /Domain [0 9999 0 9999] /Function 5 0 R >> >>",
                "",
                |pdf| {
                    let program = format!("{{ {} }}", "dup mul 2 copy ".repeat(20_000));
                    pdf.stream(
                        "/FunctionType 4 /Domain [0 1 0 1] /Range [0 1]",
                        program.as_bytes(),
                    );
                },
            ),
        ),
        (
            "a glyph that draws itself",
            Pdf::page(
                "BT /F9 9 Tf (aaaaaaaaaa) Tj ET",
                "/Font << /F9 5 0 R >>",
                "",
                |pdf| {
                    pdf.add("<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [1 0 0 1 0 0] /CharProcs << /a 6 0 R >> /Encoding << /Type /Encoding /Differences [97 /a] >> /FirstChar 97 /LastChar 97 /Widths [9] /Resources << /Font << /F9 5 0 R >> >> >>");
                    pdf.stream("", b"9 0 d0 BT /F9 9 Tf (aaaaaaaaaa) Tj ET");
                },
            ),
        ),
    ];
    bombs.push(("a form within the next one, 5,000 times", Pdf::page("/F5 Do", "/XObject << /F5 5 0 R >>", "", |pdf| {
        for nth in 5..5_000 {
            let next = nth + 1;
            pdf.stream(&format!("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F{next} {next} 0 R >> >>"), format!("/F{next} Do").as_bytes());
        }
    })));
    bombs
        .into_iter()
        .map(|(name, file)| (name.to_owned(), file))
        .collect()
}

fn picture_bombs() -> Vec<(String, Vec<u8>)> {
    let noise: Vec<u8> = (0..1_200_u32 * 1_200)
        .map(|at| {
            if (at.wrapping_mul(2_654_435_761) >> 16) & 1 == 1 {
                255
            } else {
                0
            }
        })
        .collect();
    let grey = png::ColorType::Grayscale;
    let scans = {
        let mut file = corpus::PROGRESSIVE.to_vec();
        let start = file
            .windows(2)
            .rposition(|two| two == [0xFF, 0xDA])
            .unwrap();
        let scan = file[start..file.len() - 2].to_vec();
        for _ in 0..3_000 {
            file.extend(&scan);
        }
        file
    };
    let mut giant = corpus::CODE.to_vec();
    if let Some(frame) = giant.windows(2).position(|two| two == [0xFF, 0xC0]) {
        giant[frame + 5..frame + 9].copy_from_slice(&[0x3A, 0x98, 0x3A, 0x98]);
    }
    let frames = {
        let mut out = Vec::new();
        let mut encoder =
            gif::Encoder::new(&mut out, 4_000, 4_000, &[0, 0, 0, 255, 255, 255]).unwrap();
        for _ in 0..8 {
            encoder
                .write_frame(&gif::Frame {
                    width: 4_000,
                    height: 4_000,
                    buffer: vec![0; 16_000_000].into(),
                    ..gif::Frame::default()
                })
                .unwrap();
        }
        drop(encoder);
        out
    };
    let mut webp = code("https://a.example/", 3).webp();
    webp[21..25].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0x0F]);
    [
        ("corners of codes", corners()),
        ("points at random", png_of(1_200, 1_200, grey, &noise)),
        (
            "24 million points",
            png_of(6_000, 4_000, png::ColorType::Rgba, &vec![0x55; 96_000_000]),
        ),
        (
            "a line of 16,000 points",
            png_of(16_000, 1, grey, &vec![0; 16_000]),
        ),
        ("a JPEG of 3,000 passes", scans),
        ("a JPEG larger than it is", giant),
        ("eight pictures of 16 million points", frames),
        ("a WebP larger than it is", webp),
    ]
    .into_iter()
    .map(|(name, file)| (name.to_owned(), file))
    .collect()
}

fn package_bombs() -> Vec<(String, Vec<u8>)> {
    let blanks = vec![b' '; 100 << 20];
    let nested = (0..12).fold(b"text".to_vec(), |inner, _| archive(&[("a.zip", &inner)]));
    let ten: Vec<(String, Vec<u8>)> = (0..40)
        .map(|nth| (format!("{nth}.txt"), vec![b'a'; 8 << 20]))
        .collect();
    let ten: Vec<(&str, &[u8])> = ten
        .iter()
        .map(|(name, file)| (name.as_str(), &file[..]))
        .collect();
    let names: Vec<String> = (0..20_000).map(|nth| nth.to_string()).collect();
    let many: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), &b"x"[..]))
        .collect();
    let pdfs: Vec<(String, Vec<u8>)> = (0..50)
        .map(|nth| (format!("{nth}.pdf"), draws_itself()))
        .collect();
    let pdfs: Vec<(&str, &[u8])> = pdfs
        .iter()
        .map(|(name, file)| (name.as_str(), &file[..]))
        .collect();
    let entities: String = (1..30)
        .map(|nth| format!("<!ENTITY a{nth} \"&a;&a;&a;&a;\">"))
        .collect();
    let entities = format!("<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">{entities}]><x>&a29;</x>");
    let drawing = format!("{}\n", "\u{2588}\u{2580}".repeat(390)).repeat(190);
    let message = (0..200).fold(String::from("x"), |inner, nth| {
        format!(
            "From: a@b.example\r\nSubject: {nth}\r\nContent-Type: message/rfc822\r\n\r\n{inner}"
        )
    });
    let winmail = [
        &[0x78, 0x9F, 0x3E, 0x22, 1, 0][..],
        &[2, 0x0F, 0x80, 6, 0, 0, 0, 0, 0, 0, 0].repeat(200_000),
    ]
    .concat();
    [
        (
            "100 MB of blanks in an archive",
            archive(&[("a.txt", &blanks)]),
        ),
        ("archives in archives", nested),
        ("320 MB in forty files", archive(&ten)),
        ("20,000 files", archive(&many)),
        ("fifty pages that draw themselves", archive(&pdfs)),
        (
            "a letter of 100 MB",
            docx(&String::from_utf8(blanks).unwrap(), ""),
        ),
        ("elements in elements", docx(&"<w:p>".repeat(500_000), "")),
        (
            "names that stand for names",
            archive(&[
                ("[Content_Types].xml", b"<Types/>"),
                ("word/document.xml", entities.as_bytes()),
            ]),
        ),
        (
            "groups in groups",
            [b"{\\rtf1".to_vec(), b"{".repeat(2_000_000)].concat(),
        ),
        (
            "octets that are not there",
            b"{\\rtf1 \\bin9999999999 }".repeat(20_000),
        ),
        ("a drawing as large as it may be", drawing.into_bytes()),
        ("messages in messages", message.into_bytes()),
        ("attributes without end", winmail),
    ]
    .into_iter()
    .map(|(name, file)| (name.to_owned(), file))
    .collect()
}

#[tokio::test]
async fn bombs_end_in_time_and_within_memory() {
    let usage = Arc::new(Usage::default());
    let readers = readers(usage.clone()).await;
    let bombs = bombs();
    let mut wrong = Vec::new();
    let mut longest = Duration::ZERO;
    for (name, file) in &bombs {
        let begun = Instant::now();
        let read = read(&readers, std::slice::from_ref(file)).await;
        let took = begun.elapsed();
        longest = longest.max(took);
        if std::env::var_os("SHOW").is_some() {
            println!(
                "{took:?} {name}: {:?}, {} pieces",
                read[0].outcome,
                read[0].pieces.len()
            );
        }
        if took > most() {
            wrong.push(format!("{name}: {took:?}"));
        }
    }
    let memory = usage.memory.load(Ordering::Relaxed);
    println!(
        "{} bombs: at most {longest:?} and {} MB",
        bombs.len(),
        memory >> 20
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(memory < MOST_MEMORY, "{memory}");
    assert!(bombs.len() >= 40, "{}", bombs.len());
}

/// A file with some octets changed, cut out or doubled.
fn mutated(file: &[u8], state: &mut u64) -> Vec<u8> {
    let mut next = |below: usize| {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        (*state % below.max(1) as u64) as usize
    };
    let mut file = file.to_vec();
    for _ in 0..1 + next(8) {
        if file.len() < 8 {
            break;
        }
        let at = next(file.len() - 4);
        match next(5) {
            0 => file[at] = next(256) as u8,
            1 => file[at..at + 4].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0x7F]),
            2 => drop(file.drain(at..at + 1 + next(4))),
            3 => {
                let piece = file[at..at + 4].to_vec();
                drop(file.splice(at..at, piece.repeat(1 + next(50))));
            }
            _ => file.truncate(at.max(8)),
        }
    }
    file
}

/// `MUTATED` sets how many; `make hostile` takes 5,000.
#[tokio::test]
async fn broken_files_end_in_time() {
    let usage = Arc::new(Usage::default());
    let readers = readers(usage.clone()).await;
    let samples = corpus::all();
    let count = number("MUTATED", 70);
    let mut state = number("SEED", 4_711) as u64 | 1;
    let (mut longest, mut died, mut unread) = (Duration::ZERO, 0, 0);
    for nth in 0..count {
        let file = mutated(&samples[nth % samples.len()].1, &mut state);
        let begun = Instant::now();
        let read = read(&readers, &[file]).await;
        let took = begun.elapsed();
        longest = longest.max(took);
        died += usize::from(read[0].outcome == Outcome::Died);
        unread += usize::from(read[0].outcome != Outcome::Read);
        assert!(
            took <= most(),
            "{nth} ({}): {took:?}",
            samples[nth % samples.len()].0
        );
    }
    let memory = usage.memory.load(Ordering::Relaxed) >> 20;
    println!(
        "{count} broken files: at most {longest:?} and {memory} MB, {unread} unread, {died} readers died"
    );
}

/// `FLOOD` sets how many bombs come; `make hostile` takes 200. Who would have to wait for bombs would see them end: each
/// takes its reader's whole time. How long it takes is printed, and bound where somebody asked for a measurement.
#[tokio::test(flavor = "multi_thread")]
async fn one_network_with_bombs_delays_no_other() {
    let readers = Arc::new(readers(Arc::new(())).await);
    let bomb = Arc::new([corners()]);
    let read_bombs = Arc::new(AtomicUsize::new(0));
    let mut bombs = Vec::new();
    for nth in 0..number("FLOOD", 20) {
        let (readers, bomb) = (Arc::clone(&readers), Arc::clone(&bomb));
        let read_bombs = Arc::clone(&read_bombs);
        bombs.push(tokio::spawn(async move {
            let client: IpAddr = format!("192.0.2.{}", nth % 250).parse().unwrap();
            let place = readers.place(Some(client)).await;
            let has_reader = place.is_free();
            let read = place.read(&*bomb, 0).await;
            read_bombs.fetch_add(usize::from(has_reader), Ordering::Relaxed);
            read
        }));
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let phish = [Pdf::page(&text_of(&["Call 888-555-0142"]), "", "", |_| {})];
    let mut longest = Duration::ZERO;
    for _ in 0..3 {
        let (begun, before) = (Instant::now(), read_bombs.load(Ordering::Relaxed));
        let place = readers.place(Some("198.51.100.7".parse().unwrap())).await;
        assert!(place.is_free());
        // One may end by chance just then.
        let ended = read_bombs.load(Ordering::Relaxed) - before;
        assert!(ended <= 1, "it waited for {ended} bombs");
        let read = place.read(&phish, 0).await;
        longest = longest.max(begun.elapsed());
        assert!(format!("{read:?}").contains("888-555-0142"), "{read:?}");
    }
    println!(
        "a phish beside {} bombs took at most {longest:?}",
        bombs.len()
    );
    assert!(
        !is_measured() || longest < Duration::from_secs(1),
        "{longest:?}"
    );
    for bomb in bombs {
        bomb.await.unwrap();
    }
}
