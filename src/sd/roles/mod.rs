//! The roles of Kubernetes discovery (Prometheus 3.13, older ones by [`Release`](super::release::Release)): one file for what
//! a role finds and the labels it writes.

mod endpoint_slice;
mod endpoints;
mod ingress;
mod node;
mod pod;
mod service;

pub(super) use endpoint_slice::SERVICE_NAME;

use super::found::{Found, Group, Point};
use super::label::{Meta, Set, Writer};
use super::release::Release;
use super::view::View;
use crate::kubernetes::snapshot;
use crate::prom::config::Role;

/// The group of the object at this place in the role's list, if it is listed; whether it is in scope is another question.
pub(super) fn at<'s>(view: &View<'s>, place: usize) -> Option<Group<'s>> {
    fn listed<'s, T: super::view::HasFields>(view: &View<'s>, list: &'s [T], place: usize) -> Option<&'s T> {
        list.get(place).filter(|object| view.lists(view.role, *object))
    }
    let snapshot = view.snapshot;
    match view.role {
        Role::Endpoints => listed(view, &snapshot.endpoints, place).map(|one| endpoints::group(view, one)),
        Role::EndpointSlice => {
            listed(view, &snapshot.endpoint_slices, place).map(|one| endpoint_slice::group(view, one))
        }
        Role::Pod => listed(view, &snapshot.pods, place).map(Group::Pod),
        Role::Service => listed(view, &snapshot.services, place).map(Group::Service),
        Role::Ingress => listed(view, &snapshot.ingresses, place).map(Group::Ingress),
        Role::Node => listed(view, &snapshot.nodes, place).map(Group::Node),
    }
}

/// How many targets a group has.
pub(super) fn count<'s>(view: &View<'s>, release: &Release, group: Group<'s>) -> u64 {
    let mut count = 0;
    targets(view, release, group, &mut |_| count += 1);
    count
}

/// Every target of a group.
pub(super) fn targets<'s>(
    view: &View<'s>,
    release: &Release,
    group: Group<'s>,
    take: &mut dyn FnMut(Found<'s>),
) {
    let mut take = |point: Point<'s>| take(Found { group, point });
    match group {
        Group::Endpoints { endpoints, .. } => endpoints::targets(view, release, endpoints, &mut take),
        Group::Slice { slice, service } => {
            endpoint_slice::targets(view, release, slice, service, &mut take);
        }
        Group::Pod(pod) => pod::targets(view, release, pod, &mut take),
        Group::Service(service) => service.ports.iter().for_each(|port| take(Point::ServicePort(port))),
        Group::Node(node) => node::targets(node, &mut take),
        Group::Ingress(ingress) => ingress::targets(ingress, &mut take),
        Group::Listed(_) => {}
    }
}

/// The labels all targets of a group have.
pub(super) fn write_group(view: &View<'_>, release: &Release, group: &Group<'_>, writer: &mut Writer<'_>) {
    match *group {
        Group::Endpoints { endpoints, service } => {
            endpoints::write_group(release, endpoints, service, writer);
        }
        Group::Slice { slice, service } => endpoint_slice::write_group(release, slice, service, writer),
        Group::Pod(pod) => pod::write_group(view, pod, writer),
        Group::Service(service) => service::write_group(service, writer),
        Group::Node(node) => node::write_group(release, node, writer),
        Group::Ingress(ingress) => ingress::write_group(ingress, writer),
        Group::Listed(_) => return,
    }
    let namespace = group.meta().map_or("", |meta| &*meta.namespace);
    if view.attach.namespace
        && !matches!(group, Group::Node(_))
        && let Some(namespace) = view.namespace(namespace)
    {
        writer.pairs(Set::NamespaceLabels, &namespace.meta.labels);
        writer.pairs(Set::NamespaceAnnotations, &namespace.meta.annotations);
    }
}

/// The labels a target has of its own.
pub(super) fn write_target(view: &View<'_>, release: &Release, found: &Found<'_>, writer: &mut Writer<'_>) {
    match (&found.group, found.point) {
        (_, Point::Address { address, port, ready, pod }) => {
            endpoints::write_target(view, release, (address, port, ready), pod, writer);
        }
        (_, Point::SliceAddress { endpoint, address, port, pod }) => {
            endpoint_slice::write_target(view, release, (endpoint, address, port), pod, writer);
        }
        (_, Point::Undeclared { pod, container, port }) => {
            let number = writer.number(port.number);
            writer.set_with(Meta::Address, || join_host_port(&pod.ip, &number));
            pod::write_container(release, container, Some((port, &port.protocol)), release.three, writer);
            pod::write_pod(view, pod, writer);
        }
        (Group::Pod(pod), Point::Container { container, port }) => {
            pod::write_target(release, pod, container, port, writer);
        }
        (Group::Service(service), Point::ServicePort(port)) => {
            service::write_target(release, service, port, writer);
        }
        (Group::Node(node), Point::Node) => node::write_target(node, writer),
        (Group::Ingress(ingress), Point::Path { host, path }) => {
            ingress::write_target(ingress, host, path, writer);
        }
        (_, Point::Plain(address)) => writer.set_with(Meta::Address, || address.into()),
        _ => {}
    }
}

impl<'s> Group<'s> {
    /// The metadata of its object.
    pub fn meta(&self) -> Option<&'s snapshot::Meta> {
        Some(match self {
            Self::Endpoints { endpoints, .. } => &endpoints.meta,
            Self::Slice { slice, .. } => &slice.meta,
            Self::Pod(pod) => &pod.meta,
            Self::Service(service) => &service.meta,
            Self::Node(node) => &node.meta,
            Self::Ingress(ingress) => &ingress.meta,
            Self::Listed(_) => return None,
        })
    }
}

/// The labels of the Node that targets are on, where they are asked for (`attach_metadata`).
fn write_node(view: &View<'_>, name: &str, writer: &mut Writer<'_>) {
    if let Some(node) = view.node(name) {
        writer.set(Meta::NodeName, &node.meta.name);
        writer.pairs(Set::NodeLabels, &node.meta.labels);
        writer.pairs(Set::NodeAnnotations, &node.meta.annotations);
    }
}

/// An address with a port, as Go's `net.JoinHostPort` writes it.
fn join_host_port(host: &str, port: &str) -> snapshot::Text {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }.into()
}
