use super::containers::{Scraped, containers, is_loopback, scraped};
use crate::chain::Chain;
use crate::chain::Container;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A ServiceMonitor scrapes a port of etcd, and the manifest of etcd has it listen on `127.0.0.1` there. Where addresses are
    /// written down instead of a selector, it is a warning.
    ///
    /// ## Why it matters
    ///
    /// kubeadm sets `--listen-metrics-urls=http://127.0.0.1:2381`: nobody but the node itself reaches that. Keep the loopback first
    /// in the list, as the kubelet asks there whether etcd lives.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: etcd, namespace: kube-system}
    /// spec:
    ///   selector: {matchLabels: {k8s-app: etcd}}
    ///   endpoints:
    ///   - {port: metrics}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: etcd, namespace: kube-system, labels: {k8s-app: etcd}}
    /// spec:
    ///   clusterIP: None
    ///   selector: {component: etcd}
    ///   ports: [{name: metrics, port: 2381}]
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: etcd-master, namespace: kube-system, labels: {component: etcd}}
    /// spec:
    ///   hostNetwork: true
    ///   containers:
    ///   - name: etcd
    ///     image: registry.k8s.io/etcd:3.6.4-0
    ///     command:
    ///     - etcd
    ///     - --listen-metrics-urls=http://127.0.0.1:2381
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: etcd, namespace: kube-system}
    /// spec:
    ///   selector: {matchLabels: {k8s-app: etcd}}
    ///   endpoints:
    ///   - {port: metrics}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: etcd, namespace: kube-system, labels: {k8s-app: etcd}}
    /// spec:
    ///   clusterIP: None
    ///   selector: {component: etcd}
    ///   ports: [{name: metrics, port: 2381}]
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: etcd-master, namespace: kube-system, labels: {component: etcd}}
    /// spec:
    ///   hostNetwork: true
    ///   containers:
    ///   - name: etcd
    ///     image: registry.k8s.io/etcd:3.6.4-0
    ///     command:
    ///     - etcd
    ///     - --listen-metrics-urls=http://127.0.0.1:2381,http://192.0.2.10:2381
    /// ```
    ETCD_ON_LOOPBACK, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let etcds: Vec<Container<'_>> = containers(chain).filter(|container| container.is("etcd")).collect();
    if etcds.is_empty() {
        return Vec::new();
    }
    let ports = scraped(chain).filter(|scraped| matches!(scraped.number, 2379 | 2381));
    ports.filter_map(|scraped| judge(chain, &scraped, &etcds)).collect()
}

fn judge(chain: &Chain<'_>, scraped: &Scraped<'_, '_>, etcds: &[Container<'_>]) -> Option<Diagnostic> {
    let behind = scraped.backing.workloads.iter().map(|item| chain.workloads.get(*item));
    let mut behind = behind.flat_map(|workload| Container::of(workload.object, workload.template));
    let selected = behind.find_map(|container| Some((container, closed(container, scraped.number)?)));
    let written = || {
        let closed =
            etcds.iter().find_map(|container| Some((*container, closed(*container, scraped.number)?)));
        closed.filter(|_| !scraped.backing.has_selector() && scraped.backing.has_addresses())
    };
    let (container, flag, level) = match selected {
        Some((container, flag)) => (container, flag, Level::Error),
        None => written().map(|(container, flag)| (container, flag, Level::Warning))?,
    };
    let message = format!(
        "`{}` scrapes port {} of etcd, which listens on its own node only",
        scraped.monitor.identity(),
        scraped.number
    );
    Some(
        Diagnostic::new(Code::ETCD_ON_LOOPBACK, message)
            .level(level)
            .about(scraped.monitor.subject())
            .at(scraped.monitor.place(), "")
            .with(flag.place(), format!("`{}` says so", container.object.identity()))
            .help("add `http://ADDRESS-OF-THE-NODE:2381` to `--listen-metrics-urls` of every member, after the loopback"),
    )
}

/// The flag by which etcd listens on a port, if only on the loopback.
fn closed(container: Container<'_>, port: i64) -> Option<Node<'_>> {
    let name = if port == 2381 { "listen-metrics-urls" } else { "listen-client-urls" };
    let (urls, flag) = container.flag(name)?;
    let suffix = format!(":{port}");
    let mut own = urls.split(',').filter(|url| url.trim_end_matches('/').ends_with(&suffix)).peekable();
    own.peek()?;
    own.all(is_loopback).then_some(flag)
}
