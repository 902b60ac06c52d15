use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::diagnostic::TextFile;
use crate::kubernetes::selector_text::{check_fields, check_labels};
use crate::model::inventory::Inventory;
use crate::prom::config::{Loader, ScrapeConfig, Selectors};
use crate::prom::version::Version;

fn jobs(text: &str, version: &Version) -> Vec<ScrapeConfig> {
    let selectors = Selectors { label: check_labels, field: check_fields };
    let loader = Loader { version: version.clone(), is_agent: false, selectors };
    let file = Arc::new(TextFile::new("prometheus.yml", text));
    loader.load(&file).unwrap_or_else(|refused| panic!("{}: {text}", refused.message)).scrape_configs
}

fn snapshot(text: &str) -> Snapshot {
    let reading = crate::source::read(Arc::new(TextFile::new("world.yaml", text)));
    assert!(reading.findings.is_empty(), "{text}");
    Snapshot::read(&Inventory::builder().documents(reading.documents).build().0)
}

/// One of a few words, so that things meet.
fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["web", "db", "x.y", "xzy", ""])
}

fn labels() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec!["app", "a.b", "a-b", "team"]);
    prop::collection::btree_map(key, word(), 0..4).prop_map(|labels| {
        let labels: Vec<String> =
            labels.into_iter().map(|(key, value)| format!("{key}: {value:?}")).collect();
        format!("{{{}}}", labels.join(", "))
    })
}

fn port() -> impl Strategy<Value = (u16, &'static str)> {
    (80..84_u16, word())
}

/// A namespace's Service, with Endpoints, a slice and Pods that may or may not be those of the endpoints.
fn service() -> impl Strategy<Value = String> {
    let names = (prop::sample::select(vec!["a", "b", "c"]), 0..4_usize);
    let ports = prop::collection::vec(port(), 0..3);
    let declared = prop::collection::vec(port(), 0..4);
    let phase = prop::sample::select(vec!["Running", "Failed", "Pending"]);
    let pods = prop::collection::vec((0..4_usize, declared, phase, labels()), 0..4);
    (names, labels(), labels(), ports, pods).prop_map(|((namespace, number), labels, own, ports, pods)| {
        let meta = |name: &str, labels: &str| {
            format!("metadata: {{name: {name}, namespace: {namespace}, labels: {labels}}}")
        };
        let name = format!("s{number}");
        let ports = |format: fn(&(u16, &str)) -> String| ports.iter().map(format).collect::<Vec<_>>().join(", ");
        let listed = ports(|(number, name)| format!("{{port: {number}, name: {name:?}}}"));
        let mut text = format!(
            "---\n{{apiVersion: v1, kind: Service, {}, spec: {{ports: [{listed}]}}}}\n",
            meta(&name, &labels)
        );
        let reference = |number: &usize| format!("targetRef: {{kind: Pod, namespace: {namespace}, name: p{number}}}");
        let addresses: Vec<String> =
            pods.iter().map(|(number, ..)| format!("{{ip: 10.0.0.{number}, {}}}", reference(number))).collect();
        let _ = write!(
            text,
            "---\n{{apiVersion: v1, kind: Endpoints, {}, subsets: [{{addresses: [{}], ports: [{listed}]}}]}}\n",
            meta(&name, &own),
            addresses.join(", ")
        );
        let endpoints: Vec<String> = pods
            .iter()
            .map(|(number, ..)| format!("{{addresses: [10.0.0.{number}], {}}}", reference(number)))
            .collect();
        let of_service = format!("{{kubernetes.io/service-name: {name}}}");
        let _ = write!(
            text,
            "---\n{{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, {}, addressType: IPv4, endpoints: [{}], \
             ports: [{listed}]}}\n",
            meta(&format!("{name}-x"), &of_service),
            endpoints.join(", ")
        );
        for (number, declared, phase, labels) in &pods {
            let declared: Vec<String> = declared
                .iter()
                .map(|(number, name)| format!("{{containerPort: {number}, name: {name:?}}}"))
                .collect();
            let _ = write!(
            text,
                "---\n{{apiVersion: v1, kind: Pod, {}, spec: {{containers: [{{name: c, ports: [{}]}}]}}, \
                 status: {{phase: {phase}, podIP: 10.0.0.{number}}}}}\n",
                meta(&format!("p{number}"), labels),
                declared.join(", ")
            );
        }
        text
    })
}

fn rule(of: &'static str) -> impl Strategy<Value = String> {
    let label = prop::sample::select(vec!["app", "a_b", "team", "absent"]);
    let kind = prop::sample::select(vec!["label", "labelpresent"]);
    let regex = prop::sample::select(vec![
        "(web);true",
        "(web|db);true",
        "(x.y);true",
        ";true",
        "web",
        "true",
        "",
        ".*",
        "(.+);true",
        ";",
        "web|db|",
    ]);
    let action = prop::sample::select(vec!["keep", "drop"]);
    let decides = (label.clone(), kind, regex, action, any::<bool>()).prop_map(
        move |(label, kind, regex, action, both)| {
            let name = format!("__meta_kubernetes_{of}_{kind}_{label}");
            let second =
                if both { format!(", __meta_kubernetes_{of}_labelpresent_{label}") } else { String::new() };
            format!("{{source_labels: [{name}{second}], regex: {regex:?}, action: {action}}}")
        },
    );
    let sets = (label, word()).prop_map(move |(label, value)| {
        format!("{{target_label: __meta_kubernetes_{of}_label_{label}, replacement: {value:?}}}")
    });
    let others = prop::sample::select(vec![
        "{source_labels: [__meta_kubernetes_pod_phase], regex: (Failed|Succeeded), action: drop}",
        "{source_labels: [__meta_kubernetes_endpoint_port_name], regex: web, action: keep}",
        "{source_labels: [__meta_kubernetes_namespace], regex: a|b, action: keep}",
        "{source_labels: [__meta_kubernetes_service_name], target_label: job}",
        "{source_labels: [__meta_kubernetes_service_label_app], target_label: app}",
        "{action: labelmap, regex: __meta_kubernetes_pod_label_(.+)}",
        "{action: labeldrop, regex: __meta_kubernetes_service_label.*}",
        "{source_labels: [__address__], target_label: __tmp, action: hashmod, modulus: 2}",
        "{source_labels: [__tmp], regex: 1, action: keep}",
        "{action: keepequal, source_labels: [__meta_kubernetes_namespace], target_label: __meta_kubernetes_pod_name}",
        "{target_label: __address__, replacement: ''}",
        "{target_label: __scrape_interval__, replacement: 1s}",
    ]);
    prop_oneof![3 => decides, 1 => sets, 2 => others.prop_map(str::to_owned)]
}

fn job() -> impl Strategy<Value = String> {
    let role = prop::sample::select(vec![
        ("endpoints", "service"),
        ("endpointslice", "service"),
        ("pod", "pod"),
        ("service", "service"),
    ]);
    let namespaces = prop::sample::select(vec![
        "",
        ", namespaces: {names: [b]}",
        ", namespaces: {names: [c, a, a]}",
        ", namespaces: {own_namespace: true}",
    ]);
    role.prop_flat_map(move |(role, of)| {
        let selectors = prop::sample::select(vec![
            String::new(),
            String::new(),
            format!(", selectors: [{{role: {role}, label: 'app in (web,db)'}}]"),
            format!(", selectors: [{{role: {role}, label: '!team,a.b'}}]"),
            format!(", selectors: [{{role: {role}, field: metadata.name!=s1}}]"),
            format!(", selectors: [{{role: {of}, label: app}}]"),
        ]);
        (namespaces.clone(), selectors, prop::collection::vec(rule(of), 0..6)).prop_map(move |(namespaces, selectors, rules)| {
            format!(
                "  kubernetes_sd_configs: [{{role: {role}{namespaces}{selectors}}}]\n  relabel_configs: [{}]\n",
                rules.join(", ")
            )
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn the_short_way_leads_to_the_same_targets(
        services in prop::collection::vec(service(), 0..6),
        jobs in prop::collection::vec(job(), 1..6),
        version in prop::sample::select(vec![(2, 45), (3, 10), (3, 13)]),
    ) {
        let mut text = String::from("scrape_configs:\n");
        for (number, job) in jobs.iter().enumerate() {
            let _ = write!(
            text,"- job_name: j{number}\n{job}");
        }
        let version = Version::new(version.0, version.1, 0);
        fuzz::judge(&snapshot(&services.concat()), &super::tests::jobs(&text, &version), Release::of(&version));
    }
}

/// The pool of one job with one discovery.
fn pool_of(snapshot: &Snapshot, sd: &str, check: impl Fn(&World<'_>, &Pool<'_>)) {
    let jobs = jobs(&format!("scrape_configs: [{{job_name: j, {sd}}}]"), &Version::new(3, 13, 5));
    let (answers, missing_files) = (Answers::default(), BTreeSet::new());
    let world = World {
        snapshot,
        answers: &answers,
        release: Release::default(),
        own_namespace: "a",
        missing_files: &missing_files,
    };
    for details in [Details { dropped: true }, Details::default()] {
        check(&world, &world.pools(&jobs, details)[0]);
    }
}

#[test]
fn very_many_ports_stay_bounded() {
    let ports = |field: &str| -> String {
        (0..100_000)
            .map(|number| format!("{{{field}: {}, name: p{number}}}", number % 65_535 + 1))
            .collect::<Vec<_>>()
            .join(",")
    };
    let world = format!(
        "{{apiVersion: v1, kind: Service, metadata: {{name: s, namespace: a}}, spec: {{ports: [{0}]}}}}\n\
         ---\n{{apiVersion: v1, kind: Endpoints, metadata: {{name: s, namespace: a}}, subsets: [{{addresses: [{{ip: 10.0.0.1, \
         targetRef: {{kind: Pod, name: p, namespace: a}}}}], ports: [{0}]}}]}}\n\
         ---\n{{apiVersion: v1, kind: Pod, metadata: {{name: p, namespace: a}}, spec: {{containers: [{{name: c, ports: [{1}]}}]}}, \
         status: {{podIP: 10.0.0.1}}}}\n",
        ports("port"),
        ports("containerPort"),
    );
    let snapshot = snapshot(&world);
    for role in ["endpoints", "service", "pod"] {
        pool_of(&snapshot, &format!("kubernetes_sd_configs: [{{role: {role}}}]"), |_, pool| {
            // Numbers that stand twice are the same target.
            assert_eq!((pool.active.len(), pool.duplicates.len()), (65_535, 100_000 - 65_535), "{role}");
        });
    }
}

#[test]
fn owners_in_a_circle_end() {
    let owner = |kind: &str, name: &str, of: &str, of_name: &str, version: &str| {
        format!(
            "---\n{{apiVersion: {version}, kind: {kind}, metadata: {{name: {name}, namespace: a, ownerReferences: [{{apiVersion: \
             apps/v1, kind: {of}, name: {of_name}, uid: u, controller: true}}]}}, spec: {{containers: [{{name: c}}]}}, status: \
             {{podIP: 10.0.0.1}}}}\n"
        )
    };
    let world = [
        owner("Pod", "p", "ReplicaSet", "r1", "v1"),
        owner("ReplicaSet", "r1", "ReplicaSet", "r2", "apps/v1"),
        owner("ReplicaSet", "r2", "ReplicaSet", "r1", "apps/v1"),
    ];
    let snapshot = snapshot(&world.concat());
    pool_of(
        &snapshot,
        "kubernetes_sd_configs: [{role: pod, attach_metadata: {deployment: true, job: true, cronjob: true}}]",
        |world, pool| {
            let labels = world.discovered(pool, &pool.active[0].origin);
            assert_eq!(labels.get("__meta_kubernetes_pod_controller_name"), "r1");
            assert_eq!(labels.get("__meta_kubernetes_pod_deployment_name"), "");
        },
    );
}

#[test]
fn one_address_very_often_is_one_target() {
    let addresses = vec!["{ip: 10.0.0.1}"; 100_000].join(",");
    let world = format!(
        "{{apiVersion: v1, kind: Endpoints, metadata: {{name: s, namespace: a}}, subsets: [{{addresses: [{addresses}], ports: \
         [{{port: 1}}]}}]}}\n"
    );
    pool_of(&snapshot(&world), "kubernetes_sd_configs: [{role: endpoints}]", |_, pool| {
        assert_eq!((pool.active.len(), pool.duplicates.len()), (1, 99_999));
    });
}

#[test]
fn other_discoveries_are_unknown() {
    pool_of(
        &Snapshot::default(),
        "dns_sd_configs: [{names: [a]}], http_sd_configs: [{url: 'http://a'}], static_configs: [{targets: ['b:1', 'c:2']}], \
         relabel_configs: [{source_labels: [__address__], regex: 'c:2', target_label: __address__, replacement: c/d}]",
        |_, pool| {
            let unknown: Vec<&str> = pool.unknown.iter().map(|unknown| unknown.mechanism.as_str()).collect();
            assert_eq!(unknown, ["http", "dns"]);
            assert_eq!(pool.active[0].url, "http://b:1/metrics");
            assert_eq!(pool.failed[0].message, "\"c/d\" is not a valid hostname");
        },
    );
}
