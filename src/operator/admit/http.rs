//! What the kinds have in common: authentication, TLS, OAuth 2, proxies.
//!
//! The `validate` functions are methods of the operator's types (v0.93, `pkg/apis/monitoring/v1`), the `load` functions those
//! of its asset store (`pkg/assets`).

use super::{Admission, certificate};
use crate::operator::assets::{Assets, Reference, describe};
use crate::operator::fields::Fields;
use crate::operator::refusal::{Check, Context, refuse};
use crate::prom::url;

impl Admission<'_> {
    /// `HTTPConfigWithoutTLS.Validate`.
    pub(super) fn http_without_tls(&self, endpoint: Fields<'_>) -> Check {
        let _ = self;
        let ways = ["authorization", "basicAuth", "bearerTokenSecret", "oauth2"];
        let mut used = ways.iter().filter(|way| endpoint.has(way));
        if let (Some(one), Some(other)) = (used.next(), used.next()) {
            return refuse(format!("{one} and {other} cannot be configured at the same time")).within(*other);
        }
        validate_safe_authorization(endpoint.opt("authorization"))
            .under("authorization: ")
            .within("authorization")?;
        validate_oauth2(endpoint.opt("oauth2")).under("oauth2: ").within("oauth2")
    }

    pub(super) fn load_basic_auth(&self, namespace: &str, owner: Fields<'_>) -> Check {
        load_basic_auth(self.assets, namespace, owner.opt("basicAuth"))
    }

    pub(super) fn load_tls(&self, namespace: &str, owner: Fields<'_>) -> Check {
        load_tls(self.assets, namespace, owner.opt("tlsConfig"))
    }

    pub(super) fn load_safe_tls(&self, namespace: &str, owner: Fields<'_>) -> Check {
        load_safe_tls(self.assets, namespace, owner.opt("tlsConfig"))
    }

    pub(super) fn load_oauth2(&self, namespace: &str, owner: Fields<'_>) -> Check {
        load_oauth2(self.assets, namespace, owner.opt("oauth2"))
    }

    pub(super) fn load_safe_authorization(&self, namespace: &str, owner: Fields<'_>) -> Check {
        load_safe_authorization(self.assets, namespace, owner.opt("authorization"))
    }

    /// `addProxyConfigToStore`: the fields of a proxy stand among their owner's.
    pub(super) fn load_proxy_checked(&self, namespace: &str, owner: Fields<'_>) -> Check {
        validate_proxy(owner)?;
        load_proxy(self.assets, namespace, owner)
    }
}

fn is_basic(authorization: Fields<'_>) -> bool {
    authorization.str("type").trim().to_lowercase() == "basic"
}

/// `SafeAuthorization.Validate`.
fn validate_safe_authorization(authorization: Option<Fields<'_>>) -> Check {
    let Some(authorization) = authorization else { return Ok(()) };
    if is_basic(authorization) {
        return refuse("'authorization' type cannot be set to \"basic\", use \"basicAuth\" instead");
    }
    if !authorization.has("credentials") {
        return refuse("'authorization' credentials are required");
    }
    Ok(())
}

/// `Authorization.Validate`.
pub(in crate::operator) fn validate_authorization(authorization: Option<Fields<'_>>) -> Check {
    let Some(authorization) = authorization else { return Ok(()) };
    if authorization.has("credentials") && !authorization.str("credentialsFile").is_empty() {
        return refuse("authorization can not specify both \"credentials\" and \"credentialsFile\"");
    }
    if is_basic(authorization) {
        return refuse("authorization type cannot be set to \"basic\", use \"basicAuth\" instead");
    }
    Ok(())
}

/// `OAuth2.Validate`.
fn validate_oauth2(oauth2: Option<Fields<'_>>) -> Check {
    let Some(oauth2) = oauth2 else { return Ok(()) };
    if oauth2.str("tokenUrl").is_empty() {
        return refuse("OAuth2 tokenURL must be specified");
    }
    let client = oauth2.at("clientId");
    if is_empty(client) {
        return refuse("OAuth2 'clientID' must be specified");
    }
    validate_either(client).under("invalid OAuth2 'clientID': ")?;
    validate_safe_tls(oauth2.opt("tlsConfig")).under("invalid OAuth2 'tlsConfig': ")?;
    validate_proxy(oauth2).under("invalid OAuth2 proxyConfig: ")
}

/// Whether a `SecretOrConfigMap` is the zero value.
fn is_empty(selector: Fields<'_>) -> bool {
    selector.lacks(&["secret", "configMap"])
}

/// `SecretOrConfigMap.Validate`.
fn validate_either(selector: Fields<'_>) -> Check {
    if selector.has("secret") && selector.has("configMap") {
        return refuse("cannot specify both Secret and ConfigMap");
    }
    Ok(())
}

/// What `SafeTLSConfig` and `TLSConfig` check alike.
fn validate_tls_parts(tls: Fields<'_>) -> Check {
    for part in ["ca", "cert"] {
        let selector = tls.at(part);
        validate_either(selector)
            .under(format_args!("{part} {}: ", describe(Reference::either(selector))))?;
    }
    if let (Some(most), Some(least)) = (tls.opt_str("maxVersion"), tls.opt_str("minVersion"))
        && most < least
    {
        return refuse("maxVersion must more than or equal to minVersion");
    }
    Ok(())
}

/// `SafeTLSConfig.Validate`.
pub(super) fn validate_safe_tls(tls: Option<Fields<'_>>) -> Check {
    let Some(tls) = tls else { return Ok(()) };
    validate_tls_parts(tls)?;
    match (!is_empty(tls.at("cert")), tls.has("keySecret")) {
        (true, false) => refuse("client cert specified without client key"),
        (false, true) => refuse("client key specified without client cert"),
        _ => Ok(()),
    }
}

/// `TLSConfig.Validate`: material may also be in files.
pub(in crate::operator) fn validate_tls(tls: Option<Fields<'_>>) -> Check {
    let Some(tls) = tls else { return Ok(()) };
    validate_tls_parts(tls)?;
    let has_file = |file: &str| !tls.str(file).is_empty();
    let (has_cert, has_key) = (!is_empty(tls.at("cert")), tls.has("keySecret"));
    if !is_empty(tls.at("ca")) && has_file("caFile") {
        return refuse("cannot specify both 'caFile' and 'ca'");
    }
    if has_cert && has_file("certFile") {
        return refuse("cannot specify both 'certFile' and 'cert'");
    }
    if has_key && has_file("keyFile") {
        return refuse("cannot specify both 'keyFile' and 'keySecret'");
    }
    match (has_cert || has_file("certFile"), has_key || has_file("keyFile")) {
        (true, false) => refuse("cannot specify client cert without client key"),
        (false, true) => refuse("cannot specify client key without client cert"),
        _ => Ok(()),
    }
}

/// `ProxyConfig.Validate`. Headers are looked at in the order of their names, where Go's order is random.
pub(in crate::operator) fn validate_proxy(owner: Fields<'_>) -> Check {
    let from_environment = owner.is_true("proxyFromEnvironment");
    let has_url = !owner.str("proxyUrl").is_empty();
    let has_exceptions = !owner.str("noProxy").is_empty();
    let headers = || owner.entries("proxyConnectHeader");
    if headers().next().is_some() && !from_environment && !has_url {
        return refuse(
            "if proxyConnectHeader is configured, proxyUrl or proxyFromEnvironment must also be configured",
        );
    }
    if from_environment && has_url {
        return refuse("if proxyFromEnvironment is configured, proxyUrl must not be configured");
    }
    if from_environment && has_exceptions {
        return refuse("if proxyFromEnvironment is configured, noProxy must not be configured");
    }
    if !has_url && has_exceptions {
        return refuse("if noProxy is configured, proxyUrl must also be configured");
    }
    for (name, selectors) in headers() {
        let selectors = selectors.as_array().map_or(&[][..], Vec::as_slice);
        if selectors.is_empty() {
            // The operator spells it so.
            return refuse(format!("proxyConnetHeader[{name}]: selector must not be empty"));
        }
        for (index, selector) in selectors.iter().map(Fields::of).enumerate() {
            if selector.str("name").is_empty() && selector.str("key").is_empty() && !selector.has("optional")
            {
                return refuse(format!("proxyConnectHeader[{name}][{index}]: selector must be defined"));
            }
        }
    }
    match owner.opt_str("proxyUrl") {
        Some(text) => url::parse(text).map(drop).within("proxyUrl"),
        None => Ok(()),
    }
}

/// `AddBasicAuth`: both parts are needed.
pub(in crate::operator) fn load_basic_auth(
    assets: &Assets<'_>,
    namespace: &str,
    auth: Option<Fields<'_>>,
) -> Check {
    let Some(auth) = auth else { return Ok(()) };
    for part in ["username", "password"] {
        assets
            .load(namespace, Reference::secret(auth.at(part)))
            .under(format_args!("failed to get basic auth {part}: "))?;
    }
    Ok(())
}

/// `AddProxyConfig`.
pub(in crate::operator) fn load_proxy(assets: &Assets<'_>, namespace: &str, owner: Fields<'_>) -> Check {
    for (name, selectors) in owner.entries("proxyConnectHeader") {
        for (index, selector) in selectors.as_array().into_iter().flatten().enumerate() {
            assets
                .load(namespace, Reference::secret(Fields::of(selector)))
                .under(format_args!("header[{name}][{index}]: "))
                .within("proxyConnectHeader")?;
        }
    }
    Ok(())
}

/// `AddOAuth2`.
pub(in crate::operator) fn load_oauth2(
    assets: &Assets<'_>,
    namespace: &str,
    oauth2: Option<Fields<'_>>,
) -> Check {
    let Some(oauth2) = oauth2 else { return Ok(()) };
    validate_oauth2(Some(oauth2))?;
    if let Some(client) = Reference::either(oauth2.at("clientId")) {
        assets.load(namespace, client).under("failed to get oauth2 client id: ")?;
    }
    assets
        .load(namespace, Reference::secret(oauth2.at("clientSecret")))
        .under("failed to get oauth2 client secret: ")?;
    load_proxy(assets, namespace, oauth2).under("failed to get oauth2 proxyConfig: ")?;
    load_safe_tls(assets, namespace, oauth2.opt("tlsConfig")).under("failed to get oauth2 tlsConfig: ")
}

fn load_credentials(assets: &Assets<'_>, namespace: &str, authorization: Fields<'_>) -> Check {
    let credentials = authorization.at("credentials");
    if credentials.str("name").is_empty() {
        return Ok(());
    }
    assets.load(namespace, Reference::secret(credentials)).map(drop).under(format_args!(
        "failed to get authorization token of type {}: ",
        crate::prom::quote::quote(authorization.str("type"))
    ))
}

/// `AddSafeAuthorizationCredentials`: without credentials nothing is checked.
pub(in crate::operator) fn load_safe_authorization(
    assets: &Assets<'_>,
    namespace: &str,
    authorization: Option<Fields<'_>>,
) -> Check {
    let Some(authorization) = authorization.filter(|found| found.has("credentials")) else { return Ok(()) };
    validate_safe_authorization(Some(authorization))?;
    load_credentials(assets, namespace, authorization)
}

/// `AddAuthorizationCredentials`.
pub(in crate::operator) fn load_authorization(
    assets: &Assets<'_>,
    namespace: &str,
    authorization: Option<Fields<'_>>,
) -> Check {
    let Some(authorization) = authorization.filter(|found| found.has("credentials")) else { return Ok(()) };
    validate_authorization(Some(authorization))?;
    load_credentials(assets, namespace, authorization)
}

/// `AddSafeTLSConfig`.
pub(in crate::operator) fn load_safe_tls(
    assets: &Assets<'_>,
    namespace: &str,
    tls: Option<Fields<'_>>,
) -> Check {
    let Some(tls) = tls else { return Ok(()) };
    validate_safe_tls(Some(tls)).under("failed to validate TLS configuration: ")?;
    load_tls_parts(assets, namespace, tls)
}

/// `AddTLSConfig`.
pub(in crate::operator) fn load_tls(assets: &Assets<'_>, namespace: &str, tls: Option<Fields<'_>>) -> Check {
    let Some(tls) = tls else { return Ok(()) };
    validate_tls(Some(tls)).under("failed to validate TLS configuration: ")?;
    load_tls_parts(assets, namespace, tls)
}

/// `addTLSAssets`: a CA has to be a certificate unless it is empty, and a pair has to be one.
fn load_tls_parts(assets: &Assets<'_>, namespace: &str, tls: Fields<'_>) -> Check {
    let (ca, cert) = (Reference::either(tls.at("ca")), Reference::either(tls.at("cert")));
    let load = |name: &str, reference: Option<Reference<'_>>| match reference {
        None => Ok(Vec::new()),
        Some(found) => assets.load(namespace, found).under(format_args!(
            "failed to get {name} {}: ",
            crate::prom::quote::quote(&describe(reference))
        )),
    };
    let ca_content = load("ca", ca)?;
    let cert_content = load("cert", cert)?;
    let key = tls.opt("keySecret").map(Reference::secret);
    let key_content = match key {
        None => Vec::new(),
        Some(key) => {
            assets.load(namespace, key).under(format_args!("failed to get key {}/{}: ", key.name, key.key))?
        }
    };
    if !ca_content.is_empty() {
        certificate::check_ca(&ca_content).under(format_args!("ca {}: ", describe(ca)))?;
        if let Some(ca) = ca {
            assets.keep_certificate(namespace, ca);
        }
    }
    if let Some(key) = key
        && !cert_content.is_empty()
        && !key_content.is_empty()
    {
        certificate::check_pair(&cert_content, &key_content).under(format_args!(
            "cert {}, key <{}/{}>: ",
            describe(cert),
            key.name,
            key.key
        ))?;
        for part in cert.into_iter().chain([key]) {
            assets.keep_certificate(namespace, part);
        }
    }
    Ok(())
}
