//! What must hold for every input: called by the fuzz target in `fuzz/` and by `tests/fuzz_replay.rs`.

use super::{Reality, Verdict, reconcile};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::schema::SchemaSet;
use crate::source::{read, read_bytes};

/// Does what the operator does for every Prometheus and agent of the bytes, on two Kubernetes versions. What is written
/// reads back, and nothing panics.
pub fn configurations(bytes: &[u8]) {
    let documents = read_bytes("fuzz", bytes.to_vec()).documents;
    let (inventory, _) = Inventory::builder().default_namespace(Some("default")).documents(documents).build();
    let schemas = SchemaSet::default();
    let old = Reality { kubernetes: crate::prom::version::Version::new(1, 20, 0), ..Reality::default() };
    for reality in [Reality::default(), old] {
        for kind in [GroupKind::PROMETHEUS, GroupKind::PROMETHEUS_AGENT] {
            for object in inventory.of_kind(kind) {
                let outcome = reconcile(&inventory, &schemas, &reality, object);
                if let Verdict::Configuration(config) = outcome.verdict {
                    let text = config.revealed().to_yaml();
                    let reading =
                        read(std::sync::Arc::new(crate::diagnostic::TextFile::new("written", text)));
                    assert_eq!(reading.documents.len(), 1, "what is written is one document");
                }
            }
        }
    }
}
