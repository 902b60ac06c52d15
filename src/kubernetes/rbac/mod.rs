//! Who may do what: RBAC as the API server decides it (Kubernetes 1.36, `plugin/pkg/auth/authorizer/rbac`).
//!
//! [`Rights`] are those of one ServiceAccount in an inventory. [`Rights::may`] answers one question in three ways: allowed, with the
//! rule that allows it; denied; unknown, when the input holds no RBAC objects or a role that is bound is not in it.
//! [`Rights::near_misses`] says what came nearest to allowing it, for people. [`needs`] lists what Prometheus has to ask for.
//!
//! ClusterRoles every cluster has (`view`, `edit`, `admin`, `cluster-admin` and some of `system:`) are known; an object of the input
//! that has their name takes their place, and one that aggregates to them adds to them.

mod answer;
mod defaults;
#[doc(hidden)]
pub mod fuzz;
mod miss;
pub mod needs;
mod request;
mod rights;
mod role;
mod rule;
mod subject;

pub use answer::{Answer, Grant, Open};
pub use miss::NearMiss;
pub use request::{Request, Scope};
pub use rights::{Binding, Rights};
pub use rule::{Lack, Rule};
pub use subject::{Account, Subject};

#[cfg(test)]
mod tests;
