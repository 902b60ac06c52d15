//! What Prometheus discovers endpoints through.

use clap::ValueEnum;
use generated_crds::ServiceDiscoveryRole;

/// The objects endpoints are discovered through.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DiscoveryRole {
    /// Slices, which Kubernetes has since 1.21
    #[value(name = "endpointslice")]
    EndpointSlice,
    /// Endpoints, deprecated since Kubernetes 1.33
    Endpoints,
}

impl From<DiscoveryRole> for ServiceDiscoveryRole {
    fn from(role: DiscoveryRole) -> Self {
        match role {
            DiscoveryRole::EndpointSlice => Self::EndpointSlice,
            DiscoveryRole::Endpoints => Self::Endpoints,
        }
    }
}
