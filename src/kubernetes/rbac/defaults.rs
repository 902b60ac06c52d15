//! ClusterRoles and bindings every cluster has, as far as they may concern a ServiceAccount that scrapes
//! (Kubernetes 1.36.3, `bootstrappolicy`, with the feature gates that are on unless somebody says otherwise).

use super::rule::Rule;

/// A ClusterRole every cluster has.
pub(super) struct Default {
    /// Its name.
    pub(super) name: &'static str,
    /// The name in the label by which it aggregates others: `view` for `rbac.authorization.k8s.io/aggregate-to-view`.
    pub(super) aggregates: Option<&'static str>,
    /// The name in the label by which it is aggregated itself.
    pub(super) part_of: Option<&'static str>,
    rows: &'static [Row],
}

/// A rule; lists are separated by commas.
struct Row {
    verbs: &'static str,
    groups: &'static str,
    resources: &'static str,
    urls: &'static str,
}

impl Row {
    const fn objects(verbs: &'static str, groups: &'static str, resources: &'static str) -> Self {
        Self { verbs, groups, resources, urls: "" }
    }

    const fn urls(verbs: &'static str, urls: &'static str) -> Self {
        Self { verbs, groups: "", resources: "", urls }
    }
}

/// Subjects of the ClusterRoleBindings every cluster has for all ServiceAccounts: the binding, which is named as its role, and the
/// group it names.
pub(super) const BINDINGS: &[(&str, &str)] = &[
    ("system:basic-user", "system:authenticated"),
    ("system:discovery", "system:authenticated"),
    ("system:public-info-viewer", "system:authenticated"),
    ("system:service-account-issuer-discovery", "system:serviceaccounts"),
];

impl Default {
    /// The default of that name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        ROLES.iter().find(|role| role.name == name)
    }

    /// Its own rules; one that aggregates has none.
    pub(super) fn rules(&'static self) -> impl Iterator<Item = Rule<'static>> {
        let list = |text: &'static str| -> Vec<&'static str> {
            if text.is_empty() { Vec::new() } else { text.split(',').collect() }
        };
        self.rows.iter().map(move |row| Rule {
            role: self.name,
            node: None,
            verbs: list(row.verbs),
            // The empty text is the core group.
            groups: if row.resources.is_empty() { Vec::new() } else { row.groups.split(',').collect() },
            resources: list(row.resources),
            names: Vec::new(),
            urls: list(row.urls),
        })
    }
}

/// Ascending by name.
pub(super) const ROLES: &[Default] = &[
    Default { name: "admin", aggregates: Some("admin"), part_of: None, rows: &[] },
    Default {
        name: "cluster-admin",
        aggregates: None,
        part_of: None,
        rows: &[Row::objects("*", "*", "*"), Row::urls("*", "*")],
    },
    Default { name: "edit", aggregates: Some("edit"), part_of: Some("admin"), rows: &[] },
    Default {
        name: "system:aggregate-to-admin",
        aggregates: None,
        part_of: Some("admin"),
        rows: &[
            Row::objects("create", "authorization.k8s.io", "localsubjectaccessreviews"),
            Row::objects(
                "create,delete,deletecollection,get,list,patch,update,watch",
                "rbac.authorization.k8s.io",
                "rolebindings,roles",
            ),
        ],
    },
    Default {
        name: "system:aggregate-to-edit",
        aggregates: None,
        part_of: Some("edit"),
        rows: &[
            Row::objects(
                "get,list,watch",
                "",
                "pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy",
            ),
            Row::objects("impersonate", "", "serviceaccounts"),
            Row::objects(
                "create,delete,deletecollection,patch,update",
                "",
                "pods,pods/attach,pods/exec,pods/portforward,pods/proxy",
            ),
            Row::objects("create", "", "pods/eviction"),
            Row::objects(
                "create,delete,deletecollection,patch,update",
                "",
                "configmaps,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy",
            ),
            Row::objects("create", "", "serviceaccounts/token"),
            Row::objects("create,delete,deletecollection,patch,update", ",events.k8s.io", "events"),
            Row::objects(
                "create,delete,deletecollection,patch,update",
                "apps",
                "daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale",
            ),
            Row::objects(
                "create,delete,deletecollection,patch,update",
                "autoscaling",
                "horizontalpodautoscalers",
            ),
            Row::objects("create,delete,deletecollection,patch,update", "batch", "cronjobs,jobs"),
            Row::objects(
                "create,delete,deletecollection,patch,update",
                "extensions",
                "daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale",
            ),
            Row::objects("create,delete,deletecollection,patch,update", "policy", "poddisruptionbudgets"),
            Row::objects(
                "create,delete,deletecollection,patch,update",
                "networking.k8s.io",
                "ingresses,networkpolicies",
            ),
            Row::objects(
                "create,delete,deletecollection,get,list,patch,update,watch",
                "coordination.k8s.io",
                "leases",
            ),
            Row::objects(
                "create,delete,deletecollection,patch,update",
                "resource.k8s.io",
                "resourceclaims,resourceclaimtemplates",
            ),
        ],
    },
    Default {
        name: "system:aggregate-to-view",
        aggregates: None,
        part_of: Some("view"),
        rows: &[
            Row::objects(
                "get,list,watch",
                "",
                "configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status",
            ),
            Row::objects(
                "get,list,watch",
                "",
                "bindings,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status",
            ),
            Row::objects("get,list,watch", "", "namespaces"),
            Row::objects("get,list,watch", ",events.k8s.io", "events"),
            Row::objects("get,list,watch", "discovery.k8s.io", "endpointslices"),
            Row::objects(
                "get,list,watch",
                "apps",
                "controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status",
            ),
            Row::objects(
                "get,list,watch",
                "autoscaling",
                "horizontalpodautoscalers,horizontalpodautoscalers/status",
            ),
            Row::objects("get,list,watch", "batch", "cronjobs,cronjobs/status,jobs,jobs/status"),
            Row::objects(
                "get,list,watch",
                "extensions",
                "daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale",
            ),
            Row::objects("get,list,watch", "policy", "poddisruptionbudgets,poddisruptionbudgets/status"),
            Row::objects("get,list,watch", "networking.k8s.io", "ingresses,ingresses/status,networkpolicies"),
            Row::objects(
                "get,list,watch",
                "resource.k8s.io",
                "resourceclaims,resourceclaims/status,resourceclaimtemplates",
            ),
        ],
    },
    Default {
        name: "system:auth-delegator",
        aggregates: None,
        part_of: None,
        rows: &[
            Row::objects("create", "authentication.k8s.io", "tokenreviews"),
            Row::objects("create", "authorization.k8s.io", "subjectaccessreviews"),
        ],
    },
    Default {
        name: "system:basic-user",
        aggregates: None,
        part_of: None,
        rows: &[
            Row::objects(
                "create",
                "authorization.k8s.io",
                "selfsubjectaccessreviews,selfsubjectrulesreviews",
            ),
            Row::objects("create", "authentication.k8s.io", "selfsubjectreviews"),
        ],
    },
    Default {
        name: "system:discovery",
        aggregates: None,
        part_of: None,
        rows: &[Row::urls(
            "get",
            "/api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/",
        )],
    },
    Default {
        name: "system:heapster",
        aggregates: None,
        part_of: None,
        rows: &[
            Row::objects("get,list,watch", "", "events,namespaces,nodes,pods"),
            Row::objects("get,list,watch", "extensions", "deployments"),
        ],
    },
    Default {
        name: "system:kubelet-api-admin",
        aggregates: None,
        part_of: None,
        rows: &[
            Row::objects("get,list,watch", "", "nodes"),
            Row::objects("proxy", "", "nodes"),
            Row::objects("*", "", "nodes/log,nodes/metrics,nodes/proxy,nodes/stats"),
            Row::objects("*", "", "nodes/configz,nodes/healthz,nodes/pods"),
        ],
    },
    Default {
        name: "system:monitoring",
        aggregates: None,
        part_of: None,
        rows: &[
            Row::urls(
                "get",
                "/flagz,/healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*,/statusz",
            ),
            Row::objects("get", "", "nodes/metrics"),
        ],
    },
    Default {
        name: "system:public-info-viewer",
        aggregates: None,
        part_of: None,
        rows: &[Row::urls("get", "/healthz,/livez,/readyz,/version,/version/")],
    },
    Default {
        name: "system:service-account-issuer-discovery",
        aggregates: None,
        part_of: None,
        rows: &[Row::urls(
            "get",
            "/.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/jwks/",
        )],
    },
    Default { name: "view", aggregates: Some("view"), part_of: Some("edit"), rows: &[] },
];
