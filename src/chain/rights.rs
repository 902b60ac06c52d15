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
        let mut needed: BTreeMap<Place<'w>, Vec<Object<'w>>> = BTreeMap::new();
        for id in prometheus::accepted(prometheus, selections) {
            let Some(targets) = of_monitor.get(&id) else { continue };
            let role = match targets.kind {
                MonitorKind::Service => endpoints_role(setting, prometheus.object, targets.monitor),
                MonitorKind::Probe => Role::Ingress,
                _ => Role::Pod,
            };
            let attach = targets.monitor.at(&["spec", "attachMetadata", "node"]).and_then(Node::as_bool);
            let places: Vec<(bool, Option<&'w str>)> = match &targets.namespaces {
                TargetNamespaces::All => vec![(true, None)],
                TargetNamespaces::Only(names) => names.iter().map(|name| (false, *name)).collect(),
            };
            for (all, name) in places {
                needed.entry((role, all, name, attach == Some(true))).or_default().push(targets.monitor);
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
        let version = version(setting, prometheus.object);
        for ((role, all, name, attach_node), monitors) in needed {
            let scope = if all { Scope::Cluster } else { Scope::Namespace(name) };
            let attach = AttachMetadata { node: attach_node, ..AttachMetadata::default() };
            let may = judge(setting, &rights, account, (role, attach, scope), &version);
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
