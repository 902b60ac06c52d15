//! Prometheus without Kubernetes.

pub mod config;
pub mod duration;
pub mod label_name;
pub mod quote;
pub mod regex;
pub mod relabel;
pub mod size;
pub mod unicode;
pub mod url;
pub mod version;
