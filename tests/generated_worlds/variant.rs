//! The realities the worlds of a batch are run in: operators with other flags and feature gates.

use clap::{Args as _, Command};
use promwire::config::{RealityArgs, Section};
use promwire::operator::Reality;

/// An operator, by its arguments. promwire has flags of the same names.
#[derive(Debug, Clone)]
pub(crate) struct Variant {
    pub(crate) name: &'static str,
    pub(crate) arguments: Vec<String>,
}

/// The operators of a batch with these namespaces.
pub(crate) fn all(namespaces: &[String]) -> Vec<Variant> {
    let some = |from: usize, step: usize, most: usize| {
        let chosen: Vec<&str> =
            namespaces.iter().skip(from).step_by(step).take(most).map(String::as_str).collect();
        chosen.join(",")
    };
    vec![
        Variant { name: "plain", arguments: Vec::new() },
        Variant {
            name: "gates",
            arguments: vec![
                "--feature-gates=PrometheusTopologySharding=false,PrometheusShardRetentionPolicy=false,PrometheusAgentDaemonSet=true"
                    .to_owned(),
                "--disable-unmanaged-prometheus-configuration=true".to_owned(),
            ],
        },
        Variant {
            name: "denied",
            arguments: vec![
                format!("--deny-namespaces={}", some(1, 4, usize::MAX)),
                "--prometheus-instance-selector=tier!=back".to_owned(),
            ],
        },
        Variant {
            // Every namespace costs the operator a watch for each kind.
            name: "allowed",
            arguments: vec![
                format!("--namespaces={}", some(0, 7, 8)),
                format!("--prometheus-instance-namespaces={}", some(0, 5, 12)),
                "--feature-gates=PrometheusAgentDaemonSet=true".to_owned(),
            ],
        },
    ]
}

impl Variant {
    /// What promwire is told.
    pub(crate) fn reality(&self) -> Result<Reality, String> {
        let command = RealityArgs::augment_args(Command::new("reality").no_binary_name(true));
        let matches = command.try_get_matches_from(&self.arguments).map_err(|error| error.to_string())?;
        let args = RealityArgs::layered(&matches, &Section::empty()).map_err(|finding| finding.message)?;
        args.reality().map_err(|finding| finding.message)
    }
}
