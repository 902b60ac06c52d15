//! Role `pod`, and the labels of Pods in the roles of endpoints.

use super::super::found::{Part, Point};
use super::super::label::{Meta, Set, Writer, boolean};
use super::super::release::Release;
use super::super::view::View;
use super::{join_host_port, write_node};
use crate::kubernetes::snapshot::{ContainerPort, Owner, Plain, Pod, Text, find};

pub(super) fn targets<'s>(
    view: &View<'s>,
    release: &Release,
    pod: &'s Pod,
    take: &mut impl FnMut(Point<'s>),
) {
    if pod.ip.is_empty() || release.strict && view.attach.node && view.node(&pod.node_name).is_none() {
        return;
    }
    for container in Part::all(pod) {
        if container.container.ports.is_empty() {
            take(Point::Container { container, port: None });
        }
        for port in &container.container.ports {
            take(Point::Container { container, port: Some(port) });
        }
    }
}

pub(super) fn write_group(view: &View<'_>, pod: &Pod, writer: &mut Writer<'_>) {
    write_pod(view, pod, writer);
    writer.set(Meta::Namespace, &pod.meta.namespace);
    if view.attach.node {
        write_node(view, &pod.node_name, writer);
    }
}

/// The labels of a Pod.
pub(super) fn write_pod(view: &View<'_>, pod: &Pod, writer: &mut Writer<'_>) {
    writer.set(Meta::PodIp, &pod.ip);
    writer.set_with(Meta::PodReady, || match pod.ready.as_deref() {
        Some("True") => boolean(true),
        Some("False") => boolean(false),
        other => other.unwrap_or("Unknown").to_lowercase().into(),
    });
    writer.set(Meta::PodPhase, &pod.phase);
    writer.set(Meta::PodNodeName, &pod.node_name);
    writer.set(Meta::PodHostIp, &pod.host_ip);
    writer.set(Meta::PodUid, &pod.meta.uid);
    writer.set(Meta::PodName, &pod.meta.name);
    writer.pairs(Set::PodLabels, &pod.meta.labels);
    writer.pairs(Set::PodAnnotations, &pod.meta.annotations);
    let Some(controller) = pod.controller.as_deref() else { return };
    writer.set(Meta::PodControllerKind, &controller.kind);
    writer.set(Meta::PodControllerName, &controller.name);
    let owner = |list, kind| owner_of(list, &pod.meta.namespace, controller, kind);
    match &*controller.kind {
        "ReplicaSet" if view.attach.deployment => {
            if let Some(name) = owner(&view.snapshot.replica_sets, "Deployment") {
                writer.set(Meta::PodDeploymentName, name);
            }
        }
        "Job" => {
            if view.attach.job {
                writer.set(Meta::PodJobName, &controller.name);
            }
            if view.attach.cronjob
                && let Some(name) = owner(&view.snapshot.jobs, "CronJob")
            {
                writer.set(Meta::PodCronJobName, name);
            }
        }
        _ => {}
    }
}

/// The name of the controller of a Pod's controller, if it is of this kind.
fn owner_of<'s>(list: &'s [Plain], namespace: &str, controller: &Owner, kind: &str) -> Option<&'s Text> {
    let owner = find(list, namespace, &controller.name)?.controller.as_ref()?;
    (&*owner.kind == kind).then_some(&owner.name)
}

/// The labels of a container and of the port it declares, with the protocol that is told.
pub(super) fn write_container(
    release: &Release,
    Part { container, init, .. }: Part<'_>,
    port: Option<(&ContainerPort, &Text)>,
    tells_init: bool,
    writer: &mut Writer<'_>,
) {
    writer.set(Meta::ContainerName, &container.name);
    if release.images {
        writer.set(Meta::ContainerImage, &container.image);
    }
    if tells_init {
        writer.set(Meta::ContainerInit, &boolean(init));
    }
    if let Some((port, protocol)) = port {
        writer.set(Meta::ContainerPortName, &port.name);
        writer.set_number(Meta::ContainerPortNumber, port.number);
        writer.set(Meta::ContainerPortProtocol, protocol);
    }
}

pub(super) fn write_target(
    release: &Release,
    pod: &Pod,
    container: Part<'_>,
    port: Option<&ContainerPort>,
    writer: &mut Writer<'_>,
) {
    match port {
        Some(port) => {
            let number = writer.number(port.number);
            writer.set_with(Meta::Address, || join_host_port(&pod.ip, &number));
        }
        None => writer.set(Meta::Address, &pod.ip),
    }
    write_container(release, container, port.map(|port| (port, &port.protocol)), true, writer);
    if release.container_ids
        && let Some(id) = pod.container_ids.get(container.number)
    {
        writer.set(Meta::ContainerId, id);
    }
}
