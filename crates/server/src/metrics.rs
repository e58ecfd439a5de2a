//! What the server counts about itself, for Prometheus. No label holds anything about a person.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Labels of one kind of request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RouteLabels {
    /// The route's pattern, never the path that came.
    pub route: String,
    /// HTTP method.
    pub method: String,
    /// HTTP status.
    pub status: u16,
}

/// One label.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Kind {
    /// Which.
    pub kind: &'static str,
}

type Seconds = Histogram;

/// Everything that is counted. Cloning it shares the counters.
#[derive(Clone)]
pub struct Metrics {
    registry: std::sync::Arc<Registry>,
    /// Requests answered.
    pub requests: Family<RouteLabels, Counter>,
    /// How long answering took, by route group.
    pub request_seconds: Family<Kind, Seconds, fn() -> Seconds>,
    /// Events by what became of them: screened, not_screened, duplicate, invalid, refused.
    pub events: Family<Kind, Counter>,
    /// Verdicts by decision.
    pub verdicts: Family<Kind, Counter>,
    /// Events stored with one commit.
    pub batch_events: Histogram,
    /// Seconds of each stage of taking a batch in: screen, store.
    pub ingest_seconds: Family<Kind, Seconds, fn() -> Seconds>,
    /// Requests that wait to be taken in.
    pub queue_requests: Gauge,
    /// How far the event log reaches.
    pub log_head: Gauge<i64>,
    /// Times that the store refused a batch.
    pub store_failures: Counter,
    /// Verdicts of a candidate policy that decide otherwise than the live one.
    pub candidate_differences: Counter,
    /// Questions to a language model by what came of them.
    pub second_opinions: Family<Kind, Counter>,
    /// Live streams open now.
    pub streams: Gauge,
    /// Memory snapshots written, and their size.
    pub snapshot_bytes: Gauge<i64>,
    /// Events whose time was far from when they came, and was bounded for the windows.
    pub skewed_events: Counter,
    /// Policies loaded or refused since start.
    pub policy_loads: Family<Kind, Counter>,
    /// Events learnt so far, whoever stored them.
    pub learnt: Gauge<u64, AtomicU64>,
    /// Leaves of the signed log that were read and checked.
    pub registry_size: Gauge<i64>,
    /// Witnesses whose signature is under the newest checkpoint.
    pub registry_cosignatures: Gauge<i64>,
    /// When the newest snapshot was taken, in seconds since 1970.
    pub registry_snapshot: Gauge<i64>,
    /// Times that the signed log could not be followed: damaged, or the store failed.
    pub registry_failures: Counter,
    /// Questions to witnesses, by what came of them.
    pub witnesses: Family<Kind, Counter>,
    /// Attempts to deliver a webhook, by what came of them.
    pub webhooks: Family<Kind, Counter>,
    /// Calls about actions, by what came of them; people called because of one.
    pub actions: Family<Kind, Counter>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

fn seconds() -> Seconds {
    Histogram::new([0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0])
}

impl Metrics {
    /// Counters that all stand at nothing.
    #[must_use]
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: std::sync::Arc::default(),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(seconds),
            events: Family::default(),
            verdicts: Family::default(),
            batch_events: Histogram::new([1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0]),
            ingest_seconds: Family::new_with_constructor(seconds),
            queue_requests: Gauge::default(),
            log_head: Gauge::default(),
            store_failures: Counter::default(),
            candidate_differences: Counter::default(),
            second_opinions: Family::default(),
            streams: Gauge::default(),
            snapshot_bytes: Gauge::default(),
            skewed_events: Counter::default(),
            policy_loads: Family::default(),
            learnt: Gauge::default(),
            registry_size: Gauge::default(),
            registry_cosignatures: Gauge::default(),
            registry_snapshot: Gauge::default(),
            registry_failures: Counter::default(),
            witnesses: Family::default(),
            webhooks: Family::default(),
            actions: Family::default(),
        };
        let mut registry = Registry::with_prefix("touchstone");
        metrics.register(&mut registry);
        metrics.registry = std::sync::Arc::new(registry);
        metrics
    }

    fn register(&self, registry: &mut Registry) {
        registry.register("http_requests", "Requests answered", self.requests.clone());
        registry.register_with_unit(
            "http_request",
            "Time to answer a request",
            Unit::Seconds,
            self.request_seconds.clone(),
        );
        registry.register("events", "Events by what became of them", self.events.clone());
        registry.register("verdicts", "Verdicts by decision", self.verdicts.clone());
        registry.register("ingest_batch_events", "Events stored with one commit", self.batch_events.clone());
        registry.register_with_unit(
            "ingest",
            "Time of each stage of taking a batch in",
            Unit::Seconds,
            self.ingest_seconds.clone(),
        );
        registry.register(
            "ingest_queue_requests",
            "Requests that wait to be taken in",
            self.queue_requests.clone(),
        );
        registry.register("log_head", "How far the event log reaches", self.log_head.clone());
        registry.register(
            "store_failures",
            "Times that the store refused a batch",
            self.store_failures.clone(),
        );
        registry.register(
            "second_opinions",
            "Questions to a language model, by what came of them",
            self.second_opinions.clone(),
        );
        registry.register(
            "candidate_differences",
            "Verdicts on which a candidate policy decides otherwise",
            self.candidate_differences.clone(),
        );
        registry.register("streams", "Live streams open now", self.streams.clone());
        registry.register_with_unit(
            "memory_snapshot",
            "Size of the last snapshot of the memory",
            Unit::Bytes,
            self.snapshot_bytes.clone(),
        );
        registry.register(
            "skewed_events",
            "Events whose time was far from when they came",
            self.skewed_events.clone(),
        );
        registry.register("policy_loads", "Policies loaded or refused", self.policy_loads.clone());
        self.register_log(registry);
        registry.register("actions", "Calls about actions, by what came of them", self.actions.clone());
        registry.register("events_learnt", "Events in the memory's fold", self.learnt.clone());
    }

    fn register_log(&self, registry: &mut Registry) {
        registry.register(
            "registry_entries",
            "Entries of the signed log that were checked",
            self.registry_size.clone(),
        );
        registry.register(
            "registry_cosignatures",
            "Witnesses that signed the newest checkpoint",
            self.registry_cosignatures.clone(),
        );
        registry.register_with_unit(
            "registry_snapshot_taken",
            "When the newest snapshot was taken",
            Unit::Seconds,
            self.registry_snapshot.clone(),
        );
        registry.register(
            "registry_failures",
            "Times that the signed log could not be followed",
            self.registry_failures.clone(),
        );
        registry.register(
            "witness_answers",
            "Questions to witnesses, by what came of them",
            self.witnesses.clone(),
        );
        registry.register("webhooks", "Attempts to deliver, by what came of them", self.webhooks.clone());
    }

    /// Counts one answered request.
    pub fn answered(&self, route: &str, method: &str, status: u16, took: Duration) {
        let labels = RouteLabels { route: route.to_owned(), method: method.to_owned(), status };
        self.requests.get_or_create(&labels).inc();
        self.request_seconds.get_or_create(&Kind { kind: group(route) }).observe(took.as_secs_f64());
    }

    /// The exposition text.
    ///
    /// # Errors
    /// Never in practice: writing to a `String` does not fail.
    pub fn expose(&self) -> Result<String, fmt::Error> {
        let mut out = String::with_capacity(8192);
        text::encode(&mut out, &self.registry)?;
        Ok(out)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// Few groups, so that the histograms stay few.
fn group(route: &str) -> &'static str {
    match route {
        "/v1/events" => "events",
        _ if route.starts_with("/v1/") => "api",
        _ if route.starts_with("/console") => "console",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_exposed() {
        let metrics = Metrics::new();
        metrics.answered("/v1/events", "POST", 200, Duration::from_millis(3));
        metrics.events.get_or_create(&Kind { kind: "screened" }).inc_by(7);
        let text = metrics.expose().unwrap();
        for line in [
            "touchstone_http_requests_total{route=\"/v1/events\",method=\"POST\",status=\"200\"} 1",
            "touchstone_events_total{kind=\"screened\"} 7",
            "touchstone_http_request_seconds_bucket{le=\"0.005\",kind=\"events\"} 1",
        ] {
            assert!(text.contains(line), "{line} not in\n{text}");
        }
    }
}
