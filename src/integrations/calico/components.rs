//! The components with metrics, and everything about them that more than one object repeats: names, labels, ports.
//!
//! From here come the settings, the Services and the monitors, so they cannot disagree. Facts are those of Calico 3.32
//! and of the Tigera operator 1.42.

use clap::ValueEnum;

/// A component of Calico that serves metrics.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Component {
    /// The policy agent of every node
    Felix,
    /// Between Felix and the datastore, in larger clusters
    Typha,
    /// The controllers: addresses, nodes, policies
    KubeControllers,
}

/// What is known about a component.
#[derive(Debug)]
pub(super) struct Facts {
    /// As people call it.
    pub(super) title: &'static str,
    /// As the command line spells it, also in the name of its port option.
    pub(super) option: &'static str,
    /// The label `app.kubernetes.io/name` of its Service.
    pub(super) app: &'static str,
    /// The kind of the workload that runs it.
    pub(super) workload_kind: &'static str,
    /// The name of that workload, of its container, and the value of the label `k8s-app` of its pods.
    pub(super) workload: &'static str,
    /// The Service, named as in Calico's own guide.
    pub(super) service: &'static str,
    /// The monitor.
    pub(super) monitor: &'static str,
    /// The job, which Calico's dashboards and rules ask for.
    pub(super) job: &'static str,
    /// The port metrics are served on unless something says otherwise. Typha's is 9093 in the code; its documentation
    /// says 9091, which is Felix's and would collide on the node.
    pub(super) port: u16,
    /// Whether it serves metrics without being told to.
    pub(super) on_by_default: bool,
    /// Whether it listens on the node's own addresses.
    pub(super) host_network: bool,
    /// The metrics Service that the Tigera operator makes for it, if any.
    pub(super) operator_service: Option<OperatorService>,
}

/// A metrics Service of the Tigera operator.
#[derive(Debug)]
pub(super) struct OperatorService {
    pub(super) name: &'static str,
    /// The value of its label `k8s-app`.
    pub(super) app: &'static str,
    /// The name of its port.
    pub(super) port_name: &'static str,
}

const FELIX: Facts = Facts {
    title: "Felix",
    option: "felix",
    app: "felix",
    workload_kind: "DaemonSet",
    workload: "calico-node",
    service: "felix-metrics-svc",
    monitor: "calico-felix",
    job: "felix_metrics",
    port: 9091,
    on_by_default: false,
    host_network: true,
    operator_service: None,
};

const TYPHA: Facts = Facts {
    title: "Typha",
    option: "typha",
    app: "typha",
    workload_kind: "Deployment",
    workload: "calico-typha",
    service: "typha-metrics-svc",
    monitor: "calico-typha",
    job: "typha_metrics",
    port: 9093,
    on_by_default: false,
    host_network: true,
    operator_service: Some(OperatorService {
        name: "calico-typha-metrics",
        app: "calico-typha-metrics",
        port_name: "calico-typha-metrics",
    }),
};

const KUBE_CONTROLLERS: Facts = Facts {
    title: "kube-controllers",
    option: "kube-controllers",
    app: "kube-controllers",
    workload_kind: "Deployment",
    workload: "calico-kube-controllers",
    service: "kube-controllers-metrics-svc",
    monitor: "calico-kube-controllers",
    job: "kube_controllers_metrics",
    port: 9094,
    on_by_default: true,
    host_network: false,
    operator_service: Some(OperatorService {
        name: "calico-kube-controllers-metrics",
        app: "calico-kube-controllers",
        port_name: "metrics-port",
    }),
};

impl Component {
    /// All of them, in the order they are told.
    pub(super) const ALL: [Self; 3] = [Self::Felix, Self::Typha, Self::KubeControllers];

    /// What is known about it.
    pub(super) const fn facts(self) -> &'static Facts {
        match self {
            Self::Felix => &FELIX,
            Self::Typha => &TYPHA,
            Self::KubeControllers => &KUBE_CONTROLLERS,
        }
    }
}

/// The label by which Calico's manifests and its operator tell pods and Services apart.
pub(super) const K8S_APP: &str = "k8s-app";

/// The name of the port of the Services made here.
pub(super) const PORT_NAME: &str = "metrics";

/// Ports of every node that Kubernetes or Calico itself listens on: the kubelet's and kube-proxy's, Typha (5473), the
/// health of Typha (9098) and of Felix (9099).
const TAKEN: &[u16] = &[5473, 9098, 9099, 10248, 10249, 10250, 10255, 10256];

/// A port of the node that a component can listen on.
pub(super) fn host_port(text: &str) -> Result<u16, String> {
    match port(text)? {
        taken if TAKEN.contains(&taken) => {
            Err(format!("Kubernetes or Calico itself listens on {taken} of every node; choose another"))
        }
        port => Ok(port),
    }
}

/// A port of a pod.
pub(super) fn port(text: &str) -> Result<u16, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a port from 1 to 65535; --disable switches metrics off".to_owned()),
        Ok(port) => Ok(port),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_components_share_what_tells_them_apart() {
        let all = || Component::ALL.iter().map(|component| component.facts());
        let count = |values: BTreeSet<String>| values.len();
        assert_eq!(count(all().map(|facts| facts.port.to_string()).collect()), 3);
        assert_eq!(count(all().map(|facts| facts.job.to_owned()).collect()), 3);
        assert_eq!(count(all().map(|facts| facts.service.to_owned()).collect()), 3);
        assert_eq!(count(all().map(|facts| facts.monitor.to_owned()).collect()), 3);
        assert!(all().all(|facts| host_port(&facts.port.to_string()) == Ok(facts.port)));
    }

    #[test]
    fn ports_of_calico_itself_are_refused_where_they_are_the_nodes() {
        for text in ["5473", "9099", "10250", "0", "65536", "-1", "metrics"] {
            assert!(host_port(text).is_err(), "{text}");
        }
        assert_eq!(port("5473"), Ok(5473), "a pod has ports of its own");
    }
}
