//! The rights Prometheus needs to discover and scrape, and no others.

use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::{
    ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::integrations::discovery::DiscoveryRole;
use crate::integrations::solve::Labels;

const API_GROUP: &str = "rbac.authorization.k8s.io";

/// Whom the rights are for, and how the objects are called and labelled.
pub(super) struct Account<'a> {
    /// Name of the `ServiceAccount`, and of the roles.
    pub(super) name: &'a str,
    /// Where it lives.
    pub(super) namespace: &'a str,
    /// Labels of all objects made for it.
    pub(super) labels: &'a Labels,
}

impl Account<'_> {
    pub(super) fn service_account(&self) -> ServiceAccount {
        ServiceAccount {
            metadata: ObjectMeta {
                name: Some(self.name.to_owned()),
                ..self.role_metadata(Some(self.namespace))
            },
            ..ServiceAccount::default()
        }
    }

    /// What discovery needs in one namespace (Prometheus 3.x: an endpoint's Service and Pod are looked up for
    /// their labels, whatever the role).
    pub(super) fn role(&self, namespace: &str, discovery: DiscoveryRole) -> Role {
        let endpoints = match discovery {
            DiscoveryRole::EndpointSlice => list(&["discovery.k8s.io"], &["endpointslices"]),
            DiscoveryRole::Endpoints => list(&[""], &["endpoints"]),
        };
        Role {
            metadata: self.role_metadata(Some(namespace)),
            rules: Some(vec![list(&[""], &["services", "pods"]), endpoints]),
        }
    }

    pub(super) fn role_binding(&self, namespace: &str) -> RoleBinding {
        RoleBinding {
            metadata: self.role_metadata(Some(namespace)),
            role_ref: self.role_ref("Role"),
            subjects: Some(vec![self.subject()]),
        }
    }

    /// What no namespace can grant: the metrics of components that ask the API server who may read them
    /// (kubelet, control plane).
    pub(super) fn cluster_role(&self) -> ClusterRole {
        ClusterRole {
            metadata: self.role_metadata(None),
            rules: Some(vec![
                PolicyRule {
                    api_groups: Some(strings(&[""])),
                    resources: Some(strings(&["nodes/metrics"])),
                    verbs: strings(&["get"]),
                    ..PolicyRule::default()
                },
                PolicyRule {
                    non_resource_urls: Some(strings(&["/metrics", "/metrics/slis"])),
                    verbs: strings(&["get"]),
                    ..PolicyRule::default()
                },
            ]),
            ..ClusterRole::default()
        }
    }

    pub(super) fn cluster_role_binding(&self) -> ClusterRoleBinding {
        ClusterRoleBinding {
            metadata: self.role_metadata(None),
            role_ref: self.role_ref("ClusterRole"),
            subjects: Some(vec![self.subject()]),
        }
    }

    /// Roles stand in namespaces of others and beside those of other installations: the name says whose it is.
    fn role_name(&self) -> String {
        format!("{}-{}", self.namespace, self.name)
    }

    fn role_metadata(&self, namespace: Option<&str>) -> ObjectMeta {
        ObjectMeta {
            name: Some(self.role_name()),
            namespace: namespace.map(str::to_owned),
            labels: Some(self.labels.clone()),
            ..ObjectMeta::default()
        }
    }

    fn role_ref(&self, kind: &str) -> RoleRef {
        RoleRef { api_group: Some(API_GROUP.to_owned()), kind: kind.to_owned(), name: self.role_name() }
    }

    fn subject(&self) -> Subject {
        Subject {
            kind: "ServiceAccount".to_owned(),
            name: self.name.to_owned(),
            namespace: Some(self.namespace.to_owned()),
            ..Subject::default()
        }
    }
}

fn list(groups: &[&str], resources: &[&str]) -> PolicyRule {
    PolicyRule {
        api_groups: Some(strings(groups)),
        resources: Some(strings(resources)),
        verbs: strings(&["get", "list", "watch"]),
        ..PolicyRule::default()
    }
}

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}
