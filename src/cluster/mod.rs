//! Input and output with a live API server and what is behind it, and nothing else: what is made of it is for other rooms.
//!
//! * [`Access`] and [`Connection`]: who is asked and as whom, by the rules of kubectl; one runtime, owned by the connection, so
//!   that nobody above this room is asynchronous.
//! * [`apply`]: server-side apply of many objects with an inventory, and taking them away again.
//! * [`handshake`]: what certificate an endpoint shows.
//! * [`Live`]: the objects of a cluster, read once, with what was listed in full and what may not be seen. They are documents as
//!   those of files are, and go the same way from there. [`LISTED`] are the kinds.
//! * [`PrometheusApi`]: a running Prometheus, asked through the API server's proxy or at a URL.
//! * `failure`: everything that can go wrong on the way as one finding that says where, why and what to do.
//!
//! kube's types stay in this room: it has a major release with each of Kubernetes.

mod access;
pub mod apply;
mod client;
mod failure;
pub mod handshake;
mod kinds;
mod live;
mod page;
mod patience;
mod prometheus;
mod prune;
mod secret;
mod words;

pub use access::Access;
pub use client::Connection;
pub use kinds::{LISTED, ListedKind};
pub use live::{Listing, Live, Unseen};
pub use prometheus::{ActiveTarget, Answer, Point, PrometheusApi, PrometheusAt, Sample, Series};
pub use secret::SecretData;

/// The name promwire has for API servers: as the manager of the fields it applies, and in the log of requests.
pub const FIELD_MANAGER: &str = "promwire";
