//! Configurations that people write: a `prometheus.yml` of the input, or one inside a `ConfigMap`.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, TextFile};
use crate::engine::World;
use crate::model::kind::GroupKind;
use crate::source::{self, Document, Node};

/// A text that is a configuration.
pub(super) struct Written {
    /// What a person knows it by.
    pub(super) name: String,
    /// The namespace Prometheus is thought to run in.
    pub(super) namespace: String,
    pub(super) text: Arc<TextFile>,
}

/// The configurations of a world, in the order of the input; those of `ConfigMaps` after the others.
pub(super) fn find(world: &World) -> Vec<Written> {
    let documents = world.documents().filter(|document| is_configuration(document.root()));
    let mut found: Vec<Written> = documents
        .map(|document| Written {
            name: document.file().name().to_owned(),
            namespace: world.namespace().to_owned(),
            text: text_of(document),
        })
        .collect();
    for object in world.inventory().of_kind(GroupKind::CONFIG_MAP) {
        let entries = object.at(&["data"]).into_iter().flat_map(Node::entries);
        for entry in entries {
            let Some(text) = entry.value.as_str().filter(|text| text.contains("scrape_configs")) else {
                continue;
            };
            let name = format!("{}, {}", object.identity(), entry.key);
            let file = Arc::new(TextFile::new(name.clone(), text));
            // The text is read twice, so that what is declared secret of it is what its loader knows.
            let probe = Arc::new(TextFile::new(name.clone(), text));
            let is_one = source::read_unmerged(&probe)
                .is_ok_and(|document| document.is_some_and(|document| is_configuration(document.root())));
            if is_one {
                let namespace = object.namespace().unwrap_or_else(|| world.namespace()).to_owned();
                found.push(Written { name, namespace, text: file });
            }
        }
    }
    found
}

/// Whether a document is a configuration of Prometheus rather than an object of Kubernetes.
fn is_configuration(root: Node<'_>) -> bool {
    root.get("kind").is_none()
        && root.get("apiVersion").is_none()
        && root.get("scrape_configs").is_some_and(Node::is_sequence)
}

/// Whether a finding says no more than that a configuration is no object of Kubernetes.
pub(super) fn is_about(world: &World, finding: &Diagnostic) -> bool {
    let Some(at) = &finding.place else { return false };
    let place = &at.place;
    finding.code == crate::diagnostic::Code::NOT_AN_OBJECT
        && world.documents().any(|document| {
            Arc::ptr_eq(document.file(), &place.file)
                && document.span().start <= place.span.start
                && place.span.end <= document.span().end
                && is_configuration(document.root())
        })
}

/// The text of a document on its own. Where others stand before it they are blanks, so that places stay.
fn text_of(document: &Document) -> Arc<TextFile> {
    let file = document.file();
    let (text, span) = (file.text(), document.span());
    if span.start == 0 && span.end as usize == text.len() {
        return Arc::clone(file);
    }
    let before = text[..span.start as usize].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' });
    let mut own: String = before.collect();
    own.push_str(&text[span.range()]);
    Arc::new(TextFile::new(file.name(), own))
}
