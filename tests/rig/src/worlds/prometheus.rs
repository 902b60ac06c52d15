//! Prometheus and PrometheusAgent.

use std::collections::BTreeSet;

use generated_crds::schema::Table;
use serde_json::{Map, Value, json};

use super::maker::Maker;
use super::monitors::{share, take_some};
use super::random::Random;
use super::setting::{Content, Setting};
use super::{Intent, properties};

/// The properties of `spec` that decide what is scraped, and how.
pub(super) const SHAPING: &[&str] = &[
    "additionalScrapeConfigs",
    "apiserverConfig",
    "arbitraryFSAccessThroughSMs",
    "bodySizeLimit",
    "convertClassicHistogramsToNHCB",
    "enforcedBodySizeLimit",
    "enforcedKeepDroppedTargets",
    "enforcedLabelLimit",
    "enforcedLabelNameLengthLimit",
    "enforcedLabelValueLengthLimit",
    "enforcedNamespaceLabel",
    "enforcedSampleLimit",
    "enforcedTargetLimit",
    "evaluationInterval",
    "excludedFromEnforcement",
    "externalLabels",
    "ignoreNamespaceSelectors",
    "keepDroppedTargets",
    "labelLimit",
    "labelNameLengthLimit",
    "labelValueLengthLimit",
    "mode",
    "nameEscapingScheme",
    "nameValidationScheme",
    "overrideHonorLabels",
    "overrideHonorTimestamps",
    "paused",
    "podMonitorNamespaceSelector",
    "podMonitorSelector",
    "podTargetLabels",
    "probeNamespaceSelector",
    "probeSelector",
    "prometheusExternalLabelName",
    "queryLogFile",
    "replicaExternalLabelName",
    "ruleQueryOffset",
    "sampleLimit",
    "scrapeClasses",
    "scrapeClassicHistograms",
    "scrapeConfigNamespaceSelector",
    "scrapeConfigSelector",
    "scrapeFailureLogFile",
    "scrapeInterval",
    "scrapeNativeHistograms",
    "scrapeProtocols",
    "scrapeTimeout",
    "serviceDiscoveryRole",
    "serviceMonitorNamespaceSelector",
    "serviceMonitorSelector",
    "shardRetentionPolicy",
    "shardingStrategy",
    "shards",
    "targetLimit",
    "version",
];

/// Properties with a part of the configuration of their own, which says nothing about scraping: made now and then, so that
/// whole configurations are compared, and not counted.
const OTHER_SECTIONS: &[&str] = &[
    "additionalAlertManagerConfigs",
    "additionalAlertRelabelConfigs",
    "alerting",
    "exemplars",
    "otlp",
    "remoteRead",
    "remoteWrite",
    "retention",
    "retentionSize",
    "ruleSelector",
    "runtime",
    "tracingConfig",
    "tsdb",
];

/// The other properties of Prometheus and PrometheusAgent, with the reason why they are neither made nor counted.
pub const NOT_SHAPING: &[(&str, &[&str])] = &[
    (
        "they shape the pods, not the configuration",
        &[
            "affinity",
            "automountServiceAccountToken",
            "configMaps",
            "containers",
            "dnsConfig",
            "dnsPolicy",
            "enableServiceLinks",
            "hostAliases",
            "hostNetwork",
            "hostUsers",
            "imagePullPolicy",
            "imagePullSecrets",
            "initContainers",
            "minReadySeconds",
            "maximumStartupDurationSeconds",
            "nodeSelector",
            "persistentVolumeClaimRetentionPolicy",
            "podManagementPolicy",
            "podMetadata",
            "priorityClassName",
            "replicas",
            "resources",
            "schedulerName",
            "secrets",
            "securityContext",
            "serviceAccountName",
            "serviceName",
            "storage",
            "terminationGracePeriodSeconds",
            "tolerations",
            "topologySpreadConstraints",
            "updateStrategy",
            "volumeMounts",
            "volumes",
            "thanos",
        ],
    ),
    ("they choose the image; the version is `version` alone", &["baseImage", "image", "sha", "tag"]),
    (
        "they are flags of Prometheus or of its reloader",
        &[
            "additionalArgs",
            "allowOverlappingBlocks",
            "disableCompaction",
            "enableAdminAPI",
            "enableFeatures",
            "enableOTLPReceiver",
            "enableRemoteWriteReceiver",
            "externalUrl",
            "listenLocal",
            "logFormat",
            "logLevel",
            "portName",
            "query",
            "reloadStrategy",
            "remoteWriteReceiverMessageVersions",
            "routePrefix",
            "rules",
            "walCompression",
            "web",
        ],
    ),
    ("they are about rules", &["prometheusRulesExcludedFromEnforce", "ruleNamespaceSelector"]),
];

/// The properties of a kind that are counted: the shaping ones and all below them.
pub(super) fn counted(kind: &str) -> Vec<String> {
    let mut all = properties::all(kind);
    all.retain(|path| {
        let root = path.split('.').nth(1).unwrap_or_default();
        SHAPING.contains(&root.trim_end_matches(['[', ']', '{', '}']))
    });
    all
}

const VERSIONS: &[&str] = &[
    "v3.13.1",
    "3.13.5",
    "v3.11.0",
    "3.10.1",
    "v3.8.0",
    "3.5.0",
    "v3.4.2",
    "3.2.1",
    "v3.0.0",
    "3.0.0-rc.0",
    "v2.55.1",
    "2.54.0",
    "v2.53.3",
    "2.52.0",
    "2.50.1",
    "v2.49.0",
    "2.48.1",
    "v2.47.2",
    "2.46.0",
    "v2.45.0",
    "2.44.0",
    "2.43.1",
    "v2.41.0",
    "2.40.7",
    "2.38.0",
    "v2.37.0",
    "2.35.0",
    "2.28.1",
    "2.26.0",
];
const WRONG_VERSIONS: &[&str] = &["4.0.0", "latest", "1.8.2", "v2.x", "2.55.1-debian", " 2.55 ", "03.2"];

/// All of a world.
pub(super) fn make(
    setting: &Setting,
    random: &mut Random,
    seed: u64,
    intents: &mut Vec<Intent>,
) -> Vec<Value> {
    let mut objects = Vec::new();
    for (kind, least, most) in [("Prometheus", 1, 1), ("PrometheusAgent", 0, 1)] {
        let mut due = share(&counted(kind), seed);
        let plain = random.between(least, most);
        let mut tries = 1 + plain;
        let mut number = 0;
        while number < plain || (!due.is_empty() && tries > 0) {
            tries = tries.saturating_sub(1);
            let wanted = take_some(&mut due, 8, 8);
            let (object, made) = prometheus(setting, random, kind, number, wanted.clone());
            let has = properties::of(kind, &object);
            due.extend(wanted.into_iter().filter(|path| !has.contains(path)));
            intents.extend(Intent::of(&object, &made));
            objects.push(object);
            number += 1;
        }
    }
    objects
}

fn prometheus(
    setting: &Setting,
    random: &mut Random,
    kind: &str,
    number: usize,
    wanted: BTreeSet<String>,
) -> (Value, Vec<&'static str>) {
    let namespace = random.below(setting.namespaces.len());
    let density = *random.pick(&[6, 12, 20]);
    let mistakes = if random.chance(25) { 25 } else { 0 };
    let mut maker =
        Maker { random, setting, namespace, wanted, density, mistakes, made: Vec::new(), pair: 0 };
    let node = Table::monitoring().node(properties::spec(kind));
    let chosen = roots(&mut maker, |name| node.properties.contains_key(name));
    let mut spec = maker.filled(node, "spec", &chosen);
    agree(&mut maker, kind, &mut spec);
    let name = match maker.random.below(30) {
        0 => format!("dotted.{number}"),
        _ => format!("{}-{number}", maker.random.pick(&["main", "k8s", "a-b", "x"])),
    };
    let mut metadata = json!({"name": name, "namespace": setting.namespaces[namespace].name});
    if maker.mistake("annotation of another controller") {
        metadata["annotations"] = json!({"operator.prometheus.io/controller-id": "another"});
    }
    if maker.random.chance(20) {
        metadata["labels"] = json!({"tier": maker.random.pick(&["front", "back"])});
    }
    let made = std::mem::take(&mut maker.made);
    let api_version = properties::kind(kind).api_version();
    (json!({"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}), made)
}

/// The properties of `spec` that are to be there.
fn roots(maker: &mut Maker<'_>, known: impl Fn(&str) -> bool) -> BTreeSet<&'static str> {
    let mut chosen = BTreeSet::new();
    for name in SHAPING.iter().filter(|name| known(name)) {
        let percent = match *name {
            "serviceMonitorSelector" | "podMonitorSelector" | "probeSelector" | "scrapeConfigSelector" => 88,
            name if name.ends_with("NamespaceSelector") => 80,
            "scrapeClasses" => 45,
            "mode" => 10,
            "paused" => 1,
            "apiserverConfig" | "additionalScrapeConfigs" | "shards" => 12,
            _ => maker.density,
        };
        if maker.is_wanted(&format!("spec.{name}")) || maker.random.chance(percent) {
            chosen.insert(*name);
        }
    }
    for name in OTHER_SECTIONS.iter().filter(|name| known(name)) {
        if maker.random.chance(4) {
            chosen.insert(*name);
        }
    }
    chosen
}

/// Makes settings agree that have to.
fn agree(maker: &mut Maker<'_>, kind: &str, spec: &mut Map<String, Value>) {
    version(maker, spec);
    for name in ["serviceMonitorSelector", "podMonitorSelector", "probeSelector", "scrapeConfigSelector"] {
        // Most select more than one label would.
        if spec.contains_key(name) && !maker.is_wanted(&format!("spec.{name}")) && maker.random.chance(60) {
            spec.insert(name.to_owned(), json!({}));
        }
    }
    if maker.random.chance(4) {
        // Its configuration is left to the user, or empty.
        spec.retain(|name, _| !name.ends_with("Selector"));
    }
    let has = |content| !maker.setting.of_namespace(maker.namespace, |one| one.content == content).is_empty();
    if !has(Content::ScrapeConfigs) && !maker.is_wanted("spec.additionalScrapeConfigs") {
        spec.remove("additionalScrapeConfigs");
    }
    if spec.contains_key("shards") {
        spec.insert("shards".to_owned(), json!(maker.random.between(1, 3)));
    }
    if let Some(strategy) = spec.get_mut("shardingStrategy").and_then(Value::as_object_mut) {
        if strategy.contains_key("topology") {
            strategy.insert("mode".to_owned(), json!("Topology"));
        }
        let zones =
            strategy.get("topology").and_then(|topology| topology["values"].as_array()).map_or(0, Vec::len);
        if zones > 0 {
            let shards = maker.random.between(zones, 4.max(zones));
            spec.insert("shards".to_owned(), json!(shards));
        }
    }
    classes(maker, spec);
    if kind == "PrometheusAgent" && spec.get("mode").is_some_and(|mode| mode == "DaemonSet") {
        let refused = [
            "scrapeConfigSelector",
            "probeSelector",
            "scrapeConfigNamespaceSelector",
            "probeNamespaceSelector",
            "serviceMonitorSelector",
            "serviceMonitorNamespaceSelector",
            "additionalScrapeConfigs",
            "shardingStrategy",
            "shards",
        ];
        for name in refused {
            if maker.is_wanted(&format!("spec.{name}")) {
                spec.remove("mode");
            }
        }
        if spec.contains_key("mode") {
            spec.retain(|name, _| !refused.contains(&name.as_str()));
        }
    }
    if maker.mistake("storage class nobody has") && !spec.contains_key("mode") {
        let claim = json!({"spec": {"storageClassName": "absent"}});
        spec.insert("storage".to_owned(), json!({"volumeClaimTemplate": claim}));
    }
}

fn version(maker: &mut Maker<'_>, spec: &mut Map<String, Value>) {
    let version = if maker.mistake("version of no Prometheus") {
        *maker.random.pick(WRONG_VERSIONS)
    } else if maker.random.rarely(4) {
        // One that knows no `authorization`: the operator may crash.
        "2.25.2"
    } else if maker.random.chance(45) && !maker.is_wanted("spec.version") {
        spec.remove("version");
        return;
    } else {
        // Mostly recent ones.
        let end = *maker.random.pick(&[6, 6, VERSIONS.len()]);
        *maker.random.pick(&VERSIONS[..end])
    };
    spec.insert("version".to_owned(), json!(version));
}

/// At most one class is the default, and each has a name of its own.
fn classes(maker: &mut Maker<'_>, spec: &mut Map<String, Value>) {
    let Some(classes) = spec.get_mut("scrapeClasses").and_then(Value::as_array_mut) else { return };
    if maker.random.chance(60) {
        // All the names that monitors of this world ask for.
        for name in &maker.setting.classes {
            if !classes.iter().any(|class| class["name"] == json!(name)) {
                classes.push(json!({"name": name}));
            }
        }
    }
    let mut has_default = false;
    for class in classes {
        if class["default"] == true && has_default && !maker.mistake("two default classes") {
            class["default"] = json!(false);
        }
        has_default |= class["default"] == true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every property of the two kinds is shaping, or has a reason why not.
    #[test]
    fn every_property_is_accounted_for() {
        for kind in ["Prometheus", "PrometheusAgent"] {
            let node = Table::monitoring().node(properties::spec(kind));
            for name in node.properties.keys() {
                let reasons = NOT_SHAPING.iter().filter(|(_, names)| names.contains(&name.as_str())).count();
                let places =
                    [SHAPING, OTHER_SECTIONS].iter().filter(|names| names.contains(&name.as_str())).count();
                assert_eq!(reasons + places, 1, "{kind}: {name}");
            }
        }
    }
}
