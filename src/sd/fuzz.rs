//! What must hold for every input: called by the fuzz target `targets` in `fuzz/` and by `tests/fuzz_replay.rs`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Answers, Details, Pool, Release, World};
use crate::diagnostic::TextFile;
use crate::kubernetes::selector_text::{check_fields, check_labels};
use crate::kubernetes::snapshot::Snapshot;
use crate::model::inventory::Inventory;
use crate::prom::config::{Loader, ScrapeConfig, Selectors};
use crate::prom::relabel::Verdict;
use crate::prom::version::Version;

/// Takes the bytes for a configuration of Prometheus, a line of `---`, and manifests, and panics where a promise of this module is
/// broken.
pub fn targets(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (config, manifests) = text.split_once("\n---\n").unwrap_or((text, ""));
    let loader = Loader {
        version: Version::new(3, 13, 5),
        is_agent: false,
        selectors: Selectors { label: check_labels, field: check_fields },
    };
    let Ok(config) = loader.load(&Arc::new(TextFile::new("prometheus.yml", config))) else { return };
    let reading = crate::source::read(Arc::new(TextFile::new("objects.yaml", manifests)));
    let (inventory, _) = Inventory::builder().documents(reading.documents).build();
    let snapshot = Snapshot::read(&inventory);
    for version in [Version::new(2, 45, 0), Version::new(3, 0, 0), Version::new(3, 13, 5)] {
        judge(&snapshot, &config.scrape_configs, Release::of(&version));
    }
}

/// Goes both ways to the targets of jobs, and follows each target through its rules.
pub(super) fn judge(snapshot: &Snapshot, jobs: &[ScrapeConfig], release: Release) {
    let (answers, missing_files) = (Answers::default(), BTreeSet::new());
    let world =
        World { snapshot, answers: &answers, release, own_namespace: "a", missing_files: &missing_files };
    let plain = world.pools(jobs, Details { dropped: true });
    let short = world.pools(jobs, Details::default());
    for (plain, short) in plain.iter().zip(&short) {
        let rows = |pool: &Pool<'_>| -> Vec<_> {
            pool.active.iter().map(|target| (target.labels.clone(), target.url.clone())).collect()
        };
        assert_eq!(rows(plain), rows(short), "both ways lead to the same: {:?}", plain.config);
        assert_eq!(plain.dropped_count, short.dropped_count, "both ways count the same: {:?}", plain.config);
        assert_eq!(plain.dropped.len(), plain.dropped_count);
        assert_eq!(plain.failed.len(), short.failed.len());
        for target in &plain.active {
            // Only what rules read was written before; with all labels they come to the same.
            let steps = world.trace(plain, &target.origin);
            assert!(steps.iter().all(|step| step.kept), "an active target is kept: {steps:?}");
            let after = steps
                .last()
                .map_or_else(|| world.discovered(plain, &target.origin), |step| step.after.clone());
            for (name, value) in after.iter().filter(|(name, _)| !name.starts_with("__meta_")) {
                // Before Prometheus 3 an address may have been given a port since.
                let is_same = target.labels.get(name) == value;
                assert!(is_same || name == "__address__" && !release.three, "{name}: {target:?}");
            }
            assert!(target.labels.iter().all(|(name, _)| !name.starts_with("__meta_")), "{target:?}");
        }
        for dropped in &plain.dropped {
            let steps = world.trace(plain, &dropped.origin);
            let verdict = steps
                .iter()
                .find(|step| !step.kept)
                .map_or(Verdict::Kept, |step| Verdict::Dropped { rule: step.rule });
            assert_eq!(verdict, Verdict::Dropped { rule: dropped.rule });
        }
    }
}
