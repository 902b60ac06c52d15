//! What must hold for every input: called by the fuzz target `prometheus_yml` in `fuzz/` and by `tests/fuzz_replay.rs`.

use std::sync::Arc;

use super::{Config, Loader, Selectors};
use crate::diagnostic::TextFile;
use crate::prom::relabel::Compiler;
use crate::prom::version::Version;

/// Takes the bytes for a configuration and panics where a promise of this module is broken.
pub fn load(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    // Their words are those of another room.
    let selectors = Selectors { label: |_| Ok(()), field: |_| Ok(()) };
    for version in
        [Version::new(2, 20, 0), Version::new(2, 55, 1), Version::new(3, 1, 0), Version::new(3, 13, 5)]
    {
        let loader = Loader { version, is_agent: false, selectors };
        let file = Arc::new(TextFile::new("prometheus.yml", text.as_ref()));
        match loader.load(&file) {
            Ok(config) => check(&config),
            Err(refused) => {
                assert!(!refused.message.is_empty());
                for place in &refused.places {
                    assert!(text.get(place.span.range()).is_some(), "{:?}", place.span);
                }
            }
        }
    }
}

fn check(config: &Config) {
    let mut names: Vec<&str> = config.scrape_configs.iter().map(|job| job.job_name.as_str()).collect();
    assert!(!names.contains(&""));
    assert_eq!(names.len(), config.spans.len());
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), config.scrape_configs.len(), "names are unique");
    for job in &config.scrape_configs {
        assert!(job.scrape_timeout <= job.scrape_interval);
        for rules in [&job.relabel_configs, &job.metric_relabel_configs] {
            if let Err(error) = Compiler::new(job.dialect).compile(rules) {
                // What Prometheus can run, and promwire cannot.
                assert!(
                    error.message.contains("automaton") || error.message.contains("too large"),
                    "{error:?}"
                );
            }
        }
    }
}
