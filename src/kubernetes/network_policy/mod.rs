//! Whether NetworkPolicies let two pods talk (`networking.k8s.io/v1`, Kubernetes 1.36).
//!
//! [`Policies::egress`] judges by the policies that select the pod that connects, [`Policies::ingress`] by those that select the pod
//! it connects to; both have to allow it. A pod that no policy selects for a direction is open in it; of several that do, one is
//! enough. Policies are only as good as the network plugin that enforces them, and say nothing about pods in the network of
//! their node; policies of other kinds (Calico, Cilium, AdminNetworkPolicy) are not looked at.

mod address;
#[doc(hidden)]
pub mod fuzz;
mod party;
mod peer;
mod policy;
mod port;
mod verdict;

pub use party::{NamedPort, Party};
pub use policy::Policies;
pub use port::Port;
pub use verdict::{Admission, Direction, Missed, Open, Refusal, Verdict};

#[cfg(test)]
mod tests;
