//! The ports a rule speaks of.

use std::fmt;

use super::party::Party;
use crate::source::{Node, Value};

/// A port of the pod that is connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port<'a> {
    /// The number the pod listens at, behind any Service.
    pub number: u16,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: &'a str,
}

/// `9090/TCP`.
impl fmt::Display for Port<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.protocol)
    }
}

/// Whether a rule is about this port: it has no list of ports, or one of them is it.
pub(super) fn admits(rule: Node<'_>, port: Port<'_>, to: &Party<'_>) -> bool {
    let mut ports = rule.get("ports").into_iter().flat_map(Node::items).peekable();
    ports.peek().is_none() || ports.any(|entry| is(entry, port, to))
}

fn is(entry: Node<'_>, port: Port<'_>, to: &Party<'_>) -> bool {
    let protocol = entry.get("protocol").and_then(Node::as_str).unwrap_or("TCP");
    if protocol != port.protocol {
        return false;
    }
    let number = i64::from(port.number);
    match entry.get("port").map(Node::value) {
        None | Some(Value::Null) => true,
        Some(Value::Int(first)) => match entry.get("endPort").and_then(Node::as_i64) {
            Some(last) => (first..=last).contains(&number),
            None => first == number,
        },
        // A name is what the containers of the pod that is connected to say, in either direction.
        Some(Value::String(name)) => to
            .ports
            .iter()
            .any(|known| (known.name, known.number, known.protocol) == (name, port.number, port.protocol)),
        Some(_) => false,
    }
}
