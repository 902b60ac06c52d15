//! Pods.

use std::fmt;
use std::sync::Arc;

use super::meta::{Meta, Owner, empty};
use super::text::Text;
use crate::model::object::ObjectId;

/// A Pod.
#[derive(Debug, Clone)]
pub struct Pod {
    /// Its metadata.
    pub meta: Meta,
    /// Whether it is one of a cluster, or stands for those a workload will have.
    pub standing: Standing,
    /// Its controller: the first owner that says so.
    pub controller: Option<Arc<Owner>>,
    /// `status.podIP`, empty where it has none yet. Of a symbolic Pod it is [`Workload::address`].
    pub ip: Text,
    /// `status.podIPs`, of which the first is [`ip`](Self::ip); empty where there is one address at most.
    pub ips: Box<[Text]>,
    /// `status.hostIP`, empty where it has none yet.
    pub host_ip: Text,
    /// `spec.nodeName`, empty where it is not scheduled yet.
    pub node_name: Text,
    /// `spec.hostname`, empty where there is none.
    pub hostname: Text,
    /// `spec.subdomain`, empty where there is none.
    pub subdomain: Text,
    /// `status.phase`, empty where there is none.
    pub phase: Text,
    /// The status of its condition `Ready`, as it is written.
    pub ready: Option<Text>,
    /// Whether it is being deleted (`metadata.deletionTimestamp`).
    pub deleting: bool,
    /// Whether it uses the network of its node.
    pub host_network: bool,
    /// Its containers.
    pub containers: Arc<[Container]>,
    /// Its init containers.
    pub init_containers: Arc<[Container]>,
    /// The IDs of its containers, then of its init containers, in their order; fewer or none where they did not start.
    pub container_ids: Box<[Text]>,
}

impl Default for Pod {
    fn default() -> Self {
        Self {
            meta: Meta::default(),
            standing: Standing::Real,
            controller: None,
            ip: empty(),
            ips: Box::default(),
            host_ip: empty(),
            node_name: empty(),
            hostname: empty(),
            subdomain: empty(),
            phase: empty(),
            ready: None,
            deleting: false,
            host_network: false,
            containers: Arc::new([]),
            init_containers: Arc::new([]),
            container_ids: Box::default(),
        }
    }
}

impl Pod {
    /// Whether its condition `Ready` is true.
    pub fn is_ready(&self) -> bool {
        self.ready.as_deref() == Some("True")
    }

    /// Every container, then every init container; and whether it is one of those.
    pub fn all_containers(&self) -> impl Iterator<Item = (&Container, bool)> {
        let containers = self.containers.iter().map(|container| (container, false));
        containers.chain(self.init_containers.iter().map(|container| (container, true)))
    }
}

/// Whether a Pod is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is one of the input.
    Real,
    /// It stands for one that a workload will have; what only a cluster decides about it is not known.
    Of(Arc<Workload>),
}

/// What makes Pods from a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// Its kind: `Deployment`.
    pub kind: Text,
    /// Its namespace.
    pub namespace: Text,
    /// Its name.
    pub name: Text,
    /// The object.
    pub origin: Option<ObjectId>,
}

/// `deployment/api`
impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.to_lowercase(), self.name)
    }
}

/// What the address of a Pod that is not there begins with. No host has this name.
const UNKNOWN: &str = "pod-of~";

impl Workload {
    /// What stands for the address of one of its Pods, by number. It is no address, and has no `:` or `/`, so that it passes where
    /// an address does: `pod-of~deployment~api~0`.
    pub fn address(&self, number: usize) -> Text {
        format!("{UNKNOWN}{}~{}~{number}", self.kind.to_lowercase(), self.name).into()
    }
}

/// Whether a text holds what stands for an address that is not known.
pub fn has_unknown_address(text: &str) -> bool {
    text.contains(UNKNOWN)
}

/// A container of a Pod.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Container {
    /// Its name.
    pub name: Text,
    /// Its image.
    pub image: Text,
    /// The ports it declares.
    pub ports: Box<[ContainerPort]>,
    /// Whether it is an init container that keeps running (`restartPolicy: Always`).
    pub restarts: bool,
}

/// A port a container declares.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContainerPort {
    /// Its name, empty where it has none.
    pub name: Text,
    /// Its number.
    pub number: u16,
    /// `TCP` where nothing else is said.
    pub protocol: Text,
}
