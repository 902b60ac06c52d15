//! Bringing worlds onto the server.

use futures::StreamExt as _;
use kube::ResourceExt as _;
use kube::api::{DynamicObject, Patch, PatchParams};
use promwire_rig::cluster::Cluster;
use promwire_rig::manifests::title;
use promwire_rig::worlds::World;
use serde_json::{Value, json};

/// Requests at the same time.
const AT_ONCE: usize = 12;

/// An object the server did not take.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Refused {
    pub(crate) seed: u64,
    pub(crate) title: String,
    pub(crate) message: String,
}

/// Applies worlds: namespaces, then everything else, then the statuses that are authored. Refused objects are taken out of
/// the worlds and returned.
pub(crate) async fn worlds(cluster: &Cluster, worlds: &mut [World]) -> Vec<Refused> {
    let is_namespace = |object: &Value| object["kind"] == "Namespace";
    let mut refused = Vec::new();
    for first in [true, false] {
        let work = worlds.iter().flat_map(|world| {
            let objects = world.objects.iter().filter(move |object| is_namespace(object) == first);
            objects.map(move |object| one(cluster, world.seed, object))
        });
        let results: Vec<Option<Refused>> =
            futures::stream::iter(work).buffer_unordered(AT_ONCE).collect().await;
        refused.extend(results.into_iter().flatten());
    }
    for world in &mut *worlds {
        world.objects.retain(|object| {
            let title = title(object);
            !refused.iter().any(|refused| refused.seed == world.seed && refused.title == title)
        });
    }
    refused
}

async fn one(cluster: &Cluster, seed: u64, object: &Value) -> Option<Refused> {
    let refused = |message| Some(Refused { seed, title: title(object), message });
    if let Err(messages) = cluster.apply(std::slice::from_ref(object)).await {
        return refused(messages.join("\n"));
    }
    if let Err(message) = status(cluster, object).await {
        return refused(format!("status: {message}"));
    }
    None
}

/// Writes the status, which the server takes through a door of its own.
async fn status(cluster: &Cluster, object: &Value) -> Result<(), String> {
    let Some(status) = object.get("status") else { return Ok(()) };
    let typed: DynamicObject = serde_json::from_value(object.clone()).map_err(|error| error.to_string())?;
    let api = cluster.api(&typed).await?;
    let patch = Patch::Merge(json!({"status": status}));
    api.patch_status(&typed.name_any(), &PatchParams::default(), &patch)
        .await
        .map(drop)
        .map_err(|error| error.to_string())
}
