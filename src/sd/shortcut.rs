//! The groups a job need not look into: those in which every target is dropped by what all of them share.
//!
//! A rule that keeps or drops by labels of the group (its Service's, its namespace), and that no rule before it can have
//! disturbed, decides about the whole group. So it is asked once for a group, and where it keeps certain values only, the
//! [`Index`] says which groups to ask about at all. Targets of the others are counted as dropped. Which rule would have dropped
//! each of them first is another question; who asks it goes the plain way.

use super::index::{Index, Wish, Wished, stretches};
use super::label::{PREFIXES, Set, Wanted, Writer};
use super::release::Release;
use super::roles;
use super::view::View;
use super::{Group, label};
use crate::kubernetes::selector_text::{LabelSelector, LabelTest};
use crate::prom::config::Role;
use crate::prom::label_name::sanitise;
use crate::prom::relabel::{Condition, Rules, Scratch};

/// The part of a job's rules that decides about groups of a role.
pub(super) struct Shortcut<'j> {
    conditions: Vec<Condition<'j>>,
    wanted: Wanted,
}

impl<'j> Shortcut<'j> {
    pub(super) fn new(rules: &'j Rules, role: Role) -> Self {
        let conditions: Vec<Condition<'j>> = rules
            .conditions()
            .into_iter()
            .filter(|condition| condition.sources().iter().all(|source| is_shared(role, source.as_str())))
            .collect();
        let wanted = Wanted::names(conditions.iter().flat_map(|condition| condition.sources()));
        Self { conditions, wanted }
    }

    /// Takes the groups that have to be looked into; says how many targets all others have.
    pub(super) fn groups<'s>(
        &self,
        view: &View<'s>,
        release: &Release,
        index: &Index,
        take: &mut dyn FnMut(Group<'s>),
    ) -> u64 {
        let stretches = stretches(view);
        let own: Vec<(String, &LabelTest)> = view
            .own_labels()
            .into_iter()
            .flat_map(LabelSelector::terms)
            .map(|term| (sanitise(&term.key).into_owned(), &term.test))
            .collect();
        let unfiltered = view.is_unfiltered();
        // Where a selector filters, what it leaves has to be counted one by one.
        let wishes: Vec<Wish<'_>> = if unfiltered {
            self.conditions.iter().filter_map(|condition| of_condition(*condition)).collect()
        } else {
            own.iter().filter_map(|(key, test)| of_selector(view.role, key, test)).collect()
        };
        let places = index.places(view, &stretches, &wishes);
        let mut writer = Writer::new(&self.wanted);
        let mut scratch = Scratch::default();
        let (mut looked_into, mut left_out) = (0, 0);
        let mut visit = |place: usize| {
            let Some(group) = roles::at(view, place) else { return };
            writer.labels.clear();
            roles::write_group(view, release, &group, &mut writer);
            if self.conditions.iter().all(|condition| condition.keeps(&writer.labels, &mut scratch)) {
                if unfiltered {
                    looked_into += index.count(view, release, std::slice::from_ref(&(place..place + 1)));
                }
                take(group);
            } else if !unfiltered {
                left_out += roles::count(view, release, group);
            }
        };
        match places {
            Some(places) => places.into_iter().for_each(|place| visit(place as usize)),
            None => stretches.iter().cloned().flatten().for_each(&mut visit),
        }
        if unfiltered { index.count(view, release, &stretches) - looked_into } else { left_out }
    }
}

/// Whether a label is the same for all targets of a group, and only the group has it.
fn is_shared(role: Role, name: &str) -> bool {
    const NAMESPACE: &[&str] = &[
        "__meta_kubernetes_namespace",
        "__meta_kubernetes_namespace_label",
        "__meta_kubernetes_namespace_annotation",
    ];
    const SERVICE: &[&str] = &[
        "__meta_kubernetes_service_name",
        "__meta_kubernetes_service_label",
        "__meta_kubernetes_service_annotation",
    ];
    let own: &[&str] = match role {
        Role::Endpoints => &[
            "__meta_kubernetes_endpoints_name",
            "__meta_kubernetes_endpoints_label",
            "__meta_kubernetes_endpoints_annotation",
        ],
        Role::EndpointSlice => &[
            "__meta_kubernetes_endpointslice_name",
            "__meta_kubernetes_endpointslice_address_type",
            "__meta_kubernetes_endpointslice_label",
            "__meta_kubernetes_endpointslice_annotation",
        ],
        Role::Pod => &[
            "__meta_kubernetes_pod_name",
            "__meta_kubernetes_pod_phase",
            "__meta_kubernetes_pod_ready",
            "__meta_kubernetes_pod_node_name",
            "__meta_kubernetes_pod_label",
            "__meta_kubernetes_pod_annotation",
        ],
        Role::Service => &[],
        Role::Node => &[
            "__meta_kubernetes_node_name",
            "__meta_kubernetes_node_label",
            "__meta_kubernetes_node_annotation",
        ],
        Role::Ingress => &[
            "__meta_kubernetes_ingress_name",
            "__meta_kubernetes_ingress_class_name",
            "__meta_kubernetes_ingress_label",
            "__meta_kubernetes_ingress_annotation",
        ],
    };
    let service =
        if matches!(role, Role::Endpoints | Role::EndpointSlice | Role::Service) { SERVICE } else { &[] };
    let namespace = if role == Role::Node { &[] } else { NAMESPACE };
    [own, service, namespace].into_iter().flatten().any(|known| {
        let Some(rest) = name.strip_prefix(known) else { return false };
        // A label or an annotation: its value, or that it is present.
        rest.is_empty()
            || (known.ends_with("label") || known.ends_with("annotation"))
                && (rest.starts_with('_') || rest.starts_with("present_"))
    })
}

/// What a rule that keeps certain values of one label asks for: `label`, or `label;labelpresent`.
fn of_condition(condition: Condition<'_>) -> Option<Wish<'_>> {
    let of = |at: usize| -> Option<(Set, &str, bool)> {
        let name = condition.sources().get(at)?.as_str();
        label::SETS.iter().find_map(|set| {
            let (value, present) = PREFIXES[*set as usize];
            // `label_` is not the beginning of `labelpresent_`.
            name.strip_prefix(value)
                .map(|key| (*set, key, true))
                .or_else(|| name.strip_prefix(present).map(|key| (*set, key, false)))
        })
    };
    let (set, key, true) = of(0)? else { return None };
    let suffix = match condition.sources().len() {
        1 => String::new(),
        2 => {
            let (other_set, other_key, is_value) = of(1)?;
            if is_value || (other_set, other_key) != (set, key) {
                return None;
            }
            format!("{}true", condition.separator())
        }
        _ => return None,
    };
    // What is kept without the label cannot be found by it.
    let absent = if condition.sources().len() == 1 { "" } else { condition.separator() };
    if condition.keeps_text(absent) {
        return None;
    }
    let values = match condition.texts() {
        Some(texts) => {
            Wished::Some(texts.into_iter().filter_map(|text| text.strip_suffix(&suffix)).collect())
        }
        None => Wished::Any(Box::new(move |value| condition.keeps_text(&format!("{value}{suffix}")))),
    };
    Some(Wish { set, key, values })
}

/// What a term of the selector for the objects of a role asks for.
fn of_selector<'w>(role: Role, key: &'w str, test: &'w LabelTest) -> Option<Wish<'w>> {
    let set = match role {
        Role::Endpoints => Set::EndpointsLabels,
        Role::EndpointSlice => Set::SliceLabels,
        Role::Pod => Set::PodLabels,
        Role::Service => Set::ServiceLabels,
        Role::Node => Set::NodeLabels,
        Role::Ingress => Set::IngressLabels,
    };
    match test {
        LabelTest::In(values) => {
            Some(Wish { set, key, values: Wished::Some(values.iter().map(String::as_str).collect()) })
        }
        LabelTest::Exists | LabelTest::Above(_) | LabelTest::Below(_) => {
            Some(Wish { set, key, values: Wished::Any(Box::new(|value| test.is_met_by(Some(value)))) })
        }
        LabelTest::Absent | LabelTest::NotIn(_) => None,
    }
}
