//! What a message on hold says: whether it is ours, why it is held, and what it looks like.
//!
//! In: the output of postcat(1). Out: the time of arrival, the message, and the words of our own verdict.
//! Nothing here is escaped yet; whoever shows it does that.

use super::id::QueueId;
use crate::{
    mail::{
        decode::header_text,
        message::{Header, Message},
    },
    report::{EXPLANATION_FIELD, VERDICT_FIELD},
    verdict::{Verdict, policy::Action},
};
use mail_parser::DateTime;

/// A file of the hold queue.
#[derive(Clone, Debug)]
pub(super) struct QueueFile {
    /// When the message arrived, in seconds since 1970.
    pub(super) arrived: u64,
    /// When the file was made: later than the arrival where somebody queued the message anew. Postfix counts
    /// its life in the queue from here.
    pub(super) created: u64,
    /// The envelope sender; empty for the null sender.
    pub(super) sender: String,
    /// The envelope recipients.
    pub(super) recipients: Vec<String>,
    /// What was read of it.
    pub(super) message: Message,
}

/// What we found out about a message when it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OurVerdict {
    pub(super) verdict: Verdict,
    /// The author domain that decided.
    pub(super) author: Option<String>,
    /// The words, as they stand in the field.
    pub(super) reasons: Vec<String>,
    /// One sentence for people.
    pub(super) explanation: String,
}

/// A field that the sender wrote, decoded, in characters.
const MAX_SHOWN: usize = 300;

impl QueueFile {
    /// Reads what `postcat -ehq` or `-ebhq` printed of a queue id. `None` where the file is in another queue
    /// than hold, or can't be read.
    ///
    /// The lines that postcat adds can't be forged: those before the message are the envelope, whose values
    /// hold no line ends, and a message's header has no line that begins with `*`, since it would end there.
    pub(super) fn parse(id: &QueueId, output: &[u8]) -> Option<Self> {
        let mut lines = output.split_inclusive(|octet| *octet == b'\n');
        if !is_mark(lines.next()?, b"*** ENVELOPE RECORDS hold/", id) {
            return None;
        }
        let (mut arrived, mut created, mut begins) = (None, None, 0);
        let (mut sender, mut recipients) = (String::new(), Vec::new());
        for line in output.split_inclusive(|octet| *octet == b'\n') {
            begins += line.len();
            if is_mark(line, b"*** MESSAGE CONTENTS hold/", id) {
                break;
            }
            if let Some(time) = line.strip_prefix(b"message_arrival_time: ") {
                arrived = arrived.or(seconds(time));
            }
            if let Some(time) = line.strip_prefix(b"create_time: ") {
                created = created.or(seconds(time));
            }
            if let Some(address) = line.strip_prefix(b"sender: ") {
                sender = String::from_utf8_lossy(address.trim_ascii()).into_owned();
            }
            if let Some(address) = line.strip_prefix(b"recipient: ") {
                recipients.push(String::from_utf8_lossy(address.trim_ascii()).into_owned());
            }
        }
        let content = output.get(begins..)?;
        let ends = last_mark(content, id).unwrap_or(content.len());
        let arrived = arrived?;
        Some(Self {
            arrived,
            created: created.unwrap_or(arrived),
            sender,
            recipients,
            message: Message::parse(content.get(..ends)?).ok()?,
        })
    }

    /// Our verdict, where we put the message on hold.
    ///
    /// What we write stands above the field by which this host received the message, and every such field of
    /// a sender's below it, whether somebody took it out or not. So the topmost one has to come before the
    /// first Received, and to say that we asked for the hold: a message that we only labelled, and another
    /// filter holds, is not ours to release.
    pub(super) fn verdict(&self) -> Option<OurVerdict> {
        let headers = &self.message.headers;
        let received = headers.iter().position(|header| header.is("Received"))?;
        let above = headers.get(..received)?;
        let value = |name: &str| above.iter().find(|header| header.is(name)).map(text);
        let words = value(VERDICT_FIELD)?;
        let mut words = words.split(';').map(str::trim);
        let verdict = words.next()?;
        let verdict = Verdict::ALL
            .into_iter()
            .find(|known| known.word() == verdict)?;
        let action = words.next()?.strip_prefix("action=")?;
        if action != Action::Quarantine.word() {
            return None;
        }
        let rest: Vec<&str> = words.collect();
        let parameter = |name: &str| rest.iter().find_map(|one| one.strip_prefix(name));
        let reasons = parameter("reasons=").unwrap_or_default();
        Some(OurVerdict {
            verdict,
            author: parameter("author=").map(str::to_owned),
            reasons: reasons
                .split(',')
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect(),
            explanation: value(EXPLANATION_FIELD).unwrap_or_default(),
        })
    }

    /// The subject as its reader would see it.
    pub(super) fn subject(&self) -> String {
        cut(&self
            .message
            .subjects()
            .into_iter()
            .next()
            .unwrap_or_default())
    }

    /// The From field as its reader would see it.
    pub(super) fn from(&self) -> String {
        let field = self.message.headers_named("From").next();
        cut(&field.map(text).unwrap_or_default())
    }
}

fn text(header: &Header) -> String {
    header_text(&header.value)
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_SHOWN).collect()
}

/// Whether a line is one of postcat's own about the file of a queue id. Queues may have folders by the first
/// signs of the id (`hash_queue_names`).
fn is_mark(line: &[u8], begins: &[u8], id: &QueueId) -> bool {
    let ends = format!("{} ***\n", id.as_str());
    let Some(place) = line
        .strip_prefix(begins)
        .and_then(|rest| rest.strip_suffix(ends.as_bytes()))
    else {
        return false;
    };
    place
        .iter()
        .all(|octet| *octet == b'/' || octet.is_ascii_alphanumeric())
}

/// Where the line begins by which postcat ends the message. A body may hold one like it; the last one counts.
fn last_mark(content: &[u8], id: &QueueId) -> Option<usize> {
    let mut at = 0;
    let mut last = None;
    for line in content.split_inclusive(|octet| *octet == b'\n') {
        if is_mark(line, b"*** HEADER EXTRACTED hold/", id) {
            last = Some(at);
        }
        at += line.len();
    }
    last
}

/// `Sun Nov 29 04:41:29 2026`, in UTC, as seconds since 1970.
fn seconds(time: &[u8]) -> Option<u64> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let time = std::str::from_utf8(time).ok()?;
    let mut words = time.split_ascii_whitespace().skip(1);
    let month = words.next()?;
    let month = MONTHS.iter().position(|known| *known == month)? + 1;
    let day = words.next()?.parse().ok()?;
    let mut clock = words.next()?.split(':').map(|part| part.parse().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let date = DateTime {
        year: words.next()?.parse().ok()?,
        month: u8::try_from(month).ok()?,
        day,
        hour,
        minute,
        second,
        tz_before_gmt: false,
        tz_hour: 0,
        tz_minute: 0,
    };
    u64::try_from(date.to_timestamp()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "69A9E9A4087";

    fn output(header: &str, queue: &str) -> String {
        format!(
            "*** ENVELOPE RECORDS {queue}/{ID} ***\n\
             message_size:             284             265               1               0             284\n\
             message_arrival_time: Sun Nov 29 04:41:29 2026\n\
             create_time: Sun Nov  1 04:42:16 2026\n\
             sender: me@sender.example\n\
             recipient: you@shop.example\n\
             *** MESSAGE CONTENTS {queue}/{ID} ***\n\
             {header}\
             *** HEADER EXTRACTED {queue}/{ID} ***\n\
             *** MESSAGE FILE END {queue}/{ID} ***\n"
        )
    }

    fn read(header: &str, queue: &str) -> Option<QueueFile> {
        let id = QueueId::parse(ID).unwrap();
        QueueFile::parse(&id, output(header, queue).as_bytes())
    }

    const RECEIVED: &str = "Received: from x (x [192.0.2.1])\n\tby mx (Postfix) with ESMTP id 1\n";
    const OURS: &str = "X-Amazon-Spoof-Verdict: lookalike; action=quarantine; author=evil.example;\n \
                        reasons=lookalike-author-domain,asks-for-password\n\
                        X-Amazon-Spoof-Explanation: It lies.\n";
    const REST: &str = "From: \"A\" <a@evil.example>\nSubject: =?utf-8?q?=C3=BC?=\n";

    #[test]
    fn a_message_that_we_held_says_why() {
        let file = read(&format!("{OURS}{RECEIVED}{REST}"), "hold").unwrap();
        assert_eq!((file.arrived, file.created), (1_795_927_289, 1_793_508_136));
        assert_eq!(
            (&*file.sender, &*file.recipients[0]),
            ("me@sender.example", "you@shop.example")
        );
        assert_eq!(
            file.verdict(),
            Some(OurVerdict {
                verdict: Verdict::Lookalike,
                author: Some("evil.example".into()),
                reasons: vec!["lookalike-author-domain".into(), "asks-for-password".into()],
                explanation: "It lies.".into(),
            })
        );
        assert_eq!(file.subject(), "ü");
        assert_eq!(file.from(), "\"A\" <a@evil.example>");
        // Folders by the first signs of the id.
        assert!(read(&format!("{OURS}{RECEIVED}"), "hold/6/9").is_some());
    }

    #[test]
    fn what_another_holds_is_not_ours() {
        let is_ours = |header: &str| read(header, "hold").unwrap().verdict().is_some();
        assert!(is_ours(&format!("{OURS}{RECEIVED}{REST}")));
        // The sender wrote it.
        assert!(!is_ours(&format!("{RECEIVED}{OURS}{REST}")));
        assert!(!is_ours(&format!("{OURS}{REST}")));
        // We labelled it, and somebody else put it on hold; a field of the sender's below changes nothing.
        let labelled = OURS.replace("quarantine", "tag");
        assert!(!is_ours(&format!("{labelled}{RECEIVED}{REST}")));
        assert!(!is_ours(&format!("{labelled}{OURS}{RECEIVED}{REST}")));
        assert!(!is_ours(&format!("{labelled}{RECEIVED}{OURS}{REST}")));
        // Nobody of ours wrote it so.
        for other in [
            "forged",
            "forged; action=quarantined",
            "nonsense; action=quarantine",
            "",
        ] {
            let field = format!("X-Amazon-Spoof-Verdict: {other}\n");
            assert!(!is_ours(&format!("{field}{RECEIVED}{REST}")), "{other}");
        }
        assert!(!is_ours(&format!("{RECEIVED}{REST}")));
    }

    #[test]
    fn a_file_in_another_queue_is_none_of_those_on_hold() {
        let header = format!("{OURS}{RECEIVED}{REST}");
        for queue in [
            "deferred", "maildrop", "active", "hold2", "x/hold", "hold/..",
        ] {
            assert!(read(&header, queue).is_none(), "{queue}");
        }
        let whole = output(&header, "hold");
        let other = QueueId::parse("69A9E9A4088").unwrap();
        assert!(QueueFile::parse(&other, whole.as_bytes()).is_none());
        for end in 0..whole.len() {
            let id = QueueId::parse(ID).unwrap();
            let cut = whole.get(..end).unwrap_or_default();
            // However short it is, nobody's message becomes ours.
            let verdict = QueueFile::parse(&id, cut.as_bytes()).and_then(|file| file.verdict());
            assert!(verdict.is_none() || cut.contains("\nReceived:"), "{cut}");
        }
    }

    #[test]
    fn a_body_that_speaks_as_the_tool_ends_nothing() {
        let body = format!(
            "{OURS}{RECEIVED}{REST}\nhello\n*** HEADER EXTRACTED hold/{ID} ***\nstill the body\n"
        );
        let file = read(&body, "hold").unwrap();
        let text = file.message.body.beginning(1_000).into_owned();
        assert!(String::from_utf8_lossy(&text).ends_with("still the body\r\n"));
    }
}
