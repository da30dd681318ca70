//! What is built against one step of the reading: many small things, or things in one another.

use super::super::support::sign::DkimSigner;
use super::OCTETS;
use super::places::{body, body_of, filled, header};

type Made = (&'static str, fn() -> Vec<u8>);

pub const BUILT: [Made; 42] = [
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
    ("20,000 rules for 10,000 elements", || {
        let rules = |number| format!(".c{} .d{number}{{color:red}}", number % 50);
        sheet(20_000, rules, "<p class='d1 c2 c3'>x")
    }),
    ("rules of what stands in one another", || {
        let rules = |number| format!(".a .b .c .x.y{}{{color:red}}", number % 20);
        let elements = "<div class='a'><div class='b'>".repeat(200);
        sheet(
            8_000,
            rules,
            &format!("{elements}<i class='x y1 y2 y3 y4'>w</i>"),
        )
    }),
    ("rules that ask for attributes", || {
        let rules = |number| format!("[title*=ab{number}]{{display:none}}");
        sheet(10_000, rules, &format!("<p title='{}'>x", "ab".repeat(200)))
    }),
    ("elements of 200 classes", || {
        let rules = |number| format!(".c{number}.z{{color:red}}.c{number}{{display:block}}");
        let classes: Vec<String> = (0..200).map(|number| format!("c{number}")).collect();
        sheet(2_000, rules, &format!("<p class='{}'>x", classes.join(" ")))
    }),
    ("redirects within redirects", || {
        page(|number| {
            let within = |link: String, _| {
                format!(
                    "https://a.example/?u={}&next={link}",
                    link.replace('/', "%2F")
                )
            };
            let link = (0..6).fold(format!("b{number}.example"), within);
            format!("<a href=\"{link}\">amazon.com</a>")
        })
    }),
    ("links of the same words in other orders", || {
        page(|number| {
            format!(
                "<a href=\"https://b{number}.example/?u=amazon.com\">amazon.com {}</a>",
                "amazon ".repeat(60)
            )
        })
    }),
    ("words that spell a domain by their beginnings", || {
        let text = "Ab Aba Bab Baba ".repeat(OCTETS / 16);
        let from = "Amazon <x@ababababababababab.example>";
        format!("From: {from}\r\nTo: user@shop.example\r\nSubject: Your account\r\nContent-Type: text/plain\r\n\r\n{text}")
            .into_bytes()
    }),
    ("words in another script that sound like a domain", || {
        let text = "\u{43a}\u{435}\u{441}\u{442}\u{43b}\u{43e} ".repeat(OCTETS / 13);
        let from = "Amazon <x@kestlow.example>";
        format!("From: {from}\r\nTo: user@shop.example\r\nSubject: Your account\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}")
            .into_bytes()
    }),
    ("names that are glued to other words each", || {
        let word = |number: usize| format!("amazon{} ", letters(number));
        body(
            "text/plain",
            &(0..OCTETS / 12).map(word).collect::<String>(),
        )
    }),
    ("names that are misspelt between other words", || {
        let word = |number: usize| format!("amzaon {} ", letters(number));
        body(
            "text/plain",
            &(0..OCTETS / 13).map(word).collect::<String>(),
        )
    }),
    ("800 subjects of the name", || {
        let subjects: String = (0..800)
            .map(|number| {
                format!(
                    "Subject: {} {number}\r\n",
                    "Your Amazon account is locked. ".repeat(35)
                )
            })
            .collect();
        header(&format!("{subjects}From: Amazon <x@worst.example>"))
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

/// A page with so many rules, and as many of these elements as fit.
fn sheet(count: usize, rule: impl Fn(usize) -> String, elements: &str) -> Vec<u8> {
    let rules: String = (0..count).map(rule).collect();
    let room = OCTETS.saturating_sub(rules.len()).max(OCTETS / 4);
    let page = format!("<style>{rules}</style>{}", filled(elements, room));
    body("text/html; charset=utf-8", &page)
}

/// A word for each number.
fn letters(number: usize) -> String {
    let digits = format!("{number:05}");
    digits
        .bytes()
        .map(|digit| char::from(digit + b'q' - b'0'))
        .collect()
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
