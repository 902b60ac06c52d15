//! A target as people know it: its workload, its port, its labels.

use std::collections::BTreeMap;

use crate::kubernetes::snapshot::{self, Owner, Pod, Snapshot, Standing};
use crate::sd::{Found, Group, Point};

/// What a target is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// `shop/deployment/api`, `node/worker`, the host of an address that is written down: what stays when addresses and names of pods change.
    pub workload: String,
    /// The port by its name, or by its number where it has none; empty where there is none.
    pub port: String,
    /// Whether it stands for what only a cluster has.
    pub is_symbolic: bool,
}

impl Subject {
    /// The subject of what was found.
    pub fn of(found: &Found<'_>, snapshot: &Snapshot) -> Self {
        let is_symbolic = found.pod().is_some_and(|pod| matches!(pod.standing, Standing::Of(_)));
        Self { workload: workload(found, snapshot), port: port(found), is_symbolic }
    }
}

fn workload(found: &Found<'_>, snapshot: &Snapshot) -> String {
    if let Some(pod) = found.pod() {
        return of_pod(pod, snapshot);
    }
    let of = |kind: &str, meta: &snapshot::Meta| format!("{}/{kind}/{}", meta.namespace, meta.name);
    match found.group {
        Group::Endpoints { service: Some(service), .. }
        | Group::Slice { service: Some(service), .. }
        | Group::Service(service) => of("service", &service.meta),
        Group::Endpoints { endpoints, .. } => of("endpoints", &endpoints.meta),
        Group::Slice { slice, .. } => of("endpointslice", &slice.meta),
        Group::Pod(pod) => of_pod(pod, snapshot),
        Group::Node(node) => format!("node/{}", node.meta.name),
        Group::Ingress(ingress) => of("ingress", &ingress.meta),
        Group::Listed(_) => match found.point {
            Point::Plain(address) => host_and_port(address).0.to_owned(),
            _ => String::new(),
        },
    }
}

/// What makes the pod, as far up as it is known.
fn of_pod(pod: &Pod, snapshot: &Snapshot) -> String {
    let namespace = &*pod.meta.namespace;
    let named = |kind: &str, name: &str| format!("{namespace}/{}/{name}", kind.to_lowercase());
    if let Standing::Of(workload) = &pod.standing {
        return named(&workload.kind, &workload.name);
    }
    let Some(controller) = &pod.controller else { return named("pod", &pod.meta.name) };
    let above = |list: &[snapshot::Plain]| -> Option<Owner> {
        snapshot::find(list, namespace, &controller.name)?.controller.clone()
    };
    let owner = match &*controller.kind {
        "ReplicaSet" => above(&snapshot.replica_sets),
        "Job" => above(&snapshot.jobs),
        _ => None,
    };
    let owner = owner.as_ref().unwrap_or(controller);
    // A ReplicaSet that is not in the input has the name of its Deployment and the hash its pods are labelled with.
    let hash = pod.meta.labels.get("pod-template-hash");
    if owner.kind == "ReplicaSet".into()
        && let Some(deployment) = hash.and_then(|hash| owner.name.strip_suffix(&**hash)?.strip_suffix('-'))
    {
        return named("deployment", deployment);
    }
    named(&owner.kind, &owner.name)
}

fn port(found: &Found<'_>) -> String {
    let name_or = |name: &str, number: Option<u16>| match (name, number) {
        ("", Some(number)) => number.to_string(),
        (name, _) => name.to_owned(),
    };
    match found.point {
        Point::Address { port, .. } => name_or(&port.name, Some(port.number)),
        Point::SliceAddress { port, .. } => name_or(port.name.as_deref().unwrap_or_default(), port.number),
        Point::Undeclared { port, .. } => name_or(&port.name, Some(port.number)),
        Point::Container { port, .. } => {
            port.map_or_else(String::new, |port| name_or(&port.name, Some(port.number)))
        }
        Point::ServicePort(port) => name_or(&port.name, Some(port.number)),
        Point::Node => String::new(),
        Point::Path { host, path } => format!("{host}{}", path.map_or("/", |path| path)),
        Point::Plain(address) => host_and_port(address).1.to_owned(),
    }
}

/// The parts of an address that is written down; other texts are hosts.
fn host_and_port(address: &str) -> (&str, &str) {
    match address.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (host, port)
        }
        _ => (address, ""),
    }
}

/// A target that is scraped, as a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// The job.
    pub job: String,
    /// What it is of.
    pub subject: Subject,
    /// The labels of its series.
    pub labels: BTreeMap<String, String>,
    /// Where it is scraped.
    pub url: String,
}

/// A text in which what stands for an address that is not known can be read: `pod-of~deployment~api~0` becomes
/// `pod-of deployment/api`.
pub fn readable(text: &str) -> String {
    const MARK: &str = "pod-of~";
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(MARK) {
        let (before, from) = rest.split_at(at);
        shown.push_str(before);
        let mut parts = from[MARK.len()..].splitn(3, '~');
        let (Some(kind), Some(name), Some(number)) = (parts.next(), parts.next(), parts.next()) else {
            shown.push_str(from);
            return shown;
        };
        shown.push_str("pod-of ");
        shown.push_str(kind);
        shown.push('/');
        shown.push_str(name);
        rest = number.trim_start_matches(|digit: char| digit.is_ascii_digit());
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_addresses_can_be_read() {
        for (text, expected) in [
            ("pod-of~deployment~api~0:8080", "pod-of deployment/api:8080"),
            ("http://pod-of~statefulset~db~12:80/metrics", "http://pod-of statefulset/db:80/metrics"),
            ("pod-of~x", "pod-of~x"),
            ("10.0.0.1:80", "10.0.0.1:80"),
        ] {
            assert_eq!(readable(text), expected);
        }
    }
}
