//! How targets are spread over shards.
//!
//! The rules stand at the end of every job, also with one shard. `$(…)` is replaced by the config-reloader of each pod.

use super::Generator;
use crate::operator::fields::Fields;
use crate::source::{Mapping, Ordered};

const HASH: &str = "__tmp_hash";
const DISABLED: &str = "__tmp_disable_sharding";
const TOPOLOGY: &str = "__tmp_topology";

fn replace(sources: &[&'static str], target: &'static str, regex: &'static str) -> Ordered {
    Mapping::new()
        .with("source_labels", sources.to_vec())
        .with("target_label", target)
        .with("regex", regex)
        .with("replacement", "$1")
        .with("action", "replace")
        .into()
}

fn keep(sources: &[&'static str], regex: impl Into<Ordered>) -> Ordered {
    Mapping::new().with("source_labels", sources.to_vec()).with("regex", regex).with("action", "keep").into()
}

impl Generator<'_> {
    /// The zones of sharding by zone; empty when it is not active.
    fn zones(&self) -> usize {
        let strategy = self.prometheus.at("shardingStrategy");
        if self.switches.topology_sharding && strategy.str("mode") == "Topology" {
            strategy.at("topology").list("values").len()
        } else {
            0
        }
    }

    /// Whether targets are spread by zone.
    pub(super) fn shards_by_zone(&self) -> bool {
        self.zones() > 0
    }

    /// The external label with the zone, if there is sharding by zone and it has a name.
    pub(super) fn zone_label(&self) -> Option<&str> {
        let strategy = self.prometheus.at("shardingStrategy");
        let topology: Fields<'_> = strategy.opt("topology")?;
        let active = self.switches.topology_sharding && strategy.str("mode") == "Topology";
        let name = topology.opt_str("externalLabelName").unwrap_or("zone");
        (active && !name.is_empty()).then_some(name)
    }

    /// The rules, by the value of a label: `__address__`, or `__param_target` for probes.
    pub(super) fn sharding(&self, label: &'static str) -> Vec<Ordered> {
        let mut rules = Vec::new();
        if self.switches.shard_retention {
            let shards: Vec<String> = (0..self.shards).map(|shard| shard.to_string()).collect();
            let current = Mapping::new()
                .with("target_label", "__tmp_current_shard")
                .with("replacement", "$(SHARD)")
                .with("action", "replace");
            rules.push(current.into());
            rules.push(keep(&["__tmp_current_shard"], shards.join("|")));
        }
        let zones = i64::try_from(self.zones()).unwrap_or(i64::MAX);
        let (modulus, own_shard) = match self.shards.checked_div(zones) {
            None => (self.shards, "$(SHARD);|.+;.+"),
            Some(per_zone) => {
                rules.push(replace(
                    &["__meta_kubernetes_endpointslice_endpoint_zone", TOPOLOGY],
                    TOPOLOGY,
                    "(.+);",
                ));
                rules.push(if self.switches.pod_topology_labels {
                    replace(
                        &[
                            "__meta_kubernetes_pod_label_topology_kubernetes_io_zone",
                            "__meta_kubernetes_pod_labelpresent_topology_kubernetes_io_zone",
                            TOPOLOGY,
                        ],
                        TOPOLOGY,
                        "(.+);true;",
                    )
                } else {
                    replace(
                        &[
                            "__meta_kubernetes_node_label_topology_kubernetes_io_zone",
                            "__meta_kubernetes_node_labelpresent_topology_kubernetes_io_zone",
                            TOPOLOGY,
                        ],
                        TOPOLOGY,
                        "(.+);true;",
                    )
                });
                rules.push(keep(&[TOPOLOGY, DISABLED], "$(TOPOLOGY_ZONE);|.+;.+"));
                (per_zone.max(1), "$(INZONE_SHARD);|.+;.+")
            }
        };
        rules.push(replace(&[label, HASH], HASH, "(.+);"));
        let hash = Mapping::new()
            .with("source_labels", [HASH])
            .with("target_label", HASH)
            .with("modulus", modulus)
            .with("action", "hashmod");
        rules.push(hash.into());
        rules.push(keep(&[HASH, DISABLED], own_shard));
        rules
    }

    /// Adds the rules by address, unless a rule hashes already.
    pub(super) fn shard_unless_hashed(&self, rules: &mut Vec<Ordered>) {
        let hashes = rules.iter().filter_map(Ordered::as_map).any(|rule| {
            rule.entries().any(|(key, value)| key == "action" && value.as_str() == Some("hashmod"))
        });
        if !hashes {
            rules.extend(self.sharding("__address__"));
        }
    }
}
