use super::containers::{is_loopback, scraped};
use crate::chain::Chain;
use crate::chain::Container;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A ServiceMonitor scrapes the scheduler, the controller manager or a node-exporter, and the manifest has it listen on
    /// `127.0.0.1`.
    ///
    /// ## Why it matters
    ///
    /// kubeadm sets `--bind-address=127.0.0.1`. Nobody but the node itself reaches that, and the target is down on every node.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: kube-scheduler-master, namespace: kube-system, labels: {component: kube-scheduler}}
    /// spec:
    ///   hostNetwork: true
    ///   containers:
    ///   - name: kube-scheduler
    ///     image: registry.k8s.io/kube-scheduler:v1.36.0
    ///     command: [kube-scheduler, "--bind-address=127.0.0.1"]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: kube-scheduler, namespace: kube-system, labels: {k8s-app: kube-scheduler}}
    /// spec:
    ///   clusterIP: None
    ///   selector: {component: kube-scheduler}
    ///   ports: [{name: https-metrics, port: 10259}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: kube-scheduler, namespace: kube-system}
    /// spec:
    ///   selector: {matchLabels: {k8s-app: kube-scheduler}}
    ///   endpoints: [{port: https-metrics, scheme: https}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: kube-scheduler-master, namespace: kube-system, labels: {component: kube-scheduler}}
    /// spec:
    ///   hostNetwork: true
    ///   containers:
    ///   - name: kube-scheduler
    ///     image: registry.k8s.io/kube-scheduler:v1.36.0
    ///     command: [kube-scheduler, "--bind-address=0.0.0.0"]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: kube-scheduler, namespace: kube-system, labels: {k8s-app: kube-scheduler}}
    /// spec:
    ///   clusterIP: None
    ///   selector: {component: kube-scheduler}
    ///   ports: [{name: https-metrics, port: 10259}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: kube-scheduler, namespace: kube-system}
    /// spec:
    ///   selector: {matchLabels: {k8s-app: kube-scheduler}}
    ///   endpoints: [{port: https-metrics, scheme: https}]
    /// ```
    COMPONENT_ON_LOOPBACK, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for scraped in scraped(chain) {
        let behind = scraped.backing.workloads.iter().map(|item| chain.workloads.get(*item));
        let mut behind = behind.flat_map(|workload| Container::of(workload.object, workload.template));
        let closed = behind.find_map(|container| Some((container, closed(container, scraped.number)?)));
        let Some((container, flag)) = closed else { continue };
        let message = format!(
            "`{}` scrapes `{}`, which listens on its own node only",
            scraped.monitor.identity(),
            container.object.identity()
        );
        found.push(
            Diagnostic::new(Code::COMPONENT_ON_LOOPBACK, message)
                .about(scraped.monitor.subject())
                .at(scraped.monitor.place(), "")
                .with(flag.place(), "this is the loopback")
                .help("let it listen on the address of the node, or on all of them"),
        );
    }
    found
}

/// The flag by which a component listens on this port of the loopback.
fn closed(container: Container<'_>, port: i64) -> Option<Node<'_>> {
    let secure = |program: &str, own: i64| container.is(program) && port == own;
    if secure("kube-scheduler", 10259) || secure("kube-controller-manager", 10257) {
        let (address, flag) = container.flag("bind-address")?;
        return is_loopback(address).then_some(flag);
    }
    if container.is("node-exporter") || container.is("node_exporter") {
        let (address, flag) = container.flag("web.listen-address")?;
        return (is_loopback(address) && address.ends_with(&format!(":{port}"))).then_some(flag);
    }
    None
}
