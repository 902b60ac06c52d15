//! Prometheus without Kubernetes.

pub mod duration;
pub mod label_name;
pub mod regex;
pub mod size;
pub mod version;
