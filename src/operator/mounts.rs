//! The files in the container of a Prometheus (operator 0.93) that come from Secrets and `ConfigMaps`.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::fields::Fields;
use crate::kubernetes::data;
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;

/// Where TLS material is.
pub(super) const CERTIFICATES: &str = "/etc/prometheus/certs";
/// Where the configuration is that Prometheus reads.
const OUTPUT: &str = "/etc/prometheus/config_out";
/// Where the files of the operator are.
const CONFIGURATION: &str = "/etc/prometheus/";
/// Where the service account is.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The files that are known to be there, or not.
#[derive(Debug, Clone, Default)]
pub struct Mounts {
    files: BTreeSet<String>,
    /// Folders somebody else mounts.
    others: Vec<String>,
    has_token: bool,
}

impl Mounts {
    /// The files of a Prometheus of this namespace, by its specification and the names of its TLS material.
    pub(super) fn of(
        inventory: &Inventory,
        namespace: &str,
        spec: Fields<'_>,
        certificates: BTreeSet<String>,
    ) -> Self {
        let mut files: BTreeSet<String> =
            certificates.into_iter().map(|name| format!("{CERTIFICATES}/{name}")).collect();
        for name in spec.strings("secrets") {
            if let Some(secret) = inventory.get(GroupKind::SECRET, Some(namespace), name) {
                let keys = data::of_secret(secret).into_keys();
                files.extend(keys.map(|key| format!("{CONFIGURATION}secrets/{name}/{key}")));
            }
        }
        for name in spec.strings("configMaps") {
            if let Some(map) = inventory.get(GroupKind::CONFIG_MAP, Some(namespace), name) {
                let binary = map.at(&["binaryData"]).into_iter().flat_map(crate::source::Node::entries);
                let keys = data::of_config_map(map).into_keys();
                let keys = keys.chain(binary.map(|entry| entry.key.to_owned()));
                files.extend(keys.map(|key| format!("{CONFIGURATION}configmaps/{name}/{key}")));
            }
        }
        let others = spec.items("volumeMounts").map(|mount| mount.str("mountPath").to_owned());
        Self {
            files,
            others: others.collect(),
            has_token: spec.bool("automountServiceAccountToken") != Some(false),
        }
    }

    /// The path that Prometheus reads for one that is written in its configuration: relative ones begin where that is.
    pub fn whole(path: &str) -> Cow<'_, str> {
        if path.starts_with('/') {
            return Cow::Borrowed(path);
        }
        let mut parts: Vec<&str> = OUTPUT.split('/').collect();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    // Above the root there is nothing.
                    if parts.len() > 1 {
                        parts.pop();
                    }
                }
                part => parts.push(part),
            }
        }
        Cow::Owned(parts.join("/"))
    }

    /// Whether a file is there; none where that is not up to the operator: what the image holds, or somebody mounts.
    pub fn has(&self, path: &str) -> Option<bool> {
        let path = Self::whole(path);
        let path = path.as_ref();
        let is_below = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        if self.others.iter().any(|folder| path == folder || is_below(folder.trim_end_matches('/'))) {
            return None;
        }
        if self.files.contains(path) {
            return Some(true);
        }
        if is_below(SERVICE_ACCOUNT) {
            return self.has_token.then_some(true);
        }
        path.starts_with(CONFIGURATION).then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_operators_folders_are_known() {
        let mounts = Mounts {
            files: [format!("{CERTIFICATES}/0_a_b_c")].into(),
            others: vec!["/etc/prometheus/mine/".to_owned()],
            has_token: true,
        };
        for (path, expected) in [
            ("/etc/prometheus/certs/0_a_b_c", Some(true)),
            ("/etc/prometheus/certs/0_a_b_d", Some(false)),
            ("/etc/prometheus/mine/x", None),
            ("/etc/ssl/ca.crt", None),
            ("relative.crt", Some(false)),
            ("../certs/./0_a_b_c", Some(true)),
            ("../../../../ca.crt", None),
            ("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt", Some(true)),
        ] {
            assert_eq!(mounts.has(path), expected, "{path}");
        }
    }
}
