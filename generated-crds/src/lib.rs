//! Typed bindings and compact schemas of the Prometheus Operator's custom resources.
//!
//! * The ten kinds of monitoring.coreos.com ([`ServiceMonitor`], [`Prometheus`], …) and the types in them, equal ones once: one
//!   [`RelabelConfig`], one [`TlsConfig`]. What is Kubernetes' own (selectors, containers, volumes, Secret keys) is k8s-openapi's
//!   type. The kinds implement k8s-openapi's `Resource` and `Metadata`, so kube's `Api` takes them as they are.
//! * The schemas of these kinds and of the built-in ones promwire reads or writes: [`schema::Table::monitoring`],
//!   [`schema::Table::kubernetes`], and [`schema::Table::from_crds`] for CRDs found elsewhere.
//!
//! Reading is strict where a type demands it (wrong `apiVersion` or `kind`, missing required properties, unknown enum values) and
//! passes over unknown properties, as serde does: to *judge* an object, check it against its schema, not by reading it.
//!
//! ```
//! use generated_crds::{Endpoint, ServiceMonitor, schema::Table};
//!
//! let mut monitor = ServiceMonitor::default();
//! monitor.metadata.name = Some("node-exporter".to_owned());
//! monitor.spec.endpoints.push(Endpoint { port: Some("metrics".to_owned()), ..Endpoint::default() });
//! let written = serde_json::to_value(&monitor)?;
//! assert_eq!(written["apiVersion"], "monitoring.coreos.com/v1");
//! assert_eq!(written["spec"]["endpoints"][0]["port"], "metrics");
//!
//! let table = Table::monitoring();
//! let kind = table.kind("monitoring.coreos.com", "v1", "ServiceMonitor").expect("embedded");
//! let spec = table.property(kind.schema, "spec").expect("every kind has one");
//! assert_eq!(table.node(spec).required, ["endpoints", "selector"]);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # Regenerating
//! `src/monitoring/`, `schema/` and `crds/` are written by `cargo xtask codegen`; `--crds FILE|DIR` takes other CRDs, `--check`
//! fails when the committed output is not what the committed CRDs give. README.md tells how the types are found and named.

pub mod compact;
mod embedded;
mod macros;
mod monitoring;
pub mod schema;

pub use monitoring::*;
