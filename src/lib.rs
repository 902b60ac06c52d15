//! promwire compiles Prometheus Operator wiring: it generates monitoring manifests, and checks and explains
//! any others.
//!
//! Start with `ARCHITECTURE.md`: it lists the rooms (the modules below), what lives in each and which may use
//! which. `cargo xtask check-deps` keeps the arrows as listed there.

pub mod chain;
pub mod cli;
#[cfg(feature = "cluster")]
pub mod cluster;
pub mod config;
pub mod diagnostic;
pub mod engine;
pub mod integrations;
pub mod kubernetes;
pub mod model;
pub mod operator;
pub mod pki;
pub mod prom;
pub mod report;
pub mod rules;
pub mod sd;
pub mod source;
