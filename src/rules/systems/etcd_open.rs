use super::containers::containers;
use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// An etcd on the network of its node has `--listen-client-urls` with `0.0.0.0` or `[::]`.
    ///
    /// ## Why it matters
    ///
    /// The client port opens the whole state of the cluster. kubeadm listens on the loopback and on the address of the node; for
    /// metrics there is `--listen-metrics-urls`.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: etcd-master, namespace: kube-system, labels: {component: etcd}}
    /// spec:
    ///   hostNetwork: true
    ///   containers:
    ///   - name: etcd
    ///     image: registry.k8s.io/etcd:3.6.4-0
    ///     command:
    ///     - etcd
    ///     - --listen-client-urls=https://0.0.0.0:2379
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: etcd-master, namespace: kube-system, labels: {component: etcd}}
    /// spec:
    ///   hostNetwork: true
    ///   containers:
    ///   - name: etcd
    ///     image: registry.k8s.io/etcd:3.6.4-0
    ///     command:
    ///     - etcd
    ///     - --listen-client-urls=https://127.0.0.1:2379,https://192.0.2.10:2379
    /// ```
    ETCD_PORT_OPEN, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let etcds =
        containers(chain).filter(|container| container.is("etcd") && container.template.host_network());
    etcds
        .filter_map(|container| {
            let (_, flag) = container
                .flag("listen-client-urls")
                .filter(|(urls, _)| urls.contains("//0.0.0.0:") || urls.contains("//[::]:"))?;
            let object = container.object;
            Some(
                Diagnostic::new(
                    Code::ETCD_PORT_OPEN,
                    format!("the client port of `{}` is open on every address", object.identity()),
                )
                .about(object.subject())
                .at(flag.place(), "")
                .help(
                    "name the loopback and the address of the node; use `--listen-metrics-urls` for metrics",
                ),
            )
        })
        .collect()
}
