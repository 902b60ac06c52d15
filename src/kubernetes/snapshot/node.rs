//! Nodes.

use super::meta::{Meta, empty};
use super::text::Text;

/// A Node.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its metadata.
    pub meta: Meta,
    /// `spec.providerID`, empty where there is none.
    pub provider_id: Text,
    /// Its addresses, in their order.
    pub addresses: Box<[NodeAddress]>,
    /// Its conditions, in their order.
    pub conditions: Box<[Condition]>,
    /// The port of its kubelet, 0 where it is not known.
    pub kubelet_port: u16,
}

impl Default for Node {
    fn default() -> Self {
        Self {
            meta: Meta::default(),
            provider_id: empty(),
            addresses: Box::default(),
            conditions: Box::default(),
            kubelet_port: 0,
        }
    }
}

/// An address of a Node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeAddress {
    /// What it is: `InternalIP`.
    pub kind: Text,
    /// The address.
    pub address: Text,
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What it is about: `Ready`.
    pub kind: Text,
    /// `True`, `False` or `Unknown`.
    pub status: Text,
}
