//! `promwire check`: everything that is wrong with manifests, link by link.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches, ValueEnum};

use super::beneath::BeneathArgs;
use super::input::{InputArgs, WorldArgs};
use super::{Exit, Failure, output, reality, replace, stack, terminal};
use crate::config::{self, FILE_NAME, RealityArgs, Section, Stack, is_stack};
use crate::diagnostic::{Code, Diagnostic, Level, Policy};
use crate::engine::{self, Assumed, Worlds};
use crate::pki::Moment;
use crate::report::{self, Format};
use crate::source::{self, InputPath, LoadOptions};

/// The name of the command.
pub(super) const NAME: &str = "check";

#[derive(Args, Debug, Clone)]
struct CommandArgs {
    /// Manifests to check, as with -f
    #[arg(value_name = "INPUT")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    world: WorldArgs,

    #[command(flatten)]
    beneath: BeneathArgs,

    /// Format on standard output
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    output: Format,

    /// Write a report besides, into a file, which is replaced as a whole; may be repeated
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report)]
    reports: Vec<(Format, PathBuf)>,

    /// The level of findings from which on the exit code is 1
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = FailOn::Error)]
    fail_on: FailOn,

    #[command(flatten)]
    assumed: AssumedArgs,
}

/// What is assumed besides the objects, the same for all commands that trace the chain.
#[derive(Args, Debug, Clone)]
pub(super) struct AssumedArgs {
    #[command(flatten)]
    check: config::CheckArgs,

    /// The moment that certificates are judged at, instead of now
    #[arg(long, value_name = "MOMENT", hide = true)]
    now: Option<Moment>,

    #[command(flatten)]
    reality: RealityArgs,
}

impl AssumedArgs {
    /// What they say (`matches` are those of the command), and the Stack where they do not; with what is to be told.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn assumed(
        &self,
        matches: &ArgMatches,
        stack: Option<&Stack>,
        usage: fn(&str) -> Failure,
    ) -> Result<(Assumed, Policy), Failure> {
        let nothing = Section::empty();
        let section = stack.map_or(&nothing, |stack| &stack.check);
        let (check, policy) = config::CheckArgs::layered(matches, section)?;
        let assumed = Assumed {
            reality: reality::assumed(matches, stack, None, usage)?,
            complete: check.complete,
            listed: Vec::new(),
            now: self.now.unwrap_or_else(Moment::now),
        };
        Ok((assumed, policy))
    }
}

/// A format and a file, as `sarif=findings.sarif`.
fn report(text: &str) -> Result<(Format, PathBuf), String> {
    let formats = || Format::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let (format, file) =
        text.split_once('=').ok_or("this is written FORMAT=FILE, as in `sarif=findings.sarif`")?;
    let Ok(format) = Format::from_str(format, false) else {
        let known: Vec<String> = formats().map(|value| value.get_name().to_owned()).collect();
        return Err(format!("there is no format `{format}`; it is one of {}", known.join(", ")));
    };
    match file {
        "" => Err("the name of the file is missing".to_owned()),
        "-" => Err("standard output has its format from -o".to_owned()),
        file => Ok((format, PathBuf::from(file))),
    }
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum FailOn {
    Error,
    Warning,
    Never,
}

/// The command.
pub(super) fn command() -> Command {
    CommandArgs::augment_args(Command::new(NAME))
        .about("Check manifests or a cluster: schemas, and every link from a Prometheus to its targets")
        .long_about(
            "Check manifests or a cluster: schemas, and every link from a Prometheus to its targets.\n\n\
             A monitor may select a Service of another file, folder or namespace. Kustomizations that define one object \
             differently, such as overlays, are worlds of their own, and so is every --root. A Markdown file is read where it is \
             named, each of its fences a step. What leads out of the input is not taken for wrong; how much that is, and what \
             would settle it, stands in the summary. `promwire rule CODE` explains a finding.\n\n\
             --cluster reads a cluster, and changes nothing there. With manifests beside it the findings are those that applying them \
             would bring. --assume does the same with what `promwire snapshot` wrote, without a cluster.",
        )
        .after_help(
            "Examples:\n  \
             promwire check manifests/\n  \
             promwire check -f base/ -f monitoring.yaml -o json\n  \
             helm template chart/ | promwire check - -n shop\n  \
             promwire check --root clusters/prod --root clusters/test\n  \
             promwire check docs/setup.md\n  \
             promwire check --complete=Service,Prometheus --fail-on warning .\n  \
             promwire check --cluster\n  \
             promwire check --cluster -f new-monitor.yaml\n  \
             promwire check --assume cluster.lock.yaml manifests/\n  \
             promwire check -o github --report sarif=promwire.sarif manifests/\n  \
             promwire check --level PW204=error --ignore no-storage --ignore-in vendor/=PW1 .",
        )
}

/// Runs `promwire check …`.
pub(super) fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    let args = CommandArgs::from_arg_matches(matches)?;
    let (worlds, stack) = load(&args.paths, &args.input, &args.world, &args.beneath, usage)?;
    let mut files: Vec<&PathBuf> = args.reports.iter().map(|(_, file)| file).collect();
    files.sort();
    if let Some(twice) = files.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(usage(&format!("two reports are to go to `{}`", twice[0].display())));
    }
    let beneath = args.beneath.look(args.input.namespace.as_deref())?;
    let (worlds, stack) = (beneath.under(worlds), beneath.settle(stack, matches));
    let (mut assumed, policy) = args.assumed.assumed(matches, stack.as_ref(), usage)?;
    assumed.listed = beneath.listed();
    let mut checked = engine::check_all(&worlds, &assumed);
    beneath.only_news(&worlds, &assumed, &mut checked.findings);
    let input = beneath.and(checked.summary.files);
    let judged = engine::judge(&worlds, checked, &policy, input);
    // Before anything is said, so that what reads them finds them whatever becomes of standard output.
    for (format, file) in &args.reports {
        replace::replace(file, format.render(&judged).as_bytes())
            .map_err(|error| output::unwritable(&file.display().to_string(), &error))?;
    }
    let text = match args.output {
        Format::Text => {
            terminal::report(&judged.findings);
            report::summary::text(&judged)
        }
        format => format.render(&judged),
    };
    terminal::write_stdout(&text).map_err(|error| {
        Diagnostic::new(Code::UNWRITABLE, format!("cannot write to standard output: {error}"))
    })?;
    if worlds.iter().all(|named| named.world.inventory().is_empty()) {
        terminal::say("there is no Kubernetes object in the input");
        return Ok(Exit::Failed);
    }
    let fails = match args.fail_on {
        FailOn::Error => Some(Level::Error),
        FailOn::Warning => Some(Level::Warning),
        FailOn::Never => None,
    };
    let is_at_least = |level: Level| judged.findings.iter().any(|finding| finding.level >= level);
    Ok(if fails.is_some_and(is_at_least) { Exit::Findings } else { Exit::Clean })
}

/// The worlds of what is named, or else of what the Stack says to read; and the Stack: one that is named, or that of the current
/// folder.
pub(super) fn load(
    paths: &[PathBuf],
    input: &InputArgs,
    world: &WorldArgs,
    beneath: &BeneathArgs,
    usage: fn(&str) -> Failure,
) -> Result<(Worlds, Option<Stack>), Failure> {
    let options = LoadOptions { max_input: input.max_input };
    let mut named: Vec<InputPath> = paths.iter().chain(&input.inputs).cloned().map(InputPath::from).collect();
    if named.is_empty() {
        named = world.roots.iter().cloned().map(InputPath::from).collect();
    }
    let mut reading = source::load(&named, &options);
    let is_named = |file: &str| {
        named.iter().any(|path| matches!(path, InputPath::Path(path) if path.as_os_str() == file))
    };
    let of_input =
        reading.documents.iter().filter(|document| is_stack(document) && is_named(document.file().name()));
    let stack = match Stack::find(of_input).map_err(Failure::Findings)? {
        None => own_stack(&options)?,
        found => found,
    };
    let own = stack.as_ref().map(|stack| stack.place.file.name());
    let is_enough = named.is_empty() && beneath.is_input();
    if !is_enough
        && named.iter().all(
            |path| matches!(path, InputPath::Path(path) if Some(path.as_os_str()) == own.map(OsStr::new)),
        )
    {
        match &stack {
            Some(stack) if !stack.input.is_empty() => reading.append(stack::input_of(stack, &options)?),
            _ => {
                return Err(usage(
                    "there is no input: name files or folders, `-` for standard input, or `input` in promwire.yaml",
                ));
            }
        }
    }
    let namespace =
        input.namespace.as_deref().or(stack.as_ref().and_then(|stack| stack.namespace.as_deref()));
    Ok((Worlds::of(reading, &options, namespace, &world.roots), stack))
}

/// The Stack of the current folder.
pub(super) fn own_stack(options: &LoadOptions) -> Result<Option<Stack>, Failure> {
    if !Path::new(FILE_NAME).exists() {
        return Ok(None);
    }
    let file = source::load(&[InputPath::from(FILE_NAME)], options);
    Stack::find(&file.documents).map_err(Failure::Findings)
}

fn usage(message: &str) -> Failure {
    command().bin_name("promwire check").error(ErrorKind::ValueValidation, message).into()
}
