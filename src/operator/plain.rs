//! Monitors that nothing can be wrong with by themselves.
//!
//! Most monitors name a port and little else. The operator takes them, whatever else is in the input, and what it writes for them
//! Prometheus loads; to look for mistakes they need not be written at all, which is most of the work.

use super::monitor::MonitorKind;
use crate::model::object::Object;
use crate::model::selector::Selector;
use crate::prom::duration;
use crate::source::{Node, Value};

/// Whether a monitor has no field by which it could be rejected by the operator (0.93), or refused by Prometheus, for a Prometheus
/// that is [plain](is_plain_prometheus).
pub fn is_plain_monitor(kind: MonitorKind, monitor: Object<'_>) -> bool {
    let list = match kind {
        MonitorKind::Service => "endpoints",
        MonitorKind::Pod => "podMetricsEndpoints",
        MonitorKind::Probe | MonitorKind::ScrapeConfig => return false,
    };
    let Some(spec) = monitor.at(&["spec"]).filter(|spec| spec.is_mapping()) else { return false };
    spec.entries().all(|field| match field.key {
        "selector" => Selector::read(field.value).into_result().is_ok(),
        "namespaceSelector" => true,
        "jobLabel" => field.value.as_str().is_some(),
        key if key == list => field.value.is_sequence() && field.value.items().all(is_plain_endpoint),
        _ => false,
    })
}

fn is_plain_endpoint(endpoint: Node<'_>) -> bool {
    endpoint.is_mapping()
        && endpoint.entries().all(|field| match field.key {
            "port" | "targetPort" => match field.value.value() {
                Value::String(name) => is_word(name),
                Value::Int(_) => true,
                _ => false,
            },
            "portNumber" => field.value.as_i64().is_some(),
            "interval" => field.value.as_str().is_some_and(|text| duration::nanoseconds(text).is_ok()),
            "path" => field.value.as_str().is_some(),
            "scheme" => matches!(field.value.as_str(), Some("http" | "https" | "HTTP" | "HTTPS")),
            "honorLabels" | "honorTimestamps" => field.value.as_bool().is_some(),
            _ => false,
        })
}

/// Whether a text is the same as a regular expression.
fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Whether a Prometheus adds nothing to the jobs of its monitors that could be refused.
pub fn is_plain_prometheus(prometheus: Object<'_>) -> bool {
    const ADDING: [&str; 6] = [
        "apiserverConfig",
        "enforcedNamespaceLabel",
        "nameValidationScheme",
        "podTargetLabels",
        "scrapeClasses",
        "shardingStrategy",
    ];
    ADDING.iter().all(|field| prometheus.at(&["spec", field]).is_none_or(Node::is_null))
}
