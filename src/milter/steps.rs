//! The steps that can take long, and give way to other connections where they do.

use super::{Connection, Progress, get_macro};
use crate::{
    mail::message::Message,
    report::Report,
    shared::Shared,
    verify::{Begun, Verifier},
};
use indymilter::{Context, Status};
use std::sync::Arc;

impl Connection {
    /// What is needed to give way, and the octets that there are to work over.
    pub(super) fn long(&self) -> (Arc<Shared>, usize) {
        (Arc::clone(&self.shared), self.session.octets())
    }
}

/// The first moment at which it is known who the message says it is from.
pub(super) async fn end_of_header(cx: &mut Context<Connection>) -> Status {
    let Some(connection) = &mut cx.data else {
        return Status::Tempfail;
    };
    connection.session.queue_id(get_macro(&cx.macros, c"i"));
    if !connection.answered.header {
        // What follows in the same turn is answered.
        return Status::Noreply;
    }
    let (shared, octets) = connection.long();
    let judged = async { connection.try_judge_header() };
    shared.long_work.run(octets, judged).await
}

/// Takes a part of the body, and judges what can be judged by its beginning.
pub(super) async fn body(cx: &mut Context<Connection>, chunk: Vec<u8>) -> Status {
    let Some(connection) = &mut cx.data else {
        return Status::Tempfail;
    };
    let (shared, octets) = connection.long();
    // Where the header was judged before, no more than the beginning of the body is.
    let octets = match &connection.progress {
        Progress::Header => octets,
        Progress::Begun(begun) if begun.is_due() => octets,
        Progress::Begun(_) | Progress::Concluded(_) => 0,
    };
    let judged = async { connection.guarded(|connection| connection.body(chunk)) };
    shared.long_work.run(octets, judged).await
}

/// Judges a message at its end. `begun`: what was judged of its header, if it was.
pub(super) async fn report(
    shared: &Shared,
    verifier: &Verifier,
    begun: Option<Begun>,
    message: &Message,
) -> Report {
    let header: usize = message.headers.iter().map(|field| field.value.len()).sum();
    let octets = header + message.body.kept();
    let long_work = &shared.long_work;
    let mut begun = match begun {
        Some(begun) => begun,
        None => {
            let judged = async { verifier.begin(message) };
            long_work.run(octets, judged).await
        }
    };
    // The lookups are waited for before others have to wait.
    verifier.answered(&mut begun).await;
    let examined = verifier.examine(&mut begun, message);
    long_work.run(octets, examined).await;
    let files = match verifier.reader(&begun).await {
        Some(place) => {
            let taken_out = async { verifier.files(message) };
            let (files, beyond) = long_work.run(octets, taken_out).await;
            Some(place.read(&files, beyond).await)
        }
        None => None,
    };
    let judged = verifier.judge(begun, message, files);
    long_work.run(octets, judged).await
}
