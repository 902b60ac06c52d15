//! The ports of a Service on a pod.

use crate::kubernetes::snapshot::{Container, Pod, Service, ServicePort, TargetPort};

/// The number a port of a Service means on a pod: its target port, or that of the container port it names, of the same protocol.
/// Init containers count where they keep running (endpointslice 0.36, `FindPort`).
pub(super) fn on_pod(port: &ServicePort, pod: &Pod) -> Option<u16> {
    let name = match &port.target {
        TargetPort::Number(number) => return Some(*number),
        TargetPort::Name(name) => name,
    };
    let sidecars = pod.init_containers.iter().filter(|container| container.restarts);
    let named = |container: &Container| {
        let found =
            container.ports.iter().find(|known| known.name == *name && known.protocol == port.protocol);
        found.map(|port| port.number)
    };
    pod.containers.iter().chain(sidecars).find_map(named)
}

/// Whether a Service has endpoints although it has no ports.
pub(super) fn may_be_absent(service: &Service) -> bool {
    service.ports.is_empty() && service.is_headless()
}
