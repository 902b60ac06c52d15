//! What the operator generates for an endpoint of a `ServiceMonitor`, applied to the labels of 1,000 discovered targets: the compiled rules
//! against maps and the `regex` crate, one regex per rule. A step is one rule applied to the labels of one target.

use std::collections::BTreeMap;

use promwire::prom::relabel::{Action, Compiler, Config, Dialect, Labels, Scratch, Verdict};
use regex::Regex;

use crate::harness::{Harness, Variant, Work};

fn rule(
    action: &str,
    sources: &[&str],
    regex: Option<&str>,
    target: Option<&str>,
    replacement: Option<&str>,
) -> Config {
    let owned = |text: &str| text.to_owned();
    Config {
        action: Some(owned(action)),
        source_labels: (!sources.is_empty()).then(|| sources.iter().map(|name| owned(name)).collect()),
        regex: regex.map(owned),
        target_label: target.map(owned),
        replacement: replacement.map(owned),
        ..Config::default()
    }
}

/// The rules of one endpoint, as operator 0.93 writes them, with a selector of two labels, two labels taken over, a user's three rules
/// and one shard of three.
fn rules() -> Vec<Config> {
    let copy = |from: &str, to: &str| rule("replace", &[from], None, Some(to), None);
    let present = |label: &str, value: &str| {
        let label = |kind: &str| format!("__meta_kubernetes_service_{kind}_{label}");
        let sources = [label("label"), label("labelpresent")];
        rule("keep", &[&sources[0], &sources[1]], Some(&format!("({value});true")), None, None)
    };
    let kind =
        ["__meta_kubernetes_endpoint_address_target_kind", "__meta_kubernetes_endpoint_address_target_name"];
    let mut hash = rule("hashmod", &["__tmp_hash"], None, Some("__tmp_hash"), None);
    hash.modulus = 3;
    vec![
        copy("job", "__tmp_prometheus_job_name"),
        present("app_kubernetes_io_name", "web"),
        present("app_kubernetes_io_part_of", "shop"),
        rule("keep", &["__meta_kubernetes_endpoint_port_name"], Some("metrics"), None, None),
        rule("replace", &kind, Some("Node;(.*)"), Some("node"), Some("${1}")),
        rule("replace", &kind, Some("Pod;(.*)"), Some("pod"), Some("${1}")),
        copy("__meta_kubernetes_namespace", "namespace"),
        copy("__meta_kubernetes_service_name", "service"),
        copy("__meta_kubernetes_pod_name", "pod"),
        copy("__meta_kubernetes_pod_container_name", "container"),
        rule("drop", &["__meta_kubernetes_pod_phase"], Some("(Failed|Succeeded)"), None, None),
        rule("replace", &["__meta_kubernetes_service_label_team"], Some("(.+)"), Some("team"), Some("${1}")),
        rule(
            "replace",
            &["__meta_kubernetes_pod_label_version"],
            Some("(.+)"),
            Some("version"),
            Some("${1}"),
        ),
        rule("replace", &["__meta_kubernetes_service_name"], None, Some("job"), Some("${1}")),
        rule("replace", &[], None, Some("endpoint"), Some("metrics")),
        rule("replace", &["__address__"], Some("([^:]+):(\\d+)"), Some("host"), Some("$1")),
        rule("replace", &[], None, Some("cluster"), Some("production")),
        rule("labeldrop", &[], Some("pod_template_hash|controller_revision_hash"), None, None),
        rule("replace", &["__address__", "__tmp_hash"], Some("(.+);"), Some("__tmp_hash"), Some("$1")),
        hash,
        rule("keep", &["__tmp_hash"], Some("0|1|2"), None, None),
    ]
}

fn targets(count: usize) -> Vec<Vec<(String, String)>> {
    let target = |n: usize| {
        let mut labels: Vec<(String, String)> = Vec::new();
        let mut add = |name: &str, value: String| labels.push((name.to_owned(), value));
        add("__address__", format!("10.{}.{}.{}:8080", n % 7, n / 250 % 250, n % 250));
        add("__metrics_path__", "/metrics".to_owned());
        add("__scheme__", "http".to_owned());
        add("__scrape_interval__", "30s".to_owned());
        add("__scrape_timeout__", "10s".to_owned());
        add("job", "serviceMonitor/shop/web/0".to_owned());
        let mut meta = |name: &str, value: String| add(&format!("__meta_kubernetes_{name}"), value);
        meta("namespace", format!("team-{}", n % 20));
        meta("endpoints_name", "web".to_owned());
        meta("endpoint_ready", "true".to_owned());
        meta("endpoint_port_name", "metrics".to_owned());
        meta("endpoint_port_protocol", "TCP".to_owned());
        meta("endpoint_node_name", format!("node-{}", n % 50));
        meta("endpoint_address_target_kind", "Pod".to_owned());
        meta("endpoint_address_target_name", format!("web-7d9f6c-{n}"));
        meta("service_name", "web".to_owned());
        meta("pod_name", format!("web-7d9f6c-{n}"));
        meta("pod_ip", format!("10.{}.{}.{}", n % 7, n / 250 % 250, n % 250));
        meta("pod_phase", "Running".to_owned());
        meta("pod_ready", "true".to_owned());
        meta("pod_uid", format!("0c1d2e3f-{n:012}"));
        meta("pod_node_name", format!("node-{}", n % 50));
        meta("pod_host_ip", format!("192.168.0.{}", n % 50));
        meta("pod_controller_kind", "ReplicaSet".to_owned());
        meta("pod_controller_name", "web-7d9f6c".to_owned());
        meta("pod_container_name", "web".to_owned());
        meta("pod_container_image", "registry/web:1.2.3".to_owned());
        meta("pod_container_port_name", "metrics".to_owned());
        meta("pod_container_port_number", "8080".to_owned());
        meta("pod_container_port_protocol", "TCP".to_owned());
        for (label, value) in [
            ("app_kubernetes_io_name", "web"),
            ("app_kubernetes_io_part_of", "shop"),
            ("team", "red"),
            ("version", "1.2.3"),
        ] {
            for object in ["service", "pod"] {
                meta(&format!("{object}_label_{label}"), value.to_owned());
                meta(&format!("{object}_labelpresent_{label}"), "true".to_owned());
            }
        }
        labels
    };
    (0..count).map(target).collect()
}

/// The rules as one would write them first: labels in a map, a regex for each rule.
struct Plain {
    config: Config,
    action: Action,
    regex: Regex,
}

impl Plain {
    fn new(config: Config) -> Self {
        let action = config.action.as_deref().and_then(Action::from_spelling).expect("the rules are valid");
        let regex = Regex::new(&format!("^(?s:{})$", config.regex())).expect("the rules are valid");
        Self { config, action, regex }
    }

    fn apply(&self, labels: &mut BTreeMap<String, String>) -> bool {
        let values = self.config.source_labels.iter().flatten();
        let values: Vec<&str> = values.map(|name| labels.get(name).map_or("", String::as_str)).collect();
        let value = values.join(self.config.separator());
        let target = self.config.target_label();
        let new = match self.action {
            Action::Keep => return self.regex.is_match(&value),
            Action::Drop => return !self.regex.is_match(&value),
            Action::LabelDrop => {
                labels.retain(|name, _| !self.regex.is_match(name));
                return true;
            }
            Action::HashMod => {
                let half = md5::compute(value).0.last_chunk::<8>().copied().expect("a digest has 16 bytes");
                (u64::from_be_bytes(half) % self.config.modulus).to_string()
            }
            _ => {
                let Some(captures) = self.regex.captures(&value) else { return true };
                let mut new = String::new();
                captures.expand(self.config.replacement(), &mut new);
                new
            }
        };
        if new.is_empty() {
            labels.remove(target);
        } else {
            labels.insert(target.to_owned(), new);
        }
        true
    }
}

pub(crate) fn run(harness: &mut Harness) {
    let configs = rules();
    let targets = targets(if harness.is_quick() { 50 } else { 1_000 });
    let steps = (configs.len() * targets.len()) as u64;
    let mut compiler = Compiler::new(Dialect::of_release(3, 13));
    let rules = compiler.compile(&configs).expect("the rules are valid");
    let plain: Vec<Plain> = configs.into_iter().map(Plain::new).collect();
    let maps: Vec<BTreeMap<String, String>> =
        targets.iter().map(|labels| labels.iter().cloned().collect()).collect();
    // As discovery does it: names are shared by all targets.
    let labels: Vec<Labels> = targets
        .iter()
        .map(|pairs| {
            let mut labels = Labels::new();
            for (name, value) in pairs {
                labels.set_value(&compiler.name(name), value.as_str().into());
            }
            labels
        })
        .collect();
    let with_maps = || {
        maps.iter()
            .filter(|labels| {
                let mut labels = (*labels).clone();
                plain.iter().all(|rule| rule.apply(&mut labels))
            })
            .count()
    };
    let by_plan = || {
        let mut scratch = Scratch::default();
        labels
            .iter()
            .filter(|labels| rules.apply(&mut (*labels).clone(), &mut scratch) == Verdict::Kept)
            .count()
    };
    assert_eq!((with_maps(), by_plan()), (targets.len(), targets.len()));
    harness.compare(
        &format!("relabel {} targets by {} rules", targets.len(), plain.len()),
        Work::Items(steps, "steps"),
        vec![Variant::new("maps and regex", with_maps), Variant::new("compiled rules", by_plan)],
    );
}
