//! What the files of a volume hold: `secret`, `configMap`, `projected` and `downwardAPI`.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{
    DownwardAPIVolumeFile, KeyToPath, Pod, ServiceAccountTokenProjection, Volume,
};

use super::fields::{Place, field, resource};
use super::objects::{Objects, Reference, Waiting};

/// A file of a volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    pub(super) bytes: Vec<u8>,
    pub(super) mode: u32,
}

/// The files of a volume by their path in it.
pub(super) type Files = BTreeMap<String, File>;

/// A token that a volume asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TokenRequest {
    /// The audience; nothing is the API server.
    pub(super) audience: Option<String>,
    /// Seconds.
    pub(super) expiration: i64,
}

impl TokenRequest {
    fn of(projection: &ServiceAccountTokenProjection) -> Self {
        Self {
            audience: projection.audience.clone().filter(|audience| !audience.is_empty()),
            expiration: projection.expiration_seconds.unwrap_or(3600),
        }
    }
}

/// The tokens that the volumes of a pod ask for.
pub(super) fn tokens(pod: &Pod) -> BTreeSet<TokenRequest> {
    let volumes = pod.spec.iter().flat_map(|spec| spec.volumes.iter().flatten());
    volumes
        .filter_map(|volume| volume.projected.as_ref())
        .flat_map(|projected| projected.sources.iter().flatten())
        .filter_map(|source| source.service_account_token.as_ref())
        .map(TokenRequest::of)
        .collect()
}

/// The modes Kubernetes gives where a manifest gives none.
const MODE: i32 = 0o644;

/// The files of a volume whose content lies in the API server; nothing for other kinds of volumes.
///
/// # Errors
///
/// Something is not there and not optional.
pub(super) fn files(
    pod: &Pod,
    volume: &Volume,
    place: &Place,
    objects: &Objects,
    tokens: &BTreeMap<TokenRequest, String>,
) -> Option<Result<Files, Waiting>> {
    let maker = Maker { pod, place, objects, tokens, volume: &volume.name };
    if let Some(secret) = &volume.secret {
        let reference = Reference::Secret(secret.secret_name.clone().unwrap_or_default());
        let mode = secret.default_mode.unwrap_or(MODE);
        return Some(maker.object(&reference, secret.items.as_deref(), mode, secret.optional));
    }
    if let Some(map) = &volume.config_map {
        let reference = Reference::ConfigMap(map.name.clone());
        let mode = map.default_mode.unwrap_or(MODE);
        return Some(maker.object(&reference, map.items.as_deref(), mode, map.optional));
    }
    if let Some(fields) = &volume.downward_api {
        let mode = fields.default_mode.unwrap_or(MODE);
        return Some(maker.fields(fields.items.as_deref().unwrap_or_default(), mode));
    }
    let projected = volume.projected.as_ref()?;
    let mode = projected.default_mode.unwrap_or(MODE);
    let mut all = Files::new();
    for source in projected.sources.iter().flatten() {
        let part = if let Some(token) = &source.service_account_token {
            maker.token(token, mode)
        } else if let Some(secret) = &source.secret {
            let reference = Reference::Secret(secret.name.clone());
            maker.object(&reference, secret.items.as_deref(), mode, secret.optional)
        } else if let Some(map) = &source.config_map {
            let reference = Reference::ConfigMap(map.name.clone());
            maker.object(&reference, map.items.as_deref(), mode, map.optional)
        } else if let Some(fields) = &source.downward_api {
            maker.fields(fields.items.as_deref().unwrap_or_default(), mode)
        } else {
            Err(maker.waiting("the rig knows no such source of a projected volume"))
        };
        match part {
            Ok(part) => all.extend(part),
            Err(waiting) => return Some(Err(waiting)),
        }
    }
    Some(Ok(all))
}

struct Maker<'a> {
    pod: &'a Pod,
    place: &'a Place,
    objects: &'a Objects,
    tokens: &'a BTreeMap<TokenRequest, String>,
    volume: &'a str,
}

impl Maker<'_> {
    fn waiting(&self, reason: impl std::fmt::Display) -> Waiting {
        Waiting::creating(format!("MountVolume.SetUp failed for volume \"{}\" : {reason}", self.volume))
    }

    fn object(
        &self,
        reference: &Reference,
        items: Option<&[KeyToPath]>,
        mode: i32,
        optional: Option<bool>,
    ) -> Result<Files, Waiting> {
        let optional = optional == Some(true);
        let Some(content) = self.objects.get(reference) else {
            if optional {
                return Ok(Files::new());
            }
            return Err(self.waiting(format!("{} \"{}\" not found", reference.kind(), reference.name())));
        };
        let Some(items) = items.filter(|items| !items.is_empty()) else {
            return Ok(content
                .iter()
                .map(|(key, bytes)| (key.clone(), File { bytes: bytes.clone(), mode: bits(mode) }))
                .collect());
        };
        let mut files = Files::new();
        for item in items {
            match content.get(&item.key) {
                Some(bytes) => {
                    let mode = bits(item.mode.unwrap_or(mode));
                    files.insert(item.path.clone(), File { bytes: bytes.clone(), mode });
                }
                None if optional => {}
                None => {
                    return Err(self.waiting(format!(
                        "references non-existent {} key: {}",
                        if matches!(reference, Reference::Secret(_)) { "secret" } else { "config" },
                        item.key
                    )));
                }
            }
        }
        Ok(files)
    }

    fn fields(&self, items: &[DownwardAPIVolumeFile], mode: i32) -> Result<Files, Waiting> {
        let mut files = Files::new();
        for item in items {
            let value = if let Some(selector) = &item.field_ref {
                field(self.pod, self.place, &selector.field_path)
            } else if let Some(selector) = &item.resource_field_ref {
                resource(self.pod, None, self.place, selector)
            } else {
                None
            };
            let value = value.ok_or_else(|| self.waiting(format!("no value for {}", item.path)))?;
            let mode = bits(item.mode.unwrap_or(mode));
            files.insert(item.path.clone(), File { bytes: value.into_bytes(), mode });
        }
        Ok(files)
    }

    fn token(&self, projection: &ServiceAccountTokenProjection, mode: i32) -> Result<Files, Waiting> {
        let token = self
            .tokens
            .get(&TokenRequest::of(projection))
            .ok_or_else(|| self.waiting("failed to fetch token"))?;
        let file = File { bytes: token.clone().into_bytes(), mode: bits(mode) };
        Ok(Files::from([(projection.path.clone(), file)]))
    }
}

/// Validation keeps modes between 0 and 0777.
fn bits(mode: i32) -> u32 {
    u32::try_from(mode).unwrap_or(0o644)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::agent::fields::tests::place;

    fn made(volume: Value, objects: &Objects) -> Result<Files, Waiting> {
        let mut volume = volume;
        volume["name"] = json!("v");
        let pod: Pod = serde_json::from_value(json!({
            "metadata": {"name": "web-0", "namespace": "shop", "labels": {"app": "web"}},
            "spec": {"containers": [], "volumes": [volume]}}))
        .expect("it is a pod");
        let tokens = tokens(&pod).into_iter().map(|request| (request, "t0k3n".to_owned())).collect();
        let volume = &pod.spec.as_ref().and_then(|spec| spec.volumes.as_ref()).expect("it has volumes")[0];
        files(&pod, volume, &place(), objects, &tokens).expect("it is of files")
    }

    fn objects() -> Objects {
        let mut objects = Objects::default();
        objects.insert(
            Reference::Secret("tls".to_owned()),
            BTreeMap::from([("a.crt".to_owned(), b"A".to_vec()), ("a.key".to_owned(), b"K".to_vec())]),
        );
        objects.insert(
            Reference::ConfigMap("ca".to_owned()),
            BTreeMap::from([("ca".to_owned(), b"C".to_vec())]),
        );
        objects
    }

    fn text(files: &Files) -> Vec<String> {
        files
            .iter()
            .map(|(path, file)| format!("{path} {:o} {}", file.mode, String::from_utf8_lossy(&file.bytes)))
            .collect()
    }

    #[test]
    fn keys_become_files() {
        let files = made(json!({"secret": {"secretName": "tls", "defaultMode": 0o400}}), &objects());
        assert_eq!(text(&files.expect("it is there")), ["a.crt 400 A", "a.key 400 K"]);
        let files = made(
            json!({"secret": {"secretName": "tls", "items": [{"key": "a.crt", "path": "x/y.crt", "mode": 0o600}]}}),
            &objects(),
        );
        assert_eq!(text(&files.expect("it is there")), ["x/y.crt 600 A"]);
    }

    #[test]
    fn sources_are_laid_over_each_other() {
        let files = made(
            json!({"projected": {"sources": [
                {"serviceAccountToken": {"path": "token", "expirationSeconds": 600}},
                {"configMap": {"name": "ca", "items": [{"key": "ca", "path": "ca.crt"}]}},
                {"secret": {"name": "none", "optional": true}},
                {"downwardAPI": {"items": [
                    {"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}},
                    {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]}}]}}),
            &objects(),
        );
        assert_eq!(
            text(&files.expect("it is there")),
            ["ca.crt 644 C", "labels 644 app=\"web\"", "namespace 644 shop", "token 644 t0k3n"]
        );
    }

    #[test]
    fn what_is_missing_is_waited_for() {
        let missing = made(json!({"configMap": {"name": "none"}}), &objects()).expect_err("it is not there");
        assert_eq!(
            missing,
            Waiting::creating("MountVolume.SetUp failed for volume \"v\" : configmap \"none\" not found")
        );
        let missing =
            made(json!({"secret": {"secretName": "tls", "items": [{"key": "b", "path": "b"}]}}), &objects());
        assert!(
            missing.expect_err("there is no key").message.ends_with("references non-existent secret key: b")
        );
        let optional = made(
            json!({"secret": {"secretName": "tls", "optional": true, "items": [{"key": "b", "path": "b"}]}}),
            &objects(),
        );
        assert_eq!(optional, Ok(Files::new()));
    }
}
