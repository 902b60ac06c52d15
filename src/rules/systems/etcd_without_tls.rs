use super::containers::scraped;
use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::chain::wording;
use crate::rules::parts::text;
use crate::rules::rule;

rule! {
    /// A ServiceMonitor scrapes port 2379, the client port of etcd, and its `scheme` is not `https`.
    ///
    /// ## Why it matters
    ///
    /// Nearly every etcd asks for TLS and for a certificate of the client there. Prometheus sees `malformed HTTP response`, or a
    /// reset connection.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: etcd, namespace: kube-system}
    /// spec:
    ///   selector: {matchLabels: {k8s-app: etcd}}
    ///   endpoints:
    ///   - {port: metrics}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: etcd, namespace: kube-system, labels: {k8s-app: etcd}}
    /// spec:
    ///   clusterIP: None
    ///   selector: {component: etcd}
    ///   ports: [{name: metrics, port: 2379}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: etcd, namespace: kube-system}
    /// spec:
    ///   selector: {matchLabels: {k8s-app: etcd}}
    ///   endpoints:
    ///   - {port: metrics}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: etcd, namespace: kube-system, labels: {k8s-app: etcd}}
    /// spec:
    ///   clusterIP: None
    ///   selector: {component: etcd}
    ///   ports: [{name: metrics, port: 2381}]
    /// ```
    ETCD_WITHOUT_TLS, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let plain = scraped(chain).filter(|scraped| {
        scraped.number == 2379 && matches!(text(scraped.endpoint, "scheme"), "" | "http" | "HTTP")
    });
    plain
        .map(|scraped| {
            let message = format!("`{}` speaks HTTP to port 2379 of etcd", scraped.monitor.identity());
            Diagnostic::new(Code::ETCD_WITHOUT_TLS, message)
                .about(scraped.monitor.subject())
                .at(wording::first_line(scraped.endpoint.place()), "")
                .with(scraped.backing.service.place(), "this leads to the client port")
                .help("scrape the port of `--listen-metrics-urls` (2381), or add `scheme: https` and a client's certificate")
        })
        .collect()
}
