use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::MonitorKind;
use crate::prom::duration;
use crate::rules::parts::parts;
use crate::rules::rule;

rule! {
    /// `interval` or `scrapeTimeout` of a monitor is `0` or `0s`.
    ///
    /// ## Why it matters
    ///
    /// Prometheus takes that for "not set": the interval of the whole Prometheus is used, and the timeout that goes with it.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: metrics, interval: 0s}]
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
    ///   endpoints: [{port: metrics, interval: 30s}]
    /// ```
    ZERO_INTERVAL, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for part in parts(chain) {
        let interval =
            if part.selected.kind == MonitorKind::ScrapeConfig { "scrapeInterval" } else { "interval" };
        for field in [interval, "scrapeTimeout"] {
            let Some(node) = part.node.get(field) else { continue };
            if node.as_str().is_none_or(|text| duration::nanoseconds(text) != Ok(0)) {
                continue;
            }
            let monitor = part.monitor();
            let message = format!("`{field}` of `{}` has no effect", monitor.identity());
            found.push(
                Diagnostic::new(Code::ZERO_INTERVAL, message)
                    .about(monitor.subject())
                    .at(node.place(), "zero counts as not set")
                    .help("leave it out, or say how long"),
            );
        }
    }
    found
}
