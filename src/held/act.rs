//! Releasing and deleting what somebody names.

use super::{
    HeldError,
    age::Age,
    id::HeldId,
    message::{OurVerdict, QueueFile},
    postfix::{Extent, Postfix, Way},
    warn,
};
use std::io::{self, Write};

/// Lets messages go on to their recipients. Returns whether all of them could be released.
pub(super) fn release(postfix: &Postfix, ids: &[HeldId], now: u64) -> Result<bool, HeldError> {
    each(postfix, ids, |file, sender| {
        let way = way(file, postfix.lifetime(sender), now);
        let said = match way {
            Way::Requeue => "released, as a new message of the queue",
            _ => "released",
        };
        (way, said)
    })
}

/// Removes messages. Returns whether all of them could be removed.
pub(super) fn delete(postfix: &Postfix, ids: &[HeldId]) -> Result<bool, HeldError> {
    each(postfix, ids, |_, _| (Way::Delete, "deleted"))
}

/// Does something with one message, where it is ours. Returns whether it was.
pub(super) fn on_one(
    postfix: &Postfix,
    id: &HeldId,
    work: impl FnOnce(&(QueueFile, OurVerdict)) -> Result<(), HeldError>,
) -> Result<bool, HeldError> {
    match ours(postfix, id, Extent::Whole)? {
        Ok(found) => work(&found).map(|()| true),
        Err(why) => {
            warn(&format!("{id}: {why}"));
            Ok(false)
        }
    }
}

/// How a message is released.
///
/// `postsuper -H` moves its file to where the queue manager finds it: nothing else about it changes. But it
/// has then waited as long as since its arrival, and Postfix returns what could not be delivered within the
/// queue's lifetime. After a long hold the first host that says "later" would send the message back, to
/// whomever a spoof named as its sender. So beyond half of that time it is queued anew, which costs it its
/// queue id and another look at tables of addresses and at `content_filter`.
fn way(file: &QueueFile, lifetime: Age, now: u64) -> Way {
    let waited = Age::between(file.created, now).seconds();
    match waited > lifetime.seconds() / 2 && lifetime.seconds() > 0 {
        true => Way::Requeue,
        false => Way::Release,
    }
}

fn each(
    postfix: &Postfix,
    ids: &[HeldId],
    choose: impl Fn(&QueueFile, &str) -> (Way, &'static str),
) -> Result<bool, HeldError> {
    let mut all = true;
    for id in ids {
        // Compared with the file itself, and right before: whatever a list said may be long ago.
        let why = match ours(postfix, id, Extent::Header)? {
            Ok((file, _)) => {
                let (way, said) = choose(&file, &file.sender);
                match postfix.end(id.queue_id(), way)? {
                    true => {
                        writeln!(io::stdout().lock(), "{id}: {said}")?;
                        continue;
                    }
                    false => GONE,
                }
            }
            Err(why) => why,
        };
        warn(&format!("{id}: {why}"));
        all = false;
    }
    Ok(all)
}

const GONE: &str = "it is not on hold (any more)";

/// The message that an ID names, or why there is none that may be touched.
fn ours(
    postfix: &Postfix,
    id: &HeldId,
    extent: Extent,
) -> Result<Result<(QueueFile, OurVerdict), &'static str>, HeldError> {
    let Some(file) = postfix.file(id.queue_id(), extent)? else {
        return Ok(Err(GONE));
    };
    if file.arrived != id.arrived() {
        return Ok(Err("another message has its queue id now: left alone"));
    }
    Ok(match file.verdict() {
        Some(found) => Ok((file, found)),
        None => Err("it is on hold by something else than this filter: left alone"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::message::Message;

    #[test]
    fn a_message_is_queued_anew_once_half_of_its_time_is_over() {
        let file = |created| QueueFile {
            arrived: 0,
            created,
            sender: String::new(),
            recipients: Vec::new(),
            message: Message::default(),
        };
        let days = |text: &str| text.parse::<Age>().unwrap();
        let day = 86_400;
        assert_eq!(way(&file(0), days("5d"), 2 * day), Way::Release);
        assert_eq!(way(&file(0), days("5d"), 3 * day), Way::Requeue);
        // Queued anew since it arrived.
        assert_eq!(way(&file(2 * day), days("5d"), 3 * day), Way::Release);
        // Postfix tries once, whatever its age.
        assert_eq!(way(&file(0), days("0d"), 9 * day), Way::Release);
        // A clock that was put back.
        assert_eq!(way(&file(9 * day), days("5d"), 0), Way::Release);
    }
}
