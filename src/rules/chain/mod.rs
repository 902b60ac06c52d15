//! Rules about the links from a Prometheus to its targets.

pub(super) mod account_without_rights;
pub(super) mod egress_denied;
pub(super) mod endpoints_of_no_service;
pub(super) mod every_port;
pub(super) mod external_name;
pub(super) mod file_not_mounted;
pub(super) mod file_of_the_node;
pub(super) mod ingress_denied;
pub(super) mod kind_not_selected;
pub(super) mod labels_of_pods;
pub(super) mod missing_right;
pub(super) mod monitor_namespace;
pub(super) mod monitor_not_selected;
pub(super) mod no_such_key;
pub(super) mod no_such_port;
pub(super) mod port_twice;
pub(super) mod port_without_name;
pub(super) mod scraped_by_two_monitors;
pub(super) mod scraped_through_two_services;
pub(super) mod secret_not_found;
pub(super) mod selects_nothing;
pub(super) mod service_without_pods;
pub(super) mod slices_not_discovered;
pub(super) mod targets_elsewhere;
pub(super) mod undeclared_port;
pub(super) mod unresolved_target_port;
pub(in crate::rules) mod wording;
