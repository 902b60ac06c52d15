//! What the derived flags say about themselves: names, kinds of values, defaults.

use std::any::TypeId;
use std::path::PathBuf;

use clap::{Arg, ArgAction, Command};

/// An option as the file knows it, with the flag it comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct FileOption<'c> {
    flag: &'c Arg,
    /// Its name, that of the flag without the dashes.
    pub(super) name: &'c str,
}

/// What values an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A flag that is there or not: true or false.
    Switch,
    /// A flag with the value true or false.
    Boolean,
    /// A whole number.
    Number,
    /// Any text; whole numbers are taken as such.
    Text,
    /// Entries such as `KEY=VALUE` or `NAME=BOOL`, or a mapping.
    Pairs,
}

/// The options of a command made of a struct of flags.
pub(super) fn options(command: &Command) -> impl Iterator<Item = FileOption<'_>> {
    command
        .get_arguments()
        .filter(|flag| !flag.is_hide_set())
        .filter_map(|flag| Some(FileOption { flag, name: flag.get_long()? }))
}

impl FileOption<'_> {
    pub(super) fn shape(&self) -> Shape {
        if !self.flag.get_action().takes_values() {
            Shape::Switch
        } else if self.flag.get_value_parser().type_id() == TypeId::of::<bool>() {
            Shape::Boolean
        } else if self.flag.get_value_parser().type_id() == TypeId::of::<u16>() {
            Shape::Number
        } else if self.value_name().contains('=') {
            Shape::Pairs
        } else {
            Shape::Text
        }
    }

    /// Whether it names a file.
    pub(super) fn is_path(&self) -> bool {
        self.flag.get_value_parser().type_id() == TypeId::of::<PathBuf>()
    }

    /// Whether it takes entries whose values are levels, of which YAML 1.1 reads `off` as a boolean.
    pub(super) fn has_levels(&self) -> bool {
        self.value_name() == "CODE=LEVEL"
    }

    /// Whether it takes entries with several values each.
    pub(super) fn has_lists(&self) -> bool {
        self.value_name() == "GLOB=CODE"
    }

    /// Whether it takes entries that are true or false.
    pub(super) fn has_boolean_values(&self) -> bool {
        self.value_name() == "NAME=BOOL"
    }

    /// Whether it may be given several times; then its value is a list.
    pub(super) fn is_list(&self) -> bool {
        matches!(self.flag.get_action(), ArgAction::Append)
    }

    pub(super) fn value_name(&self) -> String {
        self.flag
            .get_value_names()
            .into_iter()
            .flatten()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    }

    pub(super) fn help(&self) -> String {
        let help = self.flag.get_help().map(ToString::to_string).unwrap_or_default();
        if self.is_path() { format!("{help}, from the folder of this file") } else { help }
    }

    /// The values there are to choose from; none where any may do.
    pub(super) fn choices(&self) -> Vec<String> {
        if matches!(self.shape(), Shape::Switch | Shape::Boolean) {
            return Vec::new();
        }
        let choices = self.flag.get_possible_values();
        choices.iter().filter(|value| !value.is_hide_set()).map(|value| value.get_name().to_owned()).collect()
    }

    /// Whether it is one of `on` and `off` and others: YAML 1.1 reads these two as booleans, which are taken as the words.
    pub(super) fn has_switch_words(&self) -> bool {
        let choices = self.choices();
        ["on", "off"].iter().all(|word| choices.iter().any(|choice| choice == word))
    }

    pub(super) fn default(&self) -> Option<String> {
        if self.shape() == Shape::Switch {
            return None;
        }
        self.flag.get_default_values().first().map(|value| value.to_string_lossy().into_owned())
    }
}
