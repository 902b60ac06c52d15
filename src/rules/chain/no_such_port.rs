use super::wording;
use crate::chain::Chain;
use crate::chain::ports::{Asked, At, Lack, Meant, Port};
use crate::diagnostic::{Code, Diagnostic, Fix, Verdict};
use crate::operator::MonitorKind;
use crate::rules::rule;
use crate::source::{Node, edit};

rule! {
    /// An endpoint of a `ServiceMonitor` names a port that none of the Services it selects has, or one of a `PodMonitor` names a
    /// port that no container of the pods declares.
    ///
    /// ## Why it matters
    ///
    /// `port` of a `ServiceMonitor` is the *name* of a port of the Service. Prometheus finds the Service, drops every address
    /// because the name of its port is another, and shows no target and no error. A port without a name cannot be asked for by
    /// `port` at all.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: http-metrics, port: 9100}]
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
    ///   ports: [{name: http-metrics, port: 9100}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: http-metrics
    /// ```
    NO_SUCH_TARGET_PORT, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    chain.ports.iter().filter_map(judge).collect()
}

fn judge(port: &Port<'_>) -> Option<Diagnostic> {
    let verdict = port.verdict();
    let (Asked::Name(name) | Asked::Container(name)) = port.asked else { return None };
    let lacking = |at: &&At<'_>| matches!(at.why, Lack::Name(_));
    let mut lacking: Vec<&At<'_>> = port.at.iter().filter(lacking).collect();
    lacking.sort_by_key(|at| matches!(at.why, Lack::Name(None)));
    let at = *lacking.first()?;
    let Lack::Name(meant) = &at.why else { return None };
    // Where the ports are not certain, only a slip of the pen is worth a word; a port without a name is told there.
    let is_slip = matches!(meant, Some(Meant::Slip(_)));
    let is_nameless = matches!(meant, Some(Meant::Unnamed(_))) && port.kind == MonitorKind::Service;
    if verdict == Verdict::Holds || is_nameless || (verdict == Verdict::Unknown && !is_slip) {
        return None;
    }
    let (monitor, target) = (port.monitor, at.object);
    let whose = match port.kind {
        MonitorKind::Service if lacking.len() > 1 => {
            format!("none of the {} Services it selects", lacking.len())
        }
        _ => format!("not `{}`", target.identity()),
    };
    let has = if port.kind == MonitorKind::Service { "has" } else { "declares" };
    let message = format!("`{}` asks for the port `{name}`, which {whose} {has}", monitor.identity());
    let message = message
        .replace("which not", "and")
        .replace(&format!(" {has}"), &format!(" {}", if lacking.len() > 1 { has } else { "lacks it" }));
    let index = port.endpoint.to_string();
    let field = wording::endpoints_field(port.kind);
    let endpoint = monitor.at(&["spec", field, &index]);
    let written = endpoint.and_then(|endpoint| endpoint.get("port").or_else(|| endpoint.get("targetPort")));
    let place = written.map_or_else(|| monitor.place_at(&["spec", field]), Node::place);
    let (label, fix) = match meant {
        Some(Meant::Slip(meant) | Meant::Target(meant)) => {
            (format!("did you mean `{meant}`?"), replace(written, meant))
        }
        Some(Meant::Number(meant)) => {
            (format!("this takes the name of the port: `{meant}`"), replace(written, meant))
        }
        Some(Meant::Only(meant)) => (format!("the only port is `{meant}`"), None),
        Some(Meant::Unnamed(number)) => (format!("the port {number} has no name"), None),
        None => (String::new(), None),
    };
    let finding = Diagnostic::new(Code::NO_SUCH_TARGET_PORT, message);
    let finding = wording::of_end(verdict, monitor, finding).at(place, label);
    let finding = finding.with(wording::ports_of(target), format!("the ports of `{}`", target.identity()));
    Some(if fix.is_none() {
        finding.help("ask for a port by its name, or give the port that is meant this name")
    } else {
        finding.fix(fix)
    })
}

fn replace(written: Option<Node<'_>>, meant: &str) -> Option<Fix> {
    let edit = edit::replace(written?, meant)?;
    Some(Fix { description: format!("ask for the port `{meant}`"), edits: vec![edit] })
}
