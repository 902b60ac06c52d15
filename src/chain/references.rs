//! Monitor → Secret, monitor → `ConfigMap`: what a monitor refers to by name and key, in its own namespace.

use rustc_hash::FxHashMap;

use super::alike;
use super::selection::Selected;
use super::setting::Setting;
use crate::diagnostic::Verdict;
use crate::kubernetes::data;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::operator::MonitorKind;
use crate::source::Node;

/// A reference of a monitor to a key of a Secret or `ConfigMap`.
#[derive(Debug)]
pub struct Reference<'w> {
    /// The monitor.
    pub monitor: Object<'w>,
    /// Whether it is to a Secret; else to a `ConfigMap`.
    pub is_secret: bool,
    /// The name it gives.
    pub name: &'w str,
    /// The key it gives.
    pub key: &'w str,
    /// The mapping with name and key.
    pub node: Node<'w>,
    /// What it is for.
    pub role: Role,
    /// What it leads to.
    pub to: Reached<'w>,
}

/// What a reference is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The authority a server is verified by.
    Authority,
    /// The client's certificate.
    Certificate,
    /// The client's key.
    Key,
    /// A password, token or the like.
    Credential,
}

/// What a reference leads to.
#[derive(Debug)]
pub enum Reached<'w> {
    /// The key is there.
    Key(Object<'w>),
    /// The object is there and does not show what is in it.
    Hidden(Object<'w>),
    /// Something of the input makes the object when it is applied.
    Made(Object<'w>),
    /// The object is there, without the key. The key that is meant, if one is near.
    NoKey(Object<'w>, Option<String>),
    /// The object is not there. One of the name is in another namespace, or one of a similar name in this one.
    Absent(Option<Object<'w>>),
}

impl Reference<'_> {
    /// Whether the key is there.
    pub fn verdict(&self, setting: &Setting<'_>) -> Verdict {
        let kind = if self.is_secret { "Secret" } else { "ConfigMap" };
        match &self.to {
            Reached::Key(_) | Reached::Made(_) => return Verdict::Holds,
            Reached::NoKey(..) => return Verdict::Broken,
            Reached::Hidden(_) | Reached::Absent(_) => {}
        }
        let is_absent = matches!(self.to, Reached::Absent(_));
        if is_absent && setting.completeness.shows_all(kind, self.monitor.namespace()) {
            Verdict::Broken
        } else {
            Verdict::Unknown
        }
    }
}

/// Where references stand in what a monitor says about a request, with the part that tells a Secret from a `ConfigMap`.
const PATHS: &[(&[&str], Role)] = &[
    (&["basicAuth", "username"], Role::Credential),
    (&["basicAuth", "password"], Role::Credential),
    (&["bearerTokenSecret"], Role::Credential),
    (&["authorization", "credentials"], Role::Credential),
    (&["oauth2", "clientId"], Role::Credential),
    (&["oauth2", "clientSecret"], Role::Credential),
    (&["oauth2", "tlsConfig", "ca"], Role::Authority),
    (&["oauth2", "tlsConfig", "cert"], Role::Certificate),
    (&["oauth2", "tlsConfig", "keySecret"], Role::Key),
    (&["tlsConfig", "ca"], Role::Authority),
    (&["tlsConfig", "cert"], Role::Certificate),
    (&["tlsConfig", "keySecret"], Role::Key),
];

/// Kinds whose objects become Secrets, with where the name of the Secret stands; none for their own name.
const MAKERS: &[(GroupKind<'static>, Option<&[&str]>)] = &[
    (GroupKind::new("external-secrets.io", "ExternalSecret"), Some(&["spec", "target", "name"])),
    (GroupKind::new("bitnami.com", "SealedSecret"), Some(&["spec", "template", "metadata", "name"])),
    (GroupKind::new("cert-manager.io", "Certificate"), Some(&["spec", "secretName"])),
    (GroupKind::new("secrets.hashicorp.com", "VaultStaticSecret"), Some(&["spec", "destination", "name"])),
    (GroupKind::new("onepassword.com", "OnePasswordItem"), None),
    (GroupKind::new("isindir.github.com", "SopsSecret"), None),
];

/// What every monitor refers to, in the order of the selections.
pub fn trace<'w>(setting: &Setting<'w>, selections: &[Selected<'w>]) -> Vec<Reference<'w>> {
    let mut lookup = Lookup::new(setting);
    let mut references = Vec::new();
    for selected in selections {
        let monitor = selected.monitor;
        for request in &selected.requests {
            for (path, role) in PATHS {
                let Some(node) = request.at(path).filter(|node| node.is_mapping()) else { continue };
                let either = [("secret", true), ("configMap", false)]
                    .into_iter()
                    .find_map(|(field, is_secret)| Some((node.get(field)?, is_secret)));
                let (node, is_secret) = either.unwrap_or((node, true));
                let text =
                    |field: &str| node.get(field).and_then(Node::as_str).filter(|text| !text.is_empty());
                // What names nothing, the operator tells.
                let (Some(name), Some(key)) = (text("name"), text("key")) else { continue };
                let to = lookup.reach(monitor.namespace(), is_secret, name, key);
                references.push(Reference { monitor, is_secret, name, key, node, role: *role, to });
            }
        }
    }
    references
}

/// The mappings in which a monitor says how to make a request.
pub(super) fn requests(monitor: Object<'_>, kind: MonitorKind) -> Vec<Node<'_>> {
    let spec = monitor.at(&["spec"]);
    let items =
        |field: &str| spec.and_then(|spec| spec.get(field)).into_iter().flat_map(Node::items).collect();
    match kind {
        MonitorKind::Service => items("endpoints"),
        MonitorKind::Pod => items("podMetricsEndpoints"),
        MonitorKind::Probe | MonitorKind::ScrapeConfig => spec.into_iter().collect(),
    }
}

/// Looks for Secrets and `ConfigMaps`, each kind's names indexed once.
struct Lookup<'w> {
    setting: Setting<'w>,
    made: FxHashMap<(Option<&'w str>, &'w str), Object<'w>>,
    by_name: FxHashMap<(bool, &'w str), Object<'w>>,
}

const fn kind_of(is_secret: bool) -> GroupKind<'static> {
    if is_secret { GroupKind::SECRET } else { GroupKind::CONFIG_MAP }
}

impl<'w> Lookup<'w> {
    fn new(setting: &Setting<'w>) -> Self {
        let mut made = FxHashMap::default();
        for (kind, path) in MAKERS {
            for object in setting.inventory.of_kind(*kind) {
                let named = path.and_then(|path| object.at(path)).and_then(Node::as_str);
                made.insert((object.namespace(), named.unwrap_or(object.name())), object);
            }
        }
        let mut by_name = FxHashMap::default();
        for is_secret in [true, false] {
            for object in setting.inventory.of_kind(kind_of(is_secret)) {
                by_name.entry((is_secret, object.name())).or_insert(object);
            }
        }
        Self { setting: *setting, made, by_name }
    }

    fn reach(
        &mut self,
        namespace: Option<&'w str>,
        is_secret: bool,
        name: &'w str,
        key: &str,
    ) -> Reached<'w> {
        let Some(object) = self.setting.inventory.get(kind_of(is_secret), namespace, name) else {
            if let Some(maker) = self.made.get(&(namespace, name)).filter(|_| is_secret) {
                return Reached::Made(*maker);
            }
            return Reached::Absent(self.near(namespace, is_secret, name));
        };
        if !data::is_shown(object) {
            return Reached::Hidden(object);
        }
        // Keys only: the content is looked at where it is judged.
        let fields = ["data", "stringData"].into_iter().filter_map(|field| object.at(&[field]));
        let keys: Vec<&str> = fields.flat_map(Node::entries).map(|entry| entry.key).collect();
        if keys.contains(&key) {
            return Reached::Key(object);
        }
        let near = alike::closest(key, keys.iter().copied()).map(str::to_owned);
        Reached::NoKey(object, near)
    }

    fn near(&self, namespace: Option<&str>, is_secret: bool, name: &str) -> Option<Object<'w>> {
        let elsewhere = self.by_name.get(&(is_secret, name)).copied();
        elsewhere.or_else(|| {
            let here = self.setting.inventory.in_namespace(kind_of(is_secret), namespace);
            let mut here = here.filter(|object| alike::is_slip(name, object.name()));
            here.next()
        })
    }
}
