//! The namespace label a Prometheus enforces on everything its monitors bring (`pkg/namespacelabeler`).

use super::{Generator, relabel};
use crate::operator::monitor::Monitor;
use crate::source::Ordered;

impl Generator<'_> {
    /// The rule that sets the enforced label, unless there is none or the monitor is excluded from it.
    pub(super) fn enforced_label(&self, monitor: &Monitor) -> Option<Ordered> {
        let label = self.prometheus.str("enforcedNamespaceLabel");
        if label.is_empty() || self.is_excluded(monitor) {
            return None;
        }
        Some(relabel::set(label, monitor.namespace.clone()))
    }

    fn is_excluded(&self, monitor: &Monitor) -> bool {
        let kind = monitor.kind.group_kind();
        self.prometheus.items("excludedFromEnforcement").any(|entry| {
            let group = match entry.str("group") {
                "" => kind.group,
                group => group,
            };
            let resource = match entry.str("resource") {
                "servicemonitors" => "ServiceMonitor",
                "podmonitors" => "PodMonitor",
                "probes" => "Probe",
                "scrapeconfigs" => "ScrapeConfig",
                _ => return false,
            };
            let name = entry.str("name");
            // An entry without a namespace excludes nothing.
            entry.str("namespace") == monitor.namespace
                && !monitor.namespace.is_empty()
                && (group, resource) == (kind.group, kind.kind)
                && (name.is_empty() || name == monitor.name)
        })
    }

    /// The rules for metrics: those of the class, the monitor's own, the enforced label. None for none.
    pub(super) fn metric_relabelings(
        &self,
        monitor: &Monitor,
        owner: crate::operator::fields::Fields<'_>,
        class: crate::operator::fields::Fields<'_>,
    ) -> Option<Vec<Ordered>> {
        let rules: Vec<Ordered> = relabel::of_resource(class, "metricRelabelings")
            .chain(relabel::of_resource(owner, "metricRelabelings"))
            .chain(self.enforced_label(monitor))
            .collect();
        (!rules.is_empty()).then_some(rules)
    }
}
