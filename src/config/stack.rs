//! The Stack: what the file says as a whole.

use std::sync::Arc;

use clap::Args;

use super::check::CheckArgs;
use super::nearest;
use super::reality::{self, RealityArgs};
use super::section::{Section, unknown, wrong};
use super::wiring::WiringArgs;
use crate::diagnostic::{Code, Diagnostic, Place, Span, TextFile};
use crate::integrations::{self, Integration};
use crate::model::kind::GroupKind;
use crate::model::name;
use crate::source::{Document, Node};

/// Group and version of the file.
pub const API_VERSION: &str = "promwire.dev/v1alpha1";
/// Its kind.
pub const KIND: &str = "Stack";

/// The keys of a Stack, in the order they are written.
pub(super) const KEYS: &[&str] =
    &["apiVersion", "kind", "metadata", "input", "namespace", "check", "wiring", "reality", "integrations"];

/// What to generate, and in which reality, from a file.
#[derive(Debug)]
pub struct Stack {
    /// Where it is.
    pub place: Place,
    /// What to read, as `-f` would name it from the folder of the file.
    pub input: Vec<Input>,
    /// The namespace to work in.
    pub namespace: Option<String>,
    /// How manifests are checked.
    pub check: Section,
    /// How monitors are wired.
    pub wiring: Section,
    /// The reality assumed.
    pub reality: Section,
    /// What to generate, in the order of the file. One that is told what it is for may be there several times.
    pub integrations: Vec<(&'static Integration, Section)>,
    /// Where it says, or would say, what to generate.
    asking: Place,
}

/// A file or folder to read.
#[derive(Debug, Clone)]
pub struct Input {
    /// As the file names it.
    pub path: String,
    /// Where it does.
    pub place: Place,
}

/// Whether a document is meant as a Stack, or as another kind of promwire's that there is not.
pub fn is_stack(document: &Document) -> bool {
    let text = |field: &str| document.root().get(field).and_then(Node::as_str);
    let is_ours = |version: &str| version == "promwire.dev" || version.starts_with("promwire.dev/");
    text("apiVersion").is_some_and(is_ours) && text("kind") != Some(GroupKind::CLUSTER_LOCK.kind)
}

impl Stack {
    /// One that says nothing.
    pub fn empty() -> Self {
        let place = Place::new(Arc::new(TextFile::new("", "")), Span::default());
        Self {
            asking: place.clone(),
            place,
            input: Vec::new(),
            namespace: None,
            check: Section::empty(),
            wiring: Section::empty(),
            reality: Section::empty(),
            integrations: Vec::new(),
        }
    }

    /// The only Stack among documents, if there is one.
    ///
    /// # Errors
    /// Everything that is wrong with it, or that there are several.
    pub fn find<'d>(
        documents: impl IntoIterator<Item = &'d Document>,
    ) -> Result<Option<Self>, Vec<Diagnostic>> {
        let stacks: Vec<&Document> = documents.into_iter().filter(|document| is_stack(document)).collect();
        match stacks.as_slice() {
            [] => Ok(None),
            [only] => Self::read(only).map(Some),
            [first, others @ ..] => {
                let finding = Diagnostic::new(Code::SEVERAL_STACKS, "several Stacks are in the input");
                let finding = finding
                    .at(place_of(first), "this one")
                    .help("one run generates one Stack: give only one of them with -f");
                let with =
                    |finding: Diagnostic, other: &&Document| finding.with(place_of(other), "and this one");
                Err(vec![others.iter().fold(finding, with)])
            }
        }
    }

    /// Reads a document.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(document: &Document) -> Result<Self, Vec<Diagnostic>> {
        let root = document.root();
        let mut findings = Vec::new();
        identity(root, &mut findings);
        let mut stack = Self { place: place_of(document), asking: place_of(document), ..Self::empty() };
        for entry in root.entries() {
            let place = Place::new(document.file().clone(), entry.key_span);
            match entry.key {
                "apiVersion" | "kind" => {}
                "metadata" => {
                    if !entry.value.is_mapping() {
                        findings.push(wrong("`metadata`", "a mapping", entry.value));
                    }
                }
                "input" => stack.input = input(entry.value, &mut findings),
                "namespace" => stack.namespace = namespace(entry.value, &mut findings),
                "check" => {
                    stack.check =
                        Section::read(entry.value, "check", place, CheckArgs::augment_args, &mut findings);
                }
                "wiring" => {
                    let add_flags = WiringArgs::augment_args;
                    stack.wiring = Section::read(entry.value, "wiring", place, add_flags, &mut findings);
                }
                reality::SECTION => {
                    let add_flags = RealityArgs::augment_args;
                    stack.reality =
                        Section::read(entry.value, reality::SECTION, place, add_flags, &mut findings);
                }
                "integrations" => {
                    stack.asking = place;
                    stack.integrations = sections(entry.value, &mut findings);
                }
                key => findings.push(unknown("a Stack", "key", key, place, KEYS)),
            }
        }
        if findings.is_empty() { Ok(stack) } else { Err(findings) }
    }

    /// What to tell whoever wants it generated, if it asks for nothing.
    pub fn asks_for_nothing(&self) -> Option<Diagnostic> {
        self.integrations.is_empty().then(|| {
            Diagnostic::new(Code::NOTHING_TO_GENERATE, "the Stack asks for nothing")
                .at(self.asking.clone(), "")
                .help(format!("name something below `integrations`: {}", names().join(", ")))
        })
    }

    /// What it says about an integration that is there at most once.
    pub fn section(&self, integration: &Integration) -> Option<&Section> {
        let mut found = self.integrations.iter().filter(|(known, _)| known.name == integration.name);
        found.next().map(|(_, section)| section)
    }
}

/// Where to point when the Stack as a whole is meant.
fn place_of(document: &Document) -> Place {
    let root = document.root();
    root.get("kind").map_or_else(|| root.place(), Node::place)
}

fn names() -> Vec<&'static str> {
    integrations::ALL.iter().map(|integration| integration.name).collect()
}

fn identity(root: Node<'_>, findings: &mut Vec<Diagnostic>) {
    let expected = [("apiVersion", API_VERSION), ("kind", KIND)];
    for (key, expected) in expected {
        let Some(node) = root.get(key) else {
            let message = format!("`{key}` is missing");
            let finding =
                Diagnostic::new(Code::INVALID_SETTING, message).at(root.place(), "in this document");
            findings.push(finding.help(format!("write `{key}: {expected}`")));
            continue;
        };
        if node.as_str() != Some(expected) {
            let message = format!("this promwire reads `{key}: {expected}`");
            findings.push(Diagnostic::new(Code::INVALID_SETTING, message).at(node.place(), ""));
        }
    }
}

fn input(node: Node<'_>, findings: &mut Vec<Diagnostic>) -> Vec<Input> {
    if !node.is_sequence() {
        let finding = wrong("`input`", "a list of files and folders", node);
        findings.push(match node.as_str() {
            Some(text) => finding.help(format!("write `input: [{text}]`")),
            None => finding,
        });
        return Vec::new();
    }
    let mut input = Vec::new();
    for item in node.items() {
        match item.as_str() {
            Some("-") => findings.push(
                Diagnostic::new(Code::INVALID_SETTING, "standard input is not read because a file says so")
                    .at(item.place(), "")
                    .help("say -f - on the command line"),
            ),
            Some(path) if !path.is_empty() => {
                input.push(Input { path: path.to_owned(), place: item.place() });
            }
            _ => findings.push(wrong("an item of `input`", "the name of a file or folder", item)),
        }
    }
    input
}

fn namespace(node: Node<'_>, findings: &mut Vec<Diagnostic>) -> Option<String> {
    let Some(text) = node.as_str() else {
        findings.push(wrong("`namespace`", "a string", node));
        return None;
    };
    match name::label(text) {
        Ok(name) => Some(name),
        Err(rule) => {
            let message = format!("`{text}` is no name of a namespace: {rule}");
            findings.push(Diagnostic::new(Code::INVALID_SETTING, message).at(node.place(), ""));
            None
        }
    }
}

fn sections(node: Node<'_>, findings: &mut Vec<Diagnostic>) -> Vec<(&'static Integration, Section)> {
    if !node.is_mapping() && !node.is_null() {
        let finding = wrong("`integrations`", "a mapping from names to options", node);
        findings.push(finding.help("write `integrations: {prometheus: {}}`"));
        return Vec::new();
    }
    let mut sections = Vec::new();
    for entry in node.entries() {
        let place = Place::new(node.document().file().clone(), entry.key_span);
        let Some(integration) = integrations::ALL.iter().find(|known| known.name == entry.key) else {
            findings.push(unknown_integration(entry.key, place));
            continue;
        };
        let path = format!("integrations.{}", integration.name);
        let mut read = |node: Node<'_>, path: &str, place| {
            let section = Section::read(node, path, place, integration.options, findings);
            sections.push((integration, section));
        };
        if integration.may_repeat() && entry.value.is_sequence() {
            for (index, item) in entry.value.items().enumerate() {
                read(item, &format!("{path}[{index}]"), item.place());
            }
        } else {
            read(entry.value, &path, place);
        }
    }
    sections
}

fn unknown_integration(key: &str, place: Place) -> Diagnostic {
    let finding = Diagnostic::new(Code::UNKNOWN_KEY, format!("there is no integration `{key}`"));
    match nearest(key, names()) {
        Some(meant) => finding.at(place, format!("did you mean `{meant}`?")),
        None => finding.at(place, "").help(format!("there is {}", names().join(", "))),
    }
}
