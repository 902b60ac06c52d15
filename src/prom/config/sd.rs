//! Kubernetes, HTTP, file and static discovery: their fields, what they check of themselves, and what they become.

use std::collections::BTreeMap;
use std::time::Duration;

use super::decode::{Fault, Field, Release, STRING, STRINGS, Struct, Table, Type, Value};
use super::discovery::{
    AttachMetadata, FileSd, HttpSd, KubernetesSd, Namespaces, Role, RoleSelector, StaticConfig,
};
use super::{http, mechanisms};
use crate::prom::label_name::Scheme;
use crate::prom::quote::quote;

/// The fields of these discoveries.
pub(super) const FIELDS: &[Field] = &[
    Field::new("file_sd_configs", Type::Structs("[]*file.SDConfig", &FILE)),
    Field::new("http_sd_configs", Type::Structs("[]*http.SDConfig", &HTTP)).since(2, 28),
    Field::new("kubernetes_sd_configs", Type::Structs("[]*kubernetes.SDConfig", &KUBERNETES)),
    Field::new("static_configs", Type::Structs("[]*targetgroup.Group", &STATIC)),
];

static STATIC: Struct = Struct {
    go: "struct { Targets []string \"yaml:\\\"targets\\\"\"; Labels model.LabelSet \"yaml:\\\"labels\\\"\" }",
    fields: &[&[Field::new("targets", STRINGS), Field::new("labels", LABEL_SET)]],
    check: None,
};

/// Labels by name (`model.LabelSet`).
pub(super) const LABEL_SET: Type =
    Type::Map("model.LabelSet", Some(is_label_name), &Type::Text("model.LabelValue"));

fn is_label_name(name: &str, release: Release) -> Result<(), String> {
    let scheme = if release.is_at_least(3, 0) { Scheme::Utf8 } else { Scheme::Legacy };
    if scheme.accepts(name) { Ok(()) } else { Err(format!("{} is not a valid label name", quote(name))) }
}

static FILE: Struct = Struct {
    go: "file.plain",
    fields: &[&[Field::new("files", STRINGS), Field::new("refresh_interval", Type::Duration)]],
    check: Some(|table, _| {
        if table.list("files").is_empty() {
            let message = "file service discovery config must contain at least one path name";
            return Err(table.fault("files", message));
        }
        match table.texts("files").find(|name| !is_pattern(name)) {
            Some(name) => {
                let message = format!("path name {} is not valid for file discovery", quote(name));
                Err(table.fault("files", message))
            }
            None => Ok(()),
        }
    }),
};

/// `^[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)$`
fn is_pattern(name: &str) -> bool {
    let endings = [".json", ".yml", ".yaml", ".JSON", ".YML", ".YAML"];
    let Some(stem) = endings.iter().find_map(|ending| name.strip_suffix(ending)) else { return false };
    stem.split_once('*').is_none_or(|(_, after)| !after.contains('/'))
}

static HTTP: Struct = Struct {
    go: "http.plain",
    fields: &[&[Field::new("refresh_interval", Type::Duration), Field::new("url", STRING)], http::FIELDS],
    check: Some(|table, release| {
        mechanisms::check_url(table, release)?;
        http::check(table, release)
    }),
};

static KUBERNETES: Struct = Struct {
    go: "kubernetes.plain",
    fields: &[
        &[
            Field::new("api_server", Type::Word(http::is_url)),
            Field::new("role", Type::Word(is_role)),
            Field::new("kubeconfig_file", STRING).since(2, 27),
            Field::new("namespaces", Type::Struct(&NAMESPACES)),
            Field::new("selectors", Type::Structs("[]kubernetes.SelectorConfig", &SELECTOR)).since(2, 17),
            Field::new("attach_metadata", Type::Struct(&ATTACH_METADATA)).since(2, 35),
        ],
        http::FIELDS,
    ],
    check: Some(check_kubernetes),
};

static NAMESPACES: Struct = Struct {
    go: "kubernetes.plain",
    fields: &[&[Field::new("own_namespace", Type::Bool).since(2, 30), Field::new("names", STRINGS)]],
    check: None,
};

static SELECTOR: Struct = Struct {
    go: "kubernetes.SelectorConfig",
    fields: &[&[
        Field::new("role", Type::Word(is_role)),
        Field::new("label", STRING),
        Field::new("field", STRING),
    ]],
    check: None,
};

static ATTACH_METADATA: Struct = Struct {
    go: "kubernetes.AttachMetadataConfig",
    fields: &[&[
        Field::new("node", Type::Bool),
        Field::new("namespace", Type::Bool).since(3, 6),
        Field::new("deployment", Type::Bool).since(3, 11),
        Field::new("job", Type::Bool).since(3, 11),
        Field::new("cronjob", Type::Bool).since(3, 11),
    ]],
    check: None,
};

fn is_role(role: &str, _: Release) -> Result<(), String> {
    match Role::from_spelling(role) {
        Some(_) => Ok(()),
        None => Err(format!("unknown Kubernetes SD role {}", quote(role))),
    }
}

/// `kubernetes.SDConfig.UnmarshalYAML`.
fn check_kubernetes(table: &Table<'_>, release: Release) -> Result<(), Fault> {
    let Some(role) = Role::from_spelling(table.text("role")) else {
        let message = "role missing (one of: pod, service, endpoints, endpointslice, node, ingress)";
        return Err(table.fault("role", message));
    };
    http::check(table, release)?;
    let has_server = table.is_set("api_server");
    let has_kubeconfig = !table.text("kubeconfig_file").is_empty();
    let is_custom = http::is_custom(table);
    let own = table.table("namespaces").and_then(|names| names.given_bool("own_namespace")) == Some(true);
    let fault = |field, message: &str| Err(table.fault(field, message));
    if has_server && has_kubeconfig {
        return fault("kubeconfig_file", "cannot use 'kubeconfig_file' and 'api_server' simultaneously");
    }
    if has_kubeconfig && is_custom {
        let message = "cannot use a custom HTTP client configuration together with 'kubeconfig_file'";
        return fault("kubeconfig_file", message);
    }
    if !has_server && is_custom {
        let message =
            "to use custom HTTP client configuration please provide the 'api_server' URL explicitly";
        return fault("api_server", message);
    }
    if has_server && own {
        let message = "cannot use 'api_server' and 'namespaces.own_namespace' simultaneously";
        return fault("namespaces", message);
    }
    if has_kubeconfig && own {
        let message = "cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously";
        return fault("namespaces", message);
    }
    check_selectors(table, role, release)
}

fn check_selectors(table: &Table<'_>, role: Role, release: Release) -> Result<(), Fault> {
    let allowed: &[&str] = match role {
        Role::Pod if release.is_at_least(3, 11) => &["pod", "node"],
        Role::Pod => &["pod"],
        Role::Service => &["service"],
        Role::EndpointSlice => &["pod", "service", "endpointslice"],
        Role::Endpoints => &["pod", "service", "endpoints"],
        Role::Node => &["node"],
        Role::Ingress => &["ingress"],
    };
    let mut seen: Vec<&str> = Vec::new();
    let nothing = Table::empty(table.span_of("selectors"));
    for selector in table.list("selectors") {
        let selector = if let Value::Table(selector) = selector { selector } else { &nothing };
        let of = selector.text("role");
        if seen.contains(&of) {
            return Err(selector.fault("role", format!("duplicated selector role: {of}")));
        }
        seen.push(of);
        if !allowed.contains(&of) {
            let message = format!("{} role supports only {} selectors", role.spelling(), allowed.join(", "));
            return Err(selector.fault("role", message));
        }
        (release.selectors.field)(selector.text("field"))
            .map_err(|message| selector.fault("field", message))?;
        (release.selectors.label)(selector.text("label"))
            .map_err(|message| selector.fault("label", message))?;
    }
    Ok(())
}

fn tables<'t, 'd>(job: &'t Table<'d>, field: &str) -> impl Iterator<Item = &'t Table<'d>> {
    job.list(field).iter().filter_map(|item| match item {
        Value::Table(table) => Some(table),
        _ => None,
    })
}

/// The static targets of a job.
pub(super) fn static_configs(job: &Table<'_>) -> Vec<StaticConfig> {
    let made = tables(job, "static_configs").map(|group| StaticConfig {
        targets: group.texts("targets").map(str::to_owned).collect(),
        labels: labels(group, "labels").into_iter().collect(),
    });
    made.collect()
}

/// The labels of a map, by name.
pub(super) fn labels(table: &Table<'_>, field: &str) -> BTreeMap<String, String> {
    let entries = table.map(field).iter().map(|(name, value)| {
        let value = if let Value::Text(text) = value { *text } else { "" };
        ((*name).to_owned(), value.to_owned())
    });
    entries.collect()
}

/// The Kubernetes discoveries of a job.
pub(super) fn kubernetes(job: &Table<'_>) -> Vec<KubernetesSd> {
    let filled = |text: &str| Some(text).filter(|text| !text.is_empty()).map(str::to_owned);
    let made = tables(job, "kubernetes_sd_configs").map(|table| {
        let namespaces = table.table("namespaces");
        let attach =
            |what| table.table("attach_metadata").and_then(|attach| attach.given_bool(what)) == Some(true);
        let selectors = tables(table, "selectors").filter_map(|selector| {
            Some(RoleSelector {
                role: Role::from_spelling(selector.text("role"))?,
                label: selector.text("label").to_owned(),
                field: selector.text("field").to_owned(),
            })
        });
        KubernetesSd {
            // It was checked.
            role: Role::from_spelling(table.text("role")).unwrap_or(Role::Pod),
            namespaces: Namespaces {
                names: namespaces
                    .map(|names| names.texts("names").map(str::to_owned).collect())
                    .unwrap_or_default(),
                own_namespace: namespaces.and_then(|names| names.given_bool("own_namespace")) == Some(true),
            },
            selectors: selectors.collect(),
            attach_metadata: AttachMetadata {
                node: attach("node"),
                namespace: attach("namespace"),
                deployment: attach("deployment"),
                job: attach("job"),
                cronjob: attach("cronjob"),
            },
            api_server: table.is_set("api_server").then(|| table.text("api_server").to_owned()),
            kubeconfig_file: filled(table.text("kubeconfig_file")),
            tls: http::tls(table),
        }
    });
    made.collect()
}

/// The HTTP discoveries of a job.
pub(super) fn http_sds(job: &Table<'_>) -> Vec<HttpSd> {
    let made = tables(job, "http_sd_configs").map(|table| HttpSd {
        url: table.text("url").to_owned(),
        refresh_interval: match table.get("refresh_interval") {
            None => Duration::from_mins(1),
            Some(_) => nanoseconds(table.duration("refresh_interval").unwrap_or(0)),
        },
        tls: http::tls(table),
    });
    made.collect()
}

/// The file discoveries of a job.
pub(super) fn file_sds(job: &Table<'_>) -> Vec<FileSd> {
    tables(job, "file_sd_configs")
        .map(|table| FileSd { files: table.texts("files").map(str::to_owned).collect() })
        .collect()
}

/// A duration of as many nanoseconds; it is never negative.
pub(super) fn nanoseconds(count: i64) -> Duration {
    Duration::from_nanos(u64::try_from(count).unwrap_or(0))
}
