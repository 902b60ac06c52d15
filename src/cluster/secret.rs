//! What one Secret holds.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Secret;
use kube::Api;

use super::Connection;
use crate::diagnostic::Diagnostic;

impl Connection {
    /// What a Secret holds, by key; none where it is not there.
    ///
    /// # Errors
    /// Whatever keeps it from being read.
    pub fn secret(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<Option<BTreeMap<String, Vec<u8>>>, Box<Diagnostic>> {
        let secrets: Api<Secret> = Api::namespaced(self.client(), namespace);
        let found = self.wait(secrets.get_opt(name));
        let found =
            found.map_err(|error| self.failure(&error, &format!("read the Secret {namespace}/{name}")))?;
        Ok(found.map(|secret| {
            secret.data.unwrap_or_default().into_iter().map(|(key, value)| (key, value.0)).collect()
        }))
    }
}
