//! Typed bindings of the monitoring.coreos.com custom resources.

pub mod compact;
mod embedded;
mod macros;
mod monitoring;
pub mod schema;

pub use monitoring::*;
