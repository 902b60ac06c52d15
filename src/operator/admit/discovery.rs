//! The service discoveries of a `ScrapeConfig`, one row of a table each.
//!
//! A row says in which order a discovery's parts are checked; the order decides which error is told. Some discoveries need a
//! version of Prometheus even where a `ScrapeConfig` does not use them: with less than 2.40 none is taken at all.

use super::{Admission, Check};
use crate::kubernetes::selector_text;
use crate::operator::assets::Reference;
use crate::operator::fields::Fields;
use crate::operator::refusal::{Context, Refusal, refuse};
use crate::prom::quote::quote;
use crate::prom::url;

/// A part of a discovery to be checked.
#[derive(Clone, Copy)]
enum Part {
    BasicAuth,
    Authorization,
    OAuth2,
    Tls,
    Proxy,
    /// A Secret's key, if the field is there.
    Secret(&'static str),
    /// A Secret's key that has to be there.
    NeededSecret(&'static str),
    /// A field that has to be a URL.
    Url(&'static str),
    /// A field that has to be a URL with scheme and host.
    Server,
    /// What only this discovery checks.
    Own(fn(&Admission<'_>, Fields<'_>) -> Check<Next>),
}

/// Whether the rest of a discovery's parts is checked.
enum Next {
    Continue,
    Stop,
}

struct Discovery {
    field: &'static str,
    /// How messages begin.
    prefix: &'static str,
    /// The version below which every `ScrapeConfig` is refused, and the words for it.
    since: Option<((u64, u64, u64), &'static str)>,
    /// A check whose message has no index.
    before: Option<fn(&Admission<'_>, Fields<'_>) -> Check>,
    parts: &'static [Part],
}

use Part::{Authorization, BasicAuth, NeededSecret, OAuth2, Own, Proxy, Secret, Server, Tls, Url};

/// The discoveries in the order they are checked; `gceSDConfigs` and `fileSDConfigs` have no checks.
const DISCOVERIES: &[Discovery] = &[
    Discovery {
        field: "httpSDConfigs",
        prefix: "httpSDConfigs",
        since: Some(((2, 28, 0), "HTTP SD configuration is only supported for Prometheus version >= 2.28.0")),
        before: None,
        parts: &[Url("url"), BasicAuth, Authorization, OAuth2, Tls, Proxy],
    },
    Discovery {
        field: "kubernetesSDConfigs",
        prefix: "kubernetesSDConfigs",
        since: None,
        before: None,
        parts: &[BasicAuth, Authorization, OAuth2, Tls, Proxy, Own(kubernetes)],
    },
    Discovery {
        field: "consulSDConfigs",
        prefix: "consulSDConfigs",
        since: None,
        before: Some(consul),
        parts: &[BasicAuth, Authorization, OAuth2, Tls, Secret("tokenRef"), Proxy],
    },
    Discovery {
        field: "dnsSDConfigs",
        prefix: "dnsSDConfigs",
        since: None,
        before: None,
        parts: &[Own(dns)],
    },
    Discovery {
        field: "ec2SDConfigs",
        prefix: "ec2SDConfigs",
        since: None,
        before: None,
        parts: &[Secret("accessKey"), Secret("secretKey"), Tls, Proxy],
    },
    Discovery {
        field: "azureSDConfigs",
        prefix: "azureSDConfigs",
        since: None,
        before: None,
        parts: &[Own(azure), NeededSecret("clientSecret"), BasicAuth, OAuth2, Proxy, Tls, Authorization],
    },
    Discovery {
        field: "openstackSDConfigs",
        prefix: "openstackSDConfigs",
        since: None,
        before: None,
        parts: &[Own(openstack), Secret("password"), Secret("applicationCredentialSecret"), Tls],
    },
    Discovery {
        field: "digitalOceanSDConfigs",
        prefix: "digitalOceanSDConfigs",
        since: Some((
            (2, 20, 0),
            "service discovery for Digital Ocean is only supported for Prometheus version >= 2.20.0",
        )),
        before: None,
        parts: &[Authorization, OAuth2, Tls, Proxy],
    },
    Discovery {
        field: "kumaSDConfigs",
        prefix: "kumaSDConfigs",
        since: None,
        before: Some(kuma),
        parts: &[Server, Authorization, OAuth2, Tls, BasicAuth, Proxy],
    },
    Discovery {
        field: "eurekaSDConfigs",
        prefix: "eurekaSDConfigs",
        since: None,
        before: None,
        parts: &[Authorization, OAuth2, Tls, BasicAuth, Proxy],
    },
    Discovery {
        field: "dockerSDConfigs",
        prefix: "dockerSDConfigs",
        since: None,
        before: None,
        parts: &[Own(docker), BasicAuth, Authorization, OAuth2, Tls, Url("host"), Proxy],
    },
    Discovery {
        field: "linodeSDConfigs",
        prefix: "linodeSDConfigs",
        since: Some((
            (2, 28, 0),
            "linode SD configuration is only supported for Prometheus version >= 2.28.0",
        )),
        before: None,
        parts: &[Authorization, OAuth2, Tls, Proxy],
    },
    Discovery {
        field: "hetznerSDConfigs",
        prefix: "hetznerSDConfigs",
        since: None,
        before: None,
        parts: &[Own(hetzner), BasicAuth, Authorization, OAuth2, Tls, Proxy],
    },
    Discovery {
        field: "nomadSDConfigs",
        prefix: "nomadSDConfigs",
        since: None,
        before: None,
        parts: &[Server, Authorization, OAuth2, Tls, BasicAuth, Proxy],
    },
    Discovery {
        field: "dockerSwarmSDConfigs",
        prefix: "dockerswarmSDConfigs",
        since: Some((
            (2, 20, 0),
            "dockerswarm SD configuration is only supported for Prometheus version >= 2.20.0",
        )),
        before: None,
        parts: &[Url("host"), Authorization, OAuth2, Tls, BasicAuth, Proxy],
    },
    Discovery {
        field: "puppetDBSDConfigs",
        prefix: "puppetDBSDConfigs",
        since: Some((
            (2, 31, 0),
            "puppetDB SD configuration is only supported for Prometheus version >= 2.31.0",
        )),
        before: None,
        parts: &[Own(puppet_db), Authorization, OAuth2, Tls, BasicAuth, Proxy],
    },
    Discovery {
        field: "lightSailSDConfigs",
        prefix: "lightSailSDConfigs",
        since: Some((
            (2, 27, 0),
            "lightSail SD configuration is only supported for Prometheus version >= 2.27.0",
        )),
        before: None,
        parts: &[Secret("accessKey"), Secret("secretKey"), Authorization, OAuth2, Tls, BasicAuth, Proxy],
    },
    Discovery {
        field: "ovhcloudSDConfigs",
        prefix: "OVHCloudSDConfigs",
        since: Some((
            (2, 40, 0),
            "OVHCloud SD configuration is only supported for Prometheus version >= 2.40.0",
        )),
        before: None,
        parts: &[NeededSecret("applicationSecret"), NeededSecret("consumerKey")],
    },
    Discovery {
        field: "scalewaySDConfigs",
        prefix: "ScalewaySDConfigs",
        since: Some((
            (2, 26, 0),
            "ScaleWay SD configuration is only supported for Prometheus version >= 2.26.0",
        )),
        before: None,
        parts: &[NeededSecret("secretKey"), Proxy, Tls],
    },
    Discovery {
        field: "ionosSDConfigs",
        prefix: "IonosSDConfigs",
        since: Some((
            (2, 36, 0),
            "IONOS SD configuration is only supported for Prometheus version >= 2.36.0",
        )),
        before: None,
        parts: &[Authorization, Proxy, Tls, OAuth2],
    },
];

impl Admission<'_> {
    pub(super) fn discoveries(&self, namespace: &str, spec: Fields<'_>) -> Check {
        for discovery in DISCOVERIES {
            self.discovery(namespace, spec, discovery).under(format_args!("{}: ", discovery.prefix))?;
        }
        Ok(())
    }

    fn discovery(&self, namespace: &str, spec: Fields<'_>, discovery: &Discovery) -> Check {
        if let Some(((major, minor, patch), message)) = discovery.since
            && !self.version.is_at_least(major, minor, patch)
        {
            return refuse(message);
        }
        for (index, config) in spec.items(discovery.field).enumerate() {
            let path = format!("{}.{index}", discovery.field);
            if let Some(before) = discovery.before {
                before(self, config).within(&path)?;
            }
            for part in discovery.parts {
                match self.part(namespace, config, *part) {
                    Ok(Next::Continue) => {}
                    Ok(Next::Stop) => break,
                    // One message in the operator has a blank before its colon.
                    Err(error) if error.message.starts_with(" : ") => {
                        return Err(error).under(format_args!("[{index}]")).within(&path);
                    }
                    Err(error) => return Err(error).under(format_args!("[{index}]: ")).within(&path),
                }
            }
        }
        Ok(())
    }

    fn part(&self, namespace: &str, config: Fields<'_>, part: Part) -> Check<Next> {
        let load = |field: &str| {
            self.assets.load(namespace, Reference::secret(config.at(field))).map(drop).within(field)
        };
        match part {
            BasicAuth => self.load_basic_auth(namespace, config).within("basicAuth"),
            Authorization => self.load_safe_authorization(namespace, config).within("authorization"),
            OAuth2 => self.load_oauth2(namespace, config).within("oauth2"),
            Tls => self.load_safe_tls(namespace, config).within("tlsConfig"),
            Proxy => self.load_proxy_checked(namespace, config),
            Secret(field) if !config.has(field) => Ok(()),
            Secret(field) | NeededSecret(field) => load(field),
            Url(field) => url::parse(config.str(field)).map(drop).within(field),
            Server => server(config.str("server")).within("server"),
            Own(check) => return check(self, config),
        }
        .map(|()| Next::Continue)
    }

    fn needs(&self, version: (u64, u64, u64), message: impl Into<String>) -> Check<Next> {
        if self.version.is_at_least(version.0, version.1, version.2) {
            Ok(Next::Continue)
        } else {
            refuse(message)
        }
    }
}

/// `validateServer`.
fn server(text: &str) -> Check {
    let url = url::parse(text).map_err(|error| Refusal::new(format!("cannot parse server: {error}")))?;
    if url.scheme.is_empty() || url.host.is_empty() {
        return refuse(format!("must not be empty and have a scheme: {text}"));
    }
    Ok(())
}

/// Which roles a discovery of a role takes selectors for. Prometheus 3.11 takes `node` for `pod` too; the operator does not.
const SELECTORS: &[(&str, &[&str])] = &[
    ("pod", &["pod"]),
    ("service", &["service"]),
    ("endpointslice", &["pod", "service", "endpointslice"]),
    ("endpoints", &["pod", "service", "endpoints"]),
    ("node", &["node"]),
    ("ingress", &["ingress"]),
];

fn kubernetes(admission: &Admission<'_>, config: Fields<'_>) -> Check<Next> {
    let role = config.str("role");
    if role == "EndpointSlice" {
        admission
            .needs((2, 21, 0), "EndpointSlice role is only supported for Prometheus version >= 2.21.0")?;
    }
    if config.has("apiServer") && config.at("namespaces").is_true("ownNamespace") {
        return refuse("cannot use 'apiServer' and 'namespaces.ownNamespace' simultaneously");
    }
    let wanted = role.to_lowercase();
    for selector in config.items("selectors") {
        let Some((_, allowed)) = SELECTORS.iter().find(|(known, _)| *known == wanted) else {
            return refuse(format!(
                "invalid role: {}, expecting one of: pod, service, endpoints, endpointslice, node or ingress",
                quote(selector.str("role"))
            ));
        };
        if !allowed.contains(&selector.str("role").to_lowercase().as_str()) {
            return refuse(format!(" : {role} role supports only {} selectors", allowed.join(", ")));
        }
    }
    for (index, selector) in config.items("selectors").enumerate() {
        if let Some(field) = selector.opt_str("field") {
            selector_text::check_fields(field).within(format!("selectors.{index}.field"))?;
        }
        if let Some(label) = selector.opt_str("label") {
            selector_text::check_labels(label).within(format!("selectors.{index}.label"))?;
        }
    }
    Ok(Next::Continue)
}

fn consul(admission: &Admission<'_>, config: Fields<'_>) -> Check {
    let version = admission.version;
    let too_old = [
        ("pathPrefix", "PathPrefix", version.is_at_least(2, 45, 0), "2.45.0"),
        ("namespace", "Namespace", version.is_at_least(2, 28, 0), "2.28.0"),
        ("filter", "Filter", version.major >= 3, "3.0.0"),
        ("healthFilter", "HealthFilter", version.is_at_least(3, 11, 2), "3.11.2"),
    ];
    match too_old.iter().find(|(field, _, supported, _)| config.has(field) && !supported) {
        Some((_, name, _, since)) => {
            refuse(format!("field `config.{name}` is only supported for Prometheus version >= {since}"))
        }
        None => Ok(()),
    }
}

fn dns(_: &Admission<'_>, config: Fields<'_>) -> Check<Next> {
    match config.opt_str("type") {
        Some(record) if record != "SRV" && !config.has("port") => {
            refuse(format!("port required for record type {}", quote(record)))
        }
        _ => Ok(Next::Continue),
    }
}

fn azure(admission: &Admission<'_>, config: Fields<'_>) -> Check<Next> {
    let method = config.str("authenticationMethod");
    if method == "SDK" {
        let message = "SDK authentication is only supported from Prometheus version 2.52.0";
        admission.needs((2, 52, 0), message)?;
    }
    if method == "WorkloadIdentity" {
        let message = "WorkloadIdentity authentication is only supported from Prometheus version 3.11.0";
        admission.needs((3, 11, 0), message)?;
    }
    if config.has("resourceGroup") {
        admission.needs((2, 35, 0), "ResourceGroup is only supported from Prometheus version >= 2.35.0")?;
    }
    if matches!(method, "ManagedIdentity" | "SDK" | "WorkloadIdentity") {
        return Ok(Next::Stop);
    }
    for field in ["tenantID", "clientID"] {
        if config.str(field).is_empty() {
            return refuse(format!("configuration requires a {field}"));
        }
    }
    if config.has("clientSecret") {
        Ok(Next::Continue)
    } else {
        refuse("configuration requires a clientSecret")
    }
}

fn openstack(admission: &Admission<'_>, config: Fields<'_>) -> Check<Next> {
    if config.str("role") == "LoadBalancer" {
        let message = "The LoadBalancer role is only supported from Prometheus version 3.2.0";
        return admission.needs((3, 2, 0), message);
    }
    Ok(Next::Continue)
}

fn kuma(admission: &Admission<'_>, config: Fields<'_>) -> Check {
    if config.has("clientID") {
        let message =
            "field `clientID` in kuma SD configuration is only supported for Prometheus version >= 2.50.0";
        admission.needs((2, 50, 0), message)?;
    }
    Ok(())
}

fn docker(admission: &Admission<'_>, config: Fields<'_>) -> Check<Next> {
    if config.has("matchFirstNetwork") {
        let message = "field `matchFirstNetwork` is only supported for Prometheus version >= 2.54.1";
        return admission.needs((2, 54, 1), message);
    }
    Ok(Next::Continue)
}

fn hetzner(admission: &Admission<'_>, config: Fields<'_>) -> Check<Next> {
    if config.has("labelSelector") {
        let message = "field `labelSelector` is only supported for Prometheus version >= 3.5.0";
        return admission.needs((3, 5, 0), message);
    }
    Ok(Next::Continue)
}

fn puppet_db(_: &Admission<'_>, config: Fields<'_>) -> Check<Next> {
    let url = url::parse(config.str("url"))?;
    if url.scheme != "http" && url.scheme != "https" {
        return refuse("URL scheme must be 'http' or 'https'");
    }
    if url.host.is_empty() {
        return refuse("host is missing in URL");
    }
    Ok(Next::Continue)
}
