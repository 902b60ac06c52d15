use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::MonitorKind;
use crate::rules::rule;

rule! {
    /// A Probe has `prober.path: ""`.
    ///
    /// ## Why it matters
    ///
    /// The default is `/probe`; an empty text is no default. Prometheus asks for `http://HOST:PORT` without a path then, where a
    /// prober answers with a page for people.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Probe
    /// metadata: {name: site, namespace: shop}
    /// spec:
    ///   prober: {url: "blackbox.shop.svc:9115", path: ""}
    ///   targets: {staticConfig: {static: [example.com]}}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Probe
    /// metadata: {name: site, namespace: shop}
    /// spec:
    ///   prober: {url: "blackbox.shop.svc:9115", path: /probe}
    ///   targets: {staticConfig: {static: [example.com]}}
    /// ```
    EMPTY_PROBER_PATH, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let probes = chain.selections.iter().filter(|selected| selected.kind == MonitorKind::Probe);
    probes
        .filter_map(|selected| {
            let probe = selected.monitor;
            let path = probe.at(&["spec", "prober", "path"]).filter(|path| path.as_str() == Some(""))?;
            let message = format!("`{}` asks its prober without a path", probe.identity());
            Some(
                Diagnostic::new(Code::EMPTY_PROBER_PATH, message)
                    .about(probe.subject())
                    .at(path.place(), "")
                    .help("leave `path` out, so that it is `/probe`"),
            )
        })
        .collect()
}
