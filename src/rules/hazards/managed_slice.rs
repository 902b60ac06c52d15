use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::GroupKind;
use crate::rules::rule;

rule! {
    /// An EndpointSlice in the input says that a controller of Kubernetes manages it.
    ///
    /// ## Why it matters
    ///
    /// The controllers take what bears their name for their own: they change and delete it.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: db, namespace: shop, labels: {app: db}}
    /// spec:
    ///   ports: [{name: metrics, port: 9187}]
    /// ---
    /// apiVersion: discovery.k8s.io/v1
    /// kind: EndpointSlice
    /// metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db, endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io}}
    /// addressType: IPv4
    /// endpoints: [{addresses: [192.0.2.7]}]
    /// ports: [{name: metrics, port: 9187}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: db, namespace: shop, labels: {app: db}}
    /// spec:
    ///   ports: [{name: metrics, port: 9187}]
    /// ---
    /// apiVersion: discovery.k8s.io/v1
    /// kind: EndpointSlice
    /// metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db, endpointslice.kubernetes.io/managed-by: shop.example}}
    /// addressType: IPv4
    /// endpoints: [{addresses: [192.0.2.7]}]
    /// ports: [{name: metrics, port: 9187}]
    /// ```
    RESERVED_MANAGER, Stable, Files, check
}

/// What makes an `EndpointSlice`.
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
/// The controllers of Kubernetes 1.36.
const CONTROLLERS: [&str; 2] =
    ["endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"];

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let slices = chain.setting.inventory.of_kind(GroupKind::ENDPOINT_SLICE);
    slices
        .filter(|slice| {
            // What was read from a cluster has been made by them.
            let is_live = slice.at(&["metadata", "uid"]).is_some()
                || slice.at(&["metadata", "ownerReferences"]).is_some();
            !is_live && slice.labels().get(MANAGED_BY).is_some_and(|manager| CONTROLLERS.contains(&manager))
        })
        .map(|slice| {
            let message = format!("`{}` says that a controller of Kubernetes made it", slice.identity());
            Diagnostic::new(Code::RESERVED_MANAGER, message)
                .about(slice.subject())
                .at(
                    slice.place_at(&["metadata", "labels", MANAGED_BY]),
                    "the controller changes or deletes it",
                )
                .help("write a name of your own there")
        })
        .collect()
}
