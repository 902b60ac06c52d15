use std::sync::Arc;

rule! {
    /// A monitor scrapes kube-proxy, and its configuration has no `metricsBindAddress`, or one of the loopback.
    ///
    /// ## Why it matters
    ///
    /// The default is `127.0.0.1:10249`, which nobody but the node itself reaches.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: kube-proxy, namespace: kube-system}
    /// data:
    ///   config.conf: |
    ///     apiVersion: kubeproxy.config.k8s.io/v1alpha1
    ///     kind: KubeProxyConfiguration
    ///     metricsBindAddress: ""
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: PodMonitor
    /// metadata: {name: kube-proxy, namespace: kube-system}
    /// spec:
    ///   selector: {matchLabels: {k8s-app: kube-proxy}}
    ///   podMetricsEndpoints:
    ///   - relabelings:
    ///     - {sourceLabels: [__meta_kubernetes_pod_ip], targetLabel: __address__, replacement: "$1:10249"}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: kube-proxy, namespace: kube-system}
    /// data:
    ///   config.conf: |
    ///     apiVersion: kubeproxy.config.k8s.io/v1alpha1
    ///     kind: KubeProxyConfiguration
    ///     metricsBindAddress: "0.0.0.0:10249"
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: PodMonitor
    /// metadata: {name: kube-proxy, namespace: kube-system}
    /// spec:
    ///   selector: {matchLabels: {k8s-app: kube-proxy}}
    ///   podMetricsEndpoints:
    ///   - relabelings:
    ///     - {sourceLabels: [__meta_kubernetes_pod_ip], targetLabel: __address__, replacement: "$1:10249"}
    /// ```
    KUBE_PROXY_ON_LOOPBACK, Stable, Files, check
}

use super::containers::is_loopback;
use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic, TextFile};
use crate::kubernetes::data;
use crate::model::kind::GroupKind;
use crate::rules::rule;
use crate::source::{self, Node};

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let Some(config) = chain.setting.inventory.get(GroupKind::CONFIG_MAP, Some("kube-system"), "kube-proxy")
    else {
        return Vec::new();
    };
    let Some(content) = data::of_config_map(config).remove("config.conf") else { return Vec::new() };
    let Ok(content) = String::from_utf8(content) else { return Vec::new() };
    let file = Arc::new(TextFile::new("config.conf", content));
    let Ok(Some(document)) = source::read_unmerged(&file) else { return Vec::new() };
    let address = document.root().get("metricsBindAddress").and_then(Node::as_str).unwrap_or_default();
    if !address.is_empty() && !is_loopback(address) {
        return Vec::new();
    }
    let monitors = chain.targets.iter().filter(|targets| {
        targets.selector.as_ref().is_some_and(|selector| {
            selector.requirements().iter().any(|requirement| requirement.values() == ["kube-proxy"])
        })
    });
    monitors
        .map(|targets| {
            let monitor = targets.monitor;
            let message =
                format!("`{}` scrapes kube-proxy, which listens on its own node only", monitor.identity());
            Diagnostic::new(Code::KUBE_PROXY_ON_LOOPBACK, message)
                .about(monitor.subject())
                .at(monitor.place(), "")
                .with(config.place(), "its `metricsBindAddress` is of the loopback, as is the default")
                .help("set `metricsBindAddress: 0.0.0.0:10249` there, and restart kube-proxy")
        })
        .collect()
}
