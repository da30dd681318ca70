//! The program's log as values: what it says of each message, and what it must not say.

use crate::trace::Trace;
use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// What the log says of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) verdict: String,
    pub(crate) action: String,
    pub(crate) applied: bool,
    pub(crate) lookups: u64,
    pub(crate) reasons: String,
}

/// All of it; clones hear the same.
#[derive(Clone)]
pub(crate) struct Log {
    of_messages: Arc<Mutex<HashMap<String, Vec<Said>>>>,
    /// By verdict and action.
    counted: Arc<Mutex<HashMap<(String, String), u64>>>,
    /// Messages under way were not waited for any longer.
    cut_off: Arc<AtomicBool>,
    trace: Trace,
}

impl Log {
    pub(crate) fn new(trace: Trace) -> Self {
        Self {
            of_messages: Arc::default(),
            counted: Arc::default(),
            cut_off: Arc::default(),
            trace,
        }
    }

    /// What was said of a message, once it is over.
    pub(crate) fn take(&self, queue_id: &str) -> Vec<Said> {
        let mut said = self.of_messages.lock().expect("the log");
        said.remove(queue_id).unwrap_or_default()
    }

    /// Whether the program ended before messages did.
    pub(crate) fn says_cut_off(&self) -> bool {
        self.cut_off.load(Ordering::Relaxed)
    }

    /// Of how many messages it was said that they have this verdict and action.
    pub(crate) fn counted(&self) -> HashMap<(String, String), u64> {
        self.counted.lock().expect("the log").clone()
    }
}

#[derive(Default)]
struct Fields(HashMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::DEBUG && metadata.target().starts_with("amazon_spoof_milter")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let Fields(mut fields) = fields;
        let message = fields.remove("message").unwrap_or_default();
        let level = *event.metadata().level();
        if message == "message" {
            let mut take = |name: &str| fields.remove(name).unwrap_or_default();
            let queue_id = take("queue_id");
            let said = Said {
                verdict: take("verdict"),
                action: take("action"),
                applied: take("applied") == "true",
                lookups: take("dns_lookups").parse().expect("a number"),
                reasons: take("reasons"),
            };
            self.trace.say(&format!(
                "log {queue_id} {said:?} in {} ms",
                take("milliseconds")
            ));
            let key = (said.verdict.clone(), said.action.clone());
            *self
                .counted
                .lock()
                .expect("the log")
                .entry(key)
                .or_default() += 1;
            let mut of_messages = self.of_messages.lock().expect("the log");
            of_messages.entry(queue_id).or_default().push(said);
            return;
        }
        self.trace.say(&format!("log {level} {message}"));
        if message.starts_with("some messages did not end in time") {
            self.cut_off.store(true, Ordering::Relaxed);
        }
        // A configuration that can't be read is told so, and nothing else here is an error.
        let expected = message.starts_with("the new configuration is wrong")
            || message.starts_with("the old configuration stays");
        if level == Level::ERROR && !expected {
            let mut fields: Vec<_> = fields.into_iter().collect();
            fields.sort();
            self.trace
                .wrong(&format!("the log has an error: {message} {fields:?}"));
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
