//! Typed bindings of the monitoring.coreos.com custom resources.

mod embedded;
pub mod schema;
