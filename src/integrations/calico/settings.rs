//! The settings that switch metrics on and off. They belong to whoever runs Calico, so they are commands for that
//! person, or objects that state nothing but the fields in question.

use std::fmt;

use serde_json::{Map, Value, json};

use super::components::Component;
use super::found::{DEFAULT, Found, State};
use super::options::{Api, Install, SettingsAs};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::integrations::Plan;
use crate::source::Node;

/// What is to be set, and where.
#[derive(Debug, Clone, PartialEq)]
enum Change {
    /// Fields of the `spec` of one of Calico's configuration objects; null removes one.
    Configuration { api: Api, kind: &'static str, fields: Map<String, Value> },
    /// Fields of the `Installation`; the operator does the rest.
    Installation { fields: Map<String, Value> },
    /// Environment variables of what runs the component.
    Environment { namespace: &'static str, component: Component, variables: Vec<(String, String)> },
}

/// What is wanted of a component.
pub(super) struct Wanted<'o> {
    pub(super) component: Component,
    /// The port its metrics are to be served on; none when they are to be off.
    pub(super) port: Option<u16>,
    pub(super) install: Install,
    pub(super) api: Api,
    pub(super) settings: SettingsAs,
    pub(super) found: &'o Found<'o>,
}

/// Adds what has to be set: as objects where that is asked for and can be said so, else as findings with the command.
pub(super) fn plan(wanted: &Wanted<'_>, plan: &mut Plan) {
    let state = wanted.found.state(wanted.component, wanted.install);
    for change in wanted.changes(&state) {
        let object = (wanted.settings == SettingsAs::Objects).then(|| change.object()).flatten();
        match object {
            Some(object) => plan.add_setting(object),
            None if wanted.is_met(&state) => {}
            None => plan.findings.push(wanted.finding(&state, &change)),
        }
    }
}

impl Wanted<'_> {
    /// Whether the input shows that everything is as it is wanted.
    fn is_met(&self, state: &State<'_>) -> bool {
        let facts = self.component.facts();
        let enabled = state.enabled.unwrap_or(facts.on_by_default);
        match self.port {
            Some(port) => enabled && state.port.unwrap_or(facts.port) == port,
            // What is off by default may still have been switched on somewhere that is not in the input.
            None => state.enabled == Some(false),
        }
    }

    fn changes(&self, state: &State<'_>) -> Vec<Change> {
        match (self.component, self.install) {
            (Component::Felix, Install::Operator) if state.by_environment => {
                // Felix would ignore its FelixConfiguration. Off means off in both.
                let mut changes = vec![self.installation("nodeMetricsPort")];
                if self.port.is_none() {
                    changes.push(self.felix());
                }
                changes
            }
            (Component::Felix, Install::Manifest) if state.by_environment => vec![self.environment("FELIX")],
            (Component::Felix, _) => vec![self.felix()],
            (Component::Typha, Install::Operator) => vec![self.installation("typhaMetricsPort")],
            (Component::Typha, Install::Manifest) => vec![self.environment("TYPHA")],
            (Component::KubeControllers, _) => vec![Change::Configuration {
                api: self.api,
                kind: "KubeControllersConfiguration",
                fields: fields([("prometheusMetricsPort", json!(self.port.unwrap_or(0)))]),
            }],
        }
    }

    fn felix(&self) -> Change {
        let fields = match self.port {
            Some(port) => {
                fields([("prometheusMetricsEnabled", json!(true)), ("prometheusMetricsPort", json!(port))])
            }
            None => fields([("prometheusMetricsEnabled", json!(false))]),
        };
        Change::Configuration { api: self.api, kind: "FelixConfiguration", fields }
    }

    fn installation(&self, field: &str) -> Change {
        Change::Installation { fields: fields([(field, json!(self.port))]) }
    }

    fn environment(&self, prefix: &str) -> Change {
        let variable = |name: &str, value: String| (format!("{prefix}_PROMETHEUSMETRICS{name}"), value);
        let variables = match self.port {
            Some(port) => vec![variable("ENABLED", "true".to_owned()), variable("PORT", port.to_string())],
            None => vec![variable("ENABLED", "false".to_owned())],
        };
        Change::Environment { namespace: self.install.namespace(), component: self.component, variables }
    }

    fn finding(&self, state: &State<'_>, change: &Change) -> Diagnostic {
        let facts = self.component.facts();
        let title = facts.title;
        let enabled = state.enabled.unwrap_or(facts.on_by_default);
        let message = match (self.port, enabled) {
            (Some(_), false) if state.enabled.is_none() => {
                format!("{title} serves no metrics before it is told to")
            }
            (Some(_), false) => format!("{title} serves no metrics: they are switched off"),
            (Some(port), true) => {
                format!(
                    "{title} serves its metrics on port {}, and {port} is wanted",
                    state.port.unwrap_or(facts.port)
                )
            }
            (None, _) => format!("{title} is to serve no metrics"),
        };
        let certain = self.port.is_some() && state.enabled.is_some();
        let level = if certain { Level::Warning } else { Level::Info };
        let mut finding = Diagnostic::new(Code::SETTING_OF_OTHERS, message).level(level);
        if let Some(node) = state.node {
            finding = finding.at(node.place(), "this says how it is");
        }
        if self.settings == SettingsAs::Objects {
            finding = finding.note("no object can say this without taking the others' fields over");
        }
        finding = finding.help(change.to_string());
        if let Change::Configuration { api: Api::Crd, kind, fields } = change {
            let resource = format!("{}s.{}", kind.to_ascii_lowercase(), Api::Crd.group());
            finding = finding.help(format!(
                "or without calicoctl: kubectl patch {resource} {DEFAULT} --type merge --patch '{}'",
                patch(fields)
            ));
        }
        if let Change::Installation { fields } = change
            && let Some(helm) = self.helm_values(fields)
        {
            finding = finding.help(helm);
        }
        finding
    }

    /// An `Installation` that Helm made is changed through its values, or the next upgrade changes it back.
    fn helm_values(&self, fields: &Map<String, Value>) -> Option<String> {
        let installation = self.found.installation()?;
        let by_helm = installation.labels().get("app.kubernetes.io/managed-by") == Some("Helm")
            || installation.annotation("meta.helm.sh/release-name").is_some();
        by_helm.then(|| {
            format!("Helm looks after it: put {} into its values", json!({ "installation": fields }))
        })
    }
}

impl Change {
    /// The object that states these fields and nothing else; none where only somebody else's whole object could.
    fn object(&self) -> Option<Value> {
        let (api_version, kind, fields) = match self {
            Self::Configuration { api, kind, fields } => (api.api_version(), *kind, fields),
            Self::Installation { fields } => ("operator.tigera.io/v1", "Installation", fields),
            Self::Environment { .. } => return None,
        };
        if fields.values().any(Value::is_null) {
            return None;
        }
        Some(json!({
            "apiVersion": api_version,
            "kind": kind,
            "metadata": {"name": DEFAULT},
            "spec": fields,
        }))
    }
}

/// The command that makes the change.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Its store checks nothing, calicoctl does.
            Self::Configuration { api: Api::Crd, kind, fields } => {
                let kind = kind.to_ascii_lowercase();
                write!(f, "calicoctl patch {kind} {DEFAULT} --patch '{}'", patch(fields))
            }
            Self::Configuration { api: Api::V3, kind, fields } => {
                // Where both APIs are served the short name could mean either.
                let resource = format!("{}s.{}", kind.to_ascii_lowercase(), Api::V3.group());
                write!(f, "kubectl patch {resource} {DEFAULT} --type merge --patch '{}'", patch(fields))
            }
            Self::Installation { fields } => {
                write!(
                    f,
                    "kubectl patch installations.operator.tigera.io {DEFAULT} --type merge --patch '{}'",
                    patch(fields)
                )
            }
            Self::Environment { namespace, component, variables } => {
                let facts = component.facts();
                let kind = facts.workload_kind.to_ascii_lowercase();
                let name = facts.workload;
                write!(f, "kubectl -n {namespace} set env {kind}/{name} -c {name}")?;
                variables.iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
            }
        }
    }
}

fn patch(fields: &Map<String, Value>) -> Value {
    json!({ "spec": fields })
}

fn fields<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// What in the input keeps the metrics of Felix from being scraped as they are: certificates (Calico 3.32) or an address
/// that only the node itself reaches.
pub(super) fn refuse_unreachable_felix(found: &Found<'_>) -> Result<(), Box<Diagnostic>> {
    let Some(felix) = found.configuration("FelixConfiguration") else { return Ok(()) };
    let field = |name: &str| {
        felix.at(&["spec", name]).filter(|node| node.as_str().is_some_and(|text| !text.is_empty()))
    };
    if let Some(node) = field("prometheusMetricsCertFile") {
        return Err(Box::new(
            Diagnostic::new(
                Code::UNSUPPORTED,
                "Felix serves its metrics over TLS, for which no monitor is made yet",
            )
            .at(node.place(), "this switches TLS on")
            .help("say --disable felix and monitor it by hand, or take the certificate out"),
        ));
    }
    let is_loopback = |node: &Node<'_>| matches!(node.as_str(), Some("127.0.0.1" | "localhost" | "::1"));
    match field("prometheusMetricsHost").filter(is_loopback) {
        None => Ok(()),
        Some(node) => Err(Box::new(
            Diagnostic::new(Code::UNSUPPORTED, "Felix serves its metrics to its own node only")
                .at(node.place(), "Prometheus cannot reach this address")
                .help("take the field out, or say --disable felix"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use generated_crds::schema::Table;

    use super::*;

    /// A field the schema does not name would be kept, and do nothing.
    #[test]
    fn every_field_that_is_set_is_named_in_the_schemas() {
        let spec = [
            "prometheusMetricsEnabled",
            "prometheusMetricsPort",
            "prometheusMetricsHost",
            "prometheusMetricsCertFile",
        ];
        let named = [
            ("FelixConfiguration", &spec[..]),
            ("KubeControllersConfiguration", &["prometheusMetricsPort"]),
            ("Installation", &["nodeMetricsPort", "typhaMetricsPort"]),
        ];
        let table = Table::calico();
        for (kind, fields) in named {
            for known in table.kinds.iter().filter(|known| known.kind == kind) {
                assert!(!known.namespaced && known.served, "{}", known.api_version());
                let spec = table.property(known.schema, "spec").expect("it has a spec");
                for field in fields {
                    let node = table.property(spec, field);
                    assert!(node.is_some(), "{} {kind}.spec.{field}", known.api_version());
                }
                assert!(table.node(spec).preserve_unknown, "other fields are kept");
            }
        }
        let served: BTreeSet<String> =
            table.kinds.iter().map(generated_crds::schema::Kind::api_version).collect();
        assert!([Api::V3, Api::Crd].iter().all(|api| served.contains(api.api_version())));
    }

    #[test]
    fn removing_a_field_and_variables_of_a_workload_are_no_objects() {
        let removal = Change::Installation { fields: fields([("typhaMetricsPort", Value::Null)]) };
        assert_eq!(removal.object(), None);
        assert!(removal.to_string().ends_with(r#"'{"spec":{"typhaMetricsPort":null}}'"#));
        let variables = vec![("TYPHA_PROMETHEUSMETRICSENABLED".to_owned(), "true".to_owned())];
        let environment =
            Change::Environment { namespace: "kube-system", component: Component::Typha, variables };
        assert_eq!(environment.object(), None);
        let wanted = "kubectl -n kube-system set env deployment/calico-typha -c calico-typha TYPHA_PROMETHEUSMETRICSENABLED=true";
        assert_eq!(environment.to_string(), wanted);
    }
}
