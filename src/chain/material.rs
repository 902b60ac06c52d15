//! Monitor → certificates and keys: what a request is made with, as far as the input shows it.

use std::fmt;

use super::files::{File, There};
use super::references::{Reached, Reference, Role};
use crate::kubernetes::data;
use crate::model::object::Object;
use crate::source::Node;

/// A certificate or key a monitor uses.
pub struct Material<'w> {
    /// The monitor.
    pub monitor: Object<'w>,
    /// Where the monitor says so.
    pub node: Node<'w>,
    /// What it is for.
    pub role: Role,
    /// The object it is in.
    pub object: Object<'w>,
    /// The key there.
    pub key: String,
    /// Whether Prometheus reads it from a mounted file, which the operator does not look at.
    pub is_file: bool,
    /// What is there.
    bytes: Vec<u8>,
}

/// Never the content.
impl fmt::Debug for Material<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Material({} {})", self.object.identity(), self.key)
    }
}

impl Material<'_> {
    /// What is there: it may be a key.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where the key of the Secret or `ConfigMap` stands.
    pub fn place(&self) -> crate::diagnostic::Place {
        let field = ["stringData", "data", "binaryData"]
            .into_iter()
            .find_map(|field| self.object.at(&[field])?.key_place(&self.key));
        field.unwrap_or_else(|| self.object.place())
    }
}

/// Every certificate and key that monitors use and the input shows. One that several endpoints use is there once for each
/// monitor.
pub fn trace<'w>(references: &[Reference<'w>], files: &[File<'w>]) -> Vec<Material<'w>> {
    let tls = |role: Role| role != Role::Credential;
    let mut found: Vec<Material<'w>> = Vec::new();
    let mut add = |monitor: Object<'w>, node, role, object: Object<'w>, key: &str, is_file| {
        let known = found.iter().rev().take(16).any(|other| {
            other.monitor.id() == monitor.id()
                && other.object.id() == object.id()
                && other.key == key
                && other.role == role
        });
        if known {
            return;
        }
        let mut data =
            if object.kind() == "Secret" { data::of_secret(object) } else { data::of_config_map(object) };
        // What is no text of its own is not judged: a placeholder, or something encrypted.
        let Some(bytes) = data.remove(key).filter(|bytes| is_content(bytes)) else { return };
        found.push(Material { monitor, node, role, object, key: key.to_owned(), is_file, bytes });
    };
    for reference in references.iter().filter(|reference| tls(reference.role)) {
        if let Reached::Key(object) = reference.to {
            add(reference.monitor, reference.node, reference.role, object, reference.key, false);
        }
    }
    for file in files.iter().filter(|file| tls(file.role)) {
        if let There::Key(object, key) = file.there {
            add(file.monitor, file.node, file.role, object, key, true);
        }
    }
    found
}

/// Whether bytes are meant to be content: not empty, not a placeholder of a template, not encrypted in place.
fn is_content(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim();
    let is_placeholder =
        ["ENC[", "${", "<", "{{", "REPLACE", "CHANGE", "TODO"].iter().any(|mark| text.starts_with(mark));
    !text.is_empty() && !is_placeholder
}
