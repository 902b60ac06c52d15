use crate::chain::Chain;
use crate::chain::runtime;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// A port of a Service is called `port`, or like a number.
    ///
    /// ## Why it matters
    ///
    /// Monitors ask for ports by their names, and people read them in targets. A name like a number is mistaken for one: `port:
    /// 8080` in a ServiceMonitor is of the wrong type.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   ports: [{name: "8080", port: 8080}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   ports: [{name: metrics, port: 8080}]
    /// ```
    MEANINGLESS_PORT_NAME, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let backings = chain.backings.all().filter(|backing| !runtime::is_made(backing.service));
    let ports = backings.flat_map(|backing| backing.ports.iter().map(move |port| (backing.service, port)));
    ports
        .filter(|(_, port)| {
            port.name == "port"
                || (!port.name.is_empty() && port.name.bytes().all(|byte| byte.is_ascii_digit()))
        })
        .filter_map(|(service, port)| {
            let message =
                format!("the name `{}` of a port of `{}` says nothing", port.name, service.identity());
            Some(
                Diagnostic::new(Code::MEANINGLESS_PORT_NAME, message)
                    .about(service.subject())
                    .at(port.node.get("name")?.place(), "")
                    .help("call it for what it serves: `metrics`, `http`"),
            )
        })
        .collect()
}
