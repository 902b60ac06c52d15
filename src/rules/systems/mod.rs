//! Rules about the systems that are monitored, and those that monitor.

pub(super) mod anonymous_admin;
pub(super) mod bare_pod;
pub(super) mod calico_store;
pub(super) mod calico_tier;
pub(super) mod component_loopback;
pub(super) mod component_port;
pub(super) mod ephemeral;
pub(super) mod etcd_key;
pub(super) mod etcd_loopback;
pub(super) mod etcd_open;
pub(super) mod etcd_without_tls;
pub(super) mod explicit_null;
pub(super) mod exporter_network;
pub(super) mod exporter_root;
pub(super) mod exporter_tolerations;
pub(super) mod exposed;
pub(super) mod felix_off;
pub(super) mod job_of_rules;
pub(super) mod kube_proxy;
pub(super) mod legacy;
pub(super) mod pod_security;
pub(super) mod port_clash;
pub(super) mod removed_api;
pub(super) mod small_memory;
pub(super) mod static_etcd;
pub(super) mod typha_off;
pub(super) mod unconfined;
pub(super) mod unlimited;
pub(super) mod untagged;

mod containers;
