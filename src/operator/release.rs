//! What differs between releases of prometheus-operator, as data.

/// A release of prometheus-operator.
#[derive(Debug, PartialEq, Eq)]
pub struct Release {
    /// Major and minor number: `0.93`.
    pub name: &'static str,
    /// The version of Prometheus for a resource that names none.
    pub default_prometheus: &'static str,
    /// The feature gates it knows, and whether they are on when nobody says so; sorted.
    pub feature_gates: &'static [(&'static str, bool)],
}

/// The releases promwire knows, oldest first.
pub const RELEASES: &[Release] = &[Release {
    name: "0.93",
    default_prometheus: "v3.13.1",
    feature_gates: &[
        ("PrometheusAgentDaemonSet", false),
        ("PrometheusShardRetentionPolicy", true),
        ("PrometheusTopologySharding", true),
        ("RemoteWriteCustomResourceDefinition", false),
        ("StatusForConfigurationResources", false),
    ],
}];

impl Release {
    /// The release of a version such as `0.93`, `v0.93.1`.
    pub fn of(version: &str) -> Option<&'static Self> {
        let version = version.strip_prefix('v').unwrap_or(version);
        RELEASES.iter().find(|release| {
            version.strip_prefix(release.name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// The newest release promwire knows.
    pub fn newest() -> &'static Self {
        RELEASES.last().expect("the table is not empty")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_are_of_their_release() {
        assert_eq!(Release::of("v0.93.1"), Some(Release::newest()));
        assert_eq!(Release::of("0.93"), Some(Release::newest()));
        assert_eq!((Release::of("0.9"), Release::of("0.930")), (None, None));
    }
}
