use super::containers::scraped;
use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::chain::wording;
use crate::rules::parts::filled;
use crate::rules::rule;

rule! {
    /// A monitor scrapes port 2379 of etcd with the certificate of a client.
    ///
    /// ## Why it matters
    ///
    /// etcd asks for no more than a certificate of its authority: whoever reads the Secret reads and writes the whole state of the
    /// cluster. The port of `--listen-metrics-urls` needs no key.
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
    ///   - {port: metrics, scheme: https, tlsConfig: {serverName: localhost, cert: {secret: {name: etcd, key: tls.crt}}, keySecret: {name: etcd, key: tls.key}}}
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
    ETCD_CLIENT_KEY, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let scraped = scraped(chain).filter(|scraped| scraped.number == 2379);
    scraped
        .filter_map(|scraped| {
            let tls = filled(scraped.endpoint, "tlsConfig")?;
            let key = filled(tls, "keySecret").or_else(|| filled(tls, "keyFile"))?;
            let message =
                format!("`{}` has a key that opens all of etcd", scraped.monitor.identity());
            Some(
                Diagnostic::new(Code::ETCD_CLIENT_KEY, message)
                    .about(scraped.monitor.subject())
                    .at(wording::first_line(key.place()), "")
                    .help("let etcd serve its metrics on a port of their own (`--listen-metrics-urls`), and scrape that"),
            )
        })
        .collect()
}
