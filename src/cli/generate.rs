//! `promwire generate`: monitoring manifests for what a user names.

use std::ffi::OsString;
use std::sync::Arc;

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::input::InputArgs;
use super::output::OutputArgs;
use super::{Exit, Failure, stack, terminal};
use crate::config::{self, Section, Stack, WiringArgs};
use crate::diagnostic::{Code, Diagnostic, Level, TextFile};
use crate::engine::{self, Asked, Chosen, World};
use crate::integrations::{self, Integration, Surroundings, WiringOptions};
use crate::pki::Moment;
use crate::report;
use crate::source;

/// The name of the command.
pub(super) const NAME: &str = "generate";

const EXAMPLE: &str = "example";
const MORE: &str = "integrations";
const SET: &str = "set";

/// Bytes a certificate or key file may have. A Secret may not have more than 1 MiB altogether (Kubernetes 1.36).
pub(super) const MAX_CREDENTIALS: u64 = 1 << 20;

/// The Stack that `--example` generates.
const EXAMPLE_TEXT: &str = include_str!("../../examples/kubeadm-calico/promwire.yaml");
const EXAMPLE_NAME: &str = "examples/kubeadm-calico/promwire.yaml";

/// Flags every integration has besides its own.
#[derive(Args, Debug, Clone)]
struct CommonArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    wiring: WiringArgs,
    #[command(flatten)]
    output: OutputArgs,

    /// The moment that certificates are judged at, instead of now
    #[arg(long, value_name = "MOMENT", hide = true)]
    now: Option<Moment>,
}

/// The command and, below it, one for each integration.
pub(super) fn command() -> Command {
    let example = Arg::new(EXAMPLE)
        .long(EXAMPLE)
        .action(ArgAction::SetTrue)
        .conflicts_with("inputs")
        .help("Run the example that comes with promwire, without a cluster or files");
    let command = Command::new(NAME).arg(example);
    CommonArgs::augment_args(command)
        .arg(set())
        .about("Generate monitoring for Services, workloads and known systems, or what a promwire.yaml asks for")
        .long_about(
            "Generate monitoring for Services, workloads and known systems, or what a promwire.yaml asks for.\n\n\
             Without an integration it generates the Stack that -f gives, or the promwire.yaml of the current folder \
             (`promwire init` writes one). Flags replace what it says.\n\n\
             Nothing is applied: manifests go to standard output or into a folder. Whatever is generated has been \
             checked against the schemas, and its selectors have been resolved, before you see it.",
        )
        .after_help(
            "Examples:\n  \
             promwire generate servicemonitor --for service/api -f manifests/ --monitor-label team=x\n  \
             promwire generate podmonitor --for deployment/worker -f manifests/\n  \
             promwire generate prometheus node-exporter -n monitoring --set node-exporter.port=9110\n  \
             promwire generate calico --install manifest -f prometheus.yaml\n  \
             promwire generate --output-dir monitoring/ -o kustomize\n  \
             promwire generate --example",
        )
        .args_conflicts_with_subcommands(true)
        .subcommand_value_name("INTEGRATION")
        .subcommand_help_heading("Integrations")
        .subcommands(integrations::ALL.iter().map(subcommand))
}

pub(super) fn set() -> Arg {
    Arg::new(SET)
        .long(SET)
        .value_name("INTEGRATION.OPTION=VALUE")
        .action(ArgAction::Append)
        .help_heading("Several at once")
        .help("Set an option of an integration; the way to do it when several are generated at once")
}

/// The names of all integrations, as the command line spells them.
pub(super) fn integration_names() -> Vec<&'static str> {
    integrations::ALL.iter().map(|integration| integration.name).collect()
}

fn subcommand(integration: &Integration) -> Command {
    let command = (integration.options)(Command::new(integration.name));
    CommonArgs::augment_args(command)
        // The structs of options have docs of their own, which clap takes for the command's.
        .about(integration.about)
        .long_about(None)
        .arg(set())
        .arg(
            Arg::new(MORE)
                .value_name("INTEGRATION")
                .num_args(0..)
                .value_parser(PossibleValuesParser::new(integration_names()))
                .hide_possible_values(true)
                .help_heading("Several at once")
                .help("Further integrations to generate in the same run"),
        )
}

/// Runs `promwire generate …`. `arguments` is the whole command line, `matches` the part below `generate`.
pub(super) fn run(arguments: &[OsString], matches: &ArgMatches) -> Result<Exit, Failure> {
    if matches.get_flag(EXAMPLE) {
        return example(matches);
    }
    let named = matches.subcommand();
    let given = named.map_or(matches, |(_, matches)| matches);
    let common = CommonArgs::from_arg_matches(given)?;
    let selected = match named {
        Some((name, matches)) => select(arguments, name, matches)?,
        None => Vec::new(),
    };
    let input = stack::read(&common.input)?;
    let chosen = match &input.stack {
        None if named.is_none() => return nothing(&common, input.reading.findings),
        None => layered(&Stack::empty(), selected)?,
        Some(stack) if named.is_some() => layered(stack, selected)?,
        Some(stack) => whole(stack, given)?,
    };
    let stack = input.stack.unwrap_or_else(Stack::empty);
    let namespace = common.input.namespace.as_deref().or(stack.namespace.as_deref());
    let world = World::of(input.reading, namespace);
    generate(&world, &chosen, &stack, given, &common)
}

/// Neither the command line nor a file says what to generate.
fn nothing(common: &CommonArgs, mut findings: Vec<Diagnostic>) -> Result<Exit, Failure> {
    if !common.input.inputs.is_empty() {
        let message = "no integration is named, and no Stack is in the input";
        findings.push(
            Diagnostic::new(Code::NOTHING_TO_GENERATE, message)
                .help(format!("name one of {}", integration_names().join(", ")))
                .help("or give a Stack with -f; promwire init writes one"),
        );
        return Err(Failure::Findings(findings));
    }
    let mut command = command().bin_name("promwire generate");
    terminal::say_styled(&command.render_help());
    terminal::say(
        "Nothing was generated: name an integration, write a promwire.yaml (promwire init), or try --example.",
    );
    Ok(Exit::Failed)
}

/// What the command line asks for, with the options the file has for it. What is told what it is for is told so in one
/// place: the file's are others.
fn layered(stack: &Stack, selected: Vec<Selected>) -> Result<Vec<Chosen>, Failure> {
    let empty = Section::empty();
    let section = |integration: &Integration| {
        let section = stack.section(integration).filter(|_| !integration.may_repeat());
        section.unwrap_or(&empty).clone()
    };
    selected
        .into_iter()
        .map(|(integration, flags)| chosen(integration, Some(&flags), &section(integration)))
        .collect()
}

/// Everything the file asks for, with the options that `--set` gives.
pub(super) fn whole(stack: &Stack, given: &ArgMatches) -> Result<Vec<Chosen>, Failure> {
    if let Some(finding) = stack.asks_for_nothing() {
        return Err(finding.into());
    }
    let mut asked: Vec<&Integration> =
        stack.integrations.iter().map(|(integration, _)| *integration).collect();
    asked.dedup_by_key(|integration| integration.name);
    let settings = settings(&asked, given).map_err(|message| stack_usage(&message))?;
    let times =
        |name: &str| stack.integrations.iter().filter(|(integration, _)| integration.name == name).count();
    if let Some((owner, _)) = settings.iter().find(|(owner, _)| times(owner.name) > 1) {
        let message =
            format!("the Stack asks for `{}` several times, and --set does not say which", owner.name);
        return Err(stack_usage(&message).into());
    }
    stack
        .integrations
        .iter()
        .map(|(integration, section)| {
            let flags = from_settings(integration, &settings)?;
            chosen(integration, Some(&flags), section)
        })
        .collect()
}

fn stack_usage(message: &str) -> clap::Error {
    command().bin_name("promwire generate").error(ErrorKind::ArgumentConflict, message)
}

fn chosen(
    integration: &'static Integration,
    flags: Option<&ArgMatches>,
    section: &Section,
) -> Result<Chosen, Failure> {
    let path = format!("integrations.{}", integration.name);
    let matches = config::layer(integration.options, &path, flags, section)?;
    let options = section.options().map(|(option, place)| (option.to_owned(), place.clone())).collect();
    let asked = section.place.clone().map(|section| Asked { section, options });
    Ok(Chosen { integration, matches, asked })
}

fn example(matches: &ArgMatches) -> Result<Exit, Failure> {
    let common = CommonArgs::from_arg_matches(matches)?;
    terminal::say(&format!("# The example: promwire generate -f {EXAMPLE_NAME}\n"));
    let reading = source::read(Arc::new(TextFile::new(EXAMPLE_NAME, EXAMPLE_TEXT)));
    let stack = Stack::find(&reading.documents).map_err(Failure::Findings)?.expect("the example is a Stack");
    let chosen = whole(&stack, matches)?;
    let world = World::of(reading, stack.namespace.as_deref());
    generate(&world, &chosen, &stack, matches, &common)
}

/// How monitors are wired: as the flags say, else as the file does.
pub(super) fn wiring(stack: &Stack, given: &ArgMatches) -> Result<WiringOptions, Failure> {
    let matches = config::layer(WiringArgs::augment_args, "wiring", Some(given), &stack.wiring)?;
    let options = WiringArgs::from_arg_matches(&matches)?.options();
    options.map_err(|finding| stack.wiring.point(*finding).into())
}

fn generate(
    world: &World,
    chosen: &[Chosen],
    stack: &Stack,
    given: &ArgMatches,
    common: &CommonArgs,
) -> Result<Exit, Failure> {
    let namespace = common.input.namespace.clone().or_else(|| stack.namespace.clone());
    let request = engine::Request {
        integrations: chosen,
        wiring: wiring(stack, given)?,
        namespace,
        surroundings: Surroundings {
            now: common.now.unwrap_or_else(Moment::now),
            read: &|path| source::read_file(path, MAX_CREDENTIALS),
            with_secrets: common.output.with_secrets,
        },
    };
    let mut findings: Vec<Diagnostic> = world.findings().to_vec();
    let unread = findings.iter().any(|found| found.level == Level::Error) && world.inventory().is_empty();
    let generated = engine::generate(world, &request);
    findings.extend(generated.findings);
    let objects = match generated.objects {
        Ok(objects) => objects,
        Err(finding) => {
            // Where nothing could be read, that is why, and the rest would only hide it.
            if !unread {
                let mut finding = stack.wiring.point(*finding);
                if finding.place.is_none() && chosen.iter().all(|chosen| chosen.asked.is_some()) {
                    finding = finding.at(stack.place.clone(), "asked for by this Stack");
                }
                findings.push(finding);
            }
            return Err(Failure::Findings(findings));
        }
    };
    terminal::print(&findings);
    common.output.write(&objects)?;
    if let Some(summary) = report::summary::counts(&findings) {
        terminal::say(&summary);
    }
    let broken = findings.iter().any(|finding| finding.level == Level::Error);
    Ok(if broken { Exit::Findings } else { Exit::Clean })
}

/// An integration, and its options as clap read them.
type Selected = (&'static Integration, ArgMatches);

/// The integrations asked for, each with its options as clap read them.
///
/// One integration takes its options as flags and through `--set`; of several, each takes them through `--set`
/// only, because a bare `--port` would not say whose.
fn select(arguments: &[OsString], first: &str, matches: &ArgMatches) -> Result<Vec<Selected>, Failure> {
    let mut names = vec![first.to_owned()];
    for name in matches.get_many::<String>(MORE).into_iter().flatten() {
        if names.contains(name) {
            return Err(usage(first, &format!("`{name}` is named twice")).into());
        }
        names.push(name.clone());
    }
    let chosen: Vec<&'static Integration> =
        names.iter().filter_map(|name| integrations::ALL.iter().find(|known| known.name == *name)).collect();
    let settings = settings(&chosen, matches).map_err(|message| usage(first, &message))?;
    if let [only] = chosen[..] {
        let mut again: Vec<OsString> = arguments.to_vec();
        again.extend(settings.into_iter().map(|(_, flag)| OsString::from(flag)));
        let matches = super::command().try_get_matches_from(again)?;
        let (_, matches) = matches.subcommand().expect("the same command line was read before");
        let (_, matches) = matches.subcommand().expect("the same command line was read before");
        return Ok(vec![(only, matches.clone())]);
    }
    let first_command = (chosen[0].options)(Command::new(chosen[0].name));
    let given = |argument: &&Arg| {
        let id = argument.get_id().as_str();
        matches.try_contains_id(id).unwrap_or(false)
            && matches.value_source(id) == Some(ValueSource::CommandLine)
    };
    if let Some(option) = first_command.get_arguments().find(given).and_then(Arg::get_long) {
        let message =
            format!("of several integrations each takes its options as --set {first}.{option}=VALUE");
        return Err(usage(first, &message).into());
    }
    chosen.into_iter().map(|integration| Ok((integration, from_settings(integration, &settings)?))).collect()
}

/// The flags that the `--set`s stand for, and whose each is.
fn settings<'i>(
    chosen: &[&'i Integration],
    matches: &ArgMatches,
) -> Result<Vec<(&'i Integration, String)>, String> {
    matches.get_many::<String>(SET).into_iter().flatten().map(|text| setting(chosen, text)).collect()
}

/// The options of one integration from the `--set`s.
fn from_settings(
    integration: &Integration,
    settings: &[(&Integration, String)],
) -> Result<ArgMatches, clap::Error> {
    let flags = settings.iter().filter(|(owner, _)| owner.name == integration.name);
    let command = (integration.options)(Command::new(integration.name).no_binary_name(true));
    let command = command.bin_name(format!("promwire generate … {}", integration.name));
    command.try_get_matches_from(flags.map(|(_, flag)| flag))
}

/// The flag a `--set INTEGRATION.OPTION=VALUE` stands for, and whose it is.
fn setting<'i>(chosen: &[&'i Integration], text: &str) -> Result<(&'i Integration, String), String> {
    let form = "--set takes INTEGRATION.OPTION=VALUE";
    let (path, value) = text.split_once('=').ok_or_else(|| format!("{form}, not `{text}`"))?;
    let (name, option) = path.split_once('.').ok_or_else(|| format!("{form}, not `{text}`"))?;
    let integration = chosen.iter().find(|integration| integration.name == name).ok_or_else(|| {
        let names: Vec<&str> = chosen.iter().map(|integration| integration.name).collect();
        format!("--set names `{name}`, which is not being generated; there is {}", names.join(", "))
    })?;
    let known = (integration.options)(Command::new(integration.name));
    let Some(argument) = known.get_arguments().find(|argument| argument.get_long() == Some(option)) else {
        let options: Vec<&str> = known.get_arguments().filter_map(Arg::get_long).collect();
        return Err(format!("`{name}` has no option `{option}`; it has {}", options.join(", ")));
    };
    if argument.get_action().takes_values() {
        Ok((integration, format!("--{option}={value}")))
    } else {
        match value {
            "true" => Ok((integration, format!("--{option}"))),
            _ => Err(format!("`{name}.{option}` is a switch: `true`, or leave it out")),
        }
    }
}

fn usage(integration: &str, message: &str) -> clap::Error {
    let mut command = command()
        .bin_name("promwire generate")
        .find_subcommand(integration)
        .cloned()
        .unwrap_or_else(command)
        .bin_name(format!("promwire generate {integration}"));
    command.error(ErrorKind::ArgumentConflict, message)
}
