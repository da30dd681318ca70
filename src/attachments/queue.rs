//! Who is read next. Readers are few, and one origin that sends bombs must not keep all of them: each origin
//! has a line of its own, the lines take turns, and the last free reader is for an origin that has none.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::oneshot, time::timeout};

/// How long a message waits for a reader. Its files are unread then.
const PATIENCE: Duration = Duration::from_secs(5);
/// Messages that wait at a time.
const MAX_WAITING: usize = 2_000;

/// Where mail comes from: the network that one sender can be thought to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Origin {
    /// The first 24 bits of an address.
    V4([u8; 3]),
    /// The first 48 bits.
    V6([u16; 3]),
    /// Nobody knows.
    Unknown,
}

impl From<Option<IpAddr>> for Origin {
    fn from(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => {
                let [a, b, c, _] = address.octets();
                Self::V4([a, b, c])
            }
            Some(IpAddr::V6(address)) => {
                let [a, b, c, ..] = address.segments();
                Self::V6([a, b, c])
            }
            None => Self::Unknown,
        }
    }
}

/// Readers, and who waits for them.
#[derive(Clone, Debug)]
pub(super) struct Queue(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    free: usize,
    /// How many each origin has.
    held: HashMap<Origin, usize>,
    /// Each origin that waits, in turn, with its messages.
    lines: VecDeque<(Origin, VecDeque<oneshot::Sender<Turn>>)>,
    waiting: usize,
}

/// The right to have one reader at work; it ends with the value.
#[derive(Debug)]
pub(super) struct Turn {
    queue: Queue,
    origin: Origin,
}

impl Queue {
    /// For so many readers at a time.
    pub(super) fn new(readers: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            free: readers,
            held: HashMap::new(),
            lines: VecDeque::new(),
            waiting: 0,
        })))
    }

    /// Waits for a turn; none comes where too many wait, or for too long.
    pub(super) async fn turn(&self, origin: Origin) -> Option<Turn> {
        let waiting = {
            let mut state = self.lock();
            if state.may_have(origin) && !state.waits(origin) {
                state.take(origin);
                return Some(self.given(origin));
            }
            if state.waiting >= MAX_WAITING {
                return None;
            }
            let (sender, receiver) = oneshot::channel();
            state.wait(origin, sender);
            receiver
        };
        timeout(PATIENCE, waiting).await.ok()?.ok()
    }

    fn given(&self, origin: Origin) -> Turn {
        Turn {
            queue: self.clone(),
            origin,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a turn to whoever is next.
    fn pass_on(&self) {
        loop {
            let next = {
                let mut state = self.lock();
                let Some((origin, sender)) = state.next() else {
                    return;
                };
                state.take(origin);
                (origin, sender)
            };
            // Who went away gives it back, which passes it on as well.
            if next.1.send(self.given(next.0)).is_ok() {
                return;
            }
        }
    }
}

impl State {
    fn may_have(&self, origin: Origin) -> bool {
        self.free > 1 || self.free == 1 && !self.held.contains_key(&origin)
    }

    fn waits(&self, origin: Origin) -> bool {
        self.lines.iter().any(|(line, _)| *line == origin)
    }

    fn take(&mut self, origin: Origin) {
        self.free -= 1;
        *self.held.entry(origin).or_default() += 1;
    }

    fn wait(&mut self, origin: Origin, sender: oneshot::Sender<Turn>) {
        self.waiting += 1;
        match self.lines.iter_mut().find(|(line, _)| *line == origin) {
            Some((_, line)) => line.push_back(sender),
            None => self.lines.push_back((origin, VecDeque::from([sender]))),
        }
    }

    /// The first message of the first line that may have a reader; its line goes to the end.
    fn next(&mut self) -> Option<(Origin, oneshot::Sender<Turn>)> {
        let at = self
            .lines
            .iter()
            .position(|(origin, _)| self.may_have(*origin))?;
        let (origin, mut line) = self.lines.remove(at)?;
        let mut next = line.pop_front();
        self.waiting -= 1;
        // Those who no longer wait are passed over.
        while next.as_ref().is_some_and(oneshot::Sender::is_closed) {
            next = line.pop_front();
            self.waiting -= usize::from(next.is_some());
        }
        if !line.is_empty() {
            self.lines.push_back((origin, line));
        }
        match next {
            Some(sender) => Some((origin, sender)),
            None => self.next(),
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        {
            let mut state = self.queue.lock();
            state.free += 1;
            if let Some(held) = state.held.get_mut(&self.origin) {
                *held -= 1;
                if *held == 0 {
                    state.held.remove(&self.origin);
                }
            }
        }
        self.queue.pass_on();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::task::yield_now;

    const A: Origin = Origin::V4([192, 0, 2]);
    const B: Origin = Origin::V4([198, 51, 100]);

    #[test]
    fn neighbours_are_one_origin() {
        let of = |address: &str| Origin::from(Some(address.parse().unwrap()));
        assert_eq!(of("192.0.2.1"), of("192.0.2.200"));
        assert_ne!(of("192.0.2.1"), of("192.0.3.1"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:ffff::9"));
        assert_ne!(of("2001:db8:1::1"), of("2001:db8:2::1"));
        assert_eq!(of("::ffff:192.0.2.9"), of("192.0.2.1"));
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_reader_is_for_somebody_else() {
        let queue = Queue::new(2);
        let first = queue.turn(A).await;
        assert!(first.is_some());
        let waits = tokio::spawn({
            let queue = queue.clone();
            async move { queue.turn(A).await }
        });
        yield_now().await;
        let other = queue.turn(B).await;
        assert!(other.is_some());
        drop(first);
        let second = waits.await.unwrap();
        assert!(second.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn origins_take_turns_however_many_messages_they_send() {
        let queue = Queue::new(1);
        let first = queue.turn(Origin::Unknown).await;
        let (done, mut order) = tokio::sync::mpsc::unbounded_channel();
        for origin in [A, A, A, B] {
            let (queue, done) = (queue.clone(), done.clone());
            tokio::spawn(async move {
                let turn = queue.turn(origin).await;
                done.send(origin).unwrap();
                drop(turn);
            });
            yield_now().await;
        }
        drop(first);
        let mut next = async || order.recv().await.unwrap();
        assert_eq!([next().await, next().await], [A, B]);
        assert_eq!([next().await, next().await], [A, A]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_waited_too_long_goes_without_and_blocks_nobody() {
        let queue = Queue::new(1);
        let first = queue.turn(A).await;
        assert!(queue.turn(B).await.is_none());
        assert!(queue.turn(A).await.is_none());
        drop(first);
        assert!(queue.turn(B).await.is_some());
        assert_eq!(queue.lock().free, 1);
        assert!(queue.lock().held.is_empty());
    }
}
