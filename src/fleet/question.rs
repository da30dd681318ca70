//! The entries of a stream, newest first, in replies that are bounded.

use super::{
    entry::{Entry, Id},
    transport::Connection,
};
use redis::{Pipeline, Value};
use tokio::time::Instant;

/// What is asked of a stream.
pub(super) struct Question {
    pub(super) key: String,
    /// Entries in one reply.
    pub(super) page: usize,
    /// Replies at most.
    pub(super) most: usize,
    pub(super) after: Option<Id>,
    pub(super) before: Option<Id>,
}

/// What came of it.
pub(super) struct Answer {
    /// The newest entry, if there is one.
    pub(super) newest: Option<Id>,
    /// Where it ended for want of time, and how many replies were allowed still.
    pub(super) left: Option<(Id, usize)>,
    /// Not where the key is of another type, or not for this user.
    pub(super) is_readable: bool,
}

impl Question {
    /// Hands over the entries, newest first, one reply at least.
    pub(super) async fn put(
        &self,
        connection: &mut Connection,
        until: Instant,
        mut take: impl FnMut(&Entry<'_>),
    ) -> Result<Answer, String> {
        let beyond = |id: Id| format!("({}", id.text());
        let after = self.after.map_or("-".to_owned(), beyond);
        let mut before = self.before.map_or("+".to_owned(), beyond);
        let mut answer = Answer {
            newest: None,
            left: None,
            is_readable: true,
        };
        for asked in 1..=self.most {
            let mut commands = Pipeline::new();
            commands
                .cmd("XREVRANGE")
                .arg(&self.key)
                .arg(&before)
                .arg(&after)
                .arg("COUNT")
                .arg(self.page);
            commands.ignore_errors();
            let Some(Ok(reply)) = connection.ask(&commands).await?.pop() else {
                // Of another type, or not for this user.
                answer.is_readable = false;
                break;
            };
            let is_full = matches!(&reply, Value::Array(entries) if entries.len() == self.page);
            let entries = Entry::of_reply(&reply);
            for entry in &entries {
                answer.newest.get_or_insert(entry.id);
                take(entry);
            }
            let Some(oldest) = entries.last().filter(|_| is_full) else {
                break;
            };
            if Instant::now() >= until && asked < self.most {
                answer.left = Some((oldest.id, self.most - asked));
                break;
            }
            before = beyond(oldest.id);
        }
        Ok(answer)
    }
}
