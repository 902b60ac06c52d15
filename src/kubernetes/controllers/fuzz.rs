//! What must hold for every input: called by the fuzz target `controllers` in `fuzz/` and by `tests/fuzz_replay.rs`.

use std::sync::Arc;

use super::settle;
use crate::diagnostic::TextFile;
use crate::kubernetes::snapshot::{HasMeta, Snapshot, find};
use crate::model::inventory::Inventory;

/// Takes the bytes for manifests, and panics where a promise of this module is broken.
pub fn settled(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let reading = crate::source::read(Arc::new(TextFile::new("objects.yaml", text)));
    let (inventory, _) = Inventory::builder().documents(reading.documents).build();
    let snapshot = settle(&inventory, Snapshot::read(&inventory));
    ascends(&snapshot.pods);
    ascends(&snapshot.services);
    ascends(&snapshot.endpoints);
    ascends(&snapshot.endpoint_slices);
    let told = format!("{:?} {:?}", snapshot.endpoints, snapshot.endpoint_slices);
    for endpoints in snapshot.endpoints.iter().filter(|endpoints| endpoints.meta.origin.is_none()) {
        let (namespace, name) = endpoints.meta.identity();
        assert!(
            find(&snapshot.services, namespace, name).is_some(),
            "endpoints of no Service: {endpoints:?}"
        );
        for address in endpoints.subsets.iter().flat_map(|subset| &subset.addresses) {
            assert!(!address.ip.is_empty() && address.target.is_some(), "{endpoints:?}");
        }
    }
    for slice in snapshot.endpoint_slices.iter().filter(|slice| slice.meta.origin.is_none()) {
        assert!(slice.endpoints.len() <= super::MOST_MIRRORED, "{slice:?}");
    }
    // Once more, with nothing left to do.
    let again = settle(&inventory, snapshot);
    assert_eq!(told, format!("{:?} {:?}", again.endpoints, again.endpoint_slices));
}

fn ascends<T: HasMeta>(list: &[T]) {
    assert!(
        list.windows(2).all(|pair| pair[0].meta().identity() < pair[1].meta().identity()),
        "a list is sorted and has each object once"
    );
}
