//! A ServiceMonitor for one Service of the input.

use super::port::{self, Port};
use super::{Options, build};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::integrations::distinguish::{Indistinct, distinguish};
use crate::integrations::wiring::{MonitorKind, TargetNamespaces};
use crate::integrations::{Labels, Plan, Scene, labels};
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::model::selector::Selector;
use crate::model::workload::{self, ContainerPort, PodTemplate};
use crate::source::{Node, Value};

/// The Service a workload is monitored through.
pub(super) enum Fit<'w> {
    /// This one, and what there is to say about the choice.
    Service(Object<'w>, Option<Box<Diagnostic>>),
    /// None, and why.
    None(String),
}

pub(super) fn plan(
    service: Object<'_>,
    options: &Options,
    scene: &Scene<'_>,
) -> Result<Plan, Box<Diagnostic>> {
    let owner = format!("service/{}", service.name());
    let spec = service.at(&["spec"]);
    if spec.and_then(|spec| spec.get("type")).and_then(Node::as_str) == Some("ExternalName") {
        let mut finding = Diagnostic::new(
            Code::NO_SUCH_PORT,
            format!("{owner} is an ExternalName Service: it has no endpoints"),
        )
        .note("a ServiceMonitor finds targets through endpoints, so it would find none")
        .help("use a Service without selector and an EndpointSlice, or a ScrapeConfig with static targets");
        if let Some(place) = spec.and_then(|spec| spec.get("type")).map(Node::place) {
            finding = finding.at(place, "");
        }
        return Err(Box::new(finding));
    }
    let ports = ports(service);
    let port = port::choose(&ports, options.port.as_ref(), &owner).map_err(|finding| {
        let place = service
            .at(&["spec"])
            .map_or_else(|| service.place(), |spec| spec.key_place("ports").unwrap_or_else(|| spec.place()));
        Box::new(if ports.is_empty() {
            finding.at(place, "here").help("add a port with a name and a number")
        } else {
            *finding
        })
    })?;
    let mut plan = Plan::default();
    let endpoint = match port.name {
        Some(name) => build::PortField::Name(name.to_owned()),
        None => by_target_port(service, port, scene, &mut plan)?,
    };
    let own = build::usable(build::map(service.labels()), service.at(&["metadata", "labels"]), &mut plan);
    let selector = selector(service, &own, scene)?;
    build::note_volatile(&selector, &mut plan);
    note_job_label(options, &own, &owner, &mut plan);
    note_other_monitors(service, port.name, scene, &mut plan);
    let defaults = build::monitor_labels(&own);
    let placement = scene.wiring.place(MonitorKind::Service, service.namespace(), &defaults)?;
    let target_namespace = build::target_namespace(service, placement.namespace.as_deref(), &owner)?;
    let name = options.name.clone().unwrap_or_else(|| service.name().to_owned());
    plan.findings.extend(placement.findings.iter().cloned());
    plan.scraped.extend(service.namespace().map(str::to_owned));
    let scheme = build::scheme(options, port, &mut plan);
    let placement = &placement;
    let monitor =
        build::Monitor { name, placement, target_namespace, selector, port: endpoint, scheme, options };
    plan.add(&monitor.into_service_monitor());
    Ok(plan)
}

/// The Service through which a workload's metrics can be reached by the name of a port.
pub(super) fn for_workload<'w>(object: Object<'_>, options: &Options, scene: &Scene<'w>) -> Fit<'w> {
    let Some(template) = PodTemplate::of(object) else {
        return Fit::None("its manifest has no pod template".to_owned());
    };
    let labels = template.labels();
    let selecting: Vec<Object<'_>> = services(object.namespace(), scene)
        .filter(|service| workload::is_selected_by(*service, &labels))
        .collect();
    if selecting.is_empty() {
        return Fit::None("no Service in the input selects its pods".to_owned());
    }
    let fitting: Vec<Object<'_>> = selecting
        .iter()
        .copied()
        .filter(|service| {
            let ports = ports(*service);
            let chosen = port::choose(&ports, options.port.as_ref(), "");
            chosen.is_ok_and(|port| {
                port.name.is_some() && (options.port.is_some() || serves_metrics(port, &ports, template))
            })
        })
        .collect();
    let (shared, fitting): (Vec<_>, Vec<_>) = fitting
        .into_iter()
        .map(|service| (service, others_behind(service, object, scene)))
        .partition(|(_, others)| !others.is_empty());
    if let ([(service, others), ..], true) = (shared.as_slice(), fitting.is_empty()) {
        let others: Vec<String> = others
            .iter()
            .map(|other| format!("`{}/{}`", other.kind().to_ascii_lowercase(), other.name()))
            .collect();
        let service = service.name();
        return Fit::None(format!("the Service `{service}` also leads to the pods of {}", others.join(", ")));
    }
    let fitting: Vec<Object<'_>> = fitting.into_iter().map(|(service, _)| service).collect();
    let names = |services: &[Object<'_>]| {
        services.iter().map(|service| format!("`{}`", service.name())).collect::<Vec<_>>().join(", ")
    };
    match fitting.as_slice() {
        [] => Fit::None(format!(
            "none of the Services that select its pods ({}) has a named port for metrics",
            names(&selecting)
        )),
        [only] => Fit::Service(*only, None),
        [first, ..] => {
            let message = format!(
                "of the Services that select the pods of {}/{} the monitor takes `{}`",
                object.kind().to_ascii_lowercase(),
                object.name(),
                first.name()
            );
            let finding = Diagnostic::new(Code::CHOICE, message)
                .note(format!(
                    "there are {}; through more than one every target would be scraped twice",
                    names(&fitting)
                ))
                .help("say --for service/NAME for another");
            Fit::Service(*first, Some(Box::new(finding)))
        }
    }
}

/// The other workloads whose pods a Service leads to.
fn others_behind<'w>(service: Object<'_>, workload: Object<'_>, scene: &Scene<'w>) -> Vec<Object<'w>> {
    workload::all(scene.inventory)
        .filter(|(other, _)| other.id() != workload.id() && other.namespace() == service.namespace())
        .filter(|(_, template)| workload::is_selected_by(service, &template.labels()))
        .map(|(other, _)| other)
        .filter(|other| !workload::is_made_by(*other, workload, scene.inventory))
        .filter(|other| !workload::is_made_by(workload, *other, scene.inventory))
        .collect()
}

/// A job label that the Service lacks has no effect.
fn note_job_label(options: &Options, own: &Labels, owner: &str, plan: &mut Plan) {
    if let Some(key) = options.job_label.as_ref().filter(|key| !own.contains_key(*key)) {
        let message = format!("{owner} has no label `{key}`: the job stays the name of the Service");
        plan.findings.push(Diagnostic::new(Code::CHOICE, message).level(Level::Warning));
    }
}

/// Says so where a monitor of the input scrapes the same port, known by its name, already.
pub(in crate::integrations) fn note_other_monitors(
    service: Object<'_>,
    port: Option<&str>,
    scene: &Scene<'_>,
    plan: &mut Plan,
) {
    let same = |monitor: &Object<'_>| {
        let selector =
            monitor.at(&["spec", "selector"]).and_then(|node| Selector::read(node).into_result().ok());
        let mut endpoints = monitor.at(&["spec", "endpoints"]).into_iter().flat_map(Node::items);
        TargetNamespaces::of(*monitor).as_namespaces().contains(service.namespace())
            && selector.is_some_and(|selector| selector.matches(&service.labels()))
            && endpoints.any(|endpoint| endpoint.get("port").and_then(Node::as_str) == port)
            && monitor.labels().get(labels::MANAGED_BY) != Some(labels::PROMWIRE)
    };
    if let Some(monitor) = scene.inventory.of_kind(GroupKind::SERVICE_MONITOR).find(same) {
        let shown = port.map_or("a port".to_owned(), |port| format!("the port `{port}`"));
        let message = format!(
            "{} scrapes {shown} of service/{} already: every target would be there twice",
            monitor.identity(),
            service.name()
        );
        plan.findings
            .push(Diagnostic::new(Code::ALREADY_MONITORED, message).at(monitor.place(), "this monitor"));
    }
}

/// Whether a port the user did not name is the one to scrape: it says so, or the container port it leads to does, or
/// it is the only one and no container port says so.
fn serves_metrics(port: &Port<'_>, ports: &[Port<'_>], template: PodTemplate<'_>) -> bool {
    let declared = template.ports();
    let mut for_metrics = declared.iter().filter(|declared| declared.name.is_some_and(port::is_for_metrics));
    port.name.is_some_and(port::is_for_metrics)
        || for_metrics.clone().any(|declared| resolves_to(port, declared))
        || (ports.len() == 1 && for_metrics.next().is_none())
}

/// The selector that matches this Service and no other one in its namespace.
fn selector(
    service: Object<'_>,
    own: &Labels,
    scene: &Scene<'_>,
) -> Result<build::LabelSelector, Box<Diagnostic>> {
    let rivals: Vec<Object<'_>> =
        services(service.namespace(), scene).filter(|rival| rival.id() != service.id()).collect();
    let rival_labels: Vec<Labels> = rivals.iter().map(|rival| build::map(rival.labels())).collect();
    let rival_labels: Vec<&Labels> = rival_labels.iter().collect();
    distinguish(own, &rival_labels).map_err(|indistinct| {
        let name = service.name();
        let finding = match indistinct {
            Indistinct::NoLabels => Diagnostic::new(
                Code::INDISTINCT_LABELS,
                format!("service/{name} has no labels: no selector but `{{}}` could match it"),
            )
            .note("a ServiceMonitor selects Services by their `metadata.labels`, not by `spec.selector` or pod labels")
            .help(format!("add `labels: {{app.kubernetes.io/name: {name}}}` to its metadata")),
            Indistinct::From(rival) => {
                let rival = rivals[rival];
                let finding = Diagnostic::new(
                    Code::INDISTINCT_LABELS,
                    format!("no selector tells service/{name} from service/{}", rival.name()),
                )
                .help("give it a label that the other one does not have");
                let exact = own.iter().all(|(key, value)| rival.labels().get(key) == Some(value.as_str()));
                let finding = if exact {
                    finding
                } else {
                    finding.note(
                        "Prometheus reads label keys with `.`, `-` and `/` as `_`, and values as regular expressions",
                    )
                };
                finding.with(rival.place(), "its labels match whatever matches the Service")
            }
        };
        Box::new(finding.at(service.place(), "this Service"))
    })
}

/// How to reach a port that has no name: by the container's port, if a workload in the input declares it.
fn by_target_port(
    service: Object<'_>,
    port: &Port<'_>,
    scene: &Scene<'_>,
    plan: &mut Plan,
) -> Result<build::PortField, Box<Diagnostic>> {
    let name = service.name();
    let declared = workloads(service.namespace(), scene)
        .filter(|template| workload::is_selected_by(service, &template.labels()))
        .flat_map(PodTemplate::ports)
        .find(|declared| resolves_to(port, declared));
    let help = "give the port a name, such as `name: metrics`";
    let Some(declared) = declared else {
        return Err(Box::new(
            Diagnostic::new(Code::UNNAMED_PORT, format!("port {} of service/{name} has no name", port.number))
                .at(port.place.clone(), "a ServiceMonitor refers to a port by its name")
                .note("no workload in the input declares the port on its container, so `targetPort` would find nothing either")
                .help(help),
        ));
    };
    let shown = declared.name.map_or_else(|| declared.number.to_string(), str::to_owned);
    plan.findings.push(
        Diagnostic::new(
            Code::UNNAMED_PORT,
            format!(
                "port {} of service/{name} has no name: the monitor uses `targetPort: {shown}`",
                port.number
            ),
        )
        .level(Level::Warning)
        .at(port.place.clone(), "a ServiceMonitor refers to a port by its name")
        .with(declared.node.place(), "this works only while the container declares the port")
        .help(help),
    );
    Ok(match declared.name {
        Some(name) => build::PortField::TargetName(name.to_owned()),
        None => build::PortField::Number(declared.number),
    })
}

/// Whether a Service port leads to this container port: by number, or by the container port's name.
fn resolves_to(port: &Port<'_>, declared: &ContainerPort<'_>) -> bool {
    match &port.target {
        Some(target) => declared.name == Some(target) || declared.number.to_string() == *target,
        None => declared.number == port.number,
    }
}

/// The TCP ports of a Service.
fn ports(service: Object<'_>) -> Vec<Port<'_>> {
    let list = service.at(&["spec", "ports"]).into_iter().flat_map(Node::items);
    list.filter(|port| matches!(port.get("protocol").and_then(Node::as_str), None | Some("TCP")))
        .filter_map(|port| {
            Some(Port {
                name: port.get("name").and_then(Node::as_str).filter(|name| !name.is_empty()),
                number: u16::try_from(port.get("port")?.as_i64()?).ok()?,
                target: port.get("targetPort").and_then(|target| match target.value() {
                    Value::String(name) => Some(name.to_owned()),
                    Value::Int(number) => Some(number.to_string()),
                    _ => None,
                }),
                protocol: port.get("appProtocol").and_then(Node::as_str),
                place: port.place(),
            })
        })
        .collect()
}

/// The Services of a namespace; those of manifests that name no namespace may end up in any.
fn services<'w>(namespace: Option<&str>, scene: &Scene<'w>) -> impl Iterator<Item = Object<'w>> {
    scene
        .inventory
        .of_kind(GroupKind::new("", "Service"))
        .filter(move |service| may_share(*service, namespace))
}

fn workloads<'w>(namespace: Option<&str>, scene: &Scene<'w>) -> impl Iterator<Item = PodTemplate<'w>> {
    workload::all(scene.inventory)
        .filter(move |(object, _)| may_share(*object, namespace))
        .map(|(_, template)| template)
}

/// Whether an object may be in a namespace.
pub(super) fn may_share(object: Object<'_>, namespace: Option<&str>) -> bool {
    object.namespace().is_none() || namespace.is_none() || object.namespace() == namespace
}
