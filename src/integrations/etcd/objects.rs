//! The objects: a Service that leads to the members, what says where they are, a monitor, and the Secret.

use std::net::IpAddr;

use generated_crds::{
    Endpoint, NamespaceSelector, Scheme, SecretOrConfigMap, ServiceDiscoveryRole, ServiceMonitor,
    ServiceMonitorSpec, TlsConfig,
};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{
    EndpointAddress, EndpointPort, EndpointSubset, Endpoints, Secret, SecretKeySelector, Service,
    ServicePort, ServiceSpec,
};
use k8s_openapi::api::discovery::v1 as discovery;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::credentials::Credentials;
use super::members::{SERVICE_NAME_LABEL, SLICE_MANAGER_LABEL};
use super::options::{Access, Intent, Port, Targets, TlsSource};
use crate::integrations::discovery::DiscoveryRole;
use crate::integrations::wiring::Placement;
use crate::integrations::{Labels, PROMWIRE, labels};

/// The application: what the recommended labels call it.
const APPLICATION: &str = "etcd";

/// The labels of the pods that kubeadm and RKE2 run etcd in (Kubernetes 1.36, `kubeadm/app/util/staticpod`).
pub(super) const POD_LABELS: [(&str, &str); 2] = [("component", "etcd"), ("tier", "control-plane")];

/// Where the operator (0.93) mounts the Secrets of `spec.secrets`.
const SECRETS_FOLDER: &str = "/etc/prometheus/secrets";

/// What every object carries, and what tells this etcd from others: the instance is also the job.
pub(super) fn own(intent: &Intent<'_>) -> Labels {
    labels::with(labels::own(APPLICATION), [(labels::INSTANCE, &intent.options.name)])
}

/// The Service that only Prometheus reads: headless, so that no node programs rules for it.
pub(super) fn service(intent: &Intent<'_>, namespace: &str) -> Service {
    let Port { name, number } = intent.port;
    let selector = match intent.targets {
        Targets::Pods => Some(labels::labels(POD_LABELS)),
        Targets::Addresses(..) => None,
    };
    Service {
        metadata: metadata(intent, namespace, &intent.options.name),
        spec: Some(ServiceSpec {
            cluster_ip: Some("None".to_owned()),
            ports: Some(vec![ServicePort {
                name: Some(name.to_owned()),
                port: i32::from(number),
                protocol: Some("TCP".to_owned()),
                target_port: Some(IntOrString::Int(i32::from(number))),
                ..ServicePort::default()
            }]),
            selector,
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

/// The name of the slice for the addresses of one family.
fn slice_name(intent: &Intent<'_>, is_ipv4: bool) -> String {
    format!("{}-{}", intent.options.name, if is_ipv4 { "ipv4" } else { "ipv6" })
}

/// One slice for each family of addresses: they may not be mixed.
pub(super) fn slices(
    intent: &Intent<'_>,
    namespace: &str,
    members: &[IpAddr],
) -> Vec<discovery::EndpointSlice> {
    let (v4, v6): (Vec<IpAddr>, Vec<IpAddr>) = members.iter().partition(|member| member.is_ipv4());
    let families = [(true, v4), (false, v6)].into_iter().filter(|(_, family)| !family.is_empty());
    families
        .map(|(is_ipv4, family)| {
            let mut metadata = metadata(intent, namespace, &slice_name(intent, is_ipv4));
            metadata.labels.get_or_insert_default().extend(labels::labels([
                (SERVICE_NAME_LABEL, &intent.options.name),
                (SLICE_MANAGER_LABEL, PROMWIRE),
            ]));
            discovery::EndpointSlice {
                metadata,
                address_type: if is_ipv4 { "IPv4" } else { "IPv6" }.to_owned(),
                endpoints: Some(family.into_iter().map(endpoint).collect()),
                ports: Some(vec![discovery::EndpointPort {
                    name: Some(intent.port.name.to_owned()),
                    port: Some(i32::from(intent.port.number)),
                    protocol: Some("TCP".to_owned()),
                    ..discovery::EndpointPort::default()
                }]),
            }
        })
        .collect()
}

fn endpoint(address: IpAddr) -> discovery::Endpoint {
    discovery::Endpoint {
        addresses: vec![address.to_string()],
        conditions: Some(discovery::EndpointConditions {
            ready: Some(true),
            ..discovery::EndpointConditions::default()
        }),
        ..discovery::Endpoint::default()
    }
}

/// All members in one object, which Kubernetes mirrors to slices.
pub(super) fn endpoints(intent: &Intent<'_>, namespace: &str, members: &[IpAddr]) -> Endpoints {
    let addresses = members
        .iter()
        .map(|address| EndpointAddress { ip: address.to_string(), ..EndpointAddress::default() });
    Endpoints {
        metadata: metadata(intent, namespace, &intent.options.name),
        subsets: Some(vec![EndpointSubset {
            addresses: Some(addresses.collect()),
            ports: Some(vec![EndpointPort {
                name: Some(intent.port.name.to_owned()),
                port: i32::from(intent.port.number),
                protocol: Some("TCP".to_owned()),
                ..EndpointPort::default()
            }]),
            ..EndpointSubset::default()
        }]),
    }
}

pub(super) fn service_monitor(
    intent: &Intent<'_>,
    namespace: &str,
    placement: &Placement,
    server_name: Option<String>,
) -> ServiceMonitor {
    let (scheme, tls_config) = match intent.access {
        Access::ClientMtls => (Some(Scheme::Https), Some(tls_config(intent, server_name))),
        Access::MetricsHttp => (None, None),
    };
    let namespace_selector = (placement.namespace.as_deref() != Some(namespace)).then(|| NamespaceSelector {
        match_names: Some(vec![namespace.to_owned()]),
        ..NamespaceSelector::default()
    });
    ServiceMonitor {
        metadata: ObjectMeta {
            name: Some(intent.options.name.clone()),
            namespace: placement.namespace.clone(),
            labels: Some(placement.labels.clone()),
            ..ObjectMeta::default()
        },
        spec: ServiceMonitorSpec {
            endpoints: vec![Endpoint {
                interval: intent.options.interval.as_ref().map(ToString::to_string),
                port: Some(intent.port.name.to_owned()),
                scheme,
                tls_config,
                ..Endpoint::default()
            }],
            job_label: Some(labels::INSTANCE.to_owned()),
            namespace_selector,
            selector: LabelSelector {
                match_labels: Some(labels::labels([
                    (labels::NAME, APPLICATION),
                    (labels::INSTANCE, &intent.options.name),
                ])),
                ..LabelSelector::default()
            },
            // Slices written by hand are in no Endpoints, so the monitor has to look at slices whatever its
            // Prometheus does. Endpoints are in both, thanks to the mirror, and need no word.
            service_discovery_role: match intent.targets {
                Targets::Addresses(_, DiscoveryRole::EndpointSlice) => {
                    Some(ServiceDiscoveryRole::EndpointSlice)
                }
                Targets::Addresses(_, DiscoveryRole::Endpoints) | Targets::Pods => None,
            },
            ..ServiceMonitorSpec::default()
        },
        ..ServiceMonitor::default()
    }
}

fn tls_config(intent: &Intent<'_>, server_name: Option<String>) -> TlsConfig {
    let keys = &intent.options.secret_keys;
    let secret = intent.secret_name();
    // Nothing is verified with an authority where nothing is verified.
    let is_verified = !intent.options.insecure_skip_verify;
    let common = TlsConfig {
        insecure_skip_verify: (!is_verified).then_some(true),
        server_name,
        ..TlsConfig::default()
    };
    match intent.tls_source() {
        TlsSource::Refs => {
            let selector = |key: &str| SecretKeySelector {
                name: secret.clone(),
                key: key.to_owned(),
                ..SecretKeySelector::default()
            };
            let certificate =
                |key: &str| SecretOrConfigMap { secret: Some(selector(key)), ..SecretOrConfigMap::default() };
            TlsConfig {
                ca: is_verified.then(|| certificate(&keys.ca)),
                cert: Some(certificate(&keys.certificate)),
                key_secret: Some(selector(&keys.key)),
                ..common
            }
        }
        TlsSource::Mounted => {
            let path = |key: &str| format!("{SECRETS_FOLDER}/{secret}/{key}");
            TlsConfig {
                ca_file: is_verified.then(|| path(&keys.ca)),
                cert_file: Some(path(&keys.certificate)),
                key_file: Some(path(&keys.key)),
                ..common
            }
        }
    }
}

/// The Secret, with the files as they are.
pub(super) fn secret(intent: &Intent<'_>, namespace: Option<&str>, credentials: &Credentials) -> Secret {
    let data = credentials.entries(&intent.options.secret_keys);
    Secret {
        metadata: ObjectMeta {
            name: Some(intent.secret_name()),
            namespace: namespace.map(str::to_owned),
            labels: Some(own(intent)),
            ..ObjectMeta::default()
        },
        type_: Some("Opaque".to_owned()),
        data: Some(data.map(|(key, file)| (key.to_owned(), ByteString(file.bytes().to_vec()))).collect()),
        ..Secret::default()
    }
}

fn metadata(intent: &Intent<'_>, namespace: &str, name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(namespace.to_owned()),
        labels: Some(own(intent)),
        ..ObjectMeta::default()
    }
}
