//! What is wanted of a cluster: what a Stack comes to, and manifests.

use std::path::Path;

use clap::ArgMatches;
use serde_json::Value;

use super::super::check::own_stack;
use super::super::generate::{MAX_CREDENTIALS, whole, wiring};
use super::super::stack::input_of;
use super::super::{Failure, terminal};
use super::DeployArgs;
use crate::cluster::Connection;
use crate::cluster::apply::{SetName, Wanted};
use crate::config::{Stack, is_stack};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::engine::{self, Assumed, NamedWorld, World, Worlds};
use crate::integrations::Surroundings;
use crate::source::{self, InputPath, LoadOptions, Reading};

/// How objects that a Stack comes to are called in findings.
const GENERATED: &str = "<generated>";

/// What is wanted, checked.
pub(in crate::cli) struct Desired {
    pub(in crate::cli) wanted: Wanted,
    pub(in crate::cli) set: SetName,
    /// What is wrong with it, and what there is to know.
    pub(in crate::cli) findings: Vec<Diagnostic>,
}

impl Desired {
    /// Whether something in it is certainly wrong.
    pub(in crate::cli) fn is_broken(&self) -> bool {
        self.findings.iter().any(|finding| finding.level == Level::Error)
    }

    pub(super) fn of(
        args: &DeployArgs,
        matches: &ArgMatches,
        connection: &Connection,
        usage: fn(&str) -> Failure,
    ) -> Result<Self, Failure> {
        let options = LoadOptions { max_input: args.input.max_input };
        let paths: Vec<InputPath> = args.input.inputs.iter().cloned().map(InputPath::from).collect();
        let mut reading = source::load(&paths, &options);
        let named = Stack::find(&reading.documents).map_err(Failure::Findings)?;
        let is_named = named.is_some();
        // A Stack of the current folder says how things are checked, and is only generated where nothing else is named.
        let stack = match named {
            Some(stack) => Some(stack),
            None => own_stack(&options)?,
        };
        let generates = is_named || paths.is_empty();
        if stack.is_none() && paths.is_empty() {
            return Err(usage(
                "there is nothing to apply: name manifests with -f, or write a promwire.yaml (promwire init)",
            ));
        }
        reading.documents.retain(|document| !is_stack(document));
        let namespace = args.input.namespace.as_deref();
        let namespace = namespace.or(stack.as_ref().and_then(|stack| stack.namespace.as_deref()));
        let given = manifests(reading, &options, namespace, usage)?;
        let (assumed, policy) = args.assumed.assumed(matches, stack.as_ref(), usage)?;
        let mut objects: Vec<Value> = given
            .inventory()
            .objects()
            .map(|object| named_in(object.node().to_json(), object.namespace()))
            .collect();
        let mut settings = Vec::new();
        let mut findings = Vec::new();
        let mut world = given;
        if let Some(stack) = stack.as_ref().filter(|_| generates) {
            let context = context(stack, &options)?;
            world = if objects.is_empty() {
                World::of(context, namespace)
            } else {
                world.with(context.documents)
            };
            let engine::Generated { objects: made, settings: stated, findings: noticed } =
                generate(args, matches, stack, &world, &assumed)?;
            findings.extend(noticed);
            let made = made.map_err(|finding| {
                let mut findings = findings.clone();
                findings.push(*finding);
                Failure::Findings(findings)
            })?;
            settings = stated;
            world = world.with_objects(GENERATED, &made);
            let made: Vec<Value> = made.into_iter().filter(|object| !settings.contains(object)).collect();
            objects.retain(|given| !made.iter().any(|made| identity(made) == identity(given)));
            objects.extend(made);
        }
        if objects.is_empty() && settings.is_empty() {
            findings.extend(world.findings().iter().cloned());
            let message = "there is no object to apply";
            findings.push(Diagnostic::new(Code::NOTHING_TO_GENERATE, message));
            return Err(Failure::Findings(findings));
        }
        refuse_secrets(args, &objects)?;
        let checked = engine::check(&world, &assumed);
        findings.extend(checked.findings.into_iter().filter(|finding| finding.code != Code::NOT_AN_OBJECT));
        findings.retain_mut(|finding| policy.tells(finding) && policy.exception(finding).is_none());
        let set = args.inventory.set(args.input.namespace.as_deref(), stack.as_ref(), connection);
        let wanted = Wanted {
            objects,
            settings,
            namespace: namespace.unwrap_or_else(|| connection.namespace()).to_owned(),
            prune: args.prune,
            with_secrets: args.with_secrets,
        };
        Ok(Self { wanted, set, findings })
    }
}

/// The manifests as one world: an overlay is applied, not its base beside it.
fn manifests(
    reading: Reading,
    options: &LoadOptions,
    namespace: Option<&str>,
    usage: fn(&str) -> Failure,
) -> Result<World, Failure> {
    if reading.documents.is_empty() {
        return Ok(World::of(reading, namespace));
    }
    let worlds = Worlds::of(reading, options, namespace, &[]);
    let mut last: Vec<NamedWorld> = worlds.into_vec().into_iter().filter(|named| !named.passes).collect();
    match (last.pop(), last.is_empty()) {
        (Some(only), true) => Ok(only.world),
        (Some(other), false) => {
            let names: Vec<String> =
                last.iter().chain([&other]).map(|named| format!("`{}`", named.name)).collect();
            Err(usage(&format!("the manifests are several worlds: apply one of {}", names.join(", "))))
        }
        (None, _) => Err(usage("the manifests hold no object")),
    }
}

/// An object with the namespace that it is in by default.
fn named_in(mut object: Value, namespace: Option<&str>) -> Value {
    if let (Some(namespace), Some(metadata)) = (namespace, object["metadata"].as_object_mut()) {
        metadata.entry("namespace").or_insert_with(|| namespace.into());
    }
    object
}

fn identity(object: &Value) -> [&Value; 4] {
    [&object["apiVersion"], &object["kind"], &object["metadata"]["namespace"], &object["metadata"]["name"]]
}

/// What the Stack says to read: it is there already, and is not applied.
fn context(stack: &Stack, options: &LoadOptions) -> Result<Reading, Failure> {
    if stack.input.is_empty() { Ok(Reading::default()) } else { input_of(stack, options) }
}

fn generate(
    args: &DeployArgs,
    matches: &ArgMatches,
    stack: &Stack,
    world: &World,
    assumed: &Assumed,
) -> Result<engine::Generated, Failure> {
    let chosen = whole(stack, matches)?;
    // Files that a Stack names lie beside it, as `generate` has it: relative to where the command is run.
    let read = |path: &Path| source::read_file(path, MAX_CREDENTIALS);
    let request = engine::Request {
        integrations: &chosen,
        wiring: wiring(stack, matches)?,
        namespace: args.input.namespace.clone().or_else(|| stack.namespace.clone()),
        surroundings: Surroundings { now: assumed.now, read: &read, with_secrets: args.with_secrets },
    };
    Ok(engine::generate(world, &request))
}

/// Secrets are written where somebody asks for that, and never by the way.
fn refuse_secrets(args: &DeployArgs, objects: &[Value]) -> Result<(), Failure> {
    let secrets: Vec<String> = objects
        .iter()
        .filter(|object| object["kind"] == "Secret")
        .map(|object| {
            let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
            format!("`{}/{}`", text("namespace"), text("name"))
        })
        .collect();
    if secrets.is_empty() || args.with_secrets {
        return Ok(());
    }
    let message = format!("there are Secrets among the manifests: {}", secrets.join(", "));
    Err(Diagnostic::new(Code::SECRETS_NOT_ASKED_FOR, message)
        .note("nothing was applied")
        .help("say --with-secrets to apply them too, or leave them out")
        .into())
}

impl Desired {
    /// Prints the findings, and says whether they keep it from being applied.
    pub(in crate::cli) fn is_refused(&self, forced: bool) -> bool {
        terminal::print(&self.findings);
        let is_refused = self.is_broken() && !forced;
        if is_refused {
            terminal::print(&[Diagnostic::new(
                Code::BROKEN_CHAIN,
                "what is to be applied does not work, see above",
            )
            .note("nothing was applied")
            .help("mend it, or say --force-broken to apply it as it is")]);
        }
        is_refused
    }
}
