//! Reading the input, and the Stack in it or beside it.

use std::path::{Path, PathBuf};

use super::Failure;
use super::input::InputArgs;
use crate::config::{self, FILE_NAME, Stack, is_stack};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{self, InputPath, LoadOptions, Reading};

/// What a command works with.
pub(super) struct Input {
    /// The documents, the Stack among them.
    pub(super) reading: Reading,
    /// The Stack.
    pub(super) stack: Option<Stack>,
}

/// Reads what `-f` gives. A Stack among it is the one that counts, else the file of that name in the current folder. What
/// the Stack says to read is read unless `-f` says to read something besides the Stack itself.
pub(super) fn read(arguments: &InputArgs) -> Result<Input, Failure> {
    let options = arguments.options();
    let paths: Vec<InputPath> = arguments.inputs.iter().cloned().map(InputPath::from).collect();
    let Input { mut reading, stack } = beside(source::load(&paths, &options), &options)?;
    if let Some(stack) = &stack {
        let own = stack.place.file.name();
        let is_other = |path: &InputPath| match path {
            InputPath::Stdin => own != source::STDIN,
            InputPath::Path(path) => path.as_os_str() != own,
        };
        if !paths.iter().any(is_other) {
            reading.append(input_of(stack, &options)?);
        }
    }
    Ok(Input { reading, stack })
}

/// What was read, with the Stack among it, else that of the current folder.
pub(super) fn beside(mut reading: Reading, options: &LoadOptions) -> Result<Input, Failure> {
    let mut stack = find(&mut reading)?;
    if stack.is_none() && Path::new(FILE_NAME).exists() {
        let mut file = source::load(&[InputPath::from(FILE_NAME)], options);
        stack = find(&mut file)?;
        if stack.is_none() {
            let mut findings = file.findings;
            if findings.is_empty() {
                let message = format!("`{FILE_NAME}` holds no Stack");
                let help = format!(
                    "a Stack begins with `apiVersion: {}` and `kind: {}`; promwire init --overwrite writes one",
                    config::API_VERSION,
                    config::KIND
                );
                findings.push(Diagnostic::new(Code::NOTHING_TO_GENERATE, message).help(help));
            }
            return Err(Failure::Findings(findings));
        }
        reading.append(file);
    }
    Ok(Input { reading, stack })
}

fn find(reading: &mut Reading) -> Result<Option<Stack>, Failure> {
    // A boolean where a word is meant is told, or taken as the word, by whoever reads the option.
    let stacks: Vec<_> = reading.documents.iter().filter(|document| is_stack(document)).collect();
    let is_in_one = |finding: &Diagnostic| {
        finding.place.as_ref().is_some_and(|at| {
            let span = at.place.span;
            stacks.iter().any(|stack| {
                stack.file().name() == at.place.file.name()
                    && (stack.span().start..stack.span().end).contains(&span.start)
            })
        })
    };
    reading.findings.retain(|finding| finding.code != Code::BOOLEAN_WORD || !is_in_one(finding));
    Stack::find(&reading.documents).map_err(|wrong| {
        let mut findings = reading.findings.clone();
        findings.extend(wrong);
        Failure::Findings(findings)
    })
}

/// What a Stack says to read, from the folder of its file.
pub(super) fn input_of(stack: &Stack, options: &LoadOptions) -> Result<Reading, Failure> {
    let own = Path::new(stack.place.file.name());
    let folder = own.parent().unwrap_or_else(|| Path::new(""));
    let paths: Vec<PathBuf> = stack.input.iter().map(|input| folder.join(&input.path)).collect();
    let absent: Vec<Diagnostic> = stack
        .input
        .iter()
        .zip(&paths)
        .filter(|(_, path)| !path.exists())
        .map(|(input, path)| {
            Diagnostic::new(Code::UNREADABLE, format!("`{}` does not exist", path.display()))
                .at(input.place.clone(), "the Stack says to read it")
        })
        .collect();
    if !absent.is_empty() {
        return Err(Failure::Findings(absent));
    }
    let paths: Vec<InputPath> = paths.into_iter().map(InputPath::Path).collect();
    let mut reading = source::load(&paths, options);
    // A folder may hold the Stack itself, which has been read.
    let canonical = own.canonicalize().ok();
    let is_own = |name: &str| canonical.is_some() && Path::new(name).canonicalize().ok() == canonical;
    reading.documents.retain(|document| !is_own(document.file().name()));
    reading.findings.retain(|finding| finding.place.as_ref().is_none_or(|at| !is_own(at.place.file.name())));
    if let Some(other) = reading.documents.iter().find(|document| is_stack(document)) {
        let finding = Diagnostic::new(Code::SEVERAL_STACKS, "several Stacks are in the input");
        return Err(finding
            .at(stack.place.clone(), "this one")
            .with(other.root().place(), "and this one, which it says to read")
            .help("one run generates one Stack: take the other one out of `input`")
            .into());
    }
    Ok(reading)
}
