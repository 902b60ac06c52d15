//! etcd as it is found in a cluster: by its static pods, or by what the API server is told.

use std::net::IpAddr;

use super::objects::POD_LABELS;
use super::options::METRICS;
use super::settings::{self, KUBE_SYSTEM};
use crate::diagnostic::{Code, Diagnostic};
use crate::integrations::discovered::{Discovered, TargetsOf, distribution, flag};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::source::Node;

/// What there is to say of etcd; None where nothing shows it.
pub(crate) fn discover(inventory: &Inventory) -> Option<Discovered> {
    let set_up = distribution(inventory);
    let mut discovered = Discovered {
        integration: "etcd",
        targets: TargetsOf { labels: vec![POD_LABELS[0]], ..TargetsOf::default() },
        ..Discovered::default()
    };
    match set_up {
        Some(name @ ("openshift" | "managed")) => {
            let why = if name == "managed" {
                "nobody but its provider reaches it"
            } else {
                "OpenShift monitors it itself"
            };
            discovered.remarks.push(format!("of the etcd of this cluster nothing is generated: {why}"));
            return Some(discovered);
        }
        Some(name @ ("k3s" | "rke2")) => {
            discovered.options.push(("distribution", vec![name.to_owned()]));
        }
        _ => {}
    }
    let pods: Vec<Object<'_>> = settings::pods(inventory).collect();
    let servers = api_servers(inventory);
    let outside: Vec<IpAddr> = servers
        .iter()
        .filter(|(address, _)| !address.is_loopback() && !is_of_a_node(inventory, *address))
        .map(|(address, _)| *address)
        .collect();
    if !pods.is_empty() {
        discovered.options.push(("topology", vec!["stacked".to_owned()]));
        discovered
            .remarks
            .push(format!("etcd runs on the control-plane nodes: {} of it", counted(pods.len())));
        discovered.is_wanted = true;
        listeners(&pods, &mut discovered);
    } else if !outside.is_empty() {
        let members: Vec<String> = outside.iter().map(ToString::to_string).collect();
        discovered.remarks.push("etcd runs outside of the cluster: the API server is told so".to_owned());
        for (name, what) in
            [("etcd-cafile", "authority"), ("etcd-certfile", "certificate"), ("etcd-keyfile", "key")]
        {
            if let Some(path) = server_flag(inventory, name) {
                discovered.remarks.push(format!("the API server has its {what} in {path}"));
            }
        }
        discovered.options.push(("topology", vec!["external".to_owned()]));
        discovered.options.push(("member", members.clone()));
        discovered.targets.addresses = members;
        // Certificates have to be named, which nobody but their owner has.
        discovered.remarks.push(
            "it is left out until `ca-file`, `cert-file` and `key-file`, or `access: metrics-http`, are said"
                .to_owned(),
        );
    } else if discovered.options.is_empty() {
        return None;
    } else {
        // A part of the server of k3s: its nodes say where.
        let members = server_nodes(inventory);
        discovered.remarks.push("etcd is a part of the servers of this distribution".to_owned());
        discovered.is_wanted = !members.is_empty();
        discovered.options.push(("member", members.clone()));
        discovered.targets.addresses = members;
    }
    Some(discovered)
}

/// What the members listen on.
fn listeners(pods: &[Object<'_>], discovered: &mut Discovered) {
    let port = METRICS.number;
    for pod in pods {
        let Some(spec) = pod.at(&["spec"]) else { continue };
        let name = pod.name();
        for (flag_name, what) in [
            ("listen-client-urls", "clients"),
            ("listen-metrics-urls", "metrics"),
            ("cert-file", "its certificate"),
            ("trusted-ca-file", "the authority of its clients"),
        ] {
            if let Some(value) = flag(spec, flag_name) {
                discovered.remarks.push(format!("{name} has {what} at {value}"));
            }
        }
        if settings::serves_metrics(*pod, port) {
            continue;
        }
        let message = format!("{name} serves its metrics on its own node only");
        let finding = Diagnostic::new(Code::SETTING_NEEDED, message).at(pod.place(), "");
        let finding = settings::kubeadm(port, finding);
        let address = pod.at(&["status", "hostIP"]).and_then(Node::as_str);
        discovered.findings.push(match address {
            Some(address) => finding.note(format!(
                "on a single control-plane node `http://127.0.0.1:{port},http://{address}:{port}` keeps it to two addresses; \
                 the loopback comes first, because the probe of kubeadm asks the first"
            )),
            None => finding,
        });
    }
    discovered.options.push(("access", vec!["metrics-http".to_owned()]));
}

/// The members that the API servers are told, and their ports.
fn api_servers(inventory: &Inventory) -> Vec<(IpAddr, u16)> {
    let urls = server_flag(inventory, "etcd-servers").unwrap_or_default();
    let parsed = urls.split(',').filter_map(|url| {
        let (host, port) = url.split_once("://")?.1.trim_end_matches('/').rsplit_once(':')?;
        Some((host.trim_matches(['[', ']']).parse().ok()?, port.parse().ok()?))
    });
    parsed.collect()
}

/// A flag of an API server that runs as a static pod.
fn server_flag<'w>(inventory: &'w Inventory, name: &str) -> Option<&'w str> {
    let pods = inventory.in_namespace(GroupKind::POD, Some(KUBE_SYSTEM));
    let mut servers = pods.filter(|pod| pod.labels().get("component") == Some("kube-apiserver"));
    servers.find_map(|pod| flag(pod.at(&["spec"])?, name))
}

fn is_of_a_node(inventory: &Inventory, address: IpAddr) -> bool {
    let address = address.to_string();
    inventory.of_kind(GroupKind::NODE).any(|node| {
        let addresses = node.at(&["status", "addresses"]).into_iter().flat_map(Node::items);
        addresses
            .filter_map(|entry| entry.get("address")?.as_str().map(str::to_owned))
            .any(|known| known == address)
    })
}

/// The addresses of nodes that run servers.
fn server_nodes(inventory: &Inventory) -> Vec<String> {
    let labels = ["node-role.kubernetes.io/etcd", "node-role.kubernetes.io/control-plane"];
    let nodes = inventory.of_kind(GroupKind::NODE);
    let servers = nodes.filter(|node| labels.iter().any(|label| node.labels().get(label).is_some()));
    servers
        .filter_map(|node| {
            let mut addresses = node.at(&["status", "addresses"])?.items();
            let internal =
                addresses.find(|entry| entry.get("type").and_then(Node::as_str) == Some("InternalIP"))?;
            internal.get("address")?.as_str().map(str::to_owned)
        })
        .collect()
}

fn counted(count: usize) -> String {
    if count == 1 { "one member".to_owned() } else { format!("{count} members") }
}
