//! Namespaces for tests.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;

use super::Cluster;

/// Makes names differ within a run.
static NEXT: AtomicU32 = AtomicU32::new(1);

impl Cluster {
    /// Makes a namespace of its own for a test, named after `prefix`.
    ///
    /// # Errors
    ///
    /// What the server said.
    pub async fn namespace(&self, prefix: &str) -> Result<String, String> {
        let name = format!("{prefix}-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        self.apply(&[object]).await.map_err(|refused| refused.join("\n"))?;
        Ok(name)
    }
}
