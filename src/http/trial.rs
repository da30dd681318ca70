//! A message to try: `check` in the page. Nothing of it is kept, counted as mail or logged.

use super::{
    HttpState, decision,
    layout::{self, Place},
    text::milliseconds,
};
use crate::{
    mail::{
        message::{Envelope, Message, Path},
        received,
    },
    report::{Edits, Report, header_text::fold, printable::printable},
    shared::Active,
};
use axum::{
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use std::{
    collections::VecDeque,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// Octets of a message, with what the form has around it.
const MAX_MESSAGE: usize = 5 << 20;

/// Messages that are read and judged at a time; bounds the memory that they take.
const AT_A_TIME: usize = 2;

/// Messages in a minute.
const A_MINUTE: usize = 30;

/// What bounds the messages that are tried.
pub(super) struct Trials {
    places: Semaphore,
    /// When the last ones began.
    begun: Mutex<VecDeque<Instant>>,
}

impl Default for Trials {
    fn default() -> Self {
        Self {
            places: Semaphore::new(AT_A_TIME),
            begun: Mutex::default(),
        }
    }
}

impl Trials {
    /// Whether one more may begin now.
    fn begin(&self) -> bool {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        while begun
            .front()
            .is_some_and(|at| at.elapsed() > Duration::from_secs(60))
        {
            begun.pop_front();
        }
        let free = begun.len() < A_MINUTE;
        if free {
            begun.push_back(Instant::now());
        }
        free
    }
}

/// The bound of every body.
pub(super) fn body_limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(MAX_MESSAGE)
}

/// What was filled in.
#[derive(Default)]
struct Input {
    message: Vec<u8>,
    client_ip: String,
    helo: String,
    mail_from: String,
    /// Whether the topmost Received field and Return-Path tell the envelope.
    traced: bool,
}

/// `GET /try`.
pub(super) async fn form(State(state): State<HttpState>) -> Response {
    let active = state.shared.active.load_full();
    match is_on(&active) {
        true => shown(&active, StatusCode::OK, &input(None)),
        false => off(&state),
    }
}

fn is_on(active: &Active) -> bool {
    active
        .config
        .http
        .as_ref()
        .is_some_and(|http| http.try_messages)
}

fn off(state: &HttpState) -> Response {
    layout::missing(
        state,
        "Trying messages here is switched off; try_messages = true in [http] switches it on.",
    )
}

fn shown(active: &Active, status: StatusCode, content: &Markup) -> Response {
    (
        status,
        layout::page(active, Place::Trial, "Try a message", content),
    )
        .into_response()
}

fn input(error: Option<&str>) -> Markup {
    html! {
        section.card.try {
            h1 { "Try a message" }
            p { "It is judged as if Postfix had handed it in now. Nothing of it is kept, counted or logged; DNS is asked." }
            @if let Some(error) = error { p.error role="alert" { (error) } }
            form method="post" action="/try" enctype="multipart/form-data" {
                div { label for="file" { "A file with the whole message, header and all (.eml)" }
                    input #file type="file" name="file"; }
                div { label for="message" { "or its text. Signatures often break in what is copied from a screen" }
                    textarea #message name="message" rows="12" spellcheck="false" autocomplete="off" {} }
                fieldset {
                    legend { "How it came (optional)" }
                    label.choice { input type="checkbox" name="traced" value="yes" checked;
                        "As its topmost Received field and its Return-Path say, which your own server wrote" }
                    p.muted { "What is filled in here goes before that. Nothing has to be: without a client and an envelope sender " "SPF has nothing to judge, and what only SPF could prove stays open." }
                    div.fields {
                        div { label for="client_ip" { "Address of the client (optional)" }
                            input #client_ip name="client_ip" placeholder="192.0.2.1" autocomplete="off"; }
                        div { label for="helo" { "Its HELO (optional)" } input #helo name="helo" placeholder="mail.example.org" autocomplete="off"; }
                        div { label for="mail_from" { "Envelope sender (optional, <> for none)" }
                            input #mail_from name="mail_from" placeholder="someone@example.org" autocomplete="off"; }
                    }
                }
                button type="submit" { "Judge it" }
            }
        }
    }
}

/// `POST /try`.
pub(super) async fn submit(State(state): State<HttpState>, request: Request) -> Response {
    let active = state.shared.active.load_full();
    if !is_on(&active) {
        return off(&state);
    }
    let refused = |status, why: &str| shown(&active, status, &input(Some(why)));
    let Ok(_place) = state.trials.places.try_acquire() else {
        return refused(
            StatusCode::TOO_MANY_REQUESTS,
            "Others are being judged now. Try again in a moment.",
        );
    };
    if !state.trials.begin() {
        return refused(
            StatusCode::TOO_MANY_REQUESTS,
            "That were 30 in a minute. Wait a little, or use `check`.",
        );
    }
    let input = match read(request).await {
        Ok(input) => input,
        Err((status, why)) => return refused(status, why),
    };
    let message = match message(&input) {
        Ok(message) => message,
        Err(why) => return refused(StatusCode::UNPROCESSABLE_ENTITY, &why),
    };
    let begun = Instant::now();
    let judging = std::sync::Arc::clone(&active);
    // Where mail is judged, too: the resolver's connections belong there.
    let judged = state.messages.spawn(async move {
        let report = judging.verifier.verify(&message).await;
        let edits = report.edits(&message, &judging.verifier.headers);
        (report, edits)
    });
    match judged.await {
        Ok((report, edits)) => shown(
            &active,
            StatusCode::OK,
            &result(&active, &report, &edits, begun.elapsed()),
        ),
        Err(_) => refused(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Judging it failed. Please report this with the message.",
        ),
    }
}

async fn read(request: Request) -> Result<Input, (StatusCode, &'static str)> {
    let broken = (
        StatusCode::BAD_REQUEST,
        "The form did not arrive whole. Send it again.",
    );
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| broken)?;
    let mut input = Input::default();
    let unread = |error: axum::extract::multipart::MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let why = "The message is larger than 5 MiB. The command `check` takes larger ones.";
            (StatusCode::PAYLOAD_TOO_LARGE, why)
        }
        _ => broken,
    };
    while let Some(field) = form.next_field().await.map_err(unread)? {
        let name = field.name().unwrap_or_default().to_owned();
        let value = field.bytes().await.map_err(unread)?;
        let text = || String::from_utf8_lossy(&value).trim().to_owned();
        match &*name {
            // A browser sends an empty file where none was chosen.
            "file" | "message" if input.message.is_empty() => input.message = value.to_vec(),
            "client_ip" => input.client_ip = text(),
            "helo" => input.helo = text(),
            "mail_from" => input.mail_from = text(),
            "traced" => input.traced = true,
            _ => {}
        }
    }
    Ok(input)
}

fn message(input: &Input) -> Result<Message, String> {
    if input.message.trim_ascii().is_empty() {
        return Err("There is no message: choose a file, or paste its text.".into());
    }
    let mut message =
        Message::parse(&input.message).map_err(|error| format!("This is no message: {error}."))?;
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let wrong =
        |_| "The client's address is no IP address such as 192.0.2.1 or 2001:db8::1.".to_owned();
    let client_ip = given(&input.client_ip).map(|text| text.parse::<IpAddr>().map_err(wrong));
    let filled_in = Envelope {
        client_ip: client_ip.transpose()?,
        helo: given(&input.helo),
        mail_from: given(&input.mail_from).map(|sender| Path::parse(&sender)),
        ..Envelope::default()
    };
    message.envelope = received::envelope(&message, usize::from(input.traced), filled_in);
    Ok(message)
}

fn result(active: &Active, report: &Report, edits: &Edits, took: Duration) -> Markup {
    let brand = active.config.brand.name();
    html! {
        p.back { a href="/try" { "‹ Try another message" } }
        (decision::heading(report, brand))
        div.columns {
            div {
                (decision::explanation(report, brand))
                (seen(report))
                (decision::proofs(report))
            }
            aside.card aria-label="What would become of it" { (fate(active, report, edits, took)) }
        }
    }
}

/// The sender's own words that gave reasons. Of mail in transit they are not kept.
fn seen(report: &Report) -> Markup {
    let claims = report
        .claims
        .iter()
        .map(|claim| (claim.reason, &claim.seen));
    let body = report
        .content
        .iter()
        .map(|detail| (detail.reason, &detail.seen));
    let seen: Vec<_> = claims
        .chain(body)
        .filter(|(_, seen)| !seen.is_empty())
        .collect();
    html! {
        @if !seen.is_empty() {
            section.card {
                h2 { "Where it was seen" }
                ul.seen.wide {
                    @for (reason, text) in seen { li { span.kind { (reason.word()) } bdi { (printable(text)) } } }
                }
            }
        }
    }
}

fn fate(active: &Active, report: &Report, edits: &Edits, took: Duration) -> Markup {
    html! {
        dl {
            dt { "The policy's action" } dd { (report.decision.action.word())
                @if !report.decision.applied { " (not applied: the preset is \"monitor\")" } }
            @if let Some(reply) = report.reply(&active.config.replies) && report.decision.applied {
                dt { "Reply to the client" } dd.id { (reply.code) " " (reply.status) " " (reply.text) }
            }
            dt { "Judged in" } dd { (milliseconds(took)) " ms" }
        }
        @if !edits.insert.is_empty() {
            h2 { "Header fields that it would get" }
            pre tabindex="0" role="region" aria-label="Header fields" {
                @for (name, value) in &edits.insert { (name) ": " (fold(name, value, "\n")) "\n" }
            }
        }
        @if !edits.delete.is_empty() {
            h2 { "Header fields that it would lose" }
            ul { @for (name, _) in &edits.delete { li { (printable(name)) } } }
        }
    }
}
