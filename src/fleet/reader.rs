//! Reads what the other instances wrote, for the page: when somebody looks, and no more often than every two
//! seconds. What was read before is kept, so that only what is new is asked for.

use super::{
    Settings, State,
    entry::{self, Entry, Id},
    pulse::{self, Pulse},
    question::Question,
    transport::{Connection, PATIENCE, TOO_LONG, fault},
};
use crate::{
    config::history::is_plain_name,
    history::{Decided, Messages, Minutes},
};
use redis::{Pipeline, Value};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

/// What was read stays good for so long.
const FRESH: Duration = Duration::from_secs(2);

/// How long all of it may take; what is missing then comes the next time.
const WHOLE: Duration = Duration::from_millis(1_500);

/// The fault of a look that took too long; the next one goes on where it ended.
const SLOW: &str = "it is slow: not all of it was read yet";

/// Instances that are shown.
const MAX_INSTANCES: usize = 64;

/// Entries in one reply. Ours are of some hundred octets, and the largest of some thousand.
const PAGE: usize = 100;
const PULSE_PAGE: usize = 1_000;

/// Replies for one stream and look.
const MAX_PAGES: usize = 10;

/// Octets that the decisions of all instances together may take here.
const MAX_TEXT_OCTETS: usize = 32 << 20;

/// Octets that a decision takes beside its texts.
const BESIDE_TEXT: usize = 600;

/// Decisions of all other instances together that are shown, of each kind.
const MAX_SHOWN: usize = 10_000;

/// Minutes of a day.
const DAY: usize = 24 * 60;

/// What the other instances did.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Decisions about messages that present themselves as the brand, newest first.
    pub latest: Vec<Arc<Decided>>,
    /// Those about other messages, newest first.
    pub others: Vec<Arc<Decided>>,
    /// The instances by name, this one as the store knows it included.
    pub instances: Vec<Instance>,
    /// How many more there are than are shown.
    pub more: usize,
    /// Why the store could not be read, or not whole.
    pub fault: Option<String>,
}

/// One instance.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Its name.
    pub name: Arc<str>,
    /// What it runs, where it said so.
    pub state: Option<State>,
    /// When it last wrote what it runs, by the store's clock.
    pub seen: Option<SystemTime>,
    /// What it counted in the last day, minute by minute, the oldest first; this process' own counts left out.
    pub day: Vec<Messages>,
    /// Something that it wrote can't be read.
    pub unreadable: bool,
}

pub(super) struct Reader {
    settings: Arc<Settings>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    connection: Option<Connection>,
    instances: BTreeMap<Arc<str>, Kept>,
    /// Whether names and addresses were kept.
    addresses: bool,
    looks: usize,
    until: Option<Instant>,
    view: Arc<View>,
}

/// What is kept of an instance.
struct Kept {
    name: Arc<str>,
    streams: [Stream; 2],
    pulse: Option<Id>,
    /// What of an earlier time is still to be read: before which entry, and in how many replies at most.
    backlog: Option<(Id, usize)>,
    minutes: Minutes<Messages>,
    state: Option<State>,
    unreadable: bool,
}

#[derive(Default)]
struct Stream {
    last: Option<Id>,
    /// Newest first.
    decided: VecDeque<Arc<Decided>>,
}

const STREAMS: [&str; 2] = ["decisions", "others"];

impl Kept {
    fn new(name: &Arc<str>) -> Self {
        Self {
            name: Arc::clone(name),
            streams: Default::default(),
            pulse: None,
            backlog: None,
            minutes: Minutes::new(DAY),
            state: None,
            unreadable: false,
        }
    }

    fn count(&mut self, pulses: &[Pulse]) {
        for pulse in pulses.iter().filter(|pulse| is_recent(pulse.at)) {
            if let Some(minute) = self.minutes.at(pulse.at) {
                minute.add(&pulse.messages);
            }
        }
    }

    /// Drops the oldest decisions of each stream that don't fit into so many octets.
    fn keep_within(&mut self, octets: usize) {
        for stream in &mut self.streams {
            let mut left = octets;
            let fits = stream.decided.iter().take_while(|decided| {
                let whole = left.checked_sub(octets_of(decided));
                left = whole.unwrap_or_default();
                whole.is_some()
            });
            let count = fits.count();
            stream.decided.truncate(count);
        }
    }
}

/// About as much as a decision takes.
fn octets_of(decided: &Decided) -> usize {
    let report = &decided.report;
    let texts = report.author_names.iter().chain(&report.author_addresses);
    let texts = texts
        .chain([&report.explanation, &report.advice])
        .chain(&decided.mail_from);
    let proofs = decided
        .elsewhere
        .as_ref()
        .map_or(0, |elsewhere| elsewhere.proofs.len());
    BESIDE_TEXT + texts.map(String::len).sum::<usize>() + 300 * proofs
}

impl Reader {
    pub(super) fn new(settings: Arc<Settings>) -> Self {
        Self {
            settings,
            known: Mutex::default(),
        }
    }

    pub(super) async fn view(&self, addresses: bool) -> Arc<View> {
        let mut known = self.known.lock().await;
        if known.addresses != addresses {
            known.instances.clear();
            known.addresses = addresses;
            known.until = None;
        }
        if known.until.is_some_and(|until| Instant::now() < until) {
            return Arc::clone(&known.view);
        }
        let read = timeout(WHOLE, self.look(&mut known)).await;
        let (more, fault) = match read {
            Ok(Ok(more)) => (more, None),
            Ok(Err(fault)) => (0, Some(fault)),
            Err(_) => (0, Some(SLOW.to_owned())),
        };
        if fault.as_deref().is_some_and(|fault| fault != SLOW) {
            known.connection = None;
        }
        known.view = Arc::new(known.sight(more, fault));
        known.until = Some(Instant::now() + FRESH);
        Arc::clone(&known.view)
    }

    /// Reads what is new; returns how many instances are beyond those that are shown.
    async fn look(&self, known: &mut Known) -> Result<usize, String> {
        let mut connection = match known.connection.take() {
            Some(connection) => connection,
            None => Connection::open(&self.settings.store).await?,
        };
        let names = self.names(&mut connection).await?;
        let more = names.len().saturating_sub(MAX_INSTANCES);
        let mut instances: Vec<_> = names.into_iter().take(MAX_INSTANCES).collect();
        known.instances.retain(|name, _| instances.contains(name));
        // Each look begins with another one, so that a slow store doesn't hide the same ones always.
        known.looks = known.looks.wrapping_add(1);
        let start = known.looks.checked_rem(instances.len()).unwrap_or_default();
        instances.rotate_left(start);
        let room = MAX_TEXT_OCTETS / (STREAMS.len() * instances.len().max(1));
        let look = Look {
            addresses: known.addresses,
            until: Instant::now() + WHOLE - PATIENCE,
        };
        let mut is_whole = true;
        for name in &instances {
            if Instant::now() >= look.until {
                is_whole = false;
                break;
            }
            let kept = known
                .instances
                .entry(Arc::clone(name))
                .or_insert_with(|| Kept::new(name));
            match self.instance(&mut connection, kept, look).await {
                Ok(()) => kept.keep_within(room),
                Err(error) if error == TOO_LONG => {
                    // The connection has a half reply on it.
                    kept.unreadable = true;
                    connection = Connection::open(&self.settings.store).await?;
                }
                Err(error) => return Err(error),
            }
            is_whole &= kept.backlog.is_none();
        }
        known.connection = Some(connection);
        match is_whole {
            true => Ok(more),
            false => Err(SLOW.to_owned()),
        }
    }

    /// The names in the index, the last to say something first.
    async fn names(&self, connection: &mut Connection) -> Result<Vec<Arc<str>>, String> {
        let mut commands = Pipeline::new();
        commands
            .cmd("ZREVRANGE")
            .arg(self.settings.index())
            .arg(0)
            .arg(255)
            .ignore_errors();
        let mut replies = connection.ask(&commands).await?;
        let Some(reply) = replies.pop() else {
            return Err("it gave no answer".into());
        };
        let reply = reply.map_err(|error| format!("its index of instances: {}", fault(&error)))?;
        let Value::Array(names) = reply else {
            return Ok(Vec::new());
        };
        let name = |value: &Value| match value {
            Value::BulkString(octets) => {
                let text = std::str::from_utf8(octets).ok()?;
                is_plain_name(text).then(|| Arc::from(text))
            }
            _ => None,
        };
        Ok(names.iter().filter_map(name).collect())
    }

    async fn instance(
        &self,
        connection: &mut Connection,
        kept: &mut Kept,
        look: Look,
    ) -> Result<(), String> {
        kept.unreadable = false;
        for (at, stream) in STREAMS.into_iter().enumerate() {
            let last = kept.streams.get(at).and_then(|stream| stream.last);
            let entries = self.settings.entries;
            let name = Arc::clone(&kept.name);
            let run = &self.settings.run;
            let mut fresh = Vec::new();
            let question = Question {
                key: self.settings.key(&kept.name, stream),
                page: PAGE,
                most: entries.div_ceil(PAGE),
                after: last,
                before: None,
            };
            let read = question
                .put(connection, look.until, |entry| {
                    fresh.extend(entry::decided(entry, &name, run, look.addresses).map(Arc::new));
                })
                .await?;
            let Some(stream) = kept.streams.get_mut(at) else {
                continue;
            };
            kept.unreadable |= !read.is_readable;
            stream.last = read.newest.or(stream.last);
            for decided in fresh.into_iter().rev() {
                stream.decided.push_front(decided);
            }
            stream.decided.truncate(entries);
        }
        self.pulse(connection, kept, look.until).await?;
        self.backlog(connection, kept, look.until).await
    }

    /// What came since the last look.
    async fn pulse(
        &self,
        connection: &mut Connection,
        kept: &mut Kept,
        until: Instant,
    ) -> Result<(), String> {
        let question = Question {
            key: self.settings.key(&kept.name, "pulse"),
            page: PULSE_PAGE,
            most: MAX_PAGES,
            after: kept.pulse,
            before: None,
        };
        let mut newest = None;
        let mut fresh = Vec::new();
        let read = question
            .put(connection, until, |entry| {
                newest.get_or_insert_with(|| pulse::state(entry));
                fresh.extend(self.counted(entry));
            })
            .await?;
        // After the last wait: what is counted has to be known as read, or it would count twice.
        kept.count(&fresh);
        kept.unreadable |= !read.is_readable;
        if kept.pulse.is_none() {
            kept.backlog = read.left;
        }
        kept.pulse = read.newest.or(kept.pulse);
        kept.state = newest.or_else(|| kept.state.take());
        Ok(())
    }

    /// What the first look at an instance had no time for.
    async fn backlog(
        &self,
        connection: &mut Connection,
        kept: &mut Kept,
        until: Instant,
    ) -> Result<(), String> {
        let Some((before, most)) = kept.backlog else {
            return Ok(());
        };
        if Instant::now() >= until {
            return Ok(());
        }
        let question = Question {
            key: self.settings.key(&kept.name, "pulse"),
            page: PULSE_PAGE,
            most,
            after: None,
            before: Some(before),
        };
        let mut fresh = Vec::new();
        let read = question
            .put(connection, until, |entry| fresh.extend(self.counted(entry)))
            .await?;
        kept.count(&fresh);
        kept.backlog = read.left;
        Ok(())
    }

    /// What another process counted; what this very one did is known better here.
    fn counted(&self, entry: &Entry<'_>) -> Option<Pulse> {
        (entry.word("run") != Some(&self.settings.run)).then(|| pulse::counted(entry))
    }
}

/// Whether a time lies in the last day: an older one would take the place of a younger minute.
fn is_recent(at: SystemTime) -> bool {
    let ago = SystemTime::now().duration_since(at).unwrap_or_default();
    ago < Duration::from_secs(60 * (DAY as u64 - 1))
}

/// One look: what is kept, and till when replies are asked for.
#[derive(Clone, Copy)]
struct Look {
    addresses: bool,
    until: Instant,
}

impl Known {
    fn sight(&self, more: usize, fault: Option<String>) -> View {
        let now = SystemTime::now();
        let instance = |kept: &Kept| Instance {
            name: Arc::clone(&kept.name),
            state: kept.state.clone(),
            seen: kept.pulse.map(|id| {
                let seen = UNIX_EPOCH.checked_add(Duration::from_millis(id.millis));
                seen.unwrap_or(now).min(now)
            }),
            day: kept.minutes.last(now, DAY as u64),
            unreadable: kept.unreadable,
        };
        let all = |at: usize| {
            let streams = self
                .instances
                .values()
                .filter_map(|kept| kept.streams.get(at));
            let mut all: Vec<_> = streams
                .flat_map(|stream| stream.decided.iter().cloned())
                .collect();
            all.sort_by_key(|decided| std::cmp::Reverse(decided.at));
            all.truncate(MAX_SHOWN);
            all
        };
        View {
            latest: all(0),
            others: all(1),
            instances: self.instances.values().map(instance).collect(),
            more,
            fault,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(text: usize) -> Arc<Decided> {
        let reply = |text: &str| Value::BulkString(text.as_bytes().to_vec());
        let words = ["verdict", "forged", "action", "tag", "explanation"];
        let mut words: Vec<_> = words.into_iter().map(reply).collect();
        words.push(reply(&"x".repeat(text)));
        let all = Value::Array(vec![Value::Array(vec![reply("7-1"), Value::Array(words)])]);
        let entries = Entry::of_reply(&all);
        let decided = entry::decided(&entries[0], &Arc::from("mx2"), "own", false);
        Arc::new(decided.unwrap())
    }

    #[test]
    fn the_oldest_go_where_texts_are_long() {
        let mut kept = Kept::new(&Arc::from("mx2"));
        let newest = decided(10);
        kept.streams[0].decided = [vec![Arc::clone(&newest)], vec![decided(1_000); 99]]
            .concat()
            .into();
        kept.streams[1].decided = vec![decided(10); 50].into();
        kept.keep_within(10_000);
        assert_eq!(
            kept.streams[0].decided.len(),
            6,
            "610 octets, and five times 1,600"
        );
        assert!(Arc::ptr_eq(&kept.streams[0].decided[0], &newest));
        assert_eq!(kept.streams[1].decided.len(), 16);
    }

    #[test]
    fn what_lies_a_day_ago_takes_nobodys_place() {
        let mut kept = Kept::new(&Arc::from("mx2"));
        let mut messages = Messages::default();
        messages.count_many(crate::verdict::Verdict::Forged, 3);
        let now = SystemTime::now();
        for at in [now, now - Duration::from_secs(24 * 60 * 60), UNIX_EPOCH] {
            let messages = messages.clone();
            kept.count(&[Pulse { at, messages }]);
        }
        let day = kept.minutes.last(now, 1_440);
        let all: u32 = day.iter().map(Messages::all).sum();
        assert_eq!((all, day[1_439].all()), (3, 3));
    }
}
