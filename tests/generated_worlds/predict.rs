//! What promwire says the operator does.

use promwire::diagnostic::Code;
use promwire::engine::{self, Compiled, Wanted, World};
use promwire::operator::Reality;
use serde_json::{Value, json};

use crate::recorded::yaml;

/// A Prometheus or agent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subject {
    pub(crate) is_agent: bool,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl Subject {
    /// What an object is, if it is one.
    pub(crate) fn of(object: &Value) -> Option<Self> {
        let is_agent = match object["kind"].as_str()? {
            "Prometheus" => false,
            "PrometheusAgent" => true,
            _ => return None,
        };
        let text = |name: &str| object["metadata"][name].as_str().unwrap_or_default().to_owned();
        Some(Self { is_agent, namespace: text("namespace"), name: text("name") })
    }

    pub(crate) fn kind(&self) -> &'static str {
        if self.is_agent { "PrometheusAgent" } else { "Prometheus" }
    }

    /// The Secret that holds its configuration.
    pub(crate) fn secret(&self) -> String {
        format!("{}-{}", if self.is_agent { "prom-agent" } else { "prometheus" }, self.name)
    }

    /// Who looks after it, as Events name them.
    pub(crate) fn controller(&self) -> &'static str {
        if self.is_agent { "prometheusagent-controller" } else { "prometheus-controller" }
    }

    pub(crate) fn title(&self) -> String {
        format!("{} {}/{}", self.kind(), self.namespace, self.name)
    }
}

/// What is predicted for a Prometheus.
pub(crate) struct Prediction {
    /// The configuration, read again from the text that people get.
    pub(crate) config: Option<Value>,
    /// The operator leaves the configuration to its user.
    pub(crate) unmanaged: bool,
    /// The operator does not look at it, or not any more.
    pub(crate) unhandled: bool,
    /// The operator crashes on it.
    pub(crate) crashes: bool,
    /// What the operator says where it writes none.
    pub(crate) error: Option<String>,
    /// Monitors it rejects: kind, namespace and name, message.
    pub(crate) rejected: Vec<(String, String, String)>,
}

/// The objects as a world of promwire's.
pub(crate) fn world(objects: &[Value]) -> World {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    World::of_text("objects.json", &list.to_string(), None)
}

/// What the operator makes of one of them.
pub(crate) fn of(world: &World, subject: &Subject, reality: &Reality) -> Result<Prediction, String> {
    let wanted =
        Wanted { name: Some(format!("{}/{}", subject.namespace, subject.name)), is_agent: subject.is_agent };
    let compiled = engine::compile(world, &wanted, reality).map_err(|finding| finding.message)?;
    let found = |code: Code| compiled.findings.iter().any(|finding| finding.code == code);
    let own = format!("`{}`:", subject.title());
    let crashes = compiled
        .findings
        .iter()
        .any(|finding| finding.code == Code::OPERATOR_CRASHES && finding.message.contains(&own));
    let (unmanaged, unhandled) = (found(Code::UNMANAGED), found(Code::NOT_HANDLED));
    let Compiled { config, error, rejected, .. } = compiled;
    Ok(Prediction {
        config: config.map(|config| yaml(&config.revealed().to_yaml())),
        unmanaged,
        unhandled,
        crashes,
        error,
        rejected: rejected
            .into_iter()
            .map(|row| {
                let name = format!("{}/{}", row.namespace, row.name);
                let message = format!("{name:?} was rejected due to invalid configuration: {}", row.message);
                (row.kind, name, message)
            })
            .collect(),
    })
}
