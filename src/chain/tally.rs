//! How many links hold, are broken, or are unknown, by hop.

use super::files::{File, There};
use super::ports::Port;
use super::references::Reached;
use super::rights::May;
use super::{Chain, addresses};
use crate::diagnostic::Verdict;

/// A hop of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hop {
    /// Prometheus → monitor.
    Selection,
    /// Monitor → Service, workload or Ingress.
    Targets,
    /// Endpoint → port.
    Ports,
    /// Service → pods.
    Pods,
    /// Monitor → Service, by its name.
    Addresses,
    /// Monitor → Secret or `ConfigMap`.
    References,
    /// Monitor → file in the pods of a Prometheus.
    Files,
    /// Prometheus → API server.
    Rights,
    /// Prometheus → metrics of components that ask the API server back.
    Access,
    /// Prometheus → pod.
    Policies,
}

/// The links of one hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Which hop.
    pub hop: Hop,
    /// Links of which both ends are known and fit.
    pub holds: usize,
    /// Links of which both ends are known and do not fit.
    pub broken: usize,
    /// Links of which the input does not tell.
    pub unknown: usize,
    /// Those of the unknown ones that a finding shows, because something comes near.
    pub told: usize,
}

impl Tally {
    /// Links of which the input does not tell, and which no finding shows.
    pub const fn open(&self) -> usize {
        self.unknown - self.told
    }

    /// Counts those of another world, too.
    pub fn add(&mut self, other: &Self) {
        self.holds += other.holds;
        self.broken += other.broken;
        self.unknown += other.unknown;
        self.told += other.told;
    }
}

impl Hop {
    /// What is not known, of so many links.
    pub fn unknown(self, count: usize) -> String {
        let many = |one: &str, several: &str| {
            if count == 1 { format!("1 {one}") } else { format!("{count} {several}") }
        };
        match self {
            Self::Selection => many(
                "monitor is selected by no Prometheus of the input",
                "monitors are selected by no Prometheus of the input",
            ),
            Self::Targets => many("monitor finds nothing in the input", "monitors find nothing in the input"),
            Self::Ports => many(
                "endpoint leads to ports that are not in the input",
                "endpoints lead to ports that are not in the input",
            ),
            Self::Pods => many("Service has no pods in the input", "Services have no pods in the input"),
            Self::Addresses => many(
                "address leads to a Service that is not in the input",
                "addresses lead to Services that are not in the input",
            ),
            Self::References => many(
                "Secret or ConfigMap a monitor refers to is not in the input",
                "Secrets and ConfigMaps monitors refer to are not in the input",
            ),
            Self::Files => many(
                "file a monitor names is in something that is not in the input",
                "files monitors name are in something that is not in the input",
            ),
            Self::Rights => many(
                "right of a Prometheus to discover targets is not in the input",
                "rights of Prometheuses to discover targets are not in the input",
            ),
            Self::Access => many(
                "right of a Prometheus to ask for metrics is not in the input",
                "rights of Prometheuses to ask for metrics are not in the input",
            ),
            Self::Policies => many(
                "connection depends on policies that are not in the input",
                "connections depend on policies that are not in the input",
            ),
        }
    }

    /// What would settle it.
    pub const fn settled_by(self) -> &'static str {
        match self {
            Self::Selection => {
                "add the manifests of the Prometheus and of its Namespaces, or say --complete=Prometheus,PrometheusAgent if there is no other"
            }
            Self::Targets | Self::Ports | Self::Addresses => {
                "add the manifests of the Services and workloads, or say --complete=Service if all Services are here"
            }
            Self::Pods => "add the manifests of the workloads, or say --complete if everything is here",
            Self::References | Self::Files => {
                "add the Secrets and ConfigMaps, or say --complete=Secret,ConfigMap if there are no others"
            }
            Self::Rights | Self::Access => {
                "add the manifests of roles and bindings, or say --complete=ClusterRoleBinding,RoleBinding if there are no others"
            }
            Self::Policies => {
                "add the NetworkPolicies, or say --complete=NetworkPolicy if there are no others"
            }
        }
    }
}

impl Chain<'_> {
    /// The links of every hop that has some.
    pub fn tallies(&self) -> Vec<Tally> {
        let setting = &self.setting;
        let made = |backing: &&super::services::Backing<'_>| !super::runtime::is_made(backing.service);
        let nothing = |_: &_| false;
        [
            tally(
                Hop::Selection,
                &self.selections,
                |link| link.verdict(setting),
                |link| !link.not_by.is_empty(),
            ),
            tally(Hop::Targets, &self.targets, |link| link.verdict(setting), |link| link.nearest.is_some()),
            tally(Hop::Ports, self.ports.iter().filter(|link| !link.at.is_empty()), Port::verdict, nothing),
            tally(
                Hop::Pods,
                self.backings.all().filter(made),
                |link| link.verdict(setting),
                |link| link.nearest.is_some(),
            ),
            tally(
                Hop::Addresses,
                &self.addresses,
                |link| link.verdict(setting),
                |link| matches!(link.to, addresses::Reached::Absent(Some(_))),
            ),
            tally(
                Hop::References,
                &self.references,
                |link| link.verdict(setting),
                |link| matches!(link.to, Reached::Absent(Some(_))),
            ),
            tally(Hop::Files, &self.files, File::verdict, |link| matches!(link.there, There::Nothing)),
            tally(
                Hop::Rights,
                &self.discoveries,
                |link| link.verdict(setting),
                |link| matches!(link.may, May::Unbound | May::No { .. }),
            ),
            tally(
                Hop::Access,
                &self.accesses,
                |link| link.verdict(setting),
                |link| matches!(link.may, May::No { .. }),
            ),
            tally(
                Hop::Policies,
                &self.connections,
                |link| link.verdict(setting),
                |link| link.verdict == Verdict::Broken,
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn tally<'l, L: 'l>(
    hop: Hop,
    links: impl IntoIterator<Item = &'l L>,
    verdict: impl Fn(&L) -> Verdict,
    is_told: impl Fn(&L) -> bool,
) -> Option<Tally> {
    let mut tally = Tally { hop, holds: 0, broken: 0, unknown: 0, told: 0 };
    for link in links {
        match verdict(link) {
            Verdict::Holds => tally.holds += 1,
            Verdict::Broken => tally.broken += 1,
            Verdict::Unknown => {
                tally.unknown += 1;
                tally.told += usize::from(is_told(link));
            }
        }
    }
    (tally.holds + tally.broken + tally.unknown > 0).then_some(tally)
}
