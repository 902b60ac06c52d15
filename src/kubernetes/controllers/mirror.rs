//! `EndpointSlices` of hand-written Endpoints, as the mirroring controller writes them (Kubernetes 1.36).

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use rustc_hash::FxHashMap;

use super::{MOST_MIRRORED, SERVICE_NAME, SLICE_MANAGED_BY, generated_name, slices};
use crate::kubernetes::snapshot::{
    Address, AddressType, Conditions, EndpointPort, EndpointSlice, Endpoints, Meta, Pairs, SliceEndpoint,
    SlicePort, Snapshot, Subset, find,
};

const CONTROLLER: &str = "endpointslicemirroring-controller.k8s.io";
const SKIP: &str = "endpointslice.kubernetes.io/skip-mirror";
const LEADER: &str = "control-plane.alpha.kubernetes.io/leader";
/// Annotations that are not copied.
const OWN_ANNOTATIONS: [&str; 2] =
    ["endpoints.kubernetes.io/last-change-trigger-time", "kubectl.kubernetes.io/last-applied-configuration"];

/// Slices of the Endpoints whose Service has no selector, except of those that have them already.
pub(super) fn of_endpoints(snapshot: &Snapshot) -> Vec<EndpointSlice> {
    let served = slices::served(snapshot, CONTROLLER);
    let mut mirrored = Vec::new();
    for endpoints in &snapshot.endpoints {
        let (namespace, name) = endpoints.meta.identity();
        let is_skipped = endpoints.meta.labels.get(SKIP).is_some_and(|value| &**value == "true")
            || endpoints.meta.annotations.get(LEADER).is_some();
        let service = find(&snapshot.services, namespace, name);
        let is_unselected = service.is_some_and(|service| service.selector.is_none());
        if !is_skipped && is_unselected && !served.contains(&(namespace, name)) {
            mirror(endpoints, &mut mirrored);
        }
    }
    mirrored
}

fn mirror(endpoints: &Endpoints, mirrored: &mut Vec<EndpointSlice>) {
    let labels = endpoints.meta.labels.iter().map(|(key, value)| (key.clone(), value.clone()));
    let labels: Pairs = labels
        .chain([
            (SERVICE_NAME.into(), endpoints.meta.name.clone()),
            (SLICE_MANAGED_BY.into(), CONTROLLER.into()),
        ])
        .collect();
    let annotations = endpoints.meta.annotations.iter().map(|(key, value)| (key.clone(), value.clone()));
    let annotations: Pairs = annotations.filter(|(key, _)| !OWN_ANNOTATIONS.contains(&&**key)).collect();
    for (number, (address_type, ports, endpoint)) in
        slices_of(&repack(&endpoints.subsets)).into_iter().enumerate()
    {
        mirrored.push(EndpointSlice {
            meta: Meta {
                labels: labels.clone(),
                annotations: annotations.clone(),
                ..Meta::named(endpoints.meta.namespace.clone(), generated_name(&endpoints.meta.name, number))
            },
            address_type,
            endpoints: endpoint.into(),
            ports: ports.into_iter().map(slice_port).collect(),
        });
    }
}

fn slice_port(port: &EndpointPort) -> SlicePort {
    SlicePort {
        name: Some(port.name.clone()),
        number: Some(port.number),
        protocol: Some(port.protocol.clone()),
        app_protocol: port.app_protocol.clone(),
    }
}

/// Ports, and the addresses all of them have, each with whether it is ready.
type Group<'e> = (Vec<&'e EndpointPort>, Vec<(&'e Address, bool)>);

/// Subsets in their canonical form (`RepackSubsets`): a port is in one of them, and an address once in each; of several that are the
/// same, the first says what belongs to it, and one that is not ready makes it so.
fn repack(subsets: &[Subset]) -> Vec<Group<'_>> {
    let mut first: FxHashMap<&str, &Address> = FxHashMap::default();
    let mut by_port: Vec<(Option<&EndpointPort>, BTreeMap<&str, bool>)> = Vec::new();
    let mut positions: FxHashMap<Option<&EndpointPort>, usize> = FxHashMap::default();
    for subset in subsets {
        let ready = subset.addresses.iter().map(|address| (address, true));
        let all = ready.chain(subset.not_ready_addresses.iter().map(|address| (address, false)));
        let all: Vec<(&Address, bool)> = all.collect();
        let ports = subset.ports.iter().map(Some).chain(subset.ports.is_empty().then_some(None));
        for port in ports {
            let at = *positions.entry(port).or_insert_with(|| {
                by_port.push((port, BTreeMap::new()));
                by_port.len() - 1
            });
            for (address, is_ready) in &all {
                first.entry(&address.ip).or_insert(address);
                let known = by_port[at].1.entry(&address.ip).or_insert(*is_ready);
                *known = *known && *is_ready;
            }
        }
    }
    let mut groups: Vec<(Vec<&EndpointPort>, BTreeMap<&str, bool>)> = Vec::new();
    let mut known: FxHashMap<BTreeMap<&str, bool>, usize> = FxHashMap::default();
    for (port, addresses) in by_port {
        let at = *known.entry(addresses).or_insert_with_key(|addresses| {
            groups.push((Vec::new(), addresses.clone()));
            groups.len() - 1
        });
        groups[at].0.extend(port);
    }
    let addresses = |addresses: BTreeMap<&str, bool>| {
        addresses.into_iter().map(|(ip, is_ready)| (first[ip], is_ready)).collect()
    };
    groups.into_iter().map(|(ports, members)| (ports, addresses(members))).collect()
}

/// A slice for each family of each group; addresses that are none, and those above the most, are left out.
fn slices_of<'e>(groups: &[Group<'e>]) -> Vec<(AddressType, Vec<&'e EndpointPort>, Vec<SliceEndpoint>)> {
    let mut slices = Vec::new();
    for (ports, addresses) in groups {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        let valid = addresses.iter().filter_map(|(address, is_ready)| {
            let family = family(&address.ip)?;
            Some((family, endpoint(address, *is_ready)))
        });
        for (family, endpoint) in valid.take(MOST_MIRRORED) {
            if family == AddressType::IPv4 { &mut v4 } else { &mut v6 }.push(endpoint);
        }
        for (family, endpoints) in [(AddressType::IPv4, v4), (AddressType::IPv6, v6)] {
            if !endpoints.is_empty() {
                slices.push((family, ports.clone(), endpoints));
            }
        }
    }
    slices
}

fn family(ip: &str) -> Option<AddressType> {
    if ip.parse::<Ipv4Addr>().is_ok() {
        return Some(AddressType::IPv4);
    }
    let address: Ipv6Addr = ip.parse().ok()?;
    Some(if address.to_ipv4_mapped().is_some() { AddressType::IPv4 } else { AddressType::IPv6 })
}

fn endpoint(address: &Address, is_ready: bool) -> SliceEndpoint {
    SliceEndpoint {
        addresses: [slices::normal(&address.ip)].into(),
        conditions: Conditions { ready: Some(is_ready), ..Conditions::default() },
        hostname: (!address.hostname.is_empty()).then(|| address.hostname.clone()),
        node_name: address.node_name.clone(),
        zone: None,
        target: address.target.clone(),
        topology: Pairs::default(),
    }
}
