//! The rules that the CRDs of prometheus-operator v0.93.0 state in CEL, as ordinary checks.
//!
//! A rule is known by its name in the embedded table. Rules of definitions found in the input are checked where they have
//! such a name, and left to the API server otherwise.

use generated_crds::schema::Node as Schema;

use super::walk::Walk;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::source::Node;

/// Whether a value breaks the rule, and at which of its fields that shows.
type Broken = fn(Node<'_>) -> Option<&'static str>;

/// The rules by name.
const RULES: &[(&str, Broken)] = &[
    ("additionalscrapeconfigs-cannot-be-set-when-mode-is-daemonset", |spec| {
        in_daemon_set(spec, "additionalScrapeConfigs")
    }),
    ("at-most-one-of-basicauth-authorization-or-oauth2-can-be-configured", |spec| {
        // The second of them is one too many.
        ["basicAuth", "authorization", "oauth2"].into_iter().filter(|field| has(spec, field)).nth(1)
    }),
    ("externalid-can-only-be-used-when-rolearn-is-specified", |sigv4| {
        (has(sigv4, "externalId") && !has(sigv4, "roleArn")).then_some("externalId")
    }),
    ("persistentvolumeclaimretentionpolicy-cannot-be-set-when-mode-is-daemonset", |spec| {
        in_daemon_set(spec, "persistentVolumeClaimRetentionPolicy")
    }),
    ("probenamespaceselector-cannot-be-set-when-mode-is-daemonset", |spec| {
        in_daemon_set(spec, "probeNamespaceSelector")
    }),
    ("probeselector-cannot-be-set-when-mode-is-daemonset", |spec| in_daemon_set(spec, "probeSelector")),
    ("replicas-cannot-be-set-when-mode-is-daemonset", |spec| in_daemon_set(spec, "replicas")),
    ("rollingupdate-requires-type-to-be-rollingupdate", |strategy| {
        (text(strategy, "type") != Some("RollingUpdate") && has(strategy, "rollingUpdate"))
            .then_some("rollingUpdate")
    }),
    ("scrapeconfignamespaceselector-cannot-be-set-when-mode-is-daemonset", |spec| {
        in_daemon_set(spec, "scrapeConfigNamespaceSelector")
    }),
    ("scrapeconfigselector-cannot-be-set-when-mode-is-daemonset", |spec| {
        in_daemon_set(spec, "scrapeConfigSelector")
    }),
    ("servicemonitornamespaceselector-cannot-be-set-when-mode-is-daemonset", |spec| {
        in_daemon_set(spec, "serviceMonitorNamespaceSelector")
    }),
    ("servicemonitorselector-cannot-be-set-when-mode-is-daemonset", |spec| {
        in_daemon_set(spec, "serviceMonitorSelector")
    }),
    ("shardingstrategy-cannot-be-set-when-mode-is-daemonset", |spec| in_daemon_set(spec, "shardingStrategy")),
    ("shards-cannot-be-greater-than-1-when-mode-is-daemonset", |spec| {
        (number(spec, "shards")? > 1).then(|| in_daemon_set(spec, "shards")).flatten()
    }),
    (
        "shards-must-be-greater-than-or-equal-to-the-number-of-topology-values-when-sharding-strategy-mode-is-topology",
        |spec| {
            let strategy = spec.get("shardingStrategy")?;
            let values = strategy.at(&["topology", "values"])?.items().len();
            // The schema's default of one shard applies before the rule.
            let shards = number(spec, "shards").unwrap_or(1);
            let is_short = i64::try_from(values).is_ok_and(|values| values > 0 && shards < values);
            (text(strategy, "mode") == Some("Topology") && is_short).then_some("shardingStrategy")
        },
    ),
    ("storage-cannot-be-set-when-mode-is-daemonset", |spec| in_daemon_set(spec, "storage")),
    ("topology-can-only-be-defined-when-mode-is-set-to-topology", |strategy| {
        (has(strategy, "topology") && text(strategy, "mode") != Some("Topology")).then_some("topology")
    }),
];

/// Checks the rules of a value whose type fits.
pub(super) fn check(walk: &mut Walk<'_, '_>, schema: &Schema, node: Node<'_>) {
    for rule in &schema.rules {
        let Ok(at) = RULES.binary_search_by(|(name, _)| (*name).cmp(&rule.name)) else { continue };
        let Some(field) = RULES[at].1(node) else { continue };
        let message = format!("`{}`: {}", walk.path(), rule.message);
        let place: Option<Place> = node.key_place(field);
        walk.report(
            Diagnostic::new(Code::INVALID_VALUE, message).at(place.unwrap_or_else(|| walk.head()), ""),
        );
    }
}

fn in_daemon_set(spec: Node<'_>, field: &'static str) -> Option<&'static str> {
    (text(spec, "mode") == Some("DaemonSet") && has(spec, field)).then_some(field)
}

/// CEL sees no nulls here: none of these fields is nullable, so the API server has dropped them.
fn has(node: Node<'_>, field: &str) -> bool {
    node.get(field).is_some_and(|value| !value.is_null())
}

fn text<'d>(node: Node<'d>, field: &str) -> Option<&'d str> {
    node.get(field)?.as_str()
}

fn number(node: Node<'_>, field: &str) -> Option<i64> {
    node.get(field)?.as_i64()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use generated_crds::schema::Table;

    use super::*;

    #[test]
    fn every_rule_of_the_embedded_schemas_is_checked_and_nothing_else() {
        let stated: BTreeSet<_> = [Table::monitoring(), Table::calico(), Table::kubernetes()]
            .into_iter()
            .flat_map(|table| &table.nodes)
            .flat_map(|node| node.rules.iter().map(|rule| rule.name.as_str()))
            .collect();
        let checked: Vec<_> = RULES.iter().map(|(name, _)| *name).collect();
        assert!(checked.is_sorted(), "they are found by bisection");
        assert_eq!(checked, stated.into_iter().collect::<Vec<_>>());
    }
}
