//! What the user says about an etcd, and what that comes to.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::members;
use crate::diagnostic::{Code, Diagnostic};
use crate::integrations::Scene;
use crate::integrations::discovery::DiscoveryRole;
use crate::prom::duration::PromDuration;

/// A port: the name the Service and the monitor know it by, and its number. Every object that needs either takes it
/// from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Port {
    pub(super) name: &'static str,
    pub(super) number: u16,
}

/// Where etcd serves its clients; metrics come with it, over TLS with a client certificate.
pub(super) const CLIENT: Port = Port { name: "https-metrics", number: 2379 };
/// Where etcd serves metrics and health alone (`--listen-metrics-urls`), without TLS.
pub(super) const METRICS: Port = Port { name: "http-metrics", number: 2381 };

/// Which etcd is monitored, and how it is reached.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "etcd")]
pub(super) struct Options {
    /// Name of the objects and of the job; clusters of etcd have to differ in it
    #[arg(long, value_name = "NAME", default_value = "etcd", value_parser = crate::model::name::label)]
    pub(super) name: String,

    /// Where etcd runs: on the control-plane nodes, or elsewhere [default: external with --member, else stacked]
    #[arg(long, value_enum, value_name = "TOPOLOGY")]
    pub(super) topology: Option<Topology>,

    /// What set the cluster up; of openshift and managed clusters etcd is none of our business
    #[arg(long, value_enum, value_name = "DISTRIBUTION", default_value_t = Distribution::Kubeadm)]
    pub(super) distribution: Distribution,

    /// Address of a member of an external etcd (or of a k3s server); several with commas, or the option again
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',', value_parser = members::address)]
    pub(super) member: Vec<IpAddr>,

    /// How metrics are read [default: client-mtls of an external etcd, metrics-http of a stacked one]
    #[arg(long, value_enum, value_name = "HOW")]
    pub(super) access: Option<Access>,

    /// The port of every member [default: 2379 for client-mtls, 2381 for metrics-http]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) port: Option<u16>,

    /// What the members' addresses are written to [default: endpointslice, unless the Prometheus is set to Endpoints]
    #[arg(long, value_enum, value_name = "ROLE")]
    pub(super) discovery_role: Option<DiscoveryRole>,

    /// Time between scrapes [default: that of the Prometheus]
    #[arg(long, value_name = "DURATION", value_parser = PromDuration::positive)]
    pub(super) interval: Option<PromDuration>,

    /// Certificates of the authorities that signed the members' certificates
    #[arg(long, value_name = "FILE", help_heading = "etcd over TLS")]
    pub(super) ca_file: Option<PathBuf>,

    /// Certificate that Prometheus shows to etcd
    #[arg(long, value_name = "FILE", help_heading = "etcd over TLS")]
    pub(super) cert_file: Option<PathBuf>,

    /// Private key of that certificate
    #[arg(long, value_name = "FILE", help_heading = "etcd over TLS")]
    pub(super) key_file: Option<PathBuf>,

    /// Certificate that a member shows, to check the others against; may be given for each member
    #[arg(long, value_name = "FILE", help_heading = "etcd over TLS")]
    pub(super) server_cert: Vec<PathBuf>,

    /// Name the members' certificates have to be for [default: none, they are for their addresses]
    #[arg(long, value_name = "NAME", value_parser = server_name, help_heading = "etcd over TLS")]
    pub(super) server_name: Option<String>,

    /// Name of the Secret with certificates and key [default: NAME-client-certs]
    #[arg(long, value_name = "NAME", value_parser = crate::model::name::subdomain, help_heading = "etcd over TLS")]
    pub(super) secret: Option<String>,

    /// Keys of the Secret
    #[arg(
        long,
        value_name = "CA,CERT,KEY",
        default_value = "ca.crt,client.crt,client.key",
        help_heading = "etcd over TLS"
    )]
    pub(super) secret_keys: SecretKeys,

    /// How Prometheus comes by them: references in the monitor, or files of a Secret it mounts [default: refs]
    #[arg(long, value_enum, value_name = "SOURCE", help_heading = "etcd over TLS")]
    pub(super) tls_source: Option<TlsSource>,

    /// Let anybody be etcd: do not verify the members' certificates
    #[arg(long, help_heading = "etcd over TLS")]
    pub(super) insecure_skip_verify: bool,
}

/// Where etcd runs.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topology {
    /// On the control-plane nodes
    Stacked,
    /// On machines of its own
    External,
}

/// What set the cluster up.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Distribution {
    /// kubeadm, and whatever runs etcd as it does
    Kubeadm,
    /// k3s: etcd is a part of its server
    K3s,
    /// RKE2
    Rke2,
    /// It monitors its etcd itself
    Openshift,
    /// EKS, GKE, AKS and the like: nobody else reaches their etcd
    Managed,
}

/// How metrics are read.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// From the port of the clients, with a client certificate
    ClientMtls,
    /// From a port for metrics alone, without TLS
    MetricsHttp,
}

/// How Prometheus comes by certificates and key.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TlsSource {
    /// References to a Secret beside the monitor
    Refs,
    /// Files of a Secret that Prometheus mounts (`spec.secrets`)
    Mounted,
}

/// The keys of the Secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SecretKeys {
    pub(super) ca: String,
    pub(super) certificate: String,
    pub(super) key: String,
}

impl FromStr for SecretKeys {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = "three keys such as ca.crt,tls.crt,tls.key";
        let parts: Vec<&str> = text.split(',').collect();
        let [ca, certificate, key] = parts[..] else { return Err(form.to_owned()) };
        if ca == certificate || ca == key || certificate == key {
            return Err(format!("{form}, all different"));
        }
        // As the API server takes them (apimachinery 0.36, `IsConfigMapKey`).
        let is_key = |part: &&str| {
            (1..=253).contains(&part.len())
                && !matches!(*part, "." | "..")
                && !part.starts_with("..")
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        };
        match parts.iter().find(|part| !is_key(part)) {
            Some(part) => Err(format!("`{part}` is no key of a Secret: letters, digits, `-`, `_` and `.`")),
            None => Ok(Self { ca: ca.to_owned(), certificate: certificate.to_owned(), key: key.to_owned() }),
        }
    }
}

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kubeadm => "kubeadm",
            Self::K3s => "k3s",
            Self::Rke2 => "RKE2",
            Self::Openshift => "OpenShift",
            Self::Managed => "a managed cluster",
        })
    }
}

/// What the options come to: nothing in it contradicts anything else.
#[derive(Debug)]
pub(super) struct Intent<'o> {
    pub(super) options: &'o Options,
    pub(super) topology: Topology,
    pub(super) access: Access,
    pub(super) port: Port,
    pub(super) targets: Targets<'o>,
}

/// Where the members are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Targets<'o> {
    /// In pods: their addresses come and go with the nodes.
    Pods,
    /// At addresses, which are written to these objects.
    Addresses(&'o [IpAddr], DiscoveryRole),
}

impl<'o> Intent<'o> {
    /// Resolves defaults and refuses contradictions.
    ///
    /// # Errors
    /// The first contradiction, and what to do about it.
    pub(super) fn of(options: &'o Options, scene: &Scene<'_>) -> Result<Self, Box<Diagnostic>> {
        let topology = match (options.topology, options.distribution) {
            (Some(topology), _) => topology,
            (None, Distribution::K3s) => Topology::Stacked,
            (None, _) if options.member.is_empty() => Topology::Stacked,
            (None, _) => Topology::External,
        };
        let access = options.access.unwrap_or(match topology {
            Topology::External => Access::ClientMtls,
            Topology::Stacked => Access::MetricsHttp,
        });
        let port = match access {
            Access::ClientMtls => CLIENT,
            Access::MetricsHttp => METRICS,
        };
        let port = Port { number: options.port.unwrap_or(port.number), ..port };
        let targets = targets(options, topology, scene)?;
        let intent = Self { options, topology, access, port, targets };
        intent.refuse_contradictions()?;
        Ok(intent)
    }

    fn refuse_contradictions(&self) -> Result<(), Box<Diagnostic>> {
        let Options { distribution, .. } = self.options;
        if self.topology == Topology::Stacked
            && self.access == Access::ClientMtls
            && matches!(distribution, Distribution::K3s | Distribution::Rke2)
        {
            let message = format!("the etcd of {distribution} serves no metrics to clients");
            return Err(contradiction(message)
                .note("its port 2379 speaks gRPC alone; metrics are on port 2381, without TLS")
                .help("leave --access client-mtls out")
                .into());
        }
        match self.access {
            Access::MetricsHttp => self.refuse_tls_options(),
            Access::ClientMtls => self.refuse_idle_verification(),
        }
    }

    fn refuse_tls_options(&self) -> Result<(), Box<Diagnostic>> {
        let options = self.options;
        let given = [
            ("--ca-file", options.ca_file.is_some()),
            ("--cert-file", options.cert_file.is_some()),
            ("--key-file", options.key_file.is_some()),
            ("--server-cert", !options.server_cert.is_empty()),
            ("--server-name", options.server_name.is_some()),
            ("--secret", options.secret.is_some()),
            ("--tls-source", options.tls_source.is_some()),
            ("--insecure-skip-verify", options.insecure_skip_verify),
        ];
        match given.iter().find(|(_, given)| *given) {
            None => Ok(()),
            Some((option, _)) => {
                Err(contradiction(format!("{option} is about TLS, and metrics-http has none"))
                    .note(match options.access {
                        Some(_) => "--access metrics-http reads a port for metrics alone, over plain HTTP",
                        None => "a stacked etcd is read over plain HTTP (metrics-http) unless told otherwise",
                    })
                    .help(format!("leave {option} out, or say --access client-mtls"))
                    .into())
            }
        }
    }

    fn refuse_idle_verification(&self) -> Result<(), Box<Diagnostic>> {
        let options = self.options;
        let idle = [
            ("--ca-file", options.ca_file.is_some()),
            ("--server-cert", !options.server_cert.is_empty()),
            ("--server-name", options.server_name.is_some()),
        ];
        match idle.iter().find(|(_, given)| *given && options.insecure_skip_verify) {
            None => Ok(()),
            Some((option, _)) => {
                let message = format!("{option} is about what --insecure-skip-verify switches off");
                Err(contradiction(message)
                    .help("leave one of them out: --insecure-skip-verify, if you can")
                    .into())
            }
        }
    }

    /// The Secret with certificates and key.
    pub(super) fn secret_name(&self) -> String {
        self.options.secret.clone().unwrap_or_else(|| format!("{}-client-certs", self.options.name))
    }

    /// How Prometheus comes by certificates and key.
    pub(super) fn tls_source(&self) -> TlsSource {
        self.options.tls_source.unwrap_or(TlsSource::Refs)
    }
}

fn targets<'o>(
    options: &'o Options,
    topology: Topology,
    scene: &Scene<'_>,
) -> Result<Targets<'o>, Box<Diagnostic>> {
    let has_pods = topology == Topology::Stacked && options.distribution != Distribution::K3s;
    if has_pods {
        if !options.member.is_empty() {
            return Err(contradiction("--member is for an etcd without pods, and a stacked one has pods")
                .note("the pods of a stacked etcd are found by their labels, also after a node is replaced")
                .help("leave --member out, or say --topology external")
                .into());
        }
        if options.discovery_role.is_some() {
            return Err(contradiction("--discovery-role is about addresses that are given with --member")
                .note("Kubernetes itself writes down where pods are, in both ways")
                .help("leave it out")
                .into());
        }
        return Ok(Targets::Pods);
    }
    if options.member.is_empty() {
        let message = match topology {
            Topology::External => "nothing says where the external etcd is",
            Topology::Stacked => "nothing says where the k3s servers are, and their etcd runs in no pod",
        };
        return Err(contradiction(message)
            .help("name the address of every member: --member 10.0.0.1 --member 10.0.0.2")
            .into());
    }
    members::refuse_twins(&options.member)?;
    let role = options.discovery_role.unwrap_or_else(|| discovery_role(scene));
    Ok(Targets::Addresses(&options.member, role))
}

/// `EndpointSlice`, unless the Prometheus is set to Endpoints: then its rights may end there.
fn discovery_role(scene: &Scene<'_>) -> DiscoveryRole {
    let field = scene
        .wiring
        .prometheus()
        .and_then(|prometheus| prometheus.object().at(&["spec", "serviceDiscoveryRole"])?.as_str());
    if field == Some("Endpoints") { DiscoveryRole::Endpoints } else { DiscoveryRole::EndpointSlice }
}

/// A name or an address a certificate can be for. A wildcard stands in certificates only.
fn server_name(text: &str) -> Result<String, String> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    if !text.is_empty() && text.bytes().all(is_part) {
        Ok(text.to_owned())
    } else {
        Err("a name or an address, such as etcd.example.com".to_owned())
    }
}

pub(super) fn contradiction(message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Code::CONTRADICTORY_OPTIONS, message)
}
