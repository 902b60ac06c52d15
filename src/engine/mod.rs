//! The compositions: the worlds of objects of an input, generating into one, and checking what was generated; the scrape
//! configuration of a Prometheus in it; everything that is wrong with it. [`lock`] is what a cluster was like, as a file.

pub mod certificates;
mod check;
mod explain;
#[doc(hidden)]
pub mod fuzz;
mod generate;
mod judge;
pub mod lock;
mod scrape_config;
mod suppress;
pub mod targets;
mod verify;
mod world;
#[doc(hidden)]
pub mod worlds;

pub use check::{Assumed, Checked, Summary, check, check_all};
pub use explain::{Branch, Explained, Question, explain};
pub use generate::{Asked, Chosen, Generated, Request, generate};
pub use judge::{Judged, judge};
pub use scrape_config::{Change, Compiled, RejectedMonitor, UnselectedMonitor, Wanted, compare, compile};
pub use suppress::Suppressed;
pub use world::World;
pub use worlds::{NamedWorld, Worlds};
