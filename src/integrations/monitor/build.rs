//! The objects themselves: what a ServiceMonitor and a PodMonitor have in common, and where they differ.

use generated_crds::{
    Endpoint, NamespaceSelector, PodMetricsEndpoint, PodMonitor, PodMonitorSpec, Scheme as SchemeField,
    ServiceMonitor, ServiceMonitorSpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::port::Port;
use super::{Options, Scheme};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::integrations::distinguish::is_volatile;
use crate::integrations::wiring::Placement;
use crate::integrations::{Labels, Plan, labels};
use crate::model::label;
use crate::model::object::{self, Object};
use crate::source::Node;

pub(super) use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

/// Labels of what is monitored that its monitor carries too, so that both are found together.
const SHARED_LABELS: &[&str] =
    &[labels::NAME, labels::INSTANCE, labels::COMPONENT, "app.kubernetes.io/part-of"];

/// How a monitor refers to the port.
pub(super) enum PortField {
    /// By the name of the Service port or container port.
    Name(String),
    /// By the name of the container port behind a Service port.
    TargetName(String),
    /// By the number of the container port, behind a Service port or of a pod.
    Number(u16),
}

/// Labels of an object as a map.
pub(super) fn map(labels: object::Labels<'_>) -> Labels {
    labels.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// The labels that the API server accepts, with a word about each other one.
pub(super) fn usable(labels: Labels, node: Option<Node<'_>>, plan: &mut Plan) -> Labels {
    let (good, bad): (Labels, Labels) = labels
        .into_iter()
        .partition(|(key, value)| label::key_error(key).is_none() && label::value_error(value).is_none());
    for (key, value) in bad {
        let reason = label::key_error(&key).or_else(|| label::value_error(&value)).unwrap_or_default();
        let mut finding =
            Diagnostic::new(Code::INVALID_VALUE, format!("the label `{key}` is invalid: {reason}"))
                .note("the API server refuses the object");
        if let Some(place) = node.and_then(|node| node.get(&key)).map(Node::place) {
            finding = finding.at(place, "");
        }
        plan.findings.push(finding);
    }
    good
}

/// The labels a monitor has of itself, given those of what it monitors.
pub(super) fn monitor_labels(target: &Labels) -> Labels {
    let mut own = labels::labels([(labels::MANAGED_BY, labels::PROMWIRE)]);
    for key in SHARED_LABELS {
        if let Some(value) = target.get(*key) {
            own.insert((*key).to_owned(), value.clone());
        }
    }
    own
}

/// The namespace a monitor has to name to find its target, none when it is its own.
///
/// # Errors
/// When the target's manifest names none and the monitor has one: nobody can say whether they are the same.
pub(super) fn target_namespace(
    target: Object<'_>,
    monitor: Option<&str>,
    owner: &str,
) -> Result<Option<NamespaceSelector>, Box<Diagnostic>> {
    match (target.namespace(), monitor) {
        (own, monitor) if own == monitor => Ok(None),
        (Some(own), _) => Ok(Some(NamespaceSelector {
            match_names: Some(vec![own.to_owned()]),
            ..NamespaceSelector::default()
        })),
        (None, monitor) => {
            let monitor = monitor.unwrap_or_default();
            let message = format!("{owner} names no namespace, and its monitor has to be in `{monitor}`");
            let finding = Diagnostic::new(Code::CONTRADICTORY_OPTIONS, message)
                .note("a monitor in another namespace names that of its targets")
                .help("say with -n NAMESPACE where objects without a namespace go");
            Err(Box::new(finding.at(target.place(), "")))
        }
    }
}

/// Says so where a selector relies on what changes with a release.
pub(super) fn note_volatile(selector: &LabelSelector, plan: &mut Plan) {
    let mut keys = selector.match_labels.iter().flatten().filter(|(key, _)| is_volatile(key));
    if let Some((key, value)) = keys.next() {
        let message = format!("the selector relies on `{key}={value}`, which changes with a release");
        plan.findings.push(
            Diagnostic::new(Code::CHOICE, message)
                .level(Level::Warning)
                .note("no lasting label tells it from its neighbours")
                .help("give it a label of its own, such as app.kubernetes.io/instance"),
        );
    }
}

/// The scheme to write, if any: what was asked for, or https where the port's name or protocol says so.
pub(super) fn scheme(options: &Options, port: &Port<'_>, plan: &mut Plan) -> Option<SchemeField> {
    match options.scheme {
        Some(Scheme::Http) => Some(SchemeField::Http),
        Some(Scheme::Https) => Some(SchemeField::Https),
        None if port.is_tls() => {
            let message = format!("`scheme: https` is a choice, after the port {port}");
            plan.findings.push(
                Diagnostic::new(Code::CHOICE, message)
                    .note("the certificate is verified against the system's authorities: others need a `tlsConfig`")
                    .help("say --scheme http if it is not TLS"),
            );
            Some(SchemeField::Https)
        }
        None => None,
    }
}

/// A monitor before it is one of either kind.
pub(super) struct Monitor<'a> {
    pub(super) name: String,
    pub(super) placement: &'a Placement,
    pub(super) target_namespace: Option<NamespaceSelector>,
    pub(super) selector: LabelSelector,
    pub(super) port: PortField,
    pub(super) scheme: Option<SchemeField>,
    pub(super) options: &'a Options,
}

impl Monitor<'_> {
    pub(super) fn into_service_monitor(self) -> ServiceMonitor {
        let metadata = self.metadata();
        let (port, target_port) = match self.port {
            PortField::Name(name) => (Some(name), None),
            PortField::TargetName(name) => (None, Some(IntOrString::String(name))),
            PortField::Number(number) => (None, Some(IntOrString::Int(i32::from(number)))),
        };
        ServiceMonitor {
            metadata,
            spec: ServiceMonitorSpec {
                endpoints: vec![Endpoint {
                    port,
                    target_port,
                    honor_labels: self.options.honor_labels.then_some(true),
                    interval: self.options.interval.as_ref().map(ToString::to_string),
                    path: self.options.path.clone(),
                    scheme: self.scheme,
                    scrape_timeout: self.options.scrape_timeout.as_ref().map(ToString::to_string),
                    ..Endpoint::default()
                }],
                job_label: self.options.job_label.clone(),
                namespace_selector: self.target_namespace,
                selector: self.selector,
                ..ServiceMonitorSpec::default()
            },
            ..ServiceMonitor::default()
        }
    }

    pub(super) fn into_pod_monitor(self) -> PodMonitor {
        let metadata = self.metadata();
        let (port, port_number) = match self.port {
            PortField::Name(name) | PortField::TargetName(name) => (Some(name), None),
            PortField::Number(number) => (None, Some(i32::from(number))),
        };
        PodMonitor {
            metadata,
            spec: PodMonitorSpec {
                pod_metrics_endpoints: Some(vec![PodMetricsEndpoint {
                    port,
                    port_number,
                    honor_labels: self.options.honor_labels.then_some(true),
                    interval: self.options.interval.as_ref().map(ToString::to_string),
                    path: self.options.path.clone(),
                    scheme: self.scheme,
                    scrape_timeout: self.options.scrape_timeout.as_ref().map(ToString::to_string),
                    ..PodMetricsEndpoint::default()
                }]),
                job_label: self.options.job_label.clone(),
                namespace_selector: self.target_namespace,
                selector: self.selector,
                ..PodMonitorSpec::default()
            },
            ..PodMonitor::default()
        }
    }

    fn metadata(&self) -> ObjectMeta {
        ObjectMeta {
            name: Some(self.name.clone()),
            namespace: self.placement.namespace.clone(),
            labels: Some(self.placement.labels.clone()),
            ..ObjectMeta::default()
        }
    }
}
