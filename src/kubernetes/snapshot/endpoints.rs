//! Endpoints and `EndpointSlices`.

use super::meta::{Meta, empty};
use super::text::{Pairs, Text};

/// An Endpoints object.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    /// Its metadata.
    pub meta: Meta,
    /// Its subsets.
    pub subsets: Box<[Subset]>,
}

/// Addresses with the ports all of them have.
#[derive(Debug, Clone, Default)]
pub struct Subset {
    /// Those that are ready.
    pub addresses: Box<[Address]>,
    /// Those that are not.
    pub not_ready_addresses: Box<[Address]>,
    /// The ports.
    pub ports: Box<[EndpointPort]>,
}

/// An address of an Endpoints object.
#[derive(Debug, Clone)]
pub struct Address {
    /// The IP.
    pub ip: Text,
    /// The host name, empty where there is none.
    pub hostname: Text,
    /// The node, if it is named.
    pub node_name: Option<Text>,
    /// What it is the address of.
    pub target: Option<Box<Reference>>,
}

impl Default for Address {
    fn default() -> Self {
        Self { ip: empty(), hostname: empty(), node_name: None, target: None }
    }
}

/// A port of an Endpoints object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EndpointPort {
    /// Its name, empty where it has none.
    pub name: Text,
    /// Its number.
    pub number: u16,
    /// `TCP` where nothing else is said.
    pub protocol: Text,
    /// `appProtocol`
    pub app_protocol: Option<Text>,
}

/// A reference to an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its kind.
    pub kind: Text,
    /// Its namespace, empty where none is named.
    pub namespace: Text,
    /// Its name.
    pub name: Text,
}

/// An `EndpointSlice`.
#[derive(Debug, Clone, Default)]
pub struct EndpointSlice {
    /// Its metadata. The label `kubernetes.io/service-name` names its Service.
    pub meta: Meta,
    /// What its addresses are.
    pub address_type: AddressType,
    /// Its endpoints.
    pub endpoints: Box<[SliceEndpoint]>,
    /// The ports all of them have.
    pub ports: Box<[SlicePort]>,
}

/// What the addresses of an `EndpointSlice` are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum AddressType {
    /// `IPv4`
    #[default]
    IPv4,
    /// `IPv6`
    IPv6,
    /// `FQDN`
    Fqdn,
}

impl AddressType {
    /// Every type with its name.
    pub const SPELLINGS: [(&'static str, Self); 3] =
        [("IPv4", Self::IPv4), ("IPv6", Self::IPv6), ("FQDN", Self::Fqdn)];

    /// The name of the type.
    pub const fn spelling(self) -> &'static str {
        match self {
            Self::IPv4 => "IPv4",
            Self::IPv6 => "IPv6",
            Self::Fqdn => "FQDN",
        }
    }
}

/// An endpoint of an `EndpointSlice`.
#[derive(Debug, Clone, Default)]
pub struct SliceEndpoint {
    /// Its addresses; Kubernetes 1.36 writes one.
    pub addresses: Box<[Text]>,
    /// Its conditions.
    pub conditions: Conditions,
    /// Its host name.
    pub hostname: Option<Text>,
    /// Its node.
    pub node_name: Option<Text>,
    /// Its zone.
    pub zone: Option<Text>,
    /// What it is an endpoint of.
    pub target: Option<Box<Reference>>,
    /// `deprecatedTopology`
    pub topology: Pairs,
}

/// The conditions of an endpoint; none is not the same as false.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Conditions {
    /// Ready to be used, and not being deleted.
    pub ready: Option<bool>,
    /// Ready to be used.
    pub serving: Option<bool>,
    /// Being deleted.
    pub terminating: Option<bool>,
}

/// A port of an `EndpointSlice`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlicePort {
    /// Its name, which may be empty; the API server always gives it one.
    pub name: Option<Text>,
    /// Its number; none means every port.
    pub number: Option<u16>,
    /// The API server fills in `TCP`.
    pub protocol: Option<Text>,
    /// `appProtocol`
    pub app_protocol: Option<Text>,
}
