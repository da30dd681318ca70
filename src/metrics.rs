//! One table of metrics, and what a report adds to it.
//!
//! This file is the only door to the prometheus crate. Labels are words of closed sets: nothing that
//! a sender chooses can make a series.

use crate::{
    decision::{
        evidence::AuthResult, message::Limit, policy::Action, reason::Reason, report::Report,
        verdict::Verdict,
    },
    dns::{self, Outcome, QueryType},
};
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    TextEncoder, process_collector::ProcessCollector,
};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What all names begin with.
const NAMESPACE: &str = "amazon_spoof_milter";

/// The stages that are timed: from MAIL to the decision, and the part of it after the end of the
/// message, which the MTA waits for.
pub const STAGES: [&str; 2] = ["message", "end_of_message"];

/// Upper bounds of durations in seconds: from what an ordinary message takes to the deadline.
const MESSAGE_BUCKETS: [f64; 12] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.01, 0.05, 0.25, 1.0, 3.0, 10.0, 30.0,
];

/// The same for one DNS lookup: from the cache to the longest deadline.
const LOOKUP_BUCKETS: [f64; 10] = [
    0.000_1, 0.000_5, 0.002, 0.01, 0.05, 0.2, 0.5, 1.0, 3.0, 10.0,
];

/// The words of `protocol_errors_total`.
pub const PROTOCOL_ERRORS: [&str; 4] = ["negotiation", "reply", "accept", "internal"];

/// Every counter of the program.
pub struct Metrics {
    registry: Registry,
    messages: IntCounterVec,
    reasons: IntCounterVec,
    auth_results: IntCounterVec,
    durations: HistogramVec,
    open_connections: IntGauge,
    connections: IntCounter,
    protocol_errors: IntCounterVec,
    limits: IntCounterVec,
    reloads: IntCounterVec,
    reload_success: IntGauge,
    brand_domains: IntGauge,
    lookups: IntCounterVec,
    lookup_durations: Histogram,
    cache_hits: IntCounter,
    cache_misses: IntCounter,
}

/// Makes metrics and puts them into the registry.
struct Table(Registry);

impl Table {
    fn counter(&self, name: &str, help: &str) -> Result<IntCounter, RegisterError> {
        let counter = IntCounter::with_opts(opts(name, help))?;
        self.0.register(Box::new(counter.clone()))?;
        Ok(counter)
    }

    fn counters(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> Result<IntCounterVec, RegisterError> {
        let counters = IntCounterVec::new(opts(name, help), labels)?;
        self.0.register(Box::new(counters.clone()))?;
        Ok(counters)
    }

    fn gauge(&self, opts: Opts) -> Result<IntGauge, RegisterError> {
        let gauge = IntGauge::with_opts(opts)?;
        self.0.register(Box::new(gauge.clone()))?;
        Ok(gauge)
    }

    fn histogram(
        &self,
        name: &str,
        help: &str,
        buckets: &[f64],
        labels: &[&str],
    ) -> Result<HistogramVec, RegisterError> {
        let opts = HistogramOpts::new(name, help)
            .namespace(NAMESPACE)
            .buckets(buckets.to_vec());
        let histogram = HistogramVec::new(opts, labels)?;
        self.0.register(Box::new(histogram.clone()))?;
        Ok(histogram)
    }
}

fn opts(name: &str, help: &str) -> Opts {
    Opts::new(name, help).namespace(NAMESPACE)
}

/// The metrics could not be registered: a name stands twice in the table.
pub type RegisterError = prometheus::Error;

impl Metrics {
    /// Makes the table, every series of it at zero, so that a rule on a rare one finds it.
    ///
    /// # Errors
    ///
    /// [`RegisterError`] for a fault in the table itself.
    pub fn new() -> Result<Self, RegisterError> {
        let table = Table(Registry::new());
        table.0.register(Box::new(ProcessCollector::for_self()))?;
        let revision = option_env!("BUILD_REVISION").unwrap_or("unknown");
        let info = opts("build_info", "What is running; always 1.")
            .const_label("version", env!("CARGO_PKG_VERSION"))
            .const_label("revision", revision);
        table.gauge(info)?.set(1);
        let metrics = Self {
            messages: table.counters("messages_total", "Messages by verdict and by what was decided for them.", &["verdict", "action"])?,
            reasons: table.counters("reasons_total", "Reasons that reports gave.", &["reason"])?,
            auth_results: table.counters("auth_results_total", "Authentication results by method.", &["method", "result"])?,
            durations: table.histogram(
                "message_duration_seconds",
                "Time of a message in the filter: from MAIL to the decision, and the part of it after the end of the message.",
                &MESSAGE_BUCKETS,
                &["stage"],
            )?,
            lookups: table.counters("dns_lookups_total", "DNS lookups, answers from the cache included.", &["type", "outcome"])?,
            lookup_durations: table
                .histogram("dns_lookup_duration_seconds", "Time of a DNS lookup, answers from the cache included.", &LOOKUP_BUCKETS, &[])?
                .with_label_values::<&str>(&[]),
            cache_hits: table.counter("dns_cache_hits_total", "DNS lookups that the cache answered.")?,
            cache_misses: table.counter("dns_cache_misses_total", "DNS lookups that a server had to answer.")?,
            open_connections: table.gauge(opts("open_connections", "Milter connections that are open."))?,
            connections: table.counter("connections_total", "Milter connections that were opened.")?,
            protocol_errors: table.counters("protocol_errors_total", "Faults in the conversation with the MTA.", &["kind"])?,
            limits: table.counters("limits_exceeded_total", "Limits that a message ran into.", &["limit"])?,
            reloads: table.counters("config_reloads_total", "Reloads of the configuration.", &["result"])?,
            reload_success: table.gauge(opts(
                "config_last_reload_success_timestamp_seconds",
                "When a configuration was last taken over.",
            ))?,
            brand_domains: table.gauge(opts("brand_domains", "Domains in the list that is in force."))?,
            registry: table.0,
        };
        metrics.start_at_zero();
        Ok(metrics)
    }

    fn start_at_zero(&self) {
        for verdict in Verdict::ALL {
            for action in Action::ALL {
                self.messages
                    .with_label_values(&[verdict.word(), action.word()]);
            }
        }
        for reason in Reason::ALL {
            self.reasons.with_label_values(&[reason.word()]);
        }
        for method in ["spf", "dkim", "dmarc", "arc"] {
            for result in AuthResult::ALL {
                self.auth_results
                    .with_label_values(&[method, result.word()]);
            }
        }
        for query in QueryType::ALL {
            for outcome in Outcome::ALL {
                self.lookups
                    .with_label_values(&[query.word(), outcome.word()]);
            }
        }
        for stage in STAGES {
            self.durations.with_label_values(&[stage]);
        }
        for kind in PROTOCOL_ERRORS {
            self.protocol_errors.with_label_values(&[kind]);
        }
        for limit in Limit::ALL {
            self.limits.with_label_values(&[limit.word()]);
        }
        for result in ["success", "failure"] {
            self.reloads.with_label_values(&[result]);
        }
    }

    /// Counts a report.
    pub fn observe(&self, report: &Report) {
        self.messages
            .with_label_values(&[report.verdict.word(), report.decision.action.word()])
            .inc();
        for reason in &report.reasons {
            self.reasons.with_label_values(&[reason.word()]).inc();
        }
        for limit in &report.limits {
            self.limits.with_label_values(&[limit.word()]).inc();
        }
        let Some(evidence) = report
            .evidence
            .as_ref()
            .filter(|evidence| !evidence.offline)
        else {
            return;
        };
        let count = |method: &str, result: AuthResult| {
            self.auth_results
                .with_label_values(&[method, result.word()])
                .inc();
        };
        count("spf", evidence.spf.result);
        for signature in &evidence.dkim {
            count("dkim", signature.result);
        }
        if let Some(author) = &report.author {
            count("dmarc", evidence.dmarc(author));
        }
        if evidence.arc.sealer.is_some() {
            count("arc", evidence.arc.result);
        }
    }

    /// Records how long a stage of a message took.
    pub fn timed(&self, stage: &str, duration: Duration) {
        self.durations
            .with_label_values(&[stage])
            .observe(duration.as_secs_f64());
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

    /// A fault in the conversation with the MTA, one of [`PROTOCOL_ERRORS`].
    pub fn protocol_error(&self, kind: &'static str) {
        self.protocol_errors.with_label_values(&[kind]).inc();
    }

    /// A reload was tried.
    pub fn reloaded(&self, success: bool) {
        let result = if success { "success" } else { "failure" };
        self.reloads.with_label_values(&[result]).inc();
    }

    /// A configuration is in force from now on.
    pub fn took_over(&self, brand_domains: usize) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        self.reload_success
            .set(i64::try_from(now).unwrap_or(i64::MAX));
        self.brand_domains
            .set(i64::try_from(brand_domains).unwrap_or(i64::MAX));
    }

    /// The text of `/metrics` (Prometheus text format 0.0.4).
    pub fn render(&self) -> String {
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
        match cached {
            true => self.cache_hits.inc(),
            false => self.cache_misses.inc(),
        }
        self.lookups
            .with_label_values(&[query.word(), outcome.word()])
            .inc();
        self.lookup_durations.observe(duration.as_secs_f64());
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
}
