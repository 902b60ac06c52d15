use crate::chain::{Chain, Workload, runtime};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::GroupKind;
use crate::rules::parts::is_true;
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A workload uses `hostNetwork`, `hostPID`, `hostIPC`, a host port or a `hostPath`, and its Namespace enforces `baseline` or
    /// `restricted`.
    ///
    /// ## Why it matters
    ///
    /// The API server refuses every pod; the DaemonSet or Deployment stays without any, and only its events say so.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: {name: node-exporter, namespace: monitoring, labels: {app: node-exporter}}
    /// spec:
    ///   selector: {matchLabels: {app: node-exporter}}
    ///   template:
    ///     metadata: {labels: {app: node-exporter}}
    ///     spec:
    ///       hostNetwork: true
    ///       tolerations: [{operator: Exists}]
    ///       containers:
    ///       - name: node-exporter
    ///         image: quay.io/prometheus/node-exporter:v1.12.1
    ///         args: [--path.rootfs=/host/root]
    ///         resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
    ///         securityContext: {readOnlyRootFilesystem: true}
    /// ---
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata: {name: monitoring, labels: {pod-security.kubernetes.io/enforce: baseline}}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: {name: node-exporter, namespace: monitoring, labels: {app: node-exporter}}
    /// spec:
    ///   selector: {matchLabels: {app: node-exporter}}
    ///   template:
    ///     metadata: {labels: {app: node-exporter}}
    ///     spec:
    ///       hostNetwork: true
    ///       tolerations: [{operator: Exists}]
    ///       containers:
    ///       - name: node-exporter
    ///         image: quay.io/prometheus/node-exporter:v1.12.1
    ///         args: [--path.rootfs=/host/root]
    ///         resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
    ///         securityContext: {readOnlyRootFilesystem: true}
    /// ---
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata: {name: monitoring, labels: {pod-security.kubernetes.io/enforce: privileged}}
    /// ```
    POD_SECURITY_REFUSES, Stable, Files, check
}

/// The label of a Namespace with the level that is enforced.
const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let workloads = chain.workloads.all().filter(|workload| !runtime::is_made(workload.object));
    workloads
        .filter_map(|workload| {
            let namespace = workload.object.namespace()?;
            let namespace = chain.setting.inventory.get(GroupKind::NAMESPACE, None, namespace)?;
            let level = namespace
                .labels()
                .get(ENFORCE)
                .filter(|level| matches!(*level, "baseline" | "restricted"))?;
            let (what, node) = of_host(workload)?;
            let object = workload.object;
            let message = format!("the Namespace of `{}` refuses its pods", object.identity());
            Some(
                Diagnostic::new(Code::POD_SECURITY_REFUSES, message)
                    .about(object.subject())
                    .at(node.place(), format!("`{level}` does not allow {what}"))
                    .with(namespace.place_at(&["metadata", "labels", ENFORCE]), "this level is enforced")
                    .help("set the label to `privileged`, or move the workload to a namespace of its own"),
            )
        })
        .collect()
}

/// What it uses of its node.
fn of_host<'w>(workload: &Workload<'w>) -> Option<(&'static str, Node<'w>)> {
    let spec = workload.template.spec()?;
    let switches = ["hostNetwork", "hostPID", "hostIPC"];
    let switch = switches
        .into_iter()
        .find_map(|field| is_true(spec, field).then(|| Some((field, spec.get(field)?))).flatten());
    let volume = || {
        let mut volumes = spec.get("volumes").into_iter().flat_map(Node::items);
        volumes.find_map(|volume| Some(("a hostPath", volume.get("hostPath")?)))
    };
    let port = || {
        let ports = workload.template.ports().into_iter();
        ports
            .filter_map(|port| port.node.get("hostPort"))
            .find(|port| port.as_i64().is_some_and(|port| port != 0))
            .map(|port| ("a host port", port))
    };
    switch.or_else(volume).or_else(port)
}
