//! The discoveries besides Kubernetes, HTTP, files and static targets: their fields, and what they check of themselves. What they
//! find is known to nobody who does not ask them.
//!
//! Fields and words are those of Prometheus 3.13. Not checked, because it is asked elsewhere: the region of an AWS discovery
//! that names none.

use super::decode::{Fault, Field, Release, STRING, STRINGS, Struct, Table, Type};
use super::http;
use crate::prom::quote::quote;
use crate::prom::url;
use crate::source::HIDDEN;

type Checked = Result<(), Fault>;

const REFRESH: Field = Field::new("refresh_interval", Type::Duration);
const PORT: Field = Field::new("port", Type::Int);
const ENDPOINT: Field = Field::new("endpoint", STRING);
const REGION: Field = Field::new("region", STRING);
const ACCESS_KEY: Field = Field::new("access_key", STRING);
const SECRET_KEY: Field = Field::new("secret_key", Type::Secret);
const FILTERS: Field = Field::new("filters", Type::Structs("[]*aws.Filter", &FILTER));

static FILTER: Struct = Struct {
    go: "aws.Filter",
    fields: &[&[Field::new("name", STRING), Field::new("values", STRINGS)]],
    check: None,
};

static DOCKER_FILTER: Struct = Struct {
    go: "moby.Filter",
    fields: &[&[Field::new("name", STRING), Field::new("values", STRINGS)]],
    check: None,
};

macro_rules! mechanism {
    ($name:ident, $package:literal, [$($field:expr),* $(,)?], $groups:tt, $check:expr) => {
        static $name: Struct =
            mechanism!(@ concat!($package, ".plain"), [$($field),*], $groups, $check);
    };
    (@ $go:expr, [$($field:expr),*], http, $check:expr) => {
        Struct { go: $go, fields: &[&[$($field),*], http::FIELDS], check: Some($check) }
    };
    (@ $go:expr, [$($field:expr),*], plain, $check:expr) => {
        Struct { go: $go, fields: &[&[$($field),*]], check: Some($check) }
    };
}

/// Every one, as a field of a job, with the first release that knows it.
pub(super) const FIELDS: &[Field] = &[
    Field::new("aws_sd_configs", Type::Structs("[]*aws.SDConfig", &AWS)).since(3, 8),
    Field::new("azure_sd_configs", Type::Structs("[]*azure.SDConfig", &AZURE)),
    Field::new("consul_sd_configs", Type::Structs("[]*consul.SDConfig", &CONSUL)),
    Field::new("digitalocean_sd_configs", Type::Structs("[]*digitalocean.SDConfig", &DIGITALOCEAN))
        .since(2, 20),
    Field::new("dns_sd_configs", Type::Structs("[]*dns.SDConfig", &DNS)),
    Field::new("docker_sd_configs", Type::Structs("[]*moby.DockerSDConfig", &DOCKER)).since(2, 26),
    Field::new("dockerswarm_sd_configs", Type::Structs("[]*moby.DockerSwarmSDConfig", &DOCKERSWARM))
        .since(2, 20),
    Field::new("ec2_sd_configs", Type::Structs("[]*aws.EC2SDConfig", &EC2)),
    Field::new("ecs_sd_configs", Type::Structs("[]*aws.ECSSDConfig", &ECS)).since(3, 8),
    Field::new("elasticache_sd_configs", Type::Structs("[]*aws.ElasticacheSDConfig", &ELASTICACHE))
        .since(3, 10),
    Field::new("eureka_sd_configs", Type::Structs("[]*eureka.SDConfig", &EUREKA)).since(2, 21),
    Field::new("gce_sd_configs", Type::Structs("[]*gce.SDConfig", &GCE)),
    Field::new("hetzner_sd_configs", Type::Structs("[]*hetzner.SDConfig", &HETZNER)).since(2, 21),
    Field::new("ionos_sd_configs", Type::Structs("[]*ionos.SDConfig", &IONOS)).since(2, 36),
    Field::new("kuma_sd_configs", Type::Structs("[]*xds.SDConfig", &KUMA)).since(2, 28),
    Field::new("lightsail_sd_configs", Type::Structs("[]*aws.LightsailSDConfig", &LIGHTSAIL)).since(2, 27),
    Field::new("linode_sd_configs", Type::Structs("[]*linode.SDConfig", &LINODE)).since(2, 28),
    Field::new("marathon_sd_configs", Type::Structs("[]*marathon.SDConfig", &MARATHON)),
    Field::new("msk_sd_configs", Type::Structs("[]*aws.MSKSDConfig", &MSK)).since(3, 10),
    Field::new("nerve_sd_configs", Type::Structs("[]*zookeeper.NerveSDConfig", &NERVE)),
    Field::new("nomad_sd_configs", Type::Structs("[]*nomad.SDConfig", &NOMAD)).since(2, 37),
    Field::new("openstack_sd_configs", Type::Structs("[]*openstack.SDConfig", &OPENSTACK)),
    Field::new("outscale_sd_configs", Type::Structs("[]*outscale.SDConfig", &OUTSCALE)).since(3, 11),
    Field::new("ovhcloud_sd_configs", Type::Structs("[]*ovhcloud.SDConfig", &OVHCLOUD)).since(2, 40),
    Field::new("puppetdb_sd_configs", Type::Structs("[]*puppetdb.SDConfig", &PUPPETDB)).since(2, 31),
    Field::new("rds_sd_configs", Type::Structs("[]*aws.RDSSDConfig", &RDS)).since(3, 11),
    Field::new("scaleway_sd_configs", Type::Structs("[]*scaleway.SDConfig", &SCALEWAY)).since(2, 26),
    Field::new("serverset_sd_configs", Type::Structs("[]*zookeeper.ServersetSDConfig", &SERVERSET)),
    Field::new("stackit_sd_configs", Type::Structs("[]*stackit.SDConfig", &STACKIT)).since(3, 5),
    Field::new("triton_sd_configs", Type::Structs("[]*triton.SDConfig", &TRITON)),
    Field::new("uyuni_sd_configs", Type::Structs("[]*uyuni.SDConfig", &UYUNI)).since(2, 31),
    Field::new("vultr_sd_configs", Type::Structs("[]*vultr.SDConfig", &VULTR)).since(2, 40),
];

mechanism!(
    AWS,
    "aws",
    [
        Field::new("role", Type::Word(aws_role)),
        REGION,
        ENDPOINT,
        ACCESS_KEY,
        SECRET_KEY,
        Field::new("profile", STRING),
        Field::new("role_arn", STRING),
        Field::new("external_id", STRING),
        REFRESH,
        PORT,
        FILTERS,
        Field::new("clusters", STRINGS),
    ],
    http,
    |table, _| match table.text("role") {
        "" => Err(table.fault("role", "unknown AWS SD role \"\"")),
        _ => Ok(()),
    }
);

fn aws_role(role: &str, _: Release) -> Result<(), String> {
    one_of(role, &["ec2", "ecs", "elasticache", "lightsail", "msk", "rds"], "unknown AWS SD role")
}

fn one_of(text: &str, known: &[&str], message: &str) -> Result<(), String> {
    if known.contains(&text) { Ok(()) } else { Err(format!("{message} {}", quote(text))) }
}

mechanism!(
    EC2,
    "aws",
    [
        ENDPOINT,
        REGION,
        ACCESS_KEY,
        SECRET_KEY,
        Field::new("profile", STRING),
        Field::new("role_arn", STRING),
        Field::new("external_id", STRING).since(3, 8),
        REFRESH,
        PORT,
        FILTERS,
    ],
    http,
    |table, release| {
        let values = |filter: &super::decode::Value<'_>| match filter {
            super::decode::Value::Table(filter) => filter.texts("values").count(),
            _ => 1,
        };
        if table.list("filters").iter().any(|filter| values(filter) == 0) {
            return Err(table.fault("filters", "EC2 SD configuration filter values cannot be empty"));
        }
        http::check(table, release)
    }
);

macro_rules! aws_mechanism {
    ($($name:ident [$($more:expr),*]),*) => {$(
        mechanism!(
            $name,
            "aws",
            [
                REGION,
                ENDPOINT,
                ACCESS_KEY,
                SECRET_KEY,
                Field::new("profile", STRING),
                Field::new("role_arn", STRING),
                Field::new("external_id", STRING),
                PORT,
                REFRESH
                $(, $more)*
            ],
            http,
            http::check
        );
    )*};
}

const CLUSTERS: Field = Field::new("clusters", STRINGS);
const CONCURRENCY: Field = Field::new("request_concurrency", Type::Int);

aws_mechanism! {
    ECS [CLUSTERS, CONCURRENCY],
    ELASTICACHE [CLUSTERS, CONCURRENCY],
    LIGHTSAIL [],
    MSK [CLUSTERS, CONCURRENCY],
    RDS [CLUSTERS, CONCURRENCY, FILTERS]
}

mechanism!(
    AZURE,
    "azure",
    [
        Field::new("environment", STRING),
        PORT,
        Field::new("subscription_id", STRING),
        Field::new("tenant_id", STRING),
        Field::new("client_id", STRING),
        Field::new("client_secret", Type::Secret),
        REFRESH,
        Field::new("authentication_method", STRING),
        Field::new("resource_group", STRING),
    ],
    http,
    |table, release| {
        let needs = |field| needs(table, field, &format!("azure SD configuration requires a {field}"));
        needs("subscription_id")?;
        let method = table.given_text("authentication_method").unwrap_or("OAuth");
        if method == "OAuth" {
            needs("tenant_id")?;
            needs("client_id")?;
            needs("client_secret")?;
        } else if !matches!(method, "ManagedIdentity" | "SDK" | "WorkloadIdentity") {
            let message = format!(
                "unknown authentication_type {}. Supported types are \"OAuth\", \"ManagedIdentity\", \"SDK\" or \
                 \"WorkloadIdentity\"",
                quote(method)
            );
            return Err(table.fault("authentication_method", message));
        }
        http::check(table, release)
    }
);

/// A text that may not be empty.
fn needs(table: &Table<'_>, field: &str, message: &str) -> Checked {
    if table.text(field).is_empty() { Err(table.fault(field, message)) } else { Ok(()) }
}

mechanism!(
    CONSUL,
    "consul",
    [
        Field::new("server", STRING),
        Field::new("path_prefix", STRING).since(2, 48),
        Field::new("token", Type::Secret),
        Field::new("datacenter", STRING),
        Field::new("namespace", STRING),
        Field::new("partition", STRING),
        Field::new("tag_separator", STRING),
        Field::new("scheme", STRING),
        Field::new("username", STRING),
        Field::new("password", Type::Secret),
        Field::new("allow_stale", Type::Bool),
        REFRESH,
        Field::new("services", STRINGS),
        Field::new("tags", STRINGS),
        Field::new("node_meta", Type::Map("map[string]string", None, &STRING)),
        Field::new("filter", STRING).since(3, 0),
        Field::new("health_filter", STRING).since(3, 10),
    ],
    http,
    |table, release| {
        if table.given_text("server").unwrap_or("localhost:8500").trim().is_empty() {
            return Err(table.fault("server", "consul SD configuration requires a server address"));
        }
        let has_user = !table.text("username").is_empty() || !table.text("password").is_empty();
        if has_user && table.is_set("basic_auth") {
            let message = "at most one of consul SD configuration username and password and basic auth can be configured";
            return Err(table.fault("basic_auth", message));
        }
        let token = !table.text("token").is_empty();
        if token && (table.is_set("authorization") || table.is_set("oauth2")) {
            let message = "at most one of consul SD token, authorization, or oauth2 can be configured";
            return Err(table.fault("token", message));
        }
        http::check_with(table, has_user.then_some(table), release)
    }
);

mechanism!(
    DIGITALOCEAN,
    "digitalocean",
    [
        REFRESH,
        PORT,
        Field::new("role", Type::Word(digitalocean_role)).since(3, 10),
        // A field of Go's client that was not meant to be one.
        Field::new("httpclient", Type::Any),
    ],
    http,
    |table, release| {
        if table.given_text("role") == Some("") {
            return Err(table.fault("role", "role missing (one of: droplets, databases)"));
        }
        http::check(table, release)
    }
);

fn digitalocean_role(role: &str, _: Release) -> Result<(), String> {
    one_of(role, &["droplets", "databases"], "unknown DigitalOcean SD role")
}

mechanism!(
    DNS,
    "dns",
    [Field::new("names", STRINGS), REFRESH, Field::new("type", STRING), PORT],
    plain,
    |table, release| {
        if table.list("names").is_empty() {
            let message = "DNS-SD config must contain at least one SRV record name";
            return Err(table.fault("names", message));
        }
        let kind = table.given_text("type").unwrap_or("SRV");
        let is_known = match kind.to_uppercase().as_str() {
            "SRV" => return Ok(()),
            "A" | "AAAA" => true,
            "MX" => release.is_at_least(2, 38),
            "NS" => release.is_at_least(2, 49),
            _ => false,
        };
        if !is_known {
            return Err(table.fault("type", format!("invalid DNS-SD records type {kind}")));
        }
        if table.int("port") == 0 {
            let message = "a port is required in DNS-SD configs for all record types except SRV";
            return Err(table.fault("type", message));
        }
        Ok(())
    }
);

mechanism!(
    DOCKER,
    "moby",
    [
        Field::new("host", STRING),
        PORT,
        Field::new("filters", Type::Structs("[]moby.Filter", &DOCKER_FILTER)),
        Field::new("host_networking_host", STRING),
        REFRESH,
        Field::new("match_first_network", Type::Bool).since(2, 54),
    ],
    http,
    |table, release| {
        check_host(table)?;
        http::check(table, release)
    }
);

fn check_host(table: &Table<'_>) -> Checked {
    needs(table, "host", "host missing")?;
    url::parse(table.text("host")).map(drop).map_err(|message| table.fault("host", message))
}

mechanism!(
    DOCKERSWARM,
    "moby",
    [
        Field::new("host", STRING),
        Field::new("role", STRING),
        PORT,
        Field::new("filters", Type::Structs("[]moby.Filter", &DOCKER_FILTER)),
        REFRESH,
    ],
    http,
    |table, release| {
        check_host(table)?;
        match table.text("role") {
            "services" | "nodes" | "tasks" => {}
            "" => return Err(table.fault("role", "role missing (one of: tasks, services, nodes)")),
            role => {
                let message = format!("invalid role {role}, expected tasks, services, or nodes");
                return Err(table.fault("role", message));
            }
        }
        http::check(table, release)
    }
);

mechanism!(EUREKA, "eureka", [Field::new("server", STRING), REFRESH], http, |table, release| {
    needs(table, "server", "eureka_sd: empty or null eureka server")?;
    let url = url::parse(table.text("server")).map_err(|message| table.fault("server", message))?;
    if url.scheme.is_empty() || url.host.is_empty() {
        return Err(table.fault("server", "eureka_sd: invalid eureka server URL"));
    }
    http::check(table, release)
});

mechanism!(
    GCE,
    "gce",
    [
        Field::new("project", STRING),
        Field::new("zone", STRING),
        Field::new("filter", STRING),
        REFRESH,
        PORT,
        Field::new("tag_separator", STRING),
    ],
    plain,
    |table, _| {
        needs(table, "project", "GCE SD configuration requires a project")?;
        needs(table, "zone", "GCE SD configuration requires a zone")
    }
);

mechanism!(
    HETZNER,
    "hetzner",
    [
        REFRESH,
        PORT,
        Field::new("role", Type::Word(hetzner_role)),
        Field::new("label_selector", STRING).since(3, 5),
    ],
    http,
    |table, release| {
        needs(table, "role", "role missing (one of: robot, hcloud)")?;
        http::check(table, release)
    }
);

fn hetzner_role(role: &str, _: Release) -> Result<(), String> {
    one_of(role, &["robot", "hcloud"], "unknown role")
}

mechanism!(IONOS, "ionos", [Field::new("datacenter_id", STRING), REFRESH, PORT], http, |table, release| {
    needs(table, "datacenter_id", "datacenter id can't be empty")?;
    http::check(table, release)
});

static KUMA: Struct = Struct {
    go: "xds.plainKumaConf",
    fields: &[
        &[
            REFRESH,
            Field::new("fetch_timeout", Type::Duration),
            Field::new("server", STRING),
            Field::new("client_id", STRING).since(2, 50),
        ],
        http::FIELDS,
    ],
    check: Some(|table, release| {
        let server = table.text("server");
        if server.is_empty() {
            return Err(table.fault("server", "kuma SD server must not be empty: "));
        }
        let url = url::parse(server).map_err(|message| table.fault("server", message))?;
        if url.scheme.is_empty() || url.host.is_empty() {
            let message = format!("kuma SD server must not be empty and have a scheme: {server}");
            return Err(table.fault("server", message));
        }
        http::check(table, release)
    }),
};

mechanism!(
    LINODE,
    "linode",
    [REFRESH, PORT, Field::new("tag_separator", STRING), Field::new("region", STRING).since(2, 52)],
    http,
    http::check
);

mechanism!(
    MARATHON,
    "marathon",
    [
        Field::new("servers", STRINGS),
        REFRESH,
        Field::new("auth_token", Type::Secret),
        Field::new("auth_token_file", STRING),
    ],
    http,
    |table, release| {
        if table.list("servers").is_empty() {
            let message = "marathon_sd: must contain at least one Marathon server";
            return Err(table.fault("servers", message));
        }
        let has_text = |field| !table.text(field).is_empty();
        if has_text("auth_token") && has_text("auth_token_file") {
            let message = "marathon_sd: at most one of auth_token & auth_token_file must be configured";
            return Err(table.fault("auth_token_file", message));
        }
        if has_text("auth_token") || has_text("auth_token_file") {
            let among = if table.is_set("basic_auth") {
                Some("basic_auth, auth_token & auth_token_file")
            } else if has_text("bearer_token") || has_text("bearer_token_file") {
                Some("bearer_token, bearer_token_file, auth_token & auth_token_file")
            } else if table.is_set("authorization") {
                Some("auth_token, auth_token_file & authorization")
            } else {
                None
            };
            if let Some(among) = among {
                let message = format!("marathon_sd: at most one of {among} must be configured");
                return Err(table.fault("auth_token", message));
            }
        }
        http::check(table, release)
    }
);

macro_rules! zookeeper {
    ($($name:ident $word:literal),*) => {$(
        mechanism!(
            $name,
            "zookeeper",
            [
                Field::new("servers", STRINGS),
                Field::new("paths", STRINGS),
                Field::new("timeout", Type::Duration)
            ],
            plain,
            |table, _| {
                if table.list("servers").is_empty() {
                    let message = concat!($word, " SD config must contain at least one Zookeeper server");
                    return Err(table.fault("servers", message));
                }
                if table.list("paths").is_empty() {
                    let message = concat!($word, " SD config must contain at least one path");
                    return Err(table.fault("paths", message));
                }
                match table.texts("paths").find(|path| !path.starts_with('/')) {
                    Some(path) => {
                        let message = format!("{} SD config paths must begin with '/': {path}", $word);
                        Err(table.fault("paths", message))
                    }
                    None => Ok(()),
                }
            }
        );
    )*};
}

zookeeper! { SERVERSET "serverset", NERVE "nerve" }

mechanism!(
    NOMAD,
    "nomad",
    [
        Field::new("allow_stale", Type::Bool),
        Field::new("namespace", STRING),
        REFRESH,
        REGION,
        Field::new("server", STRING),
        Field::new("tag_separator", STRING),
    ],
    http,
    |table, release| {
        if table.given_text("server").unwrap_or("http://localhost:4646").trim().is_empty() {
            return Err(table.fault("server", "nomad SD configuration requires a server address"));
        }
        http::check(table, release)
    }
);

mechanism!(
    OPENSTACK,
    "openstack",
    [
        Field::new("identity_endpoint", STRING),
        Field::new("username", STRING),
        Field::new("userid", STRING),
        Field::new("password", Type::Secret),
        Field::new("project_name", STRING),
        Field::new("project_id", STRING),
        Field::new("domain_name", STRING),
        Field::new("domain_id", STRING),
        Field::new("application_credential_name", STRING),
        Field::new("application_credential_id", STRING),
        Field::new("application_credential_secret", Type::Secret),
        Field::new("role", Type::Word(openstack_role)),
        REGION,
        REFRESH,
        PORT,
        Field::new("all_tenants", Type::Bool),
        Field::new("tls_config", Type::Struct(&http::TLS)),
        Field::new("availability", STRING),
    ],
    plain,
    |table, _| {
        let availability = table.given_text("availability").unwrap_or("public");
        if !matches!(availability, "public" | "internal" | "admin") {
            let message =
                format!("unknown availability {availability}, must be one of admin, internal or public");
            return Err(table.fault("availability", message));
        }
        needs(table, "role", "role missing (one of: instance, hypervisor, loadbalancer)")?;
        needs(table, "region", "openstack SD configuration requires a region")
    }
);

fn openstack_role(role: &str, release: Release) -> Result<(), String> {
    let known = if release.is_at_least(3, 2) { 3 } else { 2 };
    one_of(role, &["hypervisor", "instance", "loadbalancer"][..known], "unknown OpenStack SD role")
}

mechanism!(
    OUTSCALE,
    "outscale",
    [ENDPOINT, REGION, ACCESS_KEY, SECRET_KEY, Field::new("secret_key_file", STRING), REFRESH, PORT],
    http,
    |table, release| {
        if table.given_text("region") == Some("") {
            return Err(table.fault("region", "outscale SD configuration requires a region"));
        }
        needs(table, "access_key", "outscale SD configuration requires access_key")?;
        check_secret_key(table)?;
        http::check(table, release)
    }
);

fn check_secret_key(table: &Table<'_>) -> Checked {
    let has_text = |field| !table.text(field).is_empty();
    let message = match (has_text("secret_key"), has_text("secret_key_file")) {
        (false, false) => "one of secret_key & secret_key_file must be configured",
        (true, true) => "at most one of secret_key & secret_key_file must be configured",
        _ => return Ok(()),
    };
    Err(table.fault("secret_key", message))
}

mechanism!(
    OVHCLOUD,
    "ovhcloud",
    [
        ENDPOINT,
        Field::new("application_key", STRING),
        Field::new("application_secret", Type::Secret),
        Field::new("consumer_key", Type::Secret),
        REFRESH,
        Field::new("service", STRING),
    ],
    plain,
    |table, _| {
        if table.given_text("endpoint") == Some("") {
            return Err(table.fault("endpoint", "endpoint can not be empty"));
        }
        needs(table, "application_key", "application key can not be empty")?;
        needs(table, "application_secret", "application secret can not be empty")?;
        needs(table, "consumer_key", "consumer key can not be empty")?;
        match table.text("service") {
            "dedicated_server" | "vps" => Ok(()),
            service => Err(table.fault("service", format!("unknown service: {service}"))),
        }
    }
);

mechanism!(
    PUPPETDB,
    "puppetdb",
    [
        REFRESH,
        Field::new("url", STRING),
        Field::new("query", STRING),
        Field::new("include_parameters", Type::Bool),
        PORT,
    ],
    http,
    |table, release| {
        check_url(table, release)?;
        needs(table, "query", "query missing")?;
        http::check(table, release)
    }
);

/// A URL that can be fetched, as discoveries over HTTP need it.
pub(super) fn check_url(table: &Table<'_>, release: Release) -> Checked {
    needs(table, "url", "URL is missing")?;
    http::is_url(table.text("url"), release).map_err(|message| table.fault("url", message))?;
    let url = url::parse(table.text("url")).unwrap_or_default();
    if !matches!(url.scheme.as_str(), "http" | "https") {
        return Err(table.fault("url", "URL scheme must be 'http' or 'https'"));
    }
    if url.host.is_empty() {
        return Err(table.fault("url", "host is missing in URL"));
    }
    Ok(())
}

mechanism!(
    SCALEWAY,
    "scaleway",
    [
        Field::new("project_id", STRING),
        Field::new("api_url", STRING),
        Field::new("zone", STRING),
        ACCESS_KEY,
        SECRET_KEY,
        Field::new("secret_key_file", STRING),
        Field::new("name_filter", STRING),
        Field::new("tags_filter", STRINGS),
        REFRESH,
        PORT,
        Field::new("role", Type::Word(scaleway_role)),
    ],
    http,
    |table, release| {
        needs(table, "role", "role missing (one of: instance, baremetal)")?;
        needs(table, "project_id", "project_id is mandatory")?;
        check_secret_key(table)?;
        needs(table, "access_key", "access_key is mandatory")?;
        check_scaleway(table)?;
        http::check(table, release)
    }
);

/// What Scaleway's own library (scaleway-sdk-go 1.0.0-beta.36, `settings.validate`) thinks of its settings. Secrets are not told.
fn check_scaleway(table: &Table<'_>) -> Checked {
    let fault = |field, message: &str| Err(table.fault(field, format!("scaleway-sdk-go: {message}")));
    let key = table.text("access_key");
    let is_key = key.strip_prefix("SCW").is_some_and(|rest| {
        rest.len() == 17 && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    });
    if !is_key {
        let message = format!("invalid access key format '{key}', expected SCWXXXXXXXXXXXXXXXXX format");
        return fault("access_key", &message);
    }
    let expected = "expected a UUID: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    let secret = table.text("secret_key");
    if !secret.is_empty() && secret != HIDDEN && !is_uuid(secret) {
        return fault("secret_key", &format!("invalid secret key format '{HIDDEN}', {expected}"));
    }
    let project = table.text("project_id");
    if !is_uuid(project) {
        return fault("project_id", &format!("invalid project ID format '{project}', {expected}"));
    }
    Ok(())
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn scaleway_role(role: &str, _: Release) -> Result<(), String> {
    one_of(role, &["instance", "baremetal"], "unknown role")
}

mechanism!(
    STACKIT,
    "stackit",
    [
        Field::new("project", STRING),
        REFRESH,
        PORT,
        REGION,
        ENDPOINT,
        Field::new("service_account_key", Type::Secret),
        Field::new("private_key", Type::Secret),
        Field::new("service_account_key_path", STRING),
        Field::new("private_key_path", STRING),
        Field::new("credentials_file_path", STRING),
    ],
    http,
    |table, release| {
        let endpoint = table.text("endpoint");
        if endpoint.is_empty() && table.given_text("region") == Some("") {
            return Err(table.fault("region", "stackit_sd: endpoint and region missing"));
        }
        url::parse(endpoint).map_err(|message| {
            let message = format!("stackit_sd: invalid endpoint {}: {message}", quote(endpoint));
            table.fault("endpoint", message)
        })?;
        http::check(table, release)
    }
);

mechanism!(
    TRITON,
    "triton",
    [
        Field::new("account", STRING),
        Field::new("role", STRING),
        Field::new("dns_suffix", STRING),
        ENDPOINT,
        Field::new("groups", STRINGS),
        PORT,
        REFRESH,
        Field::new("tls_config", Type::Struct(&http::TLS)),
        Field::new("version", Type::Int),
    ],
    plain,
    |table, _| {
        if !matches!(table.given_text("role").unwrap_or("container"), "container" | "cn") {
            let message = "triton SD configuration requires role to be 'container' or 'cn'";
            return Err(table.fault("role", message));
        }
        needs(table, "account", "triton SD configuration requires an account")?;
        needs(table, "dns_suffix", "triton SD configuration requires a dns_suffix")?;
        needs(table, "endpoint", "triton SD configuration requires an endpoint")?;
        if table.get("refresh_interval").is_some() && table.duration("refresh_interval").is_none() {
            let message = "triton SD configuration requires RefreshInterval to be a positive integer";
            return Err(table.fault("refresh_interval", message));
        }
        Ok(())
    }
);

mechanism!(
    UYUNI,
    "uyuni",
    [
        Field::new("server", STRING),
        Field::new("username", STRING),
        Field::new("password", Type::Secret),
        Field::new("entitlement", STRING),
        Field::new("separator", STRING),
        REFRESH,
    ],
    http,
    |table, release| {
        needs(table, "server", "Uyuni SD configuration requires server host")?;
        http::is_url(table.text("server"), release)
            .map_err(|message| table.fault("server", format!("Uyuni Server URL is not valid: {message}")))?;
        needs(table, "username", "Uyuni SD configuration requires a username")?;
        needs(table, "password", "Uyuni SD configuration requires a password")?;
        http::check(table, release)
    }
);

mechanism!(VULTR, "vultr", [REFRESH, PORT], http, http::check);
