//! Services.

use super::meta::{Meta, empty};
use super::text::{Pairs, Text};

/// A Service.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its metadata.
    pub meta: Meta,
    /// `ClusterIP` where nothing else is said.
    pub kind: Text,
    /// `spec.clusterIP`: `None` of a headless one, empty where the API server has not given one yet.
    pub cluster_ip: Text,
    /// `spec.externalName`, empty where there is none.
    pub external_name: Text,
    /// `spec.loadBalancerIP`, empty where there is none.
    pub load_balancer_ip: Text,
    /// `spec.ipFamilyPolicy`, if it is known.
    pub ip_family_policy: Option<Text>,
    /// `spec.ipFamilies`, as far as they are known.
    pub ip_families: Box<[Text]>,
    /// Which pods it stands for; none where somebody else writes its endpoints.
    pub selector: Option<Pairs>,
    /// `spec.publishNotReadyAddresses`
    pub publish_not_ready_addresses: bool,
    /// Its ports.
    pub ports: Box<[ServicePort]>,
}

impl Service {
    /// Whether it has no address of its own.
    pub fn is_headless(&self) -> bool {
        &*self.cluster_ip == "None"
    }
}

impl Default for Service {
    fn default() -> Self {
        Self {
            meta: Meta::default(),
            kind: "ClusterIP".into(),
            cluster_ip: empty(),
            external_name: empty(),
            load_balancer_ip: empty(),
            ip_family_policy: None,
            ip_families: Box::default(),
            selector: None,
            publish_not_ready_addresses: false,
            ports: Box::default(),
        }
    }
}

/// A port of a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePort {
    /// Its name, empty where it has none.
    pub name: Text,
    /// Its number.
    pub number: u16,
    /// `TCP` where nothing else is said.
    pub protocol: Text,
    /// `appProtocol`
    pub app_protocol: Option<Text>,
    /// The port of the pods; the same number where nothing else is said.
    pub target: TargetPort,
}

/// A port of pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetPort {
    /// This number.
    Number(u16),
    /// The port of this name.
    Name(Text),
}
