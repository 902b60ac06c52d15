//! `cargo xtask rig`: real components in a network of their own.
//!
//! The rig is a crate with a Kubernetes client; it is built only when it is asked for.

use crate::Outcome;
use crate::cargo::cargo;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Build the components into the cache, if they are not there (the first time takes a quarter of an hour)
    Build(Versions),
    /// Start a cluster with an operator and leave it running until Ctrl-C; prints its kubeconfig
    Up(Versions),
    /// End every cluster that was left running
    Down,
    /// Run the end-to-end tests, those of the commands that talk to a cluster, and 60 generated worlds
    Test {
        #[command(flatten)]
        versions: Versions,
        /// Only so many generated worlds: 30 with fixed seeds, the others with seeds of the commit
        #[arg(long, value_name = "COUNT", conflicts_with = "filter")]
        worlds: Option<u64>,
        /// Only the generated world of this seed
        #[arg(long, value_name = "SEED", conflicts_with_all = ["filter", "worlds"])]
        seed: Option<u64>,
        /// In generated worlds run Prometheuses, too, and compare their targets
        #[arg(long, conflicts_with = "filter")]
        targets: bool,
        /// Only cases whose name holds this
        filter: Option<String>,
    },
    /// Run the end-to-end tests and write what was seen into their folders
    Record {
        #[command(flatten)]
        versions: Versions,
        /// Only cases whose name holds this
        filter: Option<String>,
    },
}

#[derive(clap::Args)]
struct Versions {
    /// Run another version of a component, such as `operator=0.92.0`; may be repeated
    #[arg(long = "version", value_name = "COMPONENT=VERSION")]
    versions: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Outcome {
    match &args.command {
        Command::Build(versions) => program("build", versions),
        Command::Up(versions) => program("up", versions),
        Command::Down => program("down", &Versions { versions: Vec::new() }),
        Command::Test { versions, worlds, seed, targets, filter } => {
            let number = |number: &Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
            let only_worlds = worlds.is_some() || seed.is_some();
            if !only_worlds {
                end_to_end(versions, filter.as_deref(), &[])?;
                in_the_rig("live", versions, filter.as_deref(), &[])?;
            }
            if filter.is_some() {
                return Ok(());
            }
            let (worlds, seed) = (number(worlds), number(seed));
            let mut environment =
                vec![("PROMWIRE_RIG_WORLDS", worlds.as_str()), ("PROMWIRE_RIG_SEED", &seed)];
            environment.extend(targets.then_some(("PROMWIRE_RIG_TARGETS", "1")));
            in_the_rig("worlds", versions, None, &environment)
        }
        Command::Record { versions, filter } => {
            end_to_end(versions, filter.as_deref(), &[("PROMWIRE_RECORD", "1")])
        }
    }
}

/// Builds the components, so that the end-to-end tests can run.
pub(crate) fn build() -> Outcome {
    program("build", &Versions { versions: Vec::new() })
}

fn program(command: &str, versions: &Versions) -> Outcome {
    let mut arguments = vec!["run", "--quiet", "--package", "promwire-rig", "--", command];
    for version in &versions.versions {
        arguments.extend(["--version", version]);
    }
    cargo(&arguments, &[])
}

fn end_to_end(versions: &Versions, filter: Option<&str>, environment: &[(&str, &str)]) -> Outcome {
    in_the_rig("e2e", versions, filter, environment)
}

fn in_the_rig(
    test: &str,
    versions: &Versions,
    filter: Option<&str>,
    environment: &[(&str, &str)],
) -> Outcome {
    program("build", versions)?;
    let mut arguments = vec!["test", "--package", "promwire-rig", "--test", test, "--"];
    arguments.extend(filter);
    let versions = versions.versions.join(",");
    let mut environment = environment.to_vec();
    environment.push(("PROMWIRE_RIG_VERSIONS", &versions));
    cargo(&arguments, &environment)
}
