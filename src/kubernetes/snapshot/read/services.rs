//! Services as they stand in an input.

use super::{Reader, items, number};
use crate::kubernetes::snapshot::{Service, ServicePort, TargetPort};
use crate::model::object::Object;
use crate::source::{Node, Value};

impl Reader {
    pub(super) fn service(&mut self, object: Object<'_>) -> Service {
        let spec = |field| object.at(&["spec", field]);
        let kind = self.text_or(spec("type"), "ClusterIP");
        // The API server writes `None` for a headless Service with a selector or without one; without a word it gives an address.
        let ports = items(spec("ports")).map(|port| self.service_port(port)).collect();
        let selector = self.pairs(spec("selector"));
        Service {
            meta: self.meta(object),
            kind,
            cluster_ip: self.unique(spec("clusterIP")),
            external_name: self.unique(spec("externalName")),
            load_balancer_ip: self.unique(spec("loadBalancerIP")),
            ip_family_policy: self.optional(spec("ipFamilyPolicy")),
            ip_families: self.texts(spec("ipFamilies")),
            selector: (!selector.is_empty()).then_some(selector),
            publish_not_ready_addresses: spec("publishNotReadyAddresses")
                .and_then(Node::as_bool)
                .unwrap_or_default(),
            ports,
        }
    }

    fn service_port(&mut self, port: Node<'_>) -> ServicePort {
        let own = number(port.get("port"));
        let target = port.get("targetPort");
        let target = match target.map(Node::value) {
            Some(Value::String(name)) if !name.is_empty() => TargetPort::Name(self.pool.text(name)),
            Some(Value::Int(_)) if number(target) != 0 => TargetPort::Number(number(target)),
            _ => TargetPort::Number(own),
        };
        ServicePort {
            name: self.text(port.get("name")),
            number: own,
            protocol: self.text_or(port.get("protocol"), "TCP"),
            app_protocol: self.optional(port.get("appProtocol")),
            target,
        }
    }
}
