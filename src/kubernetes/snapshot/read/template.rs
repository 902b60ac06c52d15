//! Pods as the templates of workloads say.

use std::sync::Arc;

use super::Reader;
use crate::kubernetes::snapshot::{Container, Meta, Pod};
use crate::model::workload::PodTemplate;
use crate::source::Node;

/// Reads Pods from templates. One for many, as their Pods share what is the same.
#[derive(Default)]
pub struct Templates {
    reader: Reader,
}

impl Templates {
    /// What every Pod of a template has. Its name, its status and what it stands for are the caller's to say.
    pub fn pod(&mut self, template: PodTemplate<'_>, namespace: &str) -> Pod {
        let reader = &mut self.reader;
        let spec = |field| template.spec().and_then(|spec| spec.get(field));
        Pod {
            meta: Meta {
                labels: reader.pairs(template.label_node()),
                annotations: reader.pairs(template.annotation_node()),
                ..Meta::named(reader.pool.text(namespace), reader.pool.text(""))
            },
            node_name: reader.text(spec("nodeName")),
            hostname: reader.text(spec("hostname")),
            subdomain: reader.text(spec("subdomain")),
            host_network: spec("hostNetwork").and_then(Node::as_bool).unwrap_or_default(),
            containers: reader.containers(spec("containers")),
            init_containers: reader.containers(spec("initContainers")),
            ..Pod::default()
        }
    }

    /// The containers of a list, which may be absent.
    pub fn containers(&mut self, list: Option<Node<'_>>) -> Arc<[Container]> {
        self.reader.containers(list)
    }
}
