//! What the targets start from: the messages of the golden corpus, cut to what each target reads.

use std::{fs, path::Path};

/// A small brand file and a configuration with every section.
const BRAND: &str = "brand = \"Zorblatt\"\nmain = \"zorblatt.example\"\nupdated = \"2026-01-01\"\n\
    [[host_word]]\ntext = \"zorblatt\"\ntypos = true\n[words]\nother = [\"zorbla\"]\nlure = [\"account\", \"konto\"]\n\
    [services]\ntenant = [\"helpdesk.example\"]\nfree_mail = [\"freemail.example\"]\n[[name]]\ntext = \"Zorblatt\"\n\
    strength = \"strong\"\n[[source]]\nid = \"T\"\ndescription = \"invented\"\n[[domain]]\nname = \"zorblatt.example\"\n\
    class = \"official-sender\"\ncategory = \"shop\"\nsources = [\"T\"]\n[[address]]\naddress = \"a@freemail.example\"\n\
    sources = [\"T\"]\n[advice]\nen = \"Ask us.\"\nde = \"Fragen Sie uns.\"\n";
const CONFIG: &str = "[milter]\nlisten = \"inet:127.0.0.1:8895\"\nidle_timeout = \"10m\"\nmax_message_size = \"50MiB\"\n\
    [http]\nlisten = \"\"\n[dns]\nservers = [\"192.0.2.1:53\"]\ndeadline = \"10s\"\n[trust]\nnetworks = [\"192.0.2.0/24\"]\n\
    forwarders = [\"192.0.2.0/24\", \"mx.list.example\"]\n[inspect]\nbody = \"all\"\nmax_body = 4096\n[policy]\n\
    preset = \"enforce\"\nforged = \"tag\"\n[headers]\nsubject_prefix = \"[SPOOF]\"\nkeep_authres = [\"mx.example\"]\n\
    [log]\nlevel = \"debug\"\n";
const PAGE: &str = "<html><head><title>x</title><style>p{}</style><base href=\"https://a.example/\">\
    <meta http-equiv=refresh content=\"0;url=https://b.example/\"></head><body><table><tr><td><div style=\"display:none\">no</div>\
    <a href=\"https://amazon.com@evil.example/%61?url=https%3A%2F%2Fb.example\">www.amazon.com</a><!--[if mso]><a href=x>y</a>\
    <![endif]--><form action=//e.example><label>Password<input type=password name=p></label></form>\
    <blockquote type=cite>&gt; Please confirm your card number &amp; PIN&#33;</blockquote></td></tr></table></body></html>";
const PARTS: &str = "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-7\r\n\
    Content-Transfer-Encoding: quoted-printable\r\n\r\nPlease confirm your pass=77ord=\r\n now\r\n--b\r\n\
    Content-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\nContent-Type: text/html; charset=iso-2022-jp\r\n\
    Content-Transfer-Encoding: base64\r\n\r\nPGEgaHJlZj0iaHR0cHM6Ly9ldmlsLmV4YW1wbGUiPmFtYXpvbi5jb208L2E+\r\n--c--\r\n--b\r\n\
    Content-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\n\r\nz\r\n--b--\r\n";

const SIGNATURE: &str = " v=1; a=ed25519-sha256; c=relaxed/simple; d=amazon.com; s=s; t=1700000000; x=1900000000; l=7; q=dns/txt;\r\n \
    i=@amazon.com; h=from:to:subject:from; bh=YIYsvhKDkJEqRvCl8uVvQDvKMBxTKsAGZeY0nCMoE1M=; z=From:a@b; b=aGVs\r\n bG8=";
/// TXT records.
const RECORDS: [&str; 8] = [
    "v=spf1 ip4:192.0.2.0/28 ip6:2001:db8::/32 a mx:mail.amazon.com include:spf.amazon.com exists:%{i}.%{d} ptr -all exp=why.%{d}",
    "v=spf1 redirect=_spf.%{l1r-}.amazon.com",
    "v=spf1 a:%{ir}.%{v}._spf.%{d2} ~all",
    "v=DMARC1; p=quarantine; sp=none; pct=100; rua=mailto:a@b.example!10m; adkim=s; aspf=r; psd=n; t=y",
    "v=DKIM1; k=ed25519; h=sha256; s=email; t=s:y; n=note; p=PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=",
    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB",
    "p=",
    "",
];
/// DNS answers behind their number: TXT, NXDOMAIN with SOA, a chain of aliases, one cut off, a loop of pointers.
const ANSWERS: [&[u8]; 5] = [
    b"\x81\x80\0\x01\0\x01\0\0\0\0\x06amazon\x03com\0\0\x10\0\x01\xc0\x0c\0\x10\0\x01\0\0\0\0\0\x0c\x0bv=spf1 -all",
    b"\x81\x83\0\x01\0\0\0\x01\0\0\x06amazon\x03com\0\0\x10\0\x01\xc0\x0c\0\x06\0\x01\0\0\0\0\0\x1a\x01a\xc0\x0c\x01b\xc0\x0c\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0\x05",
    b"\x81\x80\0\x01\0\x02\0\0\0\0\x06amazon\x03com\0\0\x10\0\x01\xc0\x0c\0\x05\0\x01\0\0\0\0\0\x04\x01x\xc0\x13\x01x\xc0\x13\0\x05\0\x01\0\0\0\0\0\x02\xc0\x0c",
    b"\x83\x80\0\x01\0\0\0\0\0\0\x06amazon\x03com\0\0\x10\0\x01",
    b"\x81\x80\0\x01\0\x01\0\0\0\0\x06amazon\x03com\0\0\x10\0\x01\xc0\x1c\0\x10\0\x01\0\0\0\0\xff\xff\xc0\x1c",
];

/// Requests of the page; `HOST` stands for the fields that make it ours, the mark for what must not become an
/// element.
const REQUESTS: [&str; 12] = [
    "GET /\nHOST",
    "GET /?verdict=forged&q=%3Cb%20id%3Dzz%3E&show=others&page=2\nHOST",
    "GET /?q=<b+id=zz>&verdict=<b+id=zz>&action=<b+id=zz>\nHOST",
    "GET /decisions/1\nHOST",
    "GET /decisions.txt?verdict=forged\nHOST",
    "GET /<b id=zz>\nHOST",
    "GET /login\nHOST\nAccept: text/html\nCookie: amazon-spoof-milter=99999999999.00; a=b",
    "GET /metrics\nHost: rebound.example\nAuthorization: Bearer <b id=zz>",
    "POST /login\nHOST\nContent-Type: application/x-www-form-urlencoded\n\nnext=%2F%3Cb+id%3Dzz%3E&token=<b id=zz>",
    "POST /logout\nHOST\n\n",
    "POST /try\nHOST\nContent-Type: multipart/form-data; boundary=b\n\n--b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n\
     From: \"Amazon <b id=zz>\" <a@amazon.com>\nSubject: <b id=zz>\n\n<b id=zz>\r\n--b\r\nContent-Disposition: form-data; name=\"client_ip\"\r\n\r\n\
     192.0.2.1\r\n--b\r\nContent-Disposition: form-data; name=\"helo\"\r\n\r\n<b id=zz>\r\n--b\r\nContent-Disposition: form-data; \
     name=\"mail_from\"\r\n\r\n<b id=zz>\r\n--b\r\nContent-Disposition: form-data; name=\"traced\"\r\n\r\nyes\r\n--b--\r\n",
    "POST /try\nHOST\nContent-Type: multipart/form-data; boundary=b\n\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"<b id=zz>\"\r\n\
     Content-Type: message/rfc822\r\n\r\nReceived: from <b id=zz> (b.example [192.0.2.1]) by mx.example\r\nReturn-Path: <<b id=zz>@a.example>\r\n\
     From: Amazon <a@<b id=zz>.example>\r\n\r\nx\r\n--b--\r\n",
];

/// Up to a few hundred inputs for a target.
pub(crate) fn seeds(target: &str) -> Vec<Vec<u8>> {
    let messages = messages();
    let fields = |name: &str| -> Vec<Vec<u8>> {
        messages
            .iter()
            .flat_map(|message| message.lines())
            .filter_map(|line| line.split_once(':'))
            .filter(|(field, _)| field.trim_end().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_bytes().to_vec())
            .collect()
    };
    let words = |wanted: fn(&str) -> bool| -> Vec<Vec<u8>> {
        let split = |c: char| c.is_whitespace() || "<>\"'@;,=".contains(c);
        messages
            .iter()
            .flat_map(|message| message.split(split))
            .filter(|word| wanted(word))
            .map(|word| word.as_bytes().to_vec())
            .collect()
    };
    let text = |text: &str| vec![text.as_bytes().to_vec()];
    let mut seeds = match target {
        "from" => [fields("From"), fields("Sender"), fields("Reply-To")].concat(),
        "encoded_word" | "names" | "header_text" => [fields("From"), fields("Subject")].concat(),
        "authres" => [fields("Authentication-Results"), text(" mx.example 1 (a(b)) ; spf=pass smtp.mailfrom=a@b.example; dkim=pass header.d=\"c.example\"")].concat(),
        "received" => [fields("Received"), text(" from a.example (b.example [192.0.2.1]) by mx.example with ESMTP id 1; Sun, 22 Nov 2026 10:00:00 +0000"), text(" from x ([IPv6:2001:db8::1]:25) by y")].concat(),
        "links" => [words(|word| word.contains("://")), text("amazon.com@evil.example"), text("\\\\evil.example/"), text("0x7f.1"), text("xn--amazn-mye.com/%2e%2e?u=https:%2f%2fb.example")].concat(),
        "lookalike" => words(|word| word.contains('.') && !word.contains('/')),
        "html" => text(PAGE),
        "mail" => (1..=64).map(choices).collect(),
        "config" => text(CONFIG),
        "brand" => text(BRAND),
        "body" => [text(PARTS), text(&format!("Content-Type: text/html\r\n\r\n{PAGE}"))].concat(),
        "dkim" => [fields("DKIM-Signature"), text(SIGNATURE)].concat(),
        "arc" => [sets("\n"), sets("\nX: 1\n")].concat(),
        "records" => RECORDS.iter().map(|text| text.as_bytes().to_vec()).collect(),
        "dns" => ANSWERS.iter().map(|octets| octets.to_vec()).collect(),
        "http" => REQUESTS.map(|text| text.replace("HOST", "Host: 127.0.0.1\nOrigin: http://127.0.0.1").into_bytes()).to_vec(),
        "protocol" => messages.iter().map(|message| dialog(message)).collect(),
        _ => Vec::new(),
    };
    if matches!(target, "message" | "body") {
        seeds.extend(
            messages
                .iter()
                .map(|message| message.replace('\n', "\r\n").into_bytes()),
        );
    }
    seeds.sort();
    seeds.dedup();
    seeds
}

/// Octets that choose among the ways of mail, the same each time.
fn choices(number: u32) -> Vec<u8> {
    let step = |state: &mut u32| {
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some(state.to_be_bytes()[0])
    };
    let mut state = number;
    std::iter::from_fn(|| step(&mut state)).take(300).collect()
}

/// What Postfix sends for a message, and a second one on the same connection.
fn dialog(message: &str) -> Vec<u8> {
    let packet = |command: u8, data: &[u8]| {
        let length = u32::try_from(data.len() + 1).unwrap_or(0);
        [&length.to_be_bytes(), [command].as_slice(), data].concat()
    };
    let (fields, body) = message.split_once("\n\n").unwrap_or((message, ""));
    let unfolded = fields.replace("\n ", "\x01 ").replace("\n\t", "\x01\t");
    let mut octets = [
        packet(b'O', b"\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff"),
        packet(b'D', b"Cj\0mx.example.test\0"),
        packet(b'C', b"mail.bulk-sender.example\x004\x12\x34203.0.113.30\0"),
        packet(b'H', b"mail.bulk-sender.example\0"),
    ]
    .concat();
    for _ in 0..2 {
        octets.extend(packet(b'M', b"<x@bulk-sender.example>\0SIZE=100\0"));
        octets.extend(packet(b'R', b"<someone@example.test>\0"));
        octets.extend(packet(b'T', b""));
        for field in unfolded.split('\n') {
            let (name, value) = field.split_once(':').unwrap_or((field, ""));
            let value = value.replace('\x01', "\n");
            octets.extend(packet(b'L', format!("{name}\0{value}\0").as_bytes()));
        }
        octets.extend(packet(b'N', b""));
        octets.extend(packet(b'B', body.get(..4_000).unwrap_or(body).as_bytes()));
        octets.extend(packet(b'E', b""));
        octets.extend(packet(b'A', b""));
    }
    octets.extend(packet(b'Q', b""));
    octets
}

/// Two ARC sets (RFC 8617), with something between their fields.
fn sets(between: &str) -> Vec<Vec<u8>> {
    let set = |number: usize, cv: &str| {
        [
            format!("ARC-Seal: i={number}; a=ed25519-sha256; cv={cv}; d=sealer.example; s=s; t=1700000000; b=aGVsbG8="),
            format!("ARC-Message-Signature: i={number}; a=ed25519-sha256; c=relaxed/relaxed; d=sealer.example; s=s; h=from:subject; bh=YIYsvhKDkJEqRvCl8uVvQDvKMBxTKsAGZeY0nCMoE1M=; b=aGVsbG8="),
            format!("ARC-Authentication-Results: i={number}; sealer.example; dkim=pass header.d=amazon.com; spf=pass smtp.mailfrom=amazon.com"),
        ]
        .join(between)
    };
    [
        set(1, "none"),
        [set(2, "pass"), set(1, "none")].join(between),
    ]
    .map(String::into_bytes)
    .to_vec()
}

/// The message section of each case, as written.
fn messages() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The package's own tests and the fuzz crate both look from where they stand.
    let folder = [folder.join("tests/corpus"), folder.join("../corpus")]
        .into_iter()
        .find(|folder| folder.is_dir());
    let mut files: Vec<_> = folder
        .and_then(|folder| fs::read_dir(folder).ok())
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "case")
        })
        .collect();
    files.sort();
    files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .filter_map(|text| {
            let (_, message) = text.split_once("\n[message]\n")?;
            let (message, _) = message.split_once("\n[expected]\n")?;
            Some(message.to_owned())
        })
        .collect()
}
