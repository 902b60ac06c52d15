//! Rules about what Prometheus refuses, or takes otherwise than it is meant.

pub(super) mod authentication_twice;
pub(super) mod client_without_server;
pub(super) mod comparison;
pub(super) mod empty_setting;
pub(super) mod label_name;
pub(super) mod port_pattern;
pub(super) mod refused;
