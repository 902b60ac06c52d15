//! Prometheus without Kubernetes.

pub mod duration;
