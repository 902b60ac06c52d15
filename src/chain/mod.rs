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
//! 4. [`services`]: Service → workload, or → addresses that are written down.
//! 5. [`operated`]: what the operator rejects, and what Prometheus refuses of the configuration the operator writes.

pub mod alike;
mod completeness;
mod namespaces;
pub mod near;
pub mod operated;
pub mod ports;
pub mod runtime;
pub mod selection;
pub mod services;
mod setting;
mod tally;
pub mod targets;
mod workloads;

pub use completeness::{Completeness, Scope};
pub use namespaces::TargetNamespaces;
pub use setting::Setting;
pub use tally::{Hop, Tally};
pub use workloads::{Workload, Workloads};

use self::operated::Operated;
use self::ports::Port;
use self::selection::Selected;
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
    /// Monitor → Service or workload, in the same order.
    pub targets: Vec<Targets<'w>>,
    /// Endpoint → port, in the same order.
    pub ports: Vec<Port<'w>>,
    /// Service → pods.
    pub backings: Backings<'w>,
    /// What the operator makes of all that; made when it is first asked for.
    operated: std::sync::OnceLock<Operated<'w>>,
}

impl<'w> Chain<'w> {
    /// Traces every link.
    pub fn trace(setting: Setting<'w>) -> Self {
        let workloads = Workloads::of(setting.inventory);
        let selections = selection::trace(&setting);
        let targets = targets::trace(&setting, &selections, &workloads);
        let backings = Backings::trace(&setting, &workloads);
        let ports = ports::trace(&targets, &backings, &workloads);
        let operated = std::sync::OnceLock::new();
        Self { setting, workloads, selections, targets, ports, backings, operated }
    }

    /// What the operator makes of every Prometheus and of every monitor, and Prometheus of that.
    pub fn operated(&self) -> &Operated<'w> {
        self.operated.get_or_init(|| operated::trace(&self.setting, &self.selections))
    }
}
