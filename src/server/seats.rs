//! How connections are shared out among the workers.
//!
//! All workers wait at the same socket, and a connection stays with the one that accepts it. The kernel
//! would let one of them take many in a row, whose messages then wait for one another while another core
//! is idle. So a worker leaves a connection to those that have fewer, but for one that hangs.

use futures_util::task::AtomicWaker;
use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    task::{Context, Poll},
};

/// The connections of each worker, counted.
#[derive(Debug)]
pub(super) struct Seats {
    seats: Box<[Seat]>,
    sweeps: AtomicUsize,
}

#[derive(Debug, Default)]
struct Seat {
    /// Connections that the worker has open.
    open: AtomicUsize,
    /// The sweep after which it last asked whether it may accept one.
    asked: AtomicUsize,
    /// It accepts none at the moment, and has to be told when that may be over.
    waits: AtomicBool,
    task: AtomicWaker,
}

impl Seats {
    pub(super) fn new(workers: usize) -> Self {
        Self {
            seats: (0..workers).map(|_| Seat::default()).collect(),
            sweeps: AtomicUsize::new(0),
        }
    }

    /// Whether no other worker has fewer connections. If not, the task is woken once it is worth asking
    /// again. Each sweep wakes it in any case.
    pub(super) fn poll_turn(&self, place: usize, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(seat) = self.seats.get(place) {
            seat.task.register(cx.waker());
            let sweeps = self.sweeps.load(Ordering::SeqCst);
            seat.asked.store(sweeps, Ordering::SeqCst);
        }
        if self.is_turn_of(place) {
            return Poll::Ready(());
        }
        self.wait(place, cx);
        // Whoever has fewer may be waiting, too, since he had more before.
        self.wake_others(place);
        // What changed before the flag was set woke nobody.
        match self.is_turn_of(place) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }

    /// From now on the task of a worker is woken where a connection begins or ends.
    pub(super) fn wait(&self, place: usize, cx: &Context<'_>) {
        if let Some(seat) = self.seats.get(place) {
            seat.task.register(cx.waker());
            seat.waits.store(true, Ordering::SeqCst);
        }
    }

    /// A worker takes a connection.
    pub(super) fn take(&self, place: usize) {
        if let Some(seat) = self.seats.get(place) {
            seat.open.fetch_add(1, Ordering::SeqCst);
        }
        self.wake_others(place);
    }

    /// A connection of a worker has ended.
    pub(super) fn give_back(&self, place: usize) {
        if let Some(seat) = self.seats.get(place) {
            seat.open.fetch_sub(1, Ordering::SeqCst);
        }
        self.wake_others(usize::MAX);
    }

    /// Wakes all, also those that wait at the socket: who hasn't asked by the next sweep but one hangs.
    pub(super) fn sweep(&self) {
        self.sweeps.fetch_add(1, Ordering::SeqCst);
        for seat in &self.seats {
            seat.waits.store(false, Ordering::SeqCst);
            seat.task.wake();
        }
    }

    fn wake_others(&self, place: usize) {
        for (other, seat) in self.seats.iter().enumerate() {
            if other != place && seat.waits.swap(false, Ordering::SeqCst) {
                seat.task.wake();
            }
        }
    }

    fn is_turn_of(&self, place: usize) -> bool {
        let open = |seat: &Seat| seat.open.load(Ordering::SeqCst);
        let own = self.seats.get(place).map_or(0, open);
        let sweeps = self.sweeps.load(Ordering::SeqCst);
        let hangs = |seat: &Seat| seat.asked.load(Ordering::SeqCst) + 1 < sweeps;
        self.seats
            .iter()
            .all(|seat| open(seat) >= own || hangs(seat))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::{
        metrics::Metrics,
        server::{
            connections::{Bounds, Connections},
            socket::{Accepting, Bound},
        },
    };
    use futures_util::{FutureExt, task::noop_waker};
    use indymilter::Listener;
    use std::{sync::Arc, time::Duration};
    use tokio::net::{TcpListener, TcpStream};

    fn is_turn(seats: &Seats, place: usize) -> bool {
        let waker = noop_waker();
        seats
            .poll_turn(place, &mut Context::from_waker(&waker))
            .is_ready()
    }

    #[test]
    fn who_has_more_leaves_it_to_who_has_fewer() {
        let seats = Seats::new(3);
        seats.take(0);
        seats.take(1);
        assert_eq!(
            [0, 1, 2].map(|place| is_turn(&seats, place)),
            [false, false, true]
        );
        seats.take(2);
        assert_eq!([0, 1, 2].map(|place| is_turn(&seats, place)), [true; 3]);
        seats.take(2);
        seats.give_back(1);
        assert_eq!(
            [0, 1, 2].map(|place| is_turn(&seats, place)),
            [false, true, false]
        );
    }

    #[test]
    fn who_hangs_keeps_nobody_from_accepting() {
        let seats = Seats::new(2);
        seats.take(0);
        seats.sweep();
        assert!(!is_turn(&seats, 0));
        seats.sweep();
        assert!(is_turn(&seats, 0));
        // It was late only.
        assert!(is_turn(&seats, 1));
        assert!(!is_turn(&seats, 0));
    }

    #[tokio::test]
    async fn a_sweep_wakes_who_waits_at_the_socket() {
        let seats = Arc::new(Seats::new(2));
        let asking = Arc::clone(&seats);
        let mut asked = 0;
        let waiting = tokio::spawn(std::future::poll_fn(move |cx| {
            asked += 1;
            assert!(asking.poll_turn(0, cx).is_ready());
            match asked {
                1 => Poll::Pending,
                _ => Poll::Ready(()),
            }
        }));
        tokio::task::yield_now().await;
        seats.sweep();
        tokio::task::yield_now().await;
        assert!(waiting.is_finished());
    }

    #[tokio::test]
    async fn who_waits_is_told_when_another_takes_one_or_one_of_his_own_ends() {
        let seats = Arc::new(Seats::new(2));
        seats.take(0);
        let waits = |seats: Arc<Seats>| {
            tokio::spawn(async move { std::future::poll_fn(|cx| seats.poll_turn(0, cx)).await })
        };
        let waiting = waits(Arc::clone(&seats));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        seats.take(1);
        waiting.await.unwrap();
        seats.take(0);
        let waiting = waits(Arc::clone(&seats));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        seats.give_back(0);
        waiting.await.unwrap();
    }

    /// Two workers at one socket, of which one asks much more often.
    #[tokio::test]
    async fn connections_are_shared_out_evenly() {
        let bounds = Bounds {
            max: 100,
            command: Duration::from_secs(60),
            idle: Duration::from_secs(60),
        };
        let metrics = Arc::new(Metrics::new().unwrap());
        let connections = Connections::new(bounds, 2, Arc::clone(&metrics));
        let listener = Bound::Tcp(TcpListener::bind("127.0.0.1:0").await.unwrap());
        let Bound::Tcp(bound) = &listener else {
            unreachable!()
        };
        let address = bound.local_addr().unwrap();
        let again = listener.again().unwrap();
        let worker = |place, listener| {
            Accepting::new(
                listener,
                place,
                Arc::clone(&connections),
                Arc::clone(&metrics),
            )
        };
        let mut workers = [worker(0, listener), worker(1, again)];
        let mut open = [Vec::new(), Vec::new()];
        let mut clients = Vec::new();
        for _ in 0..10 {
            clients.push(TcpStream::connect(address).await.unwrap());
        }
        while open.iter().map(Vec::len).sum::<usize>() < 10 {
            for place in [0, 0, 0, 1] {
                if let Some(stream) = workers[place].accept().now_or_never() {
                    open[place].push(stream.unwrap());
                }
            }
            tokio::task::yield_now().await;
        }
        assert_eq!(open.map(|open| open.len()), [5, 5]);
    }
}
