//! The pods of Services.

use crate::kubernetes::snapshot::{Pod, Service, Snapshot};
use crate::model::label_index::{LabelIndex, Namespaces};
use crate::model::selector::{Operator, Requirement, Selector};

/// The pods of a snapshot by their labels.
pub(super) struct Selected {
    index: LabelIndex,
    /// Whether the Nodes are known, so that one that is not there does not exist.
    pub(super) nodes_are_known: bool,
}

impl Selected {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let index = super::label_index(snapshot.pods.iter().map(|pod| &pod.meta));
        Self { index, nodes_are_known: !snapshot.nodes.is_empty() }
    }

    /// The pods that a controller takes for a Service, ascending by name; None where it looks after the Service not at all: it has no
    /// selector, or is only a name for something else.
    pub(super) fn pods<'s>(
        &self,
        snapshot: &'s Snapshot,
        service: &Service,
        with_deleted: bool,
    ) -> Option<Vec<&'s Pod>> {
        if &*service.kind == "ExternalName" {
            return None;
        }
        let requirements = service
            .selector
            .as_ref()?
            .iter()
            .map(|(key, value)| Requirement::new(&**key, Operator::Equals, [&**value]))
            .collect::<Result<Vec<_>, _>>()
            .ok()?;
        let namespace = [Some(&*service.meta.namespace)];
        let found = self.index.select(&Selector::new(requirements), Namespaces::Only(&namespace));
        let pods = found.into_iter().map(|item| &snapshot.pods[item as usize]);
        Some(pods.filter(|pod| is_endpoint(pod, with_deleted)).collect())
    }
}

/// Whether a pod can be an endpoint: it has an address, and is neither done nor, unless they count, being deleted
/// (endpointslice 0.36, `ShouldPodBeInEndpoints`).
fn is_endpoint(pod: &Pod, with_deleted: bool) -> bool {
    !matches!(&*pod.phase, "Failed" | "Succeeded") && !pod.ip.is_empty() && (with_deleted || !pod.deleting)
}

/// What is the same about a pod in both kinds of endpoints.
pub(super) mod pod {
    use crate::kubernetes::snapshot::{
        AddressType, Pod, Reference, Service, Standing, Text, has_unknown_address,
    };

    /// The addresses of a pod in a family. One that is not known counts for the family a Service has first.
    pub(in super::super) fn addresses(
        pod: &Pod,
        family: AddressType,
        is_first: bool,
    ) -> impl Iterator<Item = &Text> {
        let all = if pod.ips.is_empty() { std::slice::from_ref(&pod.ip) } else { &*pod.ips };
        all.iter().filter(move |ip| {
            if has_unknown_address(ip) { is_first } else { ip.contains(':') == (family == AddressType::IPv6) }
        })
    }

    /// The reference to a pod.
    pub(in super::super) fn reference(pod: &Pod, kind: &Text) -> Reference {
        let (namespace, name) = (pod.meta.namespace.clone(), pod.meta.name.clone());
        Reference { kind: kind.clone(), namespace, name }
    }

    /// The host name of a pod, where the Service is its subdomain.
    pub(in super::super) fn hostname<'p>(pod: &'p Pod, service: &Service) -> Option<&'p Text> {
        (!pod.hostname.is_empty() && pod.subdomain == service.meta.name).then_some(&pod.hostname)
    }

    /// Whether it stands for a pod that is not there.
    pub(in super::super) fn is_symbolic(pod: &Pod) -> bool {
        matches!(pod.standing, Standing::Of(_))
    }
}
