use std::collections::BTreeSet;

use crate::chain::Chain;
use crate::chain::references::Reached;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::model::object::Object;
use crate::operator::Rejection;
use crate::rules::rule;
use crate::rules::verdicts::Cause;

rule! {
    /// The operator rejects a monitor: it takes nothing of it, not even the endpoints that are right.
    ///
    /// ## Why it matters
    ///
    /// The API server accepts such a monitor. The operator looks closer (secrets, TLS pairs, relabelings, timeouts, two ways of
    /// authentication at once), writes an event and leaves the monitor out. The message is the operator's. Frequent causes have
    /// rules of their own.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: metrics, proxyUrl: "http://proxy.shop.svc:3128", proxyFromEnvironment: true}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: metrics, proxyUrl: "http://proxy.shop.svc:3128"}]
    /// ```
    REJECTED, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let lacking: BTreeSet<_> = chain
        .references
        .iter()
        .filter(|reference| matches!(reference.to, Reached::NoKey(..) | Reached::Absent(_)))
        .map(|reference| reference.monitor.id())
        .collect();
    // What is missing is told where it is referred to.
    let is_told = |rejection: &&Rejection| {
        // Frequent causes have rules of their own.
        Cause::has_rule(rejection)
            || (rejection.refusal.message.ends_with("not found") && lacking.contains(&rejection.object))
    };
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for prometheus in &chain.prometheuses {
        for rejection in prometheus.outcome.rejected.iter().filter(|rejection| !is_told(rejection)) {
            // Several Prometheuses of one version say the same.
            if told.insert((rejection.object, &rejection.refusal.message)) {
                found.push(
                    finding(chain.setting.object(rejection.object), rejection)
                        .with(prometheus.object.place(), "for this one"),
                );
            }
        }
    }
    found.extend(
        chain
            .rejected_by_any
            .iter()
            .filter(|rejection| !is_told(rejection))
            .map(|rejection| finding(chain.setting.object(rejection.object), rejection)),
    );
    found
}

fn finding(monitor: Object<'_>, rejection: &Rejection) -> Diagnostic {
    let message = format!("the operator rejects `{}`: {}", monitor.identity(), rejection.refusal.message);
    let path: Vec<&str> = rejection.refusal.path.iter().map(String::as_str).collect();
    Diagnostic::new(Code::REJECTED, message)
        .level(Level::Error)
        .about(monitor.subject())
        .at(monitor.place_at(&path), "")
        .note("it leaves out the whole monitor, with all of its endpoints")
}
