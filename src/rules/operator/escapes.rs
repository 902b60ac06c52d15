use crate::chain::Chain;
use crate::chain::selection::PROMETHEUS_KINDS;
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::MonitorKind;
use crate::rules::parts::{filled, parts};
use crate::rules::rule;

rule! {
    /// A Prometheus has an `enforcedNamespaceLabel`, and selects a ScrapeConfig without `relabelings`, or has
    /// `additionalScrapeConfigs`.
    ///
    /// ## Why it matters
    ///
    /// The operator (0.93) adds the rule for targets only where a ScrapeConfig has rules of its own, and never to jobs from a
    /// Secret. Their targets may have any namespace, which the setting is there to prevent.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   scrapeConfigSelector: {}
    ///   enforcedNamespaceLabel: namespace
    /// ---
    /// apiVersion: monitoring.coreos.com/v1alpha1
    /// kind: ScrapeConfig
    /// metadata: {name: db, namespace: shop}
    /// spec:
    ///   staticConfigs: [{targets: ["db.example.com:9187"]}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   scrapeConfigSelector: {}
    ///   enforcedNamespaceLabel: namespace
    /// ---
    /// apiVersion: monitoring.coreos.com/v1alpha1
    /// kind: ScrapeConfig
    /// metadata: {name: db, namespace: shop}
    /// spec:
    ///   staticConfigs: [{targets: ["db.example.com:9187"]}]
    ///   relabelings:
    ///   - {targetLabel: team, replacement: shop}
    /// ```
    ESCAPES_ENFORCEMENT, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for part in parts(chain).filter(|part| part.selected.kind == MonitorKind::ScrapeConfig) {
        let monitor = part.monitor();
        let enforcing = part.selected.by.iter().find_map(|prometheus| {
            Some((prometheus, filled(prometheus.at(&["spec"])?, "enforcedNamespaceLabel")?))
        });
        let Some((prometheus, label)) = enforcing else { continue };
        if part.relabelings().any(|rule| !rule.of_samples) {
            continue;
        }
        let message = format!(
            "the enforced label of `{}` does not reach `{}`",
            prometheus.identity(),
            monitor.identity()
        );
        found.push(
            Diagnostic::new(Code::ESCAPES_ENFORCEMENT, message)
                .about(monitor.subject())
                .at(monitor.place(), "a ScrapeConfig without `relabelings` is left as it is")
                .with(label.place(), "this label is to be enforced")
                .help("add a relabel rule to it, whatever it does"),
        );
    }
    for prometheus in PROMETHEUS_KINDS.into_iter().flat_map(|kind| chain.setting.inventory.of_kind(kind)) {
        let Some(spec) = prometheus.at(&["spec"]) else { continue };
        let (Some(label), Some(_)) =
            (filled(spec, "enforcedNamespaceLabel"), filled(spec, "additionalScrapeConfigs"))
        else {
            continue;
        };
        let Some(place) = spec.key_place("additionalScrapeConfigs") else { continue };
        let message =
            format!("the enforced label of `{}` does not reach its additional jobs", prometheus.identity());
        found.push(
            Diagnostic::new(Code::ESCAPES_ENFORCEMENT, message)
                .about(prometheus.subject())
                .at(place, "these jobs are taken as they are")
                .with(label.place(), "this label is to be enforced")
                .help("make ScrapeConfigs of them"),
        );
    }
    found
}
