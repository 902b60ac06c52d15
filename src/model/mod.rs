//! Objects: identity, origin, schema, label selectors and the indexed inventory.
//!
//! [`inventory::Inventory`] is where the rooms above begin: documents go in, and objects come out by identity, by kind,
//! or by [`selector::Selector`].

pub mod intern;
pub mod inventory;
pub mod kind;
pub mod label;
pub mod label_index;
pub mod name;
pub mod object;
pub mod schema;
pub mod selector;
mod wording;
pub mod workload;
