//! The trace: every hop from a Prometheus to its targets as a link that holds, is broken, or is unknown, with what decides.
//!
//! [`Chain::trace`] walks the objects once. Rules, `explain` and everything else read the same chain, so that they cannot
//! disagree. Nothing here is a finding yet, and no place is looked up: a link names the objects, requirements and ports that
//! decide, and whoever reports something finds their places.
//!
//! An end that is not in the input is *unknown*, unless the input is said to show all objects of that kind or namespace
//! ([`Completeness`]). What every cluster has without being written down is put beside the input ([`runtime`]).
//!
//! 1. [`selection`]: Prometheus → monitor.
//! 2. [`targets`]: `ServiceMonitor` → Service, `PodMonitor` → workload.
//! 3. [`ports`]: endpoint of a monitor → port.
//!    [`listening`]: the numbers of these ports.
//! 4. [`services`]: Service → workload, or → addresses that are written down.
//! 5. [`prometheus`]: monitor → configuration, as the operator takes it or rejects it.
//!    [`refusals`]: what Prometheus refuses of that configuration, which is loaded while it is written.
//! 6. [`references`], [`files`], [`material`]: monitor → Secret and `ConfigMap`, by name or as a mounted file, and what is in them.
//!    [`servers`]: what the pods that are scraped over TLS show.
//!    [`addresses`]: monitor → Service by its name.
//! 7. [`rights`]: Prometheus → API server; [`access`]: Prometheus → metrics of components that ask it back; [`reach`]: Prometheus
//!    → pod, by `NetworkPolicies`.
//! 8. [`duplicates`]: what is scraped twice.

pub mod access;
mod added_labels;
pub mod addresses;
pub mod alike;
mod completeness;
mod containers;
pub mod duplicates;
pub mod files;
pub mod listening;
pub mod material;
mod namespaces;
pub mod near;
pub mod ports;
pub mod prometheus;
pub mod reach;
pub mod references;
pub mod refusals;
pub mod rights;
pub mod runtime;
pub mod scraped;
pub mod selection;
pub mod servers;
pub mod services;
mod setting;
mod tally;
pub mod targets;
mod workloads;

pub use completeness::{Completeness, Scope};
pub use containers::Container;
pub use namespaces::TargetNamespaces;
pub use setting::Setting;
pub use tally::{Hop, Tally};
pub use workloads::{Workload, Workloads};

use self::access::Access;
use self::addresses::Address;
use self::duplicates::Duplicate;
use self::files::File;
use self::listening::Listening;
use self::material::Material;
use self::ports::Port;
use self::prometheus::{Prometheus, Unselected};
use self::reach::Connection;
use self::references::Reference;
use self::refusals::RefusedPart;
use self::rights::Discovery;
use self::selection::Selected;
use self::servers::Server;
use self::services::Backings;
use self::targets::Targets;

/// Every link of a world.
#[derive(Debug)]
pub struct Chain<'w> {
    /// What it was traced in.
    pub setting: Setting<'w>,
    /// Everything that makes pods.
    pub workloads: Workloads<'w>,
    /// Prometheus → monitor, by kind, namespace and name of the monitor.
    pub selections: Vec<Selected<'w>>,
    /// Every Prometheus of the input, and what the operator makes of it.
    pub prometheuses: Vec<Prometheus<'w>>,
    /// What any Prometheus would make of the monitors that none of the input selects.
    pub unselected: Unselected<'w>,
    /// Monitor → Service or workload, in the order of the selections.
    pub targets: Vec<Targets<'w>>,
    /// Endpoint → port, in the same order.
    pub ports: Vec<Port<'w>>,
    /// Endpoint → number of the port where its targets listen.
    pub listening: Vec<Listening<'w>>,
    /// Service → pods.
    pub backings: Backings<'w>,
    /// Monitor → Secret and `ConfigMap`.
    pub references: Vec<Reference<'w>>,
    /// Monitor → file in the pods of a Prometheus.
    pub files: Vec<File<'w>>,
    /// Monitor → Service, by its name.
    pub addresses: Vec<Address<'w>>,
    /// Certificates and keys that monitors use.
    pub material: Vec<Material<'w>>,
    /// Endpoints whose server would not be taken for the right one.
    pub servers: Vec<Server<'w>>,
    /// Prometheus → API server.
    pub discoveries: Vec<Discovery<'w>>,
    /// Prometheus → metrics of components that ask the API server back.
    pub accesses: Vec<Access<'w>>,
    /// Prometheus → pod, where policies do not let it through.
    pub connections: Vec<Connection<'w>>,
    /// What is scraped twice.
    pub duplicates: Vec<Duplicate<'w>>,
}

impl<'w> Chain<'w> {
    /// Traces every link.
    pub fn trace(setting: Setting<'w>) -> Self {
        let workloads = Workloads::of(setting.inventory);
        let selections = selection::trace(&setting);
        let (prometheuses, targets) =
            rayon::join(|| prometheus::trace(&setting), || targets::trace(&setting, &selections, &workloads));
        let backings = Backings::trace(&setting, &workloads);
        let ports = ports::trace(&targets, &backings, &workloads);
        let references = references::trace(&setting, &selections);
        let files = files::trace(&setting, &selections);
        let material = material::trace(&references, &files);
        let listening = listening::trace(&targets, &backings, &workloads);
        let both = (&prometheuses[..], &selections[..]);
        Self {
            accesses: access::trace(&setting, both, &listening, (&backings, &workloads)),
            addresses: addresses::trace(&setting, &prometheuses, &selections),
            servers: servers::trace(
                setting.inventory,
                setting.now,
                &ports,
                (&backings, &workloads),
                (&references, &material),
            ),
            listening,
            material,
            unselected: prometheus::by_any(&setting, &selections),
            discoveries: rights::trace(&setting, &prometheuses, &selections, &targets),
            connections: reach::trace(
                &setting,
                (&prometheuses, &selections),
                &ports,
                (&backings, &workloads),
            ),
            duplicates: duplicates::trace(
                &setting,
                &prometheuses,
                &selections,
                &ports,
                &backings,
                &workloads,
            ),
            setting,
            workloads,
            selections,
            prometheuses,
            targets,
            ports,
            backings,
            references,
            files,
        }
    }

    /// What Prometheus refuses of the configurations that the operator writes.
    pub fn refusals(&self) -> impl Iterator<Item = &RefusedPart<'w>> {
        self.prometheuses.iter().flat_map(|prometheus| &prometheus.refused).chain(&self.unselected.refused)
    }
}
