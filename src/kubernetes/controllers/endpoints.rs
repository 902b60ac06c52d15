//! Endpoints of Services, as the Endpoints controller writes them (Kubernetes 1.36).

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::ports::{self, Ports};
use super::selection::{Selected, pod};
use super::{HEADLESS, families};
use crate::kubernetes::snapshot::{
    Address, AddressType, EndpointPort, Endpoints, Meta, Pairs, Pod, Service, Snapshot, Subset, Text, find,
};

/// Who writes an Endpoints object.
const MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";
const CONTROLLER: &str = "endpoint-controller";
const OVER_CAPACITY: &str = "endpoints.kubernetes.io/over-capacity";
/// The most addresses an Endpoints object has.
const MOST: usize = 1000;

/// The Endpoints of every Service with a selector, except those that a controller has written already.
pub(super) fn of_services(snapshot: &Snapshot, selected: &Selected) -> Vec<Endpoints> {
    let kind: Text = "Pod".into();
    let services = snapshot.services.iter().filter(|service| {
        let known = find(&snapshot.endpoints, &service.meta.namespace, &service.meta.name);
        !known.is_some_and(is_written)
    });
    services.filter_map(|service| of_service(snapshot, selected, service, &kind)).collect()
}

/// Whether the controller has written it, and not a person.
fn is_written(endpoints: &Endpoints) -> bool {
    !endpoints.meta.uid.is_empty()
        || endpoints.meta.labels.get(MANAGED_BY).is_some_and(|value| &**value == CONTROLLER)
}

fn of_service(snapshot: &Snapshot, selected: &Selected, service: &Service, kind: &Text) -> Option<Endpoints> {
    let pods = selected.pods(snapshot, service, service.publish_not_ready_addresses)?;
    let family = families::of(service).next().unwrap_or(AddressType::IPv4);
    let mut endpoints: Vec<(Address, &Pod)> = Vec::with_capacity(pods.len());
    for pod in pods {
        let Some(ip) = pod::addresses(pod, family, true).next() else { continue };
        // The API server refuses an empty name of a node, and with it the whole object.
        if pod.node_name.is_empty() && !pod::is_symbolic(pod) {
            return None;
        }
        let address = Address {
            ip: ip.clone(),
            hostname: pod::hostname(pod, service).cloned().unwrap_or_else(|| "".into()),
            node_name: (!pod.node_name.is_empty()).then(|| pod.node_name.clone()),
            target: Some(Box::new(pod::reference(pod, kind))),
        };
        endpoints.push((address, pod));
    }
    endpoints.sort_by(|a, b| a.0.ip.cmp(&b.0.ip));
    let mut subsets = subsets(service, &endpoints);
    let mut annotations = Pairs::default();
    if truncate(&mut subsets) {
        annotations = [(OVER_CAPACITY, "truncated")].into_iter().collect();
    }
    let mut labels: Vec<(Text, Text)> =
        service.meta.labels.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    labels.retain(|(key, _)| &**key != HEADLESS);
    if service.is_headless() {
        labels.push((HEADLESS.into(), "".into()));
    }
    labels.push((MANAGED_BY.into(), CONTROLLER.into()));
    let meta = Meta {
        labels: labels.into_iter().collect(),
        annotations,
        ..Meta::named(service.meta.namespace.clone(), service.meta.name.clone())
    };
    Some(Endpoints { meta, subsets: subsets.into() })
}

/// Ports that the same addresses have share a subset (`RepackSubsets`).
fn subsets(service: &Service, endpoints: &[(Address, &Pod)]) -> Vec<Subset> {
    let mut ports = Ports::of(service);
    let mut members: Vec<Vec<usize>> = Vec::new();
    for (at, (_, pod)) in endpoints.iter().enumerate() {
        let group = ports.group(pod);
        members.resize_with(members.len().max(group + 1), Vec::new);
        members[group].push(at);
    }
    let numbers = ports.into_numbers();
    // Each port with the groups of pods that have it.
    let mut subsets: Vec<(Vec<usize>, Vec<EndpointPort>)> = Vec::new();
    if ports::may_be_absent(service) && !endpoints.is_empty() {
        subsets.push(((0..members.len()).collect(), Vec::new()));
    }
    let mut known: FxHashMap<Vec<usize>, usize> = FxHashMap::default();
    for (index, port) in service.ports.iter().enumerate() {
        let mut by_number: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
        for (group, numbers) in numbers.iter().enumerate() {
            if let Some(number) = numbers[index] {
                by_number.entry(number).or_default().push(group);
            }
        }
        for (number, groups) in by_number {
            let (name, protocol) = (port.name.clone(), port.protocol.clone());
            let port = EndpointPort { name, number, protocol, app_protocol: port.app_protocol.clone() };
            let at = *known.entry(groups).or_insert_with_key(|groups| {
                subsets.push((groups.clone(), Vec::new()));
                subsets.len() - 1
            });
            subsets[at].1.push(port);
        }
    }
    let subset = |(groups, ports): (Vec<usize>, Vec<EndpointPort>)| {
        let mut members: Vec<usize> = groups.iter().flat_map(|group| &members[*group]).copied().collect();
        members.sort_unstable();
        let is_ready = |at: &usize| service.publish_not_ready_addresses || endpoints[*at].1.is_ready();
        let (ready, not_ready): (Vec<usize>, Vec<usize>) = members.into_iter().partition(is_ready);
        let addresses = |members: Vec<usize>| members.into_iter().map(|at| endpoints[at].0.clone()).collect();
        Subset { addresses: addresses(ready), not_ready_addresses: addresses(not_ready), ports: ports.into() }
    };
    subsets.into_iter().map(subset).collect()
}

/// Leaves out addresses above the capacity, those that are not ready before the others and each subset by its share
/// (`truncateEndpoints`), and says whether it did.
fn truncate(subsets: &mut [Subset]) -> bool {
    let ready: usize = subsets.iter().map(|subset| subset.addresses.len()).sum();
    let not_ready: usize = subsets.iter().map(|subset| subset.not_ready_addresses.len()).sum();
    if ready + not_ready <= MOST {
        return false;
    }
    let cuts_ready = ready > MOST;
    let (room, total) = if cuts_ready { (MOST, ready) } else { (MOST - ready, not_ready) };
    let mut left = room;
    for subset in subsets {
        let list = if cuts_ready { &mut subset.addresses } else { &mut subset.not_ready_addresses };
        let share = (list.len() * room).div_ceil(total).min(left);
        if list.len() > share {
            *list = list[..share].into();
        }
        left -= list.len();
        if cuts_ready {
            subset.not_ready_addresses = Box::default();
        }
    }
    true
}
