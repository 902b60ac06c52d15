//! The Services and monitors, and what others make that they rely on.

use generated_crds::{
    Endpoint, NamespaceSelector, RelabelAction, RelabelConfig, ServiceMonitor, ServiceMonitorSpec,
};
use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::{Value, json};

use super::components::{Component, K8S_APP, OperatorService, PORT_NAME};
use super::options::Install;
use crate::integrations::wiring::Placement;
use crate::integrations::{Labels, labels};
use crate::prom::duration::PromDuration;

const PART_OF: &str = "app.kubernetes.io/part-of";

/// A component as it is scraped.
pub(super) struct Scraped {
    pub(super) component: Component,
    pub(super) install: Install,
    pub(super) port: u16,
}

impl Scraped {
    /// The Service of the Tigera operator through which it is scraped, if there is one.
    pub(super) fn operator_service(&self) -> Option<&'static OperatorService> {
        self.component.facts().operator_service.as_ref().filter(|_| self.install == Install::Operator)
    }

    fn name(&self) -> &'static str {
        self.operator_service().map_or(self.component.facts().service, |service| service.name)
    }

    /// What tells its Service from all others.
    fn selected(&self) -> Labels {
        match self.operator_service() {
            Some(service) => labels::labels([(K8S_APP, service.app)]),
            None => labels::labels([(labels::NAME, self.component.facts().app), (PART_OF, "calico")]),
        }
    }

    fn port_name(&self) -> &'static str {
        self.operator_service().map_or(PORT_NAME, |service| service.port_name)
    }

    /// The labels of what is made here.
    pub(super) fn labels(&self) -> Labels {
        labels::with(labels::own(self.component.facts().app), [(PART_OF, "calico")])
    }

    /// The Service that only Prometheus reads: headless, so that no node programs rules for it.
    pub(super) fn service(&self) -> Service {
        Service {
            metadata: ObjectMeta {
                name: Some(self.name().to_owned()),
                namespace: Some(self.install.namespace().to_owned()),
                labels: Some(self.labels()),
                ..ObjectMeta::default()
            },
            spec: Some(ServiceSpec {
                cluster_ip: Some("None".to_owned()),
                ports: Some(vec![ServicePort {
                    name: Some(PORT_NAME.to_owned()),
                    port: i32::from(self.port),
                    protocol: Some("TCP".to_owned()),
                    // By number: the containers declare no port for metrics.
                    target_port: Some(IntOrString::Int(i32::from(self.port))),
                    ..ServicePort::default()
                }]),
                selector: Some(self.pods()),
                ..ServiceSpec::default()
            }),
            ..Service::default()
        }
    }

    fn pods(&self) -> Labels {
        labels::labels([(K8S_APP, self.component.facts().workload)])
    }

    pub(super) fn monitor(&self, interval: &PromDuration, placement: &Placement) -> ServiceMonitor {
        let namespace = self.install.namespace();
        let facts = self.component.facts();
        ServiceMonitor {
            metadata: ObjectMeta {
                name: Some(facts.monitor.to_owned()),
                namespace: placement.namespace.clone(),
                labels: Some(placement.labels.clone()),
                ..ObjectMeta::default()
            },
            spec: ServiceMonitorSpec {
                endpoints: vec![Endpoint {
                    // Its metrics are about nodes and pools and carry a `node` of their own, which counts.
                    honor_labels: (!facts.host_network).then_some(true),
                    interval: Some(interval.to_string()),
                    // By its name: without one every declared port of the pods becomes a target, Typha's 5473 too.
                    port: Some(self.port_name().to_owned()),
                    relabelings: Some(self.relabelings()),
                    ..Endpoint::default()
                }],
                namespace_selector: (placement.namespace.as_deref() != Some(namespace)).then(|| {
                    NamespaceSelector {
                        match_names: Some(vec![namespace.to_owned()]),
                        ..NamespaceSelector::default()
                    }
                }),
                selector: LabelSelector { match_labels: Some(self.selected()), ..LabelSelector::default() },
                ..ServiceMonitorSpec::default()
            },
            ..ServiceMonitor::default()
        }
    }

    /// The job that Calico's dashboards ask for. What runs on the node's network is known by its node, as `instance`,
    /// which dashboards show, and as `node`; not so what has metrics about other nodes.
    fn relabelings(&self) -> Vec<RelabelConfig> {
        let facts = self.component.facts();
        let nodes: &[&str] = if facts.host_network { &["instance", "node"] } else { &[] };
        let mut relabelings: Vec<RelabelConfig> = nodes
            .iter()
            .map(|label| RelabelConfig {
                action: Some(RelabelAction::ReplaceLower),
                source_labels: Some(vec!["__meta_kubernetes_pod_node_name".to_owned()]),
                target_label: Some((*label).to_owned()),
                ..RelabelConfig::default()
            })
            .collect();
        relabelings.push(RelabelConfig {
            action: Some(RelabelAction::ReplaceLower),
            replacement: Some(facts.job.to_owned()),
            target_label: Some("job".to_owned()),
            ..RelabelConfig::default()
        });
        relabelings
    }

    /// What Calico or its operator makes, as far as anything here relies on it.
    pub(super) fn relied_upon(&self) -> Vec<Value> {
        let facts = self.component.facts();
        let namespace = self.install.namespace();
        let workload = json!({
            "apiVersion": "apps/v1",
            "kind": facts.workload_kind,
            "metadata": {"name": facts.workload, "namespace": namespace},
            "spec": {"template": {"metadata": {"labels": self.pods()}}},
        });
        let service = self.operator_service().map(|service| {
            json!({
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": service.name, "namespace": namespace, "labels": self.selected()},
                "spec": {
                    "ports": [{"name": service.port_name, "port": self.port, "targetPort": self.port}],
                    "selector": self.pods(),
                },
            })
        });
        std::iter::once(workload).chain(service).collect()
    }

    /// Group, kind, namespace and name of the Service through which it is scraped.
    pub(super) fn service_name(&self) -> (&'static str, &'static str) {
        (self.install.namespace(), self.name())
    }
}
