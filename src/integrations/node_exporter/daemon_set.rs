//! The `DaemonSet` that runs node-exporter on every node.

use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy, RollingUpdateDaemonSet};
use k8s_openapi::api::core::v1::{
    Capabilities, Container, ContainerPort, EnvVar, EnvVarSource, HTTPGetAction, HostPathVolumeSource,
    ObjectFieldSelector, PodSecurityContext, PodSpec, PodTemplateSpec, Probe, ResourceRequirements,
    SeccompProfile, SecurityContext, Toleration, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{NAME, Options, PORT_NAME};
use crate::integrations::labels::{self, VERSION};

/// Calico makes one interface per pod, and its tunnels; like `veth` they say nothing about the node and cost a
/// series per collector and interface. The 15 hexadecimal digits are Docker's.
const INTERFACES_EXCLUDED: &str = r"^(veth.*|cali.*|tunl.*|vxlan\.calico|wireguard\.cali|[a-f0-9]{15})$";

/// Mounts of pods and container runtimes come and go and are not the node's.
const MOUNT_POINTS_EXCLUDED: &str = r"^/(dev|proc|sys|run/containerd/.+|run/k3s/containerd/.+|var/lib/docker/.+|var/lib/kubelet/pods/.+)($|/)";

/// The user and group `nobody`, which the image is made for.
const NOBODY: i64 = 65534;

/// A folder of the node and where the container sees it.
struct HostFolder {
    name: &'static str,
    node: &'static str,
    container: &'static str,
}

const HOST_FOLDERS: &[HostFolder] = &[
    HostFolder { name: "sys", node: "/sys", container: "/host/sys" },
    HostFolder { name: "root", node: "/", container: "/host/root" },
];

pub(super) fn daemon_set(options: &Options, namespace: &str) -> DaemonSet {
    let selected = labels::labels([(labels::NAME, NAME)]);
    let template_labels = labels::with(labels::own(NAME), [(VERSION, options.label_version())]);
    DaemonSet {
        metadata: ObjectMeta {
            name: Some(NAME.to_owned()),
            namespace: Some(namespace.to_owned()),
            labels: Some(template_labels.clone()),
            ..ObjectMeta::default()
        },
        spec: Some(DaemonSetSpec {
            selector: LabelSelector { match_labels: Some(selected), ..LabelSelector::default() },
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    // kubectl logs and exec pick this container when another is injected.
                    annotations: Some(labels::labels([("kubectl.kubernetes.io/default-container", NAME)])),
                    labels: Some(template_labels),
                    ..ObjectMeta::default()
                }),
                spec: Some(pod_spec(options)),
            },
            update_strategy: Some(DaemonSetUpdateStrategy {
                type_: Some("RollingUpdate".to_owned()),
                rolling_update: Some(RollingUpdateDaemonSet {
                    max_unavailable: Some(IntOrString::String("10%".to_owned())),
                    ..RollingUpdateDaemonSet::default()
                }),
            }),
            ..DaemonSetSpec::default()
        }),
        ..DaemonSet::default()
    }
}

fn pod_spec(options: &Options) -> PodSpec {
    PodSpec {
        // It needs nothing of the API server.
        automount_service_account_token: Some(false),
        service_account_name: Some(NAME.to_owned()),
        containers: vec![container(options)],
        host_network: Some(true),
        host_pid: Some(true),
        node_selector: Some(labels::labels([("kubernetes.io/os", "linux")])),
        priority_class_name: Some("system-cluster-critical".to_owned()),
        security_context: Some(PodSecurityContext {
            run_as_group: Some(NOBODY),
            run_as_non_root: Some(true),
            run_as_user: Some(NOBODY),
            seccomp_profile: Some(SeccompProfile {
                type_: "RuntimeDefault".to_owned(),
                ..SeccompProfile::default()
            }),
            ..PodSecurityContext::default()
        }),
        // Every node is to be seen, the tainted ones most of all.
        tolerations: Some(vec![Toleration { operator: Some("Exists".to_owned()), ..Toleration::default() }]),
        volumes: Some(
            HOST_FOLDERS
                .iter()
                .map(|folder| Volume {
                    name: folder.name.to_owned(),
                    host_path: Some(HostPathVolumeSource {
                        path: folder.node.to_owned(),
                        ..HostPathVolumeSource::default()
                    }),
                    ..Volume::default()
                })
                .collect(),
        ),
        ..PodSpec::default()
    }
}

fn container(options: &Options) -> Container {
    let probe = Probe {
        http_get: Some(HTTPGetAction {
            path: Some("/".to_owned()),
            port: IntOrString::String(PORT_NAME.to_owned()),
            ..HTTPGetAction::default()
        }),
        ..Probe::default()
    };
    Container {
        name: NAME.to_owned(),
        image: Some(options.image()),
        args: Some(vec![
            // The node's address rather than all of them: not on the pod network, not on tunnels.
            format!("--web.listen-address=[$(HOST_IP)]:{}", options.port),
            "--path.sysfs=/host/sys".to_owned(),
            "--path.rootfs=/host/root".to_owned(),
            "--path.procfs=/host/root/proc".to_owned(),
            "--path.udev.data=/host/root/run/udev/data".to_owned(),
            "--no-collector.wifi".to_owned(),
            "--no-collector.btrfs".to_owned(),
            format!("--collector.filesystem.mount-points-exclude={MOUNT_POINTS_EXCLUDED}"),
            format!("--collector.netclass.ignored-devices={INTERFACES_EXCLUDED}"),
            format!("--collector.netdev.device-exclude={INTERFACES_EXCLUDED}"),
        ]),
        env: Some(vec![EnvVar {
            name: "HOST_IP".to_owned(),
            value_from: Some(EnvVarSource {
                field_ref: Some(ObjectFieldSelector {
                    field_path: "status.hostIP".to_owned(),
                    ..ObjectFieldSelector::default()
                }),
                ..EnvVarSource::default()
            }),
            ..EnvVar::default()
        }]),
        ports: Some(vec![ContainerPort {
            name: Some(PORT_NAME.to_owned()),
            container_port: i32::from(options.port),
            // Says to the scheduler that the node's port is taken, so that a clash shows as a pending pod.
            host_port: Some(i32::from(options.port)),
            protocol: Some("TCP".to_owned()),
            ..ContainerPort::default()
        }]),
        liveness_probe: Some(probe.clone()),
        readiness_probe: Some(probe),
        resources: Some(ResourceRequirements {
            requests: Some([quantity("cpu", "100m"), quantity("memory", "50Mi")].into()),
            limits: Some([quantity("memory", "180Mi")].into()),
            ..ResourceRequirements::default()
        }),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            capabilities: Some(Capabilities {
                // The timex collector reads the clock's state with it.
                add: Some(vec!["SYS_TIME".to_owned()]),
                drop: Some(vec!["ALL".to_owned()]),
            }),
            read_only_root_filesystem: Some(true),
            ..SecurityContext::default()
        }),
        volume_mounts: Some(
            HOST_FOLDERS
                .iter()
                .map(|folder| VolumeMount {
                    name: folder.name.to_owned(),
                    mount_path: folder.container.to_owned(),
                    // Mounts made on the node later are to be seen too.
                    mount_propagation: Some("HostToContainer".to_owned()),
                    read_only: Some(true),
                    ..VolumeMount::default()
                })
                .collect(),
        ),
        ..Container::default()
    }
}

fn quantity(resource: &str, amount: &str) -> (String, Quantity) {
    (resource.to_owned(), Quantity(amount.to_owned()))
}
