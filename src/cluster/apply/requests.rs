//! What is asked of the API server: one object or one kind at a time, again where that may help.

use std::collections::BTreeMap;
use std::time::Duration;

use kube::api::{
    DeleteParams, DynamicObject, ListParams, Patch, PatchParams, Preconditions, PropagationPolicy,
};
use kube::core::GroupVersionKind;
use kube::discovery::{ApiResource, Discovery, Scope};
use kube::{Api, Client};
use serde_json::Value;

use super::reference::Reference;
use crate::cluster::patience::{is_transport, patiently};

/// Requests in flight.
pub(super) const IN_FLIGHT: usize = 20;

/// A client that knows what the API server serves.
#[derive(Clone)]
pub(super) struct Requests {
    client: Client,
    discovery: std::sync::Arc<Discovery>,
}

/// A kind that is served.
#[derive(Debug, Clone)]
pub(super) struct Served {
    pub(super) resource: ApiResource,
    pub(super) is_namespaced: bool,
}

impl Requests {
    /// Asks what is served.
    pub(super) async fn new(client: Client) -> Result<Self, kube::Error> {
        // Aggregated discovery is one request for all groups; servers before 1.26 do not have it.
        let discovery = match patiently(|| Discovery::new(client.clone()).run_aggregated()).await {
            Ok(discovery) => discovery,
            Err(kube::Error::Api(status)) if status.code != 404 && status.code != 406 => {
                return Err(kube::Error::Api(status));
            }
            Err(error) if is_transport(&error) => return Err(error),
            Err(_) => patiently(|| Discovery::new(client.clone()).run()).await?,
        };
        Ok(Self { client, discovery: discovery.into() })
    }

    /// Asks again what is served, after new kinds were defined.
    pub(super) async fn again(&self) -> Result<Self, kube::Error> {
        Self::new(self.client.clone()).await
    }

    /// The kind of an object as it is written, if that version is served.
    pub(super) fn served(&self, object: &Value) -> Option<Served> {
        let version = object["apiVersion"].as_str()?;
        let (group, version) = version.rsplit_once('/').unwrap_or(("", version));
        let kind = GroupVersionKind::gvk(group, version, object["kind"].as_str()?);
        let (resource, capabilities) = self.discovery.resolve_gvk(&kind)?;
        Some(Served { resource, is_namespaced: capabilities.scope == Scope::Namespaced })
    }

    /// A kind in the version the server prefers, by group and kind as in an inventory.
    pub(super) fn preferred(&self, group_kind: &str) -> Option<Served> {
        let (kind, group) = group_kind.split_once('.').unwrap_or((group_kind, ""));
        let group = self.discovery.get(group)?;
        let (resource, capabilities) =
            group.recommended_resources().into_iter().find(|(resource, _)| resource.kind == kind)?;
        Some(Served { resource, is_namespaced: capabilities.scope == Scope::Namespaced })
    }

    /// Kinds with namespaces that can be listed: whatever may stand in one.
    pub(super) fn listable(&self) -> Vec<Served> {
        let groups = self.discovery.groups().flat_map(kube::discovery::ApiGroup::recommended_resources);
        groups
            .filter(|(_, capabilities)| {
                capabilities.scope == Scope::Namespaced && capabilities.supports_operation("list")
            })
            .map(|(resource, _)| Served { resource, is_namespaced: true })
            .collect()
    }

    fn api(&self, served: &Served, namespace: Option<&str>) -> Api<DynamicObject> {
        match namespace {
            Some(namespace) if served.is_namespaced => {
                Api::namespaced_with(self.client.clone(), namespace, &served.resource)
            }
            _ => Api::all_with(self.client.clone(), &served.resource),
        }
    }

    /// Applies an object; with `dry_run` the server only says what would become of it.
    pub(super) async fn apply(
        &self,
        served: &Served,
        object: &Value,
        manager: &str,
        dry_run: bool,
    ) -> Result<Value, kube::Error> {
        let Reference { namespace, name, .. } = Reference::of(object);
        let api = self.api(served, namespace.as_deref());
        let mut params = PatchParams::apply(manager);
        params.dry_run = dry_run;
        params.field_validation = Some(kube::api::ValidationDirective::Strict);
        let patch = Patch::Apply(object);
        let applied = patiently(|| api.patch(&name, &params, &patch)).await?;
        Ok(value(applied, &served.resource))
    }

    /// An object, if it is there.
    pub(super) async fn get(
        &self,
        served: &Served,
        reference: &Reference,
    ) -> Result<Option<Value>, kube::Error> {
        let api = self.api(served, reference.namespace.as_deref());
        let found = patiently(|| api.get_opt(&reference.name)).await?;
        Ok(found.map(|object| value(object, &served.resource)))
    }

    /// The objects of a kind, those with labels only where some are named.
    pub(super) async fn list(
        &self,
        served: &Served,
        namespace: Option<&str>,
        labels: Option<&str>,
    ) -> Result<BTreeMap<Reference, Value>, kube::Error> {
        let api = self.api(served, namespace);
        let params = ListParams { label_selector: labels.map(str::to_owned), ..ListParams::default() };
        let found = patiently(|| api.list(&params)).await?;
        let objects = found.items.into_iter().map(|object| value(object, &served.resource));
        Ok(objects.map(|object| (Reference::of(&object), object)).collect())
    }

    /// Deletes the object with this `uid` and no other of its name. One that is gone is no error.
    pub(super) async fn delete(
        &self,
        served: &Served,
        reference: &Reference,
        uid: &str,
    ) -> Result<(), kube::Error> {
        let api = self.api(served, reference.namespace.as_deref());
        let params = DeleteParams {
            propagation_policy: Some(PropagationPolicy::Background),
            preconditions: Some(Preconditions { uid: Some(uid.to_owned()), resource_version: None }),
            ..DeleteParams::default()
        };
        match patiently(|| api.delete(&reference.name, &params)).await {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
            // Another one of that name is there by now.
            Err(kube::Error::Api(status))
                if status.code == 409 && status.message.contains("Precondition") =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Waits until the object with this `uid` is gone.
    pub(super) async fn gone(
        &self,
        served: &Served,
        reference: &Reference,
        uid: &str,
        within: Duration,
    ) -> Result<bool, kube::Error> {
        let started = tokio::time::Instant::now();
        let mut pause = Duration::from_millis(50);
        loop {
            let found = self.get(served, reference).await?;
            if found.is_none_or(|object| object["metadata"]["uid"] != uid) {
                return Ok(true);
            }
            if started.elapsed() > within {
                return Ok(false);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }
}

/// An object as JSON, with the kind that items of lists leave out.
fn value(object: DynamicObject, resource: &ApiResource) -> Value {
    let mut value = serde_json::to_value(object).unwrap_or_default();
    value["apiVersion"] = resource.api_version.as_str().into();
    value["kind"] = resource.kind.as_str().into();
    value
}
