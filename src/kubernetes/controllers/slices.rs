//! `EndpointSlices` of Services, as the EndpointSlice controller writes them (Kubernetes 1.36).

use rustc_hash::FxHashSet;

use super::ports::Ports;
use super::selection::{Selected, pod};
use super::{HEADLESS, MOST_PER_SLICE, SERVICE_NAME, SLICE_MANAGED_BY, families, generated_name};
use crate::kubernetes::snapshot::{
    AddressType, Conditions, EndpointSlice, Meta, Pairs, Pod, Service, SliceEndpoint, SlicePort, Snapshot,
    Text, find,
};

const CONTROLLER: &str = "endpointslice-controller.k8s.io";
const ZONE: &str = "topology.kubernetes.io/zone";

/// Namespace and name of every Service that has slices of this controller in the input.
pub(super) fn served<'s>(snapshot: &'s Snapshot, controller: &str) -> FxHashSet<(&'s str, &'s str)> {
    let slices = snapshot.endpoint_slices.iter();
    slices
        .filter(|slice| slice.meta.labels.get(SLICE_MANAGED_BY).is_some_and(|value| &**value == controller))
        .filter_map(|slice| Some((&*slice.meta.namespace, &**slice.meta.labels.get(SERVICE_NAME)?)))
        .collect()
}

/// The slices of every Service with a selector, except those that have them already.
pub(super) fn of_services(snapshot: &Snapshot, selected: &Selected) -> Vec<EndpointSlice> {
    let served = served(snapshot, CONTROLLER);
    let kind: Text = "Pod".into();
    let mut slices = Vec::new();
    for service in &snapshot.services {
        if served.contains(&service.meta.identity()) {
            continue;
        }
        let Some(pods) = selected.pods(snapshot, service, true) else { continue };
        let labels = labels(service);
        let mut number = 0;
        let mut push = |family, ports: Box<[SlicePort]>, endpoints: Vec<SliceEndpoint>| {
            let name = generated_name(&service.meta.name, number);
            number += 1;
            slices.push(EndpointSlice {
                meta: Meta { labels: labels.clone(), ..Meta::named(service.meta.namespace.clone(), name) },
                address_type: family,
                endpoints: endpoints.into(),
                ports,
            });
        };
        for (at, family) in families::of(service).enumerate() {
            let groups = groups(snapshot, selected, service, &pods, &kind, family, at == 0);
            // A Service without endpoints has an empty slice.
            if groups.is_empty() {
                push(family, Box::default(), Vec::new());
            }
            for (ports, endpoints) in groups {
                let mut endpoints = endpoints.into_iter().peekable();
                while endpoints.peek().is_some() {
                    push(family, ports.clone(), endpoints.by_ref().take(MOST_PER_SLICE).collect());
                }
            }
        }
    }
    slices
}

/// Endpoints by the ports they have, as slices hold them.
fn groups(
    snapshot: &Snapshot,
    selected: &Selected,
    service: &Service,
    pods: &[&Pod],
    kind: &Text,
    family: AddressType,
    is_first: bool,
) -> Vec<(Box<[SlicePort]>, Vec<SliceEndpoint>)> {
    let mut ports = Ports::of(service);
    let mut groups: Vec<Vec<SliceEndpoint>> = Vec::new();
    for pod in pods {
        let addresses: Box<[Text]> = pod::addresses(pod, family, is_first).map(normal).collect();
        let node = find(&snapshot.nodes, "", &pod.node_name);
        // A pod on a Node that is not there is left out, unless it is to be published whatever its state.
        let is_lost = node.is_none()
            && !pod::is_symbolic(pod)
            && (selected.nodes_are_known || pod.node_name.is_empty());
        if addresses.is_empty() || (is_lost && !service.publish_not_ready_addresses) {
            continue;
        }
        let (serving, terminating) = (pod.is_ready(), pod.deleting);
        let endpoint = SliceEndpoint {
            addresses,
            conditions: Conditions {
                ready: Some(service.publish_not_ready_addresses || (serving && !terminating)),
                serving: Some(serving),
                terminating: Some(terminating),
            },
            hostname: pod::hostname(pod, service).cloned(),
            node_name: (!pod.node_name.is_empty()).then(|| pod.node_name.clone()),
            zone: node.and_then(|node| node.meta.labels.get(ZONE)).filter(|zone| !zone.is_empty()).cloned(),
            target: Some(Box::new(pod::reference(pod, kind))),
            topology: Pairs::default(),
        };
        let group = ports.group(pod);
        groups.resize_with(groups.len().max(group + 1), Vec::new);
        groups[group].push(endpoint);
    }
    let numbers = ports.into_numbers();
    numbers.iter().map(|numbers| slice_ports(service, numbers)).zip(groups).collect()
}

fn slice_ports(service: &Service, numbers: &[Option<u16>]) -> Box<[SlicePort]> {
    let ports = service.ports.iter().zip(numbers);
    ports
        .filter_map(|(port, number)| {
            Some(SlicePort {
                name: Some(port.name.clone()),
                number: Some((*number)?),
                protocol: Some(port.protocol.clone()),
                app_protocol: port.app_protocol.clone(),
            })
        })
        .collect()
}

/// An address as Go prints it.
pub(super) fn normal(address: &Text) -> Text {
    match address.parse::<std::net::Ipv6Addr>() {
        Ok(parsed) => {
            let printed = parsed.to_string();
            if *printed == **address { address.clone() } else { printed.into() }
        }
        Err(_) => address.clone(),
    }
}

/// The labels of a Service, but for those that slices have of their own.
fn labels(service: &Service) -> Pairs {
    let own = service.meta.labels.iter().map(|(key, value)| (key.clone(), value.clone()));
    let own = own.filter(|(key, _)| ![HEADLESS, SERVICE_NAME, SLICE_MANAGED_BY].contains(&&**key));
    let headless = service.is_headless().then(|| (HEADLESS.into(), "".into()));
    let more =
        [(SERVICE_NAME.into(), service.meta.name.clone()), (SLICE_MANAGED_BY.into(), CONTROLLER.into())];
    own.chain(headless).chain(more).collect()
}
