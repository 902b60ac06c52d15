//! What can be said about Calico.

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};

use super::components::{self, Component};
use super::found;
use crate::diagnostic::{Code, Diagnostic};
use crate::prom::duration::PromDuration;

/// How Calico is installed and which of its metrics are wanted.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Calico")]
pub(super) struct Options {
    /// How Calico was installed [default: what the input shows]
    #[arg(long, value_enum, value_name = "HOW")]
    pub(super) install: Option<Install>,

    /// Whether there is a Typha; auto: what the input shows, else on for operator installs and off for manifests
    #[arg(long, value_enum, value_name = "WHETHER", default_value_t = Typha::Auto)]
    pub(super) typha: Typha,

    /// Switch the metrics of a component off instead of scraping them; may be given several times
    #[arg(long, value_enum, value_name = "COMPONENT")]
    pub(super) disable: Vec<Component>,

    /// How the settings that switch metrics on are given: as commands on standard error, or among the objects
    #[arg(long, value_enum, value_name = "HOW", default_value_t = SettingsAs::Commands)]
    pub(super) settings: SettingsAs,

    /// The API of Calico's configuration [default: what the input shows, else that of the install]
    #[arg(long, value_enum, value_name = "API")]
    pub(super) calico_api: Option<Api>,

    /// Port of Felix on every node [default: what the input says, else 9091]
    #[arg(long, value_name = "PORT", value_parser = components::host_port)]
    pub(super) felix_port: Option<u16>,

    /// Port of Typha on its nodes [default: what the input says, else 9093]
    #[arg(long, value_name = "PORT", value_parser = components::host_port)]
    pub(super) typha_port: Option<u16>,

    /// Port of kube-controllers [default: what the input says, else 9094]
    #[arg(long, value_name = "PORT", value_parser = components::port)]
    pub(super) kube_controllers_port: Option<u16>,

    /// Time between scrapes
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = PromDuration::positive)]
    pub(super) interval: PromDuration,
}

/// The ways to install Calico.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Install {
    /// Its manifests, in kube-system
    Manifest,
    /// The Tigera operator (also by Helm), in calico-system
    Operator,
}

impl Install {
    /// Where its components run.
    pub(super) const fn namespace(self) -> &'static str {
        match self {
            Self::Manifest => "kube-system",
            Self::Operator => "calico-system",
        }
    }

    pub(super) const fn other(self) -> Self {
        match self {
            Self::Manifest => Self::Operator,
            Self::Operator => Self::Manifest,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Operator => "operator",
        }
    }
}

/// Whether there is a Typha.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typha {
    Auto,
    On,
    Off,
}

/// How settings are given.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SettingsAs {
    Commands,
    Objects,
}

/// The APIs of Calico's configuration.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Api {
    /// Calico's own API, where its API server or its native definitions (3.32) serve it
    #[value(name = "projectcalico.org/v3")]
    V3,
    /// The definitions in the datastore, where there is nothing else
    #[value(name = "crd.projectcalico.org/v1")]
    Crd,
}

impl Api {
    pub(super) const fn group(self) -> &'static str {
        match self {
            Self::V3 => found::V3,
            Self::Crd => found::CRD,
        }
    }

    pub(super) const fn api_version(self) -> &'static str {
        match self {
            Self::V3 => "projectcalico.org/v3",
            Self::Crd => "crd.projectcalico.org/v1",
        }
    }
}

impl Options {
    /// The port asked for.
    pub(super) fn port(&self, component: Component) -> Option<u16> {
        match component {
            Component::Felix => self.felix_port,
            Component::Typha => self.typha_port,
            Component::KubeControllers => self.kube_controllers_port,
        }
    }

    /// The components whose metrics are switched off.
    pub(super) fn disabled(&self) -> BTreeSet<Component> {
        self.disable.iter().copied().collect()
    }

    /// Refuses what says two things at once. `has_typha` is what was decided.
    pub(super) fn refuse_contradictions(
        &self,
        install: Install,
        has_typha: bool,
    ) -> Result<(), Box<Diagnostic>> {
        let contradiction = |message: String, help: &str| {
            Err(Box::new(Diagnostic::new(Code::CONTRADICTORY_OPTIONS, message).help(help)))
        };
        if install == Install::Operator && self.typha == Typha::Off {
            return contradiction(
                "--typha off contradicts an operator install, which always has Typha".to_owned(),
                "leave --typha out; --disable typha switches its metrics off",
            );
        }
        let disabled = self.disabled();
        if !has_typha {
            let idle = [("--typha-port", self.typha_port.is_some())];
            let idle = idle.into_iter().chain([("--disable typha", disabled.contains(&Component::Typha))]);
            if let Some((option, _)) = idle.into_iter().find(|(_, given)| *given) {
                let message = format!("{option} is about Typha, and there is none");
                return contradiction(message, "leave it out, or say --typha on if there is one");
            }
        }
        let idle = disabled.into_iter().find(|component| self.port(*component).is_some());
        if let Some(component) = idle {
            let option = component.facts().option;
            let message = format!("--{option}-port contradicts --disable {option}");
            return contradiction(message, "leave one of them out");
        }
        Ok(())
    }
}
