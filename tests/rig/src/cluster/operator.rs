//! prometheus-operator, with the flags a test asks for.

use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tokio::process::Command;

use super::Cluster;
use crate::network::RIG;
use crate::process::Process;

/// A running operator; it ends when this is dropped.
#[derive(Debug)]
pub struct Operator {
    process: Process,
    address: String,
    options: OperatorOptions,
}

/// Flags of the operator, under their own names; empty is a plain operator for all namespaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperatorOptions {
    /// More arguments, such as `--namespaces=a,b` or `--feature-gates=NAME=true`.
    pub arguments: Vec<String>,
}

/// Every operator of a run listens on a port of its own.
static NEXT_PORT: AtomicU16 = AtomicU16::new(8080);

impl Cluster {
    /// Starts an operator and waits until it is healthy.
    ///
    /// # Errors
    ///
    /// It did not come up; the end of its log.
    pub async fn operator(&self, options: &OperatorOptions) -> Result<Operator, String> {
        let address = format!("{RIG}:{}", NEXT_PORT.fetch_add(1, Ordering::Relaxed));
        let mut command = Command::new(self.programs().path("operator"));
        command
            .env("KUBECONFIG", &self.control_plane.access.kubeconfig)
            // No kubelet runs here, so there is no Service to keep for it.
            .args(["--kubelet-service=", "--log-level=debug"])
            .arg(format!("--web.listen-address={address}"))
            .args(&options.arguments);
        let name = format!("operator-{}", address.rsplit(':').next().unwrap_or_default());
        let mut process = Process::start(&name, &self.run().path().join("logs"), &mut command)?;
        process
            .ready(Duration::from_secs(30), || crate::http::answers(format!("http://{address}/healthz")))
            .await?;
        Ok(Operator { process, address, options: options.clone() })
    }
}

impl Operator {
    /// What it was started with.
    pub fn options(&self) -> &OperatorOptions {
        &self.options
    }

    /// Its own metrics, as text.
    ///
    /// # Errors
    ///
    /// It does not answer.
    pub async fn metrics(&self) -> Result<String, String> {
        crate::http::get(format!("http://{}/metrics", self.address)).await
    }

    /// Its last words, if it has ended by itself.
    pub fn ended(&mut self) -> Option<String> {
        self.process.ended()
    }

    /// Ends it, and waits until it has.
    pub async fn stop(self) {
        self.process.stop().await;
    }
}
