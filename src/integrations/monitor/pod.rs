//! A PodMonitor for one workload of the input.

use super::port::{self, Port};
use super::service::may_share;
use super::{Options, build};
use crate::diagnostic::{Code, Diagnostic};
use crate::integrations::distinguish::{Indistinct, distinguish};
use crate::integrations::wiring::MonitorKind;
use crate::integrations::{Labels, Plan, Scene};
use crate::model::object::Object;
use crate::model::workload::{self, PodTemplate};
use crate::source::Node;

pub(super) fn plan(
    object: Object<'_>,
    options: &Options,
    scene: &Scene<'_>,
) -> Result<Plan, Box<Diagnostic>> {
    let owner = format!("{}/{}", object.kind().to_ascii_lowercase(), object.name());
    let Some(template) = PodTemplate::of(object) else {
        let finding = Diagnostic::new(Code::NO_SUCH_PORT, format!("{owner} has no pod template"));
        return Err(Box::new(finding.at(object.place(), "in this manifest")));
    };
    let ports: Vec<Port<'_>> = template
        .ports()
        .into_iter()
        .filter(|port| matches!(port.node.get("protocol").and_then(Node::as_str), None | Some("TCP")))
        .map(|port| Port {
            name: port.name,
            number: port.number,
            target: None,
            protocol: None,
            place: port.node.place(),
        })
        .collect();
    let port = port::choose(&ports, options.port.as_ref(), &owner).map_err(|finding| {
        Box::new(if ports.is_empty() {
            let finding = finding
                .note("a PodMonitor reaches only ports that a container declares")
                .help("add `ports: [{name: metrics, containerPort: NUMBER}]` to the container");
            match template.spec().and_then(|spec| spec.key_place("containers")) {
                Some(place) => finding.at(place, "none of these declares one"),
                None => finding,
            }
        } else {
            *finding
        })
    })?;
    let endpoint = match port.name {
        Some(name) => build::PortField::Name(name.to_owned()),
        None => build::PortField::Number(port.number),
    };
    let mut plan = Plan::default();
    let own = build::usable(template.labels(), template.label_node(), &mut plan);
    let selector = selector(object, &own, &owner, scene)?;
    build::note_volatile(&selector, &mut plan);
    let defaults = build::monitor_labels(&own);
    let placement = scene.wiring.place(MonitorKind::Pod, object.namespace(), &defaults)?;
    let target_namespace = build::target_namespace(object, placement.namespace.as_deref(), &owner)?;
    let name = options.name.clone().unwrap_or_else(|| object.name().to_owned());
    plan.findings.extend(placement.findings.iter().cloned());
    plan.scraped.extend(object.namespace().map(str::to_owned));
    let scheme = build::scheme(options, port, &mut plan);
    let placement = &placement;
    let monitor =
        build::Monitor { name, placement, target_namespace, selector, port: endpoint, scheme, options };
    plan.add(&monitor.into_pod_monitor());
    Ok(plan)
}

/// The selector that matches the pods of this workload and of no other one in its namespace.
fn selector(
    object: Object<'_>,
    own: &Labels,
    owner: &str,
    scene: &Scene<'_>,
) -> Result<build::LabelSelector, Box<Diagnostic>> {
    let rivals: Vec<(Object<'_>, Labels)> = workload::all(scene.inventory)
        .filter(|(rival, _)| rival.id() != object.id() && may_share(*rival, object.namespace()))
        .filter(|(rival, _)| {
            !workload::is_made_by(*rival, object, scene.inventory)
                && !workload::is_made_by(object, *rival, scene.inventory)
        })
        .map(|(rival, template)| (rival, template.labels()))
        .collect();
    let labels: Vec<&Labels> = rivals.iter().map(|(_, labels)| labels).collect();
    distinguish(own, &labels).map_err(|indistinct| {
        let finding = match indistinct {
            Indistinct::NoLabels => {
                Diagnostic::new(Code::INDISTINCT_LABELS, format!("the pods of {owner} have no labels"))
                    .help("add labels to the pod template")
            }
            Indistinct::From(rival) => {
                let (rival, _) = &rivals[rival];
                let message = format!(
                    "no selector tells the pods of {owner} from those of {}/{}",
                    rival.kind().to_ascii_lowercase(),
                    rival.name()
                );
                let finding = Diagnostic::new(Code::INDISTINCT_LABELS, message)
                    .help("give its pod template a label that the other one does not have");
                finding.with(rival.place(), "its pods match whatever matches the workload's")
            }
        };
        Box::new(finding.at(object.place(), "this workload"))
    })
}
