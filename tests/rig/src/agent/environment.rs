//! The environment of a container, as the kubelet makes it (`kubelet_pods.go`, makeEnvironmentVariables).

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, EnvVarSource, Pod};

use super::expand::expand;
use super::fields::{Place, field, resource};
use super::objects::{Objects, Reference, Waiting};

/// The variables of a container; `service` holds those of the `kubernetes` Service.
///
/// # Errors
///
/// A Secret, ConfigMap or key that is not there and not optional: the container waits for it.
pub(super) fn environment(
    pod: &Pod,
    container: &Container,
    place: &Place,
    objects: &Objects,
    service: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Waiting> {
    let mut variables = BTreeMap::new();
    for source in container.env_from.iter().flatten() {
        let (reference, optional) = match (&source.secret_ref, &source.config_map_ref) {
            (Some(secret), _) => (Reference::Secret(secret.name.clone()), secret.optional),
            (_, Some(map)) => (Reference::ConfigMap(map.name.clone()), map.optional),
            _ => continue,
        };
        let Some(content) = objects.get(&reference) else {
            if optional == Some(true) {
                continue;
            }
            return Err(not_found(&reference));
        };
        let prefix = source.prefix.as_deref().unwrap_or_default();
        for (key, value) in content {
            variables.insert(format!("{prefix}{key}"), String::from_utf8_lossy(value).into_owned());
        }
    }
    for variable in container.env.iter().flatten() {
        let value = if let Some(source) = &variable.value_from {
            match value_from(pod, container, place, objects, source)? {
                Some(value) => value,
                None => continue,
            }
        } else {
            // A variable may name those before it, and those of Services.
            let mut known = service.clone();
            known.extend(variables.clone());
            expand(variable.value.as_deref().unwrap_or_default(), &known)
        };
        variables.insert(variable.name.clone(), value);
    }
    for (name, value) in service {
        variables.entry(name.clone()).or_insert_with(|| value.clone());
    }
    Ok(variables)
}

/// The value of a source; nothing if it is optional and not there.
fn value_from(
    pod: &Pod,
    container: &Container,
    place: &Place,
    objects: &Objects,
    source: &EnvVarSource,
) -> Result<Option<String>, Waiting> {
    if let Some(selector) = &source.field_ref {
        return match field(pod, place, &selector.field_path) {
            Some(value) => Ok(Some(value)),
            None => Err(Waiting::config(format!("unsupported fieldPath: {}", selector.field_path))),
        };
    }
    if let Some(selector) = &source.resource_field_ref {
        return match resource(pod, Some(container), place, selector) {
            Some(value) => Ok(Some(value)),
            None => Err(Waiting::config(format!("unsupported resource: {}", selector.resource))),
        };
    }
    let (reference, key, optional) = match (&source.secret_key_ref, &source.config_map_key_ref) {
        (Some(selector), _) => {
            (Reference::Secret(selector.name.clone()), &selector.key, selector.optional == Some(true))
        }
        (_, Some(selector)) => {
            (Reference::ConfigMap(selector.name.clone()), &selector.key, selector.optional == Some(true))
        }
        _ => return Ok(None),
    };
    let Some(content) = objects.get(&reference) else {
        return if optional { Ok(None) } else { Err(not_found(&reference)) };
    };
    match content.get(key) {
        Some(value) => Ok(Some(String::from_utf8_lossy(value).into_owned())),
        None if optional => Ok(None),
        None => Err(Waiting::config(format!(
            "couldn't find key {key} in {} {}/{}",
            if matches!(reference, Reference::Secret(_)) { "Secret" } else { "ConfigMap" },
            pod.metadata.namespace.as_deref().unwrap_or_default(),
            reference.name()
        ))),
    }
}

fn not_found(reference: &Reference) -> Waiting {
    Waiting::config(format!("{} \"{}\" not found", reference.kind(), reference.name()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::agent::fields::tests::place;

    fn made(container: &serde_json::Value, objects: &Objects) -> Result<BTreeMap<String, String>, Waiting> {
        let pod: Pod = serde_json::from_value(json!({
            "metadata": {"name": "web-0", "namespace": "shop", "labels": {"app": "web"}},
            "spec": {"containers": [container], "nodeName": "worker"}}))
        .expect("it is a pod");
        let container = &pod.spec.as_ref().expect("it has a spec").containers[0];
        let service = BTreeMap::from([("KUBERNETES_SERVICE_PORT".to_owned(), "443".to_owned())]);
        environment(&pod, container, &place(), objects, &service)
    }

    #[test]
    fn every_source() {
        let mut objects = Objects::default();
        objects.insert(
            Reference::Secret("keys".to_owned()),
            BTreeMap::from([("token".to_owned(), b"t0".to_vec())]),
        );
        objects.insert(
            Reference::ConfigMap("flags".to_owned()),
            BTreeMap::from([("LEVEL".to_owned(), b"debug".to_vec()), ("A".to_owned(), b"map".to_vec())]),
        );
        let variables = made(
            &json!({"name": "a", "envFrom": [{"configMapRef": {"name": "flags"}},
                                            {"prefix": "S_", "secretRef": {"name": "keys"}},
                                            {"secretRef": {"name": "none", "optional": true}}],
                "env": [{"name": "A", "value": "own"},
                        {"name": "B", "value": "$(A)-$(LEVEL)-$(KUBERNETES_SERVICE_PORT)-$(LATER)"},
                        {"name": "LATER", "value": "x"},
                        {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                        {"name": "APP", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app']"}}},
                        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                        {"name": "T", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "token"}}},
                        {"name": "O", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "no", "optional": true}}},
                        {"name": "MEM", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory"}}}]}),
            &objects,
        )
        .expect("everything is there");
        let expected = [
            ("A", "own"),
            ("APP", "web"),
            ("B", "own-debug-443-$(LATER)"),
            ("IP", "10.77.8.1"),
            ("KUBERNETES_SERVICE_PORT", "443"),
            ("LATER", "x"),
            ("LEVEL", "debug"),
            ("MEM", "8589934592"),
            ("POD", "web-0"),
            ("S_token", "t0"),
            ("T", "t0"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(variables, BTreeMap::from(expected));
    }

    #[test]
    fn what_is_missing_is_said_as_a_kubelet_says_it() {
        let mut objects = Objects::default();
        let container = json!({"name": "a", "env": [
            {"name": "T", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "token"}}}]});
        let waiting = made(&container, &objects).expect_err("there is no Secret");
        assert_eq!(waiting, Waiting::config("secret \"keys\" not found"));
        objects.insert(Reference::Secret("keys".to_owned()), BTreeMap::new());
        let waiting = made(&container, &objects).expect_err("there is no key");
        assert_eq!(waiting, Waiting::config("couldn't find key token in Secret shop/keys"));
    }
}
