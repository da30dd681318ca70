//! What is counted, and what a report adds to it.
//!
//! This module is the only door to the prometheus crate. `table.rs` says what there is, `words.rs`
//! which words labels take: nothing that a sender chooses can make a series.

mod children;
pub mod reference;
mod series;
pub mod table;
pub mod words;

use crate::{
    attachments,
    brand::Brand,
    dns::{self, Outcome, QueryType},
    mail::{file::FileKind, message::Limit},
    proof::AuthResult,
    reason::Reason,
    report::Report,
    verdict::{Verdict, policy::Action},
};
use prometheus::{
    Counter, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts,
    Registry, TextEncoder, core::Collector, process_collector::ProcessCollector,
};
use series::{Counters, Histograms, Pairs};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use table::{Family, Kind, NAMESPACE};
use words::{ConnectionLimit, Fault, FileOutcome, HistoryWrite, Method, Reload, Stage};

/// Every counter of the program. Counting takes no lock, so that a scrape holds up no message.
pub struct Metrics {
    registry: Registry,
    messages: Pairs<Verdict, Action>,
    reasons: Counters<Reason>,
    auth_results: Pairs<Method, AuthResult>,
    policy_applied: IntGauge,
    durations: Histograms<Stage>,
    lookups: Pairs<QueryType, Outcome>,
    lookup_durations: Histogram,
    dns_dead: IntGauge,
    stale_answers: IntCounter,
    files: Pairs<FileKind, FileOutcome>,
    file_durations: Histogram,
    file_cpu: Counter,
    file_memory: IntGauge,
    cache_hits: IntCounter,
    cache_misses: IntCounter,
    open_connections: IntGauge,
    max_connections: IntGauge,
    connections: IntCounter,
    protocol_errors: Counters<Fault>,
    limits: Counters<Limit>,
    log_lines_lost: IntCounter,
    connection_limits: Counters<ConnectionLimit>,
    reloads: Counters<Reload>,
    last_success: IntGauge,
    reload_successful: IntGauge,
    brand_domains: IntGauge,
    brand_updated: IntGauge,
    config_hash: IntGauge,
    brand_hash: IntGauge,
    history_writes: Counters<HistoryWrite>,
}

/// The metrics could not be registered: a name stands twice in the table.
pub type RegisterError = prometheus::Error;

/// Makes metrics of families and puts them into the registry.
struct Registrar(Registry);

impl Registrar {
    fn register<C: Collector + Clone + 'static>(&self, metric: C) -> Result<C, RegisterError> {
        self.0.register(Box::new(metric.clone()))?;
        Ok(metric)
    }

    fn counter(&self, family: &Family) -> Result<IntCounter, RegisterError> {
        self.register(IntCounter::with_opts(opts(family))?)
    }

    fn counters(&self, family: &Family) -> Result<IntCounterVec, RegisterError> {
        self.register(IntCounterVec::new(opts(family), family.labels)?)
    }

    fn gauge(&self, family: &Family) -> Result<IntGauge, RegisterError> {
        self.register(IntGauge::with_opts(opts(family))?)
    }

    fn histograms(&self, family: &Family) -> Result<HistogramVec, RegisterError> {
        let mut options = HistogramOpts::from(opts(family));
        if let Kind::Histogram(buckets) = family.kind {
            options = options.buckets(buckets.to_vec());
        }
        self.register(HistogramVec::new(options, family.labels)?)
    }

    fn build_info(&self, family: &Family) -> Result<(), RegisterError> {
        let info = opts(family)
            .const_label("version", env!("CARGO_PKG_VERSION"))
            .const_label(
                "revision",
                option_env!("BUILD_REVISION").unwrap_or("unknown"),
            );
        self.register(IntGauge::with_opts(info)?)?.set(1);
        Ok(())
    }
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn opts(family: &Family) -> Opts {
    Opts::new(family.name, family.help).namespace(NAMESPACE)
}

impl Metrics {
    /// Makes the table, every series of it at zero, so that a rule on a rare one finds it.
    ///
    /// # Errors
    ///
    /// [`RegisterError`] for a fault in the table itself.
    pub fn new() -> Result<Self, RegisterError> {
        let make = Registrar(Registry::new());
        make.0.register(Box::new(ProcessCollector::for_self()))?;
        make.build_info(&table::BUILD_INFO)?;
        let limits = make.counters(&table::LIMITS_EXCEEDED)?;
        Ok(Self {
            messages: Pairs::new(make.counters(&table::MESSAGES)?, words::actions),
            reasons: Counters::new(&make.counters(&table::REASONS)?),
            auth_results: Pairs::new(make.counters(&table::AUTH_RESULTS)?, Method::results),
            policy_applied: make.gauge(&table::POLICY_APPLIED)?,
            durations: Histograms::new(&make.histograms(&table::MESSAGE_DURATION)?),
            lookups: Pairs::new(make.counters(&table::DNS_LOOKUPS)?, |_| &Outcome::ALL),
            lookup_durations: make
                .histograms(&table::DNS_LOOKUP_DURATION)?
                .with_label_values::<&str>(&[]),
            dns_dead: make.gauge(&table::DNS_DEAD)?,
            stale_answers: make.counter(&table::STALE_ANSWERS)?,
            files: Pairs::new(make.counters(&table::ATTACHMENTS)?, |_| &FileOutcome::ALL),
            file_durations: make
                .histograms(&table::ATTACHMENT_DURATION)?
                .with_label_values::<&str>(&[]),
            file_cpu: make.register(Counter::with_opts(opts(&table::ATTACHMENT_CPU))?)?,
            file_memory: make.gauge(&table::ATTACHMENT_MEMORY)?,
            cache_hits: make.counter(&table::CACHE_HITS)?,
            cache_misses: make.counter(&table::CACHE_MISSES)?,
            open_connections: make.gauge(&table::OPEN_CONNECTIONS)?,
            max_connections: make.gauge(&table::MAX_CONNECTIONS)?,
            connections: make.counter(&table::CONNECTIONS)?,
            protocol_errors: Counters::new(&make.counters(&table::PROTOCOL_ERRORS)?),
            log_lines_lost: make.counter(&table::LOG_LINES_LOST)?,
            limits: Counters::new(&limits),
            connection_limits: Counters::new(&limits),
            reloads: Counters::new(&make.counters(&table::CONFIG_RELOADS)?),
            last_success: make.gauge(&table::CONFIG_LAST_SUCCESS)?,
            reload_successful: make.gauge(&table::CONFIG_SUCCESSFUL)?,
            brand_domains: make.gauge(&table::BRAND_DOMAINS)?,
            brand_updated: make.gauge(&table::BRAND_UPDATED)?,
            config_hash: make.gauge(&table::CONFIG_HASH)?,
            brand_hash: make.gauge(&table::BRAND_HASH)?,
            history_writes: Counters::new(&make.counters(&table::HISTORY_WRITES)?),
            registry: make.0,
        })
    }

    /// Counts a report.
    pub fn observe(&self, report: &Report) {
        self.messages.inc(report.verdict, report.decision.action);
        for reason in &report.reasons {
            self.reasons.inc(*reason);
        }
        for limit in &report.limits {
            self.limits.inc(*limit);
        }
        let Some(evidence) = report
            .evidence
            .as_ref()
            .filter(|evidence| !evidence.offline)
        else {
            return;
        };
        self.auth_results.inc(Method::Spf, evidence.spf.result);
        if evidence.dkim.is_empty() {
            self.auth_results.inc(Method::Dkim, AuthResult::None);
        }
        for signature in &evidence.dkim {
            self.auth_results.inc(Method::Dkim, signature.result);
        }
        if let Some(author) = &report.author {
            self.auth_results.inc(Method::Dmarc, evidence.dmarc(author));
        }
        if evidence.arc.sealer.is_some() {
            self.auth_results.inc(Method::Arc, evidence.arc.result);
        }
    }

    /// Records how long a stage of a message took.
    pub fn timed(&self, stage: Stage, duration: Duration) {
        self.durations.observe(stage, duration.as_secs_f64());
    }

    /// How many connections may be open.
    pub fn limit_connections(&self, limit: usize) {
        self.max_connections.set(whole(limit));
    }

    /// A connection was opened.
    pub fn connection_opened(&self) {
        self.connections.inc();
        self.open_connections.inc();
    }

    /// A connection ended.
    pub fn connection_closed(&self) {
        self.open_connections.dec();
    }

    /// A connection ran into a limit.
    pub fn limit_exceeded(&self, limit: ConnectionLimit) {
        self.connection_limits.inc(limit);
    }

    /// How many connections are open.
    pub fn connections_open(&self) -> u64 {
        u64::try_from(self.open_connections.get()).unwrap_or_default()
    }

    /// How many may be open.
    pub fn connections_limit(&self) -> u64 {
        u64::try_from(self.max_connections.get()).unwrap_or_default()
    }

    /// A fault in the conversation with the MTA, or in this program.
    pub fn protocol_error(&self, fault: Fault) {
        self.protocol_errors.inc(fault);
    }

    /// Nobody took a line of the log.
    pub fn log_line_lost(&self) {
        self.log_lines_lost.inc();
    }

    /// Decisions were to be written to the shared history.
    pub fn history_written(&self, outcome: HistoryWrite, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.history_writes.add(outcome, count);
    }

    /// Too many decisions waited to be written.
    pub fn history_dropped(&self) {
        self.history_writes.inc(HistoryWrite::Dropped);
    }

    /// Numbers by which the configuration and the list in force are known from others; below 2^53.
    pub fn runs(&self, configuration: u64, list: u64) {
        self.config_hash
            .set(i64::try_from(configuration).unwrap_or(i64::MAX));
        self.brand_hash.set(i64::try_from(list).unwrap_or(i64::MAX));
    }

    /// A reload was tried.
    pub fn reloaded(&self, outcome: Reload) {
        self.reloads.inc(outcome);
        self.reload_successful
            .set(i64::from(outcome == Reload::Success));
    }

    /// A configuration is in force from now on, with this brand; `applied` is whether what is decided is
    /// done, too.
    pub fn took_over(&self, brand: &Brand, applied: bool) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        self.last_success
            .set(i64::try_from(now).unwrap_or(i64::MAX));
        self.reload_successful.set(1);
        self.policy_applied.set(i64::from(applied));
        self.brand_domains.set(whole(brand.entries().count()));
        self.brand_updated.set(brand.updated_at());
    }

    /// The text of `/metrics` (Prometheus text format 0.0.4).
    pub fn render(&self) -> String {
        // Files are all that other processes are started for.
        let more = children::cpu_seconds() - self.file_cpu.get();
        self.file_cpu.inc_by(more.max(0.0));
        // Encoding fails only where a metric has no samples, which none of ours has.
        TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .unwrap_or_else(|error| {
                tracing::error!(%error, "metrics can't be rendered");
                String::new()
            })
    }
}

impl dns::Observer for Metrics {
    fn looked_up(&self, query: QueryType, outcome: Outcome, cached: bool, duration: Duration) {
        self.lookups.inc(query, outcome);
        if cached {
            self.cache_hits.inc();
        } else {
            self.cache_misses.inc();
            self.lookup_durations.observe(duration.as_secs_f64());
        }
    }

    fn dns_dead(&self, dead: bool) {
        self.dns_dead.set(dead.into());
    }

    fn gave_stale(&self, _: QueryType) {
        self.stale_answers.inc();
    }
}

impl attachments::Observer for Metrics {
    fn opened(&self, kind: FileKind, outcome: FileOutcome) {
        self.files.inc(kind, outcome);
    }

    fn took(&self, duration: Duration) {
        self.file_durations.observe(duration.as_secs_f64());
    }

    fn held(&self, octets: u64) {
        let octets = i64::try_from(octets).unwrap_or(i64::MAX);
        self.file_memory.set(octets.max(self.file_memory.get()));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_series_is_there_from_the_start() {
        let text = Metrics::new().unwrap().render();
        for line in [
            "amazon_spoof_milter_messages_total{action=\"reject\",verdict=\"forged\"} 0",
            "amazon_spoof_milter_reasons_total{reason=\"display-name\"} 0",
            "amazon_spoof_milter_auth_results_total{method=\"dkim\",result=\"temperror\"} 0",
            "amazon_spoof_milter_dns_lookups_total{outcome=\"failure\",type=\"txt\"} 0",
            "amazon_spoof_milter_message_duration_seconds_count{stage=\"end_of_message\"} 0",
            "# TYPE amazon_spoof_milter_open_connections gauge",
            "# TYPE process_open_fds gauge",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }

    #[test]
    fn what_cannot_happen_has_no_series_but_is_counted_if_it_does() {
        let metrics = Metrics::new().unwrap();
        let series = "amazon_spoof_milter_messages_total{action=\"reject\",verdict=\"verified\"}";
        assert!(!metrics.render().contains(series));
        metrics.messages.inc(Verdict::Verified, Action::Reject);
        metrics.messages.inc(Verdict::Verified, Action::Reject);
        let line = format!("{series} 2\n");
        assert!(metrics.render().contains(&line));
    }
}
