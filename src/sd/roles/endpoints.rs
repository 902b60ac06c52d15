//! Role `endpoints`.

use super::super::found::{Group, Part, Point};
use super::super::label::{Meta, Set, Writer, boolean};
use super::super::release::Release;
use super::super::view::View;
use super::{join_host_port, pod, service, write_node};
use crate::kubernetes::snapshot::{Address, EndpointPort, Endpoints, Pod, Service};

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
    let mut seen = Seen::default();
    for subset in &endpoints.subsets {
        for port in &subset.ports {
            let ready = subset.addresses.iter().map(|address| (address, true));
            let not_ready = subset.not_ready_addresses.iter().map(|address| (address, false));
            for (address, ready) in ready.chain(not_ready) {
                let pod = address
                    .target
                    .as_deref()
                    .filter(|target| &*target.kind == "Pod")
                    .and_then(|target| view.pod(&endpoints.meta.namespace, &target.namespace, &target.name));
                if let Some(pod) = pod {
                    seen.note(pod, Some(port.number));
                }
                take(Point::Address { address, port, ready, pod });
            }
        }
    }
    seen.undeclared(release, take);
}

/// The Pods behind an object, with the ports it has for each.
#[derive(Default)]
pub(super) struct Seen<'s> {
    pods: rustc_hash::FxHashMap<*const Pod, (&'s Pod, Vec<u16>)>,
    /// In the order in which they were seen, which Prometheus does not keep.
    order: Vec<*const Pod>,
}

impl<'s> Seen<'s> {
    pub(super) fn note(&mut self, pod: &'s Pod, port: Option<u16>) {
        let key: *const Pod = pod;
        let (_, ports) = self.pods.entry(key).or_insert_with(|| {
            self.order.push(key);
            (pod, Vec::new())
        });
        if let Some(port) = port
            && let Err(at) = ports.binary_search(&port)
        {
            ports.insert(at, port);
        }
    }

    /// The ports that the Pods declare and the object does not have for them.
    pub(super) fn undeclared(self, release: &Release, take: &mut impl FnMut(Point<'s>)) {
        for key in &self.order {
            let Some((pod, ports)) = self.pods.get(key) else { continue };
            if pod.ip.is_empty() && release.endpoint_metadata {
                continue;
            }
            for container in Part::all(pod).filter(|part| release.three || !part.init) {
                for port in &container.container.ports {
                    if ports.binary_search(&port.number).is_err() {
                        take(Point::Undeclared { pod, container, port });
                    }
                }
            }
        }
    }
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
    if release.endpoint_metadata {
        writer.pairs(Set::EndpointsLabels, &endpoints.meta.labels);
        writer.pairs(Set::EndpointsAnnotations, &endpoints.meta.annotations);
    }
}

pub(super) fn write_target(
    view: &View<'_>,
    release: &Release,
    (address, port, ready): (&Address, &EndpointPort, bool),
    pod: Option<&Pod>,
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
    let Some(pod) = pod else { return };
    pod::write_pod(view, pod, writer);
    if let Some((container, declared)) = declaring(release, pod, port.number) {
        // The protocol is that of the endpoints, not the container's.
        pod::write_container(release, container, Some((declared, &port.protocol)), release.three, writer);
    }
}

/// The container that declares a port: within one the first port of this number, of several containers the last.
pub(super) fn declaring<'s>(
    release: &Release,
    pod: &'s Pod,
    number: u16,
) -> Option<(Part<'s>, &'s crate::kubernetes::snapshot::ContainerPort)> {
    Part::all(pod)
        .filter(|part| release.three || !part.init)
        .filter_map(|part| Some((part, part.container.ports.iter().find(|port| port.number == number)?)))
        .last()
}
