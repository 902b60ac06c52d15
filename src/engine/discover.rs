//! What runs in a cluster, as a Stack: what would have to be generated for it, and why.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use super::World;
use super::targets::{Asked, Cluster, Subject, predict};
use crate::diagnostic::Diagnostic;
use crate::integrations::discovered::{self, Discovered, TargetsOf};
use crate::kubernetes::snapshot::Snapshot;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::operator::Reality;
use crate::sd::{Details, Target};
use crate::source::{self, Node};

/// What was found.
#[derive(Debug)]
pub struct Found {
    /// A `promwire.yaml` that asks for what is missing, with what was found as comments.
    pub text: String,
    /// What owners of systems have to know.
    pub findings: Vec<Diagnostic>,
}

/// Looks at a world. `reality` is what is known of the operator there, by the names of its flags; `server` what the cluster is
/// called.
pub fn discover(world: &World, assumed: &Reality, reality: &[(String, String)], server: &str) -> Found {
    let inventory = world.inventory();
    let prometheuses: Vec<Object<'_>> = [GroupKind::PROMETHEUS, GroupKind::PROMETHEUS_AGENT]
        .into_iter()
        .flat_map(|kind| inventory.of_kind(kind))
        .collect();
    let scraped = Scraped::of(world, assumed);
    let mut text = format!(
        "# What promwire discover found in the cluster at {server}. What is wrong or missing here is for you to say;\n\
         # then `promwire generate --cluster` makes what is asked for, and `promwire check --cluster` judges what is there.\n\
         apiVersion: promwire.dev/v1alpha1\nkind: Stack\n"
    );
    wiring(&mut text, &prometheuses);
    realities(&mut text, reality);
    text.push_str("\nintegrations:\n");
    let mut findings = Vec::new();
    let mut any = false;
    if prometheuses.is_empty() {
        any = true;
        text.push_str("  # No Prometheus of the operator is there.\n  prometheus:\n");
    }
    if let Some(distribution) = discovered::distribution(inventory) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  # The cluster was set up by {distribution}.");
    }
    for mut system in discovered::all(inventory) {
        let jobs = scraped.jobs(&system.targets);
        for job in &jobs {
            system.remarks.push(format!("{job} scrapes it already"));
        }
        any |= section(&mut text, &system, jobs.is_empty());
        if jobs.is_empty() {
            findings.append(&mut system.findings);
        }
    }
    if !any {
        text.truncate(text.trim_end_matches('\n').len());
        text.push_str("\n  {}\n");
    }
    Found { text, findings }
}

/// How each Prometheus selects, and which one new monitors are for.
fn wiring(text: &mut String, prometheuses: &[Object<'_>]) {
    text.push('\n');
    for prometheus in prometheuses {
        let owner = discovered::owner(*prometheus).map(|owner| format!(", of {owner}")).unwrap_or_default();
        let _ = writeln!(text, "# {}{owner}", prometheus.identity());
        for field in ["serviceMonitorSelector", "serviceMonitorNamespaceSelector", "podMonitorSelector"] {
            let selector = prometheus.at(&["spec", field]).map(Node::to_json);
            let selector = match selector {
                None | Some(Value::Null) if field.contains("Namespace") => "its own namespace".to_owned(),
                None | Some(Value::Null) => "none".to_owned(),
                Some(selector) => selector.to_string(),
            };
            let _ = writeln!(text, "#   {field}: {selector}");
        }
        let of = |field: &str, otherwise: &str| {
            let value = prometheus.at(&["spec", field]).and_then(Node::as_str);
            value.unwrap_or(otherwise).to_owned()
        };
        let (role, account) = (of("serviceDiscoveryRole", "Endpoints"), of("serviceAccountName", "default"));
        let _ = writeln!(text, "#   discovers by {role}, as the ServiceAccount {account}");
    }
    let names: Vec<String> = prometheuses
        .iter()
        .map(|object| format!("{}/{}", object.namespace().unwrap_or_default(), object.name()))
        .collect();
    match &names[..] {
        [] => {}
        [only] => {
            let _ = writeln!(text, "wiring:\n  prometheus: {only}");
        }
        [first, ..] => {
            let _ = writeln!(
                text,
                "# Monitors are made for one of them: say which.\n#wiring:\n#  prometheus: {first}"
            );
        }
    }
}

fn realities(text: &mut String, reality: &[(String, String)]) {
    if reality.is_empty() {
        return;
    }
    text.push_str("\nreality:\n");
    for (option, value) in reality {
        let is_list = option.contains("namespaces") || option == "feature-gates";
        let value = match value.as_str() {
            "" => "true".to_owned(),
            "true" | "false" => value.clone(),
            list if is_list => {
                let items: Vec<String> = list.split(',').map(scalar).collect();
                format!("[{}]", items.join(", "))
            }
            other => scalar(other),
        };
        let _ = writeln!(text, "  {option}: {value}");
    }
}

/// Writes the section of a system, behind `#` where it is not to be generated. Whether it is.
fn section(text: &mut String, system: &Discovered, is_open: bool) -> bool {
    let is_wanted = system.is_wanted && is_open;
    let mark = if is_wanted { "" } else { "#" };
    for remark in &system.remarks {
        let _ = writeln!(text, "  # {}", remark.replace('\n', " "));
    }
    let _ = writeln!(text, "  {mark}{}:", system.integration);
    for (option, values) in &system.options {
        let values: Vec<String> = values.iter().map(|value| scalar(value)).collect();
        let value = match (&values[..], *option) {
            ([only], name) if name != "member" => only.clone(),
            _ => format!("[{}]", values.join(", ")),
        };
        let _ = writeln!(text, "  {mark}  {option}: {value}");
    }
    is_wanted
}

/// A text as YAML has it: numbers as numbers.
fn scalar(text: &str) -> String {
    match text.parse::<u64>() {
        Ok(number) => number.to_string(),
        Err(_) => source::emit(&Value::String(text.to_owned())).trim_end().to_owned(),
    }
}

/// What is scraped already.
struct Scraped {
    targets: Vec<Known>,
}

/// A target, as systems are told by.
struct Known {
    job: String,
    labels: Vec<(String, String)>,
    workload: String,
    host: String,
}

impl Scraped {
    /// The predicted targets of every Prometheus of the operator.
    fn of(world: &World, assumed: &Reality) -> Self {
        let Ok(predictions) = predict(world, &Asked::default(), assumed) else {
            return Self { targets: Vec::new() };
        };
        let cluster = Cluster::of(world, assumed);
        let mut targets = Vec::new();
        for prediction in predictions {
            let scraper = prediction.scraper.whole().to_string();
            for pool in prediction.pools(&cluster, Details::default()) {
                let job = format!("job {} of {scraper}", pool.config.job_name);
                targets.extend(pool.active.iter().map(|target| known(&job, target, cluster.snapshot())));
            }
        }
        Self { targets }
    }

    /// The jobs that scrape a system.
    fn jobs(&self, of: &TargetsOf) -> BTreeSet<&str> {
        let is_of = |target: &&Known| {
            let is_labelled = of.labels.iter().any(|(key, value)| {
                target.labels.iter().any(|(known, found)| known == key && found == value)
            });
            let is_made = of.workloads.iter().any(|(namespace, name)| {
                target.workload.starts_with(&format!("{namespace}/"))
                    && target.workload.ends_with(&format!("/{name}"))
            });
            is_labelled || is_made || of.addresses.contains(&target.host)
        };
        self.targets.iter().filter(is_of).map(|target| target.job.as_str()).collect()
    }
}

fn known(job: &str, target: &Target<'_>, snapshot: &Snapshot) -> Known {
    let pod = target.origin.found.pod();
    let labels = pod.into_iter().flat_map(|pod| pod.meta.labels.iter());
    let address = target.labels.get("__address__");
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host).trim_matches(['[', ']']);
    Known {
        job: job.to_owned(),
        labels: labels.map(|(key, value)| (key.to_string(), value.to_string())).collect(),
        workload: Subject::of(&target.origin.found, snapshot).workload,
        host: host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KUBEADM: &str = include_str!("discover_kubeadm.yaml");

    #[test]
    fn what_is_missing_is_asked_for_and_what_is_there_is_not() {
        let world = World::of_text("cluster.yaml", KUBEADM, None);
        let reality =
            [("deny-namespaces", "a,b"), ("kubernetes-version", "1.36.3"), ("no-storage-class-check", "")]
                .map(|(option, value)| (option.to_owned(), value.to_owned()));
        let found = discover(&world, &Reality::default(), &reality, "https://10.0.0.1");
        insta::assert_snapshot!(found.text);
        let told: Vec<&str> = found.findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(told, ["etcd-a serves its metrics on its own node only"]);
    }

    #[test]
    fn an_empty_cluster_lacks_everything() {
        let found = discover(&World::of_text("a.yaml", "", None), &Reality::default(), &[], "x");
        assert!(found.text.contains("\n  prometheus:\n") && found.text.contains("\n  node-exporter:\n"));
    }
}
