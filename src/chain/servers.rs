//! Monitor → server's certificate: what the pods that are scraped over TLS show, as far as a Secret of theirs says so.

use rustc_hash::FxHashMap;

use super::Workloads;
use super::material::Material;
use super::ports::{self, Port};
use super::references::{Reached, Reference, Role};
use super::services::Backings;
use crate::diagnostic::Verdict;
use crate::kubernetes::data;
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::{Object, ObjectId};
use crate::operator::MonitorKind;
use crate::pki::{Certificate, Moment, TrustError, Usage};
use crate::source::Node;

/// An endpoint that is verified, and the certificate that its pods show.
#[derive(Debug)]
pub struct Server<'w> {
    /// The monitor.
    pub monitor: Object<'w>,
    /// What it says about TLS.
    pub tls: Node<'w>,
    /// The Secret that the pods mount.
    pub secret: Object<'w>,
    /// What is wrong.
    pub wrong: Mismatch<'w>,
}

/// Why a server would not be taken for the right one.
#[derive(Debug)]
pub enum Mismatch<'w> {
    /// Its certificate is not for this name; in Go's words.
    Name {
        /// Where the name stands.
        node: Node<'w>,
        /// Why not.
        why: String,
    },
    /// Its certificate is for no address, and without `serverName` it is asked for that of the pod.
    NoAddress {
        /// The names it is for.
        names: Vec<String>,
    },
    /// The authority did not sign it; in Go's words.
    Authority(String),
}

/// The key of a `kubernetes.io/tls` Secret with the certificate.
const CERTIFICATE: &str = "tls.crt";

/// Every endpoint whose server would not be taken for the right one.
pub fn trace<'w>(
    inventory: &'w Inventory,
    now: Moment,
    ports: &[Port<'w>],
    (backings, workloads): (&Backings<'w>, &Workloads<'w>),
    (references, material): (&[Reference<'w>], &[Material<'w>]),
) -> Vec<Server<'w>> {
    let mut authorities: FxHashMap<(ObjectId, &str), Vec<Certificate>> = FxHashMap::default();
    for one in material.iter().filter(|one| one.role == Role::Authority) {
        authorities
            .entry((one.object.id(), one.key.as_str()))
            .or_insert_with(|| Certificate::pool_from_pem(one.bytes()));
    }
    let mut found = Vec::new();
    for port in ports.iter().filter(|port| port.kind == MonitorKind::Service) {
        let Some(endpoint) = ports::endpoints(port.monitor, port.kind).nth(port.endpoint) else { continue };
        let is_https =
            endpoint.get("scheme").and_then(Node::as_str).is_some_and(|s| s.eq_ignore_ascii_case("https"));
        let Some(tls) = endpoint.get("tlsConfig").filter(|_| is_https) else { continue };
        if tls.get("insecureSkipVerify").and_then(Node::as_bool) == Some(true) {
            continue;
        }
        let Some((secret, certificates)) = shown(inventory, port, backings, workloads) else { continue };
        let Some(own) = certificates.first() else { continue };
        // The authority of this endpoint: the reference that stands in its settings.
        let pool = references
            .iter()
            .filter(|reference| {
                reference.monitor.id() == port.monitor.id() && reference.role == Role::Authority
            })
            .filter(|reference| within(reference.node, tls))
            .find_map(|reference| match reference.to {
                Reached::Key(object) => authorities.get(&(object.id(), reference.key)),
                _ => None,
            });
        let wrong =
            match tls.get("serverName").filter(|name| name.as_str().is_some_and(|name| !name.is_empty())) {
                Some(node) => own
                    .is_valid_for(node.as_str().unwrap_or_default())
                    .err()
                    .map(|why| Mismatch::Name { node, why: why.to_string() }),
                None => own
                    .ip_addresses()
                    .is_empty()
                    .then(|| Mismatch::NoAddress { names: own.dns_names().to_vec() }),
            };
        let untrusted = || match own.is_trusted(&certificates[1..], pool?, Usage::Server, now) {
            Err(wrong @ TrustError::UnknownAuthority { .. }) => Some(Mismatch::Authority(wrong.to_string())),
            _ => None,
        };
        found.extend(wrong.or_else(untrusted).map(|wrong| Server {
            monitor: port.monitor,
            tls,
            secret,
            wrong,
        }));
    }
    found
}

/// Whether a node stands in another one.
fn within(node: Node<'_>, outer: Node<'_>) -> bool {
    let (inner, outer) = (node.span(), outer.span());
    outer.start <= inner.start && inner.end <= outer.end
}

/// The only Secret with a server's certificate that the pods behind an endpoint mount, with what is in it.
fn shown<'w>(
    inventory: &'w Inventory,
    port: &Port<'w>,
    backings: &Backings<'w>,
    workloads: &Workloads<'w>,
) -> Option<(Object<'w>, Vec<Certificate>)> {
    let mut only: Option<Object<'w>> = None;
    for at in port.at.iter().filter(|at| at.verdict == Verdict::Holds) {
        for item in &backings.get(at.object)?.workloads {
            let workload = workloads.get(*item);
            let volumes = workload.template.spec().and_then(|spec| spec.get("volumes"));
            for volume in volumes.into_iter().flat_map(Node::items) {
                let Some(name) = volume.at(&["secret", "secretName"]).and_then(Node::as_str) else {
                    continue;
                };
                let secret = inventory.get(GroupKind::SECRET, workload.object.namespace(), name);
                let is_server = |secret: &Object<'_>| {
                    secret.at(&["type"]).and_then(Node::as_str) == Some("kubernetes.io/tls")
                };
                let Some(secret) = secret.filter(is_server) else { continue };
                match only {
                    Some(known) if known.id() != secret.id() => return None,
                    _ => only = Some(secret),
                }
            }
        }
    }
    let secret = only?;
    let content = data::of_secret(secret).remove(CERTIFICATE)?;
    Some((secret, Certificate::all_from_pem(&content).ok()?))
}
