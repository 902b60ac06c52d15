//! `cargo xtask rig build|up|down`: builds the components, starts a cluster and leaves it to a person. `peers` is for
//! `cargo xtask bench peers`.

mod forward;
mod peers;
mod up;

use std::process::ExitCode;

use clap::{Args, Parser};
use promwire_rig::components::{COMPONENTS, Selection};
use promwire_rig::programs::Programs;
use promwire_rig::{launch, prerequisites, say};

/// The rig: real components in a network of their own.
#[derive(Parser)]
#[command(name = "cargo xtask rig", bin_name = "cargo xtask rig")]
enum Command {
    /// Build the components into the cache, if they are not there
    Build(Versions),
    /// Start a cluster and leave it running until Ctrl-C
    Up(Versions),
    /// End every cluster that was left running
    Down,
    /// Build what promwire is measured beside, ask the API server for its schemas, and print where both are
    Peers(Versions),
}

/// Which versions run.
#[derive(Args)]
struct Versions {
    /// Run another version of a component, such as `operator=0.92.0`; may be repeated
    #[arg(long = "version", value_name = "COMPONENT=VERSION")]
    versions: Vec<String>,
}

impl Versions {
    fn selection(&self) -> Result<Selection, String> {
        let mut selection = Selection::default();
        for wanted in &self.versions {
            let (name, version) = wanted
                .split_once('=')
                .ok_or_else(|| format!("`{wanted}` is not COMPONENT=VERSION, such as operator=0.92.0"))?;
            selection.choose(name, version)?;
        }
        Ok(selection)
    }
}

fn main() -> ExitCode {
    let outcome = match Command::parse() {
        Command::Build(versions) => versions.selection().and_then(|selection| {
            build(&selection)?;
            for component in COMPONENTS {
                say(&format!("{} {} is built", component.name, selection.version(component).name));
            }
            Ok(ExitCode::SUCCESS)
        }),
        Command::Down => up::down(),
        Command::Peers(versions) => versions.selection().and_then(|selection| peers(&selection)),
        Command::Up(versions) => versions.selection().and_then(|selection| up(&selection)),
    };
    match outcome {
        Ok(code) => code,
        Err(message) => {
            say(&message);
            ExitCode::FAILURE
        }
    }
}

fn build(selection: &Selection) -> Result<(), String> {
    let missing = prerequisites::missing(selection);
    if !missing.is_empty() {
        return Err(format!("this machine lacks\n  {}", missing.join("\n  ")));
    }
    Programs::build(selection, &mut |text| say(text)).map(drop)
}

fn peers(selection: &Selection) -> Result<ExitCode, String> {
    if let Some(run) = launch::inside() {
        return peers::inside(&run, selection);
    }
    build(selection)?;
    peers::outside(selection)
}

fn up(selection: &Selection) -> Result<ExitCode, String> {
    if let Some(run) = launch::inside() {
        return up::inside(&run, selection);
    }
    build(selection)?;
    up::outside(launch::launch()?)
}
