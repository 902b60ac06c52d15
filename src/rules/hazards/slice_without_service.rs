use crate::chain::Chain;
use crate::chain::runtime;
use crate::chain::services::SERVICE_NAME;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::GroupKind;
use crate::rules::rule;

rule! {
    /// An EndpointSlice lacks the label `kubernetes.io/service-name`; or Endpoints have the name of no Service of the input, and a
    /// Service without addresses waits in the same namespace.
    ///
    /// ## Why it matters
    ///
    /// Endpoints belong to the Service of their name, an EndpointSlice to the one its label names. Without a Service Prometheus
    /// finds nothing by labels of Services.
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
    /// metadata: {name: db-1, namespace: shop}
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
    ADDRESSES_WITHOUT_SERVICE, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let inventory = chain.setting.inventory;
    let slices = inventory
        .of_kind(GroupKind::ENDPOINT_SLICE)
        .filter(|slice| slice.labels().get(SERVICE_NAME).is_none());
    let slices = slices.map(|slice| {
        Diagnostic::new(
            Code::ADDRESSES_WITHOUT_SERVICE,
            format!("`{}` belongs to no Service", slice.identity()),
        )
        .about(slice.subject())
        .at(slice.place(), "")
        .help(format!("add the label `{SERVICE_NAME}` with the name of the Service"))
    });
    let endpoints = inventory.of_kind(GroupKind::ENDPOINTS).filter_map(|endpoints| {
        if inventory.get(GroupKind::SERVICE, endpoints.namespace(), endpoints.name()).is_some() {
            return None;
        }
        let waiting = inventory.in_namespace(GroupKind::SERVICE, endpoints.namespace()).find(|service| {
            let backing = chain.backings.get(*service);
            !runtime::is_made(*service)
                && backing.is_some_and(|backing| {
                    !backing.has_selector() && !backing.has_addresses() && !backing.is_external_name()
                })
        })?;
        let message = format!("`{}` has the name of no Service", endpoints.identity());
        Some(
            Diagnostic::new(Code::ADDRESSES_WITHOUT_SERVICE, message)
                .about(endpoints.subject())
                .at(endpoints.place(), "")
                .with(waiting.place(), format!("`{}` has no addresses", waiting.identity()))
                .help("give both the same name"),
        )
    });
    slices.chain(endpoints).collect()
}
