//! Rules about what Prometheus refuses, or takes otherwise than it is meant.

pub(super) mod authentication_twice;
pub(super) mod client_without_server;
pub(super) mod comparison;
pub(super) mod drops_everything;
pub(super) mod empty_path;
pub(super) mod empty_setting;
pub(super) mod environment_name;
pub(super) mod idle_replacement;
pub(super) mod label_name;
pub(super) mod label_of_exporter;
pub(super) mod labels_renamed;
pub(super) mod lost_by_zone;
pub(super) mod meta_label;
pub(super) mod meta_label_late;
pub(super) mod port_pattern;
pub(super) mod query_in_path;
pub(super) mod refused;
pub(super) mod static_url;
pub(super) mod zero_interval;
