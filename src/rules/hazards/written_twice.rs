use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// A Service without selector has Endpoints, and EndpointSlices besides.
    ///
    /// ## Why it matters
    ///
    /// Kubernetes makes an EndpointSlice of the Endpoints, so that there are two with the same addresses, and every target is there
    /// twice.
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
    /// apiVersion: v1
    /// kind: Endpoints
    /// metadata: {name: db, namespace: shop}
    /// subsets:
    /// - addresses: [{ip: 192.0.2.7}]
    ///   ports: [{name: metrics, port: 9187}]
    /// ---
    /// apiVersion: discovery.k8s.io/v1
    /// kind: EndpointSlice
    /// metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db}}
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
    /// metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db}}
    /// addressType: IPv4
    /// endpoints: [{addresses: [192.0.2.7]}]
    /// ports: [{name: metrics, port: 9187}]
    /// ```
    ADDRESSES_TWICE, Stable, Files, check
}

/// The label that keeps Endpoints from being mirrored.
const SKIP_MIRROR: &str = "endpointslice.kubernetes.io/skip-mirror";
/// What makes an `EndpointSlice`.
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let written = chain.backings.all().filter(|backing| !backing.has_selector());
    written
        .filter_map(|backing| {
            let endpoints =
                backing.endpoints.filter(|object| object.labels().get(SKIP_MIRROR) != Some("true"))?;
            let is_mirror =
                |managed: Option<&str>| managed == Some("endpointslicemirroring-controller.k8s.io");
            let slice = backing.slices.iter().find(|slice| !is_mirror(slice.labels().get(MANAGED_BY)))?;
            let message = format!("the addresses of `{}` are written down twice", backing.service.identity());
            Some(
                Diagnostic::new(Code::ADDRESSES_TWICE, message)
                    .about(backing.service.subject())
                    .at(slice.place(), "here")
                    .with(endpoints.place(), "and here, of which Kubernetes makes another EndpointSlice")
                    .help(format!("remove the Endpoints, or give them the label `{SKIP_MIRROR}: \"true\"`")),
            )
        })
        .collect()
}
