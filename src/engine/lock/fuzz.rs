//! What the fuzz target runs.

use std::sync::Arc;

use super::{of_reading, write};
use crate::diagnostic::TextFile;
use crate::engine::World;
use crate::source::{self, Reading};

/// Any bytes as a lock: it is read, or why not is told; what is read is written as a lock that is read as the same, and no
/// content of a Secret is in it.
pub fn lock(bytes: &[u8]) {
    let read = |text: &str| of_reading("lock", source::read(Arc::new(TextFile::new("lock", text))));
    let Ok(lock) = read(&String::from_utf8_lossy(bytes)) else { return };
    let world = World::of(Reading::default(), None).over(&lock.documents);
    let settings = || lock.settings.iter().map(|(option, value, _)| (option.as_str(), value.as_str()));
    let text = write(world.inventory(), &lock.listed, &lock.not_listed, settings());
    let again = read(&text).expect("what is written can be read");
    let world = World::of(Reading::default(), None).over(&again.documents);
    assert_eq!(write(world.inventory(), &again.listed, &again.not_listed, settings()), text);
    for secret in world.inventory().of_kind(crate::model::kind::GroupKind::SECRET) {
        let data = crate::kubernetes::data::of_secret(secret);
        assert!(data.values().all(|value| value == crate::kubernetes::data::WITHHELD.as_bytes()));
    }
}
