//! The labels of the objects promwire makes: the recommended ones of Kubernetes.

use super::solve::Labels;

/// What names the application.
pub(super) const NAME: &str = "app.kubernetes.io/name";
/// What tells installations of one application apart.
pub(super) const INSTANCE: &str = "app.kubernetes.io/instance";
/// The part an object plays in its application.
pub(super) const COMPONENT: &str = "app.kubernetes.io/component";
/// The application's version.
pub(super) const VERSION: &str = "app.kubernetes.io/version";
/// Who made the object.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The value of [`MANAGED_BY`] on everything promwire makes.
pub const PROMWIRE: &str = "promwire";

/// Labels from pairs.
pub(super) fn labels<const N: usize>(pairs: [(&str, &str); N]) -> Labels {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// `name` and `managed-by`: what every object promwire makes carries.
pub(super) fn own(name: &str) -> Labels {
    labels([(NAME, name), (MANAGED_BY, PROMWIRE)])
}

/// Labels with some more.
pub(super) fn with<const N: usize>(mut base: Labels, more: [(&str, &str); N]) -> Labels {
    base.extend(labels(more));
    base
}
