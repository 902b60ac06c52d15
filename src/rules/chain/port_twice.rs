use super::wording;
use crate::chain::Chain;
use crate::chain::ports::endpoints;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// An endpoint has both `port` and `targetPort` (or `portNumber`).
    ///
    /// ## Why it matters
    ///
    /// The operator takes `port` and ignores the other one without a word, so that it says what is not so.
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
    ///     targetPort: 8080
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
    /// ```
    PORT_TWICE, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for targets in &chain.targets {
        for endpoint in endpoints(targets.monitor, targets.kind) {
            let given = |field: &&str| endpoint.get(field).is_some_and(|value| !value.is_null());
            let mut fields = ["port", "portNumber", "targetPort"].into_iter().filter(given);
            let (Some(used), Some(ignored)) = (fields.next(), fields.next()) else { continue };
            let place = |field: &str| endpoint.key_place(field).unwrap_or_else(|| endpoint.place());
            let message = format!("`{}` has both `{used}` and `{ignored}`", targets.monitor.identity());
            found.push(
                Diagnostic::new(Code::PORT_TWICE, message)
                    .about(targets.monitor.subject())
                    .at(place(ignored), "this is ignored")
                    .with(wording::first_line(place(used)), "this counts")
                    .help(format!("remove `{ignored}`")),
            );
        }
    }
    found
}
