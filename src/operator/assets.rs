//! Secrets and `ConfigMaps` that resources refer to, as the operator's asset store (v0.93, `pkg/assets`) fetches them.
//!
//! Checking a resource *loads* what it refers to. Writing the configuration looks only at what has been loaded by anything
//! before: a reference nothing loaded reads as missing, even if the Secret exists.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::fields::Fields;
use crate::kubernetes::data::{self, Data};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::prom::quote::quote;

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Origin {
    Secret,
    ConfigMap,
}

impl Origin {
    const fn kind(self) -> GroupKind<'static> {
        match self {
            Self::Secret => GroupKind::SECRET,
            Self::ConfigMap => GroupKind::CONFIG_MAP,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::ConfigMap => "configmap",
        }
    }

    /// The number in the name of a TLS asset's file.
    const fn number(self) -> u8 {
        match self {
            Self::Secret => 0,
            Self::ConfigMap => 1,
        }
    }
}

/// How the store answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// As in a cluster.
    Cluster,
    /// As in a cluster of which the inventory does not show every Secret and `ConfigMap`: one that is not there, or is there
    /// without content, is taken to hold what is asked for, and nobody knows what that is.
    Partial,
    /// As in the operator's own tests, where its conformance corpus was recorded: everything is loaded from the beginning,
    /// and an empty name is looked up like any other.
    Recorded,
}

/// The key of a Secret or `ConfigMap` that a resource refers to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reference<'a> {
    pub(super) origin: Origin,
    pub(super) name: &'a str,
    pub(super) key: &'a str,
}

impl<'a> Reference<'a> {
    /// A reference to a Secret: `{name, key}`.
    pub(super) fn secret(selector: Fields<'a>) -> Self {
        Self { origin: Origin::Secret, name: selector.str("name"), key: selector.str("key") }
    }

    /// A reference to either: `{secret: {…}}` or `{configMap: {…}}`; none if it is empty.
    pub(super) fn either(selector: Fields<'a>) -> Option<Self> {
        match (selector.opt("secret"), selector.opt("configMap")) {
            (Some(secret), _) => Some(Self::secret(secret)),
            (None, Some(map)) => {
                Some(Self { origin: Origin::ConfigMap, name: map.str("name"), key: map.str("key") })
            }
            (None, None) => None,
        }
    }

    /// The name of the file the operator puts TLS material in.
    pub(super) fn file(self, namespace: &str) -> String {
        format!("{}_{namespace}_{}_{}", self.origin.number(), self.name, self.key)
    }
}

/// As the operator prints it in messages: `<secret=tls,key=ca.crt>`; `<empty>` for none.
pub(super) fn describe(reference: Option<Reference<'_>>) -> String {
    match reference {
        None => "<empty>".to_owned(),
        Some(Reference { origin, name, key }) => format!("<{}={name},key={key}>", origin.word()),
    }
}

type Key = (Origin, String, String);

/// The store of one reconciliation.
pub struct Assets<'w> {
    inventory: &'w Inventory,
    client: Client,
    /// What has been asked for; none for what does not exist.
    loaded: RefCell<FxHashMap<Key, Option<Rc<Data>>>>,
    /// The TLS material that becomes files, by their names.
    certificates: RefCell<BTreeSet<String>>,
}

impl<'w> Assets<'w> {
    /// A store that has loaded nothing yet.
    pub fn new(inventory: &'w Inventory, client: Client) -> Self {
        Self { inventory, client, loaded: RefCell::default(), certificates: RefCell::default() }
    }

    /// Makes TLS material of a resource of this namespace a file beside the configuration.
    pub(super) fn keep_certificate(&self, namespace: &str, reference: Reference<'_>) {
        self.certificates.borrow_mut().insert(reference.file(namespace));
    }

    /// The names of the files that TLS material became.
    pub(super) fn certificates(&self) -> BTreeSet<String> {
        self.certificates.borrow().clone()
    }

    fn fetch(&self, origin: Origin, namespace: &str, name: &str) -> Option<Rc<Data>> {
        let key = (origin, namespace.to_owned(), name.to_owned());
        if let Some(found) = self.loaded.borrow().get(&key) {
            return found.clone();
        }
        let object = self.inventory.get(origin.kind(), Some(namespace), name);
        let object = object.filter(|object| self.client != Client::Partial || data::is_shown(*object));
        let found = object.map(|object| {
            Rc::new(match origin {
                Origin::Secret => data::of_secret(object),
                Origin::ConfigMap => data::of_config_map(object),
            })
        });
        self.loaded.borrow_mut().insert(key, found.clone());
        found
    }

    /// The object as the API server would give it, for references that are no assets. Nothing counts as loaded.
    ///
    /// # Errors
    /// What the API server says.
    pub(super) fn get_secret(&self, namespace: &str, name: &str) -> Result<Data, String> {
        let object =
            self.inventory.get(GroupKind::SECRET, Some(namespace), name).filter(|_| !name.is_empty());
        object.map(data::of_secret).ok_or_else(|| self.not_found(Origin::Secret, name))
    }

    /// Whether an object that is not shown is taken to be there.
    pub(super) fn takes_for_granted(&self, namespace: &str, name: &str) -> bool {
        let object =
            self.inventory.get(GroupKind::SECRET, Some(namespace), name).filter(|_| !name.is_empty());
        let is_unseen =
            self.client == Client::Partial && !name.is_empty() && !object.is_some_and(data::is_shown);
        is_unseen || object.is_some_and(data::is_withheld)
    }

    fn not_found(&self, origin: Origin, name: &str) -> String {
        if name.is_empty() && self.client != Client::Recorded {
            "resource name may not be empty".to_owned()
        } else {
            format!("{}s {} not found", origin.word(), quote(name))
        }
    }

    /// Loads what a resource of this namespace refers to.
    ///
    /// # Errors
    /// The operator's words for an object or key that is not there.
    pub(super) fn load(&self, namespace: &str, reference: Reference<'_>) -> Result<Vec<u8>, String> {
        let Reference { origin, name, key } = reference;
        let word = origin.word();
        let found = self.fetch(origin, namespace, name);
        if found.is_none() && self.client == Client::Partial && !name.is_empty() {
            return Ok(Vec::new());
        }
        let data = found.ok_or_else(|| {
            format!("unable to get {word} {}: {}", quote(name), self.not_found(origin, name))
        })?;
        match data.get(key) {
            // Whatever it is, it is there.
            Some(value) if value == data::WITHHELD.as_bytes() => Ok(Vec::new()),
            Some(value) => Ok(value.clone()),
            None => Err(format!("key {} in {word} {} not found", quote(key), quote(name))),
        }
    }

    /// What was loaded before.
    ///
    /// # Errors
    /// The operator's words for what was not.
    pub(super) fn loaded(&self, namespace: &str, reference: Reference<'_>) -> Result<Vec<u8>, String> {
        let Reference { origin, name, key } = reference;
        let word = origin.word();
        let data = match self.client {
            Client::Recorded => self.fetch(origin, namespace, name),
            Client::Cluster | Client::Partial => {
                let wanted = (origin, namespace.to_owned(), name.to_owned());
                self.loaded.borrow().get(&wanted).cloned().flatten()
            }
        };
        if data.is_none() && self.client == Client::Partial && !name.is_empty() {
            // Prometheus refuses some settings that are empty; whatever is there is not.
            return Ok(b"presumed".to_vec());
        }
        let data = data.ok_or_else(|| format!("{word} {namespace}/{name} not found"))?;
        match data.get(key) {
            Some(value) if value == data::WITHHELD.as_bytes() => Ok(b"presumed".to_vec()),
            Some(value) => Ok(value.clone()),
            None => Err(format!("key {} in {word} {namespace}/{name} not found", quote(key))),
        }
    }
}
