//! How something is reached over HTTP (`HTTPClientConfig` of prometheus/common 0.69): shared by jobs and discoveries.

use super::decode::{Fault, Field, Release, STRING, STRINGS, Struct, Table, Type, Value};
use super::scrape::Tls;
use crate::prom::{quote::quote, url};

/// The fields, which stand beside those of what is reached.
pub(super) const FIELDS: &[Field] = &[
    Field::new("basic_auth", Type::Struct(&BASIC_AUTH)),
    Field::new("authorization", Type::Struct(&AUTHORIZATION)).since(2, 26),
    Field::new("oauth2", Type::Struct(&OAUTH2)).since(2, 27),
    Field::new("bearer_token", Type::Secret),
    Field::new("bearer_token_file", STRING),
    Field::new("tls_config", Type::Struct(&TLS)),
    Field::new("follow_redirects", Type::Bool).since(2, 26),
    Field::new("enable_http2", Type::Bool).since(2, 35),
    Field::new("proxy_url", Type::Word(is_url)),
    Field::new("no_proxy", STRING).since(2, 43),
    Field::new("proxy_from_environment", Type::Bool).since(2, 43),
    Field::new("proxy_connect_header", PROXY_HEADER).since(2, 43),
    Field::new("http_headers", Type::Map("config.Headers", None, &HEADERS)).since(2, 53),
];

const HEADERS: Type = Type::Struct(&HEADER);
const SECRETS: Type = Type::List("[]config.Secret", &Type::Secret);
const PROXY_HEADER: Type = Type::Map("config.ProxyHeader", None, &SECRETS);
const STRING_MAP: Type = Type::Map("map[string]string", None, &STRING);

static BASIC_AUTH: Struct = Struct {
    go: "config.plain",
    fields: &[&[
        Field::new("username", STRING),
        Field::new("username_file", STRING).since(2, 46),
        Field::new("username_ref", STRING).since(2, 53),
        Field::new("password", Type::Secret),
        Field::new("password_file", STRING),
        Field::new("password_ref", STRING).since(2, 53),
    ]],
    check: None,
};

static AUTHORIZATION: Struct = Struct {
    go: "config.Authorization",
    fields: &[&[
        Field::new("type", STRING),
        Field::new("credentials", Type::Secret),
        Field::new("credentials_file", STRING),
        Field::new("credentials_ref", STRING).since(2, 53),
    ]],
    check: None,
};

static HEADER: Struct = Struct {
    go: "config.Header",
    fields: &[&[Field::new("values", STRINGS), Field::new("secrets", SECRETS), Field::new("files", STRINGS)]],
    check: None,
};

static OAUTH2: Struct = Struct {
    go: "config.plain",
    fields: &[&[
        Field::new("client_id", STRING),
        Field::new("client_secret", Type::Secret),
        Field::new("client_secret_file", STRING),
        Field::new("client_secret_ref", STRING).since(2, 53),
        Field::new("client_certificate_key_id", STRING).since(3, 8),
        Field::new("client_certificate_key", Type::Secret).since(3, 8),
        Field::new("client_certificate_key_file", STRING).since(3, 8),
        Field::new("client_certificate_key_ref", STRING).since(3, 8),
        Field::new("grant_type", STRING).since(3, 8),
        Field::new("signature_algorithm", STRING).since(3, 8),
        Field::new("iss", STRING).since(3, 8),
        Field::new("audience", STRING).since(3, 8),
        Field::new("claims", Type::Map("map[string]interface {}", None, &Type::Any)).since(3, 8),
        Field::new("scopes", STRINGS),
        Field::new("token_url", STRING),
        Field::new("endpoint_params", STRING_MAP),
        Field::new("tls_config", Type::Struct(&TLS)),
        Field::new("proxy_url", Type::Word(is_url)),
        Field::new("no_proxy", STRING).since(2, 43),
        Field::new("proxy_from_environment", Type::Bool).since(2, 43),
        Field::new("proxy_connect_header", PROXY_HEADER).since(2, 43),
    ]],
    check: Some(check_proxy),
};

/// `tls_config`.
pub(super) static TLS: Struct = Struct {
    go: "config.plain",
    fields: &[&[
        Field::new("ca", STRING).since(2, 43),
        Field::new("cert", STRING).since(2, 43),
        Field::new("key", Type::Secret).since(2, 43),
        Field::new("ca_file", STRING),
        Field::new("cert_file", STRING),
        Field::new("key_file", STRING),
        Field::new("ca_ref", STRING).since(2, 53),
        Field::new("cert_ref", STRING).since(2, 53),
        Field::new("key_ref", STRING).since(2, 53),
        Field::new("server_name", STRING),
        Field::new("insecure_skip_verify", Type::Bool),
        Field::new("min_version", Type::Word(is_tls_version)).since(2, 35),
        Field::new("max_version", Type::Word(is_tls_version)).since(2, 41),
    ]],
    check: Some(check_tls),
};

/// A URL (`config.URL`).
pub(super) fn is_url(text: &str, _: Release) -> Result<(), String> {
    url::parse(text).map(drop).map_err(|message| {
        // The message quotes the text, or its beginning.
        let shown = quote(&url::redacted(text));
        let quoted = quote(text);
        match message.strip_prefix("parse ") {
            _ if shown == quoted => message,
            Some(rest) => match rest.strip_prefix(&quoted) {
                Some(reason) => format!("parse {shown}{reason}"),
                None => format!("parse {shown}: the URL is not valid"),
            },
            None => message,
        }
    })
}

fn is_tls_version(text: &str, _: Release) -> Result<(), String> {
    if matches!(text, "TLS10" | "TLS11" | "TLS12" | "TLS13") {
        Ok(())
    } else {
        Err(format!("unknown TLS version: {text}"))
    }
}

/// How many of the fields hold a text.
fn filled(table: &Table<'_>, fields: &[&str]) -> usize {
    fields.iter().filter(|field| !table.text(field).is_empty()).count()
}

fn check_tls(tls: &Table<'_>, _: Release) -> Result<(), Fault> {
    const CERT: &[&str] = &["cert", "cert_file", "cert_ref"];
    const KEY: &[&str] = &["key", "key_file", "key_ref"];
    if filled(tls, &["ca", "ca_file", "ca_ref"]) > 1 {
        return Err(tls.fault("ca_file", "at most one of ca, ca_file & ca_ref must be configured"));
    }
    let (certs, keys) = (filled(tls, CERT), filled(tls, KEY));
    if certs > 1 {
        return Err(tls.fault("cert_file", "at most one of cert, cert_file & cert_ref must be configured"));
    }
    if keys > 1 {
        return Err(tls.fault("key_file", "at most one of key and key_file must be configured"));
    }
    match (certs, keys) {
        (1, 0) => {
            let message =
                "exactly one of key or key_file must be configured when a client certificate is configured";
            Err(tls.fault("cert_file", message))
        }
        (0, 1) => {
            let message =
                "exactly one of cert or cert_file must be configured when a client key is configured";
            Err(tls.fault("key_file", message))
        }
        _ => Ok(()),
    }
}

/// `ProxyConfig.Validate`.
fn check_proxy(table: &Table<'_>, _: Release) -> Result<(), Fault> {
    let has_url = !table.text("proxy_url").is_empty();
    let from_environment = table.given_bool("proxy_from_environment") == Some(true);
    if !table.map("proxy_connect_header").is_empty() && !from_environment && !has_url {
        let message = "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured";
        return Err(table.fault("proxy_connect_header", message));
    }
    if from_environment && has_url {
        let message = "if proxy_from_environment is configured, proxy_url must not be configured";
        return Err(table.fault("proxy_url", message));
    }
    if from_environment && !table.text("no_proxy").is_empty() {
        let message = "if proxy_from_environment is configured, no_proxy must not be configured";
        return Err(table.fault("no_proxy", message));
    }
    if !table.is_set("proxy_url") && !table.text("no_proxy").is_empty() {
        return Err(table.fault("no_proxy", "if no_proxy is configured, proxy_url must also be configured"));
    }
    Ok(())
}

/// `HTTPClientConfig.Validate`.
pub(super) fn check(table: &Table<'_>, release: Release) -> Result<(), Fault> {
    check_with(table, table.table("basic_auth"), release)
}

/// The same, where something else than `basic_auth` may make for one.
pub(super) fn check_with(
    table: &Table<'_>,
    basic_auth: Option<&Table<'_>>,
    release: Release,
) -> Result<(), Fault> {
    let has_basic_auth = table.is_set("basic_auth") || basic_auth.is_some();
    let has_oauth2 = table.is_set("oauth2");
    let bearer = filled(table, &["bearer_token", "bearer_token_file"]);
    if bearer > 1 {
        let message = "at most one of bearer_token & bearer_token_file must be configured";
        return Err(table.fault("bearer_token_file", message));
    }
    if (has_basic_auth || has_oauth2) && bearer > 0 {
        let message =
            "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured";
        return Err(table.fault(bearer_field(table), message));
    }
    if let Some(basic) = table.table("basic_auth") {
        if filled(basic, &["username", "username_file", "username_ref"]) > 1 {
            let message =
                "at most one of basic_auth username, username_file & username_ref must be configured";
            return Err(basic.fault("username_file", message));
        }
        if filled(basic, &["password", "password_file", "password_ref"]) > 1 {
            let message =
                "at most one of basic_auth password, password_file & password_ref must be configured";
            return Err(basic.fault("password_file", message));
        }
    }
    if let Some(authorization) = table.table("authorization") {
        check_authorization(table, authorization, bearer > 0)?;
        if has_basic_auth || has_oauth2 {
            let message = "at most one of basic_auth, oauth2 & authorization must be configured";
            return Err(table.fault("authorization", message));
        }
    }
    if let Some(oauth2) = table.table("oauth2") {
        if has_basic_auth {
            let message = "at most one of basic_auth, oauth2 & authorization must be configured";
            return Err(table.fault("oauth2", message));
        }
        check_oauth2(oauth2)?;
    }
    check_proxy(table, release)?;
    for (name, _) in table.map("http_headers") {
        let canonical = canonical_header(name);
        if RESERVED_HEADERS.contains(&canonical.as_str()) {
            let message = format!("setting header {} is not allowed", quote(&canonical));
            return Err(table.fault("http_headers", message));
        }
    }
    Ok(())
}

fn bearer_field(table: &Table<'_>) -> &'static str {
    if table.text("bearer_token").is_empty() { "bearer_token_file" } else { "bearer_token" }
}

fn check_authorization(table: &Table<'_>, authorization: &Table<'_>, has_bearer: bool) -> Result<(), Fault> {
    if has_bearer {
        let message = "authorization is not compatible with bearer_token & bearer_token_file";
        return Err(table.fault(bearer_field(table), message));
    }
    if filled(authorization, &["credentials", "credentials_file", "credentials_ref"]) > 1 {
        let message = "at most one of authorization credentials & credentials_file must be configured";
        return Err(authorization.fault("credentials_file", message));
    }
    if authorization.text("type").trim().to_lowercase() == "basic" {
        let message = "authorization type cannot be set to \"basic\", use \"basic_auth\" instead";
        return Err(authorization.fault("type", message));
    }
    Ok(())
}

const CLIENT_KEY: &[&str] =
    &["client_certificate_key", "client_certificate_key_file", "client_certificate_key_ref"];

fn check_oauth2(oauth2: &Table<'_>) -> Result<(), Fault> {
    if oauth2.text("client_id").is_empty() {
        return Err(oauth2.fault("client_id", "oauth2 client_id must be configured"));
    }
    if oauth2.text("token_url").is_empty() {
        return Err(oauth2.fault("token_url", "oauth2 token_url must be configured"));
    }
    if oauth2.text("grant_type") == "urn:ietf:params:oauth:grant-type:jwt-bearer" {
        if filled(oauth2, CLIENT_KEY) > 1 {
            let message = "at most one of oauth2 client_certificate_key, client_certificate_key_file & \
                           client_certificate_key_ref must be configured using \
                           grant-type=urn:ietf:params:oauth:grant-type:jwt-bearer";
            return Err(oauth2.fault("client_certificate_key_file", message));
        }
        if !matches!(oauth2.text("signature_algorithm"), "" | "RS256" | "RS384" | "RS512") {
            let message = "valid signature algorithms are RS256, RS384 and RS512";
            return Err(oauth2.fault("signature_algorithm", message));
        }
    } else if filled(oauth2, &["client_secret", "client_secret_file", "client_secret_ref"]) > 1 {
        let message = "at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be \
                       configured using grant-type=client_credentials";
        return Err(oauth2.fault("client_secret_file", message));
    }
    Ok(())
}

/// Headers nobody may set (`config.ReservedHeaders`).
const RESERVED_HEADERS: &[&str] = &[
    "Authorization",
    "Host",
    "Content-Encoding",
    "Content-Length",
    "Content-Type",
    "User-Agent",
    "Connection",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Www-Authenticate",
    "Accept-Encoding",
    "X-Prometheus-Remote-Write-Version",
    "X-Prometheus-Remote-Read-Version",
    "X-Prometheus-Scrape-Timeout-Seconds",
    "X-Amz-Date",
    "X-Amz-Security-Token",
    "X-Amz-Content-Sha256",
];

/// `http.CanonicalHeaderKey`: words with a capital, unless something is no part of a header.
fn canonical_header(name: &str) -> String {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !name.bytes().all(is_token) {
        return name.to_owned();
    }
    let mut upper = true;
    let canonical = name.chars().map(|one| {
        let made = if upper { one.to_ascii_uppercase() } else { one.to_ascii_lowercase() };
        upper = one == '-';
        made
    });
    canonical.collect()
}

/// Whether anything is other than by default, so that the client is one of its own.
pub(super) fn is_custom(table: &Table<'_>) -> bool {
    let tls_is_set = || {
        table.table("tls_config").is_some_and(|tls| {
            tls.given_bool("insecure_skip_verify") == Some(true)
                || TLS.fields[0].iter().any(|field| !tls.text(field.name).is_empty())
        })
    };
    let is_off = |field| table.given_bool(field) == Some(false);
    ["basic_auth", "authorization", "oauth2", "proxy_url", "proxy_connect_header", "http_headers"]
        .iter()
        .any(|field| table.is_set(field))
        || filled(table, &["bearer_token", "bearer_token_file", "no_proxy"]) > 0
        || table.given_bool("proxy_from_environment") == Some(true)
        || is_off("follow_redirects")
        || is_off("enable_http2")
        || tls_is_set()
}

/// The certificates.
pub(super) fn tls(table: &Table<'_>) -> Tls {
    let Some(tls) = table.table("tls_config") else { return Tls::default() };
    let file = |field| Some(tls.text(field)).filter(|path| !path.is_empty()).map(str::to_owned);
    Tls { ca_file: file("ca_file"), cert_file: file("cert_file"), key_file: file("key_file") }
}

/// A header that remote endpoints may not be given (`validateHeaders` of Prometheus 3.13).
pub(super) fn check_headers(table: &Table<'_>, authorization: &str) -> Result<(), Fault> {
    for (name, _) in table.map("headers") {
        let lower = name.to_lowercase();
        if lower == "authorization" {
            return Err(table.fault("headers", authorization));
        }
        let is_reserved = RESERVED_HEADERS.iter().any(|known| {
            known.eq_ignore_ascii_case(&lower) && *known != "X-Prometheus-Scrape-Timeout-Seconds"
        });
        if is_reserved {
            let message = format!("{name} is a reserved header. It must not be changed");
            return Err(table.fault("headers", message));
        }
    }
    Ok(())
}

/// Whether a value is nothing at all.
pub(super) fn is_null(value: &Value<'_>) -> bool {
    matches!(value, Value::Null)
}
