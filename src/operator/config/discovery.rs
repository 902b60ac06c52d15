//! The service discoveries of a `ScrapeConfig`, one row of a table each, with their entries in the operator's order.

use super::{Generator, natural};
use crate::operator::fields::Fields;
use crate::operator::refusal::{Check, refuse};
use crate::source::{Mapping, Ordered};

/// An entry of a discovery.
#[derive(Clone, Copy)]
enum Item {
    BasicAuth,
    Authorization,
    OAuth2,
    Proxy,
    Tls,
    /// A text, also an empty one.
    Always(&'static str, &'static str),
    /// A list, also an empty one.
    AlwaysList(&'static str, &'static str),
    /// What is there.
    Some(&'static str, &'static str),
    /// A text or list that is not empty.
    Filled(&'static str, &'static str),
    /// A text in small letters, also an empty one.
    Lower(&'static str, &'static str),
    /// A text in small letters, if it is there.
    SomeLower(&'static str, &'static str),
    /// A value of a Secret, empty where it was not loaded.
    Secret(&'static str, &'static str),
    /// A value of a Secret, if the field is there; one that was not loaded is an error with these words before and after the
    /// Secret's name.
    NeededSecret(&'static str, &'static str, &'static str, &'static str),
    /// Filters, sorted by name.
    Filters,
    /// An access key and a secret key, if both are there.
    AwsKeys,
    /// What a version knows, and those above it.
    Since((u64, u64, u64), &'static Item),
    /// What only this discovery has.
    Own(Own),
}

/// What one discovery does its own way.
type Own = fn(&Generator<'_>, &mut Mapping, Context<'_>);

/// Where a discovery stands.
#[derive(Clone, Copy)]
struct Context<'m> {
    job: &'m str,
    namespace: &'m str,
    config: Fields<'m>,
}

use Item::{
    Always, AlwaysList, Authorization, BasicAuth, Filled, Filters, Lower, NeededSecret, OAuth2, Proxy,
    Secret, SomeLower, Tls,
};

const REFRESH: Item = Item::Some("refreshInterval", "refresh_interval");
const REDIRECTS: Item = Item::Some("followRedirects", "follow_redirects");
const HTTP2: Item = Item::Some("enableHTTP2", "enable_http2");
const PORT: Item = Item::Some("port", "port");
const TAG_SEPARATOR: Item = Item::Some("tagSeparator", "tag_separator");
const REGION: Item = Item::Some("region", "region");
const NAMESPACE: Item = Item::Some("namespace", "namespace");
const ALLOW_STALE: Item = Item::Some("allowStale", "allow_stale");
const ROLE: Item = Lower("role", "role");
const HOST: Item = Always("host", "host");
const SERVER: Item = Always("server", "server");

/// Field, key and entries of each discovery.
const DISCOVERIES: &[(&str, &str, &[Item])] = &[
    ("staticConfigs", "static_configs", &[AlwaysList("targets", "targets"), Item::Own(static_labels)]),
    ("fileSDConfigs", "file_sd_configs", &[AlwaysList("files", "files"), REFRESH]),
    (
        "httpSDConfigs",
        "http_sd_configs",
        &[BasicAuth, Authorization, Tls, Proxy, OAuth2, Always("url", "url"), REFRESH, REDIRECTS, HTTP2],
    ),
    (
        "kubernetesSDConfigs",
        "kubernetes_sd_configs",
        &[
            Item::Some("apiServer", "api_server"),
            Item::Own(kubernetes_role),
            BasicAuth,
            Authorization,
            OAuth2,
            Proxy,
            REDIRECTS,
            HTTP2,
            Tls,
            Item::Own(kubernetes_rest),
        ],
    ),
    (
        "consulSDConfigs",
        "consul_sd_configs",
        &[
            BasicAuth,
            Authorization,
            OAuth2,
            Proxy,
            Tls,
            SERVER,
            Item::Some("pathPrefix", "path_prefix"),
            NeededSecret("tokenRef", "token", "failed to read", "secret"),
            Item::Some("datacenter", "datacenter"),
            NAMESPACE,
            Item::Some("partition", "partition"),
            SomeLower("scheme", "scheme"),
            Filled("services", "services"),
            Filled("tags", "tags"),
            TAG_SEPARATOR,
            Filled("nodeMeta", "node_meta"),
            Item::Some("filter", "filter"),
            Item::Some("healthFilter", "health_filter"),
            ALLOW_STALE,
            REFRESH,
            REDIRECTS,
            HTTP2,
        ],
    ),
    ("dnsSDConfigs", "dns_sd_configs", &[AlwaysList("names", "names"), REFRESH, Item::Own(dns_type), PORT]),
    (
        "ec2SDConfigs",
        "ec2_sd_configs",
        &[
            Proxy,
            REGION,
            Item::AwsKeys,
            Item::Some("roleARN", "role_arn"),
            REFRESH,
            PORT,
            Item::Since((2, 3, 0), &Filters),
            Item::Since((2, 41, 0), &REDIRECTS),
            Item::Since((2, 41, 0), &HTTP2),
            Item::Since((2, 41, 0), &Tls),
        ],
    ),
    (
        "azureSDConfigs",
        "azure_sd_configs",
        &[
            BasicAuth,
            Authorization,
            OAuth2,
            Proxy,
            Item::Own(azure_environment),
            Item::Some("authenticationMethod", "authentication_method"),
            Filled("subscriptionID", "subscription_id"),
            Item::Some("tenantID", "tenant_id"),
            Item::Some("clientID", "client_id"),
            NeededSecret("clientSecret", "client_secret", "failed to get", "client secret"),
            Item::Some("resourceGroup", "resource_group"),
            REFRESH,
            PORT,
        ],
    ),
    (
        "gceSDConfigs",
        "gce_sd_configs",
        &[
            Always("project", "project"),
            Always("zone", "zone"),
            Item::Some("filter", "filter"),
            REFRESH,
            PORT,
            TAG_SEPARATOR,
        ],
    ),
    (
        "openstackSDConfigs",
        "openstack_sd_configs",
        &[
            ROLE,
            Always("region", "region"),
            Item::Some("identityEndpoint", "identity_endpoint"),
            Item::Some("username", "username"),
            Item::Some("userid", "userid"),
            NeededSecret("password", "password", "failed to read", "secret"),
            Item::Some("domainName", "domain_name"),
            Item::Some("domainID", "domain_id"),
            Item::Some("projectName", "project_name"),
            Item::Some("projectID", "project_id"),
            Item::Some("applicationCredentialName", "application_credential_name"),
            Item::Some("applicationCredentialId", "application_credential_id"),
            NeededSecret(
                "applicationCredentialSecret",
                "application_credential_secret",
                "failed to read",
                "secret",
            ),
            Item::Some("allTenants", "all_tenants"),
            REFRESH,
            PORT,
            Item::Some("availability", "availability"),
            Tls,
        ],
    ),
    (
        "digitalOceanSDConfigs",
        "digitalocean_sd_configs",
        &[Authorization, OAuth2, Proxy, REDIRECTS, HTTP2, Tls, PORT, REFRESH],
    ),
    (
        "kumaSDConfigs",
        "kuma_sd_configs",
        &[
            BasicAuth,
            Authorization,
            OAuth2,
            Proxy,
            SERVER,
            REDIRECTS,
            HTTP2,
            Tls,
            REFRESH,
            Item::Some("fetchTimeout", "fetch_timeout"),
            Item::Some("clientID", "client_id"),
        ],
    ),
    (
        "eurekaSDConfigs",
        "eureka_sd_configs",
        &[
            BasicAuth,
            Authorization,
            OAuth2,
            Proxy,
            REDIRECTS,
            HTTP2,
            Tls,
            REFRESH,
            Filled("server", "server"),
        ],
    ),
    (
        "dockerSDConfigs",
        "docker_sd_configs",
        &[
            Authorization,
            OAuth2,
            Proxy,
            BasicAuth,
            Filters,
            HOST,
            Tls,
            PORT,
            Item::Some("hostNetworkingHost", "host_networking_host"),
            Item::Since((2, 54, 1), &Item::Some("matchFirstNetwork", "match_first_network")),
            REFRESH,
            REDIRECTS,
            HTTP2,
        ],
    ),
    (
        "linodeSDConfigs",
        "linode_sd_configs",
        &[Authorization, OAuth2, Proxy, Tls, PORT, REGION, HTTP2, TAG_SEPARATOR, REFRESH, REDIRECTS],
    ),
    (
        "hetznerSDConfigs",
        "hetzner_sd_configs",
        &[
            BasicAuth,
            Authorization,
            OAuth2,
            Proxy,
            ROLE,
            REDIRECTS,
            HTTP2,
            Tls,
            PORT,
            REFRESH,
            Item::Since((3, 5, 0), &Filled("labelSelector", "label_selector")),
        ],
    ),
    (
        "nomadSDConfigs",
        "nomad_sd_configs",
        &[
            BasicAuth,
            Authorization,
            OAuth2,
            Proxy,
            SERVER,
            ALLOW_STALE,
            NAMESPACE,
            REFRESH,
            REGION,
            TAG_SEPARATOR,
            REDIRECTS,
            HTTP2,
            Tls,
        ],
    ),
    (
        "dockerSwarmSDConfigs",
        "dockerswarm_sd_configs",
        &[BasicAuth, Authorization, OAuth2, Proxy, Filters, HOST, Tls, ROLE, PORT, REFRESH, REDIRECTS, HTTP2],
    ),
    (
        "puppetDBSDConfigs",
        "puppetdb_sd_configs",
        &[
            BasicAuth,
            Authorization,
            OAuth2,
            Proxy,
            Always("url", "url"),
            Always("query", "query"),
            Item::Some("includeParameters", "include_parameters"),
            PORT,
            REFRESH,
            REDIRECTS,
            Tls,
            HTTP2,
        ],
    ),
    (
        "lightSailSDConfigs",
        "lightsail_sd_configs",
        &[
            BasicAuth,
            Authorization,
            Proxy,
            OAuth2,
            REGION,
            Item::Some("endpoint", "endpoint"),
            PORT,
            REFRESH,
            Item::AwsKeys,
            Item::Some("roleARN", "role_arn"),
            Tls,
            REDIRECTS,
            HTTP2,
        ],
    ),
    (
        "ovhcloudSDConfigs",
        "ovhcloud_sd_configs",
        &[
            Always("applicationKey", "application_key"),
            Secret("applicationSecret", "application_secret"),
            Secret("consumerKey", "consumer_key"),
            Item::Own(ovh_service),
            Item::Some("endpoint", "endpoint"),
            REFRESH,
        ],
    ),
    (
        "scalewaySDConfigs",
        "scaleway_sd_configs",
        &[
            Always("accessKey", "access_key"),
            Secret("secretKey", "secret_key"),
            Always("projectID", "project_id"),
            ROLE,
            PORT,
            Item::Some("apiURL", "api_url"),
            Item::Some("zone", "zone"),
            Item::Some("nameFilter", "name_filter"),
            Filled("tagsFilter", "tags_filter"),
            REFRESH,
            Proxy,
            Tls,
            REDIRECTS,
            HTTP2,
        ],
    ),
    (
        "ionosSDConfigs",
        "ionos_sd_configs",
        &[
            Item::Own(ionos_authorization),
            OAuth2,
            Proxy,
            Tls,
            Always("datacenterID", "datacenter_id"),
            REDIRECTS,
            HTTP2,
            PORT,
            REFRESH,
        ],
    ),
];

impl Generator<'_> {
    pub(super) fn discoveries(
        &self,
        to: &mut Mapping,
        job: &str,
        namespace: &str,
        spec: Fields<'_>,
    ) -> Check {
        for (field, key, items) in DISCOVERIES {
            let configs = spec.items(field);
            if configs.len() == 0 {
                continue;
            }
            let made: Vec<Ordered> = configs
                .map(|config| {
                    let mut entry = Mapping::new();
                    let context = Context { job, namespace, config };
                    items.iter().try_for_each(|item| self.item(&mut entry, *item, context))?;
                    Ok(entry.into())
                })
                .collect::<Check<_>>()?;
            to.push(*key, made);
        }
        Ok(())
    }

    fn item(&self, to: &mut Mapping, item: Item, context: Context<'_>) -> Check {
        let Context { job, namespace, config } = context;
        match item {
            BasicAuth => self.basic_auth(to, namespace, config.opt("basicAuth")),
            Authorization => self.safe_authorization(to, namespace, config.opt("authorization")),
            OAuth2 => self.oauth2(to, namespace, config.opt("oauth2")),
            Proxy => self.proxy(to, namespace, config),
            Tls => self.safe_tls(to, namespace, config.opt("tlsConfig")),
            Always(field, key) => to.push(key, config.str(field).to_owned()),
            AlwaysList(field, key) => {
                to.push(key, Ordered::List(config.list(field).iter().map(Ordered::from).collect()));
            }
            Item::Some(field, key) => super::copy(config, to, &[(field, key)]),
            Filled(field, key) => {
                let filled = match config.value(field) {
                    Some(serde_json::Value::String(text)) => !text.is_empty(),
                    Some(serde_json::Value::Array(items)) => !items.is_empty(),
                    Some(serde_json::Value::Object(entries)) => !entries.is_empty(),
                    other => other.is_some(),
                };
                if filled {
                    super::copy(config, to, &[(field, key)]);
                }
            }
            Lower(field, key) => to.push(key, config.str(field).to_lowercase()),
            SomeLower(field, key) => to.push_some(key, config.opt_str(field).map(str::to_lowercase)),
            Secret(field, key) => {
                let value = self.secret(namespace, config.at(field)).unwrap_or_else(|_| Ordered::from(""));
                to.push(key, value);
            }
            NeededSecret(field, key, before, after) => {
                if let Some(selector) = config.opt(field) {
                    match self.secret(namespace, selector) {
                        Ok(value) => to.push(key, value),
                        Err(error) => {
                            let name = selector.str("name");
                            return refuse(format!("{before} {name} {after} {job}: {error}"));
                        }
                    }
                }
            }
            Filters => self.filters(to, config),
            Item::AwsKeys => return self.aws_keys(to, context),
            Item::Since((major, minor, patch), item) => {
                if self.since(major, minor, patch) {
                    return self.item(to, *item, context);
                }
            }
            Item::Own(own) => own(self, to, context),
        }
        Ok(())
    }

    fn aws_keys(&self, to: &mut Mapping, context: Context<'_>) -> Check {
        let Context { job, namespace, config } = context;
        let (Some(access), Some(secret)) = (config.opt("accessKey"), config.opt("secretKey")) else {
            return Ok(());
        };
        for (key, selector) in [("access_key", access), ("secret_key", secret)] {
            match self.secret(namespace, selector) {
                Ok(value) => to.push(key, value),
                Err(error) => {
                    let name = selector.str("name");
                    return refuse(format!("failed to get {name} access key {job}: {error}"));
                }
            }
        }
        Ok(())
    }

    fn filters(&self, to: &mut Mapping, config: Fields<'_>) {
        let _ = self;
        let mut filters: Vec<Fields<'_>> = config.items("filters").collect();
        if filters.is_empty() {
            return;
        }
        filters.sort_by_key(|filter| filter.str("name"));
        let made: Vec<Mapping> = filters
            .into_iter()
            .map(|filter| {
                let values = filter.list("values").iter().map(Ordered::from).collect();
                Mapping::new()
                    .with("name", filter.str("name").to_owned())
                    .with("values", Ordered::List(values))
            })
            .collect();
        to.push("filters", made);
    }
}

fn static_labels(_: &Generator<'_>, to: &mut Mapping, context: Context<'_>) {
    to.push("labels", natural::map(context.config, "labels"));
}

fn kubernetes_role(generator: &Generator<'_>, to: &mut Mapping, context: Context<'_>) {
    let role = context.config.str("role");
    if role != "EndpointSlice" || generator.since(2, 21, 0) {
        to.push("role", role.to_lowercase());
    }
}

fn kubernetes_rest(generator: &Generator<'_>, to: &mut Mapping, context: Context<'_>) {
    let config = context.config;
    if let Some(namespaces) = config.opt("namespaces") {
        let names = namespaces.list("names").iter().map(Ordered::from).collect();
        let mut made = Mapping::new().with("names", Ordered::List(names));
        super::copy(namespaces, &mut made, &[("ownNamespace", "own_namespace")]);
        to.push("namespaces", made);
    }
    let selectors: Vec<Mapping> = config
        .items("selectors")
        .map(|selector| {
            let mut made = Mapping::new().with("role", selector.str("role").to_lowercase());
            super::copy(selector, &mut made, &[("label", "label"), ("field", "field")]);
            made
        })
        .collect();
    if !selectors.is_empty() && generator.since(2, 17, 0) {
        to.push("selectors", selectors);
    }
    if let Some(metadata) = config.opt("attachMetadata") {
        let known = match config.str("role").to_lowercase().as_str() {
            "pod" => generator.since(2, 35, 0),
            "endpoints" | "endpointslice" => generator.since(2, 37, 0),
            _ => false,
        };
        if known {
            let node = metadata.value("node").map_or(Ordered::Null, Ordered::from);
            to.push("attach_metadata", Mapping::new().with("node", node));
        }
    }
}

fn dns_type(generator: &Generator<'_>, to: &mut Mapping, context: Context<'_>) {
    let known = match context.config.str("type") {
        "NS" => generator.since(2, 49, 0),
        "MX" => generator.since(2, 38, 0),
        _ => true,
    };
    if known {
        super::copy(context.config, to, &[("type", "type")]);
    }
}

/// With an environment, what was written before is lost.
fn azure_environment(_: &Generator<'_>, to: &mut Mapping, context: Context<'_>) {
    if context.config.has("environment") {
        *to = Mapping::new();
        super::copy(context.config, to, &[("environment", "environment")]);
    }
}

fn ovh_service(_: &Generator<'_>, to: &mut Mapping, context: Context<'_>) {
    match context.config.str("service") {
        "VPS" => to.push("service", "vps"),
        "DedicatedServer" => to.push("service", "dedicated_server"),
        _ => {}
    }
}

/// Always there, unless OAuth 2 is used.
fn ionos_authorization(generator: &Generator<'_>, to: &mut Mapping, context: Context<'_>) {
    let Context { namespace, config, .. } = context;
    if !config.has("oauth2") {
        generator.safe_authorization(to, namespace, Some(config.at("authorization")));
    }
}
