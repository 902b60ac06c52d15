use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::MonitorKind;
use crate::rules::parts::parts;
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A target in `staticConfigs` of a ScrapeConfig has a slash.
    ///
    /// ## Why it matters
    ///
    /// A target is `HOST:PORT`. Prometheus refuses an address with a slash: the target is in no list, and only a counter of failed
    /// targets tells.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1alpha1
    /// kind: ScrapeConfig
    /// metadata: {name: db, namespace: shop}
    /// spec:
    ///   staticConfigs: [{targets: ["http://db.example.com:9187/metrics"]}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1alpha1
    /// kind: ScrapeConfig
    /// metadata: {name: db, namespace: shop}
    /// spec:
    ///   metricsPath: /metrics
    ///   staticConfigs: [{targets: ["db.example.com:9187"]}]
    /// ```
    STATIC_TARGET_IS_URL, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for part in parts(chain).filter(|part| part.selected.kind == MonitorKind::ScrapeConfig) {
        if part.sets(&["__address__"]) {
            continue;
        }
        let monitor = part.monitor();
        let groups = part.node.get("staticConfigs").into_iter().flat_map(Node::items);
        for target in groups.filter_map(|group| group.get("targets")).flat_map(Node::items) {
            let Some(text) = target.as_str().filter(|text| text.contains('/')) else { continue };
            let message = format!("`{}` has a target that is no address: `{text}`", monitor.identity());
            found.push(
                Diagnostic::new(Code::STATIC_TARGET_IS_URL, message)
                    .about(monitor.subject())
                    .at(target.place(), "")
                    .help("write `HOST:PORT`; scheme and path go to `scheme` and `metricsPath`"),
            );
        }
    }
    found
}
