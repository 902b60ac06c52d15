//! What discovery and the controllers need of a cluster: compact typed views of its objects.
//!
//! A [`Snapshot`] is read from an inventory, whose objects were authored or read back from an API server, with what the API
//! server would have filled in; or it is put together by hand. The controllers (endpoints of Services, pods of workloads) read
//! one and add to it. A million endpoints have to fit, so texts and sets of labels are shared.

mod endpoints;
mod ingress;
mod meta;
mod node;
mod pod;
mod read;
mod service;
mod text;

pub use endpoints::{
    Address, AddressType, Conditions, EndpointPort, EndpointSlice, Endpoints, Reference, SliceEndpoint,
    SlicePort, Subset,
};
pub use ingress::{Ingress, IngressRule};
pub use meta::{Meta, Owner};
pub use node::{Condition, Node, NodeAddress};
pub use pod::{Container, ContainerPort, Pod, Standing, Workload, has_unknown_address};
pub use read::Templates;
pub use service::{Service, ServicePort, TargetPort};
pub use text::{Pairs, Pool, Text};

/// An object of which only its identity, labels and owners matter: a Namespace, a `ReplicaSet`, a Job.
#[derive(Debug, Clone, Default)]
pub struct Plain {
    /// Its metadata.
    pub meta: Meta,
    /// Its controller.
    pub controller: Option<Owner>,
}

/// The objects of one cluster that discovery looks at. Each list ascends by namespace and name and has every identity once:
/// [`Snapshot::sort`] makes it so.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// Every Namespace.
    pub namespaces: Vec<Plain>,
    /// Every Node.
    pub nodes: Vec<Node>,
    /// Every Pod, real or standing for a workload's.
    pub pods: Vec<Pod>,
    /// Every Service.
    pub services: Vec<Service>,
    /// Every Endpoints.
    pub endpoints: Vec<Endpoints>,
    /// Every `EndpointSlice`.
    pub endpoint_slices: Vec<EndpointSlice>,
    /// Every Ingress.
    pub ingresses: Vec<Ingress>,
    /// Every `ReplicaSet`: what leads from a Pod to its Deployment.
    pub replica_sets: Vec<Plain>,
    /// Every Job: what leads from a Pod to its `CronJob`.
    pub jobs: Vec<Plain>,
}

/// What has an identity.
pub trait HasMeta {
    /// Its metadata.
    fn meta(&self) -> &Meta;
}

macro_rules! has_meta {
    ($($kind:ty),*) => {
        $(impl HasMeta for $kind {
            fn meta(&self) -> &Meta {
                &self.meta
            }
        })*
    };
}

has_meta!(Plain, Node, Pod, Service, Endpoints, EndpointSlice, Ingress);

impl Snapshot {
    /// Sorts every list. Of several objects with one identity the first stays.
    pub fn sort(&mut self) {
        fn sort<T: HasMeta>(list: &mut Vec<T>) {
            let key = |item: &T| (item.meta().namespace.clone(), item.meta().name.clone());
            list.sort_by(|a, b| a.meta().identity().cmp(&b.meta().identity()));
            list.dedup_by_key(|item| key(item));
        }
        sort(&mut self.namespaces);
        sort(&mut self.nodes);
        sort(&mut self.pods);
        sort(&mut self.services);
        sort(&mut self.endpoints);
        sort(&mut self.endpoint_slices);
        sort(&mut self.ingresses);
        sort(&mut self.replica_sets);
        sort(&mut self.jobs);
    }
}

/// The object with this identity in a sorted list; the namespace of what has none is empty.
pub fn find<'s, T: HasMeta>(list: &'s [T], namespace: &str, name: &str) -> Option<&'s T> {
    let at = list.binary_search_by(|item| item.meta().identity().cmp(&(namespace, name))).ok()?;
    Some(&list[at])
}

/// The objects of a namespace in a sorted list, all where none is given.
pub fn in_namespace<'s, T: HasMeta>(list: &'s [T], namespace: Option<&str>) -> &'s [T] {
    let Some(namespace) = namespace else { return list };
    let from = list.partition_point(|item| &*item.meta().namespace < namespace);
    let through = list.partition_point(|item| &*item.meta().namespace <= namespace);
    &list[from..through]
}
