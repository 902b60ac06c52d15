//! Role `endpoints`.

use rustc_hash::FxHashMap;

use super::super::found::{Behind, Group, Part, Point};
use super::super::label::{Meta, Set, Writer, boolean};
use super::super::release::Release;
use super::super::view::View;
use super::{join_host_port, pod, service, write_node};
use crate::kubernetes::snapshot::{Address, ContainerPort, EndpointPort, Endpoints, Pod, Service};

pub(super) fn group<'s>(view: &View<'s>, endpoints: &'s Endpoints) -> Group<'s> {
    let service = view.service(&endpoints.meta.namespace, &endpoints.meta.name);
    Group::Endpoints { endpoints, service }
}

pub(super) fn targets<'s>(
    view: &View<'s>,
    release: &Release,
    endpoints: &'s Endpoints,
    take: &mut impl FnMut(Point<'s>),
) {
    let mut seen = Seen::new(release);
    for subset in &endpoints.subsets {
        for port in &subset.ports {
            let ready = subset.addresses.iter().map(|address| (address, true));
            let not_ready = subset.not_ready_addresses.iter().map(|address| (address, false));
            for (address, ready) in ready.chain(not_ready) {
                let pod = address
                    .target
                    .as_deref()
                    .filter(|target| &*target.kind == "Pod")
                    .and_then(|target| view.pod(&endpoints.meta.namespace, &target.namespace, &target.name))
                    .map(|pod| seen.behind(pod, Some(port.number)));
                take(Point::Address { address, port, ready, pod });
            }
        }
    }
    seen.undeclared(take);
}

/// The Pods behind an object, with the ports it has for each.
pub(super) struct Seen<'s, 'r> {
    release: &'r Release,
    /// By where they are, which is quicker to tell than their names.
    numbers: FxHashMap<*const Pod, usize>,
    /// In the order in which they were seen, which Prometheus does not keep.
    pods: Vec<SeenPod<'s>>,
}

struct SeenPod<'s> {
    pod: &'s Pod,
    ports: Vec<u16>,
    /// Where a Pod declares very many ports, which container declares which.
    declared: Option<FxHashMap<u16, (Part<'s>, &'s ContainerPort)>>,
}

/// With more ports than this a table is made of them.
const MANY_PORTS: usize = 32;

impl<'s, 'r> Seen<'s, 'r> {
    pub(super) fn new(release: &'r Release) -> Self {
        Self { release, numbers: FxHashMap::default(), pods: Vec::new() }
    }

    /// The containers that are looked at: before Prometheus 3 those only that are no init containers.
    fn containers(release: &Release, pod: &'s Pod) -> impl Iterator<Item = Part<'s>> {
        let three = release.three;
        Part::all(pod).filter(move |part| three || !part.init)
    }

    /// The Pod as what stands behind a port.
    pub(super) fn behind(&mut self, pod: &'s Pod, port: Option<u16>) -> Behind<'s> {
        let number = *self.numbers.entry(std::ptr::from_ref(pod)).or_insert_with(|| {
            let all = Self::containers(self.release, pod);
            let is_large = all.map(|part| part.container.ports.len()).sum::<usize>() > MANY_PORTS;
            let declared = is_large.then(|| declared(Self::containers(self.release, pod)));
            self.pods.push(SeenPod { pod, ports: Vec::new(), declared });
            self.pods.len() - 1
        });
        let seen = &mut self.pods[number];
        let declared = port.and_then(|port| {
            seen.ports.push(port);
            match &seen.declared {
                Some(declared) => declared.get(&port).copied(),
                None => Self::containers(self.release, pod)
                    .filter_map(|part| {
                        Some((part, part.container.ports.iter().find(|one| one.number == port)?))
                    })
                    .last(),
            }
        });
        Behind { pod, declared }
    }

    /// The ports that the Pods declare and the object does not have for them.
    pub(super) fn undeclared(self, take: &mut impl FnMut(Point<'s>)) {
        for SeenPod { pod, mut ports, .. } in self.pods {
            if pod.ip.is_empty() && self.release.endpoint_metadata {
                continue;
            }
            ports.sort_unstable();
            for container in Self::containers(self.release, pod) {
                for port in &container.container.ports {
                    if ports.binary_search(&port.number).is_err() {
                        take(Point::Undeclared { pod, container, port });
                    }
                }
            }
        }
    }
}

/// Which container declares which port: within one the first of a number, of several containers the last.
fn declared<'s>(containers: impl Iterator<Item = Part<'s>>) -> FxHashMap<u16, (Part<'s>, &'s ContainerPort)> {
    let mut all: FxHashMap<u16, (Part<'s>, &'s ContainerPort)> = FxHashMap::default();
    for part in containers {
        for port in part.container.ports.iter().rev() {
            all.insert(port.number, (part, port));
        }
    }
    all
}

pub(super) fn write_group(
    release: &Release,
    endpoints: &Endpoints,
    service: Option<&Service>,
    writer: &mut Writer<'_>,
) {
    writer.set(Meta::Namespace, &endpoints.meta.namespace);
    if let Some(service) = service {
        service::write_group(service, writer);
    }
    writer.set(Meta::EndpointsName, &endpoints.meta.name);
    writer.pairs(Set::EndpointsLabels, &endpoints.meta.labels);
    if release.endpoint_metadata {
        writer.pairs(Set::EndpointsAnnotations, &endpoints.meta.annotations);
    }
}

pub(super) fn write_target(
    view: &View<'_>,
    release: &Release,
    (address, port, ready): (&Address, &EndpointPort, bool),
    pod: Option<Behind<'_>>,
    writer: &mut Writer<'_>,
) {
    let number = writer.number(port.number);
    writer.set_with(Meta::Address, || join_host_port(&address.ip, &number));
    writer.set(Meta::EndpointPortName, &port.name);
    writer.set(Meta::EndpointPortProtocol, &port.protocol);
    writer.set(Meta::EndpointReady, &boolean(ready));
    if let Some(target) = &address.target {
        writer.set(Meta::EndpointTargetKind, &target.kind);
        writer.set(Meta::EndpointTargetName, &target.name);
    }
    if let Some(node) = &address.node_name {
        writer.set(Meta::EndpointNodeName, node);
    }
    writer.set(Meta::EndpointHostname, &address.hostname);
    if view.attach.node {
        let target = address.target.as_ref().filter(|target| &*target.kind == "Node");
        if let Some(name) = address.node_name.as_ref().or(target.map(|target| &target.name)) {
            write_node(view, name, writer);
        }
    }
    let Some(Behind { pod, declared }) = pod else { return };
    pod::write_pod(view, pod, writer);
    if let Some((container, declared)) = declared {
        // The protocol is that of the endpoints, not the container's.
        pod::write_container(release, container, Some((declared, &port.protocol)), release.three, writer);
    }
}
