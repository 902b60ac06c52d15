//! The object a finding is about.

/// An object, as reports name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Group and version: `monitoring.coreos.com/v1`, `v1`.
    pub api_version: String,
    /// Kind.
    pub kind: String,
    /// Namespace; none when the kind has none, or the object names none.
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}
