use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::rules::rule;
use crate::source::{Node, edit};

rule! {
    /// An object has an `apiVersion` that the assumed version of Kubernetes has left behind. Where the kind is one that promwire
    /// has a schema of, PW103 says the same.
    ///
    /// ## Why it matters
    ///
    /// The API server answers `no matches for kind`, and nothing is applied.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: policy/v1beta1
    /// kind: PodDisruptionBudget
    /// metadata: {name: prometheus, namespace: shop}
    /// spec: {minAvailable: 1, selector: {matchLabels: {app: prometheus}}}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata: {name: prometheus, namespace: shop}
    /// spec: {minAvailable: 1, selector: {matchLabels: {app: prometheus}}}
    /// ```
    REMOVED_API, Stable, Files, check
}

/// Group, version, the kinds (none for all), the minor release of Kubernetes 1 that does not serve it any more, and what to write
/// instead. From the deprecation guide of Kubernetes 1.36.
const REMOVED: &[(&str, &str, &[&str], u64, &str)] = &[
    ("extensions", "v1beta1", &["Ingress"], 22, "networking.k8s.io/v1"),
    ("extensions", "v1beta1", &["NetworkPolicy"], 16, "networking.k8s.io/v1"),
    ("extensions", "v1beta1", &["PodSecurityPolicy"], 16, "the labels of Pod Security on namespaces"),
    ("extensions", "v1beta1", &[], 16, "apps/v1"),
    ("apps", "v1beta1", &[], 16, "apps/v1"),
    ("apps", "v1beta2", &[], 16, "apps/v1"),
    (
        "admissionregistration.k8s.io",
        "v1beta1",
        &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
        22,
        "admissionregistration.k8s.io/v1",
    ),
    ("apiextensions.k8s.io", "v1beta1", &[], 22, "apiextensions.k8s.io/v1"),
    ("apiregistration.k8s.io", "v1beta1", &[], 22, "apiregistration.k8s.io/v1"),
    ("authentication.k8s.io", "v1beta1", &["TokenReview"], 22, "authentication.k8s.io/v1"),
    ("authorization.k8s.io", "v1beta1", &[], 22, "authorization.k8s.io/v1"),
    ("autoscaling", "v2beta1", &[], 25, "autoscaling/v2"),
    ("autoscaling", "v2beta2", &[], 26, "autoscaling/v2"),
    ("batch", "v1beta1", &[], 25, "batch/v1"),
    ("batch", "v2alpha1", &[], 21, "batch/v1"),
    ("certificates.k8s.io", "v1beta1", &["CertificateSigningRequest"], 22, "certificates.k8s.io/v1"),
    ("coordination.k8s.io", "v1beta1", &["Lease"], 22, "coordination.k8s.io/v1"),
    ("discovery.k8s.io", "v1beta1", &[], 25, "discovery.k8s.io/v1"),
    ("events.k8s.io", "v1beta1", &[], 25, "events.k8s.io/v1"),
    ("flowcontrol.apiserver.k8s.io", "v1beta1", &[], 26, "flowcontrol.apiserver.k8s.io/v1"),
    ("flowcontrol.apiserver.k8s.io", "v1beta2", &[], 29, "flowcontrol.apiserver.k8s.io/v1"),
    ("flowcontrol.apiserver.k8s.io", "v1beta3", &[], 32, "flowcontrol.apiserver.k8s.io/v1"),
    ("networking.k8s.io", "v1beta1", &["Ingress", "IngressClass"], 22, "networking.k8s.io/v1"),
    ("node.k8s.io", "v1beta1", &[], 25, "node.k8s.io/v1"),
    ("policy", "v1beta1", &["PodSecurityPolicy"], 25, "the labels of Pod Security on namespaces"),
    ("policy", "v1beta1", &[], 25, "policy/v1"),
    ("rbac.authorization.k8s.io", "v1alpha1", &[], 22, "rbac.authorization.k8s.io/v1"),
    ("rbac.authorization.k8s.io", "v1beta1", &[], 22, "rbac.authorization.k8s.io/v1"),
    ("scheduling.k8s.io", "v1beta1", &[], 22, "scheduling.k8s.io/v1"),
    (
        "storage.k8s.io",
        "v1beta1",
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
        22,
        "storage.k8s.io/v1",
    ),
    ("storage.k8s.io", "v1beta1", &["CSIStorageCapacity"], 27, "storage.k8s.io/v1"),
];

/// Group, version and kinds whose fields have the same names and meanings in the version that is served instead, so that the version is
/// all there is to change. From the types of Kubernetes 1.25 (`k8s.io/api`), which has them all side by side.
const SAME_FIELDS: &[(&str, &str, &[&str])] = &[
    ("batch", "v1beta1", &["CronJob"]),
    ("coordination.k8s.io", "v1beta1", &["Lease"]),
    ("policy", "v1beta1", &["PodDisruptionBudget"]),
    ("rbac.authorization.k8s.io", "v1beta1", &["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"]),
    ("scheduling.k8s.io", "v1beta1", &["PriorityClass"]),
    ("storage.k8s.io", "v1beta1", &["StorageClass", "CSIDriver"]),
    ("networking.k8s.io", "v1beta1", &["IngressClass"]),
];

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let kubernetes = &chain.setting.reality.kubernetes;
    let mut found = Vec::new();
    for kind in chain.setting.inventory.kinds() {
        let of_group = || REMOVED.iter().filter(|(group, ..)| *group == kind.group);
        if of_group().next().is_none() {
            continue;
        }
        for object in chain.setting.inventory.of_kind(kind) {
            let removed = of_group().find(|(_, version, kinds, ..)| {
                *version == object.version() && (kinds.is_empty() || kinds.contains(&kind.kind))
            });
            let Some((group, version, _, minor, instead)) = removed else { continue };
            if !kubernetes.is_at_least(1, *minor, 0) {
                continue;
            }
            // The schema tells of a version that its own kinds do not have.
            if chain
                .setting
                .schemas
                .validate(object)
                .iter()
                .any(|finding| finding.code == Code::INVALID_VALUE)
            {
                continue;
            }
            let written = object.at(&["apiVersion"]);
            // The fields are the same in both; of others a person has to look.
            let same = SAME_FIELDS.iter().any(|(group, known, kinds)| {
                (*group, *known) == (kind.group, *version) && kinds.contains(&kind.kind)
            });
            // An empty selector means nothing in `policy/v1beta1`, and everything in `policy/v1`.
            let selects =
                || object.at(&["spec", "selector"]).is_some_and(|selector| selector.entries().len() > 0);
            let same = same && (kind.group != "policy" || selects());
            let edit = written.filter(|_| same).and_then(|written| edit::replace(written, instead));
            let fix = edit.map(|edit| Fix { description: format!("use {instead}"), edits: vec![edit] });
            let message =
                format!("Kubernetes 1.{minor} and later do not serve `{group}/{version}` {}", kind.kind);
            let finding = Diagnostic::new(Code::REMOVED_API, message)
                .about(object.subject())
                .at(written.map_or_else(|| object.place(), Node::place), "");
            found.push(if fix.is_some() { finding.fix(fix) } else { finding.help(format!("use {instead}")) });
        }
    }
    found
}
