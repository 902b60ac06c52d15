//! `promwire generate`: monitoring manifests for what a user names.

use std::ffi::OsString;

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::input::InputArgs;
use super::output::OutputArgs;
use super::{Exit, Failure, terminal};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::engine::{self, World};
use crate::integrations::{self, Integration, Labels, Surroundings, WiringOptions, parse_label};
use crate::pki::Moment;
use crate::source::{self, InputPath, LoadOptions};

/// The name of the command.
pub(super) const NAME: &str = "generate";

const EXAMPLE: &str = "example";
const MORE: &str = "integrations";
const SET: &str = "set";

/// Bytes a certificate or key file may have. A Secret may not have more than 1 MiB altogether (Kubernetes 1.36).
const MAX_CREDENTIALS: u64 = 1 << 20;

/// The example that `--example` runs: what it reads, and the command line that does the same with a checkout.
const EXAMPLE_INPUT: &str = include_str!("../../examples/generic-service/manifests/shop.yaml");
const EXAMPLE_NAME: &str = "examples/generic-service/manifests/shop.yaml";
const EXAMPLE_ARGUMENTS: &[&str] = &["generate", "servicemonitor", "--for", "service/checkout"];

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

/// How generated monitors are wired to a Prometheus.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Wiring")]
struct WiringArgs {
    /// The Prometheus (or PrometheusAgent) in the input that is to select the monitors; needed when there are several
    #[arg(long, value_name = "NAMESPACE/NAME")]
    prometheus: Option<String>,

    /// A label of the monitors, beside those the Prometheus asks for; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_label)]
    monitor_label: Vec<(String, String)>,

    /// The namespace of the monitors, when it is not to be chosen
    #[arg(long, value_name = "NAMESPACE", value_parser = crate::model::name::label)]
    monitor_namespace: Option<String>,
}

impl WiringArgs {
    fn options(&self) -> Result<WiringOptions, Box<Diagnostic>> {
        let mut labels = Labels::new();
        for (key, value) in &self.monitor_label {
            if let Some(other) = labels.insert(key.clone(), value.clone()).filter(|other| other != value) {
                let message = format!("--monitor-label asks for `{key}={other}` and `{key}={value}`");
                return Err(Diagnostic::new(Code::CONTRADICTORY_OPTIONS, message)
                    .help("a label has one value")
                    .into());
            }
        }
        Ok(WiringOptions {
            prometheus: self.prometheus.clone(),
            labels,
            namespace: self.monitor_namespace.clone(),
        })
    }
}

/// The command and, below it, one for each integration.
pub(super) fn command() -> Command {
    let example = Arg::new(EXAMPLE)
        .long(EXAMPLE)
        .action(ArgAction::SetTrue)
        .help("Run the example that comes with promwire, without a cluster or files");
    Command::new(NAME)
        .about("Generate monitoring for a Service or workload, for Prometheus itself, for node-exporter")
        .long_about(
            "Generate monitoring for a Service or workload, for Prometheus itself, for node-exporter.\n\n\
             Nothing is applied: manifests go to standard output or into a folder. Whatever is generated has been \
             checked against the schemas, and its selectors have been resolved, before you see it.",
        )
        .after_help(
            "Examples:\n  \
             promwire generate servicemonitor --for service/api -f manifests/ --monitor-label team=x\n  \
             promwire generate podmonitor --for deployment/worker -f manifests/\n  \
             promwire generate prometheus node-exporter -n monitoring --set node-exporter.port=9110\n  \
             promwire generate --example",
        )
        .arg(example)
        .args_conflicts_with_subcommands(true)
        .subcommand_value_name("INTEGRATION")
        .subcommand_help_heading("Integrations")
        .subcommands(integrations::ALL.iter().map(subcommand))
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
        .arg(
            Arg::new(SET)
                .long(SET)
                .value_name("INTEGRATION.OPTION=VALUE")
                .action(ArgAction::Append)
                .help_heading("Several at once")
                .help("Set an option of an integration; the way to do it when several are generated at once"),
        )
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
        return example();
    }
    let Some((name, matches)) = matches.subcommand() else {
        let mut command = command().bin_name("promwire generate");
        terminal::say_styled(&command.render_help());
        terminal::say("Nothing was generated: name an integration, or try --example.");
        return Ok(Exit::Failed);
    };
    let common = CommonArgs::from_arg_matches(matches)?;
    let selection = select(arguments, name, matches)?;
    let paths: Vec<InputPath> = common.input.inputs.iter().cloned().map(InputPath::from).collect();
    let options = LoadOptions { max_input: common.input.max_input };
    let world = World::load(&paths, &options, common.input.namespace.as_deref());
    generate(&world, &selection, &common)
}

fn example() -> Result<Exit, Failure> {
    let arguments: Vec<OsString> =
        std::iter::once("promwire").chain(EXAMPLE_ARGUMENTS.iter().copied()).map(OsString::from).collect();
    terminal::say(&format!("# The example: promwire {} -f {EXAMPLE_NAME}\n", EXAMPLE_ARGUMENTS.join(" ")));
    let matches = command().try_get_matches_from(&arguments[1..])?;
    let (name, matches) = matches.subcommand().expect("the example names an integration");
    let common = CommonArgs::from_arg_matches(matches)?;
    let selection = select(&arguments, name, matches)?;
    let world = World::of_text(EXAMPLE_NAME, EXAMPLE_INPUT, None);
    generate(&world, &selection, &common)
}

fn generate(
    world: &World,
    selection: &[(&'static Integration, ArgMatches)],
    common: &CommonArgs,
) -> Result<Exit, Failure> {
    let request = engine::Request {
        integrations: selection,
        wiring: common.wiring.options()?,
        namespace: common.input.namespace.clone(),
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
                findings.push(*finding);
            }
            return Err(Failure::Findings(findings));
        }
    };
    terminal::print(&findings);
    common.output.write(&objects)?;
    if let Some(summary) = terminal::summary(&findings) {
        terminal::say(&summary);
    }
    let broken = findings.iter().any(|finding| finding.level == Level::Error);
    Ok(if broken { Exit::Findings } else { Exit::Clean })
}

/// The integrations asked for, each with its options as clap read them.
///
/// One integration takes its options as flags and through `--set`; of several, each takes them through `--set`
/// only, because a bare `--port` would not say whose.
fn select(
    arguments: &[OsString],
    first: &str,
    matches: &ArgMatches,
) -> Result<Vec<(&'static Integration, ArgMatches)>, Failure> {
    let mut names = vec![first.to_owned()];
    for name in matches.get_many::<String>(MORE).into_iter().flatten() {
        if names.contains(name) {
            return Err(usage(first, &format!("`{name}` is named twice")).into());
        }
        names.push(name.clone());
    }
    let chosen: Vec<&Integration> =
        names.iter().filter_map(|name| integrations::ALL.iter().find(|known| known.name == *name)).collect();
    let settings: Vec<(&Integration, String)> = matches
        .get_many::<String>(SET)
        .into_iter()
        .flatten()
        .map(|text| setting(&chosen, text).map_err(|message| usage(first, &message)))
        .collect::<Result<_, _>>()?;
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
    chosen
        .into_iter()
        .map(|integration| {
            let flags = settings.iter().filter(|(owner, _)| owner.name == integration.name);
            let command = (integration.options)(Command::new(integration.name).no_binary_name(true));
            let command = command.bin_name(format!("promwire generate … {}", integration.name));
            Ok((integration, command.try_get_matches_from(flags.map(|(_, flag)| flag))?))
        })
        .collect()
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
