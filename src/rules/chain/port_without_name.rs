use rustc_hash::FxHashMap;
use serde_json::json;

use super::wording;
use crate::chain::Chain;
use crate::chain::ports::{Asked, Lack, Meant, Port};
use crate::chain::runtime;
use crate::chain::services::Backing;
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Level, Verdict};
use crate::model::object::ObjectId;
use crate::rules::rule;
use crate::source::{Node, edit};

rule! {
    /// A port of a Service has no name. Where a `ServiceMonitor` asks for it by a name this is an error; where nobody asks yet it is
    /// a warning.
    ///
    /// ## Why it matters
    ///
    /// `port` of a `ServiceMonitor` is the name of a port of the Service, and a port without a name cannot be asked for.
    /// `targetPort` is no way around it where the containers do not declare their ports.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports:
    ///   - port: 9100
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports:
    ///   - name: metrics
    ///     port: 9100
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    /// ```
    PORT_WITHOUT_NAME, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    // Who asks for a port that has no name, by Service.
    let mut asking: FxHashMap<ObjectId, Vec<(&Port<'_>, u32)>> = FxHashMap::default();
    for port in chain.ports.iter().filter(|port| port.verdict() != Verdict::Holds) {
        for at in &port.at {
            if let Lack::Name(Some(Meant::Unnamed(number))) = at.why {
                asking.entry(at.object.id()).or_default().push((port, number));
            }
        }
    }
    let services = chain.backings.all().filter(|backing| !runtime::is_made(backing.service));
    services
        .filter(|backing| !backing.is_external_name())
        .flat_map(|backing| {
            let asking = asking.get(&backing.service.id()).map(Vec::as_slice).unwrap_or_default();
            backing
                .ports
                .iter()
                .filter(|port| port.name.is_empty())
                .map(|port| judge(backing, port.node, port.number, asking))
        })
        .collect()
}

fn judge(backing: &Backing<'_>, node: Node<'_>, number: i64, asking: &[(&Port<'_>, u32)]) -> Diagnostic {
    let service = backing.service;
    let message = format!("the port {number} of `{}` has no name", service.identity());
    let finding = Diagnostic::new(Code::PORT_WITHOUT_NAME, message)
        .about(service.subject())
        .at(wording::first_line(node.place()), "");
    let asking: Vec<&Port<'_>> =
        asking.iter().filter(|(_, asked)| i64::from(*asked) == number).map(|(port, _)| *port).collect();
    let Some(first) = asking.first() else {
        return finding
            .level(Level::Warning)
            .note("a ServiceMonitor asks for a port by its name")
            .help("give it a name, such as `metrics` if it serves them");
    };
    let (Asked::Name(name) | Asked::Container(name)) = first.asked else { return finding };
    let finding = asking.iter().fold(finding.level(Level::Error), |finding, port| {
        let index = port.endpoint.to_string();
        let field = wording::endpoints_field(port.kind);
        let place = port.monitor.place_at(&["spec", field, &index, "port"]);
        finding.with(place, format!("`{}` asks for the port `{name}`", port.monitor.identity()))
    });
    match edits(backing, node, name) {
        Some(edits) => finding.fix(Some(Fix { description: format!("name the port `{name}`"), edits })),
        None => finding.help(format!("name the port `{name}`")),
    }
}

/// Gives the port the name, and the ports of the addresses that are written down for it: they belong together by their names.
fn edits(backing: &Backing<'_>, node: Node<'_>, name: &str) -> Option<Vec<Edit>> {
    let mut nodes = vec![node];
    if !backing.has_selector() {
        let subsets =
            backing.endpoints.and_then(|object| object.at(&["subsets"])).into_iter().flat_map(Node::items);
        let slices = backing.slices.iter().map(|slice| slice.node());
        let ports = subsets.chain(slices).filter_map(|owner| owner.get("ports")).flat_map(Node::items);
        let is_unnamed =
            |port: &Node<'_>| port.get("name").and_then(Node::as_str).unwrap_or_default().is_empty();
        nodes.extend(ports.filter(is_unnamed));
    }
    let named = nodes.into_iter().map(|node| match node.get("name") {
        Some(empty) => edit::replace(empty, name),
        None => edit::add_first_entry(node, "name", &json!(name)),
    });
    named.collect()
}
