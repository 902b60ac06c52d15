//! Monitor → file: paths that a monitor names, and what of them is in the pods of a Prometheus that selects it.

use super::alike;
use super::references::Role;
use super::selection::Selected;
use super::setting::Setting;
use crate::diagnostic::Verdict;
use crate::kubernetes::data;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::operator::MonitorKind;
use crate::source::Node;

/// A path that a monitor names, in the pods of a Prometheus.
#[derive(Debug)]
pub struct File<'w> {
    /// The monitor.
    pub monitor: Object<'w>,
    /// The Prometheus; none where the input has none that selects the monitor, and any would do.
    pub prometheus: Option<Object<'w>>,
    /// The path.
    pub path: &'w str,
    /// Where it stands.
    pub node: Node<'w>,
    /// What it is for.
    pub role: Role,
    /// What is there.
    pub there: There<'w>,
}

/// What is at a path in the pods of a Prometheus (operator 0.93).
#[derive(Debug)]
pub enum There<'w> {
    /// A file, as far as anybody can tell.
    Present,
    /// The key of a Secret or `ConfigMap` that is mounted.
    Key(Object<'w>, &'w str),
    /// A Secret or `ConfigMap` is mounted there, and has no such key. The one that is meant, if one is near.
    NoKey(Object<'w>, Option<String>),
    /// `spec.secrets` or `spec.configMaps` does not name this object.
    NotMounted {
        /// The field.
        field: &'static str,
        /// The name that is not in it.
        name: &'w str,
        /// The name in it that is meant, if one is near.
        near: Option<&'w str>,
    },
    /// What is mounted is not in the input.
    Unseen,
    /// Nothing is mounted there.
    Nothing,
}

impl File<'_> {
    /// Whether the file is there.
    pub const fn verdict(&self) -> Verdict {
        match self.there {
            // A Prometheus that nobody sees may mount something of its own.
            There::Nothing if self.prometheus.is_none() => Verdict::Unknown,
            There::Present | There::Key(..) => Verdict::Holds,
            There::Unseen => Verdict::Unknown,
            There::NoKey(..) | There::NotMounted { .. } | There::Nothing => Verdict::Broken,
        }
    }
}

/// Fields that name files.
const FIELDS: &[(&[&str], Role)] = &[
    (&["tlsConfig", "caFile"], Role::Authority),
    (&["tlsConfig", "certFile"], Role::Certificate),
    (&["tlsConfig", "keyFile"], Role::Key),
    (&["bearerTokenFile"], Role::Credential),
];

/// Where the operator and Kubernetes mount something in every Prometheus.
const ALWAYS: &[&str] = &[
    "/var/run/secrets/kubernetes.io/serviceaccount/",
    "/run/secrets/kubernetes.io/serviceaccount/",
    "/etc/prometheus/certs/",
    "/etc/prometheus/config_out/",
    "/etc/prometheus/rules/",
    "/etc/prometheus/web_config/",
    // Of the image.
    "/etc/ssl/",
    "/etc/pki/",
    "/usr/",
];

/// Every path that a `ServiceMonitor` names, for each Prometheus that selects it, or for any.
pub fn trace<'w>(setting: &Setting<'w>, selections: &[Selected<'w>]) -> Vec<File<'w>> {
    let mut files = Vec::new();
    for selected in selections.iter().filter(|selected| selected.kind == MonitorKind::Service) {
        for endpoint in &selected.requests {
            for (path, role) in FIELDS {
                let Some(node) = endpoint.at(path) else { continue };
                let Some(path) = node.as_str().filter(|path| !path.is_empty()) else { continue };
                let by: Vec<Option<Object<'w>>> = match selected.by.as_slice() {
                    [] => vec![None],
                    by => by.iter().copied().map(Some).collect(),
                };
                files.extend(by.into_iter().map(|prometheus| File {
                    monitor: selected.monitor,
                    prometheus,
                    path,
                    node,
                    role: *role,
                    there: look(setting, prometheus, path),
                }));
            }
        }
    }
    files
}

fn look<'w>(setting: &Setting<'w>, prometheus: Option<Object<'w>>, path: &'w str) -> There<'w> {
    let is_mounted = prometheus.is_some_and(|prometheus| is_mounted(prometheus, path));
    if is_mounted || ALWAYS.iter().any(|known| path.starts_with(known)) {
        return There::Present;
    }
    let mounts = [
        ("/etc/prometheus/secrets/", "secrets", GroupKind::SECRET),
        ("/etc/prometheus/configmaps/", "configMaps", GroupKind::CONFIG_MAP),
    ];
    let Some((rest, field, kind)) =
        mounts.iter().find_map(|(prefix, field, kind)| Some((path.strip_prefix(prefix)?, *field, *kind)))
    else {
        return There::Nothing;
    };
    let Some(prometheus) = prometheus else { return There::Unseen };
    let (name, key) = rest.split_once('/').unwrap_or((rest, ""));
    let listed = prometheus.at(&["spec", field]).into_iter().flat_map(Node::items).filter_map(Node::as_str);
    let listed: Vec<&'w str> = listed.collect();
    if !listed.contains(&name) {
        let near = alike::closest(name, listed.iter().copied());
        return There::NotMounted { field, name, near };
    }
    let Some(object) = setting.inventory.get(kind, prometheus.namespace(), name) else {
        return There::Unseen;
    };
    if !data::is_shown(object) {
        return There::Unseen;
    }
    let fields = ["data", "stringData", "binaryData"].into_iter().filter_map(|field| object.at(&[field]));
    let keys: Vec<&str> = fields.flat_map(Node::entries).map(|entry| entry.key).collect();
    if keys.contains(&key) {
        return There::Key(object, key);
    }
    There::NoKey(object, alike::closest(key, keys.iter().copied()).map(str::to_owned))
}

/// Whether the Prometheus mounts something of its own there: in `volumeMounts`, or in a container that is patched in.
fn is_mounted(prometheus: Object<'_>, path: &str) -> bool {
    let own = prometheus.at(&["spec", "volumeMounts"]).into_iter().flat_map(Node::items);
    let containers = prometheus.at(&["spec", "containers"]).into_iter().flat_map(Node::items);
    let patched = containers
        .filter(|container| container.get("name").and_then(Node::as_str) == Some("prometheus"))
        .filter_map(|container| container.get("volumeMounts"))
        .flat_map(Node::items);
    own.chain(patched).filter_map(|mount| mount.get("mountPath")?.as_str()).any(|mount| {
        let mount = mount.trim_end_matches('/');
        path.strip_prefix(mount).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}
