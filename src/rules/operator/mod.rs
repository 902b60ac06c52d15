//! Rules about what the operator does with a Prometheus and its monitors.

pub(super) mod fails_later;
pub(super) mod not_handled;
pub(super) mod operator_crashes;
pub(super) mod reconciliation_fails;
pub(super) mod rejected;
pub(super) mod unmanaged;
