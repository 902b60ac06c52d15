//! Prometheus → API server: whether its `ServiceAccount` may discover what its monitors need, namespace by namespace.

use std::collections::{BTreeMap, BTreeSet};

use super::namespaces::TargetNamespaces;
use super::prometheus::{self, Prometheus};
use super::selection::Selected;
use super::setting::Setting;
use super::targets::Targets;
use crate::diagnostic::Verdict;
use crate::kubernetes::rbac::needs::{Met, Need};
use crate::kubernetes::rbac::{Account, Answer, Request, Rights, Scope};
use crate::model::kind::GroupKind;
use crate::model::object::{Object, ObjectId};
use crate::operator::MonitorKind;
use crate::prom::config::{AttachMetadata, Role};
use crate::prom::version::Version;
use crate::source::Node;

/// What a Prometheus has to discover somewhere, and whether it may.
#[derive(Debug)]
pub struct Discovery<'w> {
    /// The Prometheus.
    pub prometheus: Object<'w>,
    /// Its account.
    pub account: Account<'w>,
    /// What is discovered.
    pub role: Role,
    /// Where.
    pub scope: Scope<'w>,
    /// The monitors that need it.
    pub monitors: Vec<Object<'w>>,
    /// Whether it may, from what the input shows.
    pub may: May,
}

/// Whether an account may discover something.
#[derive(Debug)]
pub enum May {
    /// It may, or nothing in the input says otherwise.
    Yes,
    /// The input does not tell.
    Unknown,
    /// No binding of the input is for the account, though the account is in it.
    Unbound,
    /// What is bound to the account does not allow these requests; what came nearest, in words.
    No {
        /// The requests.
        requests: Vec<String>,
        /// What came nearest to allowing the first.
        near: Vec<String>,
    },
}

impl Discovery<'_> {
    /// Whether it may. What is bound elsewhere may allow it, unless the input shows all bindings.
    pub fn verdict(&self, setting: &Setting<'_>) -> Verdict {
        match self.may {
            May::Yes => Verdict::Holds,
            May::Unknown => Verdict::Unknown,
            May::Unbound | May::No { .. } => {
                let shows = |kind: &str| setting.completeness.shows_all_of(kind);
                if shows("ClusterRoleBinding") && shows("RoleBinding") {
                    Verdict::Broken
                } else {
                    Verdict::Unknown
                }
            }
        }
    }
}

/// The account of a Prometheus' pods.
pub fn account(prometheus: Object<'_>) -> Account<'_> {
    let name = prometheus.at(&["spec", "serviceAccountName"]).and_then(Node::as_str);
    Account {
        namespace: prometheus.namespace(),
        name: name.filter(|name| !name.is_empty()).unwrap_or("default"),
    }
}

/// Which role finds the endpoints of Services for a monitor of a Prometheus (operator 0.93).
pub fn endpoints_role(setting: &Setting<'_>, prometheus: Object<'_>, monitor: Object<'_>) -> Role {
    let field = |object: Object<'_>| {
        let role = object.at(&["spec", "serviceDiscoveryRole"]).and_then(Node::as_str);
        role.map(|role| role == "EndpointSlice")
    };
    let asks = field(monitor).or_else(|| field(prometheus)).unwrap_or(false);
    let may = setting.reality.kubernetes.is_at_least(1, 21, 0)
        && version(setting, prometheus).is_at_least(2, 21, 0);
    if asks && may { Role::EndpointSlice } else { Role::Endpoints }
}

/// The version of a Prometheus; the operator's default where it cannot be read.
pub fn version(setting: &Setting<'_>, prometheus: Object<'_>) -> Version {
    let written = prometheus.at(&["spec", "version"]).and_then(Node::as_str).unwrap_or_default();
    Version::parse_tolerant(setting.reality.prometheus_version(written)).unwrap_or(Version::new(3, 13, 1))
}

/// What is discovered, in all namespaces or in which, and whether with metadata of nodes.
type Place<'w> = (Role, bool, Option<&'w str>, bool);

/// What a monitor that looks for targets by selectors has discovered for it.
fn of_targets<'w>(setting: &Setting<'w>, prometheus: Object<'w>, targets: &Targets<'w>) -> Vec<Place<'w>> {
    // Who asks another API server asks with other rights.
    if prometheus.at(&["spec", "apiserverConfig"]).is_some_and(|config| !config.is_null()) {
        return Vec::new();
    }
    let role = match targets.kind {
        MonitorKind::Service => endpoints_role(setting, prometheus, targets.monitor),
        MonitorKind::Probe => Role::Ingress,
        _ => Role::Pod,
    };
    let attach =
        targets.monitor.at(&["spec", "attachMetadata", "node"]).and_then(Node::as_bool) == Some(true);
    match &targets.namespaces {
        TargetNamespaces::All => vec![(role, true, None, attach)],
        TargetNamespaces::Only(names) => names.iter().map(|name| (role, false, *name, attach)).collect(),
    }
}

/// What the `kubernetesSDConfigs` of a `ScrapeConfig` have discovered: in the namespaces that are named, or else in the whole cluster.
fn of_scrape_config<'w>(prometheus: Object<'w>, monitor: Object<'w>, version: &Version) -> Vec<Place<'w>> {
    let configs = monitor.at(&["spec", "kubernetesSDConfigs"]).into_iter().flat_map(Node::items);
    let has = |config: &Node<'_>, field: &str| config.get(field).is_some_and(|value| !value.is_null());
    let mut places = Vec::new();
    // Who asks another API server asks with other rights, and so does who brings credentials.
    for config in configs.filter(|config| !CREDENTIALS.iter().any(|field| has(config, field))) {
        let Some((role, since)) = config.get("role").and_then(Node::as_str).and_then(role_of) else {
            continue;
        };
        let attach = config.at(&["attachMetadata", "node"]).and_then(Node::as_bool) == Some(true)
            && since.is_some_and(|minor| version.is_at_least(2, minor, 0));
        let namespaces = config.get("namespaces");
        let names = namespaces.and_then(|node| node.get("names")).into_iter().flat_map(Node::items);
        let mut names: Vec<Option<&str>> = names.filter_map(Node::as_str).map(Some).collect();
        if namespaces.and_then(|node| node.get("ownNamespace")).and_then(Node::as_bool) == Some(true) {
            names.push(prometheus.namespace());
        }
        if names.is_empty() {
            places.push((role, true, None, attach));
        }
        places.extend(names.into_iter().map(|name| (role, false, name, attach)));
    }
    places
}

/// Fields of a discovery by which it asks with other rights than those of the account.
const CREDENTIALS: [&str; 5] = ["apiServer", "authorization", "basicAuth", "oauth2", "tlsConfig"];

/// The role of a name in any case, and the minor version of Prometheus 2 since which it attaches metadata of nodes.
fn role_of(name: &str) -> Option<(Role, Option<u64>)> {
    Some(match name.to_ascii_lowercase().as_str() {
        "pod" => (Role::Pod, Some(35)),
        "endpoints" => (Role::Endpoints, Some(37)),
        "endpointslice" => (Role::EndpointSlice, Some(37)),
        "node" => (Role::Node, None),
        "service" => (Role::Service, None),
        "ingress" => (Role::Ingress, None),
        _ => return None,
    })
}

/// What every Prometheus has to discover, and whether it may.
pub fn trace<'w>(
    setting: &Setting<'w>,
    prometheuses: &[Prometheus<'w>],
    selections: &[Selected<'w>],
    targets: &[Targets<'w>],
) -> Vec<Discovery<'w>> {
    let of_monitor: rustc_hash::FxHashMap<ObjectId, &Targets<'w>> =
        targets.iter().map(|targets| (targets.monitor.id(), targets)).collect();
    let mut discoveries = Vec::new();
    let shown: BTreeSet<&str> = setting.inventory.objects().filter_map(namespace_shown).collect();
    for prometheus in prometheuses {
        let version = version(setting, prometheus.object);
        let mut needed: BTreeMap<Place<'w>, Vec<Object<'w>>> = BTreeMap::new();
        for id in prometheus::accepted(prometheus, selections) {
            let monitor = setting.object(id);
            let places = match of_monitor.get(&id) {
                Some(targets) => of_targets(setting, prometheus.object, targets),
                None if monitor.group_kind() == GroupKind::SCRAPE_CONFIG => {
                    of_scrape_config(prometheus.object, monitor, &version)
                }
                None => continue,
            };
            for place in places {
                needed.entry(place).or_default().push(monitor);
            }
        }
        if needed.is_empty() {
            continue;
        }
        // Of a namespace the input does not show, it does not show the bindings either.
        needed.retain(|(_, _, name, _), _| match name {
            Some(name) => shown.contains(name) || setting.completeness.shows_all("RoleBinding", Some(name)),
            _ => true,
        });
        let account = account(prometheus.object);
        let rights = Rights::of(setting.inventory, account);
        // A cluster that does not show all bindings may have the one that counts; of an input there would be no reason to leave it out.
        let all = ["ClusterRoleBinding", "RoleBinding"];
        let is_open = prometheus.object.document().is_beneath()
            && !all.into_iter().all(|kind| setting.completeness.shows_all_of(kind));
        for ((role, all, name, attach_node), monitors) in needed {
            let scope = if all { Scope::Cluster } else { Scope::Namespace(name) };
            let attach = AttachMetadata { node: attach_node, ..AttachMetadata::default() };
            let may = match judge(setting, &rights, account, (role, attach, scope), &version) {
                May::Unbound | May::No { .. } if is_open => May::Unknown,
                may => may,
            };
            discoveries.push(Discovery {
                prometheus: prometheus.object,
                account,
                role,
                scope,
                monitors,
                may,
            });
        }
    }
    discoveries
}

/// The namespace an object is in, or is.
fn namespace_shown(object: Object<'_>) -> Option<&str> {
    object.namespace().or_else(|| (object.group_kind() == GroupKind::NAMESPACE).then(|| object.name()))
}

fn judge<'w>(
    setting: &Setting<'w>,
    rights: &Rights<'w>,
    account: Account<'w>,
    (role, attach, scope): (Role, AttachMetadata, Scope<'w>),
    version: &Version,
) -> May {
    if !rights.is_bound() {
        let authored = setting.inventory.get(GroupKind::SERVICE_ACCOUNT, account.namespace, account.name);
        return if authored.is_some() && !rights.may_be_bound() { May::Unbound } else { May::Unknown };
    }
    let met = rights.of_discovery(role, attach, scope);
    let denied: Vec<&Met<'_>> = met.iter().filter(|met| met.is_denied(version)).collect();
    let Some(first) = denied.first() else {
        let is_open = |met: &Met<'_>| {
            met.need.required
                && [&met.list, &met.watch].into_iter().any(|answer| matches!(answer, Answer::Unknown(_)))
        };
        return if met.iter().any(is_open) { May::Unknown } else { May::Yes };
    };
    let request = |need: Need| need.request("list", scope);
    let near = rights.near_misses(&request(first.need)).iter().map(ToString::to_string).collect();
    let requests = denied.iter().map(|met| describe(&request(met.need))).collect();
    May::No { requests, near }
}

fn describe(request: &Request<'_>) -> String {
    request.to_string().replacen("list ", "list and watch ", 1)
}
