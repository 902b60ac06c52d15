use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::rules::parts::{filled, is_true, parts};
use crate::rules::rule;

rule! {
    /// A `tlsConfig` has `insecureSkipVerify: true`. Where it also says how to verify (`serverName`, `ca`), this is a warning, and
    /// otherwise worth knowing only.
    ///
    /// ## Why it matters
    ///
    /// Whoever answers at the address gets the credentials of the scrape, and decides what is measured. `serverName` and `ca` have
    /// no effect beside it.
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
    ///     scheme: https
    ///     tlsConfig: {serverName: web.shop.svc, insecureSkipVerify: true}
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
    ///     scheme: https
    ///     tlsConfig: {serverName: web.shop.svc}
    /// ```
    UNVERIFIED_TLS, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    parts(chain)
        .filter_map(|part| {
            let tls = filled(part.node, "tlsConfig").filter(|tls| is_true(*tls, "insecureSkipVerify"))?;
            let monitor = part.monitor();
            let useless =
                ["serverName", "ca", "caFile"].into_iter().find(|field| filled(tls, field).is_some());
            let message = format!("`{}` does not verify who answers", monitor.identity());
            let finding = Diagnostic::new(Code::UNVERIFIED_TLS, message)
                .about(monitor.subject())
                .at(tls.key_place("insecureSkipVerify")?, "");
            Some(match useless {
                Some(field) => finding
                    .with(tls.key_place(field)?, "this has no effect beside it")
                    .help("remove `insecureSkipVerify`"),
                None => finding.level(Level::Info).help(
                    "give the authority in `ca`, and a name that the server's certificate has in `serverName`",
                ),
            })
        })
        .collect()
}
