use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::MonitorKind;
use crate::rules::parts::parts;
use crate::rules::rule;

rule! {
    /// The path of an endpoint has a `?`.
    ///
    /// ## Why it matters
    ///
    /// The path is escaped: `/metrics?format=prometheus` is asked for as `/metrics%3Fformat=prometheus`, which nothing serves.
    /// Parameters have a field of their own.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: metrics, path: "/metrics?format=prometheus"}]
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
    ///   endpoints: [{port: metrics, path: /metrics, params: {format: [prometheus]}}]
    /// ```
    QUERY_IN_PATH, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    parts(chain)
        .filter_map(|part| {
            let path: &[&str] = match part.selected.kind {
                MonitorKind::Service | MonitorKind::Pod => &["path"],
                MonitorKind::Probe => &["prober", "path"],
                MonitorKind::ScrapeConfig => &["metricsPath"],
            };
            let node =
                part.node.at(path).filter(|path| path.as_str().is_some_and(|path| path.contains('?')))?;
            let monitor = part.monitor();
            let message = format!("the path of `{}` has parameters, which are escaped", monitor.identity());
            Some(
                Diagnostic::new(Code::QUERY_IN_PATH, message)
                    .about(monitor.subject())
                    .at(node.place(), "")
                    .help("move them to `params`"),
            )
        })
        .collect()
}
