//! Pods as they stand in an input.

use super::{Reader, items};
use crate::kubernetes::snapshot::{Container, Pod, Standing, Text};
use crate::model::object::Object;
use crate::source::Node;

impl Reader {
    pub(super) fn pod(&mut self, object: Object<'_>) -> Pod {
        let spec = |field| object.at(&["spec", field]);
        let status = |field| object.at(&["status", field]);
        let ready = items(status("conditions"))
            .find(|condition| condition.get("type").and_then(Node::as_str) == Some("Ready"))
            .map(|condition| self.text(condition.get("status")));
        let containers = self.containers(spec("containers"));
        let init_containers = self.containers(spec("initContainers"));
        let mut ids = self.container_ids(&containers, status("containerStatuses"));
        if !init_containers.is_empty() {
            ids.extend(self.container_ids(&init_containers, status("initContainerStatuses")));
        }
        if ids.iter().all(|id| id.is_empty()) {
            ids.clear();
        }
        let ip = self.unique(status("podIP"));
        let ips: Box<[Text]> = items(status("podIPs"))
            .filter_map(|entry| entry.get("ip")?.as_str())
            .map(|text| if *text == *ip { ip.clone() } else { text.into() })
            .collect();
        Pod {
            controller: self.controller(object),
            meta: self.meta(object),
            standing: Standing::Real,
            ip,
            ips: if ips.len() > 1 { ips } else { Box::default() },
            host_ip: self.text(status("hostIP")),
            node_name: self.text(spec("nodeName")),
            hostname: self.unique(spec("hostname")),
            subdomain: self.text(spec("subdomain")),
            // A Pod that is created is pending.
            phase: self.text_or(status("phase"), "Pending"),
            ready,
            deleting: object.at(&["metadata", "deletionTimestamp"]).is_some_and(|node| !node.is_null()),
            host_network: spec("hostNetwork").and_then(Node::as_bool).unwrap_or_default(),
            containers,
            init_containers,
            container_ids: ids.into(),
        }
    }

    /// The ID of each container by its status; empty where it has none.
    fn container_ids(&mut self, containers: &[Container], statuses: Option<Node<'_>>) -> Vec<Text> {
        containers
            .iter()
            .map(|container| {
                let status = items(statuses)
                    .find(|status| status.get("name").and_then(Node::as_str) == Some(&*container.name));
                self.unique(status.and_then(|status| status.get("containerID")))
            })
            .collect()
    }
}
