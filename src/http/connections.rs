//! Connections and their bounds: how many there are, how long each may take.

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{
    convert::Infallible,
    io,
    net::TcpListener,
    pin::pin,
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    net::TcpStream,
    sync::Notify,
    time::{sleep, timeout},
};

/// Connections at a time. Each takes a file descriptor of those that messages need, too.
const MAX_CONNECTIONS: usize = 128;

/// How long a client may take for a header, or say nothing between two requests. Prometheus asks
/// every 15 s by habit.
const HEADER_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a request may take from the end of its header to the answer; above the deadline of DNS,
/// which a message that is tried waits for.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a connection may live, so that a client that reads slowly does not keep it.
const MAX_AGE: Duration = Duration::from_secs(300);

/// Octets of a header.
const MAX_HEADER: usize = 16 << 10;

/// How long is waited after a failed accept: with no file descriptor left it fails again at once.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// How long answers under way may take at the end.
const FAREWELL: Duration = Duration::from_secs(1);

/// One connection.
struct Place {
    /// When it last asked for something, in milliseconds of the server's life.
    asked: AtomicU64,
    leave: Notify,
}

/// Serves until `shutdown` completes.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let begun = Instant::now();
    let mut places: Vec<Weak<Place>> = Vec::with_capacity(MAX_CONNECTIONS);
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "an HTTP connection can't be accepted; trying again");
                sleep(ACCEPT_RETRY).await;
                continue;
            }
        };
        make_room(&mut places);
        let place = Arc::new(Place {
            asked: AtomicU64::new(age(begun)),
            leave: Notify::new(),
        });
        places.push(Arc::downgrade(&place));
        tokio::spawn(converse(stream, router.clone(), place, begun));
    }
    drop(listener);
    // Whoever waits for an answer gets it; the rest ends with the runtime.
    sleep(FAREWELL).await;
    Ok(())
}

fn age(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Forgets what has ended. Where all places are taken, the connection that has asked for nothing for
/// the longest time gives way to the new one: a thousand that say nothing keep nobody out.
fn make_room(places: &mut Vec<Weak<Place>>) {
    if places.len() < MAX_CONNECTIONS {
        return;
    }
    places.retain(|place| place.strong_count() > 0);
    if places.len() < MAX_CONNECTIONS {
        return;
    }
    let asked = |place: &Weak<Place>| {
        place
            .upgrade()
            .map_or(0, |place| place.asked.load(Ordering::Relaxed))
    };
    let longest = (0..places.len()).min_by_key(|at| places.get(*at).map_or(0, asked));
    if let Some(at) = longest
        && let Some(place) = places.swap_remove(at).upgrade()
    {
        place.leave.notify_one();
    }
}

/// One connection from its first octet to its end.
async fn converse(stream: TcpStream, router: Router, place: Arc<Place>, begun: Instant) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY can't be set");
    }
    let asking = Arc::clone(&place);
    let routes = TowerToHyperService::new(router);
    let service = service_fn(move |request: Request<Incoming>| {
        asking.asked.store(age(begun), Ordering::Relaxed);
        answer(timeout(REQUEST_TIMEOUT, routes.call(request)))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEADER)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        // What clients do wrong is theirs.
        _ = &mut connection => return,
        () = place.leave.notified() => return,
        () = sleep(MAX_AGE) => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = &mut connection => {}
        () = place.leave.notified() => {}
        () = sleep(REQUEST_TIMEOUT) => {}
    }
}

async fn answer(
    answered: impl Future<Output = Result<Result<Response, Infallible>, tokio::time::error::Elapsed>>,
) -> Result<Response, Infallible> {
    match answered.await {
        Ok(answer) => answer,
        Err(_) => Ok((StatusCode::REQUEST_TIMEOUT, "that took too long\n").into_response()),
    }
}
