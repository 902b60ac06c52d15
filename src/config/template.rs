//! The commented file that `promwire init` writes, from the same flags that read it.

use std::fmt::Write as _;

use clap::{Args, Command};

use super::check::CheckArgs;
use super::option::{self, FileOption, Shape};
use super::reality::RealityArgs;
use super::section::AddFlags;
use super::stack::{API_VERSION, KIND};
use super::wiring::WiringArgs;
use crate::integrations;
use crate::source;

/// What the file asks for as it is written: what nearly everybody wants, and what needs no word about the cluster.
const ACTIVE: &[&str] = &["prometheus", "node-exporter"];

/// The file.
pub fn template() -> String {
    let mut text = format!(
        "# What `promwire generate` makes in this folder, and the reality promwire assumes. Whatever stands behind a `#` is an option with its default or an\n\
         # example. A flag on the command line replaces what is said here; `promwire generate INTEGRATION --help` tells more.\n\
         apiVersion: {API_VERSION}\nkind: {KIND}\n\n\
         # Manifests to read: files and folders, from the folder of this file. The more promwire sees of the cluster, the\n\
         # better it chooses, and the more it refuses to make twice.\n\
         #input:\n#- manifests\n\n\
         # The namespace to work in: of objects that name none, and where new ones are made.\n\
         #namespace: {}\n\n\
         # How `promwire check` and `promwire explain` judge.\n#check:\n",
        integrations::DEFAULT_NAMESPACE
    );
    section(&mut text, CheckArgs::augment_args, 2);
    text.push_str("\n# How monitors reach a Prometheus that is in the input.\n#wiring:\n");
    section(&mut text, WiringArgs::augment_args, 2);
    text.push_str(
        "\n# The reality assumed where the operator and Prometheus are predicted: versions, and the operator's flags.\n\
         #reality:\n",
    );
    section(&mut text, RealityArgs::augment_args, 2);
    text.push_str("\n# What to generate.\nintegrations:\n");
    for (index, integration) in integrations::ALL.iter().enumerate() {
        let blank = if index == 0 { "" } else { "\n" };
        let mark = if ACTIVE.contains(&integration.name) { "" } else { "#" };
        // Writing to a string does not fail.
        let _ = writeln!(text, "{blank}  # {}\n  {mark}{}:", integration.about, integration.name);
        section(&mut text, integration.options, 4);
    }
    text
}

fn section(text: &mut String, add_flags: AddFlags, depth: usize) {
    let command = add_flags(Command::new("section"));
    for option in option::options(&command) {
        let choices = option.choices();
        let choices = if choices.is_empty() { String::new() } else { format!(" ({})", choices.join(", ")) };
        let indent = " ".repeat(depth);
        let _ = writeln!(text, "{indent}# {}{choices}", option.help());
        let _ = writeln!(text, "{indent}#{}: {}", option.name, example(option));
    }
}

/// The default, or a value that shows what is expected.
fn example(option: FileOption<'_>) -> String {
    let value = option.default().or_else(|| option.choices().into_iter().next());
    let value = value.unwrap_or_else(|| option.value_name());
    let quoted = |text: String| {
        // As a YAML reader needs it.
        source::emit(&serde_json::Value::String(text)).trim_end().to_owned()
    };
    match (option.shape(), option.is_list()) {
        (Shape::Switch, _) => "true".to_owned(),
        (Shape::Pairs, _) if option.has_boolean_values() => "{NAME: true}".to_owned(),
        (Shape::Pairs, _) if option.has_levels() => "{PW204: error, PW418: \"off\"}".to_owned(),
        (Shape::Pairs, _) if option.has_lists() => "{vendor/: [PW2, PW101]}".to_owned(),
        (Shape::Pairs, _) => "{KEY: VALUE}".to_owned(),
        (Shape::Number | Shape::Boolean, false) => value,
        (_, true) => format!("[{}]", quoted(value)),
        (_, false) => quoted(value),
    }
}
