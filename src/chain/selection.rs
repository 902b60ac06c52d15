//! Prometheus → monitor: which Prometheus of the input selects a monitor, and what keeps the others from it.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::setting::Setting;
use super::{alike, references};
use crate::diagnostic::Verdict;
use crate::model::kind::GroupKind;
use crate::model::label_index::Namespaces;
use crate::model::object::{Object, ObjectId};
use crate::model::selector::{Operator, Requirement, Selection, Selector};
use crate::operator::MonitorKind;
use crate::source::Node;

/// The label every Namespace carries, with its own name.
const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// How a monitor stands to the Prometheuses of the input.
#[derive(Debug)]
pub struct Selected<'w> {
    /// The monitor.
    pub monitor: Object<'w>,
    /// Its kind.
    pub kind: MonitorKind,
    /// The mappings in which it says how to make a request: its endpoints, or its `spec`.
    pub requests: Vec<Node<'w>>,
    /// Those that select it.
    pub by: Vec<Object<'w>>,
    /// Those of which the input does not tell, and what it would take to tell.
    pub perhaps: Vec<(Object<'w>, String)>,
    /// Those that do not; known only where no other selects it.
    pub not_by: Vec<Unselected<'w>>,
}

/// A Prometheus that does not select a monitor.
#[derive(Debug)]
pub struct Unselected<'w> {
    /// The Prometheus.
    pub prometheus: Object<'w>,
    /// Why not.
    pub cause: Cause,
}

/// Why a Prometheus does not select a monitor.
#[derive(Debug)]
pub enum Cause {
    /// It has no selector for the kind.
    NoSelector,
    /// It does not look into the monitor's namespace: it has no namespace selector, and the namespace is not its own.
    OtherNamespace,
    /// Nor does the namespace meet its namespace selector: these requirements.
    NamespaceLabels(Vec<Unmet>),
    /// The monitor lacks labels.
    Labels(Vec<Unmet>),
}

/// A requirement that labels do not meet.
#[derive(Debug, Clone)]
pub struct Unmet {
    /// The requirement.
    pub requirement: Requirement,
    /// The value that its key has instead; none where the key is absent.
    pub found: Option<String>,
}

impl Unmet {
    /// The value of the requirement that the one found is a slip of the pen of.
    pub fn meant(&self) -> Option<&str> {
        let found = self.found.as_deref()?;
        match self.requirement.operator() {
            Operator::Equals | Operator::In => {
                alike::closest(found, self.requirement.values().iter().map(String::as_str))
            }
            _ => None,
        }
    }

    /// The value that would meet the requirement, if there is one to choose: the one that is meant, or the only one.
    pub fn remedy(&self) -> Option<&str> {
        let only = || match self.requirement.values() {
            [only] if matches!(self.requirement.operator(), Operator::Equals | Operator::In) => {
                Some(only.as_str())
            }
            _ => None,
        };
        self.meant().or_else(only)
    }
}

impl<'w> Selected<'w> {
    /// The Prometheus that is nearest to selecting it.
    pub fn nearest(&self) -> Option<&Unselected<'w>> {
        let distance = |unselected: &&Unselected<'_>| match &unselected.cause {
            Cause::Labels(unmet) if unmet.iter().all(|unmet| unmet.meant().is_some()) => 0,
            Cause::Labels(unmet) if unmet.len() == 1 => 1,
            Cause::NamespaceLabels(_) => 2,
            Cause::OtherNamespace => 3,
            Cause::Labels(unmet) => 2 + unmet.len(),
            Cause::NoSelector => usize::MAX,
        };
        self.not_by.iter().min_by_key(distance)
    }

    /// Whether the monitor is selected. Without a Prometheus in the input nobody can tell.
    pub fn verdict(&self, setting: &Setting<'_>) -> Verdict {
        let shows_all = |kind: GroupKind<'_>| setting.completeness.shows_all_of(kind.kind);
        if !self.by.is_empty() {
            Verdict::Holds
        } else if self.perhaps.is_empty() && PROMETHEUS_KINDS.into_iter().all(shows_all) {
            Verdict::Broken
        } else {
            Verdict::Unknown
        }
    }
}

/// The kinds that select monitors.
pub const PROMETHEUS_KINDS: [GroupKind<'static>; 2] = [GroupKind::PROMETHEUS, GroupKind::PROMETHEUS_AGENT];

/// How every monitor of the input stands to every Prometheus, by kind, namespace and name of the monitor.
pub fn trace<'w>(setting: &Setting<'w>) -> Vec<Selected<'w>> {
    let inventory = setting.inventory;
    let prometheuses: Vec<Object<'w>> =
        PROMETHEUS_KINDS.into_iter().flat_map(|kind| inventory.of_kind(kind)).collect();
    let mut traced = Vec::new();
    for kind in MonitorKind::ALL {
        let first = traced.len();
        traced.extend(inventory.of_kind(kind.group_kind()).map(|monitor| Selected {
            monitor,
            kind,
            requests: references::requests(monitor, kind),
            by: Vec::new(),
            perhaps: Vec::new(),
            not_by: Vec::new(),
        }));
        let monitors: &mut [Selected<'w>] = &mut traced[first..];
        let Some(base) = monitors.first().map(|selected| selected.monitor.id().index()) else { continue };
        let mut views: Vec<View<'w>> =
            prometheuses.iter().map(|prometheus| View::new(*setting, *prometheus, kind)).collect();
        for view in &mut views {
            for id in view.with_labels() {
                let selected = &mut monitors[id.index() - base];
                let prometheus = view.prometheus;
                match view.admits(selected.monitor.namespace()) {
                    Admits::Yes => selected.by.push(prometheus),
                    Admits::Unknown(what) => selected.perhaps.push((prometheus, what.clone())),
                    Admits::No(_) => {}
                }
            }
        }
        for selected in monitors.iter_mut().filter(|selected| selected.by.is_empty()) {
            let perhaps: Vec<ObjectId> = selected.perhaps.iter().map(|(object, _)| object.id()).collect();
            let rest = views.iter_mut().filter(|view| !perhaps.contains(&view.prometheus.id()));
            let not_by = rest.filter_map(|view| view.why_not(selected.monitor)).collect();
            selected.not_by = not_by;
        }
    }
    traced
}

/// A Prometheus as far as it selects monitors of one kind.
struct View<'w> {
    setting: Setting<'w>,
    prometheus: Object<'w>,
    kind: MonitorKind,
    /// None when it is invalid: the operator gives up on the Prometheus, which is told elsewhere.
    selection: Option<Selection>,
    /// None is the own namespace only.
    namespaces: Option<Selector>,
    known: FxHashMap<Option<&'w str>, Admits>,
}

/// Whether a Prometheus looks into a namespace.
#[derive(Debug)]
enum Admits {
    Yes,
    /// What would tell.
    Unknown(String),
    /// Requirements of the namespace selector; none where there is no selector.
    No(Vec<Unmet>),
}

impl<'w> View<'w> {
    fn new(setting: Setting<'w>, prometheus: Object<'w>, kind: MonitorKind) -> Self {
        let read = |field: &str| Selector::read_field(prometheus.at(&["spec", field]));
        let valid = |field: &str| read(field).map(crate::model::selector::Read::into_result).transpose().ok();
        let namespaces = valid(kind.namespace_selector_field());
        let selection = valid(kind.selector_field()).map(Selection::from).filter(|_| namespaces.is_some());
        Self {
            setting,
            prometheus,
            kind,
            selection,
            namespaces: namespaces.flatten(),
            known: FxHashMap::default(),
        }
    }

    /// The monitors whose labels it asks for.
    fn with_labels(&self) -> Vec<ObjectId> {
        let select = |selector: &Selector| {
            self.setting.inventory.select(self.kind.group_kind(), selector, Namespaces::All)
        };
        match &self.selection {
            None | Some(Selection::Nothing) => Vec::new(),
            Some(Selection::Everything) => select(&Selector::everything()),
            Some(Selection::Matching(selector)) => select(selector),
        }
    }

    fn admits(&mut self, namespace: Option<&'w str>) -> &Admits {
        if !self.known.contains_key(&namespace) {
            let admits = self.judge(namespace);
            self.known.insert(namespace, admits);
        }
        &self.known[&namespace]
    }

    fn judge(&self, namespace: Option<&str>) -> Admits {
        let unnamed =
            || Admits::Unknown("some of the manifests name no namespace (-n says which it is)".to_owned());
        let Some(selector) = &self.namespaces else {
            return match (self.prometheus.namespace(), namespace) {
                (own, other) if own == other => Admits::Yes,
                (Some(_), Some(_)) => Admits::No(Vec::new()),
                _ => unnamed(),
            };
        };
        if selector.is_everything() {
            return Admits::Yes;
        }
        let Some(name) = namespace else { return unnamed() };
        let mut labels: BTreeMap<String, String> = [(NAMESPACE_NAME.to_owned(), name.to_owned())].into();
        let found = self.setting.inventory.get(GroupKind::NAMESPACE, None, name);
        if let Some(found) = found {
            labels.extend(found.labels().iter().map(|(key, value)| (key.to_owned(), value.to_owned())));
        }
        let unmet: Vec<Unmet> = selector.unmet(&labels).map(Unmet::from).collect();
        let is_known = found.is_some() || self.setting.completeness.shows_all("Namespace", None);
        match unmet.iter().find(|unmet| unmet.requirement.key() != NAMESPACE_NAME) {
            _ if unmet.is_empty() => Admits::Yes,
            // Only the label that every Namespace has is known of one that the input does not show.
            Some(open)
                if !is_known && unmet.iter().all(|unmet| unmet.requirement.key() != NAMESPACE_NAME) =>
            {
                Admits::Unknown(format!("the Namespace `{name}`, of which it asks `{}`", open.requirement))
            }
            _ => Admits::No(unmet),
        }
    }

    fn why_not(&mut self, monitor: Object<'w>) -> Option<Unselected<'w>> {
        let prometheus = self.prometheus;
        let unselected = |cause| Some(Unselected { prometheus, cause });
        let selection = self.selection.as_ref()?;
        let unmet: Vec<Unmet> = match selection {
            Selection::Nothing => return unselected(Cause::NoSelector),
            Selection::Everything => Vec::new(),
            Selection::Matching(selector) => selector.unmet(&monitor.labels()).map(Unmet::from).collect(),
        };
        if !unmet.is_empty() {
            return unselected(Cause::Labels(unmet));
        }
        match self.admits(monitor.namespace()) {
            Admits::No(unmet) if unmet.is_empty() => unselected(Cause::OtherNamespace),
            Admits::No(unmet) => unselected(Cause::NamespaceLabels(unmet.clone())),
            Admits::Yes | Admits::Unknown(_) => None,
        }
    }
}

impl From<crate::model::selector::Unmet<'_>> for Unmet {
    fn from(unmet: crate::model::selector::Unmet<'_>) -> Self {
        Self { requirement: unmet.requirement.clone(), found: unmet.found.map(str::to_owned) }
    }
}
