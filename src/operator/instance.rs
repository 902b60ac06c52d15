//! The pods in which a Prometheus runs (operator 0.93): how many kinds of them there are, and what their config-reloader makes of
//! the configuration.

use std::collections::BTreeMap;

use super::Reality;
use super::fields::Fields;
use super::monitor::completed_spec;
use super::reality::Switches;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::model::schema::SchemaSet;

/// The first pod of a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// The number of the shard, from 0.
    pub shard: u32,
    /// How many shards there are.
    pub shards: u32,
    /// The variables the config-reloader knows, besides those every container has.
    pub environment: BTreeMap<String, String>,
}

impl Instance {
    /// The first pod of a shard of a Prometheus or `PrometheusAgent`; the number need not be below that of the shards, for pods that
    /// stay when shards are taken away.
    pub fn of(object: Object<'_>, schemas: &SchemaSet, reality: &Reality, shard: u32) -> Self {
        let mut spec = completed_spec(object, schemas);
        reality.adjust(&mut spec);
        let fields = Fields::of(&spec);
        let is_agent = object.group_kind() == GroupKind::PROMETHEUS_AGENT;
        let is_daemon_set = is_agent && fields.str("mode") == "DaemonSet";
        let shards = fields.int("shards").and_then(|shards| u32::try_from(shards).ok()).unwrap_or(1).max(1);
        let prefix = if is_agent { "prom-agent" } else { "prometheus" };
        let mut environment = BTreeMap::new();
        let mut set = |name: &str, value: String| environment.insert(name.to_owned(), value);
        if is_daemon_set {
            set("SHARD", "0".to_owned());
        } else {
            let of_shard = if shard == 0 { String::new() } else { format!("-shard-{shard}") };
            set("POD_NAME", format!("{prefix}-{}{of_shard}-0", object.name()));
            set("SHARD", shard.to_string());
            let strategy = fields.at("shardingStrategy");
            let zones: Vec<&str> = strategy.at("topology").strings("values").collect();
            let by_zone = Switches::of(reality, is_agent, is_daemon_set).topology_sharding
                && strategy.str("mode") == "Topology";
            if by_zone && let Some(count) = u32::try_from(zones.len()).ok().filter(|count| *count > 0) {
                set("TOPOLOGY_ZONE", zones[(shard % count) as usize].to_owned());
                set("INZONE_SHARD", (shard / count).to_string());
            }
        }
        Self { shard, shards, environment }
    }

    /// The text of a configuration with the variables it names, wherever in it they stand: `$(SHARD)`. A name nobody knows stays
    /// as it is.
    pub fn expand(&self, text: &str) -> String {
        let mut expanded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("$(") {
            let (before, from) = rest.split_at(at);
            expanded.push_str(before);
            let inner = &from[2..];
            let length =
                inner.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
            let value = self.environment.get(&inner[..length]).filter(|_| inner[length..].starts_with(')'));
            if let Some(value) = value {
                expanded.push_str(value);
                rest = &inner[length + 1..];
            } else {
                expanded.push_str("$(");
                rest = inner;
            }
        }
        expanded.push_str(rest);
        expanded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_anywhere() {
        let environment = [("SHARD".to_owned(), "2".to_owned())].into();
        let instance = Instance { shard: 2, shards: 3, environment };
        for (text, expected) in [
            ("a $(SHARD);|.+", "a 2;|.+"),
            ("$(OTHER) $(SHARD", "$(OTHER) $(SHARD"),
            ("$($(SHARD))", "$(2)"),
            ("$$(SHARD)", "$2"),
            ("", ""),
        ] {
            assert_eq!(instance.expand(text), expected, "{text}");
        }
    }
}
