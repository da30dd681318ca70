//! What is built against one step of the reading: many small things, or things in one another.

use super::super::support::sign::DkimSigner;
use super::OCTETS;
use super::places::{body, body_of, filled, header};

type Made = (&'static str, fn() -> Vec<u8>);

pub const BUILT: [Made; 31] = [
    ("64 names with 64 addresses", || {
        let one = |number| {
            let words: Vec<String> = (0..40).map(|word| format!("{number}x{word}")).collect();
            format!("\"{}\" <amazon{number}@gmail.com>", words.join(" "))
        };
        let all: Vec<String> = (0..64).map(one).collect();
        header(&format!("From: {}", all.join(",\r\n ")))
    }),
    ("a From field of 30,000 addresses", || {
        let all: String = (0..7_000).map(|number| format!("a@b{number},")).collect();
        let field = format!("From: {all}x@worst.example\r\n");
        header(filled(&field, OCTETS).trim_end())
    }),
    ("From fields of no charset", || {
        raw_header("From: ", b"\xc1\xc2 a@b.cc, ")
    }),
    ("From fields of kana of no charset", || {
        raw_header("From: ", b"\x83A\x83}\x83]\x83\x93")
    }),
    ("names of one word that is the brand's", || {
        let one = |number: usize| format!("\"Amazon {number}\" <amazon{number}@gmail.com>");
        let all: Vec<String> = (0..20_000).map(one).collect();
        let fields: Vec<String> = all
            .chunks(1_000)
            .map(|part| format!("From: {}", part.join(",\r\n ")))
            .collect();
        header(&fields.join("\r\n"))
    }),
    ("2,000 fields that forge ours", || {
        let fields: String = (0..2_000)
            .map(|number| format!("X-Amazon-Spoof-{number}: x\r\n"))
            .collect();
        header(&format!("{fields}From: Amazon <x@worst.example>"))
    }),
    ("2,000 signatures", || {
        let fields: String = (0..2_000).map(|number| format!("DKIM-Signature: v=1; a=rsa-sha256; d=d{number}.example; s=s; h=from; b=AAAA; bh=AAAA\r\n")).collect();
        header(&format!("{fields}From: Amazon <x@worst.example>"))
    }),
    ("8 signatures of 20,000 field names", || {
        let mut raw = signed_over(20_000);
        for _ in 0..7 {
            let (first, _) = split_first_field(&raw);
            raw = [first, raw].concat();
        }
        raw
    }),
    ("500 hosts like the brand's", || {
        page(|number| {
            format!(
                "<a href=\"https://amaz0n-{}-login-{number}.example/\">amazon.com/{number}</a>",
                "rn".repeat(15)
            )
        })
    }),
    ("500 long hosts", || {
        page(|number| {
            let label = format!("{}{number}", "amazom".repeat(8));
            let host = [&*label; 4].join(".");
            format!("<a href=\"https://{host}.example/\">{number}</a>")
        })
    }),
    ("500 hosts of 120 labels", || {
        page(|number| {
            format!(
                "<a href=\"https://{}x{number}.example/\">{number}</a>",
                "a-b.".repeat(55)
            )
        })
    }),
    ("500 hosts of letters", || {
        page(|number| {
            format!(
                "<a href=\"https://{}x{number}.example/\">{number}</a>",
                "аmаzоn.".repeat(15)
            )
        })
    }),
    ("end tags at 512 open elements", || {
        body(
            "text/html",
            &format!("{}{}", "<b>".repeat(512), "</i>".repeat(OCTETS / 4)),
        )
    }),
    ("elements in one another", || {
        body("text/html", &"<i>".repeat(OCTETS / 3))
    }),
    ("a tag of 300,000 attributes", || {
        body(
            "text/html",
            &format!("<input type=text {}>", "a ".repeat(OCTETS / 2)),
        )
    }),
    ("tags of a few attributes", || {
        body("text/html", &"<input a b c d e>".repeat(OCTETS / 17))
    }),
    ("styles of many declarations", || {
        body(
            "text/html",
            &format!("<p style='{}'>", "display:!;".repeat(90)).repeat(OCTETS / 910),
        )
    }),
    ("quotes in one another", || {
        body(
            "text/plain",
            &"> From: a\r\nSubject\r\n".repeat(OCTETS / 20),
        )
    }),
    ("lines like a copied header", || {
        body("text/plain", &"From: a\r\n".repeat(OCTETS / 9))
    }),
    ("multiparts in one another", || {
        let outer: String = (0..17)
            .map(|level| {
                format!(
                    "--b{level}\r\nContent-Type: multipart/mixed; boundary=b{}\r\n\r\n",
                    level + 1
                )
            })
            .collect();
        body(
            "multipart/mixed; boundary=b0",
            &format!("{outer}{}", "--b\r\n".repeat(OCTETS / 5)),
        )
    }),
    ("256 parts of a page each", || {
        let part = format!(
            "--b\r\nContent-Type: text/html\r\n\r\n<p>{}\r\n",
            "Amazon <a href=//a.bc>x</a> ".repeat(130)
        );
        body("multipart/mixed; boundary=b", &filled(&part, OCTETS))
    }),
    ("Latin-1 fractions", || {
        body_of("text/plain; charset=iso-8859-1", &b"\xbd".repeat(OCTETS))
    }),
    ("Thai in one octet", || {
        body_of("text/plain; charset=windows-874", &b"\xa1".repeat(OCTETS))
    }),
    ("squares in two octets", || {
        body_of(
            "text/plain; charset=shift_jis",
            &b"\x87\x61".repeat(OCTETS / 2),
        )
    }),
    ("box drawing in one octet", || {
        body_of("text/plain; charset=koi8-r", &b"\x80".repeat(OCTETS))
    }),
    ("text in four charsets of seven bits", || {
        body(
            "text/plain",
            &"+AGEAYQ- ~{!!~} \u{1b}$B!!\u{1b}(B word ".repeat(OCTETS / 34),
        )
    }),
    ("subjects in four charsets of seven bits", || {
        let subject = "+AGEAYQ- ~{!!~} \u{1b}$B!!\u{1b}(B word ".repeat(1_700);
        header(&format!(
            "From: Amazon <x@worst.example>{}",
            format!("\r\nSubject: {subject}").repeat(4)
        ))
    }),
    ("text of no charset", || {
        body_of("text/plain", &b"\xc1\xc2\xc3 word ".repeat(OCTETS / 9))
    }),
    ("kana of no charset", || {
        body_of("text/plain", &b"\x83A\x83}\x83]\x83\x93".repeat(OCTETS / 8))
    }),
    ("signs between the words of a name like its domain", || {
        let names: String = (0..60)
            .map(|number| {
                format!(
                    "From: \"{number} {}\" <x@amazonfilters{number}.example>\r\n",
                    "- amazon ".repeat(1_800)
                )
            })
            .collect();
        header(names.trim_end())
    }),
    ("UTF-7", || {
        body(
            "text/plain; charset=utf-7",
            &"+AL0AvQC9-".repeat(OCTETS / 10),
        )
    }),
];

/// Fields of these octets between a name and an address.
fn raw_header(name: &str, unit: &[u8]) -> Vec<u8> {
    let field = [
        name.as_bytes(),
        &unit.repeat(60_000 / unit.len()),
        b" <x@worst.example>\r\n",
    ]
    .concat();
    let mut raw = field.repeat(OCTETS / field.len());
    raw.extend_from_slice(b"To: user@shop.example\r\n\r\nYour Amazon account.\r\n");
    raw
}

fn page(link: impl Fn(usize) -> String) -> Vec<u8> {
    let links: Vec<String> = (0..500).map(link).collect();
    body("text/html; charset=utf-8", &links.join("\r\n"))
}

/// A message whose signature covers so many names of fields that are not there.
fn signed_over(names: u32) -> Vec<u8> {
    let letter = |number: u32| char::from_u32(u32::from('a') + number % 26).unwrap_or('a');
    let name = |number: u32| {
        [0, 1, 2, 3]
            .map(|place| letter(number / 26_u32.pow(place)))
            .iter()
            .collect()
    };
    let mut headers: Vec<String> = vec!["From".to_owned()];
    headers.extend((0..names).map(name));
    let signer = DkimSigner {
        headers,
        ..DkimSigner::new("worst.example", "worst")
    };
    signer.sign(&body("text/plain", "Hello\r\n"))
}

/// The first field with its folds, and what follows.
fn split_first_field(raw: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let text = String::from_utf8_lossy(raw);
    let mut length = 0;
    for (nth, line) in text.split_inclusive("\r\n").enumerate() {
        if nth > 0 && !line.starts_with([' ', '\t']) {
            break;
        }
        length += line.len();
    }
    (raw[..length].to_vec(), raw[length..].to_vec())
}
