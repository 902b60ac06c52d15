//! One Secret: what it holds, and writing that.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::{DynamicObject, Patch, PatchParams};
use kube::discovery::ApiResource;
use serde_json::{Map, Value, json};

use super::Connection;
use super::apply::{Owner, Reference};
use crate::diagnostic::{Code, Diagnostic};

/// Who keeps a Secret up to date. It is nobody that also applies stacks: each would take the other's fields away.
const MANAGER: &str = "promwire-certs";

/// What a Secret holds, by key. It is not shown.
pub type SecretData = BTreeMap<String, Vec<u8>>;

impl Connection {
    /// What a Secret holds; none where it is not there.
    ///
    /// # Errors
    /// Whatever keeps it from being read.
    pub fn secret(&self, namespace: &str, name: &str) -> Result<Option<SecretData>, Box<Diagnostic>> {
        let secrets: Api<Secret> = Api::namespaced(self.client(), namespace);
        let found = self.wait(secrets.get_opt(name));
        let found =
            found.map_err(|error| self.failure(&error, &format!("read the Secret {namespace}/{name}")))?;
        Ok(found.map(|secret| {
            secret.data.unwrap_or_default().into_iter().map(|(key, value)| (key, value.0)).collect()
        }))
    }

    /// Writes entries of a Secret, and makes it where it is not there. Whoever filled it by hand or with `promwire apply` gives these
    /// entries over; one that Helm, Argo CD, Flux or a controller looks after is left to them. With `dry_run` the server only says
    /// whether it would.
    ///
    /// # Errors
    /// Whose it is, or whatever keeps it from being written.
    pub fn write_secret(
        &self,
        namespace: &str,
        name: &str,
        data: &SecretData,
        dry_run: bool,
    ) -> Result<(), Box<Diagnostic>> {
        let what = format!("the Secret {namespace}/{name}");
        let resource = ApiResource::erase::<Secret>(&());
        let secrets: Api<DynamicObject> = Api::namespaced_with(self.client(), namespace, &resource);
        let found = self.wait(secrets.get_opt(name));
        let found = found.map_err(|error| self.failure(&error, &format!("read {what}")))?;
        let live = found.and_then(|object| serde_json::to_value(object).ok()).unwrap_or(Value::Null);
        let entries: Map<String, Value> =
            data.iter().map(|(key, value)| (key.clone(), STANDARD.encode(value).into())).collect();
        let wanted = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": namespace},
            "data": entries,
        });
        if let Some(owner) = Owner::of(&live) {
            let reference = Reference::of(&wanted);
            let message = format!("{what} is looked after by {owner}");
            let finding = Diagnostic::new(Code::FIELD_CONFLICT, message).note("nothing was written");
            let advice = owner.advice(&reference, &Value::Null);
            return Err(Box::new(advice.into_iter().fold(finding, Diagnostic::help)));
        }
        let mut params = PatchParams::apply(MANAGER).force();
        params.dry_run = dry_run;
        let written = self.wait(secrets.patch(name, &params, &Patch::Apply(&wanted)));
        written.map(|_| ()).map_err(|error| self.failure(&error, &format!("write {what}")))
    }
}
