//! What is asked of the API server.

use std::fmt;

/// Where a resource is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope<'a> {
    /// In all namespaces at once, or a resource that has none.
    Cluster,
    /// In one namespace; None is the one of objects that name none.
    Namespace(Option<&'a str>),
}

/// One thing somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Request<'a> {
    /// Something with objects.
    Resource {
        /// `list`, `watch`, `get`.
        verb: &'a str,
        /// The API group, empty for the core group.
        group: &'a str,
        /// The resource in the plural, and after a slash its part: `pods`, `nodes/metrics`.
        resource: &'a str,
        /// The object's name; empty where a request has none, as `list` and `watch` of all objects have not.
        name: &'a str,
        /// Where.
        scope: Scope<'a>,
    },
    /// Something with a path that belongs to no resource: `get` of `/metrics`.
    Url {
        /// The HTTP method in lower case.
        verb: &'a str,
        /// The path.
        path: &'a str,
    },
}

impl<'a> Request<'a> {
    /// A request for all objects of a resource.
    pub const fn objects(verb: &'a str, group: &'a str, resource: &'a str, scope: Scope<'a>) -> Self {
        Self::Resource { verb, group, resource, name: "", scope }
    }

    /// What is to be done.
    pub const fn verb(&self) -> &'a str {
        match self {
            Self::Resource { verb, .. } | Self::Url { verb, .. } => verb,
        }
    }

    /// Where it is asked for; paths are the cluster's.
    pub const fn scope(&self) -> Scope<'a> {
        match self {
            Self::Resource { scope, .. } => *scope,
            Self::Url { .. } => Scope::Cluster,
        }
    }

    /// The same, asked elsewhere.
    pub(super) const fn in_scope(self, scope: Scope<'a>) -> Self {
        match self {
            Self::Resource { verb, group, resource, name, .. } => {
                Self::Resource { verb, group, resource, name, scope }
            }
            Self::Url { .. } => self,
        }
    }
}

/// `list endpointslices.discovery.k8s.io in namespace shop`, `get /metrics`.
impl fmt::Display for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url { verb, path } => write!(f, "{verb} {path}"),
            Self::Resource { verb, group, resource, name, scope } => {
                write!(f, "{verb} {resource}")?;
                if !group.is_empty() {
                    write!(f, ".{group}")?;
                }
                if !name.is_empty() {
                    write!(f, " `{name}`")?;
                }
                match scope {
                    Scope::Cluster => f.write_str(" in the whole cluster"),
                    Scope::Namespace(Some(namespace)) => write!(f, " in namespace {namespace}"),
                    Scope::Namespace(None) => f.write_str(" in the namespace of objects that name none"),
                }
            }
        }
    }
}
