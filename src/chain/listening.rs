//! Endpoint → number: the ports where the targets of `ServiceMonitors` listen, as far as the input tells.

use super::services::Backings;
use super::targets::Targets;
use super::workloads::Workloads;
use crate::model::object::Object;
use crate::operator::MonitorKind;
use crate::source::Node;

/// A port of a Service that a monitor names, by the number where its targets listen.
#[derive(Debug)]
pub struct Listening<'w> {
    /// The monitor.
    pub monitor: Object<'w>,
    /// The endpoint of it.
    pub endpoint: Node<'w>,
    /// The Service.
    pub service: Object<'w>,
    /// The number.
    pub number: i64,
}

/// The ports whose numbers are known, in the order of the targets.
pub fn trace<'w>(
    targets: &[Targets<'w>],
    backings: &Backings<'w>,
    workloads: &Workloads<'w>,
) -> Vec<Listening<'w>> {
    let mut found = Vec::new();
    for targets in targets.iter().filter(|targets| targets.kind == MonitorKind::Service) {
        let endpoints = targets.monitor.at(&["spec", "endpoints"]).into_iter().flat_map(Node::items);
        for endpoint in endpoints {
            let Some(name) = endpoint.get("port").and_then(Node::as_str) else { continue };
            for service in &targets.found {
                let Some(backing) = backings.get(*service) else { continue };
                let port = backing.ports.iter().find(|port| port.name == name);
                let number = port.and_then(|port| {
                    port.target_number.or_else(|| {
                        let mut templates =
                            backing.workloads.iter().map(|item| workloads.get(*item).template);
                        templates.find_map(|template| {
                            let ports = template.ports();
                            let named = ports.iter().find(|declared| declared.name == port.target_name);
                            named.map(|declared| i64::from(declared.number))
                        })
                    })
                });
                if let Some(number) = number {
                    found.push(Listening { monitor: targets.monitor, endpoint, service: *service, number });
                }
            }
        }
    }
    found
}
