//! Whether what was generated holds: before anybody sees it, it is read back and traced like a user's own.

use std::collections::BTreeSet;

use serde_json::Value;

use super::World;
use super::generate::GENERATED;
use crate::diagnostic::{Code, Diagnostic};
use crate::integrations::{Admission, Labels, MonitorKind, PrometheusView, TargetNamespaces, WiringOptions};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::model::schema::SchemaSet;
use crate::model::selector::Selector;
use crate::model::workload::{self, PodTemplate};
use crate::source::{Node, Reading};

/// The world with the generated objects in it, read back from the text that people get.
///
/// # Errors
/// When the text does not say what was meant.
pub(super) fn read_back(
    world: &World,
    reading: Reading,
    objects: &[Value],
) -> Result<World, Box<Diagnostic>> {
    if let Some(finding) = reading.findings.first() {
        return Err(Box::new(broken(&format!("it cannot be read back: {}", finding.message))));
    }
    let read: Vec<Value> = reading.documents.iter().map(|document| document.root().to_json()).collect();
    if read != objects {
        return Err(Box::new(broken("it reads back as something else")));
    }
    Ok(world.with(reading.documents))
}

/// Checks every generated object in the world it is made for. `others` are pods that are not in it, and are there all
/// the same.
///
/// # Errors
/// The first thing that does not hold.
pub(super) fn verify(
    world: &World,
    objects: &[Value],
    options: &WiringOptions,
    others: &[(String, Labels)],
) -> Result<(), Box<Diagnostic>> {
    let inventory = world.inventory();
    let (schemas, _) = SchemaSet::new(inventory);
    let monitors = [MonitorKind::Service, MonitorKind::Pod];
    for value in objects {
        let Some(object) = find(inventory, value) else {
            return Err(Box::new(broken("an object cannot be found again")));
        };
        if let Some(finding) = schemas.validate(object).first() {
            return Err(Box::new(broken(&format!("{} is invalid: {}", object.identity(), finding.message))));
        }
        if let Some(kind) = monitors.into_iter().find(|kind| kind.group_kind() == object.group_kind()) {
            selects_one(kind, object, inventory, options)?;
            is_selected(kind, object, inventory, options)?;
        }
        if object.group_kind() == GroupKind::SERVICE {
            leads_to_pods(object, inventory, others)?;
        }
    }
    Ok(())
}

pub(super) fn find<'w>(inventory: &'w Inventory, value: &Value) -> Option<Object<'w>> {
    let text = |path: &str| value.pointer(path).and_then(Value::as_str);
    let group = text("/apiVersion")?.split_once('/').map_or("", |(group, _)| group);
    inventory.get(GroupKind::new(group, text("/kind")?), text("/metadata/namespace"), text("/metadata/name")?)
}

/// A generated monitor selects one Service, or the pods of some workload, and finds its ports there.
fn selects_one(
    kind: MonitorKind,
    monitor: Object<'_>,
    inventory: &Inventory,
    options: &WiringOptions,
) -> Result<(), Box<Diagnostic>> {
    let name = monitor.identity();
    let selector = monitor
        .at(&["spec", "selector"])
        .and_then(|node| Selector::read(node).into_result().ok())
        .ok_or_else(|| broken(&format!("the selector of {name} is invalid")))?;
    // As the Prometheus it is wired to sees it.
    let ignored = prometheuses(inventory, options).iter().any(PrometheusView::ignores_namespace_selectors);
    let targets = if ignored {
        TargetNamespaces::Only(vec![monitor.namespace()])
    } else {
        TargetNamespaces::of(monitor)
    };
    let namespaces = targets.as_namespaces();
    match kind {
        MonitorKind::Service => {
            let selected = inventory.select(GroupKind::SERVICE, &selector, namespaces);
            let services: Vec<Object<'_>> = selected.into_iter().map(|id| inventory.object(id)).collect();
            let [service] = services.as_slice() else {
                return Err(Box::new(wrong_number(monitor, "Service", &services)));
            };
            let ports = service.at(&["spec", "ports"]).into_iter().flat_map(Node::items);
            let known: Vec<&str> = ports.filter_map(|port| port.get("name")?.as_str()).collect();
            ports_exist(monitor, "endpoints", &known, *service)
        }
        MonitorKind::Pod => {
            let selected: Vec<(Object<'_>, PodTemplate<'_>)> = workload::all(inventory)
                .filter(|(workload, _)| namespaces.contains(workload.namespace()))
                .filter(|(_, template)| selector.matches(&template.labels()))
                .collect();
            // The pods of a workload are itself; those of another one are not meant.
            let roots: Vec<&(Object<'_>, PodTemplate<'_>)> = selected
                .iter()
                .filter(|(made, _)| {
                    !selected.iter().any(|(maker, _)| workload::is_made_by(*made, *maker, inventory))
                })
                .collect();
            let [(workload, template)] = roots.as_slice() else {
                let found: Vec<Object<'_>> = roots.iter().map(|(workload, _)| *workload).collect();
                return Err(Box::new(wrong_number(monitor, "workload", &found)));
            };
            let known: Vec<&str> = template.ports().into_iter().filter_map(|port| port.name).collect();
            ports_exist(monitor, "podMetricsEndpoints", &known, *workload)
        }
    }
}

fn ports_exist(
    monitor: Object<'_>,
    field: &str,
    known: &[&str],
    target: Object<'_>,
) -> Result<(), Box<Diagnostic>> {
    let endpoints = monitor.at(&["spec", field]).into_iter().flat_map(Node::items);
    for port in endpoints.filter_map(|endpoint| endpoint.get("port")?.as_str()) {
        if !known.contains(&port) {
            let message = format!(
                "{} asks for the port `{port}`, which {} lacks",
                monitor.identity(),
                target.identity()
            );
            return Err(Box::new(broken(&message)));
        }
    }
    Ok(())
}

fn wrong_number(monitor: Object<'_>, what: &str, found: &[Object<'_>]) -> Diagnostic {
    let name = monitor.identity();
    let [first, others @ ..] = found else { return broken(&format!("{name} would select no {what}")) };
    let mut finding = Diagnostic::new(
        Code::GENERATED_BROKEN,
        format!("{name} would select {} {what}s where one is meant, and every target twice", found.len()),
    )
    .at(first.place(), "this one")
    .note("nothing was written")
    .help("change the labels of the one that is not meant, or choose another namespace with -n");
    for other in others {
        finding = finding.with(other.place(), "and this one");
    }
    finding
}

/// The Prometheus a generated monitor is wired to selects it.
fn is_selected(
    kind: MonitorKind,
    monitor: Object<'_>,
    inventory: &Inventory,
    options: &WiringOptions,
) -> Result<(), Box<Diagnostic>> {
    let all = prometheuses(inventory, options);
    for prometheus in &all {
        let selected = prometheus.selection(kind)?.matches(&monitor.labels());
        let admitted = prometheus.admits(kind, monitor.namespace(), inventory)?;
        if selected && !matches!(admitted, Admission::No(_)) {
            return Ok(());
        }
    }
    match all.first() {
        None => Ok(()),
        Some(prometheus) => {
            Err(Box::new(broken(&format!("{} is not selected by {prometheus}", monitor.identity()))))
        }
    }
}

/// The Prometheus the monitors are wired to, and those generated, which monitor themselves.
fn prometheuses<'w>(inventory: &'w Inventory, options: &WiringOptions) -> Vec<PrometheusView<'w>> {
    let wired = options.prometheus.as_deref();
    let all = PrometheusView::all(inventory);
    let single = all.len() == 1;
    all.into_iter()
        .filter(|view| {
            single
                || wired.is_some_and(|wanted| view.is_named(wanted))
                || view.object().document().file().name() == GENERATED
        })
        .collect()
}

/// A generated Service with a selector leads to pods: of a workload in the world, of a Prometheus, whose pods the
/// operator makes, or of somebody who is not in the input.
fn leads_to_pods(
    service: Object<'_>,
    inventory: &Inventory,
    others: &[(String, Labels)],
) -> Result<(), Box<Diagnostic>> {
    if service.at(&["spec", "selector"]).is_none() {
        return Ok(());
    }
    let of_workload = workload::all(inventory)
        .filter(|(workload, _)| workload.namespace() == service.namespace())
        .any(|(_, template)| workload::is_selected_by(service, &template.labels()));
    let of_prometheus = PrometheusView::all(inventory)
        .iter()
        .filter(|prometheus| prometheus.namespace() == service.namespace())
        .any(|prometheus| workload::is_selected_by(service, &prometheus.pod_labels()));
    let of_others = others
        .iter()
        .filter(|(namespace, _)| service.namespace() == Some(namespace))
        .any(|(_, labels)| workload::is_selected_by(service, labels));
    if of_workload || of_prometheus || of_others {
        Ok(())
    } else {
        Err(Box::new(broken(&format!("{} leads to no pods", service.identity()))))
    }
}

/// What has to be said about Secrets that monitors expect as files: who does not mount them.
pub(super) fn mounted(world: &World, options: &WiringOptions, secrets: &BTreeSet<String>) -> Vec<Diagnostic> {
    if secrets.is_empty() {
        return Vec::new();
    }
    let all = prometheuses(world.inventory(), options);
    if all.is_empty() {
        let names: Vec<&str> = secrets.iter().map(String::as_str).collect();
        let message = format!("the Prometheus has to mount the Secret `{}`", names.join("`, `"));
        let help = format!("its manifest needs `spec.secrets: [{}]`", names.join(", "));
        return vec![Diagnostic::new(Code::NOT_MOUNTED, message).help(help)];
    }
    all.iter().filter_map(|prometheus| not_mounted(prometheus, secrets)).collect()
}

fn not_mounted(prometheus: &PrometheusView<'_>, secrets: &BTreeSet<String>) -> Option<Diagnostic> {
    let object = prometheus.object();
    let list = object.at(&["spec", "secrets"]);
    let present: Vec<&str> = list.into_iter().flat_map(Node::items).filter_map(Node::as_str).collect();
    let missing: Vec<&str> =
        secrets.iter().map(String::as_str).filter(|secret| !present.contains(secret)).collect();
    let first = missing.first()?;
    let wanted: Vec<&str> = present.iter().chain(&missing).copied().collect();
    let patch = serde_json::json!({"spec": {"secrets": wanted}});
    let namespace = prometheus.namespace().map(|namespace| format!("-n {namespace} ")).unwrap_or_default();
    let kind = object.kind().to_ascii_lowercase();
    let finding =
        Diagnostic::new(Code::NOT_MOUNTED, format!("{prometheus} does not mount the Secret `{first}`"))
            .note("the monitor names files in it, which are not there before")
            .help(format!("kubectl {namespace}patch {kind} {} --type merge -p '{patch}'", object.name()))
            .help("or change its manifest, if something else looks after it; its pods restart either way");
    Some(match prometheus.place_of(&["spec", "secrets"]) {
        Some(place) => finding.at(place, ""),
        None => finding,
    })
}

fn broken(message: &str) -> Diagnostic {
    Diagnostic::new(Code::GENERATED_BROKEN, format!("what was generated does not hold: {message}"))
        .note("nothing was written")
        .help("please report this with the input")
}
