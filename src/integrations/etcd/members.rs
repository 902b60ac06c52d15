//! The addresses of members, and what of the input stands in their way.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::diagnostic::{Code, Diagnostic};
use crate::integrations::Scene;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::source::Node;

/// The label that says which Service an EndpointSlice belongs to.
pub(super) const SERVICE_NAME_LABEL: &str = "kubernetes.io/service-name";
/// The label that says who looks after an EndpointSlice.
pub(super) const SLICE_MANAGER_LABEL: &str = "endpointslice.kubernetes.io/managed-by";
/// The label that keeps Endpoints from being mirrored to EndpointSlices.
const SKIP_MIRROR_LABEL: &str = "endpointslice.kubernetes.io/skip-mirror";
/// Who mirrors Endpoints.
const MIRROR: &str = "endpointslicemirroring-controller.k8s.io";
/// Who writes down the pods of Services.
const ENDPOINT_SLICE_CONTROLLER: &str = "endpointslice-controller.k8s.io";

/// Reads the address of a member. The API server (Kubernetes 1.36, `ValidateEndpointIP`) refuses addresses that mean
/// something else on every machine.
pub(super) fn address(text: &str) -> Result<IpAddr, String> {
    let address: IpAddr = text.parse().map_err(|_| no_address(text))?;
    let refused = |what: &str| Err(format!("{what}, which Kubernetes refuses as that of an endpoint"));
    match address {
        _ if address.is_unspecified() => refused("it stands for every address of a machine"),
        _ if address.is_loopback() => refused("it is the machine itself (loopback)"),
        IpAddr::V4(v4) if v4.is_link_local() => refused("it is valid on one link only (link-local)"),
        IpAddr::V6(v6) if v6.is_unicast_link_local() => refused("it is valid on one link only (link-local)"),
        _ if address.is_multicast() => refused("it is one of a group (multicast)"),
        IpAddr::V4(v4) if v4.is_broadcast() => refused("it is that of all machines (broadcast)"),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => Err(format!("it is an IPv4 address in the shape of IPv6: say {v4}")),
            None => Ok(address),
        },
        IpAddr::V4(_) => Ok(address),
    }
}

/// What to say instead of what is no address.
fn no_address(text: &str) -> String {
    let host = text.rsplit_once("://").map_or(text, |(_, host)| host).trim_end_matches('/');
    let host = match host.parse::<std::net::SocketAddr>() {
        Ok(socket) => socket.ip().to_string(),
        Err(_) => host.trim_matches(['[', ']']).to_owned(),
    };
    match host.parse::<IpAddr>() {
        Ok(address) => format!("say {address} alone; the port of all members is --port"),
        Err(_) => {
            "an address such as 10.0.0.1 or fd00::1; Kubernetes takes no names for endpoints".to_owned()
        }
    }
}

/// Refuses an address that is given twice: it would be one target, and somebody meant two.
pub(super) fn refuse_twins(members: &[IpAddr]) -> Result<(), Box<Diagnostic>> {
    let mut seen = BTreeSet::new();
    match members.iter().find(|member| !seen.insert(**member)) {
        None => Ok(()),
        Some(twin) => Err(super::options::contradiction(format!("--member {twin} is given twice"))
            .help("name every member once")
            .into()),
    }
}

/// What is about to stand behind the Service.
pub(super) enum Behind {
    /// Pods: Kubernetes looks after its EndpointSlices.
    Pods,
    /// EndpointSlices with these names.
    Slices(Vec<String>),
    /// An Endpoints object.
    Endpoints,
}

/// Refuses to write members down where the input has others for the same Service: every target would be there twice.
pub(super) fn refuse_double(
    scene: &Scene<'_>,
    namespace: &str,
    service: &str,
    behind: &Behind,
) -> Result<(), Box<Diagnostic>> {
    let slices = || {
        scene.inventory.of_kind(GroupKind::ENDPOINT_SLICE).filter(|slice| {
            slice.namespace() == Some(namespace) && slice.labels().get(SERVICE_NAME_LABEL) == Some(service)
        })
    };
    let manager = |slice: &Object<'_>| slice.labels().get(SLICE_MANAGER_LABEL).map(str::to_owned);
    let endpoints = scene.inventory.get(GroupKind::ENDPOINTS, Some(namespace), service);
    let other = match behind {
        Behind::Pods => slices()
            .find(|slice| !matches!(manager(slice).as_deref(), Some(MIRROR | ENDPOINT_SLICE_CONTROLLER))),
        Behind::Endpoints => slices().find(|slice| manager(slice).as_deref() != Some(MIRROR)),
        Behind::Slices(names) => endpoints
            .filter(|endpoints| endpoints.labels().get(SKIP_MIRROR_LABEL) != Some("true"))
            .or_else(|| slices().find(|slice| !names.iter().any(|name| name == slice.name()))),
    };
    let Some(other) = other else { return Ok(()) };
    let message = format!("{} already says where the Service `{service}` leads", other.identity());
    let mut finding = Diagnostic::new(Code::DUPLICATE_ENDPOINTS, message).at(other.place(), "this one");
    if other.kind() == "Endpoints" {
        finding = finding.note(
            "Kubernetes mirrors Endpoints to EndpointSlices, so with those generated every target would be there twice",
        );
    } else {
        finding = finding.note("with what is generated every target would be there twice");
    }
    let kind = other.kind().to_ascii_lowercase();
    Err(Box::new(
        finding
            .help(format!("delete it: kubectl -n {namespace} delete {kind} {}", other.name()))
            .help("or choose another --name for the Service"),
    ))
}

/// Says so where members are the nodes on which the input has etcd pods: a selector follows them, addresses do not.
pub(super) fn note_pods(scene: &Scene<'_>, members: &[IpAddr]) -> Option<Diagnostic> {
    let (pod, address) = super::settings::pods(scene.inventory).find_map(|pod| {
        let address: IpAddr = pod.at(&["status", "podIP"])?.as_str()?.parse().ok()?;
        members.contains(&address).then_some((pod, address))
    })?;
    let place = pod.at(&["status", "podIP"]).map_or_else(|| pod.place(), Node::place);
    Some(
        Diagnostic::new(Code::STATIC_ADDRESS, format!("the member {address} is {}", pod.identity()))
            .at(place, "here")
            .note("addresses that are written down stay when a control-plane node is replaced")
            .help("say --topology stacked, which finds the pods by their labels"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_kubernetes_takes() {
        for good in ["10.0.0.1", "fd00::1", "192.168.1.2", "2001:db8::1"] {
            assert_eq!(address(good).map(|address| address.to_string()), Ok(good.to_owned()));
        }
        for (bad, reason) in [
            ("127.0.0.1", "loopback"),
            ("::1", "loopback"),
            ("0.0.0.0", "every address"),
            ("169.254.1.1", "link-local"),
            ("fe80::1", "link-local"),
            ("224.0.0.1", "multicast"),
            ("ff02::1", "multicast"),
            ("255.255.255.255", "broadcast"),
            ("::ffff:10.0.0.1", "say 10.0.0.1"),
            ("10.0.0.1:2379", "say 10.0.0.1 alone"),
            ("https://10.0.0.1:2379/", "say 10.0.0.1 alone"),
            ("https://[fd00::1]:2379", "say fd00::1 alone"),
            ("[fd00::1]", "say fd00::1 alone"),
            ("etcd-1.example.com", "no names"),
            ("010.0.0.1", "an address such as"),
            ("", "an address such as"),
        ] {
            let said = address(bad).unwrap_err();
            assert!(said.contains(reason), "{bad}: {said}");
        }
    }
}
