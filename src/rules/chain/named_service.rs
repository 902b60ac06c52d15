use super::wording;
use crate::chain::Chain;
use crate::chain::addresses::{Address, Reached, Role};
use crate::diagnostic::{Code, Diagnostic, Verdict};
use crate::rules::rule;

rule! {
    /// The prober of a Probe, or a static target of a `ScrapeConfig`, is named as a Service, and there is none of that name: one of
    /// that name is in another namespace, or one of a similar name in this one.
    ///
    /// ## Why it matters
    ///
    /// The name does not resolve, and every probe or scrape fails with `no such host`. A name without a namespace is looked up in the
    /// namespace of the Prometheus, not in that of the monitor.
    ///
    /// The Service may be made by something outside of the input; so this is a warning. Where the input shows all of them
    /// (`--complete=Service`) it is an error, also if nothing is near.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: monitoring}
    /// spec:
    ///   probeSelector: {}
    ///   probeNamespaceSelector: {}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: blackbox-exporter, namespace: monitoring}
    /// spec:
    ///   selector: {app: blackbox-exporter}
    ///   ports: [{name: http, port: 9115}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Probe
    /// metadata: {name: site, namespace: shop}
    /// spec:
    ///   prober: {url: "blackbox-exporter.shop.svc:9115"}
    ///   targets: {staticConfig: {static: [example.com]}}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: monitoring}
    /// spec:
    ///   probeSelector: {}
    ///   probeNamespaceSelector: {}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: blackbox-exporter, namespace: monitoring}
    /// spec:
    ///   selector: {app: blackbox-exporter}
    ///   ports: [{name: http, port: 9115}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Probe
    /// metadata: {name: site, namespace: shop}
    /// spec:
    ///   prober: {url: "blackbox-exporter.monitoring.svc:9115"}
    ///   targets: {staticConfig: {static: [example.com]}}
    /// ```
    NAMED_SERVICE_MISSING, Stable, Files, check
}

/// What is at an address, in a sentence.
pub(super) const fn what(role: Role) -> &'static str {
    match role {
        Role::Prober => "prober",
        Role::Target => "target",
    }
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let judge = |address: &Address<'_>| {
        let Reached::Absent(near) = &address.to else { return None };
        let verdict = address.verdict(&chain.setting);
        if near.is_none() && verdict != Verdict::Broken {
            return None;
        }
        let (monitor, name) = (address.monitor, address.name);
        let namespace = address.namespace.map_or_else(String::new, |namespace| format!(" in `{namespace}`"));
        let message = format!(
            "the {} of `{}` is the Service `{name}`, which is not{namespace}",
            what(address.role),
            monitor.identity()
        );
        let finding = Diagnostic::new(Code::NAMED_SERVICE_MISSING, message);
        let finding = wording::of_end(verdict, monitor, finding).at(address.node.place(), "");
        Some(match near {
            Some(near) if near.name() == name => {
                let meant =
                    near.namespace().map_or_else(String::new, |namespace| format!("{name}.{namespace}.svc"));
                finding
                    .with(near.place(), "it is here, in another namespace")
                    .help(format!("name it `{meant}`"))
            }
            Some(near) => finding
                .with(near.place(), "this one has a similar name")
                .help(format!("did you mean `{}`?", near.name())),
            None => finding.help("make the Service, or correct the name"),
        })
    };
    chain.addresses.iter().filter_map(judge).collect()
}
