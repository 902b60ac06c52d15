//! Flags over file over defaults.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command, Error};

use super::section::{self, Section};
use crate::diagnostic::{Code, Diagnostic};

/// The options of one struct of flags, from what the command line gives (`flags`, which may hold other flags too), what
/// the file gives where the command line does not, and the defaults. `path` is what the section is called.
///
/// # Errors
/// When options of the file do not go together, or not with the flags.
pub fn layer(
    add_flags: fn(Command) -> Command,
    path: &str,
    flags: Option<&ArgMatches>,
    file: &Section,
) -> Result<ArgMatches, Box<Diagnostic>> {
    let command = add_flags(Command::new("options"));
    let mut arguments: Vec<OsString> = Vec::new();
    let mut on_command_line: Vec<&str> = Vec::new();
    for (flag, matches) in command.get_arguments().filter_map(|flag| Some((flag, flags?))) {
        let (id, Some(name)) = (flag.get_id().as_str(), flag.get_long()) else { continue };
        let given = matches.try_contains_id(id).unwrap_or(false)
            && matches.value_source(id) == Some(ValueSource::CommandLine);
        if !given {
            continue;
        }
        on_command_line.push(name);
        if !flag.get_action().takes_values() {
            arguments.push(format!("--{name}").into());
            continue;
        }
        for value in matches.get_raw(id).into_iter().flatten() {
            let mut argument = OsString::from(format!("--{name}="));
            argument.push(value);
            arguments.push(argument);
        }
    }
    let from_file: Vec<_> =
        file.given.iter().filter(|given| !on_command_line.contains(&given.option.as_str())).collect();
    arguments.extend(from_file.iter().flat_map(|given| &given.flags).map(|(flag, _)| OsString::from(flag)));
    add_flags(Command::new("options").no_binary_name(true))
        .try_get_matches_from(arguments)
        .map_err(|error| Box::new(explain(&error, path, &on_command_line, file)))
}

/// Why options do not go together, with the places of those that are in the file.
fn explain(error: &Error, path: &str, on_command_line: &[&str], file: &Section) -> Diagnostic {
    let involved = section::involved(error);
    let shown: Vec<String> = involved
        .iter()
        .map(|name| {
            if on_command_line.contains(&name.as_str()) {
                format!("--{name}")
            } else {
                format!("`{path}.{name}`")
            }
        })
        .collect();
    let message = match (error.kind(), shown.as_slice()) {
        (ErrorKind::ArgumentConflict, [one, others @ ..]) if !others.is_empty() => {
            format!("{one} and {} exclude each other", others.join(", "))
        }
        (ErrorKind::MissingRequiredArgument, [_, ..]) => format!("{} is missing", shown.join(", ")),
        _ => {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default();
            line.trim_start_matches("error: ").to_owned()
        }
    };
    let finding = Diagnostic::new(Code::CONTRADICTORY_OPTIONS, message);
    let finding = if error.kind() == ErrorKind::ArgumentConflict {
        finding.help("take one of them out")
    } else {
        finding
    };
    let mut places =
        file.given.iter().filter(|given| involved.contains(&given.option)).map(|given| given.place.clone());
    let Some(first) = places.next().or_else(|| file.place.clone()) else { return finding };
    places.fold(finding.at(first, ""), |finding, place| finding.with(place, "and this"))
}
