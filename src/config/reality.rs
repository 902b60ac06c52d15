//! The reality assumed, as flags and as the section `reality` of the file, the same for every command that asks what the
//! operator and Prometheus do.

use clap::{ArgMatches, Args, FromArgMatches};

use super::{Section, layer, nearest};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::selector::{Operator, Requirement, Selector};
use crate::operator::{Flags, Instead, RELEASES, Reality, Release};
use crate::prom::version::Version;

/// What the section is called.
pub(super) const SECTION: &str = "reality";

/// What is assumed besides the objects. Flags of the operator have the operator's names.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Reality assumed")]
pub struct RealityArgs {
    /// The version of prometheus-operator
    #[arg(long, value_name = "VERSION", value_parser = release, default_value = newest())]
    operator_version: &'static Release,

    /// The version of Prometheus, instead of the one `spec.version` names or the operator takes without
    #[arg(long, value_name = "VERSION")]
    prometheus_version: Option<String>,

    /// The version of Kubernetes
    #[arg(long, value_name = "VERSION", value_parser = Version::parse_tolerant, default_value = "1.36")]
    kubernetes_version: Version,

    /// The role that finds the endpoints of Services, instead of the one `spec.serviceDiscoveryRole` names
    #[arg(long, value_name = "ROLE", value_parser = ["Endpoints", "EndpointSlice"])]
    discovery_role: Option<String>,

    /// The number of shards, instead of `spec.shards`
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    shards: Option<u32>,

    /// The operator's --namespaces: the only namespaces it looks into
    #[arg(long, value_name = "NAMESPACES", value_delimiter = ',')]
    namespaces: Vec<String>,

    /// The operator's --deny-namespaces: namespaces it does not look into
    #[arg(long, value_name = "NAMESPACES", value_delimiter = ',', conflicts_with = "namespaces")]
    deny_namespaces: Vec<String>,

    /// The operator's --prometheus-instance-namespaces: where a Prometheus may be
    #[arg(long, value_name = "NAMESPACES", value_delimiter = ',')]
    prometheus_instance_namespaces: Vec<String>,

    /// The operator's --prometheus-instance-selector: labels a Prometheus needs
    #[arg(long, value_name = "SELECTOR", value_parser = selector)]
    prometheus_instance_selector: Option<Selector>,

    /// The operator's --controller-id
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    controller_id: String,

    /// The operator's --disable-unmanaged-prometheus-configuration
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", hide_default_value = true, value_name = "BOOL")]
    disable_unmanaged_prometheus_configuration: bool,

    /// The operator has no right to read storage classes, and does not look for the one a Prometheus names
    #[arg(long)]
    no_storage_class_check: bool,

    /// The operator's --feature-gates
    #[arg(long, value_name = "NAME=BOOL", value_delimiter = ',', value_parser = gate)]
    feature_gates: Vec<(String, bool)>,
}

fn newest() -> &'static str {
    Release::newest().name
}

fn release(text: &str) -> Result<&'static Release, String> {
    let known: Vec<&str> = RELEASES.iter().map(|release| release.name).collect();
    Release::of(text).ok_or_else(|| format!("promwire knows {}", known.join(", ")))
}

fn gate(text: &str) -> Result<(String, bool), String> {
    let (name, value) = text.split_once('=').ok_or("a gate is written NAME=true or NAME=false")?;
    let value = value.parse().map_err(|_| "a gate is true or false".to_owned())?;
    Ok((name.trim().to_owned(), value))
}

/// A selector as kubectl takes it, of the parts that are common: `a=b`, `a!=b`, `a`, `!a`.
fn selector(text: &str) -> Result<Selector, String> {
    crate::kubernetes::selector_text::check_labels(text)?;
    let requirements = text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| {
        let made = if let Some((key, value)) = part.split_once("!=") {
            Requirement::new(key.trim(), Operator::NotIn, [value.trim()])
        } else if let Some((key, value)) = part.split_once('=') {
            Requirement::new(key.trim(), Operator::Equals, [value.trim_start_matches('=').trim()])
        } else if let Some(key) = part.strip_prefix('!') {
            Requirement::new(key.trim(), Operator::DoesNotExist, Vec::<String>::new())
        } else {
            Requirement::new(part, Operator::Exists, Vec::<String>::new())
        };
        made.map_err(|error| format!("{error} (sets in parentheses are not read here)"))
    });
    Ok(Selector::new(requirements.collect::<Result<_, _>>()?))
}

impl RealityArgs {
    /// What the command line says (`flags`, which may hold other flags too), and the file where the command line does not.
    ///
    /// # Errors
    /// When settings of the file do not go together, or not with the flags.
    pub fn layered(flags: &ArgMatches, file: &Section) -> Result<Self, Box<Diagnostic>> {
        let matches = layer(Self::augment_args, SECTION, Some(flags), file)?;
        // The same parser has accepted them.
        Self::from_arg_matches(&matches)
            .map_err(|error| Box::new(Diagnostic::new(Code::INVALID_SETTING, error.to_string())))
    }

    /// The reality these flags stand for.
    ///
    /// # Errors
    /// A feature gate the operator does not know; the finding has no place.
    pub fn reality(&self) -> Result<Reality, Box<Diagnostic>> {
        let operator = self.operator_version;
        for (name, _) in &self.feature_gates {
            if !operator.feature_gates.iter().any(|(known, _)| known == name) {
                let message = format!("operator {} has no feature gate `{name}`", operator.name);
                let known: Vec<&str> = operator.feature_gates.iter().map(|(known, _)| *known).collect();
                let finding = Diagnostic::new(Code::INVALID_SETTING, message);
                return Err(Box::new(match nearest(name, known.iter().copied()) {
                    Some(meant) => finding.help(format!("did you mean `{meant}`?")),
                    None => finding.help(format!("it has {}", known.join(", "))),
                }));
            }
        }
        Ok(Reality {
            operator,
            prometheus_version: self.prometheus_version.clone(),
            kubernetes: self.kubernetes_version.clone(),
            reads_storage_classes: !self.no_storage_class_check,
            flags: Flags {
                namespaces: self.namespaces.clone(),
                deny_namespaces: self.deny_namespaces.clone(),
                prometheus_instance_namespaces: self.prometheus_instance_namespaces.clone(),
                prometheus_instance_selector: self.prometheus_instance_selector.clone().unwrap_or_default(),
                controller_id: self.controller_id.clone(),
                disable_unmanaged_prometheus_configuration: self.disable_unmanaged_prometheus_configuration,
                feature_gates: self.feature_gates.iter().cloned().collect(),
            },
            takes_secrets_for_granted: false,
            takes_rights_for_granted: false,
            instead: Instead { discovery_role: self.discovery_role.clone(), shards: self.shards },
        })
    }

    /// The same with other settings on top: `prometheus-version=2.55.1`, each as the flag of its name takes it.
    ///
    /// # Errors
    /// What is wrong with a setting.
    pub fn with(&self, settings: &str) -> Result<Self, String> {
        self.try_with(settings).map_err(|error| {
            // The error speaks of flags; here they are settings.
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            format!("reality:{settings}: {first}")
        })
    }

    fn try_with(&self, settings: &str) -> Result<Self, clap::Error> {
        let command = Self::augment_args(clap::Command::new("reality:").no_binary_name(true));
        let flags =
            settings.split(',').filter(|setting| !setting.is_empty()).map(|setting| format!("--{setting}"));
        let mut changed = self.clone();
        let matches = command.try_get_matches_from(flags)?;
        changed.update(&matches)?;
        Ok(changed)
    }

    /// Takes over what was given on a command line, and nothing that is there by default.
    fn update(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let given = |id: &str| matches.value_source(id) == Some(clap::parser::ValueSource::CommandLine);
        let other = Self::from_arg_matches(matches)?;
        macro_rules! take {
            ($($field:ident)*) => { $(if given(stringify!($field)) { self.$field = other.$field; })* };
        }
        take! {
            operator_version prometheus_version kubernetes_version discovery_role shards namespaces deny_namespaces
            prometheus_instance_namespaces prometheus_instance_selector controller_id
            no_storage_class_check disable_unmanaged_prometheus_configuration feature_gates
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults() -> RealityArgs {
        let command = RealityArgs::augment_args(clap::Command::new("test").no_binary_name(true));
        let matches = command.try_get_matches_from(Vec::<String>::new()).expect("nothing is required");
        RealityArgs::from_arg_matches(&matches).expect("defaults are complete")
    }

    #[test]
    fn settings_go_on_top_of_flags() {
        let mut flags = defaults();
        flags.controller_id = "mine".to_owned();
        let changed =
            flags.with("prometheus-version=2.55.1,kubernetes-version=1.20").expect("known settings");
        let reality = changed.reality().expect("known gates");
        assert_eq!(reality.prometheus_version.as_deref(), Some("2.55.1"));
        assert_eq!((reality.kubernetes.minor, reality.flags.controller_id.as_str()), (20, "mine"));
        assert!(flags.with("colour=red").is_err() && flags.with("operator-version=0.1").is_err());
    }

    #[test]
    fn unknown_gates_are_refused() {
        let flags = defaults().with("feature-gates=Nope=true").expect("the shape is right");
        assert!(flags.reality().is_err_and(|finding| finding.message.contains("`Nope`")));
    }
}
