//! What must hold for every input: called by the fuzz target `rights` in `fuzz/` and by `tests/fuzz_replay.rs`.

use std::sync::Arc;

use super::{Account, Answer, Request, Rights, Scope};
use crate::diagnostic::TextFile;
use crate::model::inventory::Inventory;

/// Takes the bytes for manifests, and panics where a promise of this module is broken.
pub fn rights(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let reading = crate::source::read(Arc::new(TextFile::new("rbac.yaml", text)));
    let (inventory, _) = Inventory::builder().documents(reading.documents).build();
    for namespace in [None, Some("a"), Some("b")] {
        let rights = Rights::of(&inventory, Account { namespace, name: "x" });
        for scope in [Scope::Cluster, Scope::Namespace(None), Scope::Namespace(Some("a"))] {
            for request in [
                Request::objects("list", "", "pods", scope),
                Request::objects("watch", "discovery.k8s.io", "endpointslices", scope),
                Request::Resource { verb: "get", group: "", resource: "nodes/metrics", name: "n", scope },
                Request::Url { verb: "get", path: "/metrics" },
            ] {
                match rights.may(&request) {
                    Answer::Allowed(grant) => {
                        assert!(grant.rule.allows(&request), "{grant} allows {request}");
                        continue;
                    }
                    Answer::Denied => {
                        assert!(rights.are_stated(), "nothing is denied where nothing is stated");
                    }
                    Answer::Unknown(open) => assert!(!open.to_string().is_empty()),
                }
                for miss in rights.near_misses(&request) {
                    assert!(!miss.to_string().is_empty());
                }
            }
        }
    }
}
