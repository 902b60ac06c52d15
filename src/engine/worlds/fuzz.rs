//! What the fuzz targets run.

use super::{NamedWorld, Worlds};
use crate::source::{self, LoadOptions, Reading};

/// Takes the bytes for files, each a line with its name and its text, with a zero byte between them, and makes worlds of them.
pub fn worlds(bytes: &[u8]) {
    let mut reading = Reading::default();
    let mut names = std::collections::BTreeSet::new();
    for file in bytes.split(|byte| *byte == 0).take(20) {
        let (name, text) = file
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or((file, &[][..]), |at| (&file[..at], &file[at + 1..]));
        // Nothing of this name is on any disk.
        let name = format!("no-such-folder/{}", String::from_utf8_lossy(name).trim());
        if names.insert(name.clone()) {
            reading.append(source::read_bytes(&name, text.to_vec()));
        }
    }
    let worlds = Worlds::of(reading, &LoadOptions::default(), Some("default"), &[]);
    assert!(worlds.iter().len() > 0, "there is a world");
    for NamedWorld { world, .. } in worlds.iter() {
        for object in world.inventory().objects() {
            let place = object.place();
            assert!(place.file.text().get(place.span.range()).is_some(), "{place} is in its text");
        }
    }
    for finding in worlds.judge(|world| world.findings().to_vec()) {
        for annotation in finding.place.iter().chain(&finding.related) {
            assert!(annotation.place.file.text().get(annotation.place.span.range()).is_some(), "{finding:?}");
        }
    }
}
