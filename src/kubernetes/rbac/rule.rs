//! One rule of a role, and what it allows.

use std::fmt;

use super::request::Request;
use crate::source::Node;

/// A rule of a role.
#[derive(Debug, Clone)]
pub struct Rule<'i> {
    /// The role it stands in. For a ClusterRole that aggregates others this is the one it comes from.
    pub role: &'i str,
    /// Where it stands; None for a rule every cluster has.
    pub node: Option<Node<'i>>,
    pub(super) verbs: Vec<&'i str>,
    pub(super) groups: Vec<&'i str>,
    pub(super) resources: Vec<&'i str>,
    pub(super) names: Vec<&'i str>,
    pub(super) urls: Vec<&'i str>,
}

/// What a rule would have to have in addition to allow something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// It names objects (`resourceNames`), and not this one; a `list` or `watch` of all objects names none.
    Name,
    /// The verb.
    Verb,
    /// The API group.
    Group,
    /// The resource.
    Resource,
    /// The path.
    Url,
}

impl<'i> Rule<'i> {
    /// Reads an item of `rules`. What is no list of strings allows nothing: the API server refuses it.
    pub(super) fn read(node: Node<'i>, role: &'i str) -> Self {
        let list = |field| {
            let items = node.get(field).into_iter().flat_map(Node::items);
            // Go decodes a null into the empty string.
            items.filter_map(|item| if item.is_null() { Some("") } else { item.as_str() }).collect()
        };
        Self {
            role,
            node: Some(node),
            verbs: list("verbs"),
            groups: list("apiGroups"),
            resources: list("resources"),
            names: list("resourceNames"),
            urls: list("nonResourceURLs"),
        }
    }

    /// What it lacks to allow this; nothing when it allows it (`RuleAllows` in Kubernetes 1.36).
    pub fn lacks(&self, request: &Request<'_>) -> Vec<Lack> {
        let mut lacks = Vec::new();
        let mut check = |holds: bool, lack| {
            if !holds {
                lacks.push(lack);
            }
        };
        check(self.verbs.iter().any(|verb| *verb == "*" || *verb == request.verb()), Lack::Verb);
        match request {
            Request::Resource { group, resource, name, .. } => {
                check(self.groups.iter().any(|known| *known == "*" || known == group), Lack::Group);
                check(self.resources.iter().any(|known| has_resource(known, resource)), Lack::Resource);
                check(self.names.is_empty() || self.names.contains(name), Lack::Name);
            }
            Request::Url { path, .. } => {
                check(self.urls.iter().any(|known| has_path(known, path)), Lack::Url);
            }
        }
        lacks
    }

    /// Whether it allows this.
    pub fn allows(&self, request: &Request<'_>) -> bool {
        self.lacks(request).is_empty()
    }
}

fn has_resource(known: &str, resource: &str) -> bool {
    known == "*"
        || known == resource
        || known.strip_prefix("*/").is_some_and(|part| {
            resource.split_once('/').is_some_and(|(_, wanted)| !wanted.is_empty() && part == wanted)
        })
}

fn has_path(known: &str, path: &str) -> bool {
    known == "*" || known == path || (known.ends_with('*') && path.starts_with(known.trim_end_matches('*')))
}

/// `get, list on pods, services`, with the group where it is not the core group's.
impl fmt::Display for Rule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |items: &[&str]| if items.is_empty() { "nothing".to_owned() } else { items.join(", ") };
        write!(f, "{} on ", list(&self.verbs))?;
        if !self.urls.is_empty() {
            return f.write_str(&self.urls.join(", "));
        }
        f.write_str(&list(&self.resources))?;
        if !self.names.is_empty() {
            write!(f, " named {}", self.names.join(", "))?;
        }
        match self.groups[..] {
            [""] => Ok(()),
            [] => f.write_str(" of no API group"),
            _ => {
                let groups: Vec<String> = self.groups.iter().map(|group| format!("{group:?}")).collect();
                write!(f, " of API group {}", groups.join(", "))
            }
        }
    }
}
