//! Endpoints and `EndpointSlices` as they stand in an input.

use super::{Reader, items, number};
use crate::kubernetes::snapshot::{
    Address, AddressType, Conditions, EndpointPort, EndpointSlice, Endpoints, Reference, SliceEndpoint,
    SlicePort, Subset,
};
use crate::model::object::Object;
use crate::source::Node;

impl Reader {
    pub(super) fn endpoints(&mut self, object: Object<'_>) -> Endpoints {
        let subsets = items(object.at(&["subsets"])).map(|subset| self.subset(subset)).collect();
        Endpoints { meta: self.meta(object), subsets }
    }

    fn subset(&mut self, subset: Node<'_>) -> Subset {
        let ports = items(subset.get("ports"))
            .map(|port| EndpointPort {
                name: self.text(port.get("name")),
                number: number(port.get("port")),
                protocol: self.text_or(port.get("protocol"), "TCP"),
                app_protocol: self.optional(port.get("appProtocol")),
            })
            .collect();
        let mut addresses = |field| items(subset.get(field)).map(|address| self.address(address)).collect();
        Subset {
            addresses: addresses("addresses"),
            not_ready_addresses: addresses("notReadyAddresses"),
            ports,
        }
    }

    fn address(&mut self, address: Node<'_>) -> Address {
        Address {
            ip: self.unique(address.get("ip")),
            hostname: self.unique(address.get("hostname")),
            node_name: self.optional(address.get("nodeName")),
            target: self.reference(address.get("targetRef")),
        }
    }

    fn reference(&mut self, node: Option<Node<'_>>) -> Option<Box<Reference>> {
        let node = node.filter(|node| node.is_mapping())?;
        Some(Box::new(Reference {
            kind: self.text(node.get("kind")),
            namespace: self.text(node.get("namespace")),
            name: self.unique(node.get("name")),
        }))
    }

    /// None where the type of the addresses is missing or unknown: the API server refuses such an object.
    pub(super) fn slice(&mut self, object: Object<'_>) -> Option<EndpointSlice> {
        let spelled = object.at(&["addressType"])?.as_str()?;
        let (_, address_type) = *AddressType::SPELLINGS.iter().find(|(spelling, _)| *spelling == spelled)?;
        let ports = items(object.at(&["ports"])).map(|port| self.slice_port(port)).collect();
        let endpoints = items(object.at(&["endpoints"])).map(|endpoint| self.slice_endpoint(endpoint));
        Some(EndpointSlice { endpoints: endpoints.collect(), meta: self.meta(object), address_type, ports })
    }

    fn slice_port(&mut self, port: Node<'_>) -> SlicePort {
        SlicePort {
            name: Some(self.text(port.get("name"))),
            number: port.get("port").and_then(Node::as_i64).and_then(|number| u16::try_from(number).ok()),
            protocol: Some(self.text_or(port.get("protocol"), "TCP")),
            app_protocol: self.optional(port.get("appProtocol")),
        }
    }

    fn slice_endpoint(&mut self, endpoint: Node<'_>) -> SliceEndpoint {
        let condition = |name| endpoint.at(&["conditions", name]).and_then(Node::as_bool);
        SliceEndpoint {
            addresses: items(endpoint.get("addresses")).filter_map(Node::as_str).map(Into::into).collect(),
            conditions: Conditions {
                ready: condition("ready"),
                serving: condition("serving"),
                terminating: condition("terminating"),
            },
            hostname: self.optional(endpoint.get("hostname")),
            node_name: self.optional(endpoint.get("nodeName")),
            zone: self.optional(endpoint.get("zone")),
            target: self.reference(endpoint.get("targetRef")),
            topology: self.pairs(endpoint.get("deprecatedTopology")),
        }
    }
}
