//! How a client of HTTP is configured: authentication, TLS, OAuth 2, proxies.
//!
//! Credentials stand in the configuration itself; TLS material becomes files beside it.

use super::{Generator, natural};
use crate::operator::assets::Reference;
use crate::operator::fields::Fields;
use crate::operator::mounts::CERTIFICATES;
use crate::source::{Mapping, Ordered};

/// An `Authorization`, perhaps completed by a scrape class.
#[derive(Debug, Clone, Copy)]
pub(super) struct Authorization<'a> {
    pub(super) kind: &'a str,
    pub(super) credentials: Option<Fields<'a>>,
    pub(super) credentials_file: &'a str,
}

impl<'a> Authorization<'a> {
    pub(super) fn of(fields: Fields<'a>) -> Self {
        Self {
            kind: fields.str("type"),
            credentials: fields.opt("credentials"),
            credentials_file: fields.str("credentialsFile"),
        }
    }
}

/// A `TLSConfig`, perhaps completed by a scrape class.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tls<'a> {
    pub(super) safe: Fields<'a>,
    pub(super) ca_file: &'a str,
    pub(super) cert_file: &'a str,
    pub(super) key_file: &'a str,
}

impl<'a> Tls<'a> {
    pub(super) fn of(fields: Fields<'a>) -> Self {
        Self {
            safe: fields,
            ca_file: fields.str("caFile"),
            cert_file: fields.str("certFile"),
            key_file: fields.str("keyFile"),
        }
    }
}

impl Generator<'_> {
    /// A value from a Secret, empty where it was not loaded.
    fn secret_or_empty(&self, namespace: &str, selector: Fields<'_>) -> Ordered {
        self.secret(namespace, selector).unwrap_or_else(|_| Ordered::from(""))
    }

    /// A value from a Secret.
    ///
    /// # Errors
    /// The operator's words for one that was not loaded.
    pub(super) fn secret(&self, namespace: &str, selector: Fields<'_>) -> Result<Ordered, String> {
        let value = self.assets.loaded(namespace, Reference::secret(selector))?;
        Ok(Ordered::of_bytes(&value).secret())
    }

    pub(super) fn basic_auth(&self, to: &mut Mapping, namespace: &str, auth: Option<Fields<'_>>) {
        let Some(auth) = auth else { return };
        let part = |name| self.secret_or_empty(namespace, auth.at(name));
        to.push(
            "basic_auth",
            Mapping::new().with("username", part("username")).with("password", part("password")),
        );
    }

    fn authorization_body(&self, namespace: &str, kind: &str, credentials: Option<Fields<'_>>) -> Mapping {
        let kind = if kind.is_empty() { "Bearer" } else { kind.trim() };
        let mut body = Mapping::new().with("type", kind.to_owned());
        if let Some(Ok(credentials)) = credentials.map(|credentials| self.secret(namespace, credentials)) {
            body.push("credentials", credentials);
        }
        body
    }

    /// A `SafeAuthorization`; Prometheus has it since 2.26.
    pub(super) fn safe_authorization(
        &self,
        to: &mut Mapping,
        namespace: &str,
        authorization: Option<Fields<'_>>,
    ) {
        let Some(authorization) = authorization else { return };
        if self.since(2, 26, 0) {
            let body = self.authorization_body(
                namespace,
                authorization.str("type"),
                authorization.opt("credentials"),
            );
            to.push("authorization", body);
        }
    }

    /// An `Authorization`. The operator looks at the result of the above without asking whether there is one, and dies where
    /// the version has none.
    pub(super) fn authorization(
        &self,
        to: &mut Mapping,
        namespace: &str,
        authorization: Option<Authorization<'_>>,
    ) {
        let Some(authorization) = authorization else { return };
        if !self.since(2, 26, 0) {
            self.crashed.set(true);
            return;
        }
        let mut body = self.authorization_body(namespace, authorization.kind, authorization.credentials);
        if !authorization.credentials_file.is_empty() {
            body.push("credentials_file", authorization.credentials_file.to_owned());
        }
        to.push("authorization", body);
    }

    /// `bearer_token` from a Secret, left out where it was not loaded.
    pub(super) fn bearer_token(&self, to: &mut Mapping, namespace: &str, token: Fields<'_>) {
        if let Ok(token) = self.secret(namespace, token) {
            to.push("bearer_token", token);
        }
    }

    pub(super) fn oauth2(&self, to: &mut Mapping, namespace: &str, oauth2: Option<Fields<'_>>) {
        let Some(oauth2) = oauth2 else { return };
        let client = match Reference::either(oauth2.at("clientId")) {
            None => Ok(Ordered::from("")),
            Some(reference) => self.assets.loaded(namespace, reference).map(|value| {
                let value = Ordered::of_bytes(&value);
                if oauth2.at("clientId").has("secret") { value.secret() } else { value }
            }),
        };
        let (Ok(client), Ok(secret)) = (client, self.secret(namespace, oauth2.at("clientSecret"))) else {
            return;
        };
        if !self.since(2, 27, 0) {
            return;
        }
        let mut body = Mapping::new()
            .with("client_id", client)
            .with("client_secret", secret)
            .with("token_url", oauth2.str("tokenUrl").to_owned());
        if !oauth2.list("scopes").is_empty() {
            super::copy(oauth2, &mut body, &[("scopes", "scopes")]);
        }
        let parameters = natural::map(oauth2, "endpointParams");
        if !parameters.is_empty() {
            body.push("endpoint_params", parameters);
        }
        if self.since(2, 43, 0) {
            self.proxy(&mut body, namespace, oauth2);
            self.safe_tls(&mut body, namespace, oauth2.opt("tlsConfig"));
        }
        to.push("oauth2", body);
    }

    /// The fields of a proxy, which stand among their owner's.
    pub(super) fn proxy(&self, to: &mut Mapping, namespace: &str, owner: Fields<'_>) {
        super::copy(owner, to, &[("proxyUrl", "proxy_url")]);
        if !self.since(2, 43, 0) {
            return;
        }
        super::copy(
            owner,
            to,
            &[("noProxy", "no_proxy"), ("proxyFromEnvironment", "proxy_from_environment")],
        );
        if owner.has("proxyConnectHeader") {
            let headers: Mapping = owner
                .entries("proxyConnectHeader")
                .map(|(name, selectors)| {
                    let selectors = selectors.as_array().into_iter().flatten().map(Fields::of);
                    let values: Vec<Ordered> =
                        selectors.map(|selector| self.secret_or_empty(namespace, selector)).collect();
                    (name.to_owned(), values)
                })
                .collect();
            to.push("proxy_connect_header", headers);
        }
    }

    fn tls_body(&self, namespace: &str, tls: Fields<'_>) -> Mapping {
        let mut body = Mapping::new();
        super::copy(tls, &mut body, &[("insecureSkipVerify", "insecure_skip_verify")]);
        let parts = [
            ("ca", "ca_file", Reference::either(tls.at("ca"))),
            ("cert", "cert_file", Reference::either(tls.at("cert"))),
            ("key", "key_file", tls.opt("keySecret").map(Reference::secret)),
        ];
        for (inline, file, reference) in parts {
            let Some(reference) = reference else { continue };
            if !self.switches.inline_tls {
                body.push(file, format!("{CERTIFICATES}/{}", reference.file(namespace)));
            } else if let Ok(content) = self.assets.loaded(namespace, reference) {
                let content = Ordered::of_bytes(&content);
                body.push(inline, if inline == "key" { content.secret() } else { content });
            }
        }
        if !tls.str("serverName").is_empty() {
            super::copy(tls, &mut body, &[("serverName", "server_name")]);
        }
        if self.since(2, 35, 0) {
            super::copy(tls, &mut body, &[("minVersion", "min_version")]);
        }
        if self.since(2, 41, 0) {
            super::copy(tls, &mut body, &[("maxVersion", "max_version")]);
        }
        body
    }

    /// A `SafeTLSConfig`, also an empty one.
    pub(super) fn safe_tls(&self, to: &mut Mapping, namespace: &str, tls: Option<Fields<'_>>) {
        if let Some(tls) = tls {
            to.push("tls_config", self.tls_body(namespace, tls));
        }
    }

    /// A `TLSConfig`, also an empty one.
    pub(super) fn tls(&self, to: &mut Mapping, namespace: &str, tls: Option<Tls<'_>>) {
        let Some(tls) = tls else { return };
        let mut body = self.tls_body(namespace, tls.safe);
        for (key, file) in
            [("ca_file", tls.ca_file), ("cert_file", tls.cert_file), ("key_file", tls.key_file)]
        {
            if !file.is_empty() {
                body.push(key, file.to_owned());
            }
        }
        to.push("tls_config", body);
    }

    /// `follow_redirects` and `enable_http2` of a scrape job.
    pub(super) fn redirects_and_http2(&self, to: &mut Mapping, owner: Fields<'_>) {
        if self.since(2, 26, 0) {
            super::copy(owner, to, &[("followRedirects", "follow_redirects")]);
        }
        if self.since(2, 35, 0) {
            super::copy(owner, to, &[("enableHttp2", "enable_http2")]);
        }
    }
}
