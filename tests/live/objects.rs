//! What lives in the cluster of these tests.

use std::time::Duration;

use promwire_rig::cluster::wait;
use promwire_rig::manifests;
use promwire_rig::prometheus::Prometheus;
use serde_json::Value;

use crate::World;

/// A Prometheus, an application it scrapes, and a monitor that nobody selects.
const SHOP: &str = include_str!("shop.yaml");

/// Key material that must not turn up anywhere.
pub(crate) const CANARY: &str = "canary-5ad1f3";

/// Applies them, and waits until they are scraped.
pub(crate) async fn shop(world: &World) -> Result<(), String> {
    world.apply(SHOP).await?;
    wait(Duration::from_mins(1), "a target that is up", async || {
        let Ok(prometheus) = world.prometheus().await else { return false };
        let Ok(targets) = prometheus.targets().await else { return false };
        targets.active_targets.iter().any(|target| target.health == "up")
    })
    .await
}

impl World {
    pub(crate) async fn apply(&self, manifest: &str) -> Result<Vec<Value>, String> {
        let objects = manifests::parse("a test's manifest", manifest)?;
        self.cluster.apply(&objects).await.map_err(|refused| refused.join("\n"))?;
        Ok(objects)
    }

    /// A GET of the API server.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, String> {
        let request = http::Request::get(path).body(Vec::new()).map_err(|error| error.to_string())?;
        self.cluster.client().request(request).await.map_err(|error| format!("{path}: {error}"))
    }

    /// The Prometheus that runs, where it listens.
    pub(crate) async fn prometheus(&self) -> Result<Prometheus, String> {
        let pod = self.get("/api/v1/namespaces/shop/pods/prometheus-main-0").await?;
        let address = pod["status"]["podIP"].as_str().ok_or("the Prometheus has no address yet")?;
        Ok(Prometheus::at(&format!("{address}:9090")))
    }
}
