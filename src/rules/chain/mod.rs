//! Rules about the links from a Prometheus to its targets.

pub(super) mod every_port;
pub(super) mod external_name;
pub(super) mod kind_not_selected;
pub(super) mod labels_of_pods;
pub(super) mod monitor_namespace;
pub(super) mod monitor_not_selected;
pub(super) mod no_such_port;
pub(super) mod port_twice;
pub(super) mod port_without_name;
pub(super) mod selects_nothing;
pub(super) mod service_without_pods;
pub(super) mod targets_elsewhere;
pub(super) mod undeclared_port;
pub(super) mod unresolved_target_port;
pub(in crate::rules) mod wording;
