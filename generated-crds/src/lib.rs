//! Typed bindings of the monitoring.coreos.com custom resources.

pub mod compact;
mod embedded;
pub mod schema;
