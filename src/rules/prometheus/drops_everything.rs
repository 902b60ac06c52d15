use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::chain::wording;
use crate::rules::parts::{relabelings, text};
use crate::rules::rule;

rule! {
    /// A rule drops whatever it sees: `drop` with a regex that matches everything, or `keep` without `sourceLabels`.
    ///
    /// ## Why it matters
    ///
    /// A rule without `sourceLabels` sees an empty text, and one without `regex` matches everything.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     relabelings:
    ///     - {action: drop, sourceLabels: [__meta_kubernetes_pod_phase]}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     relabelings:
    ///     - {action: drop, sourceLabels: [__meta_kubernetes_pod_phase], regex: Pending}
    /// ```
    DROPS_EVERYTHING, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    relabelings(chain)
        .filter_map(|rule| {
            let reads = rule.sources().count() > 0;
            let is_any = matches!(text(rule.node, "regex"), "" | "(.*)" | ".*" | "^.*$");
            let why = match (rule.action().as_str(), reads) {
                ("drop", _) if is_any => "its regex matches everything",
                ("drop", false) if rule.matches("") == Some(true) => {
                    "without `sourceLabels` it sees an empty text"
                }
                ("keep", false) if rule.matches("") == Some(false) => {
                    "without `sourceLabels` it sees an empty text"
                }
                _ => return None,
            };
            let monitor = rule.part.monitor();
            let what = if rule.of_samples { "sample" } else { "target" };
            let message = format!("a rule of `{}` drops every {what}", monitor.identity());
            Some(
                Diagnostic::new(Code::DROPS_EVERYTHING, message)
                    .about(monitor.subject())
                    .at(wording::first_line(rule.node.place()), why),
            )
        })
        .collect()
}
