//! The lookups of one message, from their begin till its signatures are checked.

use super::{Gathered, dmarc::Author, provisional::Provisional};
use crate::{mail::body::Forms, proof::Evidence};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    task::{Context, Poll, Waker},
};
use tokio::task::{JoinError, JoinHandle};

/// Lookups under way, or done. Dropped, they end.
pub struct Lookups {
    pub(super) state: State,
    /// Whose signatures are checked before those of others: the authors, then the mailing lists.
    pub(super) signers: Vec<Author>,
    /// The forms of the bodies that could count, whatever the answers are.
    pub(super) forms: Forms,
}

pub(super) enum State {
    Waiting(Task),
    Done(Box<Gathered>),
    Failed,
    /// The header's part of the signatures is checked.
    Checked(Box<Provisional>),
}

/// A task that ends with this value.
pub(super) struct Task(pub(super) JoinHandle<Gathered>);

impl State {
    /// With every answer in the cache there is nothing to wait for, and no task is needed.
    pub(super) fn begin(work: impl Future<Output = Gathered> + Send + 'static) -> Self {
        let mut work = Box::pin(work);
        let mut context = Context::from_waker(Waker::noop());
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut context)));
        match polled {
            Ok(Poll::Ready(gathered)) => Self::Done(Box::new(gathered)),
            Ok(Poll::Pending) => Self::Waiting(Task(tokio::spawn(work))),
            Err(_) => Self::Failed,
        }
    }

    pub(super) fn ended(task: Result<Gathered, JoinError>) -> Self {
        match task {
            Ok(gathered) => Self::Done(Box::new(gathered)),
            Err(_) => Self::Failed,
        }
    }
}

impl Lookups {
    /// Waits till they are done.
    pub async fn answered(&mut self) {
        if let State::Waiting(Task(task)) = &mut self.state {
            self.state = State::ended(task.await);
        }
    }

    /// Whether they are done, and [`Authenticator::check`](super::Authenticator::check) has something to do.
    pub fn are_due(&self) -> bool {
        match &self.state {
            State::Waiting(Task(task)) => task.is_finished(),
            State::Done(_) | State::Failed => true,
            State::Checked(_) => false,
        }
    }

    /// The forms in which the body has to be hashed. Of signatures that can't count any more none is asked
    /// for.
    pub fn forms(&self) -> Forms {
        match &self.state {
            State::Checked(provisional) => provisional.forms(),
            State::Waiting(_) | State::Done(_) | State::Failed => self.forms,
        }
    }

    /// What is proved if the body is the one that was signed; `None` where that isn't known yet.
    pub fn provisional(&self) -> Option<&Evidence> {
        match &self.state {
            State::Checked(provisional) => Some(provisional.evidence()),
            State::Waiting(_) | State::Done(_) | State::Failed => None,
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
