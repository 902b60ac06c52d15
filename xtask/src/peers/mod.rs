//! `cargo xtask bench peers`: `promwire check` beside kubeconform, on the same files in the same run.
//!
//! A repository is generated as a large one would be: applications with their monitors, some ten thousand documents in half as
//! many files. kubeconform checks schemas alone, from local files made of what the rig's API server serves, so that neither asks the
//! network. Runs alternate, and medians are shown; what counts is the ratio. Then promwire alone on more documents, for how
//! its time and memory grow.
#![expect(clippy::cast_precision_loss, reason = "figures for people, far below 2^52")]

mod measure;
mod repository;
mod schemas;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use self::measure::{Measured, median, run};
use crate::Outcome;
use crate::cargo::cargo;

/// Times the repository is as large as the first, for how promwire grows.
const GROWTH: [usize; 4] = [1, 2, 5, 10];

/// Measures, and prints two tables.
pub(crate) fn run_all(quick: bool) -> Outcome {
    let turns = if quick { 3 } else { 9 };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("xtask has no parent folder")?;
    cargo(&["build", "--quiet", "--release", "--package", "promwire"], &[])?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let promwire = target.join("release").join("promwire");
    let peers = peers(root)?;
    let work = target.join("peers");
    let schemas = work.join("schemas");
    schemas::write(Path::new(&peers.openapi), &schemas)?;
    let folder = work.join("repository-1");
    let made = repository::write(&folder, 1)?;
    say(&format!("{} documents in {} files, {:.1} MB\n", made.documents, made.files, made.megabytes()));
    let location = format!("{}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json", schemas.display());
    let check = || run(Command::new(&promwire).args(["check", "-o", "json"]).arg(&folder), &[0]);
    let conform = || {
        run(
            Command::new(&peers.kubeconform)
                .args(["-n", "2", "-summary", "-schema-location", &location])
                .arg(&folder),
            &[0],
        )
    };
    // Once for the page cache, and to see that both find the repository in order.
    check()?;
    conform()?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..turns {
        ours.push(check()?);
        theirs.push(conform()?);
    }
    let (ours, theirs) = (median(&ours), median(&theirs));
    say("| | wall | CPU | peak memory |\n|---|---|---|---|\n");
    row("kubeconform -n 2", &theirs);
    row("promwire check", &ours);
    let ratio = theirs.wall.as_secs_f64() / ours.wall.as_secs_f64();
    say(&format!("\npromwire is {ratio:.1} times as fast.\n\n"));
    say("| documents | wall | µs per document | peak memory |\n|---|---|---|---|\n");
    for times in GROWTH {
        let folder = work.join(format!("repository-{times}"));
        let made = repository::write(&folder, times)?;
        let turns = if times == 1 || quick { 3 } else { 5 };
        let all: Result<Vec<Measured>, String> = (0..turns)
            .map(|_| run(Command::new(&promwire).args(["check", "-o", "json"]).arg(&folder), &[0]))
            .collect();
        let one = median(&all?);
        let each = one.wall.as_secs_f64() * 1e6 / made.documents as f64;
        say(&format!(
            "| {} | {:.0} ms | {each:.1} | {:.0} MB |\n",
            made.documents,
            one.wall.as_secs_f64() * 1e3,
            one.peak as f64 / 1e6
        ));
    }
    Ok(())
}

/// Where the rig keeps what is needed.
struct Peers {
    kubeconform: String,
    openapi: String,
}

/// Asks the rig, which builds and starts what is not there yet.
fn peers(root: &Path) -> Result<Peers, String> {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(program)
        .args(["run", "--quiet", "--package", "promwire-rig", "--", "peers"])
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo run: {error}"))?;
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| "the rig did not say where its programs are; its message is above".to_owned())?;
    let text =
        |key: &str| answer[key].as_str().map(str::to_owned).ok_or_else(|| format!("the rig said no `{key}`"));
    Ok(Peers { kubeconform: text("kubeconform")?, openapi: text("openapi")? })
}

fn row(name: &str, measured: &Measured) {
    let ms = |duration: std::time::Duration| format!("{:.0} ms", duration.as_secs_f64() * 1e3);
    say(&format!(
        "| {name} | {} | {} | {:.0} MB |\n",
        ms(measured.wall),
        ms(measured.cpu),
        measured.peak as f64 / 1e6
    ));
}

#[expect(clippy::print_stdout, reason = "the tables are this command's output")]
fn say(text: &str) {
    print!("{text}");
}

/// Makes a folder anew.
fn empty(folder: &Path) -> Outcome {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}
