//! What a client is made of: certificates from files of the Prometheus container.

use crate::kubernetes::data::{self, Data};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::operator::Mounts;
use crate::pki;
use crate::prom::config::{NeededFile, Purpose, Tls};

/// The files of one Prometheus, as far as the input says.
pub(super) struct Files<'w> {
    pub(super) inventory: &'w Inventory,
    pub(super) object: Object<'w>,
    pub(super) mounts: &'w Mounts,
}

impl Files<'_> {
    /// Why Prometheus cannot make a client with these certificates, in its words (prometheus/common 0.69,
    /// `NewTLSConfigWithContext`).
    pub(super) fn why_no_client(&self, tls: &Tls) -> Option<String> {
        let mut pair: Vec<(String, Vec<u8>)> = Vec::new();
        for NeededFile { path, purpose } in tls.files() {
            let path = &*Mounts::whole(path);
            if self.mounts.has(path) == Some(false) {
                let what = match purpose {
                    Purpose::Authority => "unable to read CA cert",
                    Purpose::Certificate => "unable to read specified client cert",
                    Purpose::Key => "unable to read specified client key",
                };
                return Some(format!(
                    "{what}: unable to read file {path}: open {path}: no such file or directory"
                ));
            }
            let Some(content) = self.content(path) else { continue };
            if purpose != Purpose::Authority {
                pair.push((path.to_owned(), content));
            } else if pki::Certificate::from_first_block(&content).is_err() {
                return Some(format!("unable to use specified CA cert file {path}"));
            }
        }
        let [(cert, certificate), (key, private)] = &pair[..] else { return None };
        let error = pki::pair_matches(certificate, private).err()?;
        Some(format!("unable to use specified client cert (file {cert}) & key (file {key}): {error}"))
    }

    /// What a file holds that the user has mounted. The operator has looked at those in its own folder.
    fn content(&self, path: &str) -> Option<Vec<u8>> {
        let rest = path.strip_prefix("/etc/prometheus/")?;
        let read = |name_and_key: &str, kind, read: fn(Object<'_>) -> Data| {
            let (name, key) = name_and_key.split_once('/')?;
            let object = self.inventory.get(kind, self.object.namespace(), name)?;
            read(object).remove(key)
        };
        match rest.split_once('/')? {
            ("secrets", rest) => read(rest, GroupKind::SECRET, data::of_secret),
            ("configmaps", rest) => read(rest, GroupKind::CONFIG_MAP, data::of_config_map),
            _ => None,
        }
    }
}
