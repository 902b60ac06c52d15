//! The compositions: a world of objects from an input, generating into it, and checking what was generated; the scrape
//! configuration of a Prometheus in it; everything that is wrong with it.

mod check;
mod explain;
mod generate;
mod scrape_config;
pub mod targets;
mod verify;
mod world;

pub use check::{Assumed, Checked, Summary, check};
pub use explain::{Branch, Explained, Question, explain};
pub use generate::{Asked, Chosen, Generated, Request, generate};
pub use scrape_config::{Change, Compiled, RejectedMonitor, UnselectedMonitor, Wanted, compare, compile};
pub use world::World;
