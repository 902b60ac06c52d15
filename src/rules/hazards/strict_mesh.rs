use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::model::workload::PodTemplate;
use crate::operator::MonitorKind;
use crate::rules::chain::wording;
use crate::rules::parts::{filled, parts, text};
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A ServiceMonitor or PodMonitor scrapes pods with a sidecar of Istio, without TLS, where a PeerAuthentication asks for mutual
    /// TLS (`STRICT`).
    ///
    /// ## Why it matters
    ///
    /// The sidecar of the target closes the connection. Prometheus sees `connection reset by peer`, or 503.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: metrics}]
    /// ---
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata: {name: shop, labels: {istio-injection: enabled}}
    /// ---
    /// apiVersion: security.istio.io/v1
    /// kind: PeerAuthentication
    /// metadata: {name: default, namespace: shop}
    /// spec:
    ///   mtls: {mode: STRICT}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9249}]
    /// ---
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec:
    ///       containers:
    ///       - {name: web, image: "web:1", ports: [{name: metrics, containerPort: 9249}]}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: metrics}]
    /// ---
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata: {name: shop, labels: {istio-injection: enabled}}
    /// ---
    /// apiVersion: security.istio.io/v1
    /// kind: PeerAuthentication
    /// metadata: {name: default, namespace: shop}
    /// spec:
    ///   mtls: {mode: PERMISSIVE}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9249}]
    /// ---
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec:
    ///       containers:
    ///       - {name: web, image: "web:1", ports: [{name: metrics, containerPort: 9249}]}
    /// ```
    STRICT_MESH, Stable, Files, check
}

/// `sidecar.istio.io/inject`, as a label or as an annotation.
const INJECT: &str = "sidecar.istio.io/inject";

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let policies: Vec<Object<'_>> = chain
        .setting
        .inventory
        .of_kind(GroupKind::new("security.istio.io", "PeerAuthentication"))
        .filter(|policy| {
            let mode = policy.at(&["spec", "mtls", "mode"]).and_then(Node::as_str);
            // A policy for some pods, or for some ports, is not looked into.
            mode == Some("STRICT")
                && policy.at(&["spec", "selector"]).is_none()
                && policy.at(&["spec", "portLevelMtls"]).is_none()
        })
        .collect();
    if policies.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for part in parts(chain) {
        let (monitor, kind) = (part.monitor(), part.selected.kind);
        let is_plain = matches!(text(part.node, "scheme"), "" | "http" | "HTTP")
            && filled(part.node, "tlsConfig").is_none()
            && !part.sets(&["__scheme__", "__address__"]);
        if !is_plain || !matches!(kind, MonitorKind::Service | MonitorKind::Pod) {
            continue;
        }
        let Some(targets) = chain.targets.iter().find(|targets| targets.monitor.id() == monitor.id()) else {
            continue;
        };
        let pods = targets.found.iter().flat_map(|object| pods_of(chain, *object));
        let mut meshed = pods.filter(|(object, template)| has_sidecar(chain, *object, *template));
        let refused = meshed.find_map(|(object, _)| {
            let own = policies.iter().find(|policy| policy.namespace() == object.namespace());
            let mesh = || policies.iter().find(|policy| policy.namespace() == Some("istio-system"));
            own.or_else(mesh).map(|policy| (object, *policy))
        });
        let Some((object, policy)) = refused else { continue };
        let message = format!(
            "`{}` scrapes `{}` without TLS, and its mesh takes nothing else",
            monitor.identity(),
            object.identity()
        );
        found.push(
            Diagnostic::new(Code::STRICT_MESH, message)
                .about(monitor.subject())
                .at(wording::first_line(part.node.place()), "")
                .with(policy.place_at(&["spec", "mtls", "mode"]), "this asks for mutual TLS")
                .help("give Prometheus certificates of the mesh and name them in `tlsConfig`, let Istio merge the metrics (port 15020), or allow the port in `portLevelMtls`"),
        );
    }
    found
}

fn pods_of<'w>(chain: &Chain<'w>, object: Object<'w>) -> Vec<(Object<'w>, PodTemplate<'w>)> {
    match chain.backings.get(object) {
        Some(backing) => {
            let workloads = backing.workloads.iter().map(|item| chain.workloads.get(*item));
            workloads.map(|workload| (workload.object, workload.template)).collect()
        }
        None => PodTemplate::of(object).map(|template| (object, template)).into_iter().collect(),
    }
}

fn has_sidecar(chain: &Chain<'_>, object: Object<'_>, template: PodTemplate<'_>) -> bool {
    let labels = template.labels();
    let annotation = template.annotation_node().and_then(|node| node.get(INJECT)).and_then(Node::as_str);
    if let Some(word) = labels.get(INJECT).map(String::as_str).or(annotation) {
        return word == "true";
    }
    let namespace = object.namespace().unwrap_or_default();
    let namespace = chain.setting.inventory.get(GroupKind::NAMESPACE, None, namespace);
    let label = namespace.and_then(|namespace| namespace.labels().get("istio-injection"));
    label == Some("enabled") && !template.host_network()
}
