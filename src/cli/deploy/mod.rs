//! What `apply`, `diff` and `delete` have in common: what is wanted, which inventory, and how a plan is told.

mod difference;
pub(super) mod told;
mod wanted;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgMatches, Args};

use super::check::AssumedArgs;
use super::cluster::AccessArgs;
use super::generate;
use super::input::InputArgs;
use crate::cluster::apply::SetName;
use crate::cluster::{Connection, FIELD_MANAGER};
use crate::config::{Stack, WiringArgs};

pub(super) use difference::difference;
pub(super) use wanted::Desired;

/// Flags of everything that brings objects into a cluster.
#[derive(Args, Debug, Clone)]
pub(super) struct DeployArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,

    #[command(flatten)]
    pub(super) access: AccessArgs,

    #[command(flatten)]
    pub(super) inventory: InventoryArgs,

    /// Write Secrets too
    #[arg(long, help_heading = "Apply")]
    pub(super) with_secrets: bool,

    /// Delete what was applied before and is not wanted any more
    #[arg(long, help_heading = "Apply")]
    pub(super) prune: bool,

    #[command(flatten)]
    pub(super) wiring: WiringArgs,

    #[command(flatten)]
    pub(super) assumed: AssumedArgs,
}

impl DeployArgs {
    /// Adds them, and those of a Stack's integrations.
    pub(super) fn augment(command: clap::Command) -> clap::Command {
        Self::augment_args(command).arg(generate::set())
    }

    /// What is wanted.
    pub(super) fn desired(
        &self,
        matches: &ArgMatches,
        connection: &Connection,
        usage: fn(&str) -> super::Failure,
    ) -> Result<Desired, super::Failure> {
        Desired::of(self, matches, connection, usage)
    }
}

/// Which inventory.
#[derive(Args, Debug, Clone)]
pub(super) struct InventoryArgs {
    /// The name of the inventory, a ConfigMap that says what was applied; another one for each Stack of a namespace
    #[arg(
        long = "inventory",
        value_name = "NAME",
        default_value = FIELD_MANAGER,
        value_parser = NonEmptyStringValueParser::new(),
        help_heading = "Apply"
    )]
    name: String,
}

impl InventoryArgs {
    /// It is in the namespace to work in: that of the flags, the Stack or the context.
    pub(super) fn set(
        &self,
        namespace: Option<&str>,
        stack: Option<&Stack>,
        connection: &Connection,
    ) -> SetName {
        let of_stack = stack.and_then(|stack| stack.namespace.as_deref());
        let namespace = namespace.or(of_stack).unwrap_or_else(|| connection.namespace());
        SetName { name: self.name.clone(), namespace: namespace.to_owned() }
    }
}
