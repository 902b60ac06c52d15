//! What has to be set where etcd runs, for its owner to do: promwire changes no node.

use std::net::IpAddr;

use super::objects::POD_LABELS;
use super::options::{Distribution, Intent, METRICS, Topology};
use crate::diagnostic::{Code, Diagnostic};
use crate::integrations::Scene;
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::source::Node;

/// The namespace of the pods of a stacked etcd.
pub(super) const KUBE_SYSTEM: &str = "kube-system";

/// The flag of etcd that says where metrics and health are served alone.
const METRICS_FLAG: &str = "--listen-metrics-urls=";

/// The pods of a stacked etcd that the input shows.
pub(super) fn pods(inventory: &Inventory) -> impl Iterator<Item = Object<'_>> {
    inventory.of_kind(GroupKind::POD).filter(|pod| {
        pod.namespace() == Some(KUBE_SYSTEM)
            && POD_LABELS.iter().all(|(key, value)| pod.labels().get(key) == Some(*value))
    })
}

/// What has to be set so that Prometheus reaches the port for metrics; none where the input shows that it is.
pub(super) fn metrics_port(intent: &Intent<'_>, scene: &Scene<'_>) -> Option<Diagnostic> {
    let port = intent.port.number;
    if intent.topology == Topology::Stacked && intent.options.distribution == Distribution::Kubeadm {
        let shown: Vec<Object<'_>> = pods(scene.inventory).collect();
        if !shown.is_empty() && shown.iter().all(|pod| serves_metrics(*pod, port)) {
            return None;
        }
    }
    let finding = |message: String| Diagnostic::new(Code::SETTING_NEEDED, message);
    let restart = |config: &str, service: &str| {
        format!(
            "on every server put `etcd-expose-metrics: true` into {config} and restart it (systemctl restart {service})"
        )
    };
    let own = METRICS.number;
    let finding = match (intent.topology, intent.options.distribution) {
        (Topology::External, _) => finding(format!("every member has to serve metrics on port {port}")).help(
            format!("start each with --listen-metrics-urls=http://ADDRESS:{port}, where ADDRESS is its own"),
        ),
        (Topology::Stacked, Distribution::K3s) => {
            finding(format!("k3s serves the metrics of etcd on 127.0.0.1:{own} only, unless told otherwise"))
                .help(restart("/etc/rancher/k3s/config.yaml", "k3s"))
                .note("k3s has one set of metrics for etcd and the control plane: scrape no other port of it")
        }
        (Topology::Stacked, Distribution::Rke2) => {
            finding(format!("RKE2 serves the metrics of etcd on 127.0.0.1:{own} only, unless told otherwise"))
                .help(restart("/etc/rancher/rke2/config.yaml", "rke2-server"))
        }
        (Topology::Stacked, _) => kubeadm(
            port,
            finding(format!("kubeadm has etcd serve metrics on 127.0.0.1:{own} only, unless told otherwise")),
        ),
    };
    Some(finding.note(format!(
        "port {port} speaks plain HTTP to everyone who reaches it: let only the nodes with Prometheus through"
    )))
}

/// The change for kubeadm (1.31 and later, `kubeadm.k8s.io/v1beta4`). An address of each node cannot be written there,
/// and a list with 127.0.0.1 besides 0.0.0.0 does not start: the second address is in use.
pub(super) fn kubeadm(port: u16, finding: Diagnostic) -> Diagnostic {
    finding
        .help(format!(
            "kubectl -n kube-system edit configmap kubeadm-config, and in its ClusterConfiguration say\n\
             etcd:\n  local:\n    extraArgs:\n    - name: listen-metrics-urls\n      value: http://0.0.0.0:{port}\n\
             (before v1beta4 extraArgs is a map: `listen-metrics-urls: http://0.0.0.0:{port}`);\n\
             where the nodes speak IPv6 it is http://[::]:{port}"
        ))
        .help("then run `kubeadm upgrade node` on every control-plane node, one after the other")
        .note("an edit of /etc/kubernetes/manifests/etcd.yaml is lost with the next `kubeadm upgrade`")
}

/// Whether the command of a pod has etcd serve metrics to other machines on a port.
pub(super) fn serves_metrics(pod: Object<'_>, port: u16) -> bool {
    let containers = pod.at(&["spec", "containers"]).into_iter().flat_map(Node::items);
    let words = containers
        .flat_map(|container| ["command", "args"].into_iter().filter_map(move |field| container.get(field)))
        .flat_map(Node::items)
        .filter_map(Node::as_str);
    let urls = words.filter_map(|word| word.strip_prefix(METRICS_FLAG)).flat_map(|urls| urls.split(','));
    urls.filter_map(|url| url.strip_prefix("http://")?.strip_suffix(&format!(":{port}"))).any(|host| {
        let host = host.trim_matches(['[', ']']);
        host.parse::<IpAddr>().map_or(host != "localhost", |address| !address.is_loopback())
    })
}

/// Why nothing is generated for a distribution, and what there is instead; none where something is.
pub(super) fn nothing(distribution: Distribution) -> Option<Diagnostic> {
    let finding = |message: &str| Some(Diagnostic::new(Code::NOT_OURS, message));
    match distribution {
        Distribution::Openshift => finding("nothing is generated: OpenShift monitors its etcd itself")
            .map(|finding| finding.note("that is ServiceMonitor openshift-etcd-operator/etcd, over TLS with certificates of its own")),
        Distribution::Managed => {
            finding("nothing is generated: the etcd of a managed cluster is out of everybody's reach but its provider's")
                .map(|finding| {
                    finding.help("leave out the rules about etcd too: they would report it missing for ever")
                })
        }
        _ => None,
    }
}
