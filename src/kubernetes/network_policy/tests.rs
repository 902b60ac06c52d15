//! Connections and verdicts in `tests/fixtures/network_policy/`.

use std::fmt::Write as _;
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use super::{NamedPort, Party, Policies, Port, Verdict};
use crate::diagnostic::TextFile;
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::model::workload::PodTemplate;
use crate::source::Node;

fn verdict(verdict: &Verdict<'_>) -> String {
    match verdict {
        Verdict::Allowed(admission) => format!("allowed: {admission}\n"),
        Verdict::Denied(refusals) => {
            refusals.iter().fold("denied\n".to_owned(), |told, refusal| format!("{told}#   - {refusal}\n"))
        }
        Verdict::Unknown(open) => {
            open.iter().fold("unknown\n".to_owned(), |told, open| format!("{told}#   - {open}\n"))
        }
    }
}

fn pod<'i>(inventory: &'i Inventory, text: &str) -> Object<'i> {
    let (namespace, name) = text.split_once('/').expect("a namespace and a name");
    inventory.get(GroupKind::POD, Some(namespace), name).expect("the pod is in the file")
}

fn with_party<T>(pod: Object<'_>, then: impl FnOnce(&Party<'_>) -> T) -> T {
    let template = PodTemplate::of(pod).expect("a pod is its own");
    let declared = template.ports();
    let ports: Vec<NamedPort<'_>> = declared
        .iter()
        .filter_map(|port| {
            let protocol = port.node.get("protocol").and_then(Node::as_str).unwrap_or("TCP");
            Some(NamedPort { name: port.name?, number: port.number, protocol })
        })
        .collect();
    let address = pod.at(&["status", "podIP"]).and_then(Node::as_str);
    let addresses: Vec<IpAddr> = address.and_then(|text| text.parse().ok()).into_iter().collect();
    then(&Party {
        namespace: pod.namespace(),
        name: Some(pod.name()),
        labels: &pod.labels(),
        addresses: &addresses,
        host_network: template.host_network(),
        ports: &ports,
    })
}

/// `NAMESPACE/POD -> NAMESPACE/POD NUMBER/PROTOCOL`
fn answer(inventory: &Inventory, question: &str) -> String {
    let words: Vec<&str> = question.split(' ').collect();
    let [from, "->", to, port] = words[..] else { panic!("no question: {question}") };
    let (number, protocol) = port.split_once('/').expect("a port");
    let port = Port { number: number.parse().expect("a number"), protocol };
    let policies = Policies::of(inventory);
    with_party(pod(inventory, from), |from| {
        with_party(pod(inventory, to), |to| {
            format!(
                "#   out {}#   in  {}",
                verdict(&policies.egress(from, to, port)),
                verdict(&policies.ingress(from, to, port))
            )
        })
    })
}

#[test]
fn connections_are_judged_as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/network_policy");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("there are fixtures") {
        let path = entry.expect("it can be listed").path();
        let text = fs::read_to_string(&path).expect("it can be read");
        let reading = crate::source::read(Arc::new(TextFile::new("policies.yaml", &*text)));
        let (inventory, _) = Inventory::builder().documents(reading.documents).build();
        let mut written = String::new();
        for line in text.lines().filter(|line| !line.starts_with("#   ")) {
            let _ = writeln!(written, "{line}");
            if let Some(question) = line.strip_prefix("# ? ") {
                written += &answer(&inventory, question);
                count += 1;
            }
        }
        if std::env::var_os("PROMWIRE_UPDATE").is_some() {
            fs::write(&path, written).expect("it can be written");
        } else {
            assert_eq!(text, written, "{}", path.display());
        }
    }
    assert!(count > 30, "only {count} connections");
}
