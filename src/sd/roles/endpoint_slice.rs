//! Role `endpointslice`.

use super::super::found::{Behind, Group, Point};
use super::super::label::{Meta, Set, Writer, boolean};
use super::super::release::Release;
use super::super::view::View;
use super::endpoints::Seen;
use super::{join_host_port, pod, service, write_node};
use crate::kubernetes::snapshot::{EndpointSlice, Service, SliceEndpoint, SlicePort, Text};

/// The label that names a slice's Service.
pub(in crate::sd) const SERVICE_NAME: &str = "kubernetes.io/service-name";

pub(super) fn group<'s>(view: &View<'s>, slice: &'s EndpointSlice) -> Group<'s> {
    let name = slice.meta.labels.get(SERVICE_NAME);
    let service = name.and_then(|name| view.service(&slice.meta.namespace, name));
    Group::Slice { slice, service }
}

pub(super) fn targets<'s>(
    view: &View<'s>,
    release: &Release,
    slice: &'s EndpointSlice,
    service: Option<&Service>,
    take: &mut impl FnMut(Point<'s>),
) {
    if release.strict && service.is_some_and(|service| is_of_second_family(service, slice)) {
        return;
    }
    let mut seen = Seen::new(release);
    for endpoint in &slice.endpoints {
        let pod = endpoint
            .target
            .as_deref()
            .filter(|target| &*target.kind == "Pod")
            .and_then(|target| view.pod(&slice.meta.namespace, &target.namespace, &target.name));
        for port in &slice.ports {
            for address in &endpoint.addresses {
                let pod = pod.map(|pod| seen.behind(pod, port.number));
                take(Point::SliceAddress { endpoint, address, port, pod });
            }
        }
    }
    seen.undeclared(take);
}

/// Whether the addresses are not of the first family of a Service that has two.
fn is_of_second_family(service: &Service, slice: &EndpointSlice) -> bool {
    matches!(service.ip_family_policy.as_deref(), Some("PreferDualStack" | "RequireDualStack"))
        && service.ip_families.first().is_some_and(|family| **family != *slice.address_type.spelling())
}

pub(super) fn write_group(
    release: &Release,
    slice: &EndpointSlice,
    service: Option<&Service>,
    writer: &mut Writer<'_>,
) {
    writer.set(Meta::Namespace, &slice.meta.namespace);
    writer.set_with(Meta::SliceAddressType, || slice.address_type.spelling().into());
    writer.set(Meta::SliceName, &slice.meta.name);
    if release.endpoint_metadata {
        writer.pairs(Set::SliceLabels, &slice.meta.labels);
        writer.pairs(Set::SliceAnnotations, &slice.meta.annotations);
    }
    if let Some(service) = service {
        service::write_group(service, writer);
    }
}

pub(super) fn write_target(
    view: &View<'_>,
    release: &Release,
    (endpoint, address, port): (&SliceEndpoint, &Text, &SlicePort),
    pod: Option<Behind<'_>>,
    writer: &mut Writer<'_>,
) {
    match port.number {
        Some(number) => {
            let text = writer.number(number);
            writer.set_with(Meta::Address, || join_host_port(address, &text));
            writer.set(Meta::SlicePort, &text);
        }
        None => writer.set(Meta::Address, address),
    }
    let conditions = &endpoint.conditions;
    for (meta, value) in [
        (Meta::SliceReady, conditions.ready),
        (Meta::SliceServing, conditions.serving),
        (Meta::SliceTerminating, conditions.terminating),
    ] {
        if let Some(value) = value.filter(|_| release.container_ids || meta == Meta::SliceReady) {
            writer.set(meta, &boolean(value));
        }
    }
    let zones = |value| if release.endpoint_zones { value } else { &None };
    for (meta, value) in [
        (Meta::SlicePortName, &port.name),
        (Meta::SlicePortProtocol, &port.protocol),
        (Meta::SlicePortAppProtocol, &port.app_protocol),
        (Meta::SliceHostname, &endpoint.hostname),
        (Meta::SliceNodeName, zones(&endpoint.node_name)),
        (Meta::SliceZone, zones(&endpoint.zone)),
    ] {
        if let Some(value) = value {
            writer.set(meta, value);
        }
    }
    if let Some(target) = &endpoint.target {
        writer.set(Meta::SliceTargetKind, &target.kind);
        writer.set(Meta::SliceTargetName, &target.name);
    }
    writer.pairs(Set::Topology, &endpoint.topology);
    if view.attach.node {
        let target = endpoint.target.as_ref().filter(|target| &*target.kind == "Node");
        if let Some(name) = target.map(|target| &target.name).or(endpoint.node_name.as_ref()) {
            write_node(view, name, writer);
        }
    }
    let Some(Behind { pod, declared }) = pod else { return };
    pod::write_pod(view, pod, writer);
    if let Some((container, declared)) = declared {
        let declared = Some((declared, &declared.protocol));
        pod::write_container(release, container, declared, release.three, writer);
    }
}
