use crate::chain::Chain;
use crate::chain::services::SERVICE_NAME;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::rules::rule;

rule! {
    /// An `Endpoints` object has the name of no Service, or an `EndpointSlice` says of none that it is its, and a Service without a
    /// selector in the same namespace has no addresses.
    ///
    /// ## Why it matters
    ///
    /// `Endpoints` belong to the Service of the same name, and slices to the one in their label `kubernetes.io/service-name`. Addresses of
    /// no Service are nobody's: a `ServiceMonitor` finds the Service and no targets.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: etcd, namespace: shop, labels: {app: etcd}}
    /// spec:
    ///   clusterIP: None
    ///   ports: [{name: metrics, port: 2381}]
    /// ---
    /// apiVersion: v1
    /// kind: Endpoints
    /// metadata: {name: etcd-metrics, namespace: shop}
    /// subsets: [{addresses: [{ip: 10.0.0.1}], ports: [{name: metrics, port: 2381}]}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: etcd, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: etcd}}
    ///   endpoints: [{port: metrics}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: etcd, namespace: shop, labels: {app: etcd}}
    /// spec:
    ///   clusterIP: None
    ///   ports: [{name: metrics, port: 2381}]
    /// ---
    /// apiVersion: v1
    /// kind: Endpoints
    /// metadata: {name: etcd, namespace: shop}
    /// subsets: [{addresses: [{ip: 10.0.0.1}], ports: [{name: metrics, port: 2381}]}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: etcd, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: etcd}}
    ///   endpoints: [{port: metrics}]
    /// ```
    ENDPOINTS_OF_NO_SERVICE, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let inventory = chain.setting.inventory;
    let exists = |object: Object<'_>, name: &str| {
        inventory.get(GroupKind::SERVICE, object.namespace(), name).is_some()
    };
    let endpoints = inventory.of_kind(GroupKind::ENDPOINTS).filter(|object| !exists(*object, object.name()));
    let slices = inventory
        .of_kind(GroupKind::ENDPOINT_SLICE)
        .filter(|slice| slice.labels().get(SERVICE_NAME).is_none_or(|service| !exists(*slice, service)));
    let open: Vec<Object<'_>> = chain
        .backings
        .all()
        .filter(|backing| !backing.has_selector() && !backing.has_addresses() && !backing.is_external_name())
        .filter(|backing| !crate::chain::runtime::is_made(backing.service))
        .map(|backing| backing.service)
        .collect();
    endpoints.chain(slices).filter_map(|object| judge(object, &open)).collect()
}

fn judge(object: Object<'_>, open: &[Object<'_>]) -> Option<Diagnostic> {
    let service = open.iter().find(|service| service.namespace() == object.namespace())?;
    let is_slice = object.kind() == "EndpointSlice";
    let place =
        if is_slice { object.place_at(&["metadata", "labels", SERVICE_NAME]) } else { object.place() };
    let message = format!("`{}` belongs to no Service", object.identity());
    let label = format!("`{}` has neither a selector nor addresses", service.identity());
    let finding = Diagnostic::new(Code::ENDPOINTS_OF_NO_SERVICE, message)
        .about(object.subject())
        .unknown()
        .at(place, "")
        .with(service.place(), label);
    Some(if is_slice {
        finding.help(format!("label it `{SERVICE_NAME}: {}`", service.name()))
    } else {
        finding.help(format!("call it `{}`: Endpoints have the name of their Service", service.name()))
    })
}
