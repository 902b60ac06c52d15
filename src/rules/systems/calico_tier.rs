use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::GroupKind;
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// The input has the Tier `calico-system` of the Tigera operator (Calico 3.32), a monitor scrapes the kube-controllers of
    /// Calico, and no policy of an earlier tier lets it.
    ///
    /// ## Why it matters
    ///
    /// The operator denies everything in `calico-system` that it does not know, a Prometheus of others among it. A NetworkPolicy of
    /// Kubernetes does not help: it comes later.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: calico-kube-controllers, namespace: calico-system}
    /// spec:
    ///   selector: {matchLabels: {k8s-app: calico-kube-controllers}}
    ///   endpoints: [{port: metrics-port}]
    /// ---
    /// apiVersion: projectcalico.org/v3
    /// kind: Tier
    /// metadata: {name: calico-system}
    /// spec: {order: 100, defaultAction: Deny}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: calico-kube-controllers, namespace: calico-system}
    /// spec:
    ///   selector: {matchLabels: {k8s-app: calico-kube-controllers}}
    ///   endpoints: [{port: metrics-port}]
    /// ---
    /// apiVersion: projectcalico.org/v3
    /// kind: Tier
    /// metadata: {name: calico-system}
    /// spec: {order: 100, defaultAction: Deny}
    /// ---
    /// apiVersion: projectcalico.org/v3
    /// kind: Tier
    /// metadata: {name: metrics}
    /// spec: {order: 50, defaultAction: Pass}
    /// ---
    /// apiVersion: projectcalico.org/v3
    /// kind: NetworkPolicy
    /// metadata: {name: metrics.kube-controllers, namespace: calico-system}
    /// spec:
    ///   tier: metrics
    ///   selector: k8s-app == 'calico-kube-controllers'
    ///   types: [Ingress]
    ///   ingress: [{action: Allow, protocol: TCP}]
    /// ```
    SCRAPE_DENIED, Stable, Files, check
}

const CALICO: &str = "projectcalico.org";
/// The tier of the Tigera operator 1.42.
const OWN_TIER: &str = "calico-system";

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let inventory = chain.setting.inventory;
    let Some(tier) = inventory.get(GroupKind::new(CALICO, "Tier"), None, OWN_TIER) else { return Vec::new() };
    let policies = ["NetworkPolicy", "GlobalNetworkPolicy"]
        .into_iter()
        .flat_map(|kind| inventory.of_kind(GroupKind::new(CALICO, kind)));
    let mut allowing = policies.filter(|policy| {
        let text = |field| policy.at(&["spec", field]).and_then(Node::as_str).unwrap_or_default();
        let mut rules = policy.at(&["spec", "ingress"]).into_iter().flat_map(Node::items);
        !matches!(text("tier"), "" | "default" | OWN_TIER)
            && (text("selector").contains("kube-controllers") || text("selector").is_empty())
            && rules.any(|rule| rule.get("action").and_then(Node::as_str) == Some("Allow"))
    });
    if allowing.next().is_some() {
        return Vec::new();
    }
    let monitors = chain.targets.iter().filter(|targets| {
        targets.namespaces.as_namespaces().contains(Some("calico-system"))
            && targets.selector.as_ref().is_some_and(|selector| {
                selector
                    .requirements()
                    .iter()
                    .any(|requirement| requirement.values() == ["calico-kube-controllers"])
            })
    });
    monitors
        .map(|targets| {
            let monitor = targets.monitor;
            let message = format!("Calico drops the scrapes of `{}`", monitor.identity());
            Diagnostic::new(Code::SCRAPE_DENIED, message)
                .about(monitor.subject())
                .at(monitor.place(), "")
                .with(tier.place(), "this tier denies what it does not know")
                .help("add a Tier of a lower order with `defaultAction: Pass`, and a NetworkPolicy of Calico in it that allows the port")
        })
        .collect()
}
