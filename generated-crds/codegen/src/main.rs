//! Generates `generated-crds`: typed bindings from the CRDs of monitoring.coreos.com, and the compact schemas.
//!
//! CRDs → [`model`] (types, equal ones once, some replaced by k8s-openapi's) → [`names`] → [`print`] (members as kopium reads them) →
//! Rust files; and the same CRDs → [`compact`] → `schema/monitoring.json`. [`builtin`] writes `schema/kubernetes.json`, and from the
//! CRDs of `calico/`, which are written by hand, `schema/calico.json`. Everything is made in memory first: when anything fails, nothing
//! on disk has changed.

mod builtin;
mod crds;
mod model;
mod names;
mod output;
mod print;
mod substitute;
mod variants;

// Two files of the crate are compiled here as well, instead of depending on the crate: code that was generated wrongly, or a schema
// that is missing, must not keep the generator from building.
#[path = "../../src/compact.rs"]
#[allow(dead_code, unreachable_pub, reason = "the crate's public API, of which the generator needs a part")]
mod compact;
#[path = "../../src/schema.rs"]
#[allow(dead_code, unreachable_pub, reason = "the crate's public API, of which the generator needs a part")]
#[allow(
    clippy::struct_field_names,
    reason = "clippy looks away from names that are public API, which they are in the crate"
)]
mod schema;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use output::Output;

/// What every step returns on failure: a message for people.
type Result<T> = std::result::Result<T, String>;

const USAGE: &str = "usage: codegen [--crds FILE|DIR] [--check]";

fn main() -> ExitCode {
    match run() {
        Ok(message) => {
            println!("{message}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("codegen: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String> {
    let (mut given, mut check) = (None, false);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--crds" => given = Some(PathBuf::from(args.next().ok_or(USAGE)?)),
            "--check" => check = true,
            _ => return Err(USAGE.to_owned()),
        }
    }
    let crate_dir =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the generator has no parent folder")?;
    let crds = crds::read(given.as_deref().unwrap_or(&crate_dir.join("crds")))?;

    let mut output = Output::default();
    for crd in &crds {
        output.add(format!("crds/{}.yaml", crd.plural), crds::write(crd)?);
    }
    let kubernetes = builtin::table();
    let monitoring = builtin::custom(&kubernetes, crds.iter().map(|crd| &crd.value))?;
    let calico = builtin::custom(&kubernetes, &crds::by_hand(&crate_dir.join("calico"))?)?;
    output.add("schema/calico.json", builtin::write(&calico)?);
    output.add("schema/kubernetes.json", builtin::write(&kubernetes)?);
    output.add("schema/monitoring.json", builtin::write(&monitoring)?);
    let model = model::Model::read(&crds)?;
    let names = names::Names::of(&model)?;
    print::print(&model, &names, &mut output)?;
    output.format(crate_dir)?;

    let figures = format!(
        "{} kinds, {} types, {} + {} + {} schema nodes",
        model.kinds.len(),
        model.kinds.len() + model.structs.len() + model.enums.len(),
        monitoring.nodes.len(),
        kubernetes.nodes.len(),
        calico.nodes.len()
    );
    if check {
        output.check(crate_dir)?;
        return Ok(format!("up to date: {figures}"));
    }
    let changed = output.write(crate_dir)?;
    Ok(format!("{figures}; {changed} files changed"))
}
