//! node-exporter: the metrics of every Linux node.

mod daemon_set;

use clap::{Args, ValueEnum};
use generated_crds::{
    Endpoint, NamespaceSelector, PodMetricsEndpoint, PodMonitor, PodMonitorSpec, RelabelAction,
    RelabelConfig, ServiceMonitor, ServiceMonitorSpec,
};
use k8s_openapi::api::core::v1::{Service, ServiceAccount, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::discovered::Discovered;
use super::node_ports::takes_node_port;
use super::wiring::{MonitorKind, Placement};
use super::{Integration, Labels, Plan, Scene, flags, labels, options};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::model::workload::{self, PodTemplate};
use crate::prom::duration::PromDuration;
use crate::source::Node;

pub(super) const NODE_EXPORTER: Integration = Integration {
    name: NAME,
    about: "node-exporter on every Linux node, and its monitor",
    options: flags::<Options>,
    plan: |matches, scene| plan(&options(matches)?, scene),
};

/// The name of the objects, of the application and of the job: dashboards and rules ask for `job="node-exporter"`.
const NAME: &str = "node-exporter";
/// The name of the port, on the container and the Service.
const PORT_NAME: &str = "metrics";

/// The port it listens on everywhere.
const DEFAULT_PORT: u16 = 9100;

/// How node-exporter runs and is monitored.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "node-exporter")]
struct Options {
    /// The port on every node; choose another one where something listens on it already
    #[arg(long, value_name = "PORT", default_value_t = DEFAULT_PORT, value_parser = port)]
    port: u16,

    /// Through which kind of monitor it is scraped; pod spares very large clusters one very large Service
    #[arg(long, value_enum, value_name = "KIND", default_value_t = Through::Service)]
    monitor: Through,

    /// Time between scrapes
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = PromDuration::positive)]
    interval: PromDuration,

    /// Release of node-exporter
    #[arg(long, value_name = "VERSION", default_value = "1.12.1", value_parser = version)]
    version: String,

    /// Image without a tag
    #[arg(long, value_name = "IMAGE", default_value = "quay.io/prometheus/node-exporter", value_parser = image)]
    image: String,

    /// Generate it even where the input has a node-exporter already: then every node is there twice
    #[arg(long)]
    second: bool,
}

/// The kind of monitor.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Through {
    Service,
    Pod,
}

impl Options {
    fn image(&self) -> String {
        format!("{}:v{}", self.image, self.version)
    }

    fn label_version(&self) -> &str {
        &self.version
    }
}

/// Whether there is one, and which port another would have.
pub(super) fn discover(inventory: &Inventory) -> Discovered {
    let mut discovered = Discovered { integration: NAME, ..Discovered::default() };
    for (object, template) in workload::all(inventory).filter(|(object, _)| object.kind() != "Pod") {
        if is_node_exporter(template) {
            let owner = super::discovered::owner(object).map(|owner| format!(", of {owner}"));
            discovered.remarks.push(format!(
                "{} is a node-exporter already{}",
                object.identity(),
                owner.unwrap_or_default()
            ));
            let namespace = object.namespace().unwrap_or_default().to_owned();
            discovered.targets.workloads.push((namespace, object.name().to_owned()));
        }
    }
    if !discovered.remarks.is_empty() {
        return discovered;
    }
    discovered.is_wanted = true;
    let taken =
        |port: u16| workload::all(inventory).find(|(_, template)| takes_node_port(*template, port).is_some());
    if let Some((object, _)) = taken(DEFAULT_PORT) {
        discovered.remarks.push(format!("{} has port {DEFAULT_PORT} of its nodes", object.identity()));
        if let Some(free) = (DEFAULT_PORT + 1..DEFAULT_PORT + 100).find(|port| taken(*port).is_none()) {
            discovered.options.push(("port", vec![free.to_string()]));
        }
    }
    discovered
}

fn plan(options: &Options, scene: &Scene<'_>) -> Result<Plan, Box<Diagnostic>> {
    let namespace = scene.own_namespace();
    refuse_second(options, namespace, scene)?;
    let mut plan = Plan::default();
    // hostNetwork, hostPID and hostPath are what the pod security levels `baseline` and `restricted` refuse.
    plan.need_namespace(namespace, labels::labels([("pod-security.kubernetes.io/enforce", "privileged")]));
    plan.scraped.insert(namespace.to_owned());
    plan.add(&ServiceAccount {
        metadata: metadata(namespace),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    });
    plan.add(&daemon_set::daemon_set(options, namespace));
    let kind = match options.monitor {
        Through::Service => MonitorKind::Service,
        Through::Pod => MonitorKind::Pod,
    };
    let placement = scene.wiring.place(kind, Some(namespace), &labels::own(NAME))?;
    match options.monitor {
        Through::Service => {
            plan.add(&service(options, namespace));
            plan.add(&service_monitor(options, namespace, &placement));
        }
        Through::Pod => plan.add(&pod_monitor(options, namespace, &placement)),
    }
    plan.findings.extend(placement.findings);
    Ok(plan)
}

/// Refuses a port of the node that a workload of the input has already (one of the two would not start), and a
/// second node-exporter.
fn refuse_second(options: &Options, namespace: &str, scene: &Scene<'_>) -> Result<(), Box<Diagnostic>> {
    let ours = scene.inventory.get(GroupKind::DAEMON_SET, Some(namespace), NAME);
    let is_ours = |object: Object<'_>| {
        ours.is_some_and(|ours| {
            object.id() == ours.id() || workload::is_made_by(object, ours, scene.inventory)
        })
    };
    for (object, template) in workload::all(scene.inventory) {
        // Ours, made before: it will be replaced by what is made now.
        if is_ours(object) {
            continue;
        }
        let owner = object.identity();
        if is_node_exporter(template) && !options.second {
            return Err(Box::new(
                Diagnostic::new(Code::ALREADY_MONITORED, format!("{owner} is a node-exporter already"))
                    .level(Level::Error)
                    .at(object.place(), "this workload")
                    .note("a second one would report every node twice")
                    .help(format!(
                        "monitor the one that runs: promwire generate servicemonitor --for {}/{}",
                        object.kind().to_ascii_lowercase(),
                        object.name()
                    ))
                    .help("say --second, with another --port, to have both"),
            ));
        }
        if let Some(node) = takes_node_port(template, options.port) {
            let message = format!("port {} of the nodes is taken by {owner}", options.port);
            return Err(Box::new(
                Diagnostic::new(Code::PORT_CLASH, message)
                    .at(node.place(), "here")
                    .help("choose another port with --port, such as --port 9110"),
            ));
        }
    }
    Ok(())
}

fn is_node_exporter(template: PodTemplate<'_>) -> bool {
    template.containers().any(|container| {
        container.get("image").and_then(Node::as_str).is_some_and(|image| {
            let name = image.rsplit('/').next().unwrap_or(image);
            let name = name.split([':', '@']).next().unwrap_or(name);
            matches!(name, "node-exporter" | "node_exporter" | "prometheus-node-exporter")
        })
    })
}

/// The Service that only Prometheus reads: headless, so that no node programs rules for it.
fn service(options: &Options, namespace: &str) -> Service {
    Service {
        metadata: metadata(namespace),
        spec: Some(ServiceSpec {
            cluster_ip: Some("None".to_owned()),
            ports: Some(vec![ServicePort {
                name: Some(PORT_NAME.to_owned()),
                port: i32::from(options.port),
                target_port: Some(IntOrString::String(PORT_NAME.to_owned())),
                protocol: Some("TCP".to_owned()),
                ..ServicePort::default()
            }]),
            selector: Some(selected()),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

fn service_monitor(options: &Options, namespace: &str, placement: &Placement) -> ServiceMonitor {
    ServiceMonitor {
        metadata: placed(placement),
        spec: ServiceMonitorSpec {
            endpoints: vec![Endpoint {
                interval: Some(options.interval.to_string()),
                port: Some(PORT_NAME.to_owned()),
                relabelings: Some(relabelings()),
                ..Endpoint::default()
            }],
            job_label: Some(labels::NAME.to_owned()),
            namespace_selector: namespaces(namespace, placement),
            selector: LabelSelector { match_labels: Some(selected()), ..LabelSelector::default() },
            ..ServiceMonitorSpec::default()
        },
        ..ServiceMonitor::default()
    }
}

fn pod_monitor(options: &Options, namespace: &str, placement: &Placement) -> PodMonitor {
    PodMonitor {
        metadata: placed(placement),
        spec: PodMonitorSpec {
            job_label: Some(labels::NAME.to_owned()),
            namespace_selector: namespaces(namespace, placement),
            pod_metrics_endpoints: Some(vec![PodMetricsEndpoint {
                interval: Some(options.interval.to_string()),
                port: Some(PORT_NAME.to_owned()),
                relabelings: Some(relabelings()),
                ..PodMetricsEndpoint::default()
            }]),
            selector: LabelSelector { match_labels: Some(selected()), ..LabelSelector::default() },
            ..PodMonitorSpec::default()
        },
        ..PodMonitor::default()
    }
}

/// The node as `instance`, which dashboards show, and as `node`, which joins with kube-state-metrics use.
fn relabelings() -> Vec<RelabelConfig> {
    ["instance", "node"]
        .into_iter()
        .map(|label| RelabelConfig {
            action: Some(RelabelAction::ReplaceLower),
            source_labels: Some(vec!["__meta_kubernetes_pod_node_name".to_owned()]),
            target_label: Some(label.to_owned()),
            ..RelabelConfig::default()
        })
        .collect()
}

/// What tells its pods and its Service from all others.
fn selected() -> Labels {
    labels::labels([(labels::NAME, NAME)])
}

fn namespaces(namespace: &str, placement: &Placement) -> Option<NamespaceSelector> {
    (placement.namespace.as_deref() != Some(namespace)).then(|| NamespaceSelector {
        match_names: Some(vec![namespace.to_owned()]),
        ..NamespaceSelector::default()
    })
}

fn metadata(namespace: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(NAME.to_owned()),
        namespace: Some(namespace.to_owned()),
        labels: Some(labels::own(NAME)),
        ..ObjectMeta::default()
    }
}

fn placed(placement: &Placement) -> ObjectMeta {
    ObjectMeta {
        name: Some(NAME.to_owned()),
        namespace: placement.namespace.clone(),
        labels: Some(placement.labels.clone()),
        ..ObjectMeta::default()
    }
}

/// Ports of every node that Kubernetes itself listens on.
const KUBERNETES_PORTS: &[u16] = &[10248, 10249, 10250, 10255, 10256];

/// A port that an unprivileged process can open.
fn port(text: &str) -> Result<u16, String> {
    match text.parse() {
        Ok(port) if KUBERNETES_PORTS.contains(&port) => {
            Err(format!("Kubernetes listens on {port} of every node; choose another, such as 9110"))
        }
        Ok(port @ 1024..) => Ok(port),
        _ => Err("a port from 1024 to 65535: node-exporter runs without privileges".to_owned()),
    }
}

/// An image without a tag or digest: the release is the tag.
fn image(text: &str) -> Result<String, String> {
    let last = text.rsplit('/').next().unwrap_or(text);
    if text.is_empty() || text.contains(char::is_whitespace) || last.is_empty() || last.contains([':', '@']) {
        Err("an image without a tag, such as registry.example/node-exporter; --version says which release"
            .to_owned())
    } else {
        Ok(text.to_owned())
    }
}

/// A release such as `1.12.1`; a leading `v` is dropped, the tag gets its own.
fn version(text: &str) -> Result<String, String> {
    let number = text.strip_prefix('v').unwrap_or(text);
    let (release, _) = number.split_once('-').unwrap_or((number, ""));
    let numeric = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let valid = release.split('.').count() == 3
        && release.split('.').all(numeric)
        && crate::model::label::value_error(number).is_none();
    if valid { Ok(number.to_owned()) } else { Err("a release is written like 1.12.1".to_owned()) }
}
