use super::containers::scraped;
use crate::chain::Chain;
use crate::chain::Container;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// A ServiceMonitor scrapes another port of Typha than that of its clients, and the Deployment of Typha does not set
    /// `TYPHA_PROMETHEUSMETRICSENABLED`.
    ///
    /// ## Why it matters
    ///
    /// The metrics of Typha are off by default: nothing listens on port 9093.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: calico-typha, namespace: kube-system}
    /// spec:
    ///   selector: {matchLabels: {k8s-app: calico-typha}}
    ///   template:
    ///     metadata: {labels: {k8s-app: calico-typha}}
    ///     spec:
    ///       hostNetwork: true
    ///       containers:
    ///       - name: calico-typha
    ///         image: docker.io/calico/typha:v3.32.1
    ///         ports: [{name: calico-typha, containerPort: 5473}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: typha-metrics, namespace: kube-system, labels: {k8s-app: typha-metrics}}
    /// spec:
    ///   clusterIP: None
    ///   selector: {k8s-app: calico-typha}
    ///   ports: [{name: metrics, port: 9093}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: typha, namespace: kube-system}
    /// spec:
    ///   selector: {matchLabels: {k8s-app: typha-metrics}}
    ///   endpoints: [{port: metrics}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: calico-typha, namespace: kube-system}
    /// spec:
    ///   selector: {matchLabels: {k8s-app: calico-typha}}
    ///   template:
    ///     metadata: {labels: {k8s-app: calico-typha}}
    ///     spec:
    ///       hostNetwork: true
    ///       containers:
    ///       - name: calico-typha
    ///         image: docker.io/calico/typha:v3.32.1
    ///         ports: [{name: calico-typha, containerPort: 5473}]
    ///         env: [{name: TYPHA_PROMETHEUSMETRICSENABLED, value: "true"}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: typha-metrics, namespace: kube-system, labels: {k8s-app: typha-metrics}}
    /// spec:
    ///   clusterIP: None
    ///   selector: {k8s-app: calico-typha}
    ///   ports: [{name: metrics, port: 9093}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: typha, namespace: kube-system}
    /// spec:
    ///   selector: {matchLabels: {k8s-app: typha-metrics}}
    ///   endpoints: [{port: metrics}]
    /// ```
    TYPHA_METRICS_OFF, Stable, Files, check
}

/// The port of Typha's clients.
const CLIENTS: i64 = 5473;

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for scraped in scraped(chain).filter(|scraped| scraped.number != CLIENTS) {
        let behind = scraped.backing.workloads.iter().map(|item| chain.workloads.get(*item));
        let mut behind = behind.flat_map(|workload| Container::of(workload.object, workload.template));
        let Some(typha) = behind.find(|container| container.program == "typha") else { continue };
        let is_told_elsewhere = typha.node.get("envFrom").is_some();
        let word = typha.variable("TYPHA_PROMETHEUSMETRICSENABLED").unwrap_or_default();
        if word.eq_ignore_ascii_case("true") || is_told_elsewhere {
            continue;
        }
        let message = format!("`{}` scrapes Typha, whose metrics are off", scraped.monitor.identity());
        found.push(
            Diagnostic::new(Code::TYPHA_METRICS_OFF, message)
                .about(scraped.monitor.subject())
                .at(scraped.monitor.place(), "")
                .with(typha.object.place(), "`TYPHA_PROMETHEUSMETRICSENABLED` is not set here")
                .help("set it to `true`, and `TYPHA_PROMETHEUSMETRICSPORT` to the port of the Service"),
        );
    }
    found
}
