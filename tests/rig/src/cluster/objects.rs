//! Applying objects, and waiting for what serves them.

use std::time::Duration;

use kube::api::{DynamicObject, Patch, PatchParams};
use kube::discovery::Discovery;
use kube::{Api, ResourceExt as _};
use serde_json::Value;

use super::{Cluster, wait};
use crate::manifests::title;

/// Who applies in the rig.
const FIELD_MANAGER: &str = "rig";

impl Cluster {
    /// Applies objects on the server side, with strict field validation: Namespaces and custom resource definitions
    /// first, the others in their order.
    ///
    /// # Errors
    ///
    /// What the server said of each refused object. The others are applied.
    pub async fn apply(&self, objects: &[Value]) -> Result<(), Vec<String>> {
        let first = |object: &&Value| {
            matches!(object["kind"].as_str(), Some("Namespace" | "CustomResourceDefinition"))
        };
        let mut refused = Vec::new();
        let (early, late): (Vec<&Value>, Vec<&Value>) = objects.iter().partition(first);
        for object in early.into_iter().chain(late) {
            if let Err(reason) = self.apply_one(object).await {
                refused.push(format!("{}: {reason}", title(object)));
            }
        }
        if refused.is_empty() { Ok(()) } else { Err(refused) }
    }

    async fn apply_one(&self, object: &Value) -> Result<(), String> {
        let typed: DynamicObject =
            serde_json::from_value(object.clone()).map_err(|error| error.to_string())?;
        let api = self.api(&typed).await?;
        let mut params = PatchParams::apply(FIELD_MANAGER).force();
        params.field_validation = Some(kube::api::ValidationDirective::Strict);
        let name = typed.name_any();
        // A namespace that was just made may not have its ServiceAccount yet, without which pods are refused.
        for _ in 0..50 {
            match api.patch(&name, &params, &Patch::Apply(object)).await {
                Ok(_) => return Ok(()),
                Err(error) => {
                    let text = error.to_string();
                    if !text.contains("error looking up service account") {
                        return Err(text);
                    }
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        Err("its ServiceAccount did not appear".to_owned())
    }

    /// Deletes an object if it is there, and waits until it is gone.
    ///
    /// # Errors
    ///
    /// What the server said.
    pub async fn delete(&self, object: &Value) -> Result<(), String> {
        let typed: DynamicObject =
            serde_json::from_value(object.clone()).map_err(|error| error.to_string())?;
        let (api, name) = (self.api(&typed).await?, typed.name_any());
        match api.delete(&name, &kube::api::DeleteParams::foreground()).await {
            Err(error) if !error.to_string().contains("not found") => return Err(error.to_string()),
            _ => {}
        }
        wait(Duration::from_secs(30), &format!("the end of {}", title(object)), async || {
            api.get_opt(&name).await.is_ok_and(|left| left.is_none())
        })
        .await
    }

    /// The interface for objects of this one's kind and namespace (`default` where it names none).
    ///
    /// # Errors
    ///
    /// The server serves no such kind, or does not answer.
    pub async fn api(&self, object: &DynamicObject) -> Result<Api<DynamicObject>, String> {
        let known = self.discovery.read().await.resolve_object(object);
        let (resource, capabilities) = if let Some(known) = known {
            known
        } else {
            let fresh =
                Discovery::new(self.client()).run_aggregated().await.map_err(|error| error.to_string())?;
            let mut discovery = self.discovery.write().await;
            *discovery = fresh;
            discovery.resolve_object(object).ok_or("the API server serves no such kind")?
        };
        let api = Api::dynamic(self.client(), &resource, &capabilities.scope);
        Ok(api.constrain(object.metadata.namespace.as_deref().unwrap_or("default")))
    }

    /// Waits until the kinds of these custom resource definitions are served.
    pub(super) async fn served(&self, definitions: &[Value]) -> Result<(), String> {
        for definition in definitions {
            let typed: DynamicObject =
                serde_json::from_value(definition.clone()).map_err(|error| error.to_string())?;
            let (api, name) = (self.api(&typed).await?, typed.name_any());
            wait(Duration::from_secs(30), &format!("{} (Established)", title(definition)), async || {
                let Ok(found) = api.get(&name).await else { return false };
                let conditions = found.data.pointer("/status/conditions").and_then(Value::as_array);
                conditions.is_some_and(|conditions| {
                    conditions.iter().any(|one| one["type"] == "Established" && one["status"] == "True")
                })
            })
            .await?;
        }
        Ok(())
    }
}
