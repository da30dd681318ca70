//! Milter callbacks to session events, and a report to milter replies.
//!
//! Beside [`crate::server`], which hands it the socket, this file is the only door to indymilter. Its
//! callbacks translate; what they say is decided elsewhere.

mod steps;

use crate::{
    config::{Inspect, OnInternalError},
    log,
    mail::message::Envelope,
    metrics::words::{Fault, Stage},
    report::{Edits, Reply, ReplyTexts, Report, Subject, header_text::fold},
    session::{Limits, Session},
    shared::{Active, Ongoing, Shared},
    verdict::policy::Action,
    verify::Begun,
};
use futures_util::FutureExt;
use indymilter::{
    Actions, CallbackFuture, Callbacks, Context, ContextActions, EomContext, MacroStage,
    NegotiateContext, ProtoOpts, SetErrorReply, SocketInfo, Status,
};
use std::{
    error::Error,
    ffi::{CStr, CString},
    net::IpAddr,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;

/// The data of one connection.
pub struct Connection {
    shared: Arc<Shared>,
    /// The configuration of the moment at which it was opened; kept to its end, so that a reload
    /// never changes the rules in the middle of a message.
    active: Arc<Active>,
    session: Session,
    progress: Progress,
    answered: Answered,
    started: Option<Instant>,
    /// From MAIL to the answer.
    ongoing: Option<Ongoing>,
    /// Whether it is the watchdog's own, whose message counts nowhere.
    probe: bool,
}

/// Which steps are answered before the end of a message. Each costs a turn of the conversation.
#[derive(Clone, Copy)]
struct Answered {
    header: bool,
    body: bool,
}

impl Answered {
    fn new(over_tcp: bool, inspect: Inspect) -> Self {
        Self {
            // Where every body is looked into, its beginning comes in any case. Over TCP each answer is
            // an acknowledgement as well, for which TCP holds the MTA's next write back.
            header: over_tcp || inspect != Inspect::All,
            // Elsewhere a body that comes is wanted to its end, but where fields are all that is edited.
            body: over_tcp || inspect == Inspect::All,
        }
    }
}

/// How far the message under way has come.
#[derive(Default)]
enum Progress {
    /// Its header is not over, or was not judged yet.
    #[default]
    Header,
    /// It says something about the brand; the proof is being looked up.
    Begun(Box<Begun>),
    /// Only header edits are left to be made.
    Concluded(Box<Report>),
}

/// The callbacks for [`indymilter::run`].
pub fn callbacks(shared: &Arc<Shared>) -> Callbacks<Connection> {
    let shared = Arc::clone(shared);
    Callbacks::new()
        .on_negotiate(move |cx, actions, opts| negotiate(&shared, cx, actions, opts))
        .on_connect(connect)
        .on_helo(|cx, name| {
            with(cx, |connection, _| {
                connection.session.helo(text(&name));
                Status::Noreply
            })
        })
        .on_mail(mail)
        .on_rcpt(|cx, arguments| {
            with(cx, |connection, _| {
                if let Some(path) = arguments.first() {
                    connection.session.recipient(&text(path));
                }
                Status::Noreply
            })
        })
        .on_header(|cx, name, value| {
            with(cx, |connection, _| {
                connection
                    .session
                    .header(name.into_bytes(), value.into_bytes());
                Status::Noreply
            })
        })
        // Over TCP only, see the negotiation.
        .on_data(|cx| with(cx, |_, _| Status::Continue))
        .on_eoh(|cx| Box::pin(steps::end_of_header(cx)))
        .on_body(|cx, chunk| Box::pin(steps::body(cx, chunk.into())))
        .on_eom(|cx| Box::pin(end_of_message(cx)))
        .on_abort(|cx| {
            with(cx, |connection, _| {
                connection.forget();
                Status::Continue
            })
        })
        .on_close(|cx| {
            cx.data = None;
            Box::pin(std::future::ready(Status::Continue))
        })
}

/// Runs a callback that needs no waiting.
fn with<'a>(
    cx: &'a mut Context<Connection>,
    work: impl FnOnce(&mut Connection, &indymilter::Macros) -> Status,
) -> CallbackFuture<'a> {
    let status = match &mut cx.data {
        Some(connection) => work(connection, &cx.macros),
        // Commands before the negotiation; the library lets none through.
        None => Status::Tempfail,
    };
    Box::pin(std::future::ready(status))
}

/// Text from the MTA; what is no UTF-8 is shown as such.
fn text(raw: &CStr) -> String {
    String::from_utf8_lossy(raw.to_bytes()).into_owned()
}

fn get_macro(macros: &indymilter::Macros, name: &CStr) -> Option<String> {
    macros.get(name).map(text).filter(|value| !value.is_empty())
}

fn negotiate<'a>(
    shared: &Arc<Shared>,
    cx: &'a mut NegotiateContext<Connection>,
    actions: Actions,
    opts: ProtoOpts,
) -> CallbackFuture<'a> {
    let active = shared.active.load_full();
    // Every callback that is not answered saves a turn of the conversation.
    let mut wanted = ProtoOpts::SKIP
        | ProtoOpts::LEADING_SPACE
        | ProtoOpts::NO_UNKNOWN
        | ProtoOpts::NOREPLY_CONNECT
        | ProtoOpts::NOREPLY_HELO
        | ProtoOpts::NOREPLY_RCPT
        | ProtoOpts::NOREPLY_HEADER;
    // Nothing is to be learnt at DATA, but Postfix sends its macros there in any case, and then the
    // header: two writes with no answer between, of which TCP holds the second back till the first
    // is acknowledged, 40 ms later (RFC 1122 section 4.2.3.4). The answers to MAIL and DATA are that
    // acknowledgement; a Unix socket needs none.
    if !shared.over_tcp {
        wanted |= ProtoOpts::NO_DATA | ProtoOpts::NOREPLY_MAIL;
    }
    let answered = Answered::new(shared.over_tcp, active.verifier.inspect);
    wanted.set(ProtoOpts::NOREPLY_EOH, !answered.header);
    wanted.set(ProtoOpts::NOREPLY_BODY, !answered.body);
    let mut needed_actions = Actions::ADD_HEADER | Actions::CHANGE_HEADER;
    if active.verifier.policy.may_quarantine() {
        needed_actions |= Actions::QUARANTINE;
    }
    // To ask for more than is offered ends the connection, ordinary mail's too.
    cx.requested_actions = needed_actions & actions;
    cx.requested_opts = wanted;
    for (stage, names) in [
        (MacroStage::Connect, c"j"),
        (MacroStage::Helo, c""),
        (MacroStage::Mail, c"{auth_authen}"),
        (MacroStage::Rcpt, c""),
        (MacroStage::Data, c""),
        (MacroStage::Eoh, c"i"),
        (MacroStage::Eom, c"i"),
    ] {
        cx.requested_macros.insert(stage, names.to_owned());
    }
    let missing = needed_actions & !actions;
    if !missing.is_empty() || !opts.contains(wanted) {
        tracing::warn!(
            ?missing,
            options = ?(wanted & !opts),
            "the MTA's milter protocol lacks what this filter needs; set milter_protocol = 6"
        );
        shared.metrics.protocol_error(Fault::Negotiation);
    }
    if missing.contains(Actions::QUARANTINE) {
        tracing::warn!(
            "the MTA can't put mail on hold, so that what [policy] quarantines is deferred; set other actions there"
        );
    }
    let limits = Limits::with_body(active.config.milter.max_message_size);
    cx.data = Some(Connection {
        shared: Arc::clone(shared),
        session: Session::new(limits, &shared.memory),
        active,
        progress: Progress::Header,
        answered,
        started: None,
        ongoing: None,
        probe: false,
    });
    Box::pin(std::future::ready(Status::Continue))
}

fn connect(cx: &mut Context<Connection>, name: CString, socket: SocketInfo) -> CallbackFuture<'_> {
    with(cx, |connection, macros| {
        let ip: Option<IpAddr> = match socket {
            SocketInfo::Inet(address) => Some(address.ip()),
            SocketInfo::Unix(_) | SocketInfo::Unknown => None,
        };
        connection.forget();
        connection.probe = name.as_bytes() == connection.shared.probe.as_bytes();
        connection.session.connect(text(&name), ip);
        let mta = get_macro(macros, c"j");
        connection
            .shared
            .say_who_we_are(&connection.active, mta.as_deref());
        connection.session.mta_name(mta);
        Status::Noreply
    })
}

fn mail(cx: &mut Context<Connection>, arguments: Vec<CString>) -> CallbackFuture<'_> {
    with(cx, |connection, macros| {
        connection.forget();
        connection.started = Some(Instant::now());
        connection.ongoing = Some(connection.shared.under_way.begin());
        let path = arguments.first().map(|path| text(path)).unwrap_or_default();
        let user = get_macro(macros, c"{auth_authen}");
        connection.session.mail(&path, user);
        if !connection.shared.over_tcp {
            return Status::Noreply;
        }
        // Whom the operator trusts is done with before its header is sent.
        if connection
            .active
            .verifier
            .exempts(connection.session.message())
        {
            return connection.try_judge_header();
        }
        Status::Continue
    })
}

async fn end_of_message(cx: &mut EomContext<Connection>) -> Status {
    let Some(connection) = &mut cx.data else {
        return Status::Tempfail;
    };
    let ended = Instant::now();
    connection.session.queue_id(get_macro(&cx.macros, c"i"));
    let progress = std::mem::take(&mut connection.progress);
    let shared = Arc::clone(&connection.shared);
    let message = connection.session.take_message();
    let active = Arc::clone(&connection.active);
    let verifier = &active.verifier;
    let judged = async {
        let report = match progress {
            Progress::Concluded(report) => *report,
            Progress::Begun(begun) => {
                steps::report(&shared, verifier, Some(*begun), &message).await
            }
            Progress::Header => steps::report(&shared, verifier, None, &message).await,
        };
        let edits = report.edits(&message, &verifier.headers);
        (report, edits)
    };
    // A panic in one message ends there.
    let Ok((report, edits)) = AssertUnwindSafe(judged).catch_unwind().await else {
        return connection.failed(message.envelope.queue_id);
    };
    let record = AssertUnwindSafe(|| connection.record(&report, &message.envelope));
    if std::panic::catch_unwind(record).is_err() {
        return connection.failed(message.envelope.queue_id);
    }
    drop(message);
    if !connection.probe {
        let metrics = &connection.shared.metrics;
        metrics.timed(Stage::EndOfMessage, ended.elapsed());
    }
    connection.forget();
    match apply(cx, &report, &edits, &active.config.replies).await {
        Ok(status) => status,
        Err(error) => {
            tracing::warn!(%error, "the MTA didn't take an edit");
            if let Some(connection) = &cx.data {
                connection.shared.metrics.protocol_error(Fault::Reply);
            }
            // A message that is edited by half must not be delivered.
            Status::Tempfail
        }
    }
}

/// Makes the edits and gives the reply that a report asks for.
async fn apply(
    cx: &mut EomContext<Connection>,
    report: &Report,
    edits: &Edits,
    replies: &ReplyTexts,
) -> Result<Status, Box<dyn Error + Send + Sync>> {
    if !report.decision.applied {
        return Ok(Status::Accept);
    }
    if let Some(Reply { code, status, text }) = report.reply(replies) {
        cx.reply.set_error_reply(code, Some(status), [text])?;
    }
    match report.decision.action {
        Action::Reject => return Ok(Status::Reject),
        Action::Defer => return Ok(Status::Tempfail),
        Action::Discard => return Ok(Status::Discard),
        Action::Accept | Action::Tag | Action::Quarantine => {}
    }
    if edits.hides_forgeries {
        tracing::warn!(
            "a message was put off: among more header fields than are kept are some that forge ours"
        );
        return Ok(Status::Tempfail);
    }
    for (name, index) in &edits.delete {
        let index = i32::try_from(*index)?;
        cx.actions
            .change_header(&**name, index, None::<CString>)
            .await?;
    }
    match &edits.subject {
        Some(Subject::Replace(value)) => {
            let value = CString::new(with_lf(value))?;
            cx.actions.change_header("Subject", 1, Some(value)).await?;
        }
        Some(Subject::Add(value)) => {
            let value = CString::new([b" ", &**value].concat())?;
            cx.actions.add_header("Subject", value).await?;
        }
        None => {}
    }
    // Each goes to the very top, so the topmost comes last. With leading spaces negotiated, the
    // value brings its own.
    for (name, value) in edits.insert.iter().rev() {
        let value = format!(" {}", fold(name, value, "\n"));
        cx.actions.insert_header(0, *name, value).await?;
    }
    if report.decision.action == Action::Quarantine {
        let reason = format!("{}: {}", report.verdict, report.reason_words());
        cx.actions.quarantine(reason).await?;
    }
    Ok(Status::Accept)
}

/// Line ends as the milter protocol has them in values. NUL can't be written there.
fn with_lf(value: &[u8]) -> Vec<u8> {
    value
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, b'\r' | 0))
        .collect()
}

impl Connection {
    /// [`Self::judge_header`], guarded.
    fn try_judge_header(&mut self) -> Status {
        self.guarded(Self::judge_header)
    }

    /// A panic in `work` ends with this message, not with the connection.
    fn guarded(&mut self, work: impl FnOnce(&mut Self) -> Status) -> Status {
        let done = std::panic::catch_unwind(AssertUnwindSafe(|| work(self)));
        done.unwrap_or_else(|_| {
            let queue_id = self.session.message().envelope.queue_id.clone();
            self.failed(queue_id)
        })
    }

    /// Judges what can be judged by the header alone.
    fn judge_header(&mut self) -> Status {
        let verifier = &self.active.verifier;
        let message = self.session.message();
        let begun = verifier.begin(message);
        if verifier.needs_body(&begun) {
            self.progress = Progress::Begun(Box::new(begun));
            self.want(0);
            return Status::Continue;
        }
        self.conclude(begun)
    }

    /// Tells the session what of the body is of use, of which `incoming` more octets are there.
    fn want(&mut self, incoming: usize) {
        if let Progress::Begun(begun) = &mut self.progress {
            let verifier = &self.active.verifier;
            let wanted = verifier.wanted(begun, self.session.message(), incoming);
            self.session.want(wanted);
        }
    }

    /// Answers for a message of which no more is needed.
    fn conclude(&mut self, begun: Begun) -> Status {
        let verifier = &self.active.verifier;
        let message = self.session.message();
        let report = verifier.conclude(begun, message);
        // Postfix takes edits at the end of the message only.
        if !report.edits(message, &verifier.headers).is_empty() {
            self.progress = Progress::Concluded(Box::new(report));
            return Status::Continue;
        }
        let envelope = message.envelope.clone();
        self.record(&report, &envelope);
        self.forget();
        Status::Accept
    }

    /// Takes a part of the body, and judges what can be judged by its beginning.
    fn body(&mut self, chunk: Vec<u8>) -> Status {
        if matches!(self.progress, Progress::Header) {
            match self.judge_header() {
                Status::Continue => {}
                status => return status,
            }
        }
        self.want(chunk.len());
        let concluded = matches!(self.progress, Progress::Concluded(_));
        let wanted = !concluded && self.session.body(chunk);
        match (self.answered.body, wanted) {
            (false, _) => Status::Noreply,
            (true, false) => Status::Skip,
            (true, true) => self.judge_beginning(),
        }
    }

    /// Judges what can be judged by the beginning of the body.
    fn judge_beginning(&mut self) -> Status {
        let Progress::Begun(begun) = &mut self.progress else {
            return Status::Continue;
        };
        let verifier = &self.active.verifier;
        if !verifier.settles(begun, self.session.message()) {
            return Status::Continue;
        }
        match std::mem::take(&mut self.progress) {
            Progress::Begun(begun) => match self.conclude(*begun) {
                // The edits are made at the end, which comes without the rest.
                Status::Continue => Status::Skip,
                status => status,
            },
            _ => Status::Continue,
        }
    }

    /// Tells log, metrics and history of a report.
    fn record(&self, report: &Report, envelope: &Envelope) {
        if self.probe {
            return;
        }
        let duration = self
            .started
            .map_or(Duration::ZERO, |started| started.elapsed());
        self.shared.metrics.observe(report);
        self.shared.metrics.timed(Stage::Message, duration);
        log::message(report, envelope, duration);
        let http = self.active.config.http.as_ref();
        let decided = self.shared.history.record(
            self.shared.clock.now(),
            report,
            envelope,
            duration,
            http.is_some_and(|http| http.show_addresses),
        );
        if let Some(fleet) = &self.shared.fleet {
            fleet.offer(decided);
        }
    }

    /// Drops what is known of a message. Lookups under way end.
    fn forget(&mut self) {
        self.session.reset();
        self.progress = Progress::Header;
        self.started = None;
        self.ongoing = None;
    }

    /// What becomes of a message on which this program fails.
    fn failed(&mut self, queue_id: Option<String>) -> Status {
        tracing::error!(
            queue_id = queue_id.as_deref().unwrap_or("-"),
            "judging a message failed; please report this with the message"
        );
        self.shared.metrics.protocol_error(Fault::Internal);
        self.forget();
        match self.active.config.milter.on_internal_error {
            OnInternalError::Accept => Status::Accept,
            OnInternalError::Defer => Status::Tempfail,
        }
    }
}
