//! `promwire delete`: what was applied, taken away again.

use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::cluster::AccessArgs;
use super::deploy::{InventoryArgs, told};
use super::{Exit, Failure, terminal};
use crate::cluster::Connection;
use crate::cluster::apply::Deployer;
use crate::source::LoadOptions;

/// The name of the command.
pub(super) const NAME: &str = "delete";

#[derive(Args, Debug, Clone)]
struct DeleteArgs {
    #[command(flatten)]
    access: AccessArgs,

    /// The namespace of the inventory; else that of the promwire.yaml of the current folder, or of the context
    #[arg(short, long, value_name = "NAMESPACE", value_parser = crate::model::name::label, help_heading = "Apply")]
    namespace: Option<String>,

    #[command(flatten)]
    inventory: InventoryArgs,

    /// Do not ask
    #[arg(short = 'y', long, help_heading = "Apply")]
    yes: bool,

    /// Only say what would be deleted
    #[arg(long, help_heading = "Apply")]
    dry_run: bool,
}

/// The command.
pub(super) fn command() -> Command {
    DeleteArgs::augment_args(Command::new(NAME))
        .about("Delete what promwire apply made, give back what it set, and touch nothing else")
        .long_about(
            "Delete what promwire apply made, give back what it set, and touch nothing else.\n\n\
             What was made stands in the inventory of the cluster; no files are needed. A Namespace stays while somebody else's \
             objects are in it.",
        )
        .after_help(
            "Examples:\n  \
             promwire delete --dry-run\n  \
             promwire delete -n monitoring --yes\n  \
             promwire delete --inventory etcd -n monitoring",
        )
}

/// Runs `promwire delete …`.
pub(super) fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    let args = DeleteArgs::from_arg_matches(matches)?;
    let stack = match args.namespace {
        Some(_) => None,
        None => super::check::own_stack(&LoadOptions::default())?,
    };
    let connection = Connection::open(&args.access.access())?;
    let set = args.inventory.set(args.namespace.as_deref(), stack.as_ref(), &connection);
    let deployer = Deployer::new(&connection)?;
    let plan = deployer.plan_deletion(&set)?;
    if plan.steps.is_empty() && !plan.has_inventory() {
        terminal::say(&format!(
            "nothing to delete: {} has no inventory {}/{}",
            told::cluster(&connection),
            set.namespace,
            set.name
        ));
        return Ok(Exit::Clean);
    }
    let shown = told::plan(&plan);
    if args.dry_run {
        return match terminal::write_stdout(&shown) {
            Ok(()) => Ok(Exit::Clean),
            Err(_) => Ok(Exit::Failed),
        };
    }
    terminal::say(&format!("{}, inventory {}/{}", told::cluster(&connection), set.namespace, set.name));
    terminal::say(shown.trim_end());
    if !told::confirm("Delete?", args.yes)? {
        terminal::say("nothing was deleted");
        return Ok(Exit::Failed);
    }
    let report = deployer.delete(&plan, &told::done);
    let findings = told::report(&report);
    if findings.is_empty() { Ok(Exit::Clean) } else { Err(Failure::Findings(findings)) }
}
