//! Service → pods, or → addresses that somebody wrote down: what is behind a Service.

use rustc_hash::FxHashMap;

use super::namespaces::TargetNamespaces;
use super::near::{Demanded, NearMiss, Search, Sought};
use super::ports::{self, Asked, ServicePort};
use super::runtime;
use super::setting::Setting;
use super::workloads::Workloads;
use crate::diagnostic::Verdict;
use crate::model::kind::GroupKind;
use crate::model::object::{Object, ObjectId};
use crate::model::selector::{Requirement, Selector};
use crate::source::Node;

/// The label of an `EndpointSlice` with the name of its Service.
pub const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// What is behind a Service.
#[derive(Debug)]
pub struct Backing<'w> {
    /// The Service.
    pub service: Object<'w>,
    /// What it selects pods by; none where it does not.
    pub selector: Option<Selector>,
    /// The workloads it selects, by their numbers.
    pub workloads: Vec<u32>,
    /// The workload it nearly selects, where it selects none.
    pub nearest: Option<NearMiss<'w>>,
    /// Its ports.
    pub ports: Vec<ServicePort<'w>>,
    /// Ports whose target is the name of a port that none of its workloads declares.
    pub unresolved: Vec<ServicePort<'w>>,
    /// The `Endpoints` of its name.
    pub endpoints: Option<Object<'w>>,
    /// The `EndpointSlices` that name it.
    pub slices: Vec<Object<'w>>,
}

impl<'w> Backing<'w> {
    /// Whether it is a name of something outside of the cluster, which has no endpoints.
    pub fn is_external_name(&self) -> bool {
        self.service.at(&["spec", "type"]).and_then(Node::as_str) == Some("ExternalName")
    }

    /// Whether its endpoints follow pods.
    pub fn has_selector(&self) -> bool {
        self.selector.is_some()
    }

    /// Whether addresses of it are written down.
    pub fn has_addresses(&self) -> bool {
        self.endpoints.is_some() || !self.slices.is_empty()
    }

    /// Whether some address that is written down is said to be a pod's.
    pub fn points_to_pods(&self) -> bool {
        let is_pod = |reference: Option<Node<'_>>| {
            reference.and_then(|reference| reference.get("kind")).and_then(Node::as_str) == Some("Pod")
        };
        let subsets =
            self.endpoints.and_then(|object| object.at(&["subsets"])).into_iter().flat_map(Node::items);
        let mut addresses = subsets.filter_map(|subset| subset.get("addresses")).flat_map(Node::items);
        let slices = self.slices.iter().filter_map(|slice| slice.at(&["endpoints"]));
        addresses.any(|address| is_pod(address.get("targetRef")))
            || slices.flat_map(Node::items).any(|endpoint| is_pod(endpoint.get("targetRef")))
    }

    /// The names of its ports as Prometheus sees them: those of addresses that are written down, else its own.
    pub fn port_names(&self) -> Vec<&'w str> {
        let own = || self.ports.iter().map(|port| port.name).collect();
        if self.has_selector() || !self.has_addresses() {
            return own();
        }
        let name = |port: Node<'w>| port.get("name").and_then(Node::as_str).unwrap_or_default();
        let subsets =
            self.endpoints.and_then(|object| object.at(&["subsets"])).into_iter().flat_map(Node::items);
        let of_endpoints = subsets.filter_map(|subset| subset.get("ports")).flat_map(Node::items).map(name);
        let of_slices =
            self.slices.iter().filter_map(|slice| slice.at(&["ports"])).flat_map(Node::items).map(name);
        of_endpoints.chain(of_slices).collect()
    }

    /// How many addresses are written down.
    pub fn addresses(&self) -> usize {
        let subsets =
            self.endpoints.and_then(|object| object.at(&["subsets"])).into_iter().flat_map(Node::items);
        let of_endpoints: usize = subsets
            .filter_map(|subset| subset.get("addresses"))
            .map(|addresses| addresses.items().len())
            .sum();
        let endpoints = self.slices.iter().filter_map(|slice| slice.at(&["endpoints"])).flat_map(Node::items);
        let of_slices: usize = endpoints
            .filter_map(|endpoint| endpoint.get("addresses"))
            .map(|addresses| addresses.items().len())
            .sum();
        of_endpoints.max(of_slices)
    }

    /// Whether pods, or addresses, are behind it.
    pub fn verdict(&self, setting: &Setting<'_>) -> Verdict {
        if self.is_external_name()
            || !self.workloads.is_empty()
            || self.has_addresses()
            || runtime::is_made(self.service)
        {
            return Verdict::Holds;
        }
        let namespace = self.service.namespace();
        let kinds: &[&str] = if self.has_selector() {
            &["Pod", "Deployment", "DaemonSet", "StatefulSet"]
        } else {
            &["Endpoints", "EndpointSlice"]
        };
        if kinds.iter().all(|kind| setting.completeness.shows_all(kind, namespace)) {
            Verdict::Broken
        } else {
            Verdict::Unknown
        }
    }
}

/// What is behind every Service of an inventory.
#[derive(Debug)]
pub struct Backings<'w> {
    items: Vec<Backing<'w>>,
    by_service: FxHashMap<ObjectId, usize>,
}

impl<'w> Backings<'w> {
    /// Looks behind every Service.
    pub fn trace(setting: &Setting<'w>, workloads: &Workloads<'w>) -> Self {
        let inventory = setting.inventory;
        let mut slices: FxHashMap<(Option<&'w str>, &'w str), Vec<Object<'w>>> = FxHashMap::default();
        for slice in inventory.of_kind(GroupKind::ENDPOINT_SLICE) {
            if let Some(service) = slice.labels().get(SERVICE_NAME) {
                slices.entry((slice.namespace(), service)).or_default().push(slice);
            }
        }
        let mut items: Vec<Backing<'w>> = inventory
            .of_kind(GroupKind::SERVICE)
            .map(|service| {
                let selector = selector(service);
                let namespace = TargetNamespaces::Only(vec![service.namespace()]);
                let selected =
                    selector.as_ref().map(|selector| workloads.select(selector, namespace.as_namespaces()));
                let selected = selected.unwrap_or_default();
                let ports = ports::of_service(service);
                let unresolved = unresolved(&ports, &selected, workloads);
                Backing {
                    service,
                    selector,
                    workloads: selected,
                    nearest: None,
                    ports,
                    unresolved,
                    endpoints: inventory.get(GroupKind::ENDPOINTS, service.namespace(), service.name()),
                    slices: slices.remove(&(service.namespace(), service.name())).unwrap_or_default(),
                }
            })
            .collect();
        nearest(setting, &mut items, workloads);
        let by_service = items.iter().enumerate().map(|(at, backing)| (backing.service.id(), at)).collect();
        Self { items, by_service }
    }

    /// What is behind a Service.
    pub fn get(&self, service: Object<'_>) -> Option<&Backing<'w>> {
        self.by_service.get(&service.id()).map(|at| &self.items[*at])
    }

    /// All of them, by namespace and name of the Service.
    pub fn all(&self) -> impl Iterator<Item = &Backing<'w>> {
        self.items.iter()
    }
}

fn selector(service: Object<'_>) -> Option<Selector> {
    let node = service.at(&["spec", "selector"]).filter(|node| node.entries().len() > 0)?;
    Selector::read_map(node).into_result().ok()
}

/// Ports that lead to a name no container declares. Pods of which nothing is known declare what they like.
fn unresolved<'w>(
    ports: &[ServicePort<'w>],
    selected: &[u32],
    workloads: &Workloads<'w>,
) -> Vec<ServicePort<'w>> {
    if selected.is_empty() || selected.iter().any(|item| runtime::is_made(workloads.get(*item).object)) {
        return Vec::new();
    }
    let is_declared = |name: &str| {
        selected.iter().any(|item| {
            let ports = workloads.get(*item).template.ports();
            ports.into_iter().any(|port| port.name == Some(name))
        })
    };
    ports.iter().filter(|port| port.target_name.is_some_and(|name| !is_declared(name))).copied().collect()
}

fn nearest<'w>(setting: &Setting<'w>, items: &mut [Backing<'w>], workloads: &Workloads<'w>) {
    let mut demanded = Demanded::default();
    for backing in items.iter().filter(|backing| !backing.workloads.is_empty()) {
        backing.selector.iter().for_each(|selector| demanded.add(selector));
    }
    let search = Search::new(workloads, &demanded);
    for backing in items.iter_mut().filter(|backing| backing.verdict(setting) != Verdict::Holds) {
        let Some(selector) = &backing.selector else { continue };
        let words = selector.requirements().iter().flat_map(Requirement::values);
        if setting.completeness.may_hide(words.map(String::as_str)) {
            continue;
        }
        let namespaces = TargetNamespaces::Only(vec![backing.service.namespace()]);
        backing.nearest = search.nearest(Sought { selector, namespaces: &namespaces });
    }
}

/// Whether a port of a Service leads to a port that one of its workloads declares.
pub fn leads_to_declared(port: &ServicePort<'_>, template: crate::model::workload::PodTemplate<'_>) -> bool {
    match (port.target_name, port.target_number) {
        (Some(name), _) => ports::declares(template, Asked::Container(name)),
        (None, Some(number)) => ports::declares(template, Asked::Number(number)),
        (None, None) => false,
    }
}
