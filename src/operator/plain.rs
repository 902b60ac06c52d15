//! Monitors that nothing can be wrong with by themselves.
//!
//! Most monitors name a port, an interval and a few relabel rules. The operator takes them, whatever else is in the input, and what
//! it writes for them Prometheus loads; to look for mistakes they need not be written at all, which is most of the work.

use rustc_hash::FxHashMap;

use super::monitor::MonitorKind;
use crate::model::object::Object;
use crate::model::selector::Selector;
use crate::prom::duration;
use crate::prom::relabel::{self, Config};
use crate::source::{Node, Value};

/// Tells the monitors that nothing can be wrong with. Many have the same regexes, so that it remembers those.
#[derive(Debug, Default)]
pub struct Plain {
    regexes: FxHashMap<String, bool>,
}

impl Plain {
    /// Whether a Prometheus adds nothing to the jobs of its monitors that could be refused.
    pub fn is_prometheus(prometheus: Object<'_>) -> bool {
        ADDING.iter().all(|field| prometheus.at(&["spec", field]).is_none_or(Node::is_null))
    }

    /// Whether a monitor has no field by which it could be rejected by the operator (0.93), or refused by Prometheus, for a
    /// Prometheus that is [plain](Self::is_prometheus).
    pub fn is_monitor(&mut self, kind: MonitorKind, monitor: Object<'_>) -> bool {
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
            "targetLabels" | "podTargetLabels" => {
                field.value.is_sequence()
                    && field.value.items().all(|label| label.as_str().is_some_and(is_label_key))
            }
            key if LIMITS.contains(&key) => field.value.as_i64().is_some_and(|limit| limit >= 0),
            key if key == list => {
                field.value.is_sequence() && field.value.items().all(|endpoint| self.is_endpoint(endpoint))
            }
            _ => false,
        })
    }

    fn is_endpoint(&mut self, endpoint: Node<'_>) -> bool {
        let is_duration = |node: Node<'_>| node.as_str().is_some_and(|text| nanoseconds(text).is_some());
        endpoint.is_mapping()
            && endpoint.entries().all(|field| match field.key {
                "port" | "targetPort" => match field.value.value() {
                    Value::String(name) => is_word(name),
                    Value::Int(_) => true,
                    _ => false,
                },
                "portNumber" => field.value.as_i64().is_some(),
                "interval" => is_duration(field.value),
                "scrapeTimeout" => is_duration(field.value) && is_within_interval(endpoint),
                "path" => field.value.as_str().is_some(),
                "scheme" => matches!(field.value.as_str(), Some("http" | "https" | "HTTP" | "HTTPS")),
                "honorLabels" | "honorTimestamps" | "filterRunning" | "followRedirects" | "enableHttp2" => {
                    field.value.as_bool().is_some()
                }
                "relabelings" | "metricRelabelings" => {
                    field.value.is_sequence() && field.value.items().all(|rule| self.is_rule(rule))
                }
                _ => false,
            })
    }

    fn is_rule(&mut self, rule: Node<'_>) -> bool {
        let mut config = Config::default();
        // The operator leaves out what is empty.
        let text = |node: Node<'_>| node.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let is_read = rule.is_mapping()
            && rule.entries().all(|field| {
                let place = match field.key {
                    "sourceLabels" => {
                        let names = field.value.items().map(text);
                        config.source_labels = names.collect();
                        return field.value.is_sequence() && config.source_labels.is_some();
                    }
                    "separator" => &mut config.separator,
                    "targetLabel" => &mut config.target_label,
                    "regex" => &mut config.regex,
                    "replacement" => &mut config.replacement,
                    "action" => &mut config.action,
                    _ => return false,
                };
                *place = text(field.value);
                place.is_some()
            });
        is_read && relabel::is_sound(&config) && config.regex.is_none_or(|regex| self.is_regex(regex))
    }

    fn is_regex(&mut self, regex: String) -> bool {
        if let Some(known) = self.regexes.get(&regex) {
            return *known;
        }
        let is_sound = relabel::regex_is_sound(&regex);
        self.regexes.insert(regex, is_sound);
        is_sound
    }
}

/// Fields of a Prometheus by which it adds to the jobs of its monitors what could be refused.
const ADDING: [&str; 6] = [
    "apiserverConfig",
    "enforcedNamespaceLabel",
    "nameValidationScheme",
    "podTargetLabels",
    "scrapeClasses",
    "shardingStrategy",
];

/// Fields of a `spec` that are numbers from zero.
const LIMITS: [&str; 6] = [
    "sampleLimit",
    "targetLimit",
    "labelLimit",
    "labelNameLengthLimit",
    "labelValueLengthLimit",
    "keepDroppedTargets",
];

fn nanoseconds(text: &str) -> Option<i64> {
    duration::nanoseconds(text).ok()
}

/// Whether a timeout is within the interval beside it.
fn is_within_interval(endpoint: Node<'_>) -> bool {
    let of = |field: &str| endpoint.get(field).and_then(Node::as_str).and_then(nanoseconds);
    of("scrapeTimeout").zip(of("interval")).is_some_and(|(timeout, interval)| timeout <= interval)
}

/// Whether a text is the same as a regular expression.
fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Whether a text is a key of a label from which a label of Prometheus can be made.
fn is_label_key(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::diagnostic::TextFile;
    use crate::kubernetes::selector_text;
    use crate::model::inventory::Inventory;
    use crate::model::kind::GroupKind;
    use crate::model::schema::SchemaSet;
    use crate::operator::{Reality, Verdict, reconcile};
    use crate::prom::config::{Loader, Selectors};
    use crate::prom::version::Version;
    use crate::source::document_from_json;

    /// Some of these fields, each with one of its values.
    fn object(fields: &[(&str, &[Json])]) -> BoxedStrategy<Json> {
        let fields: Vec<(String, Vec<Json>)> =
            fields.iter().map(|(name, values)| ((*name).to_owned(), values.to_vec())).collect();
        let chosen: Vec<_> = fields
            .into_iter()
            .map(|(name, values)| {
                prop::option::weighted(0.4, prop::sample::select(values))
                    .prop_map(move |value| value.map(|value| (name.clone(), value)))
            })
            .collect();
        chosen.prop_map(|fields| fields.into_iter().flatten().collect()).boxed()
    }

    fn rule() -> BoxedStrategy<Json> {
        object(&[
            (
                "sourceLabels",
                &[json!(["a"]), json!(["a", "__name__"]), json!([]), json!(["a-b"]), json!([""])],
            ),
            ("targetLabel", &[json!("a"), json!("a_${1}"), json!("a.b"), json!(""), json!("0a"), json!("é")]),
            ("regex", &[json!("a.+"), json!("("), json!("^a$"), json!("a)|(b"), json!(""), json!("(.*)")]),
            ("replacement", &[json!("$1"), json!("b"), json!(""), json!("${1}-x")]),
            ("separator", &[json!("/"), json!("")]),
            ("modulus", &[json!(3), json!(0)]),
            (
                "action",
                &["replace", "keep", "Drop", "labelmap", "labeldrop", "hashmod", "keepequal", "lowercase"]
                    .map(Json::from),
            ),
        ])
    }

    fn endpoint() -> BoxedStrategy<Json> {
        let rules = || prop::collection::vec(rule(), 0..2);
        let fields = object(&[
            ("port", &[json!("web"), json!("a.b"), json!("("), json!("")]),
            ("targetPort", &[json!(8080), json!("web")]),
            ("interval", &[json!("30s"), json!("5s"), json!("0"), json!("1h30m"), json!("")]),
            ("scrapeTimeout", &[json!("5s"), json!("10s"), json!("1m")]),
            ("path", &[json!("/metrics"), json!("")]),
            ("scheme", &[json!("https"), json!("HTTP")]),
            ("honorLabels", &[json!(true)]),
            ("followRedirects", &[json!(false)]),
            ("params", &[json!({"a": ["b"]})]),
            ("tlsConfig", &[json!({"insecureSkipVerify": true})]),
        ]);
        (fields, rules(), rules())
            .prop_map(|(mut endpoint, before, after)| {
                endpoint["relabelings"] = before.into();
                endpoint["metricRelabelings"] = after.into();
                endpoint
            })
            .boxed()
    }

    fn monitor() -> BoxedStrategy<Json> {
        let fields = object(&[
            ("jobLabel", &[json!("app"), json!("")]),
            ("targetLabels", &[json!(["a/b"]), json!([""]), json!(["é"])]),
            ("podTargetLabels", &[json!(["a.b-c"]), json!(["0"])]),
            ("sampleLimit", &[json!(0), json!(10)]),
            ("keepDroppedTargets", &[json!(5)]),
            ("scrapeClass", &[json!("none")]),
        ]);
        (fields, prop::collection::vec(endpoint(), 0..3))
            .prop_map(|(mut spec, endpoints)| {
                spec["selector"] = json!({"matchLabels": {"app": "web"}});
                spec["endpoints"] = endpoints.into();
                let metadata = json!({"name": "m", "namespace": "a"});
                json!({"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor", "metadata": metadata, "spec": spec})
            })
            .boxed()
    }

    fn prometheus(version: &str) -> Json {
        let metadata = json!({"name": "p", "namespace": "a"});
        let spec = json!({"serviceMonitorSelector": {}, "version": version});
        json!({"apiVersion": "monitoring.coreos.com/v1", "kind": "Prometheus", "metadata": metadata, "spec": spec})
    }

    /// Whether a monitor is plain; if it is, asserts that it is taken and loaded.
    fn holds(monitor: &Json, version: &str) -> bool {
        let documents = [monitor, &prometheus(version)].map(|object| document_from_json("objects", object));
        let (inventory, _) = Inventory::builder().documents(documents).build();
        let (schemas, _) = SchemaSet::new(&inventory);
        let monitor = inventory.of_kind(GroupKind::SERVICE_MONITOR).next().expect("it is there");
        if !Plain::default().is_monitor(MonitorKind::Service, monitor) {
            return false;
        }
        let object = inventory.of_kind(GroupKind::PROMETHEUS).next().expect("it is there");
        assert!(Plain::is_prometheus(object));
        let outcome = reconcile(&inventory, &schemas, &Reality::default(), object);
        assert!(outcome.rejected.is_empty(), "{version} {:?}", outcome.rejected);
        let Verdict::Configuration(config) = outcome.verdict else {
            panic!("{version} {:?}", outcome.verdict);
        };
        let selectors = Selectors { label: selector_text::check_labels, field: selector_text::check_fields };
        let version = Version::parse_tolerant(version).expect("it is one");
        let text = config.to_yaml();
        let loaded = Loader { version, is_agent: false, selectors }
            .load(&Arc::new(TextFile::new("prometheus.yaml", text.as_str())));
        assert!(loaded.is_ok(), "{:?}: {text}", loaded.err());
        true
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn nothing_is_wrong_with_what_is_plain(
            monitor in monitor(),
            version in prop::sample::select(vec!["2.7.0", "2.26.0", "2.55.1", "3.0.0", "3.13.1"]),
        ) {
            holds(&monitor, version);
        }
    }

    #[test]
    fn ordinary_monitors_are_plain() {
        let rules = json!([{"sourceLabels": ["__name__"], "regex": "go_(gc|memstats)_.+", "action": "drop"}]);
        let endpoint =
            json!({"port": "web", "interval": "30s", "scrapeTimeout": "10s", "metricRelabelings": rules});
        let spec = json!({"selector": {}, "jobLabel": "app.kubernetes.io/name", "endpoints": [endpoint]});
        let metadata = json!({"name": "m", "namespace": "a"});
        let mut monitor = json!({"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor", "metadata": metadata, "spec": spec});
        assert!(holds(&monitor, "3.13.1"));
        monitor["spec"]["endpoints"][0]["metricRelabelings"][0]["regex"] = json!("(");
        assert!(!holds(&monitor, "3.13.1"));
    }
}
