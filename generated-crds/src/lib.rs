//! Typed bindings of the monitoring.coreos.com custom resources.
