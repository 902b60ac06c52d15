//! What the config-reloader puts in place of `$(NAME)` before Prometheus reads its configuration.

use std::collections::BTreeMap;

use crate::model::object::Object;
use crate::source::Node;

/// Variables of the config-reloader's container that decide about targets (prometheus-operator 0.93).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Environment {
    variables: BTreeMap<&'static str, String>,
}

impl Environment {
    /// The variables beside one shard of a Prometheus. Of its replicas the first is meant.
    pub(super) fn of(object: Object<'_>, shard: u64) -> Self {
        let prefix = if object.kind() == "PrometheusAgent" { "prom-agent" } else { "prometheus" };
        let name = object.name();
        let pod = if shard == 0 {
            format!("{prefix}-{name}-0")
        } else {
            format!("{prefix}-{name}-shard-{shard}-0")
        };
        let mut variables = BTreeMap::from([("POD_NAME", pod), ("SHARD", shard.to_string())]);
        let zones = zones(object);
        let count = u64::try_from(zones.len()).unwrap_or(u64::MAX);
        if let (Some(in_zone), Some(zone)) = (shard.checked_div(count), shard.checked_rem(count)) {
            let zone = zones[usize::try_from(zone).unwrap_or_default()];
            variables.insert("TOPOLOGY_ZONE", zone.to_owned());
            variables.insert("INZONE_SHARD", in_zone.to_string());
        }
        Self { variables }
    }

    /// The text with `$(NAME)` replaced where the variable is known; others stay as they are, as the reloader leaves them.
    pub(super) fn expand(&self, text: &str) -> String {
        let mut expanded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("$(") {
            let (before, reference) = rest.split_at(at);
            expanded.push_str(before);
            let name = &reference[2..];
            let length = name.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
            let is_reference = length > 0 && name.as_bytes().get(length) == Some(&b')');
            match self.variables.get(&name[..length]).filter(|_| is_reference) {
                Some(value) => {
                    expanded.push_str(value);
                    rest = &name[length + 1..];
                }
                None => {
                    expanded.push_str("$(");
                    rest = name;
                }
            }
        }
        expanded.push_str(rest);
        expanded
    }
}

/// The zones a Prometheus is sharded by, in its order.
fn zones(object: Object<'_>) -> Vec<&str> {
    let mode = object.at(&["spec", "shardingStrategy", "mode"]).and_then(Node::as_str);
    if mode != Some("Topology") {
        return Vec::new();
    }
    let values = object.at(&["spec", "shardingStrategy", "topology", "values"]);
    values.into_iter().flat_map(Node::items).filter_map(Node::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_are_replaced_everywhere() {
        let environment = Environment { variables: BTreeMap::from([("SHARD", "2".to_owned())]) };
        for (text, expected) in [
            ("regex: $(SHARD);|.+;.+", "regex: 2;|.+;.+"),
            ("$(SHARD)$(SHARD)", "22"),
            ("$($(SHARD))", "$(2)"),
            ("$(OTHER) $() $(SHARD $", "$(OTHER) $() $(SHARD $"),
            ("", ""),
        ] {
            assert_eq!(environment.expand(text), expected, "{text}");
        }
    }
}
