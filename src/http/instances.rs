//! What the page shows: what this process remembers, and beside it what the other instances wrote into the store
//! that they share.

use super::{
    HttpState, chart,
    text::{grouped, plural, span, timestamp},
    words,
};
use crate::{
    fleet::{Instance, State, View},
    history::{Decided, Lately, Messages},
    shared::Active,
};
use maud::{Markup, html};
use std::{
    cmp::Reverse,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// An instance that said nothing for so long is gone, or can't write.
const SILENT: Duration = Duration::from_secs(60);

/// All that is known at one moment.
pub(super) struct Sight {
    /// Decisions about mail that presents itself as the brand, newest first.
    pub(super) latest: Vec<Arc<Decided>>,
    /// Decisions about other mail, newest first.
    pub(super) others: Vec<Arc<Decided>>,
    /// What was counted: messages by all instances, the rest by this one.
    pub(super) lately: Lately,
    /// What this instance itself counted.
    own_day: Vec<Messages>,
    /// For how long anything was counted.
    pub(super) up: Duration,
    /// What the others wrote, where there is a store.
    pub(super) view: Option<Arc<View>>,
}

/// Looks at this process, and into the store for half a second or so.
pub(super) async fn look(state: &HttpState, active: &Active, now: SystemTime) -> Sight {
    let history = &state.shared.history;
    let view = match &state.shared.fleet {
        Some(fleet) => Some(fleet.view(shows_addresses(active)).await),
        None => None,
    };
    let lately = history.lately(now);
    let mut sight = Sight {
        latest: history.latest(),
        others: history.others(),
        own_day: lately.day.clone(),
        lately,
        up: now.duration_since(history.started).unwrap_or_default(),
        view,
    };
    if let Some(view) = sight.view.clone() {
        sight.add(&view, now);
    }
    sight
}

fn shows_addresses(active: &Active) -> bool {
    let http = active.config.http.as_ref();
    http.is_some_and(|http| http.show_addresses)
}

impl Sight {
    /// Whether other instances may be among what is seen.
    pub(super) fn is_shared(&self) -> bool {
        self.view.is_some()
    }

    /// Both kinds, newest first.
    pub(super) fn all(&self) -> Vec<Arc<Decided>> {
        let mut all = [&self.latest[..], &self.others].concat();
        newest_first(&mut all);
        all
    }

    fn add(&mut self, view: &View, now: SystemTime) {
        self.latest.extend(view.latest.iter().cloned());
        newest_first(&mut self.latest);
        self.others.extend(view.others.iter().cloned());
        newest_first(&mut self.others);
        for instance in &view.instances {
            for (minute, more) in self.lately.day.iter_mut().zip(&instance.day) {
                minute.add(more);
            }
            if let Some(first) = instance.day.iter().position(|minute| minute.all() > 0) {
                let ago = instance.day.len() - first;
                self.up = self.up.max(Duration::from_secs(60 * ago as u64));
            }
        }
        self.up = self
            .up
            .min(now.duration_since(UNIX_EPOCH).unwrap_or_default());
    }
}

fn newest_first(decisions: &mut [Arc<Decided>]) {
    // Of one process the number is exact, whatever the clock did.
    match decisions.iter().all(|decided| decided.elsewhere.is_none()) {
        true => decisions.sort_by_key(|decided| Reverse(decided.number)),
        false => decisions.sort_by_key(|decided| Reverse(decided.at)),
    }
}

/// A decision of another instance, by its name and what the decision is called there.
pub(super) async fn decision(state: &HttpState, instance: &str, id: &str) -> Option<Arc<Decided>> {
    let active = state.shared.active.load_full();
    let fleet = state.shared.fleet.as_ref()?;
    let view = fleet.view(shows_addresses(&active)).await;
    let mut all = view.latest.iter().chain(&view.others);
    let is_it = |decided: &&Arc<Decided>| {
        let elsewhere = decided.elsewhere.as_ref();
        elsewhere.is_some_and(|elsewhere| *elsewhere.instance == *instance && elsewhere.id == id)
    };
    all.find(is_it).cloned()
}

/// Where the page of a decision is.
pub(super) fn address(decided: &Decided) -> String {
    match &decided.elsewhere {
        Some(elsewhere) => format!("/decisions/{}/{}", elsewhere.instance, elsewhere.id),
        None => format!("/decisions/{}", decided.number),
    }
}

/// One line of the table of instances.
struct Row {
    name: String,
    is_here: bool,
    state: Option<State>,
    seen: Option<SystemTime>,
    day: Vec<Messages>,
    unreadable: bool,
}

/// The instances, what each runs, and how much it counted.
pub(super) fn section(
    state: &HttpState,
    active: &Active,
    sight: &Sight,
    now: SystemTime,
) -> Markup {
    let (Some(view), Some(fleet)) = (&sight.view, &state.shared.fleet) else {
        return html! {};
    };
    let rows = rows(state, active, sight, &fleet.instance);
    let own = rows
        .iter()
        .find(|row| row.is_here)
        .and_then(|row| row.state.clone());
    let own = own.unwrap_or_default();
    html! {
        section.card #instances data-live aria-labelledby="instances-title" {
            div.heading {
                h2 #instances-title { "Instances" }
                p.muted { (plural(rows.len() as u64, "instance")) " in the shared history" }
            }
            @if let Some(fault) = &view.fault {
                p.trouble role="status" { "The shared history can't be read now: " (fault) ". What is shown of other instances may be old." }
            }
            table {
                caption.hidden { "Which instances there are, and what they run" }
                thead { tr {
                    th scope="col" { "Instance" } th scope="col" { "Last word" } th scope="col" { "Version" }
                    th scope="col" { "Configuration" } th scope="col" { "Domain list" } th scope="col" { "Up" }
                    th.number scope="col" { "Mail in 1 h" } th.number scope="col" { "Spoofs in 1 h" }
                } }
                tbody { @for row in &rows { (line(row, &own, now)) } }
            }
            @if view.more > 0 { p.muted { "and " (plural(view.more as u64, "more")) " that are not shown" } }
        }
    }
}

fn rows(state: &HttpState, active: &Active, sight: &Sight, own_name: &str) -> Vec<Row> {
    let history = &state.shared.history;
    let started = history
        .started
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let view = sight.view.clone().unwrap_or_default();
    let earlier = view
        .instances
        .iter()
        .find(|instance| *instance.name == *own_name);
    let mut day = sight.own_day.clone();
    for (minute, more) in day
        .iter_mut()
        .zip(earlier.map_or(&[][..], |instance| &instance.day))
    {
        minute.add(more);
    }
    let here = Row {
        name: own_name.to_owned(),
        is_here: true,
        state: Some(State {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            configuration: active.config.fingerprint,
            list: active.config.list,
            started: started.as_secs(),
            dns_dead: state.is_dns_dead(),
        }),
        seen: None,
        day,
        unreadable: earlier.is_some_and(|instance| instance.unreadable),
    };
    let there = |instance: &Instance| Row {
        name: instance.name.to_string(),
        is_here: false,
        state: instance.state.clone(),
        seen: instance.seen,
        day: instance.day.clone(),
        unreadable: instance.unreadable,
    };
    let others = view
        .instances
        .iter()
        .filter(|instance| *instance.name != *own_name);
    std::iter::once(here).chain(others.map(there)).collect()
}

fn line(row: &Row, own: &State, now: SystemTime) -> Markup {
    let hour = chart::sum(
        row.day
            .get(row.day.len().saturating_sub(60)..)
            .unwrap_or_default(),
    );
    let ago = row
        .seen
        .map(|seen| now.duration_since(seen).unwrap_or_default());
    let is_silent = !row.is_here && ago.is_none_or(|ago| ago > SILENT);
    let state = row.state.as_ref();
    html! {
        tr.silent[is_silent] {
            th scope="row" data-label="Instance" {
                (row.name)
                @if row.is_here { " " span.tag { "this one" } }
                @if state.is_some_and(|state| state.dns_dead) { " " span.tag.differs { "DNS is dead" } }
                @if row.unreadable { " " span.tag.differs { "partly unreadable" } }
            }
            td data-label="Last word" {
                @match (ago, row.seen) {
                    (Some(ago), Some(at)) if is_silent => time datetime=(timestamp(at)) { (span(ago)) " ago" },
                    _ if is_silent => "never",
                    _ => "now",
                }
            }
            @match state {
                Some(state) => (what_it_runs(state, own, now, is_silent)),
                None => {
                    td data-label="Version" { "–" } td data-label="Configuration" { "–" }
                    td data-label="Domain list" { "–" } td data-label="Up" { "–" }
                }
            }
            td.number data-label="Mail in 1 h" { (grouped(hour.all().into())) }
            td.number data-label="Spoofs in 1 h" { (grouped(chart::count(&hour, &words::SPOOFS).into())) }
        }
    }
}

fn what_it_runs(state: &State, own: &State, now: SystemTime, is_silent: bool) -> Markup {
    let version = state.version.split('+').next().unwrap_or_default();
    let started = UNIX_EPOCH.checked_add(Duration::from_secs(state.started));
    let up = started.and_then(|started| now.duration_since(started).ok());
    html! {
        // The revision is told by others only.
        td data-label="Version" { (compared(version, own.version == version)) }
        td.id data-label="Configuration" {
            (compared(&state.configuration.to_string(), own.configuration == state.configuration))
        }
        td.id data-label="Domain list" { (compared(&state.list.to_string(), own.list == state.list)) }
        td data-label="Up" { @match up { Some(up) if !is_silent => (span(up)), _ => "–" } }
    }
}

/// A value that is marked where it is another one than here.
fn compared(value: &str, is_same: bool) -> Markup {
    html! { span { (value) @if !is_same { " " span.tag.differs { "differs" } } } }
}
