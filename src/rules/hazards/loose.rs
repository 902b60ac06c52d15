//! Selectors as relabel rules read them: keys are sanitised, and values are regular expressions.

use rustc_hash::FxHashMap;

use crate::chain::Chain;
use crate::chain::targets::Targets;
use crate::model::kind::GroupKind;
use crate::model::label_index::LabelIndex;
use crate::model::object::Object;
use crate::model::selector::{Operator, Selector};
use crate::operator::MonitorKind;
use crate::prom::label_name::sanitise;
use crate::prom::regex::{self, Anchoring};

/// What a monitor finds by relabel rules and not by its selector.
pub(super) struct Stray<'c, 'w> {
    /// The monitor.
    pub(super) targets: &'c Targets<'w>,
    /// What it finds besides.
    pub(super) object: Object<'w>,
    /// The key that is taken for another one, with that; none where a value is taken for a pattern.
    pub(super) keys: Option<(String, String)>,
}

/// What every monitor finds too much, one each.
pub(super) fn strays<'c, 'w>(chain: &'c Chain<'w>) -> Vec<Stray<'c, 'w>> {
    let mut found = Vec::new();
    for kind in [MonitorKind::Service, MonitorKind::Pod] {
        let index = match kind {
            MonitorKind::Service => chain.setting.inventory.label_index(GroupKind::SERVICE),
            _ => Some(chain.workloads.index()),
        };
        let Some(index) = index else { continue };
        let mut spellings: FxHashMap<String, Vec<&str>> = FxHashMap::default();
        for key in index.keys() {
            spellings.entry(sanitise(key).into_owned()).or_default().push(key);
        }
        let monitors = chain.targets.iter().filter(|targets| targets.kind == kind);
        for targets in monitors {
            let mechanism = targets.monitor.at(&["spec", "selectorMechanism"]);
            if mechanism.and_then(crate::source::Node::as_str) == Some("RoleSelector") {
                continue;
            }
            let Some(selector) = &targets.selector else { continue };
            if may_stray(selector, index, &spellings) {
                found.extend(stray(chain, targets, selector));
            }
        }
    }
    found
}

/// Whether some label anywhere is met by a rule and not by a requirement.
fn may_stray(selector: &Selector, index: &LabelIndex, spellings: &FxHashMap<String, Vec<&str>>) -> bool {
    selector.requirements().iter().any(|requirement| {
        let Some(keys) = spellings.get(sanitise(requirement.key()).as_ref()) else { return false };
        let is_other = |key: &&str| *key != requirement.key();
        keys.iter().any(is_other)
            || requirement.values().iter().filter(|value| value.contains('.')).any(|value| {
                let Ok(pattern) = regex::compile_anchored(value, Anchoring::Text) else { return false };
                let values = index.values(requirement.key());
                values.iter().any(|(other, _)| other != value && pattern.is_match(other))
            })
    })
}

fn stray<'c, 'w>(
    chain: &'c Chain<'w>,
    targets: &'c Targets<'w>,
    selector: &Selector,
) -> Option<Stray<'c, 'w>> {
    let namespaces = targets.namespaces.as_namespaces();
    let judge = |object: Object<'w>, labels: &dyn Fn(&str) -> Option<String>, all: &[(String, String)]| {
        let is_met = selector
            .requirements()
            .iter()
            .all(|requirement| requirement.is_met_by_value(labels(requirement.key()).as_deref()));
        (!is_met && namespaces.contains(object.namespace())).then(|| loosely(selector, all)).flatten()
    };
    if targets.kind == MonitorKind::Service {
        chain.setting.inventory.of_kind(GroupKind::SERVICE).find_map(|object| {
            let pairs = object.labels().iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
            let all: Vec<(String, String)> = pairs.collect();
            let keys = judge(object, &|key| object.labels().get(key).map(str::to_owned), &all)?;
            Some(Stray { targets, object, keys: keys.0 })
        })
    } else {
        chain.workloads.all().find_map(|workload| {
            let all: Vec<(String, String)> = workload.labels.clone().into_iter().collect();
            let keys = judge(workload.object, &|key| workload.labels.get(key).cloned(), &all)?;
            Some(Stray { targets, object: workload.object, keys: keys.0 })
        })
    }
}

struct Loosely(Option<(String, String)>);

/// Whether relabel rules keep what has these labels, and which key was taken for another.
fn loosely(selector: &Selector, labels: &[(String, String)]) -> Option<Loosely> {
    let mut keys = None;
    for requirement in selector.requirements() {
        let wanted = sanitise(requirement.key());
        let own = labels.iter().find(|(key, _)| key == requirement.key());
        let found = own.or_else(|| labels.iter().find(|(key, _)| sanitise(key) == wanted));
        if let (None, Some((key, _))) = (own, found) {
            keys = keys.or_else(|| Some((requirement.key().to_owned(), key.clone())));
        }
        let matches = |value: &str| {
            requirement.values().iter().any(|pattern| {
                regex::compile_anchored(pattern, Anchoring::Text).is_ok_and(|pattern| pattern.is_match(value))
            })
        };
        let is_met = match requirement.operator() {
            Operator::Equals | Operator::In => found.is_some_and(|(_, value)| matches(value)),
            Operator::NotIn => found.is_none_or(|(_, value)| !matches(value)),
            Operator::Exists => found.is_some(),
            Operator::DoesNotExist => found.is_none(),
        };
        if !is_met {
            return None;
        }
    }
    Some(Loosely(keys))
}
