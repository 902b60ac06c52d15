//! What one discovery of Kubernetes sees of a cluster: namespaces, selectors, and what is added to targets.

use crate::kubernetes::selector_text::{FieldSelector, LabelSelector};
use crate::kubernetes::snapshot::{
    EndpointSlice, Endpoints, HasMeta, Ingress, Node, Plain, Pod, Service, Snapshot, find,
};
use crate::prom::config::{AttachMetadata, KubernetesSd, Role};

/// The namespaces a discovery looks into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scope {
    /// All of them, in one go.
    All,
    /// These, each on its own, ascending, each once.
    Only(Vec<String>),
}

/// A discovery's view of a snapshot.
#[derive(Debug)]
pub(super) struct View<'s> {
    pub(super) snapshot: &'s Snapshot,
    pub(super) role: Role,
    pub(super) scope: Scope,
    pub(super) attach: AttachMetadata,
    /// By role, in the order of [`Role::ALL`].
    selectors: [Option<(LabelSelector, FieldSelector)>; 6],
}

impl<'s> View<'s> {
    /// # Errors
    /// What of the configuration the API server would refuse, or what is not known about its objects.
    pub(super) fn new(
        snapshot: &'s Snapshot,
        sd: &KubernetesSd,
        own_namespace: &str,
    ) -> Result<Self, String> {
        let mut names = sd.namespaces.names.clone();
        if sd.namespaces.own_namespace && !own_namespace.is_empty() {
            names.push(own_namespace.to_owned());
        }
        names.sort_unstable();
        names.dedup();
        // No name at all is what asks for all namespaces, and so does the empty one.
        let everywhere =
            names.first().is_none_or(String::is_empty) && !(names.is_empty() && sd.namespaces.own_namespace);
        let mut selectors = [const { None }; 6];
        for selector in &sd.selectors {
            let labels = LabelSelector::parse(&selector.label)?;
            let fields = FieldSelector::parse(&selector.field)?;
            check_fields(selector.role, &fields)?;
            selectors[selector.role as usize] = Some((labels, fields));
        }
        Ok(Self {
            snapshot,
            role: sd.role,
            scope: if everywhere { Scope::All } else { Scope::Only(names) },
            attach: sd.attach_metadata,
            selectors,
        })
    }

    /// Whether nothing is filtered.
    pub(super) fn is_unfiltered(&self) -> bool {
        self.selectors.iter().all(Option::is_none)
    }

    /// The label selector for the objects of the role itself.
    pub(super) fn own_labels(&self) -> Option<&LabelSelector> {
        self.selectors[self.role as usize].as_ref().map(|(labels, _)| labels)
    }

    /// Whether the API server lists an object of a role.
    pub(super) fn lists<T: HasFields>(&self, role: Role, object: &T) -> bool {
        self.selectors[role as usize].as_ref().is_none_or(|(labels, fields)| {
            labels.matches(&object.meta().labels) && fields.matches(|field| object.field(field))
        })
    }

    pub(super) fn service(&self, namespace: &str, name: &str) -> Option<&'s Service> {
        find(&self.snapshot.services, namespace, name).filter(|service| self.lists(Role::Service, *service))
    }

    /// A Pod as it is seen from an object of this namespace: where namespaces are named each is looked into on its own.
    pub(super) fn pod(&self, from: &str, namespace: &str, name: &str) -> Option<&'s Pod> {
        if namespace != from && self.scope != Scope::All {
            return None;
        }
        find(&self.snapshot.pods, namespace, name).filter(|pod| self.lists(Role::Pod, *pod))
    }

    pub(super) fn node(&self, name: &str) -> Option<&'s Node> {
        find(&self.snapshot.nodes, "", name).filter(|node| self.lists(Role::Node, *node))
    }

    pub(super) fn namespace(&self, name: &str) -> Option<&'s Plain> {
        find(&self.snapshot.namespaces, "", name)
    }
}

/// What field selectors look at.
pub(super) trait HasFields: HasMeta {
    /// The value of a field the API server knows for the kind, besides name and namespace.
    fn own_field(&self, field: &str) -> Option<&str> {
        let _ = field;
        None
    }

    fn field(&self, field: &str) -> &str {
        match field {
            "metadata.name" => &self.meta().name,
            "metadata.namespace" => &self.meta().namespace,
            _ => self.own_field(field).unwrap_or_default(),
        }
    }
}

impl HasFields for Endpoints {}
impl HasFields for EndpointSlice {}
impl HasFields for Ingress {}
impl HasFields for Node {}

impl HasFields for Service {
    fn own_field(&self, field: &str) -> Option<&str> {
        match field {
            "spec.clusterIP" => Some(&self.cluster_ip),
            "spec.type" => Some(&self.kind),
            _ => None,
        }
    }
}

impl HasFields for Pod {
    fn own_field(&self, field: &str) -> Option<&str> {
        match field {
            "spec.nodeName" => Some(&self.node_name),
            "status.phase" => Some(&self.phase),
            "status.podIP" => Some(&self.ip),
            "spec.hostNetwork" => Some(if self.host_network { "true" } else { "false" }),
            _ => None,
        }
    }
}

/// The fields that the API server (1.36) selects by, besides name and namespace; and those of them that snapshots do not hold.
fn fields_of(role: Role) -> (&'static [&'static str], &'static [&'static str]) {
    match role {
        Role::Pod => (
            &["spec.nodeName", "status.phase", "status.podIP", "spec.hostNetwork"],
            &[
                "spec.restartPolicy",
                "spec.schedulerName",
                "spec.serviceAccountName",
                "status.nominatedNodeName",
            ],
        ),
        Role::Node => (&[], &["spec.unschedulable"]),
        Role::Service => (&["spec.clusterIP", "spec.type"], &[]),
        Role::Endpoints | Role::EndpointSlice | Role::Ingress => (&[], &[]),
    }
}

fn check_fields(role: Role, selector: &FieldSelector) -> Result<(), String> {
    let (known, not_held) = fields_of(role);
    for field in selector.fields() {
        if not_held.contains(&field) {
            return Err(format!("it selects by `{field}`, which is not looked at here"));
        }
        let is_common = field == "metadata.name" || field == "metadata.namespace" && role != Role::Node;
        if !is_common && !known.contains(&field) {
            return Err(format!("the API server refuses its selector: field label not supported: {field}"));
        }
    }
    Ok(())
}
