//! Verdicts about a connection, with what decided them.

use std::fmt;

use crate::model::object::Object;
use crate::source::Node;

/// Which end of a connection is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The pod that is connected to.
    Ingress,
    /// The pod that connects.
    Egress,
}

impl Direction {
    /// As `policyTypes` spells it.
    pub const fn spelling(self) -> &'static str {
        match self {
            Self::Ingress => "Ingress",
            Self::Egress => "Egress",
        }
    }

    pub(super) const fn rules(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }

    pub(super) const fn peers(self) -> &'static str {
        match self {
            Self::Ingress => "from",
            Self::Egress => "to",
        }
    }
}

/// Whether the policies of one end allow a connection.
#[derive(Debug, Clone)]
pub enum Verdict<'i> {
    /// They do.
    Allowed(Admission<'i>),
    /// Policies select the pod, and none of them allows it.
    Denied(Vec<Refusal<'i>>),
    /// It depends on what is not known.
    Unknown(Vec<Open<'i>>),
}

impl Verdict<'_> {
    /// Whether they certainly allow it.
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }

    /// Whether they certainly do not.
    pub const fn is_denied(&self) -> bool {
        matches!(self, Self::Denied(_))
    }
}

/// Why a connection is allowed.
#[derive(Debug, Clone, Copy)]
pub enum Admission<'i> {
    /// No policy of the input selects the pod for this direction.
    NotSelected,
    /// A rule allows it.
    Rule {
        /// The policy.
        policy: Object<'i>,
        /// The rule.
        rule: Node<'i>,
    },
    /// A pod always reaches itself.
    Itself,
    /// The pod uses the network of its node, which policies do not reach.
    HostNetwork,
}

/// A policy that selects the pod and does not allow the connection.
#[derive(Debug, Clone)]
pub struct Refusal<'i> {
    /// The policy.
    pub policy: Object<'i>,
    /// Why none of its rules does; none where it has no rules.
    pub missed: Vec<Missed<'i>>,
}

/// Why a rule does not allow a connection.
#[derive(Debug, Clone)]
pub struct Missed<'i> {
    /// The rule.
    pub rule: Node<'i>,
    /// Whether it is about the port.
    pub port: bool,
    /// Whether it is about the other pod; where it is not, `peers` says why.
    pub peer: bool,
    /// What the peers of the rule ask for and the other pod has not.
    pub peers: Vec<String>,
}

/// What a verdict depends on and is not known.
#[derive(Debug, Clone)]
pub struct Open<'i> {
    /// The policy.
    pub policy: Object<'i>,
    /// The rule.
    pub rule: Node<'i>,
    /// What would have to be known.
    pub what: String,
}

impl fmt::Display for Admission<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSelected => f.write_str("no NetworkPolicy selects the pod"),
            Self::Rule { policy, .. } => write!(f, "a rule of `{}` allows it", policy.identity()),
            Self::Itself => f.write_str("a pod reaches itself whatever its NetworkPolicies say"),
            Self::HostNetwork => {
                f.write_str("the pod uses the network of its node, where NetworkPolicies do not apply")
            }
        }
    }
}

impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` selects the pod and ", self.policy.identity())?;
        if self.missed.is_empty() {
            return f.write_str("has no rules for this direction");
        }
        f.write_str("allows other connections only")?;
        for missed in &self.missed {
            f.write_str("; ")?;
            match (missed.peer, missed.port) {
                (true, _) => f.write_str("a rule allows the pod, at other ports")?,
                (false, at_port) => {
                    let port = if at_port { "the port" } else { "other ports" };
                    write!(f, "a rule for {port} asks for {}", missed.peers.join(", or "))?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Open<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a rule of `{}` depends on {}", self.policy.identity(), self.what)
    }
}
