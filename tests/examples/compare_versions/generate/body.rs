//! Bodies: text and pages, alone or in parts.

use super::words::{SENTENCES, SHOWN, TARGETS};
use super::{Draft, charset};

/// One or more of the fields that say what a body is, and the body after an empty line.
pub fn body(draft: &mut Draft) -> Vec<u8> {
    let version: &[u8] = match draft.chance.one_in(12) {
        true => b"",
        false => b"MIME-Version: 1.0\r\n",
    };
    let rest = match draft.chance.below(12) {
        0 => {
            draft.label("no-type");
            [b"\r\n".to_vec(), text(draft).into_bytes()].concat()
        }
        1..=2 => leaf(draft, Leaf::Text),
        3..=5 => leaf(draft, Leaf::Page),
        6 => {
            draft.label("no-body");
            b"\r\n".to_vec()
        }
        _ => multipart(draft, 0),
    };
    [version, &rest].concat()
}

#[derive(Clone, Copy)]
enum Leaf {
    Text,
    Page,
    Calendar,
}

fn leaf(draft: &mut Draft, kind: Leaf) -> Vec<u8> {
    let (media, content) = match kind {
        Leaf::Text => ("text/plain", text(draft)),
        Leaf::Page => ("text/html", page(draft)),
        Leaf::Calendar => ("text/calendar", calendar(draft)),
    };
    let written = charset::written(draft, &content);
    let (transfer, octets) = charset::transferred(draft, &written.octets);
    let quote = draft.chance.pick(&["", "", "\"", "'"]);
    let media = match draft.chance.one_in(15) {
        true => media.to_uppercase(),
        false => media.to_owned(),
    };
    let charset = written.label;
    let mut fields = match draft.chance.below(12) {
        0 => format!("Content-Type: {media}\r\n"),
        1 => format!("Content-Type: {media};\r\n\tformat=flowed; CHARSET = {charset}\r\n"),
        2 => format!("Content-Type: {media}; charset*=utf-8''{charset}\r\n"),
        _ => format!("Content-Type: {media}; charset={quote}{charset}{quote}\r\n"),
    };
    if !draft.chance.one_in(20) {
        fields.push_str(&format!("Content-Transfer-Encoding: {transfer}\r\n"));
    }
    [fields.as_bytes(), b"\r\n", &octets].concat()
}

/// Parts, two levels deep at most.
fn multipart(draft: &mut Draft, depth: usize) -> Vec<u8> {
    let kind = draft.chance.pick(&[
        "alternative",
        "mixed",
        "related",
        "digest",
        "report",
        "x-none",
    ]);
    draft.label(&format!("{kind}{depth}"));
    let plain = format!("b{depth}=_x");
    let boundary = draft
        .chance
        .pick(&[plain.as_str(), "--", "a b", "(=?utf-8?Q?x?=)"])
        .to_owned()
        + &depth.to_string();
    let said = match draft.chance.below(12) {
        0 => {
            draft.label("boundary-wrong");
            "boundary=other".to_owned()
        }
        1 => {
            draft.label("boundary-none");
            "x=y".to_owned()
        }
        2 => {
            let (begin, rest) = boundary.split_at(1);
            format!("boundary*0=\"{begin}\"; boundary*1=\"{rest}\"")
        }
        _ => format!("boundary=\"{boundary}\""),
    };
    let mut out = format!("Content-Type: multipart/{kind}; {said}\r\n\r\n").into_bytes();
    if draft.chance.one_in(8) {
        draft.label("preamble");
        out.extend_from_slice(text(draft).as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    for _ in 0..1 + draft.chance.below(3) {
        out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        out.extend(part(draft, depth));
        out.extend_from_slice(b"\r\n");
    }
    match draft.chance.one_in(8) {
        true => draft.label("unended"),
        false => out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes()),
    }
    if draft.chance.one_in(12) {
        draft.label("epilogue");
        out.extend_from_slice(text(draft).as_bytes());
    }
    out
}

fn part(draft: &mut Draft, depth: usize) -> Vec<u8> {
    match draft.chance.below(12) {
        0..=3 => leaf(draft, Leaf::Text),
        4..=7 => leaf(draft, Leaf::Page),
        8 => leaf(draft, Leaf::Calendar),
        9 => attachment(draft),
        10 => {
            draft.label("attached-mail");
            let inner = leaf(draft, Leaf::Text);
            let header = b"Content-Type: message/rfc822\r\n\r\nFrom: Amazon <x@amazon-login.example>\r\nSubject: Your Amazon account\r\n";
            [header.as_slice(), &inner].concat()
        }
        _ if depth == 0 => multipart(draft, 1),
        _ => leaf(draft, Leaf::Text),
    }
}

fn attachment(draft: &mut Draft) -> Vec<u8> {
    const NAMES: [&str; 7] = [
        "filename=\"Amazon-Invoice.pdf\"",
        "filename=\"Amazon_Konto.html\"",
        "filename*=utf-8''Amaz%C3%B3n.pdf",
        "filename*0=\"Ama\"; filename*1=\"zon.pdf\"",
        "filename=\"=?utf-8?B?QW1hem9uLnBkZg==?=\"",
        "filename=minutes.pdf",
        "filename=\"order.html.exe\"",
    ];
    let name = draft.chance.pick(&NAMES);
    draft.label("attachment");
    let kind = draft.chance.pick(&[
        "application/pdf",
        "text/html",
        "application/octet-stream",
        "image/png",
    ]);
    format!(
        "Content-Type: {kind}\r\nContent-Disposition: attachment; {name}\r\n\
         Content-Transfer-Encoding: base64\r\n\r\nPGEgaHJlZj0iaHR0cHM6Ly9hbWF6b24tbG9naW4uZXhhbXBsZS8iPkFtYXpvbjwvYT4=\r\n"
    )
    .into_bytes()
}

fn calendar(draft: &mut Draft) -> String {
    draft.label("calendar");
    let summary = sentence(draft);
    let organizer = draft.chance.pick(&["Amazon", "Jane Doe"]);
    format!(
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nORGANIZER;CN={organizer}:mailto:x@sender.example\r\n\
         SUMMARY:{summary}\r\nDESCRIPTION:{summary}\\nCall +1 555 010 0199\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

fn sentence(draft: &mut Draft) -> String {
    let (label, sentence) = draft.chance.pick(&SENTENCES);
    draft.label(label);
    draft.filled(sentence)
}

fn text(draft: &mut Draft) -> String {
    let lines: Vec<String> = (0..1 + draft.chance.below(4))
        .map(|_| sentence(draft))
        .collect();
    lines.join("\r\n\r\n") + "\r\n"
}

fn page(draft: &mut Draft) -> String {
    let mut inside = String::new();
    for _ in 0..1 + draft.chance.below(5) {
        inside.push_str(&element(draft));
        inside.push_str("\r\n");
    }
    match draft.chance.below(5) {
        0 => inside,
        1 => format!(
            "<!DOCTYPE html><html><head><title>{}</title></head><body>{inside}</body></html>\r\n",
            sentence(draft)
        ),
        2 => format!("<html><body bgcolor=#ffffff>{inside}"),
        _ => format!(
            "<html><head><style>p {{ color: #333 }}</style></head><body>{inside}</body></html>\r\n"
        ),
    }
}

fn element(draft: &mut Draft) -> String {
    let kind = draft.chance.below(24);
    let (target, shown) = (draft.chance.pick(&TARGETS), draft.chance.pick(&SHOWN));
    let said = sentence(draft);
    let (label, element) = match kind {
        0..=5 => ("html-link", format!("<a href=\"{target}\">{shown}</a>")),
        6 => (
            "html-link-bare",
            format!("<A HREF={target} style='color:red'>{shown}</a >"),
        ),
        7 => (
            "html-none",
            format!("<div style=\"display:none\">{said}</div>"),
        ),
        8 => (
            "html-small",
            format!("<span style='font-size:0'>{said}</span>"),
        ),
        9 => ("html-white", format!("<font color=white>{said}</font>")),
        10 => (
            "html-image",
            format!("<img src=\"{target}\" alt=\"{shown}\">"),
        ),
        11 => (
            "html-form",
            format!(
                "<form action=\"{target}\">{said}<input type=password name=p><button>OK</button></form>"
            ),
        ),
        12 => (
            "html-quote",
            format!("<blockquote type=cite>{said}</blockquote>"),
        ),
        13 => (
            "html-table",
            format!("<table><tr><td>{said}<td><a href='{target}'>{shown}</a></table>"),
        ),
        14 => (
            "html-comment",
            format!("<!-- {said} --><!--[if mso]><a href='{target}'>{shown}</a><![endif]-->"),
        ),
        15 => (
            "html-entities",
            said.chars()
                .map(|c| format!("&#{};", u32::from(c)))
                .collect(),
        ),
        16 => (
            "html-split",
            said.chars().map(|c| format!("{c}<i></i>")).collect(),
        ),
        17 => (
            "html-salt",
            said.replace('a', "a<span style=display:none>q</span>"),
        ),
        18 => (
            "html-rtl",
            format!(
                "<bdo dir=rtl>{}</bdo>",
                said.chars().rev().collect::<String>()
            ),
        ),
        19 => (
            "html-area",
            format!("<map><area href='{target}'></map><base href='{target}'>"),
        ),
        20 => (
            "html-refresh",
            format!("<meta http-equiv=refresh content='0;url={target}'>"),
        ),
        21 => (
            "html-broken",
            format!("<p><a href='{target}>{shown}</a><p>{said}"),
        ),
        _ => ("", format!("<p>{said}</p>")),
    };
    if !label.is_empty() {
        draft.label(label);
    }
    element
}
