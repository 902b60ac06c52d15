//! Files of the Prometheus container: which are there, and what a client is made of them.

use std::collections::BTreeSet;

use crate::kubernetes::data::{self, Data};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::pki;
use crate::prom::config::{NeededFile, Purpose, Tls};
use crate::source::Node;

const CERTS: &str = "/etc/prometheus/certs/";
const SECRETS: &str = "/etc/prometheus/secrets/";
const CONFIG_MAPS: &str = "/etc/prometheus/configmaps/";

/// The files of one Prometheus, as far as the input says.
pub(super) struct Files<'w> {
    inventory: &'w Inventory,
    object: Object<'w>,
    /// What the operator puts into `/etc/prometheus/certs`.
    tls: &'w BTreeSet<String>,
}

/// A file.
enum File {
    There(Vec<u8>),
    /// It is there, and what it holds is not known, or was looked at before.
    Somehow,
    Missing,
}

impl<'w> Files<'w> {
    pub(super) fn new(inventory: &'w Inventory, object: Object<'w>, tls: &'w BTreeSet<String>) -> Self {
        Self { inventory, object, tls }
    }

    /// Why Prometheus cannot make a client with these certificates, in its words (prometheus/common 0.69,
    /// `NewTLSConfigWithContext`).
    pub(super) fn why_no_client(&self, tls: &Tls) -> Option<String> {
        let mut pair: Vec<(&str, Vec<u8>)> = Vec::new();
        for NeededFile { path, purpose } in tls.files() {
            let what = match purpose {
                Purpose::Authority => "unable to read CA cert",
                Purpose::Certificate => "unable to read specified client cert",
                Purpose::Key => "unable to read specified client key",
            };
            match self.file(path) {
                File::Missing => {
                    return Some(format!(
                        "{what}: unable to read file {path}: open {path}: no such file or directory"
                    ));
                }
                File::There(content) if purpose == Purpose::Authority => {
                    if !holds_certificate(&content) {
                        return Some(format!("unable to use specified CA cert file {path}"));
                    }
                }
                File::There(content) => pair.push((path, content)),
                File::Somehow => {}
            }
        }
        let [(cert, certificate), (key, private)] = &pair[..] else { return None };
        let error = pki::pair_matches(certificate, private).err()?;
        Some(format!("unable to use specified client cert (file {cert}) & key (file {key}): {error}"))
    }

    fn file(&self, path: &str) -> File {
        if let Some(name) = path.strip_prefix(CERTS) {
            // The operator has looked at these.
            return if self.tls.contains(name) { File::Somehow } else { self.elsewhere(path) };
        }
        let of = |rest: &str, field: &str, kind, read: fn(Object<'_>) -> Data| {
            let (name, key) = rest.split_once('/')?;
            let listed = self.object.at(&["spec", field]).into_iter().flat_map(Node::items);
            if !listed.filter_map(Node::as_str).any(|listed| listed == name) {
                return None;
            }
            let object = self.inventory.get(kind, self.object.namespace(), name)?;
            Some(read(object).get(key).map_or(File::Missing, |content| File::There(content.clone())))
        };
        let mounted = if let Some(rest) = path.strip_prefix(SECRETS) {
            of(rest, "secrets", GroupKind::SECRET, data::of_secret)
        } else if let Some(rest) = path.strip_prefix(CONFIG_MAPS) {
            of(rest, "configMaps", GroupKind::CONFIG_MAP, data::of_config_map)
        } else {
            // Images and nodes bring files of their own.
            return File::Somehow;
        };
        mounted.unwrap_or_else(|| self.elsewhere(path))
    }

    /// A file that nothing of the operator brings: it may be mounted by the user all the same, or from what is not in the input.
    fn elsewhere(&self, path: &str) -> File {
        let is_below = |mount: &str| path.strip_prefix(mount.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/') || rest.is_empty());
        let mounts = |node: Option<Node<'w>>| {
            let mounts = node.into_iter().flat_map(Node::items);
            mounts.filter_map(|mount| mount.get("mountPath")?.as_str()).any(is_below)
        };
        let containers = self.object.at(&["spec", "containers"]).into_iter().flat_map(Node::items);
        let is_mounted = mounts(self.object.at(&["spec", "volumeMounts"]))
            || containers.into_iter().any(|container| mounts(container.get("volumeMounts")));
        let is_listed = |prefix: &str, field: &str| {
            let name = path.strip_prefix(prefix).and_then(|rest| rest.split_once('/')).map(|(name, _)| name);
            let listed = self.object.at(&["spec", field]).into_iter().flat_map(Node::items);
            name.is_some() && listed.filter_map(Node::as_str).any(|listed| Some(listed) == name)
        };
        // What is listed and not in the input is a mount whose content is not known.
        if is_mounted || is_listed(SECRETS, "secrets") || is_listed(CONFIG_MAPS, "configMaps") {
            File::Somehow
        } else {
            File::Missing
        }
    }
}

/// Whether Go's `AppendCertsFromPEM` takes anything of it.
fn holds_certificate(content: &[u8]) -> bool {
    pki::Certificate::from_first_block(content).is_ok()
}
