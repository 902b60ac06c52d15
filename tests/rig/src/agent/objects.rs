//! The Secrets and `ConfigMaps` that a pod refers to: fetched when they are needed, heard of when they change.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use kube::{Api, Client};

/// A Secret or ConfigMap in the namespace of the pod that refers to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reference {
    Secret(String),
    ConfigMap(String),
}

/// A change of an object: its namespace, and what it is.
pub(super) type Changed = (String, Reference);

/// The contents of objects; nothing for an object that does not exist.
#[derive(Default)]
pub(super) struct Objects {
    contents: BTreeMap<Reference, BTreeMap<String, Vec<u8>>>,
}

/// Why a pod or container cannot go on yet: `reason` and `message` as a kubelet writes them into the status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) reason: &'static str,
    pub(super) message: String,
}

impl Waiting {
    /// A pod whose volumes are not there.
    pub(super) fn creating(message: impl Into<String>) -> Self {
        Self { reason: "ContainerCreating", message: message.into() }
    }

    /// A container whose environment cannot be made.
    pub(super) fn config(message: impl Into<String>) -> Self {
        Self { reason: "CreateContainerConfigError", message: message.into() }
    }
}

impl Reference {
    /// As messages of a kubelet name it, without the namespace.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Secret(_) => "secret",
            Self::ConfigMap(_) => "configmap",
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Secret(name) | Self::ConfigMap(name) => name,
        }
    }
}

impl Objects {
    /// Fetches what is there of some references.
    ///
    /// # Errors
    ///
    /// The API server did not answer.
    pub(super) async fn fetch(
        client: &Client,
        namespace: &str,
        references: &BTreeSet<Reference>,
    ) -> Result<Self, String> {
        let secrets: Api<Secret> = Api::namespaced(client.clone(), namespace);
        let config_maps: Api<ConfigMap> = Api::namespaced(client.clone(), namespace);
        let mut objects = Self::default();
        for reference in references {
            let content = match reference {
                Reference::Secret(name) => {
                    secrets.get_opt(name).await.map_err(|error| error.to_string())?.map(|secret| {
                        let data = secret.data.unwrap_or_default();
                        data.into_iter().map(|(key, value)| (key, value.0)).collect()
                    })
                }
                Reference::ConfigMap(name) => {
                    config_maps.get_opt(name).await.map_err(|error| error.to_string())?.map(|map| {
                        let text = map.data.unwrap_or_default().into_iter();
                        let binary = map.binary_data.unwrap_or_default().into_iter();
                        text.map(|(key, value)| (key, value.into_bytes()))
                            .chain(binary.map(|(key, value)| (key, value.0)))
                            .collect()
                    })
                }
            };
            if let Some(content) = content {
                objects.insert(reference.clone(), content);
            }
        }
        Ok(objects)
    }

    /// The content of an object, if it exists.
    pub(super) fn get(&self, reference: &Reference) -> Option<&BTreeMap<String, Vec<u8>>> {
        self.contents.get(reference)
    }

    pub(super) fn insert(&mut self, reference: Reference, content: BTreeMap<String, Vec<u8>>) {
        self.contents.insert(reference, content);
    }
}

/// Everything a pod refers to in volumes and environments.
pub(super) fn references(pod: &Pod) -> BTreeSet<Reference> {
    let mut found = BTreeSet::new();
    let Some(spec) = &pod.spec else { return found };
    for volume in spec.volumes.iter().flatten() {
        if let Some(name) = volume.secret.as_ref().and_then(|secret| secret.secret_name.clone()) {
            found.insert(Reference::Secret(name));
        }
        if let Some(map) = &volume.config_map {
            found.insert(Reference::ConfigMap(map.name.clone()));
        }
        for source in volume.projected.iter().flat_map(|projected| projected.sources.iter().flatten()) {
            if let Some(secret) = &source.secret {
                found.insert(Reference::Secret(secret.name.clone()));
            }
            if let Some(map) = &source.config_map {
                found.insert(Reference::ConfigMap(map.name.clone()));
            }
        }
    }
    for container in spec.init_containers.iter().flatten().chain(&spec.containers) {
        for source in container.env_from.iter().flatten() {
            if let Some(secret) = &source.secret_ref {
                found.insert(Reference::Secret(secret.name.clone()));
            }
            if let Some(map) = &source.config_map_ref {
                found.insert(Reference::ConfigMap(map.name.clone()));
            }
        }
        for source in container.env.iter().flatten().filter_map(|variable| variable.value_from.as_ref()) {
            if let Some(key) = &source.secret_key_ref {
                found.insert(Reference::Secret(key.name.clone()));
            }
            if let Some(key) = &source.config_map_key_ref {
                found.insert(Reference::ConfigMap(key.name.clone()));
            }
        }
    }
    found
}
