//! What a container would find in a pod that nobody runs: for those who run its program themselves.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, Pod};
use kube::Client;

use super::content::files;
use super::environment::environment;
use super::fields::Place;
use super::objects::{Objects, references};
use super::service_variables;

/// What is to be found in a container.
#[derive(Debug, Clone, Default)]
pub struct Inside {
    /// The files that come from Secrets, `ConfigMaps` and the pod itself, by their whole path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
}

/// What a container of a pod would find. The pod needs a name and a namespace; it is not looked for on the server. Tokens are not
/// made: they are of pods that are there.
///
/// # Errors
///
/// Why the pod would wait, in the words of a kubelet; the API server did not answer.
pub async fn inside(client: &Client, pod: &Pod, container: &str) -> Result<Inside, String> {
    let spec = pod.spec.as_ref().ok_or("the pod has no specification")?;
    let container: &Container = spec
        .containers
        .iter()
        .find(|one| one.name == container)
        .ok_or_else(|| format!("the pod has no container `{container}`"))?;
    let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
    let objects = Objects::fetch(client, namespace, &references(pod)).await?;
    let place = Place {
        pod_address: String::new(),
        node_address: String::new(),
        allocatable_cpu: super::nodes::CPU,
        allocatable_memory: super::nodes::MEMORY,
    };
    let service = service_variables(client).await?;
    let environment =
        environment(pod, container, &place, &objects, &service).map_err(|waiting| waiting.message)?;
    let mut found = BTreeMap::new();
    // All volumes have to be there, mounted here or not.
    for volume in spec.volumes.iter().flatten() {
        let Some(content) = files(pod, volume, &place, &objects, &BTreeMap::new()) else { continue };
        let content = content.map_err(|waiting| waiting.message)?;
        for mount in container.volume_mounts.iter().flatten().filter(|mount| mount.name == volume.name) {
            let folder = mount.mount_path.trim_end_matches('/');
            let whole = content.iter().map(|(path, file)| (format!("{folder}/{path}"), file.bytes.clone()));
            found.extend(whole);
        }
    }
    Ok(Inside { files: found, environment })
}
