//! How `check` and `explain` judge, as flags and as the section `check` of the file.

use std::path::Path;
use std::str::FromStr;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, FromArgMatches};

use super::{Section, layer};
use crate::chain::Scope;
use crate::diagnostic::{Code, Codes, Diagnostic, Exception, Level, Policy};

/// What the section is called.
pub(super) const SECTION: &str = "check";

/// How `check` and `explain` judge.
#[derive(Args, Debug, Clone)]
pub struct CheckArgs {
    /// What the input shows in full, so that what is not there is missing: `all`, kinds such as `Service`, `namespace/NAME`
    #[arg(long, value_name = "WHAT", value_delimiter = ',', num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    pub complete: Vec<Scope>,

    /// Tell only findings of these codes: `PW201`, its name, the beginning `PW2`, or `all`
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = Codes::from_str)]
    select: Vec<Codes>,

    /// Tell no findings of these codes; the narrower one of this and --select decides
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = Codes::from_str)]
    ignore: Vec<Codes>,

    /// The level of findings of a code: error, warning, info or off
    #[arg(long, value_name = "CODE=LEVEL", value_delimiter = ',', value_parser = level)]
    level: Vec<(Codes, Option<Level>)>,

    /// Tell no findings of a code in files that a pattern matches as in a .gitignore, which begins at the folder of this file or
    /// else the current one
    #[arg(long, value_name = "GLOB=CODE", value_parser = exception)]
    ignore_in: Vec<(String, Vec<Codes>)>,
}

fn level(text: &str) -> Result<(Codes, Option<Level>), String> {
    let (codes, level) = text.split_once('=').ok_or("this is written CODE=LEVEL, as in `PW201=error`")?;
    let level = match level.trim() {
        "error" => Some(Level::Error),
        "warning" => Some(Level::Warning),
        "info" => Some(Level::Info),
        "off" => None,
        other => {
            let known = ["error", "warning", "info", "off"];
            return Err(match super::nearest(other, known) {
                Some(meant) => format!("there is no level `{other}`; did you mean `{meant}`?"),
                None => format!("there is no level `{other}`; it is one of {}", known.join(", ")),
            });
        }
    };
    Ok((named(codes)?, level))
}

fn named(text: &str) -> Result<Codes, String> {
    let text = text.trim();
    text.parse().map_err(|error| format!("`{text}`: {error}"))
}

fn exception(text: &str) -> Result<(String, Vec<Codes>), String> {
    let (glob, codes) = text.rsplit_once('=').ok_or("this is written GLOB=CODE, as in `vendor/=PW2`")?;
    let codes = codes.split(',').map(named).collect::<Result<Vec<_>, _>>()?;
    // Its folder is not known here, and is nothing to whether it is a pattern.
    Exception::new(Path::new(""), glob, Vec::new())?;
    Ok((glob.to_owned(), codes))
}

impl CheckArgs {
    /// What the command line says (`flags`, which may hold other flags too), and the file where the command line does not; with
    /// what is told.
    ///
    /// # Errors
    /// When settings of the file do not go together, or not with the flags.
    pub fn layered(flags: &ArgMatches, file: &Section) -> Result<(Self, Policy), Box<Diagnostic>> {
        let matches = layer(Self::augment_args, SECTION, Some(flags), file)?;
        let invalid = |error: String| Box::new(Diagnostic::new(Code::INVALID_SETTING, error));
        // The same parser has accepted them.
        let args = Self::from_arg_matches(&matches).map_err(|error| invalid(error.to_string()))?;
        let is_given = flags.try_contains_id("ignore_in").unwrap_or(false)
            && flags.value_source("ignore_in") == Some(ValueSource::CommandLine);
        let own = file.place.as_ref().filter(|_| !is_given);
        let folder = own.and_then(|place| Path::new(place.file.name()).parent()).unwrap_or(Path::new(""));
        let exceptions =
            args.ignore_in.iter().map(|(glob, codes)| Exception::new(folder, glob, codes.clone()));
        let policy = Policy {
            select: args.select.clone(),
            ignore: args.ignore.clone(),
            levels: args.level.clone(),
            exceptions: exceptions.collect::<Result<_, _>>().map_err(invalid)?,
        };
        Ok((args, policy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_exceptions_say_what_is_wrong_with_them() {
        assert!(level("PW2=off").is_ok_and(|(codes, level)| level.is_none() && codes.has(Code::PORT_TWICE)));
        assert_eq!(level("PW2=eror").unwrap_err(), "there is no level `eror`; did you mean `error`?");
        assert!(level("PW9999=error").unwrap_err().starts_with("`PW9999`: there is no such code"));
        assert!(
            exception("a=b/*.yaml=PW201,PW1")
                .is_ok_and(|(glob, codes)| glob == "a=b/*.yaml" && codes.len() == 2)
        );
        assert!(exception("a{b=PW1").is_err() && exception("PW1").is_err() && exception("=PW1").is_err());
    }
}
