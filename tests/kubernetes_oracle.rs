//! What Kubernetes' own code decides, compared with what promwire does: whether the RBAC authorizer allows a request of a
//! ServiceAccount, and on which Nodes the pods of a DaemonSet run.
//!
//! `PROMWIRE_ORACLE_DOCS` sets how many decisions are compared (20,000 unless set; CI compares 100,000) and
//! `PROMWIRE_ORACLE_SEED` which. Without Go the test is skipped, loudly; in CI it then fails.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the figures belong to the result")]

mod random;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use promwire::diagnostic::TextFile;
use promwire::kubernetes::controllers;
use promwire::kubernetes::rbac::{Account, Answer, Request, Rights, Scope};
use promwire::kubernetes::snapshot::Snapshot;
use promwire::model::inventory::Inventory;
use random::{Random, number_from_environment};
use serde_json::{Value, json};

const SEED: u64 = 20_261_121;

/// The oracle's program, built anew; none where there is no Go.
fn oracle() -> Option<PathBuf> {
    let required = std::env::var_os("CI").is_some_and(|value| value == "true");
    let module = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kubernetes-oracle");
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("kubernetes-oracle");
    match Command::new("go").args(["build", "-o"]).arg(&program).arg(".").current_dir(module).output() {
        Ok(output) if output.status.success() => Some(program),
        Ok(output) => panic!("the oracle does not build: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            assert!(!required, "CI needs Go for the oracle: {error}");
            eprintln!("SKIPPED: no Go, so nothing was compared with Kubernetes' own code ({error})");
            None
        }
    }
}

/// The oracle's answers, in order.
fn ask(program: &Path, questions: &[Value]) -> Vec<Value> {
    let mut child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let answers: Vec<Value> = std::thread::scope(|scope| {
        scope.spawn(move || {
            for question in questions {
                stdin.write_all(format!("{question}\n").as_bytes()).unwrap();
            }
        });
        stdout.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
    });
    assert!(child.wait().unwrap().success());
    assert_eq!(answers.len(), questions.len(), "the oracle stopped early");
    answers
}

fn inventory(objects: &[Value]) -> Inventory {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string();
    let reading = promwire::source::read(Arc::new(TextFile::new("case.json", list)));
    Inventory::builder().documents(reading.documents).build().0
}

fn some(random: &mut Random, texts: &[&str]) -> Vec<String> {
    let count = 1 + random.below(3) - usize::from(random.one_in(8));
    (0..count).map(|_| random.pick(texts).to_owned()).collect()
}

const NAMESPACES: &[&str] = &["a", "b"];
const NAMES: &[&str] = &["p", "q"];

fn rule(random: &mut Random) -> Value {
    let mut rule = json!({"verbs": some(random, &["get", "list", "*"])});
    if random.one_in(5) {
        let urls = &["/metrics", "/metrics/*", "/met*", "*", "/healthz", "/metrics*/x"];
        rule["nonResourceURLs"] = json!(some(random, urls));
        return rule;
    }
    rule["apiGroups"] = json!(some(random, &["", "*", "discovery.k8s.io"]));
    rule["resources"] = json!(some(
        random,
        &["pods", "endpointslices", "nodes/metrics", "*/metrics", "*", "nodes", "pods/*"]
    ));
    if random.one_in(4) {
        rule["resourceNames"] = json!(some(random, &["web", "", "*"]));
    }
    rule
}

fn role(random: &mut Random, kind: &str) -> Value {
    let rules: Vec<Value> = (0..random.below(4)).map(|_| rule(random)).collect();
    object(random, kind, json!({"rules": rules}))
}

/// An object of the group, with a namespace if it is not of the cluster.
fn object(random: &mut Random, kind: &str, mut object: Value) -> Value {
    object["apiVersion"] = json!("rbac.authorization.k8s.io/v1");
    object["kind"] = json!(kind);
    object["metadata"] = json!({"name": random.pick(NAMES)});
    if !kind.starts_with("Cluster") {
        object["metadata"]["namespace"] = json!(random.pick(NAMESPACES));
    }
    object
}

fn subject(random: &mut Random) -> Value {
    let (kind, name) = match random.below(6) {
        0 => (
            "Group",
            random.pick(&[
                "system:serviceaccounts",
                "system:serviceaccounts:a",
                "system:authenticated",
                "system:masters",
            ]),
        ),
        1 => ("User", random.pick(&["system:serviceaccount:a:p", "system:serviceaccount:b:q", "p"])),
        2 => (random.pick(&["serviceaccount", "Pod", ""]), "p"),
        _ => ("ServiceAccount", random.pick(NAMES)),
    };
    let mut subject = json!({"kind": kind, "name": name});
    if !random.one_in(3) {
        subject["namespace"] = json!(random.pick(NAMESPACES));
    }
    subject
}

fn binding(random: &mut Random, kind: &str) -> Value {
    let subjects: Vec<Value> = (0..random.below(4)).map(|_| subject(random)).collect();
    let of = if kind == "ClusterRoleBinding" { "ClusterRole" } else { random.pick(&["Role", "ClusterRole"]) };
    let reference =
        json!({"apiGroup": "rbac.authorization.k8s.io", "kind": of, "name": random.pick(&["p", "q"])});
    object(random, kind, json!({"roleRef": reference, "subjects": subjects}))
}

/// Objects of a kind, of each name the last.
fn several(random: &mut Random, kind: &str, make: fn(&mut Random, &str) -> Value) -> Vec<Value> {
    let mut objects: Vec<Value> = Vec::new();
    for _ in 0..random.below(6) {
        let object = make(random, kind);
        objects.retain(|known| known["metadata"] != object["metadata"]);
        objects.push(object);
    }
    objects
}

fn requests(random: &mut Random) -> Vec<Value> {
    (0..8)
        .map(|_| {
            let verb = random.pick(&["get", "list", "delete"]);
            if random.one_in(5) {
                return json!({"verb": verb, "path": random.pick(&["/metrics", "/metrics/cadvisor", "/met", "/x"])});
            }
            let (resource, subresource) = match random.below(4) {
                0 => ("nodes", "metrics"),
                1 => ("pods", "metrics"),
                2 => (random.pick(&["pods", "nodes"]), ""),
                _ => ("endpointslices", ""),
            };
            json!({
                "verb": verb, "resource": resource, "subresource": subresource,
                "group": random.pick(&["", "discovery.k8s.io"]), "name": random.pick(&["", "web"]),
                "namespace": random.pick(&["", "a", "b"]),
            })
        })
        .collect()
}

#[test]
fn rights_are_those_of_the_authorizer() {
    let Some(program) = oracle() else { return };
    let wanted = usize::try_from(number_from_environment("PROMWIRE_ORACLE_DOCS", 20_000)).unwrap();
    let seed = number_from_environment("PROMWIRE_ORACLE_SEED", SEED);
    let mut random = Random::new(seed);
    let questions: Vec<Value> = (0..wanted.div_ceil(8))
        .map(|_| {
            json!({
                "roles": several(&mut random, "Role", role),
                "clusterRoles": several(&mut random, "ClusterRole", role),
                "roleBindings": several(&mut random, "RoleBinding", binding),
                "clusterRoleBindings": several(&mut random, "ClusterRoleBinding", binding),
                "account": {"namespace": random.pick(NAMESPACES), "name": random.pick(NAMES)},
                "requests": requests(&mut random),
            })
        })
        .collect();
    let (mut compared, mut allowed, mut unknown) = (0, 0, 0);
    let mut differences = Vec::new();
    for (question, told) in questions.iter().zip(ask(&program, &questions)) {
        let lists = ["roles", "clusterRoles", "roleBindings", "clusterRoleBindings"];
        let objects: Vec<Value> =
            lists.iter().flat_map(|list| question[list].as_array().unwrap().clone()).collect();
        let inventory = inventory(&objects);
        let text = |value: &'static str, of: &Value| of[value].as_str().unwrap_or_default().to_owned();
        let (namespace, name) = (text("namespace", &question["account"]), text("name", &question["account"]));
        let rights = Rights::of(&inventory, Account { namespace: Some(&namespace), name: &name });
        for (asked, expected) in
            question["requests"].as_array().unwrap().iter().zip(told["allowed"].as_array().unwrap())
        {
            let field = |name| text(name, asked);
            let (verb, path, group, name) = (field("verb"), field("path"), field("group"), field("name"));
            let resource = match &*field("subresource") {
                "" => field("resource"),
                part => format!("{}/{part}", field("resource")),
            };
            let namespace = field("namespace");
            let scope =
                if namespace.is_empty() { Scope::Cluster } else { Scope::Namespace(Some(&namespace)) };
            let request = if path.is_empty() {
                Request::Resource { verb: &verb, group: &group, resource: &resource, name: &name, scope }
            } else {
                Request::Url { verb: &verb, path: &path }
            };
            let ours = rights.may(&request);
            compared += 1;
            allowed += usize::from(expected == true);
            // Where a role is not in the input the authorizer takes it for empty.
            unknown += usize::from(matches!(ours, Answer::Unknown(_)));
            if ours.is_allowed() != (expected == true) {
                differences.push(format!("{request}: {ours:?}, Kubernetes {expected}\n  {question}"));
            }
            if !ours.is_allowed() {
                let _ = rights.near_misses(&request);
            }
        }
    }
    println!(
        "{compared} requests, seed {seed}: {allowed} allowed, {unknown} unknown: {} differences",
        differences.len()
    );
    for difference in differences.iter().take(8) {
        println!("--- {difference}");
    }
    assert!(differences.is_empty(), "{} differences", differences.len());
    assert!(allowed * 20 > compared, "too few requests are allowed: {allowed} of {compared}");
}

fn label_value<'t>(random: &mut Random) -> &'t str {
    random.pick(&["a", "b", "3", "5", ""])
}

const KEYS: &[&str] = &["os", "size", "node.kubernetes.io/not-ready"];
const EFFECTS: &[&str] = &["NoSchedule", "NoExecute", "PreferNoSchedule"];

fn node(random: &mut Random, name: &str) -> Value {
    let labels: Value = KEYS[..2].iter().map(|key| (*key, label_value(random))).collect();
    let taints: Vec<Value> = (0..random.below(3))
        .map(|_| {
            let known = ["node.kubernetes.io/unschedulable", "node.kubernetes.io/network-unavailable"];
            let key = if random.one_in(3) { random.pick(&known) } else { random.pick(KEYS) };
            json!({"key": key, "value": label_value(random), "effect": random.pick(EFFECTS)})
        })
        .collect();
    json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}, "spec": {"taints": taints}})
}

fn pod_spec(random: &mut Random) -> Value {
    let mut spec = json!({"containers": [], "hostNetwork": random.one_in(2)});
    if random.one_in(4) {
        spec["nodeSelector"] = json!({random.pick(&KEYS[..2]): label_value(random)});
    }
    if random.one_in(6) {
        spec["nodeName"] = json!(random.pick(&["n-1", "n-2", ""]));
    }
    let expression = |random: &mut Random, keys: &[&str]| {
        let operator = random.pick(&["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]);
        let values: Vec<&str> = match operator {
            "Exists" | "DoesNotExist" => Vec::new(),
            "Gt" | "Lt" => vec![random.pick(&["1", "4"])],
            _ => vec![label_value(random), label_value(random)],
        };
        json!({"key": random.pick(keys), "operator": operator, "values": values})
    };
    if random.one_in(2) {
        let terms: Vec<Value> = (0..random.below(3))
            .map(|_| {
                let expressions: Vec<Value> =
                    (0..random.below(3)).map(|_| expression(random, &KEYS[..2])).collect();
                let mut term = json!({"matchExpressions": expressions});
                if random.one_in(4) {
                    let operator = random.pick(&["In", "NotIn"]);
                    term["matchFields"] =
                        json!([{"key": "metadata.name", "operator": operator, "values": ["n-1"]}]);
                }
                term
            })
            .collect();
        spec["affinity"] = json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}});
    }
    let tolerations: Vec<Value> = (0..random.below(3))
        .map(|_| {
            let mut toleration = json!({});
            for (field, value) in [
                ("key", random.pick(KEYS)),
                ("operator", random.pick(&["Exists", "Equal", ""])),
                ("value", label_value(random)),
                ("effect", random.pick(EFFECTS)),
            ] {
                if !random.one_in(3) {
                    toleration[field] = json!(value);
                }
            }
            toleration
        })
        .collect();
    spec["tolerations"] = json!(tolerations);
    spec
}

#[test]
fn daemon_sets_run_where_kubernetes_lets_them() {
    let Some(program) = oracle() else { return };
    let wanted = usize::try_from(number_from_environment("PROMWIRE_ORACLE_DOCS", 20_000)).unwrap() / 4;
    let seed = number_from_environment("PROMWIRE_ORACLE_SEED", SEED);
    let mut random = Random::new(seed);
    let names = ["n-1", "n-2", "n-3", "n-4"];
    let cases: Vec<(Value, Vec<Value>)> = (0..wanted.div_ceil(names.len()))
        .map(|_| {
            let nodes = names.iter().map(|name| node(&mut random, name)).collect();
            (pod_spec(&mut random), nodes)
        })
        .collect();
    let questions: Vec<Value> = cases
        .iter()
        .flat_map(|(pod, nodes)| nodes.iter().map(move |node| json!({"pod": pod, "node": node})))
        .collect();
    let mut told = ask(&program, &questions).into_iter();
    let (mut fitting, mut differences) = (0, Vec::new());
    for (pod, nodes) in &cases {
        let expected: BTreeSet<&str> =
            names.iter().copied().filter(|_| told.next().expect("an answer each")["fits"] == true).collect();
        fitting += expected.len();
        let mut objects = nodes.clone();
        objects.push(json!({
            "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "d", "namespace": "a"},
            "spec": {"template": {"spec": pod}},
        }));
        let inventory = inventory(&objects);
        let settled = controllers::settle(&inventory, Snapshot::read(&inventory));
        let found: BTreeSet<&str> = settled.pods.iter().map(|pod| &*pod.node_name).collect();
        if found != expected {
            differences.push(format!("found {found:?}, Kubernetes {expected:?}\n  {pod}\n  {nodes:?}"));
        }
    }
    println!(
        "{} pods and Nodes, seed {seed}: {fitting} fit: {} differences",
        questions.len(),
        differences.len()
    );
    for difference in differences.iter().take(8) {
        println!("--- {difference}");
    }
    assert!(differences.is_empty(), "{} differences", differences.len());
    assert!(fitting * 10 > questions.len() && fitting * 10 < questions.len() * 9, "{fitting} fit");
}
