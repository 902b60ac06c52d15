use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::rules::chain::wording;
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A KubeControllersConfiguration or FelixConfiguration of Calico says on which port its metrics are, and a Service of the
    /// component leads to another one.
    ///
    /// ## Why it matters
    ///
    /// Nothing listens where the Service leads.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: projectcalico.org/v3
    /// kind: KubeControllersConfiguration
    /// metadata: {name: default}
    /// spec:
    ///   prometheusMetricsPort: 9095
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: kube-controllers-metrics, namespace: kube-system}
    /// spec:
    ///   clusterIP: None
    ///   selector: {k8s-app: calico-kube-controllers}
    ///   ports: [{name: metrics, port: 9094}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: projectcalico.org/v3
    /// kind: KubeControllersConfiguration
    /// metadata: {name: default}
    /// spec:
    ///   prometheusMetricsPort: 9094
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: kube-controllers-metrics, namespace: kube-system}
    /// spec:
    ///   clusterIP: None
    ///   selector: {k8s-app: calico-kube-controllers}
    ///   ports: [{name: metrics, port: 9094}]
    /// ```
    COMPONENT_PORT, Stable, Files, check
}

/// Kind of the configuration, value of `k8s-app` of the pods, and the port by default (Calico 3.32).
const COMPONENTS: [(&str, &str, i64); 2] = [
    ("KubeControllersConfiguration", "calico-kube-controllers", 9094),
    ("FelixConfiguration", "calico-node", 9091),
];

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (kind, app, default) in COMPONENTS {
        let Some((object, written)) = configuration(chain, kind) else { continue };
        let Some(port) = written.as_i64() else { continue };
        for backing in chain.backings.all() {
            let selected = backing.service.at(&["spec", "selector", "k8s-app"]).and_then(Node::as_str);
            if selected != Some(app) {
                continue;
            }
            // The port it has by default is the one that is meant for metrics.
            let stale = backing
                .ports
                .iter()
                .find(|of_service| of_service.target_number == Some(default) && default != port);
            let Some(stale) = stale else { continue };
            let message = format!(
                "`{}` leads to port {default} of `{app}`, which is on {port}",
                backing.service.identity()
            );
            let place = stale.node.get("targetPort").or_else(|| stale.node.get("port")).unwrap_or(stale.node);
            let finding = Diagnostic::new(Code::COMPONENT_PORT, message)
                .about(backing.service.subject())
                .at(wording::first_line(place.place()), "")
                .with(written.place(), format!("`{}` says so", object.identity()));
            found.push(if port == 0 { finding.note("0 switches the metrics off") } else { finding });
        }
    }
    found
}

fn configuration<'w>(chain: &Chain<'w>, kind: &str) -> Option<(Object<'w>, Node<'w>)> {
    ["projectcalico.org", "crd.projectcalico.org"].into_iter().find_map(|group| {
        let object = chain.setting.inventory.get(GroupKind::new(group, kind), None, "default")?;
        Some((object, object.at(&["spec", "prometheusMetricsPort"])?))
    })
}
