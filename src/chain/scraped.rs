//! What a chain comes to: the targets, as far as the input shows them.

use std::collections::BTreeSet;

use super::Chain;
use super::ports::Port;
use super::prometheus;
use crate::diagnostic::Verdict;
use crate::model::object::Object;
use crate::operator::{self, MonitorKind};
use crate::source::Node;

/// A target of some Prometheus. It names things instead of numbering them, so that those of two worlds can be compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The Prometheus; empty where the input has none, and any would do.
    pub prometheus: String,
    /// The monitor.
    pub monitor: String,
    /// The number of the endpoint.
    pub endpoint: usize,
    /// The Service or workload.
    pub through: String,
    /// Which of its pods or addresses.
    pub number: usize,
}

/// Pods of one workload that are counted at most: who writes more replicas than that means something else.
const MOST_REPLICAS: usize = 1_000;

/// The targets of every Prometheus of the input. Where a monitor is selected by none of the input, and none is known not to,
/// those it would have are counted for any. A `DaemonSet` counts once: how many nodes there are is not known.
pub fn targets(chain: &Chain<'_>) -> BTreeSet<Target> {
    let mut by_monitor: rustc_hash::FxHashMap<_, Vec<&Port<'_>>> = rustc_hash::FxHashMap::default();
    for port in &chain.ports {
        by_monitor.entry(port.monitor.id()).or_default().push(port);
    }
    let mut targets = BTreeSet::new();
    let mut add = |prometheus: &str, id| {
        for port in by_monitor.get(&id).into_iter().flatten() {
            for at in port.at.iter().filter(|at| at.verdict == Verdict::Holds) {
                for number in 0..count(chain, port, at.object) {
                    targets.insert(Target {
                        prometheus: prometheus.to_owned(),
                        monitor: port.monitor.identity().to_string(),
                        endpoint: port.endpoint,
                        through: at.object.identity().to_string(),
                        number,
                    });
                }
            }
        }
    };
    for prometheus in &chain.prometheuses {
        if matches!(prometheus.outcome.verdict, operator::Verdict::Configuration(_)) {
            let name = prometheus.object.identity().to_string();
            prometheus::accepted(prometheus, &chain.selections).for_each(|id| add(&name, id));
        }
    }
    let open =
        chain.selections.iter().filter(|selected| selected.by.is_empty() && selected.not_by.is_empty());
    let rejected: rustc_hash::FxHashSet<_> =
        chain.unselected.rejected.iter().map(|rejection| rejection.object).collect();
    open.filter(|selected| !rejected.contains(&selected.monitor.id()))
        .for_each(|selected| add("", selected.monitor.id()));
    targets
}

/// How many pods or addresses are behind a Service, or made by a workload.
fn count(chain: &Chain<'_>, port: &Port<'_>, object: Object<'_>) -> usize {
    if port.kind == MonitorKind::Pod {
        return replicas(object);
    }
    let Some(backing) = chain.backings.get(object) else { return 0 };
    if backing.has_selector() {
        backing.workloads.iter().map(|item| replicas(chain.workloads.get(*item).object)).sum()
    } else {
        backing.addresses()
    }
}

/// How many pods a workload makes.
pub fn replicas(workload: Object<'_>) -> usize {
    let written = workload.at(&["spec", "replicas"]).and_then(Node::as_i64).unwrap_or(1);
    usize::try_from(written).unwrap_or_default().min(MOST_REPLICAS)
}
