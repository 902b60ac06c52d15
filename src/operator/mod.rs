//! What prometheus-operator does with the objects of an input, offline: it selects monitors for a Prometheus, rejects some of
//! them, and writes the scrape configuration.
//!
//! The rules are those of prometheus-operator 0.93, read from its code and held against configurations recorded from it
//! (`tests/corpus.rs`, `tests/worlds.rs`). Where the operator does something strange, so does this room.
//!
//! [`reconcile`] is the whole way, in the operator's order:
//!
//! 1. `select`: is the Prometheus handled at all, and which monitors does it select;
//! 2. `admit`: which of these are rejected, in the operator's words;
//! 3. `config`: the configuration of the others.
//!
//! [`add_operands`] is what it runs besides: the pods of Prometheus and Alertmanager and the Services in front of them.
//!
//! [`Reality`] says what is assumed besides the objects: the operator, its flags, Kubernetes; [`deployed`] reads it off a Deployment. What differs between releases
//! of the operator is data in `release`.

mod admit;
mod assets;
mod config;
pub mod deployed;
mod fields;
#[doc(hidden)]
pub mod fuzz;
mod instance;
mod monitor;
mod mounts;
mod operands;
mod plain;
mod reality;
mod reconcile;
mod refusal;
mod release;
mod select;

pub use admit::Admission;
pub use assets::{Assets, Client};
pub use config::{Generator, Parts, Stop, Subject, Taken};
pub use instance::Instance;
pub use monitor::{Monitor, MonitorKind};
pub use mounts::Mounts;
pub use operands::add_operands;
pub use plain::Plain;
pub use reality::{Flags, Instead, Reality, Switches};
pub use reconcile::{Outcome, Rejection, Verdict, judge, look_through, reconcile};
pub use refusal::Refusal;
pub use release::{RELEASES, Release};
pub use select::NotSelected;
