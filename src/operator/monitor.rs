//! The four kinds of resources that become scrape jobs.

use generated_crds::schema::Table;
use serde_json::Value;

use super::fields::Fields;
use crate::kubernetes::defaulting;
use crate::model::kind::GroupKind;
use crate::model::object::{Object, ObjectId};
use crate::model::schema::SchemaSet;

/// A kind of resource that becomes scrape jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MonitorKind {
    /// `ServiceMonitor`.
    Service,
    /// `PodMonitor`.
    Pod,
    /// `Probe`.
    Probe,
    /// `ScrapeConfig`.
    ScrapeConfig,
}

impl MonitorKind {
    /// In the order the operator selects them.
    pub const ALL: [Self; 4] = [Self::Service, Self::Pod, Self::Probe, Self::ScrapeConfig];

    /// Group and kind.
    pub const fn group_kind(self) -> GroupKind<'static> {
        match self {
            Self::Service => GroupKind::SERVICE_MONITOR,
            Self::Pod => GroupKind::POD_MONITOR,
            Self::Probe => GroupKind::PROBE,
            Self::ScrapeConfig => GroupKind::SCRAPE_CONFIG,
        }
    }

    /// The kind's name.
    pub const fn name(self) -> &'static str {
        self.group_kind().kind
    }

    /// What several are called in the operator's messages.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Service => "ServiceMonitors",
            Self::Pod => "PodMonitors",
            Self::Probe => "Probes",
            Self::ScrapeConfig => "ScrapeConfigs",
        }
    }

    /// The field of a Prometheus that selects by labels.
    pub const fn selector_field(self) -> &'static str {
        match self {
            Self::Service => "serviceMonitorSelector",
            Self::Pod => "podMonitorSelector",
            Self::Probe => "probeSelector",
            Self::ScrapeConfig => "scrapeConfigSelector",
        }
    }

    /// The field of a Prometheus that selects namespaces.
    pub const fn namespace_selector_field(self) -> &'static str {
        match self {
            Self::Service => "serviceMonitorNamespaceSelector",
            Self::Pod => "podMonitorNamespaceSelector",
            Self::Probe => "probeNamespaceSelector",
            Self::ScrapeConfig => "scrapeConfigNamespaceSelector",
        }
    }
}

/// A resource that is to become scrape jobs, as the operator sees it: completed by the API server.
#[derive(Debug)]
pub struct Monitor {
    /// Its kind.
    pub kind: MonitorKind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its `spec`.
    pub spec: Value,
    /// The object it is of, if it is one of an inventory.
    pub object: Option<ObjectId>,
}

impl Monitor {
    /// The monitor of an object, completed by these schemas.
    pub fn of(kind: MonitorKind, object: Object<'_>, schemas: &SchemaSet) -> Self {
        Self {
            kind,
            namespace: object.namespace().unwrap_or_default().to_owned(),
            name: object.name().to_owned(),
            spec: completed_spec(object, schemas),
            object: Some(object.id()),
        }
    }

    /// `namespace/name`: what the operator sorts by.
    pub fn key(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        Fields::of(&self.spec)
    }
}

/// The `spec` of an object as the API server completes it; an empty one when it has none.
pub(super) fn completed_spec(object: Object<'_>, schemas: &SchemaSet) -> Value {
    let mut spec = object
        .at(&["spec"])
        .filter(|spec| spec.is_mapping())
        .map_or_else(|| Value::Object(serde_json::Map::new()), crate::source::Node::to_json);
    if let Some((table, kind)) = schemas.kind(object.group_kind(), object.version()) {
        complete(table, kind.schema, &mut spec);
    }
    spec
}

fn complete(table: &Table, schema: generated_crds::schema::NodeId, spec: &mut Value) {
    if let Some(schema) = table.property(schema, "spec") {
        defaulting::apply(table, schema, spec);
    }
}
