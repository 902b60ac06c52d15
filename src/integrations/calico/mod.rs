//! Calico: the metrics of Felix, Typha and kube-controllers, in both ways of installing it.
//!
//! `components` is the one table of names and ports; `found` reads the input; `settings` switches metrics on and off;
//! `objects` makes Services and monitors. Facts are those of Calico 3.32 and the Tigera operator 1.42.

mod components;
pub(super) mod discover;
mod found;
mod objects;
mod options;
mod settings;

use std::collections::BTreeSet;

use self::components::{Component, K8S_APP};
use self::found::Found;
use self::objects::Scraped;
use self::options::{Api, Install, Options, SettingsAs, Typha};
use super::monitor::note_other_monitors;
use super::node_ports::takes_node_port;
use super::wiring::MonitorKind;
use super::{Integration, MANAGED_BY, PROMWIRE, Plan, Scene, flags, options as read_options};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::model::kind::GroupKind;
use crate::model::workload;

pub(super) const CALICO: Integration = Integration {
    name: "calico",
    about: "Calico's Felix, Typha and kube-controllers: Services, monitors, and the settings for both",
    options: flags::<Options>,
    plan: |matches, scene| plan(&read_options(matches)?, scene),
};

fn plan(options: &Options, scene: &Scene<'_>) -> Result<Plan, Box<Diagnostic>> {
    let found = Found::new(scene);
    refuse_canal(&found)?;
    let install = install(options, &found)?;
    let mut plan = Plan::default();
    let has_typha = has_typha(options, install, &found, &mut plan);
    options.refuse_contradictions(install, has_typha)?;
    let disabled = options.disabled();
    if !disabled.contains(&Component::Felix) {
        settings::refuse_unreachable_felix(&found)?;
    }
    let present: Vec<Component> =
        Component::ALL.into_iter().filter(|component| has_typha || *component != Component::Typha).collect();
    let scraped: Vec<Scraped> = present
        .iter()
        .filter(|component| !disabled.contains(*component))
        .map(|&component| Scraped { component, install, port: port(options, component, install, &found) })
        .collect();
    refuse_clashes(&scraped, &found, scene)?;
    for component in &scraped {
        scrape(component, options, scene, &mut plan)?;
    }
    let api = options.calico_api.or_else(|| found.api()).unwrap_or(match install {
        Install::Operator => Api::V3,
        Install::Manifest => Api::Crd,
    });
    for &component in &present {
        let port = scraped.iter().find(|one| one.component == component).map(|one| one.port);
        let settings = options.settings;
        settings::plan(
            &settings::Wanted { component, port, install, api, settings, found: &found },
            &mut plan,
        );
    }
    if options.settings == SettingsAs::Objects && !plan.settings.is_empty() {
        plan.findings.push(note_partial_objects());
    }
    if install == Install::Operator {
        note_policy(&scraped, &found, &mut plan);
        note_rights(install, scene, &mut plan);
    }
    Ok(plan)
}

/// Adds the Service, unless the operator makes it, and the monitor.
fn scrape(
    scraped: &Scraped,
    options: &Options,
    scene: &Scene<'_>,
    plan: &mut Plan,
) -> Result<(), Box<Diagnostic>> {
    let namespace = scraped.install.namespace();
    let (_, name) = scraped.service_name();
    let present = scene.inventory.get(GroupKind::SERVICE, Some(namespace), name);
    if scraped.operator_service().is_none() {
        if let Some(foreign) = present.filter(|service| service.labels().get(MANAGED_BY) != Some(PROMWIRE)) {
            return Err(Box::new(
                Diagnostic::new(Code::WOULD_REPLACE, format!("{} is in the input already", foreign.identity()))
                    .at(foreign.place(), "this one")
                    .note("Calico's guide makes it without labels and with a port that has no name: no ServiceMonitor selects it")
                    .help(format!(
                        "kubectl -n {namespace} delete service {name}, once no scrape configuration reads it; then leave it out of the input"
                    )),
            ));
        }
        plan.add(&scraped.service());
    } else if let Some(service) = present {
        scene.used.note(service);
        let port = scraped.operator_service().map(|service| service.port_name);
        note_other_monitors(service, port, scene, plan);
    }
    for object in scraped.relied_upon() {
        plan.rely_on(object);
    }
    let placement = scene.wiring.place(MonitorKind::Service, Some(namespace), &scraped.labels())?;
    plan.scraped.insert(namespace.to_owned());
    plan.add(&scraped.monitor(&options.interval, &placement));
    plan.findings.extend(placement.findings);
    Ok(())
}

/// How Calico is installed: as the options say, unless the input shows otherwise, else as the input shows.
fn install(options: &Options, found: &Found<'_>) -> Result<Install, Box<Diagnostic>> {
    let Some(install) = options.install else {
        let shown =
            [Install::Operator, Install::Manifest].into_iter().find(|way| found.evidence_of(*way).is_some());
        return shown.ok_or_else(|| {
            Box::new(
                Diagnostic::new(Code::UNKNOWN_DEPENDENCY, "nothing says how Calico is installed")
                    .level(Level::Error)
                    .help("say --install operator if `kubectl get installations.operator.tigera.io` shows one, else --install manifest")
                    .help("or show it: kubectl get installations.operator.tigera.io,daemonset -A -o yaml | promwire generate calico -f -"),
            )
        });
    };
    let other = install.other();
    match found.evidence_of(other).filter(|_| found.evidence_of(install).is_none()) {
        None => Ok(install),
        Some(evidence) => Err(Box::new(
            Diagnostic::new(
                Code::CONTRADICTORY_OPTIONS,
                format!("--install {} contradicts {}", install.as_str(), evidence.identity()),
            )
            .at(evidence.place(), format!("there is one where --install is {}", other.as_str()))
            .help(format!("say --install {}, or leave it out", other.as_str())),
        )),
    }
}

fn refuse_canal(found: &Found<'_>) -> Result<(), Box<Diagnostic>> {
    match found.canal() {
        None => Ok(()),
        Some(canal) => Err(Box::new(
            Diagnostic::new(Code::UNSUPPORTED, "this is Canal, for which nothing is generated yet")
                .at(canal.place(), "Calico's policy with Flannel's network")
                .note("its pods carry `k8s-app: canal`, so nothing made for Calico leads to them"),
        )),
    }
}

fn has_typha(options: &Options, install: Install, found: &Found<'_>, plan: &mut Plan) -> bool {
    match (options.typha, found.has_typha(install.namespace())) {
        (Typha::On, _) => true,
        (Typha::Off, _) => false,
        (Typha::Auto, Some(shown)) => shown,
        (Typha::Auto, None) => {
            let assumed = install == Install::Operator;
            // Operator installs always have one. Where the input shows what runs Felix, it would show Typha too.
            if !assumed && found.workload(Component::Felix, install.namespace()).is_none() {
                plan.findings.push(
                    Diagnostic::new(
                        Code::CHOICE,
                        "no Typha is taken to be there, as manifests come without one",
                    )
                    .help("say --typha on if `kubectl -n kube-system get deployment calico-typha` shows one"),
                );
            }
            assumed
        }
    }
}

/// The port of a component: as asked for, else as the input says, else its own default.
fn port(options: &Options, component: Component, install: Install, found: &Found<'_>) -> u16 {
    let shown = || found.state(component, install).port;
    options.port(component).or_else(shown).unwrap_or(component.facts().port)
}

/// Refuses one port for two processes of a node.
fn refuse_clashes(scraped: &[Scraped], found: &Found<'_>, scene: &Scene<'_>) -> Result<(), Box<Diagnostic>> {
    let on_nodes: Vec<&Scraped> = scraped.iter().filter(|one| one.component.facts().host_network).collect();
    let mut seen: BTreeSet<u16> = BTreeSet::new();
    if let Some(twice) = on_nodes.iter().find(|one| !seen.insert(one.port)) {
        let message = format!("Felix and Typha both listen on port {} of their nodes", twice.port);
        let default = twice.component.facts().port;
        let other = if twice.port == default { Component::Felix.facts().port } else { default };
        let mut finding = Diagnostic::new(Code::PORT_CLASH, message).help(format!(
            "choose another for one of them: --{}-port {other}",
            twice.component.facts().option
        ));
        let state = found.state(twice.component, twice.install);
        if let Some(node) = state.node.filter(|_| state.port == Some(twice.port)) {
            finding = finding.at(node.place(), format!("{}'s", twice.component.facts().title));
        }
        return Err(Box::new(finding));
    }
    let ours: Vec<&str> = Component::ALL.iter().map(|component| component.facts().workload).collect();
    for (object, template) in workload::all(scene.inventory) {
        if template.labels().get(K8S_APP).is_some_and(|app| ours.contains(&app.as_str())) {
            continue;
        }
        for one in &on_nodes {
            if let Some(node) = takes_node_port(template, one.port) {
                let facts = one.component.facts();
                let message = format!("port {} of the nodes is taken by {}", one.port, object.identity());
                return Err(Box::new(
                    Diagnostic::new(Code::PORT_CLASH, message)
                        .at(node.place(), "here")
                        .note(format!("{} listens there on its nodes", facts.title))
                        .help(format!("choose another port with --{}-port", facts.option)),
                ));
            }
        }
    }
    Ok(())
}

fn note_partial_objects() -> Diagnostic {
    Diagnostic::new(Code::CHOICE, "the settings state their own fields only; the objects are Calico's")
        .help("apply with kubectl apply --server-side, which leaves the other fields to their owners")
}

/// Calico 3.32 with the operator drops what scrapes kube-controllers, unless an earlier tier lets it pass. What runs on
/// the node's network is not concerned.
fn note_policy(scraped: &[Scraped], found: &Found<'_>, plan: &mut Plan) {
    let Some(one) = scraped.iter().find(|one| one.component == Component::KubeControllers) else { return };
    let shown = found.has_locking_tier();
    let message = if shown {
        "the Tier `calico-system` drops scrapes of kube-controllers"
    } else {
        "Calico 3.32 and later drop scrapes of kube-controllers in operator installs"
    };
    plan.findings.push(
        Diagnostic::new(Code::SCRAPE_DENIED, message)
            .level(if shown { Level::Warning } else { Level::Info })
            .note("the operator's policies admit Tigera's own Prometheus only, and come before others")
            .help(format!(
                "let port {} pass in a Tier with an order below 100; docs/calico.md has it ready to apply",
                one.port
            )),
    );
}

/// Where a Prometheus of the input was given its rights for other namespaces, it finds nothing here.
fn note_rights(install: Install, scene: &Scene<'_>, plan: &mut Plan) {
    let Some(prometheus) = scene.wiring.prometheus() else { return };
    let object = prometheus.object();
    let shown = scene.inventory.get(object.group_kind(), object.namespace(), object.name()).is_some();
    let namespace = install.namespace();
    let role = GroupKind::new("rbac.authorization.k8s.io", "RoleBinding");
    if shown && scene.inventory.in_namespace(role, Some(namespace)).next().is_none() {
        let message = format!("whether {prometheus} may discover targets in `{namespace}` is not known");
        plan.findings.push(
            Diagnostic::new(Code::UNKNOWN_DEPENDENCY, message).level(Level::Info).help(
                "its ServiceAccount needs get, list and watch of services, pods and endpointslices there",
            ),
        );
    }
}
