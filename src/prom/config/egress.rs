//! What does not decide about targets: alerting, remote endpoints, storage, OTLP, tracing. It is read because a mistake in it
//! makes Prometheus refuse the whole file.

use super::decode::{Fault, Field, Release, STRING, STRINGS, Struct, Table, Type, Value};
use super::{http, mechanisms, sd};
use crate::prom::quote::quote;

const STRING_MAP: Type = Type::Map("map[string]string", None, &STRING);
/// Relabel rules.
pub(super) const RULES: Type = Type::List("[]*relabel.Config", &Type::Rule);

pub(super) static ALERTING: Struct = Struct {
    go: "config.plain",
    fields: &[&[
        Field::new("alert_relabel_configs", RULES),
        Field::new("alertmanagers", Type::Structs("config.AlertmanagerConfigs", &ALERTMANAGER)),
    ]],
    check: Some(|table, _| no_null(table, "alert_relabel_configs", "empty or null alert relabeling rule")),
};

static ALERTMANAGER: Struct = Struct {
    go: "config.AlertmanagerConfig",
    fields: &[
        &[
            Field::new("scheme", STRING),
            Field::new("path_prefix", STRING),
            Field::new("timeout", Type::Duration),
            Field::new("api_version", Type::Named("config.plain", is_api_version)),
            Field::new("relabel_configs", RULES),
            Field::new("alert_relabel_configs", RULES).since(2, 51),
            Field::new("sigv4", Type::Struct(&SIGV4)).since(2, 48),
        ],
        http::FIELDS,
        sd::FIELDS,
        mechanisms::FIELDS,
    ],
    check: Some(|table, release| {
        super::job::check_discoveries(table)?;
        http::check(table, release)?;
        let auth = ["basic_auth", "authorization", "oauth2"].iter().any(|field| table.is_set(field))
            || !table.text("bearer_token").is_empty()
            || !table.text("bearer_token_file").is_empty();
        if auth && table.is_set("sigv4") {
            let message = "at most one of basic_auth, authorization, oauth2, & sigv4 must be configured";
            return Err(table.fault("sigv4", message));
        }
        super::job::check_static_targets(table)?;
        no_null(table, "relabel_configs", "empty or null Alertmanager target relabeling rule")?;
        no_null(table, "alert_relabel_configs", "empty or null Alertmanager alert relabeling rule")
    }),
};

fn is_api_version(version: &str, release: Release) -> Result<(), String> {
    let known: &[&str] = if release.is_at_least(3, 0) { &["v2"] } else { &["v1", "v2"] };
    if known.contains(&version) {
        return Ok(());
    }
    let known = known.join(" ");
    Err(format!("expected Alertmanager api version to be one of [{known}] but got {version}"))
}

/// Whether a list has an item that is null, which has these words then.
pub(super) fn no_null(table: &Table<'_>, field: &str, message: &str) -> Result<(), Fault> {
    if table.list(field).iter().any(http::is_null) { Err(table.fault(field, message)) } else { Ok(()) }
}

static SIGV4: Struct = Struct {
    go: "sigv4.plain",
    fields: &[&[
        Field::new("region", STRING),
        Field::new("access_key", STRING),
        Field::new("secret_key", Type::Secret),
        Field::new("profile", STRING),
        Field::new("role_arn", STRING),
        Field::new("external_id", STRING).since(3, 8),
        Field::new("use_fips_sts_endpoint", Type::Bool).since(2, 55),
        Field::new("service_name", STRING).since(3, 8),
    ]],
    check: Some(|table, _| {
        if table.text("access_key").is_empty() != table.text("secret_key").is_empty() {
            let message = "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the \
                           SigV4 config";
            return Err(table.fault("access_key", message));
        }
        if !table.text("external_id").is_empty() && table.text("role_arn").is_empty() {
            return Err(table.fault("external_id", "external_id can only be used with role_arn"));
        }
        Ok(())
    }),
};

pub(super) static REMOTE_WRITE: Struct = Struct {
    go: "config.plain",
    fields: &[
        &[
            Field::new("url", Type::Word(http::is_url)),
            Field::new("remote_timeout", Type::Duration),
            Field::new("headers", STRING_MAP),
            Field::new("write_relabel_configs", RULES),
            Field::new("name", STRING),
            Field::new("send_exemplars", Type::Bool),
            Field::new("send_native_histograms", Type::Bool).since(2, 40),
            Field::new("round_robin_dns", Type::Bool).since(3, 1),
            Field::new("protobuf_message", Type::Text("remote.WriteMessageType")).since(2, 54),
            Field::new("queue_config", Type::Struct(&QUEUE)),
            Field::new("metadata_config", Type::Struct(&METADATA)),
            Field::new("sigv4", Type::Struct(&SIGV4)).since(2, 26),
            Field::new("azuread", Type::Struct(&AZUREAD)).since(2, 45),
            Field::new("google_iam", Type::Struct(&GOOGLE_IAM)).since(2, 55),
        ],
        http::FIELDS,
    ],
    check: Some(check_remote_write),
};

static QUEUE: Struct = Struct {
    go: "config.QueueConfig",
    fields: &[&[
        Field::new("capacity", Type::Int),
        Field::new("max_shards", Type::Int),
        Field::new("min_shards", Type::Int),
        Field::new("max_samples_per_send", Type::Int),
        Field::new("batch_send_deadline", Type::Duration),
        Field::new("min_backoff", Type::Duration),
        Field::new("max_backoff", Type::Duration),
        Field::new("retry_on_http_429", Type::Bool),
        Field::new("sample_age_limit", Type::Duration).since(2, 50),
    ]],
    check: None,
};

static METADATA: Struct = Struct {
    go: "config.MetadataConfig",
    fields: &[&[
        Field::new("send", Type::Bool),
        Field::new("send_interval", Type::Duration),
        Field::new("max_samples_per_send", Type::Int),
    ]],
    check: None,
};

static GOOGLE_IAM: Struct =
    Struct { go: "googleiam.Config", fields: &[&[Field::new("credentials_file", STRING)]], check: None };

static AZUREAD: Struct = Struct {
    go: "azuread.plain",
    fields: &[&[
        Field::new("managed_identity", Type::Struct(&MANAGED_IDENTITY)),
        Field::new("workload_identity", Type::Struct(&WORKLOAD_IDENTITY)).since(3, 7),
        Field::new("oauth", Type::Struct(&AZURE_OAUTH)).since(2, 48),
        Field::new("sdk", Type::Struct(&AZURE_SDK)).since(2, 52),
        Field::new("certificate", Type::Struct(&AZURE_CERTIFICATE)).since(3, 11),
        Field::new("cloud", STRING),
        Field::new("scope", STRING).since(3, 10),
    ]],
    check: Some(check_azuread),
};

static MANAGED_IDENTITY: Struct = Struct {
    go: "azuread.ManagedIdentityConfig",
    fields: &[&[Field::new("client_id", STRING)]],
    check: None,
};

static WORKLOAD_IDENTITY: Struct = Struct {
    go: "azuread.WorkloadIdentityConfig",
    fields: &[&[
        Field::new("client_id", STRING),
        Field::new("tenant_id", STRING),
        Field::new("token_file_path", STRING),
    ]],
    check: None,
};

static AZURE_OAUTH: Struct = Struct {
    go: "azuread.OAuthConfig",
    fields: &[&[
        Field::new("client_id", STRING),
        Field::new("client_secret", Type::Secret),
        Field::new("tenant_id", STRING),
    ]],
    check: None,
};

static AZURE_SDK: Struct =
    Struct { go: "azuread.SDKConfig", fields: &[&[Field::new("tenant_id", STRING)]], check: None };

static AZURE_CERTIFICATE: Struct = Struct {
    go: "azuread.CertificateConfig",
    fields: &[&[
        Field::new("client_id", STRING),
        Field::new("tenant_id", STRING),
        Field::new("certificate_path", STRING),
        Field::new("certificate_key_path", STRING),
        Field::new("certificate_password", Type::Secret),
        Field::new("send_certificate_chain", Type::Bool),
    ]],
    check: None,
};

const AZURE_METHODS: [&str; 5] = ["managed_identity", "workload_identity", "oauth", "sdk", "certificate"];

fn check_azuread(table: &Table<'_>, _: Release) -> Result<(), Fault> {
    if !matches!(table.text("cloud"), "" | "AzureChina" | "AzureGovernment" | "AzurePublic") {
        return Err(table.fault("cloud", "must provide a cloud in the Azure AD config"));
    }
    let given: Vec<&str> = AZURE_METHODS.into_iter().filter(|method| table.is_set(method)).collect();
    let [method] = given[..] else {
        let message = if given.is_empty() {
            "must provide an Azure Managed Identity, Azure Workload Identity, Azure OAuth, Azure Certificate or \
             Azure SDK in the Azure AD config"
        } else {
            "cannot provide multiple authentication methods in the Azure AD config"
        };
        return Err(table.fault("", message));
    };
    let Some(config) = table.table(method) else { return Ok(()) };
    let (name, needed): (&str, &[&str]) = match method {
        "workload_identity" => ("Workload Identity", &["client_id", "tenant_id"]),
        "oauth" => ("OAuth", &["client_id", "client_secret", "tenant_id"]),
        "certificate" => ("Certificate", &["client_id", "tenant_id", "certificate_path"]),
        "managed_identity" => ("Managed Identity", &[]),
        _ => return Ok(()),
    };
    if let Some(field) = needed.iter().find(|field| config.text(field).is_empty()) {
        let message = format!("must provide an Azure {name} {field} in the Azure AD config");
        return Err(config.fault(field, message));
    }
    let uuids: &[&str] =
        if method == "workload_identity" { &["client_id", "tenant_id"] } else { &["client_id"] };
    for field in uuids {
        let text = config.text(field);
        if !text.is_empty() && !is_uuid(text) {
            let message = format!("the provided Azure {name} {field} is invalid");
            return Err(config.fault(field, message));
        }
    }
    let in_scope = |c: char| {
        c.is_ascii_alphanumeric() || "_:/.-".contains(c) || matches!(c, '\t' | '\n' | '\x0C' | '\r' | ' ')
    };
    if !table.text("scope").chars().all(in_scope) {
        return Err(table.fault("scope", "the provided scope contains invalid characters"));
    }
    Ok(())
}

/// What google/uuid reads: with dashes, with `urn:uuid:` or braces around, or 32 digits.
fn is_uuid(text: &str) -> bool {
    let text = match text.len() {
        45 if text.is_char_boundary(9) && text[..9].eq_ignore_ascii_case("urn:uuid:") => &text[9..],
        38 => text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or_default(),
        _ => text,
    };
    match text.len() {
        32 => text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        36 => text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        }),
        _ => false,
    }
}

fn check_remote_write(table: &Table<'_>, release: Release) -> Result<(), Fault> {
    if !table.is_set("url") {
        return Err(table.fault("url", "url for remote_write is empty"));
    }
    no_null(table, "write_relabel_configs", "empty or null relabeling rule in remote write config")?;
    http::check_headers(
        table,
        "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or google_iam \
         parameter",
    )?;
    let message_type = table.given_text("protobuf_message").unwrap_or("prometheus.WriteRequest");
    if !matches!(message_type, "prometheus.WriteRequest" | "io.prometheus.write.v2.Request") {
        let message = format!(
            "invalid protobuf_message value: unknown type for remote write protobuf message {message_type}, supported: \
             prometheus.WriteRequest, io.prometheus.write.v2.Request"
        );
        return Err(table.fault("protobuf_message", message));
    }
    http::check(table, release)?;
    check_queue(table)?;
    let bearer = !table.text("bearer_token").is_empty() || !table.text("bearer_token_file").is_empty();
    let mut given: Vec<&str> = ["basic_auth", "authorization", "oauth2", "sigv4", "azuread", "google_iam"]
        .into_iter()
        .filter(|field| table.is_set(field) || bearer && *field == "authorization")
        .collect();
    if given.len() > 1 {
        let listed = given.join(" ");
        let message = format!(
            "at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured. \
             Currently configured: [{listed}]"
        );
        return Err(table.fault(given.pop().unwrap_or_default(), message));
    }
    Ok(())
}

fn check_queue(remote: &Table<'_>) -> Result<(), Fault> {
    let Some(value) = remote.get("queue_config") else { return Ok(()) };
    let nothing = Table::empty(remote.span_of("queue_config"));
    // Null makes every number 0.
    let (queue, is_null) = if let Value::Table(queue) = value { (queue, false) } else { (&nothing, true) };
    let number = |field, default| match queue.get(field) {
        None if !is_null => default,
        _ => queue.int(field),
    };
    let (max, min) = (number("max_shards", 50), number("min_shards", 1));
    let milliseconds = |field, default: i64| match queue.get(field) {
        None if !is_null => default * 1_000_000,
        _ => queue.duration(field).unwrap_or(0),
    };
    let (field, message) = if max <= 0 {
        ("max_shards", "max_shards must be positive")
    } else if min <= 0 {
        ("min_shards", "min_shards must be positive")
    } else if min > max {
        ("min_shards", "min_shards must not be greater than max_shards")
    } else if number("max_samples_per_send", 2000) <= 0 {
        ("max_samples_per_send", "max_samples_per_send must be positive")
    } else if number("capacity", 10_000) <= 0 {
        ("capacity", "capacity must be positive")
    } else if milliseconds("max_backoff", 5000) < milliseconds("min_backoff", 30) {
        ("max_backoff", "max_backoff must not be less than min_backoff")
    } else {
        return Ok(());
    };
    Err(queue.fault(field, format!("remote write queue {message}")))
}

pub(super) static REMOTE_READ: Struct = Struct {
    go: "config.plain",
    fields: &[
        &[
            Field::new("url", Type::Word(http::is_url)),
            Field::new("remote_timeout", Type::Duration),
            Field::new("chunked_read_limit", Type::Uint("uint64")).since(2, 55),
            Field::new("headers", STRING_MAP),
            Field::new("read_recent", Type::Bool),
            Field::new("name", STRING),
            Field::new("required_matchers", sd::LABEL_SET),
            Field::new("filter_external_labels", Type::Bool).since(2, 34),
        ],
        http::FIELDS,
    ],
    check: Some(|table, release| {
        if !table.is_set("url") {
            return Err(table.fault("url", "url for remote_read is empty"));
        }
        http::check_headers(
            table,
            "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or \
             google_iam parameter",
        )?;
        http::check(table, release)
    }),
};

pub(super) static STORAGE: Struct = Struct {
    go: "config.StorageConfig",
    fields: &[&[Field::new("tsdb", Type::Struct(&TSDB)), Field::new("exemplars", Type::Struct(&EXEMPLARS))]],
    check: None,
};

static EXEMPLARS: Struct = Struct {
    go: "config.ExemplarsConfig",
    fields: &[&[Field::new("max_exemplars", Type::Int64)]],
    check: None,
};

static TSDB: Struct = Struct {
    go: "config.plain",
    fields: &[&[
        // A field that was not meant to be one.
        Field::new("outofordertimewindow", Type::Int64),
        Field::new("out_of_order_time_window", Type::Duration),
        Field::new("stale_series_compaction_threshold", Type::Float).since(3, 10),
        Field::new("chunk_encoding", Type::Struct(&CHUNK_ENCODING)).since(3, 13),
        Field::new("retention", Type::Struct(&RETENTION)).since(3, 9),
    ]],
    check: Some(|table, _| {
        let floats = table.table("chunk_encoding").map_or("", |encoding| encoding.text("floats"));
        if matches!(floats, "" | "xor" | "xor2") {
            return Ok(());
        }
        let message = format!(
            "'storage.tsdb.chunk_encoding.floats' must be 'xor' or 'xor2', or the field must be omitted entirely, got \
             {}",
            quote(floats)
        );
        Err(table.fault("chunk_encoding", message))
    }),
};

static CHUNK_ENCODING: Struct =
    Struct { go: "config.ChunkEncodingConfig", fields: &[&[Field::new("floats", STRING)]], check: None };

static RETENTION: Struct = Struct {
    go: "config.plain",
    fields: &[&[
        Field::new("time", Type::Duration),
        Field::new("size", Type::Size),
        Field::new("percentage", Type::Float).since(3, 10),
    ]],
    check: Some(|table, _| {
        if table.int("size") < 0 {
            let message = "'storage.tsdb.retention.size' must be greater than or equal to 0";
            return Err(table.fault("size", message));
        }
        let percentage = table.float("percentage");
        if !(0.0..=100.0).contains(&percentage) {
            let message = format!(
                "'storage.tsdb.retention.percentage' must be in the range [0, 100], got {percentage}"
            );
            return Err(table.fault("percentage", message));
        }
        Ok(())
    }),
};

pub(super) static TRACING: Struct = Struct {
    go: "config.plain",
    fields: &[&[
        Field::new("client_type", Type::Named("config.plain", is_tracing_client)),
        Field::new("endpoint", STRING),
        Field::new("sampling_fraction", Type::Float),
        Field::new("insecure", Type::Bool),
        Field::new("tls_config", Type::Struct(&http::TLS)),
        Field::new("headers", STRING_MAP),
        Field::new("compression", STRING),
        Field::new("timeout", Type::Duration),
    ]],
    check: Some(|table, _| {
        let message = "custom authorization header configuration is not yet supported";
        http::check_headers(table, message)?;
        if table.text("endpoint").is_empty() {
            return Err(table.fault("endpoint", "tracing endpoint must be set"));
        }
        match table.text("compression") {
            "" | "gzip" => Ok(()),
            other => {
                let message = format!("invalid compression type {other} provided, valid options: gzip");
                Err(table.fault("compression", message))
            }
        }
    }),
};

fn is_tracing_client(kind: &str, _: Release) -> Result<(), String> {
    if matches!(kind, "http" | "grpc") {
        Ok(())
    } else {
        Err(format!("expected tracing client type to be to be http or grpc, but got {kind}"))
    }
}

pub(super) static OTLP: Struct = Struct {
    go: "config.plain",
    fields: &[&[
        Field::new("promote_all_resource_attributes", Type::Bool).since(3, 5),
        Field::new("promote_resource_attributes", STRINGS),
        Field::new("ignore_resource_attributes", STRINGS).since(3, 5),
        Field::new("translation_strategy", Type::Text("otlptranslator.TranslationStrategyOption"))
            .since(3, 0),
        Field::new("keep_identifying_resource_attributes", Type::Bool).since(3, 1),
        Field::new("convert_histograms_to_nhcb", Type::Bool).since(3, 4),
        Field::new("promote_scope_metadata", Type::Bool).since(3, 6),
        Field::new("label_name_underscore_sanitization", Type::Bool).since(3, 8),
        Field::new("label_name_preserve_multiple_underscores", Type::Bool).since(3, 8),
    ]],
    check: Some(check_otlp),
};

fn check_otlp(table: &Table<'_>, _: Release) -> Result<(), Fault> {
    let (field, adjective) = if table.given_bool("promote_all_resource_attributes") == Some(true) {
        if !table.list("promote_resource_attributes").is_empty() {
            let message = "'promote_all_resource_attributes' and 'promote_resource_attributes' cannot be configured \
                           simultaneously";
            return Err(table.fault("promote_resource_attributes", message));
        }
        ("ignore_resource_attributes", "ignored")
    } else {
        if !table.list("ignore_resource_attributes").is_empty() {
            let message = "'ignore_resource_attributes' cannot be configured unless 'promote_all_resource_attributes' \
                           is true";
            return Err(table.fault("ignore_resource_attributes", message));
        }
        ("promote_resource_attributes", "promoted")
    };
    let mut seen: Vec<&str> = Vec::new();
    let mut wrong: Vec<String> = Vec::new();
    for attribute in table.texts(field).map(str::trim) {
        if attribute.is_empty() {
            wrong.push(format!("empty {adjective} OTel resource attribute"));
        } else if seen.contains(&attribute) {
            wrong.push(format!("duplicated {adjective} OTel resource attribute {}", quote(attribute)));
        } else {
            seen.push(attribute);
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(table.fault(field, format!("invalid '{field}': {}", wrong.join("\n"))))
    }
}

/// The translation strategies of OTLP, checked once the whole file is read.
pub(super) fn check_translation(otlp: Option<&Table<'_>>, is_legacy: bool) -> Result<(), Fault> {
    let Some(otlp) = otlp else { return Ok(()) };
    let strategy = otlp.text("translation_strategy");
    let message = match strategy {
        "" | "UnderscoreEscapingWithSuffixes" | "UnderscoreEscapingWithoutSuffixes" => return Ok(()),
        "NoTranslation" | "NoUTF8EscapingWithSuffixes" if !is_legacy => return Ok(()),
        "NoTranslation" | "NoUTF8EscapingWithSuffixes" => {
            format!("OTLP translation strategy {} is not allowed when UTF8 is disabled", quote(strategy))
        }
        _ => format!("unsupported OTLP translation strategy {}", quote(strategy)),
    };
    Err(otlp.fault("translation_strategy", message))
}
