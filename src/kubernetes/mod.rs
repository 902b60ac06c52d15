//! What the API server does to objects before anybody else sees them, in the words it has for what is wrong.
//!
//! * [`defaulting`]: fields a schema gives a default, and those it does not know.
//! * [`data`]: what a Secret or `ConfigMap` holds, `stringData` included.
//! * [`controllers`]: what the controllers make of a [`snapshot`]: pods of workloads, endpoints of Services.
//! * [`rbac`]: who may do what; [`network_policy`]: who may talk to whom.
//! * [`label_selector`], [`selector_text`]: selectors as apimachinery judges them, for messages that can be found again.
//! * [`snapshot`]: compact typed views of the objects that discovery and the controllers look at.

pub mod controllers;
pub mod data;
pub mod defaulting;
pub mod label_selector;
pub mod network_policy;
pub mod rbac;
pub mod selector_text;
pub mod snapshot;
