//! A job made ready: its rules compiled, its defaults as labels, and what it reads.

use rustc_hash::FxHashMap;

use super::check::complete;
use super::label::{Wanted, Writer};
use super::release::Release;
use super::target::TargetLabels;
use crate::kubernetes::snapshot::Text;
use crate::prom::config::ScrapeConfig;
use crate::prom::duration::canonical;
use crate::prom::relabel::{Compiler, Dialect, Labels, Name, RuleError, Rules, Scratch, Verdict};

/// Compiles the rules of many jobs; each regex once.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    compilers: FxHashMap<Dialect, Compiler>,
}

#[derive(Debug)]
pub(super) struct Job<'c> {
    pub(super) config: &'c ScrapeConfig,
    pub(super) rules: Rules,
    /// The labels it needs to make targets.
    pub(super) needed: Wanted,
    /// What labels are where nothing else has set them.
    defaults: Vec<(Name, Text)>,
}

/// What became of labels.
pub(super) enum Fate {
    Active(TargetLabels, String),
    Dropped(usize),
    Failed(String),
}

impl Jobs {
    /// # Errors
    /// The first rule that Prometheus refuses; a configuration that was loaded has none.
    pub(super) fn job<'c>(
        &mut self,
        config: &'c ScrapeConfig,
        release: &Release,
    ) -> Result<Job<'c>, RuleError> {
        let compiler = self.compilers.entry(config.dialect).or_insert_with(|| Compiler::new(config.dialect));
        let rules = compiler.compile(&config.relabel_configs)?;
        let defaults = defaults(config, release)
            .into_iter()
            .map(|(name, value)| (compiler.name(&name), Text::from(value)))
            .collect();
        let (reads, any) = rules.reads();
        let needed = if any { Wanted::All } else { Wanted::names(reads) };
        Ok(Job { config, rules, needed, defaults })
    }
}

fn defaults(config: &ScrapeConfig, release: &Release) -> Vec<(String, String)> {
    let mut defaults = vec![
        ("job", config.job_name.clone()),
        ("__scrape_interval__", canonical(config.scrape_interval)),
        ("__scrape_timeout__", canonical(config.scrape_timeout)),
        ("__metrics_path__", config.metrics_path.clone()),
        ("__scheme__", config.scheme.clone()),
    ];
    if release.histogram_labels {
        let text = |value: bool| value.to_string();
        defaults.extend([
            ("__convert_classic_histograms_to_nhcb__", text(config.convert_classic_histograms_to_nhcb)),
            ("__always_scrape_classic_histograms__", text(config.always_scrape_classic_histograms)),
            ("__scrape_native_histograms__", text(config.scrape_native_histograms)),
        ]);
    }
    let mut defaults: Vec<(String, String)> =
        defaults.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    for (name, values) in &config.params {
        if let Some(first) = values.first() {
            defaults.push((format!("__param_{name}"), first.clone()));
        }
    }
    defaults
}

impl Job<'_> {
    /// Sets what is not set yet.
    pub(super) fn complete_discovered(&self, release: &Release, labels: &mut Labels) {
        for (name, value) in &self.defaults {
            let overrides = !release.three && name.as_str().starts_with("__param_");
            if overrides || labels.value(name).is_none() {
                labels.set_value(name, value.clone());
            }
        }
    }

    /// Makes a target of the labels the writer holds.
    pub(super) fn judge(&self, release: &Release, writer: &mut Writer<'_>, scratch: &mut Scratch) -> Fate {
        let labels = &mut writer.labels;
        self.complete_discovered(release, labels);
        match self.rules.apply(labels, scratch) {
            Verdict::Dropped { rule } => Fate::Dropped(rule),
            Verdict::Kept => match complete(self.config, release, labels) {
                Ok(url) => Fate::Active(TargetLabels::new(labels), url),
                Err(message) => Fate::Failed(message),
            },
        }
    }
}
