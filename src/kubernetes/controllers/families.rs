//! The families of addresses of a Service.

use crate::kubernetes::snapshot::{AddressType, Service, Text};

/// Fills in what the API server would (Kubernetes 1.36, `initIPFamilyFields`), as of a cluster with both families whose first
/// one is IPv4.
pub(super) fn fill(service: &mut Service) {
    if &*service.kind == "ExternalName" {
        return;
    }
    let spares_nobody = service.is_headless() && service.selector.is_none();
    let policy = service.ip_family_policy.get_or_insert_with(|| {
        // Somebody else writes its endpoints, of whatever family.
        Text::from(if spares_nobody { "RequireDualStack" } else { "SingleStack" })
    });
    let is_dual = &**policy != "SingleStack";
    let mut families: Vec<Text> = service.ip_families.to_vec();
    if families.is_empty() {
        let first = if service.cluster_ip.contains(':') { AddressType::IPv6 } else { AddressType::IPv4 };
        families.push(first.spelling().into());
    }
    if is_dual && families.len() == 1 {
        let other = if &*families[0] == "IPv4" { AddressType::IPv6 } else { AddressType::IPv4 };
        families.push(other.spelling().into());
    }
    service.ip_families = families.into();
}

/// The families of a Service, the first one first.
pub(super) fn of(service: &Service) -> impl Iterator<Item = AddressType> {
    let families = service.ip_families.iter();
    families.filter_map(|family| match &**family {
        "IPv4" => Some(AddressType::IPv4),
        "IPv6" => Some(AddressType::IPv6),
        _ => None,
    })
}
