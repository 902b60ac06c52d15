use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::object::Object;
use crate::operator::MonitorKind;
use crate::rules::parts::{Part, filled, parts, text};
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A Prometheus spreads its targets by zone (`shardingStrategy.mode: Topology`), and selects a Probe, or a ScrapeConfig whose
    /// targets are no pods.
    ///
    /// ## Why it matters
    ///
    /// Each shard keeps the targets of its zone. A target without a zone is kept by none: it is scraped by nobody.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   probeSelector: {}
    ///   shards: 2
    ///   shardingStrategy:
    ///     mode: Topology
    ///     topology: {values: [a, b]}
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Probe
    /// metadata: {name: site, namespace: shop}
    /// spec:
    ///   prober: {url: "blackbox.shop.svc:9115"}
    ///   targets: {staticConfig: {static: [example.com]}}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   probeSelector: {}
    ///   shards: 2
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Probe
    /// metadata: {name: site, namespace: shop}
    /// spec:
    ///   prober: {url: "blackbox.shop.svc:9115"}
    ///   targets: {staticConfig: {static: [example.com]}}
    /// ```
    LOST_BY_ZONE, Stable, Files, check
}

/// Labels that keep a target out of the sharding by zone.
const ESCAPES: [&str; 3] = ["__tmp_disable_sharding", "__tmp_topology", "__tmp_hash"];

/// Discoveries whose targets have no zone.
const WITHOUT_ZONE: [&str; 6] =
    ["staticConfigs", "fileSDConfigs", "httpSDConfigs", "dnsSDConfigs", "consulSDConfigs", "ec2SDConfigs"];

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    if !chain.setting.reality.has_feature("PrometheusTopologySharding") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for part in parts(chain) {
        let Some(prometheus) = part.selected.by.iter().find(|prometheus| spreads_by_zone(**prometheus))
        else {
            continue;
        };
        let hashes = part.relabelings().any(|rule| !rule.of_samples && rule.action() == "hashmod");
        if hashes || part.sets(&ESCAPES) || !lacks_zone(part) {
            continue;
        }
        let monitor = part.monitor();
        let message =
            format!("no shard of `{}` takes the targets of `{}`", prometheus.identity(), monitor.identity());
        found.push(
            Diagnostic::new(Code::LOST_BY_ZONE, message)
                .about(monitor.subject())
                .at(monitor.place(), "its targets have no zone")
                .with(prometheus.place_at(&["spec", "shardingStrategy", "mode"]), "each shard keeps one zone")
                .help(
                    "select it by another Prometheus, or set `__tmp_topology` to a zone in its relabelings",
                ),
        );
    }
    found
}

fn spreads_by_zone(prometheus: Object<'_>) -> bool {
    let Some(strategy) = prometheus.at(&["spec", "shardingStrategy"]) else { return false };
    let zones = strategy.at(&["topology", "values"]).map_or(0, |values| values.items().len());
    text(strategy, "mode") == "Topology" && zones > 0
}

fn lacks_zone(part: Part<'_, '_>) -> bool {
    match part.selected.kind {
        MonitorKind::Probe => true,
        MonitorKind::Service | MonitorKind::Pod => false,
        MonitorKind::ScrapeConfig => {
            let of_kubernetes = part.node.get("kubernetesSDConfigs").into_iter().flat_map(Node::items);
            let roles: Vec<&str> = of_kubernetes.map(|discovery| text(discovery, "role")).collect();
            roles.iter().any(|role| matches!(*role, "Node" | "Service" | "Ingress"))
                || (roles.is_empty() && WITHOUT_ZONE.iter().any(|field| filled(part.node, field).is_some()))
        }
    }
}
