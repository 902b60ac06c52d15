//! What changed in discovery and in making targets from one version of Prometheus to the next.

use crate::prom::version::Version;

/// The differences between versions of Prometheus that decide about targets; each is true from the version it names.
#[expect(clippy::struct_excessive_bools, reason = "each is a change of its own in Prometheus")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// 2.38: images of containers, numbers of Service ports.
    pub images: bool,
    /// 2.39: addresses of load balancers.
    pub load_balancers: bool,
    /// 2.42: IDs of containers; whether endpoints of an `EndpointSlice` serve, and terminate.
    pub container_ids: bool,
    /// 2.46: annotations of Endpoints, labels and annotations of `EndpointSlices`; no target for a port a Service does not name
    /// while its Pod has no address.
    pub endpoint_metadata: bool,
    /// 2.52: zone and node of the endpoints of an `EndpointSlice`.
    pub endpoint_zones: bool,
    /// 3.0: addresses get no default port; parameters fill only empty `__param_` labels; endpoints look at init containers.
    pub three: bool,
    /// 3.11: `EndpointSlices` of the second family of a Service give nothing, nor do Pods of unknown Nodes where Node metadata
    /// is asked for.
    pub strict: bool,
    /// 3.12: conditions of Nodes.
    pub node_conditions: bool,
    /// 3.13: labels for the three switches of histograms.
    pub histogram_labels: bool,
}

impl Release {
    /// The differences in effect in a version.
    pub fn of(version: &Version) -> Self {
        // A pre-release has what its release has.
        let from = |major, minor| (version.major, version.minor) >= (major, minor);
        Self {
            images: from(2, 38),
            load_balancers: from(2, 39),
            container_ids: from(2, 42),
            endpoint_metadata: from(2, 46),
            endpoint_zones: from(2, 52),
            three: from(3, 0),
            strict: from(3, 11),
            node_conditions: from(3, 12),
            histogram_labels: from(3, 13),
        }
    }
}

impl Default for Release {
    fn default() -> Self {
        Self::of(&Version::new(3, 13, 5))
    }
}
