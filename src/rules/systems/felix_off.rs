use super::containers::{containers, scraped};
use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A ServiceMonitor scrapes the metrics of Felix (calico-node), and the FelixConfiguration of the input does not switch them
    /// on, nor does the environment of calico-node or the Installation.
    ///
    /// ## Why it matters
    ///
    /// `prometheusMetricsEnabled` is off by default: nothing listens on port 9091.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: projectcalico.org/v3
    /// kind: FelixConfiguration
    /// metadata: {name: default}
    /// spec:
    ///   prometheusMetricsEnabled: false
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: felix-metrics, namespace: kube-system, labels: {k8s-app: calico-node}}
    /// spec:
    ///   clusterIP: None
    ///   selector: {k8s-app: calico-node}
    ///   ports: [{name: metrics, port: 9091}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: felix, namespace: kube-system}
    /// spec:
    ///   selector: {matchLabels: {k8s-app: calico-node}}
    ///   endpoints: [{port: metrics}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: projectcalico.org/v3
    /// kind: FelixConfiguration
    /// metadata: {name: default}
    /// spec:
    ///   prometheusMetricsEnabled: true
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: felix-metrics, namespace: kube-system, labels: {k8s-app: calico-node}}
    /// spec:
    ///   clusterIP: None
    ///   selector: {k8s-app: calico-node}
    ///   ports: [{name: metrics, port: 9091}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: felix, namespace: kube-system}
    /// spec:
    ///   selector: {matchLabels: {k8s-app: calico-node}}
    ///   endpoints: [{port: metrics}]
    /// ```
    FELIX_METRICS_OFF, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let inventory = chain.setting.inventory;
    let groups = ["projectcalico.org", "crd.projectcalico.org"];
    let configurations: Vec<Object<'_>> = groups
        .into_iter()
        .flat_map(|group| inventory.of_kind(GroupKind::new(group, "FelixConfiguration")))
        .collect();
    let Some(default) = configurations.iter().find(|object| object.name() == "default") else {
        return Vec::new();
    };
    let is_on = |object: &Object<'_>| {
        object.at(&["spec", "prometheusMetricsEnabled"]).and_then(Node::as_bool) == Some(true)
    };
    let by_environment = containers(chain).any(|container| {
        let word = container.variable("FELIX_PROMETHEUSMETRICSENABLED").unwrap_or_default();
        word.eq_ignore_ascii_case("true")
    });
    let mut installations = inventory.of_kind(GroupKind::new("operator.tigera.io", "Installation"));
    let by_operator = installations.any(|object| object.at(&["spec", "nodeMetricsPort"]).is_some());
    if configurations.iter().any(is_on) || by_environment || by_operator {
        return Vec::new();
    }
    let scraped = scraped(chain).filter(|scraped| {
        let selector = scraped.backing.service.at(&["spec", "selector", "k8s-app"]);
        matches!(selector.and_then(Node::as_str), Some("calico-node" | "canal"))
    });
    scraped
        .map(|scraped| {
            let message = format!("`{}` scrapes Felix, whose metrics are off", scraped.monitor.identity());
            Diagnostic::new(Code::FELIX_METRICS_OFF, message)
                .about(scraped.monitor.subject())
                .at(scraped.monitor.place(), "")
                .with(
                    default.place_at(&["spec", "prometheusMetricsEnabled"]),
                    "they are not switched on here",
                )
                .help("set `prometheusMetricsEnabled: true` in the FelixConfiguration `default`")
        })
        .collect()
}
