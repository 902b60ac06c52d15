use std::{env, path::Path, path::PathBuf, process::Command};

use crate::Outcome;

/// The generator's workspace, below the repository's root.
const GENERATOR: &str = "generated-crds/codegen/Cargo.toml";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Take the CRDs from here instead of generated-crds/crds: a YAML file of many documents (the output of `operator crds`), or a
    /// folder. They replace the committed ones.
    #[arg(long, value_name = "FILE|DIR")]
    crds: Option<PathBuf>,
    /// Change nothing; fail when the committed output is not what the CRDs give.
    #[arg(long)]
    check: bool,
}

/// Builds and runs the generator. It is a workspace of its own, so that its dependencies (kopium brings a Kubernetes client) cost
/// nobody anything until they generate.
pub(crate) fn run(args: &Args) -> Outcome {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("xtask has no parent folder")?;
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        // Unoptimised: building with optimisation takes longer than it ever saves in a run of two seconds.
        .args(["run", "--quiet", "--locked", "--manifest-path"])
        .arg(root.join(GENERATOR))
        .arg("--target-dir")
        .arg(root.join("target/codegen"))
        .arg("--");
    if let Some(crds) = &args.crds {
        // Given relative to where the developer stands; made absolute because cargo may run the generator elsewhere.
        let absolute = std::path::absolute(crds).map_err(|error| format!("{}: {error}", crds.display()))?;
        command.arg("--crds").arg(absolute);
    }
    if args.check {
        command.arg("--check");
    }
    let status = command.status().map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err(match status.code() {
        Some(1) => "codegen failed; nothing was changed (its message is above)".to_owned(),
        _ => "the generator could not be built or was stopped; \
              try `cargo build --manifest-path generated-crds/codegen/Cargo.toml`"
            .to_owned(),
    })
}
