//! Prometheus itself: the custom resource, its rights, its Service, and its own monitoring.

mod rbac;
mod storage;

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use generated_crds::{
    EmbeddedPersistentVolumeClaim, Endpoint, NamespaceSelector, Prometheus, PrometheusSpec, ServiceMonitor,
    ServiceMonitorSpec, StorageSpec,
};
use k8s_openapi::api::core::v1::{
    PersistentVolumeClaimSpec, PodSecurityContext, ResourceRequirements, SeccompProfile, Service,
    ServicePort, ServiceSpec, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::discovery::DiscoveryRole;
use super::wiring::TargetNamespaces;
use super::{Integration, Labels, Plan, Scene, flags, labels, options, parse_label};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::GroupKind;
use crate::prom::duration::PromDuration;

/// As the command line spells it.
pub(super) const INTEGRATION: &str = "prometheus";

pub(super) const PROMETHEUS: Integration = Integration {
    name: INTEGRATION,
    about: "A Prometheus with its ServiceAccount, Roles, Service and own monitoring",
    options: flags::<Options>,
    plan: |matches, scene| plan(&options(matches)?, scene),
};

/// The name of the application, which the operator also labels the pods with.
const APPLICATION: &str = "prometheus";
/// The label by which the operator (0.93) marks the pods of one Prometheus.
const OPERATOR_NAME_LABEL: &str = "operator.prometheus.io/name";

/// A port of the pods: the name the operator gives it, and its number.
struct NamedPort {
    name: &'static str,
    number: u16,
}

const WEB: NamedPort = NamedPort { name: "web", number: 9090 };
const RELOADER: NamedPort = NamedPort { name: "reloader-web", number: 8080 };
/// Where a load balancer offers [`WEB`].
const EXTERNAL_PORT: u16 = 9091;

/// What a replica is scheduled for; it may use more.
const CPU_REQUEST: &str = "200m";

/// The user and group the image is made for, and the group that owns the volume.
const USER: i64 = 1000;
const GROUP: i64 = 2000;

/// How Prometheus runs and what it may see.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Prometheus")]
struct Options {
    /// Name of the Prometheus
    #[arg(long, value_name = "NAME", default_value = "prometheus", value_parser = crate::model::name::label)]
    name: String,

    /// Release of Prometheus
    #[arg(long, value_name = "VERSION", default_value = "3.13.1", value_parser = version)]
    prometheus_version: String,

    /// Number of equal Prometheuses, each with all targets
    #[arg(long, value_name = "COUNT", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..))]
    replicas: u16,

    /// How long samples are kept
    #[arg(long, value_name = "DURATION", default_value = "15d")]
    retention: PromDuration,

    /// Size of the volume of each replica; samples are also dropped before they fill it
    #[arg(long, value_name = "SIZE", default_value = "50Gi", value_parser = storage::Size::parse_volume, conflicts_with = "ephemeral")]
    storage: storage::Size,

    /// Storage class of the volumes [default: that of the cluster]
    #[arg(long, value_name = "CLASS", conflicts_with = "ephemeral")]
    storage_class: Option<String>,

    /// Use no volumes: samples are lost when a pod goes
    #[arg(long)]
    ephemeral: bool,

    /// Memory of each replica, requested and at most
    #[arg(long, value_name = "SIZE", default_value = "2Gi", value_parser = storage::Size::parse_memory)]
    memory: storage::Size,

    /// What Prometheus discovers endpoints through; endpoints is for clusters without EndpointSlices
    #[arg(long, value_enum, value_name = "ROLE", default_value_t = DiscoveryRole::EndpointSlice)]
    discovery_role: DiscoveryRole,

    /// A namespace with targets, where Prometheus gets the right to discover; may be given several times
    #[arg(long, value_name = "NAMESPACE", value_parser = crate::model::name::label)]
    target_namespace: Vec<String>,

    /// Select only monitors and rules with this label [default: all]; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_label)]
    select: Vec<(String, String)>,

    /// Who can reach it
    #[arg(long, value_enum, value_name = "HOW", default_value_t = Expose::ClusterIp)]
    expose: Expose,
}

/// The Services that lead to it.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Expose {
    /// Inside the cluster only
    ClusterIp,
    /// From outside too, without authentication
    LoadBalancer,
}

fn plan(options: &Options, scene: &Scene<'_>) -> Result<Plan, Box<Diagnostic>> {
    let namespace = scene.own_namespace();
    refuse_contradiction(options, scene)?;
    let own = labels::with(labels::own(APPLICATION), [(labels::INSTANCE, &options.name)]);
    let service_name = service_name(options);
    let account = rbac::Account { name: &service_name, namespace, labels: &own };
    let mut plan = Plan::default();
    plan.need_namespace(namespace, Labels::new());

    plan.add(&account.service_account());
    plan.add(&account.cluster_role());
    plan.add(&account.cluster_role_binding());
    // Its own namespace holds its own Service; the others come from the flags and from what runs beside it.
    let mut scraped = scene.scraped.clone();
    scraped.insert(namespace.to_owned());
    scraped.extend(options.target_namespace.iter().cloned());
    scraped.extend(target_namespaces(options, scene, &mut plan));
    for target in &scraped {
        plan.add(&account.role(target, options.discovery_role));
        plan.add(&account.role_binding(target));
    }
    plan.add(&prometheus(options, namespace, &service_name, &own, scene.mounted));
    plan.add(&service(options, namespace, &service_name, &own));
    if options.expose == Expose::LoadBalancer {
        plan.add(&external_service(options, namespace, &service_name, &own));
        let message = format!(
            "`{service_name}-external` publishes Prometheus on port {EXTERNAL_PORT} to everyone who reaches the load balancer"
        );
        plan.findings.push(
            Diagnostic::new(Code::EXPOSED, message)
                .note("Prometheus has no authentication of its own, and its API can read every series")
                .help("put an authenticating proxy or an Ingress with authentication in front of it, or use kubectl port-forward"),
        );
    }
    if options.ephemeral {
        plan.findings.push(
            Diagnostic::new(
                Code::EPHEMERAL_STORAGE,
                "all samples are lost when a Prometheus pod is replaced",
            )
            .help("leave --ephemeral out to get a volume per replica"),
        );
    }
    plan.add(&service_monitor(options, namespace, &service_name, &own, scene.wiring.given_labels()));
    Ok(plan)
}

/// Refuses labels that are asked for twice with different values.
fn refuse_contradiction(options: &Options, scene: &Scene<'_>) -> Result<(), Box<Diagnostic>> {
    let mut asked = scene.wiring.given_labels().clone();
    for (key, value) in &options.select {
        if let Some(other) = asked.insert(key.clone(), value.clone()).filter(|other| other != value) {
            let message = format!("the label `{key}` is asked to be `{other}` and `{value}`");
            return Err(Box::new(
                Diagnostic::new(Code::CONTRADICTORY_OPTIONS, message)
                    .help("say --select or --monitor-label once per key"),
            ));
        }
    }
    Ok(())
}

/// The namespaces in which the monitors of the input that this Prometheus will select have their targets.
fn target_namespaces(options: &Options, scene: &Scene<'_>, plan: &mut Plan) -> BTreeSet<String> {
    let monitors = [GroupKind::SERVICE_MONITOR, GroupKind::POD_MONITOR];
    let selected = monitors.into_iter().flat_map(|kind| scene.inventory.of_kind(kind)).filter(|monitor| {
        options.select.iter().all(|(key, value)| monitor.labels().get(key) == Some(value.as_str()))
    });
    let mut namespaces = BTreeSet::new();
    for monitor in selected {
        let TargetNamespaces::Only(names) = TargetNamespaces::of(monitor) else {
            let message = format!("{} looks into every namespace", monitor.identity());
            plan.findings.push(
                Diagnostic::new(Code::UNKNOWN_DEPENDENCY, message)
                    .at(monitor.place(), "this monitor")
                    .note("Prometheus discovers only where a Role lets it")
                    .help("name the namespaces of its targets with --target-namespace"),
            );
            continue;
        };
        namespaces.extend(names.into_iter().flatten().map(str::to_owned));
    }
    namespaces
}

/// The name of the ServiceAccount and the Service: says what it is even where the Prometheus is called `k8s`.
fn service_name(options: &Options) -> String {
    if options.name.starts_with(APPLICATION) {
        options.name.clone()
    } else {
        format!("{APPLICATION}-{}", options.name)
    }
}

fn prometheus(
    options: &Options,
    namespace: &str,
    account: &str,
    own: &Labels,
    mounted: &BTreeSet<String>,
) -> Prometheus {
    let selected = options.select.iter().cloned().collect::<Labels>();
    let selector = LabelSelector {
        match_labels: (!selected.is_empty()).then_some(selected),
        ..LabelSelector::default()
    };
    let everywhere = Some(LabelSelector::default());
    let memory: std::collections::BTreeMap<String, Quantity> =
        [("memory".to_owned(), Quantity(options.memory.to_string()))].into();
    let mut requests = memory.clone();
    requests.insert("cpu".to_owned(), Quantity(CPU_REQUEST.to_owned()));
    Prometheus {
        metadata: ObjectMeta {
            name: Some(options.name.clone()),
            namespace: Some(namespace.to_owned()),
            labels: Some(own.clone()),
            ..ObjectMeta::default()
        },
        spec: PrometheusSpec {
            pod_monitor_namespace_selector: everywhere.clone(),
            pod_monitor_selector: Some(selector.clone()),
            probe_namespace_selector: everywhere.clone(),
            probe_selector: Some(selector.clone()),
            rule_namespace_selector: everywhere.clone(),
            rule_selector: Some(selector.clone()),
            scrape_config_namespace_selector: everywhere.clone(),
            scrape_config_selector: Some(selector.clone()),
            service_monitor_namespace_selector: everywhere,
            service_monitor_selector: Some(selector),
            replicas: Some(i32::from(options.replicas)),
            resources: Some(ResourceRequirements {
                requests: Some(requests),
                limits: Some(memory),
                ..ResourceRequirements::default()
            }),
            retention: Some(options.retention.to_string()),
            retention_size: (!options.ephemeral).then(|| options.storage.retention()),
            secrets: (!mounted.is_empty()).then(|| mounted.iter().cloned().collect()),
            security_context: Some(PodSecurityContext {
                fs_group: Some(GROUP),
                run_as_group: Some(GROUP),
                run_as_non_root: Some(true),
                run_as_user: Some(USER),
                seccomp_profile: Some(SeccompProfile {
                    type_: "RuntimeDefault".to_owned(),
                    ..SeccompProfile::default()
                }),
                ..PodSecurityContext::default()
            }),
            service_account_name: Some(account.to_owned()),
            service_discovery_role: Some(options.discovery_role.into()),
            storage: (!options.ephemeral).then(|| volume(options)),
            version: Some(format!("v{}", options.prometheus_version)),
            ..PrometheusSpec::default()
        },
        ..Prometheus::default()
    }
}

fn volume(options: &Options) -> StorageSpec {
    StorageSpec {
        volume_claim_template: Some(EmbeddedPersistentVolumeClaim {
            spec: Some(PersistentVolumeClaimSpec {
                access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
                resources: Some(VolumeResourceRequirements {
                    requests: Some([("storage".to_owned(), Quantity(options.storage.to_string()))].into()),
                    ..VolumeResourceRequirements::default()
                }),
                storage_class_name: options.storage_class.clone(),
                ..PersistentVolumeClaimSpec::default()
            }),
            ..EmbeddedPersistentVolumeClaim::default()
        }),
        ..StorageSpec::default()
    }
}

fn service(options: &Options, namespace: &str, name: &str, own: &Labels) -> Service {
    Service {
        metadata: metadata(namespace, name, own.clone()),
        spec: Some(ServiceSpec {
            ports: Some([WEB, RELOADER].iter().map(|port| service_port(port, port.number)).collect()),
            selector: Some(pods(options)),
            // Each replica has samples of its own: a graph must not jump between them.
            session_affinity: Some("ClientIP".to_owned()),
            type_: Some("ClusterIP".to_owned()),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

/// The Service for people outside. It carries another component label, so that the monitor passes it by.
fn external_service(options: &Options, namespace: &str, name: &str, own: &Labels) -> Service {
    let own = labels::with(own.clone(), [(labels::NAME, "prometheus-external")]);
    Service {
        metadata: metadata(namespace, &format!("{name}-external"), own),
        spec: Some(ServiceSpec {
            ports: Some(vec![service_port(&WEB, EXTERNAL_PORT)]),
            selector: Some(pods(options)),
            session_affinity: Some("ClientIP".to_owned()),
            type_: Some("LoadBalancer".to_owned()),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

fn service_port(port: &NamedPort, number: u16) -> ServicePort {
    ServicePort {
        name: Some(port.name.to_owned()),
        port: i32::from(number),
        protocol: Some("TCP".to_owned()),
        target_port: Some(IntOrString::String(port.name.to_owned())),
        ..ServicePort::default()
    }
}

fn service_monitor(
    options: &Options,
    namespace: &str,
    name: &str,
    own: &Labels,
    given: &Labels,
) -> ServiceMonitor {
    let endpoint = |port: &NamedPort| Endpoint { port: Some(port.name.to_owned()), ..Endpoint::default() };
    // What this Prometheus asks of its monitors it asks of this one too.
    let mut labels = own.clone();
    labels.extend(given.clone());
    labels.extend(options.select.iter().cloned());
    ServiceMonitor {
        metadata: metadata(namespace, name, labels),
        spec: ServiceMonitorSpec {
            endpoints: [WEB, RELOADER].iter().map(endpoint).collect(),
            namespace_selector: None::<NamespaceSelector>,
            selector: LabelSelector {
                match_labels: Some(labels::labels([
                    (labels::NAME, APPLICATION),
                    (labels::INSTANCE, &options.name),
                ])),
                ..LabelSelector::default()
            },
            ..ServiceMonitorSpec::default()
        },
        ..ServiceMonitor::default()
    }
}

/// The labels the operator gives the pods of this Prometheus.
fn pods(options: &Options) -> Labels {
    labels::labels([(labels::NAME, APPLICATION), (OPERATOR_NAME_LABEL, &options.name)])
}

fn metadata(namespace: &str, name: &str, labels: Labels) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(namespace.to_owned()),
        labels: Some(labels),
        ..ObjectMeta::default()
    }
}

/// A release the operator takes: of major version 2 or 3 (prometheus-operator 0.93 refuses all others).
fn version(text: &str) -> Result<String, String> {
    let number = text.strip_prefix('v').unwrap_or(text);
    let parts: Vec<&str> = number.splitn(3, '.').collect();
    let numeric = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match parts.as_slice() {
        [major @ ("2" | "3"), minor, patch]
            if numeric(minor) && patch.split('-').next().is_some_and(numeric) =>
        {
            Ok(format!("{major}.{minor}.{patch}"))
        }
        _ => Err("a release is written like 3.13.1; the operator runs major versions 2 and 3".to_owned()),
    }
}
