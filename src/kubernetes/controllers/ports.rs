//! The ports of a Service on pods.

use rustc_hash::FxHashMap;

use crate::kubernetes::snapshot::{Pod, Service, ServicePort, TargetPort, Text};

/// For each port of a Service its number on a pod; None where the pod has no port of that name.
pub(super) type Numbers = Box<[Option<u16>]>;

/// The ports of one Service on its pods. Pods of one workload share their containers, so that each workload is looked at once.
pub(super) struct Ports<'s> {
    service: &'s Service,
    /// By where the containers and the init containers of a pod are.
    by_containers: FxHashMap<(usize, usize), usize>,
    by_numbers: FxHashMap<Numbers, usize>,
}

impl<'s> Ports<'s> {
    pub(super) fn of(service: &'s Service) -> Self {
        Self { service, by_containers: FxHashMap::default(), by_numbers: FxHashMap::default() }
    }

    /// The group of a pod: those in which every port has the same number. Groups are numbered from 0 as they come.
    pub(super) fn group(&mut self, pod: &Pod) -> usize {
        let place = (pod.containers.as_ptr().addr(), pod.init_containers.as_ptr().addr());
        if let Some(group) = self.by_containers.get(&place) {
            return *group;
        }
        let numbers = numbers(self.service, pod);
        let next = self.by_numbers.len();
        let group = *self.by_numbers.entry(numbers).or_insert(next);
        // All pods are of one snapshot and stay, so that no others take the place of these containers.
        self.by_containers.insert(place, group);
        group
    }

    /// The numbers of each group.
    pub(super) fn into_numbers(self) -> Vec<Numbers> {
        let mut numbers: Vec<(Numbers, usize)> = self.by_numbers.into_iter().collect();
        numbers.sort_by_key(|(_, group)| *group);
        numbers.into_iter().map(|(numbers, _)| numbers).collect()
    }
}

/// The number a port of a Service means on a pod: its target port, or that of the container port it names, of the same protocol.
/// Init containers count where they keep running (endpointslice 0.36, `FindPort`).
fn numbers(service: &Service, pod: &Pod) -> Numbers {
    let has_names = service.ports.iter().any(|port| matches!(port.target, TargetPort::Name(_)));
    let mut named: FxHashMap<(&Text, &Text), u16> = FxHashMap::default();
    if has_names {
        let sidecars = pod.init_containers.iter().filter(|container| container.restarts);
        for port in pod.containers.iter().chain(sidecars).flat_map(|container| &container.ports) {
            named.entry((&port.name, &port.protocol)).or_insert(port.number);
        }
    }
    let number = |port: &ServicePort| match &port.target {
        TargetPort::Number(number) => Some(*number),
        TargetPort::Name(name) => named.get(&(name, &port.protocol)).copied(),
    };
    service.ports.iter().map(number).collect()
}

/// Whether a Service has endpoints although it has no ports.
pub(super) fn may_be_absent(service: &Service) -> bool {
    service.ports.is_empty() && service.is_headless()
}
