//! Containers, which the pods of a workload share.

use std::sync::Arc;

use super::{Reader, items, number};
use crate::kubernetes::snapshot::{Container, ContainerPort};
use crate::source::Node;

impl Reader {
    /// The containers below this field of a pod's specification.
    pub(super) fn containers(&mut self, list: Option<Node<'_>>) -> Arc<[Container]> {
        let containers: Vec<Container> = items(list).map(|container| self.container(container)).collect();
        if let Some(known) = self.containers.get(containers.as_slice()) {
            return Arc::clone(known);
        }
        let containers: Arc<[Container]> = containers.into();
        self.containers.insert(Arc::clone(&containers));
        containers
    }

    fn container(&mut self, container: Node<'_>) -> Container {
        let ports = items(container.get("ports"))
            .map(|port| ContainerPort {
                name: self.text(port.get("name")),
                number: number(port.get("containerPort")),
                protocol: self.text_or(port.get("protocol"), "TCP"),
            })
            .collect();
        Container {
            name: self.text(container.get("name")),
            image: self.text(container.get("image")),
            ports,
            restarts: container.get("restartPolicy").and_then(Node::as_str) == Some("Always"),
        }
    }
}
