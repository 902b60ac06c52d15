//! Systems promwire knows how to monitor: from what a user wants to the objects that do it.
//!
//! An [`Integration`] is a name, options (a struct whose flags clap derives) and a function from both and the
//! [`Scene`] to a [`Plan`]. Nothing here reads files, prints, or talks to anybody.

mod calico;
pub mod discovered;
mod discovery;
pub mod distinguish;
mod etcd;
mod labels;
mod monitor;
mod node_exporter;
mod node_ports;
mod plan;
mod prometheus;
pub mod solve;
mod surroundings;
mod wiring;

use std::cell::RefCell;
use std::collections::BTreeSet;

use clap::{ArgMatches, Args, Command, FromArgMatches};

use crate::diagnostic::{Code, Diagnostic};
use crate::model::inventory::Inventory;
use crate::model::object::{Object, ObjectId};

pub use labels::{MANAGED_BY, PROMWIRE};
pub use plan::Plan;
pub use solve::Labels;
pub use surroundings::{ReadFile, Surroundings};
pub use wiring::{Admission, MonitorKind, PrometheusView, TargetNamespaces, Wiring, WiringOptions};

/// Where new objects live when nobody says otherwise.
pub const DEFAULT_NAMESPACE: &str = "monitoring";

/// The name of the integration that makes a Prometheus: the monitors of the others are wired to it.
pub const PROMETHEUS: &str = prometheus::INTEGRATION;

/// What an integration finds when it begins.
#[derive(Debug)]
pub struct Scene<'w> {
    /// The objects of the input.
    pub inventory: &'w Inventory,
    /// How monitors reach a Prometheus.
    pub wiring: &'w Wiring<'w>,
    /// The namespace to work in, if the user named one.
    pub namespace: Option<&'w str>,
    /// Namespaces in which the other integrations of the run have targets.
    pub scraped: &'w BTreeSet<String>,
    /// Secrets that the monitors of the other integrations of the run expect as files in Prometheus.
    pub mounted: &'w BTreeSet<String>,
    /// The objects of the input that the result depends on.
    pub used: &'w Used,
    /// The clock, files, and what may be written.
    pub surroundings: &'w Surroundings<'w>,
}

/// The objects of the input that a result depends on: mistakes in them matter, those in others do not.
#[derive(Debug, Default)]
pub struct Used(RefCell<BTreeSet<ObjectId>>);

impl Used {
    /// Notes an object.
    pub fn note(&self, object: Object<'_>) {
        self.0.borrow_mut().insert(object.id());
    }

    /// The objects noted, in the order of the inventory.
    pub fn take(self) -> BTreeSet<ObjectId> {
        self.0.into_inner()
    }
}

impl Scene<'_> {
    /// The namespace for objects that are made from nothing.
    pub fn own_namespace(&self) -> &str {
        self.namespace.unwrap_or(DEFAULT_NAMESPACE)
    }
}

/// A system promwire knows.
#[derive(Debug)]
pub struct Integration {
    /// As the command line spells it.
    pub name: &'static str,
    /// One line for the help.
    pub about: &'static str,
    /// Adds the integration's flags to a command.
    pub options: fn(Command) -> Command,
    /// Makes the plan, from the flags as they were read.
    pub plan: fn(&ArgMatches, &Scene<'_>) -> Result<Plan, Box<Diagnostic>>,
}

impl Integration {
    /// Whether it is told what it is for, and so may be there several times in one run.
    pub fn may_repeat(&self) -> bool {
        let command = (self.options)(Command::new(self.name));
        command.get_arguments().any(|flag| flag.get_long() == Some(monitor::TARGET_FLAG))
    }
}

/// Every integration, in the order the help lists them.
pub static ALL: &[Integration] = &[
    monitor::SERVICE_MONITOR,
    monitor::POD_MONITOR,
    prometheus::PROMETHEUS,
    node_exporter::NODE_EXPORTER,
    etcd::ETCD,
    calico::CALICO,
];

/// Adds the flags that a struct of options derives.
fn flags<O: Args>(command: Command) -> Command {
    O::augment_args(command)
}

/// The options from the flags as they were read.
///
/// # Errors
/// When the flags are not those of the options: then the command was not built with [`flags`].
fn options<O: FromArgMatches>(matches: &ArgMatches) -> Result<O, Box<Diagnostic>> {
    O::from_arg_matches(matches).map_err(|error| {
        Box::new(Diagnostic::new(Code::CONTRADICTORY_OPTIONS, error.to_string().trim().to_owned()))
    })
}

/// Reads `KEY=VALUE`, a label.
///
/// # Errors
/// What makes it no label, in one sentence.
pub fn parse_label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a label is KEY=VALUE")?;
    if let Some(reason) = crate::model::label::key_error(key) {
        return Err(format!("`{key}` is no label key: {reason}"));
    }
    if let Some(reason) = crate::model::label::value_error(value) {
        return Err(format!("`{value}` is no label value: {reason}"));
    }
    Ok((key.to_owned(), value.to_owned()))
}
