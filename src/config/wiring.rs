//! How generated monitors are wired to a Prometheus, as flags and as the section `wiring` of the file.

use clap::Args;

use crate::diagnostic::{Code, Diagnostic};
use crate::integrations::{Labels, WiringOptions, parse_label};

/// How generated monitors are wired to a Prometheus.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Wiring")]
pub struct WiringArgs {
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
    /// What they say.
    ///
    /// # Errors
    /// When a label is given twice with different values.
    pub fn options(&self) -> Result<WiringOptions, Box<Diagnostic>> {
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
