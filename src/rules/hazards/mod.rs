//! Rules about links that hold, and do something else than one expects.

pub(super) mod address;
pub(super) mod any_beside_names;
pub(super) mod any_namespace;
pub(super) mod endpoint_ports;
pub(super) mod everything;
pub(super) mod https_port;
pub(super) mod ignored_namespaces;
pub(super) mod keys_collide;
pub(super) mod managed_slice;
pub(super) mod other_number;
pub(super) mod port_name;
pub(super) mod role_selector;
pub(super) mod strict_mesh;
pub(super) mod value_pattern;
pub(super) mod written_twice;

mod loose;
