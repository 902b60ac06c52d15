use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::GroupKind;
use crate::rules::rule;

rule! {
    /// A policy or setting of Calico has `apiVersion: crd.projectcalico.org/v1`.
    ///
    /// ## Why it matters
    ///
    /// That API is where Calico stores its objects. Nothing checks or completes them there, and policies need names and tiers that
    /// only the other API writes.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: crd.projectcalico.org/v1
    /// kind: GlobalNetworkPolicy
    /// metadata: {name: restrict-felix}
    /// spec: {selector: all()}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: projectcalico.org/v3
    /// kind: GlobalNetworkPolicy
    /// metadata: {name: restrict-felix}
    /// spec: {selector: all()}
    /// ```
    CALICO_STORE, Stable, Files, check
}

/// Kinds that people write.
const KINDS: [&str; 7] = [
    "FelixConfiguration",
    "GlobalNetworkPolicy",
    "GlobalNetworkSet",
    "HostEndpoint",
    "KubeControllersConfiguration",
    "NetworkPolicy",
    "Tier",
];

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let kinds = KINDS.into_iter().map(|kind| GroupKind::new("crd.projectcalico.org", kind));
    let objects = kinds.flat_map(|kind| chain.setting.inventory.of_kind(kind));
    objects
        // What was read from a cluster stands there as Calico wrote it.
        .filter(|object| {
            object.at(&["metadata", "uid"]).is_none()
                && object.annotation("projectcalico.org/metadata").is_none()
        })
        .map(|object| {
            let place = object.at(&["apiVersion"]).map_or_else(|| object.place(), crate::source::Node::place);
            Diagnostic::new(
                Code::CALICO_STORE,
                format!("`{}` is written into the store of Calico", object.identity()),
            )
            .about(object.subject())
            .at(place, "nothing checks what is written here")
            .help("use `projectcalico.org/v3`, with calicoctl or where the API server of Calico serves it")
        })
        .collect()
}
