//! A section of the file: options for one struct of flags.

use std::fmt;
use std::path::Path;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};

use super::nearest;
use super::option::{self, FileOption, Shape};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::source::{Node, Value};

/// Adds the flags of a struct of options to a command.
pub(super) type AddFlags = fn(Command) -> Command;

/// Options for one struct of flags, as the file gives them.
#[derive(Debug, Clone)]
pub struct Section {
    /// Where it begins, for findings about it as a whole; none where the file has no such section.
    pub place: Option<Place>,
    pub(super) given: Vec<Given>,
}

/// One option of a section.
#[derive(Debug, Clone)]
pub(super) struct Given {
    /// Its name.
    pub(super) option: String,
    /// The flags that say the same, each with the place of its value.
    pub(super) flags: Vec<(String, Place)>,
    /// Where it stands.
    pub(super) place: Place,
}

impl Section {
    /// A section that says nothing.
    pub fn empty() -> Self {
        Self { place: None, given: Vec::new() }
    }

    /// The same, with options from somewhere else where it gives none: the name of each, its value, and where that stands.
    #[must_use]
    pub fn or<'o>(mut self, others: impl IntoIterator<Item = (&'o str, &'o str, Place)>) -> Self {
        for (option, value, place) in others {
            if !self.given.iter().any(|given| given.option == option) {
                // A switch has no value.
                let equals = if value.is_empty() { "" } else { "=" };
                let flags = vec![(format!("--{option}{equals}{value}"), place.clone())];
                self.given.push(Given { option: option.to_owned(), flags, place });
            }
        }
        self
    }

    /// A finding that has no place, at that of the option it is about.
    pub fn point(&self, finding: Diagnostic) -> Diagnostic {
        let place = self.place_for(&finding.message).cloned();
        match place.filter(|_| finding.place.is_none()) {
            Some(place) => finding.at(place, ""),
            None => finding,
        }
    }

    /// Where the option stands that a message is about: it names the flag, or quotes the value.
    fn place_for(&self, message: &str) -> Option<&Place> {
        self.given.iter().find_map(|given| {
            given.flags.iter().find_map(|(flag, place)| {
                let (flag, value) = flag.split_once('=').unwrap_or((flag, ""));
                if message.split(' ').any(|word| word == flag) {
                    return Some(&given.place);
                }
                // Of an entry `KEY=VALUE` the key may be what is quoted.
                let mut quoted = [value, value.split('=').next().unwrap_or_default()].into_iter();
                let is_quoted = quoted.any(|text| !text.is_empty() && message.contains(&format!("`{text}`")));
                is_quoted.then_some(place)
            })
        })
    }

    /// The options it gives, with their places.
    pub fn options(&self) -> impl Iterator<Item = (&str, &Place)> {
        self.given.iter().map(|given| (given.option.as_str(), &given.place))
    }

    /// Reads a section; `path` is what it is called in findings, `place` where its key stands. What is wrong is added to
    /// `findings`, and the rest is read all the same.
    pub(super) fn read(
        node: Node<'_>,
        path: &str,
        place: Place,
        add_flags: AddFlags,
        findings: &mut Vec<Diagnostic>,
    ) -> Self {
        let command = add_flags(Command::new("section"));
        let mut section = Self { place: Some(place), given: Vec::new() };
        if !node.is_mapping() && !node.is_null() {
            findings.push(wrong(&format!("`{path}`"), "a mapping of options", node));
            return section;
        }
        for entry in node.entries() {
            let key_place = Place::new(node.document().file().clone(), entry.key_span);
            let Some(option) = option::options(&command).find(|option| option.name == entry.key) else {
                let names: Vec<&str> = option::options(&command).map(|option| option.name).collect();
                findings.push(unknown(&format!("`{path}`"), "option", entry.key, key_place, &names));
                continue;
            };
            let path = format!("{path}.{}", option.name);
            if let Some(flags) = flags(option, entry.value, &path, add_flags, findings) {
                section.given.push(Given { option: option.name.to_owned(), flags, place: key_place });
            }
        }
        section
    }
}

/// The flags that say what a value says; none where it is wrong.
fn flags(
    option: FileOption<'_>,
    node: Node<'_>,
    path: &str,
    add_flags: AddFlags,
    findings: &mut Vec<Diagnostic>,
) -> Option<Vec<(String, Place)>> {
    let name = option.name;
    if option.shape() == Shape::Switch {
        return match node.value() {
            Value::Bool(true) => Some(vec![(format!("--{name}"), node.place())]),
            Value::Bool(false) => Some(Vec::new()),
            _ => {
                findings.push(wrong(&format!("`{path}`"), "true or false", node));
                None
            }
        };
    }
    let mut values: Vec<(String, Node<'_>)> = Vec::new();
    let before = findings.len();
    let mut add = |prefix: String, node| match text(option, node) {
        Ok(text) if option.is_path() => values.push((from_its_folder(&text, node), node)),
        Ok(text) => values.push((prefix + &text, node)),
        Err(expected) => findings.push(wrong(&format!("`{path}`"), &expected, node)),
    };
    match node.value() {
        Value::Sequence(items) if option.is_list() => items.for_each(|item| add(String::new(), item)),
        Value::Mapping(entries) if option.shape() == Shape::Pairs => {
            for entry in entries {
                let prefix = format!("{}=", entry.key);
                match entry.value.value() {
                    Value::Sequence(items) if option.has_lists() => {
                        items.for_each(|item| add(prefix.clone(), item));
                    }
                    _ => add(prefix, entry.value),
                }
            }
        }
        _ if option.is_list() => {
            let finding = wrong(&format!("`{path}`"), "a list", node);
            findings.push(match node.as_str() {
                Some(text) => finding.help(format!("write `{name}: [{text}]`")),
                None => finding,
            });
        }
        _ => add(String::new(), node),
    }
    // Each on its own, so that every mistake is told and has its place; how they go together is seen later.
    let mut flags = Vec::new();
    for (value, node) in values {
        let flag = format!("--{name}={value}");
        let command = add_flags(Command::new("section").no_binary_name(true));
        match command.try_get_matches_from([&flag]) {
            Err(error) if is_about_the_value(&error) => findings.push(refused(path, &value, &error, node)),
            _ => flags.push((flag, node.place())),
        }
    }
    (findings.len() == before).then_some(flags)
}

/// A file as it is named from the folder of the file that names it, which need not be the current one.
fn from_its_folder(path: &str, node: Node<'_>) -> String {
    let folder = Path::new(node.document().file().name()).parent().unwrap_or_else(|| Path::new(""));
    folder.join(path).to_string_lossy().into_owned()
}

/// A value as the text a flag would have, or what it should be.
fn text(option: FileOption<'_>, node: Node<'_>) -> Result<String, String> {
    match (node.value(), option.shape()) {
        (Value::Int(number), _) => Ok(number.to_string()),
        (Value::Uint(number), _) => Ok(number.to_string()),
        (_, Shape::Number) => Err("a whole number".to_owned()),
        (Value::String(text), _) => Ok(text.to_owned()),
        (Value::Bool(value), Shape::Boolean) => Ok(value.to_string()),
        (Value::Bool(value), _) if option.has_boolean_values() => Ok(value.to_string()),
        (_, Shape::Boolean) => Err("true or false".to_owned()),
        (Value::Bool(false), _) if option.has_levels() => Ok("off".to_owned()),
        (Value::Bool(value), _) if option.has_switch_words() => {
            Ok(if value { "on" } else { "off" }.to_owned())
        }
        (Value::Bool(_) | Value::Float(_), _) => Err("a string; write it in quotes".to_owned()),
        _ => Err("a string".to_owned()),
    }
}

fn is_about_the_value(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidValue
            | ErrorKind::ValueValidation
            | ErrorKind::TooFewValues
            | ErrorKind::InvalidUtf8
    )
}

/// What clap says about a value, at its place.
fn refused(path: &str, value: &str, error: &Error, node: Node<'_>) -> Diagnostic {
    let reason = std::error::Error::source(error).map(ToString::to_string);
    let choices: Vec<String> = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(choices)) => choices.clone(),
        _ => Vec::new(),
    };
    let message = match reason {
        Some(reason) => format!("`{value}` is no value for `{path}`: {reason}"),
        None if value.is_empty() => format!("`{path}` has no value"),
        None => format!("`{value}` is no value for `{path}`"),
    };
    let finding = Diagnostic::new(Code::INVALID_SETTING, message);
    let meant = nearest(value, choices.iter().map(String::as_str));
    let finding =
        finding.at(node.place(), meant.map(|meant| format!("did you mean `{meant}`?")).unwrap_or_default());
    if choices.is_empty() || meant.is_some() {
        finding
    } else {
        finding.help(format!("it is one of {}", choices.join(", ")))
    }
}

/// A value of the wrong type.
pub(super) fn wrong(what: &str, expected: &str, node: Node<'_>) -> Diagnostic {
    Diagnostic::new(Code::INVALID_SETTING, format!("{what} takes {expected}"))
        .at(node.place(), format!("this is {}", node.kind_name()))
}

/// A key that means nothing, with what it was meant to be or what there is.
pub(super) fn unknown(
    owner: &str,
    what: &str,
    key: impl fmt::Display + AsRef<str>,
    place: Place,
    known: &[&str],
) -> Diagnostic {
    let finding = Diagnostic::new(Code::UNKNOWN_KEY, format!("{owner} has no {what} `{key}`"));
    match nearest(key.as_ref(), known.iter().copied()) {
        Some(meant) => finding.at(place, format!("did you mean `{meant}`?")),
        None => finding.at(place, "").help(format!("there is {}", known.join(", "))),
    }
}

/// What clap says when options do not go together: which they are, as it shows them.
pub(super) fn involved(error: &Error) -> Vec<String> {
    let shown = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        Some(ContextValue::StyledStr(text)) => vec![StyledStr::to_string(text)],
        _ => Vec::new(),
    };
    // `--storage <SIZE>` is `storage`.
    let name = |text: String| {
        let text = text.trim_start_matches('-');
        text.split([' ', '=', '[']).next().unwrap_or(text).to_owned()
    };
    [ContextKind::InvalidArg, ContextKind::PriorArg].into_iter().flat_map(shown).map(name).collect()
}
