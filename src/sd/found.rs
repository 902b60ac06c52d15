//! What discovery finds: references to objects, from which labels are written.

use crate::kubernetes::snapshot::{
    Address, Container, ContainerPort, EndpointPort, EndpointSlice, Endpoints, Ingress, Node, Pod, Service,
    ServicePort, SliceEndpoint, SlicePort, Text,
};

/// A target as discovery finds it.
#[derive(Debug, Clone, Copy)]
pub struct Found<'s> {
    /// What it shares with the other targets of its group.
    pub group: Group<'s>,
    /// What it has of its own.
    pub point: Point<'s>,
}

/// The object a group of targets is made of.
#[derive(Debug, Clone, Copy)]
pub enum Group<'s> {
    /// Role `endpoints`.
    Endpoints {
        /// The object.
        endpoints: &'s Endpoints,
        /// The Service of the same name, if it is seen.
        service: Option<&'s Service>,
    },
    /// Role `endpointslice`.
    Slice {
        /// The object.
        slice: &'s EndpointSlice,
        /// The Service it names, if it is seen.
        service: Option<&'s Service>,
    },
    /// Role `pod`.
    Pod(&'s Pod),
    /// Role `service`.
    Service(&'s Service),
    /// Role `node`.
    Node(&'s Node),
    /// Role `ingress`.
    Ingress(&'s Ingress),
    /// Addresses that are written down somewhere.
    Listed(Listed<'s>),
}

/// A group of addresses that are written down, in a configuration or in an answer.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'s> {
    /// Where: the URL or the path of what was read; none for the configuration itself.
    pub source: Option<Source<'s>>,
    /// The number of the group there, from 0.
    pub number: usize,
    /// The labels of the group.
    pub labels: &'s [(String, String)],
}

/// Where addresses come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'s> {
    /// A URL (`http_sd_configs`).
    Url(&'s str),
    /// A file (`file_sd_configs`).
    File(&'s str),
}

/// What a target has of its own.
#[derive(Debug, Clone, Copy)]
pub enum Point<'s> {
    /// An address and a port of an Endpoints object.
    Address {
        /// The address.
        address: &'s Address,
        /// The port.
        port: &'s EndpointPort,
        /// Whether the address is ready.
        ready: bool,
        /// The Pod it belongs to, if it is seen.
        pod: Option<Behind<'s>>,
    },
    /// An address and a port of an `EndpointSlice`.
    SliceAddress {
        /// The endpoint.
        endpoint: &'s SliceEndpoint,
        /// The address.
        address: &'s Text,
        /// The port.
        port: &'s SlicePort,
        /// The Pod it belongs to, if it is seen.
        pod: Option<Behind<'s>>,
    },
    /// A port that a Pod behind Endpoints declares and those do not have.
    Undeclared {
        /// The Pod.
        pod: &'s Pod,
        /// The container.
        container: Part<'s>,
        /// The port.
        port: &'s ContainerPort,
    },
    /// A container of a Pod, with one of the ports it declares or without any.
    Container {
        /// The container.
        container: Part<'s>,
        /// The port.
        port: Option<&'s ContainerPort>,
    },
    /// A port of a Service.
    ServicePort(&'s ServicePort),
    /// A Node's own address.
    Node,
    /// A path of a host of an Ingress.
    Path {
        /// The host.
        host: &'s Text,
        /// The path; none is `/`.
        path: Option<&'s Text>,
    },
    /// An address that is written down.
    Plain(&'s str),
}

/// The Pod behind an address.
#[derive(Debug, Clone, Copy)]
pub struct Behind<'s> {
    /// The Pod.
    pub pod: &'s Pod,
    /// The container that declares the port, with how it does.
    pub declared: Option<(Part<'s>, &'s ContainerPort)>,
}

/// A container, with its place among the others.
#[derive(Debug, Clone, Copy)]
pub struct Part<'s> {
    /// The container.
    pub container: &'s Container,
    /// Its place among the containers, then init containers, of its Pod.
    pub number: usize,
    /// Whether it is an init container.
    pub init: bool,
}

impl<'s> Part<'s> {
    /// The containers of a Pod, then its init containers.
    pub(super) fn all(pod: &'s Pod) -> impl Iterator<Item = Self> {
        pod.all_containers().enumerate().map(|(number, (container, init))| Self { container, number, init })
    }
}

impl<'s> Found<'s> {
    /// The Pod it is a target of, if it is known to be one.
    pub fn pod(&self) -> Option<&'s Pod> {
        match (self.point, self.group) {
            (Point::Address { pod, .. } | Point::SliceAddress { pod, .. }, _) => pod.map(|behind| behind.pod),
            (Point::Undeclared { pod, .. }, _) | (Point::Container { .. }, Group::Pod(pod)) => Some(pod),
            _ => None,
        }
    }

    /// The Service it is a target of, if it is known to be one.
    pub fn service(&self) -> Option<&'s Service> {
        match self.group {
            Group::Endpoints { service, .. } | Group::Slice { service, .. } => service,
            Group::Service(service) => Some(service),
            _ => None,
        }
    }
}

impl Group<'_> {
    /// What Prometheus calls the group, in messages.
    pub fn name(&self) -> String {
        let of = |role: &str, meta: &crate::kubernetes::snapshot::Meta| {
            format!("{role}/{}/{}", meta.namespace, meta.name)
        };
        match self {
            Self::Endpoints { endpoints, .. } => of("endpoints", &endpoints.meta),
            Self::Slice { slice, .. } => of("endpointslice", &slice.meta),
            Self::Pod(pod) => of("pod", &pod.meta),
            Self::Service(service) => of("svc", &service.meta),
            Self::Node(node) => format!("node/{}", node.meta.name),
            Self::Ingress(ingress) => of("ingress", &ingress.meta),
            Self::Listed(Listed { source: None, number, .. }) => number.to_string(),
            Self::Listed(Listed {
                source: Some(Source::Url(source) | Source::File(source)), number, ..
            }) => {
                format!("{source}:{number}")
            }
        }
    }
}
