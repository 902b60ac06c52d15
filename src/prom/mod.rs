//! Prometheus without Kubernetes.

pub mod duration;
pub mod regex;
pub mod unicode;
