//! Calico as it is found in a cluster.

use super::components::{Component, K8S_APP};
use super::found::Found;
use super::options::Install;
use crate::integrations::Used;
use crate::integrations::discovered::{Discovered, TargetsOf};
use crate::model::inventory::Inventory;

/// What there is to say of Calico; None where there is none.
pub(crate) fn discover(inventory: &Inventory) -> Option<Discovered> {
    let used = Used::default();
    let found = Found::of(inventory, &used);
    let mut discovered = Discovered { integration: "calico", ..Discovered::default() };
    if let Some(canal) = found.canal() {
        discovered.remarks.push(format!(
            "{} is Canal, Calico's policy with Flannel's network: nothing is generated for it yet",
            canal.identity()
        ));
        return Some(discovered);
    }
    let install =
        [Install::Operator, Install::Manifest].into_iter().find(|way| found.evidence_of(*way).is_some())?;
    let how = match install {
        Install::Operator => "by the Tigera operator",
        Install::Manifest => "by its manifests",
    };
    let namespace = install.namespace();
    discovered.remarks.push(format!("Calico was installed {how}, and runs in {namespace}"));
    for component in Component::ALL {
        let facts = component.facts();
        if found.workload(component, namespace).is_none() {
            discovered.remarks.push(format!("there is no {}", facts.title));
            continue;
        }
        let state = found.state(component, install);
        let port = state.port.unwrap_or(facts.port);
        discovered.remarks.push(match state.enabled {
            Some(true) => format!("{} has its metrics on, at port {port}", facts.title),
            Some(false) => format!("{} has its metrics off", facts.title),
            None => format!("whether {} has its metrics on is not known", facts.title),
        });
    }
    discovered.is_wanted = true;
    discovered.options.push(("install", vec![install.as_str().to_owned()]));
    discovered.targets = TargetsOf {
        labels: Component::ALL.map(|component| (K8S_APP, component.facts().workload)).to_vec(),
        ..TargetsOf::default()
    };
    Some(discovered)
}
