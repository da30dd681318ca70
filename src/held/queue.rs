//! The hold queue: which of its messages are ours.

use super::{
    HeldError,
    age::Age,
    id::{HeldId, QueueId},
    message::OurVerdict,
    postfix::{Extent, Postfix, wrong},
    warn,
};
use serde_json::Value;
use std::io::{BufRead, Read};

/// Octets of what `postqueue` says of one message. One has 1,000 recipients at most by default.
const MAX_LINE: u64 = 4 << 20;
/// Messages of ours that are kept; beyond that somebody has to release or delete some first.
const MAX_HELD: usize = 20_000;
/// Recipients of one message that are kept.
const MAX_RECIPIENTS: usize = 5;

/// A message that we put on hold.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) id: HeldId,
    pub(super) found: OurVerdict,
    /// The envelope sender; empty for the null sender.
    pub(super) sender: String,
    /// The first recipients.
    pub(super) recipients: Vec<String>,
    /// All of them.
    pub(super) recipient_count: usize,
    /// In octets.
    pub(super) size: u64,
    pub(super) from: String,
    pub(super) subject: String,
}

/// What is on hold.
#[derive(Clone, Debug, Default)]
pub(super) struct HoldQueue {
    /// Ours, the newest first.
    pub(super) ours: Vec<Held>,
    /// Ours beyond the bound.
    pub(super) left_out: u64,
    /// What others put there.
    pub(super) others: u64,
    /// Entries of the queue that could not be read.
    pub(super) unread: u64,
}

/// An entry of the hold queue, as `postqueue` says it.
#[derive(Debug)]
struct Entry {
    id: HeldId,
    sender: String,
    recipients: Vec<String>,
    recipient_count: usize,
    size: u64,
}

impl HoldQueue {
    /// Whether everything could be read.
    pub(super) fn is_whole(&self) -> bool {
        self.unread == 0 && self.left_out == 0
    }

    pub(super) fn ids(&self) -> Vec<HeldId> {
        self.ours.iter().map(|held| held.id.clone()).collect()
    }

    /// Says what isn't shown.
    fn warn(&self) {
        if self.others > 0 {
            warn(&format!(
                "{} on hold by something else than this filter: left alone (`postqueue -p` shows all)",
                messages(self.others)
            ));
        }
        if self.unread > 0 {
            warn(&format!(
                "{} of the queue can't be read",
                messages(self.unread)
            ));
        }
        if self.left_out > 0 {
            warn(&format!(
                "{} more are on hold; release or delete some first",
                messages(self.left_out)
            ));
        }
    }
}

/// `1 message`, `5 messages`.
pub(super) fn messages(count: u64) -> String {
    match count {
        1 => "1 message".to_owned(),
        _ => format!("{count} messages"),
    }
}

/// What is on hold, messages that arrived at least so long before `now`; what is not shown of it is said on
/// standard error.
pub(super) fn held(
    postfix: &Postfix,
    older_than: Option<Age>,
    now: u64,
) -> Result<HoldQueue, HeldError> {
    let mut queue = HoldQueue::default();
    let (mut entries, unread) = postfix.queue(entries)?;
    queue.unread = unread;
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.id.arrived()));
    let oldest = older_than.unwrap_or(Age::between(0, 0));
    for entry in entries {
        if Age::between(entry.id.arrived(), now) < oldest {
            continue;
        }
        match postfix.file(entry.id.queue_id(), Extent::Header)? {
            // Released, deleted, or another message since.
            None => {}
            Some(file) if file.arrived != entry.id.arrived() => {}
            Some(file) => match file.verdict() {
                Some(_) if queue.ours.len() == MAX_HELD => queue.left_out += 1,
                Some(found) => queue.ours.push(Held {
                    found,
                    from: file.from(),
                    subject: file.subject(),
                    id: entry.id,
                    sender: entry.sender,
                    recipients: entry.recipients,
                    recipient_count: entry.recipient_count,
                    size: entry.size,
                }),
                None => queue.others += 1,
            },
        }
    }
    queue.warn();
    Ok(queue)
}

/// The entries of the hold queue, and how many lines could not be read.
fn entries(mut lines: impl BufRead) -> Result<(Vec<Entry>, u64), HeldError> {
    let (mut found, mut unread) = (Vec::new(), 0);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = lines.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
        match read {
            Ok(0) => return Ok((found, unread)),
            Ok(_) => {}
            Err(error) => return Err(wrong(&format!("postqueue: {error}"))),
        }
        // An address may hold any octet.
        let Ok(value) = serde_json::from_str::<Value>(&String::from_utf8_lossy(&line)) else {
            unread += 1;
            continue;
        };
        if text(&value, "queue_name") != Some("hold") {
            continue;
        }
        match entry(&value) {
            Some(entry) => found.push(entry),
            None => unread += 1,
        }
    }
}

fn entry(value: &Value) -> Option<Entry> {
    let number = |name| value.get(name).and_then(Value::as_u64);
    let recipients = value.get("recipients").and_then(Value::as_array);
    let recipients = recipients.map(Vec::as_slice).unwrap_or_default();
    let addresses = recipients.iter().filter_map(|one| text(one, "address"));
    Some(Entry {
        id: HeldId::new(
            QueueId::parse(text(value, "queue_id")?)?,
            number("arrival_time")?,
        ),
        // As postqueue(1) shows the null sender.
        sender: match text(value, "sender")? {
            "MAILER-DAEMON" => String::new(),
            sender => sender.to_owned(),
        },
        recipients: addresses.take(MAX_RECIPIENTS).map(str::to_owned).collect(),
        recipient_count: recipients.len(),
        size: number("message_size").unwrap_or_default(),
    })
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_the_hold_queue_are_read_whatever_stands_beside_them() {
        let line = |queue: &str, id: &str, sender: &str| {
            format!(
                "{{\"queue_name\": \"{queue}\", \"queue_id\": \"{id}\", \"arrival_time\": 1795927289, \
                 \"message_size\": 284, \"forced_expire\": false, \"sender\": \"{sender}\", \"recipients\": \
                 [{{\"address\": \"you@shop.example\"}}, {{\"address\": \"me@shop.example\"}}]}}\n"
            )
        };
        let mut said = line("deferred", "AAAAAAA1", "x").into_bytes();
        said.extend(line("hold", "AAAAAAA2", "a\\u001b[2J@evil.example").bytes());
        said.extend(
            line("hold", "AAAAAAA3", "\u{0}")
                .bytes()
                .map(|octet| match octet {
                    0 => 0xff,
                    other => other,
                }),
        );
        said.extend(line("hold", "ALL", "x").bytes());
        said.extend(line("hold", "-", "x").bytes());
        said.extend(b"nonsense\n");
        said.extend(line("hold", "AAAAAAA4", "MAILER-DAEMON").bytes());
        let (found, unread) = entries(said.as_slice()).unwrap();
        let shown: Vec<_> = found
            .iter()
            .map(|entry| (entry.id.to_string(), entry.sender.as_str()))
            .collect();
        assert_eq!(
            shown,
            [
                ("AAAAAAA2-1795927289".to_owned(), "a\u{1b}[2J@evil.example"),
                ("AAAAAAA3-1795927289".to_owned(), "\u{fffd}"),
                ("AAAAAAA4-1795927289".to_owned(), ""),
            ]
        );
        assert_eq!(unread, 3);
        assert_eq!(found[0].recipients, ["you@shop.example", "me@shop.example"]);
    }

    #[test]
    fn a_line_without_an_end_is_bounded() {
        let endless = std::io::repeat(b'x').take(2 * MAX_LINE + 1);
        let (found, unread) = entries(std::io::BufReader::new(endless)).unwrap();
        assert_eq!((found.len(), unread), (0, 3));
    }
}
