//! The nearest miss of a selector that finds nothing: what it was most likely meant to find.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::alike;
use super::namespaces::TargetNamespaces;
use super::runtime;
use crate::model::label_index::{LabelIndex, Namespaces};
use crate::model::object::Object;
use crate::model::selector::{Operator, Requirement, Selector};

/// Something that a selector nearly finds.
#[derive(Debug)]
pub struct NearMiss<'w> {
    /// What it nearly finds.
    pub object: Object<'w>,
    /// What keeps it from that.
    pub why: Miss,
}

/// What keeps a selector from finding something.
#[derive(Debug, Clone)]
pub enum Miss {
    /// It has the labels, and is in a namespace that is not looked into.
    Namespace,
    /// Its label has a value that differs by a slip of the pen from the one asked for.
    Value {
        /// The requirement it does not meet.
        requirement: Requirement,
        /// The value that is asked for.
        asked: String,
        /// The value it has.
        found: String,
    },
    /// It has the value, or one that is not asked for, under a key that is another one: mistyped, or of the same meaning.
    Key {
        /// The requirement it does not meet.
        requirement: Requirement,
        /// The key it has instead.
        found: String,
    },
    /// It meets every other requirement and lacks the label, or has it with another value.
    OneShort {
        /// The requirement it does not meet.
        requirement: Requirement,
        /// The value it has; none where it has no such label.
        found: Option<String>,
    },
    /// The selector fits the pods of the Service, and not its own labels.
    PodLabels,
    /// What is asked for as a label is the Service's name.
    Name {
        /// The requirement whose value it is.
        requirement: Requirement,
    },
}

/// Where near misses are looked for.
pub trait Candidates<'w> {
    /// The index over their labels.
    fn index(&self) -> &LabelIndex;
    /// The object with this number.
    fn object(&self, item: u32) -> Object<'w>;
    /// The value of a label of it.
    fn label(&self, item: u32, key: &str) -> Option<&str>;
}

/// What is sought: a selector in some namespaces.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'s, 'w> {
    /// The selector.
    pub selector: &'s Selector,
    /// Where it looks.
    pub namespaces: &'s TargetNamespaces<'w>,
}

/// Requirements that other selectors make and that something meets: a value that somebody asks for exactly is no slip of
/// another one.
#[derive(Debug, Default)]
pub struct Demanded {
    values: FxHashSet<(String, String)>,
    selectors: FxHashSet<String>,
}

impl Demanded {
    /// Adds a selector that finds something.
    pub fn add(&mut self, selector: &Selector) {
        for requirement in positive(selector) {
            for value in requirement.values() {
                self.values.insert((requirement.key().to_owned(), value.clone()));
            }
        }
        self.selectors.insert(selector.to_string());
    }

    fn asks_for(&self, key: &str, value: &str) -> bool {
        // Two borrowed texts do not look up two owned ones.
        self.values.contains(&(key.to_owned(), value.to_owned()))
    }
}

/// Candidates that are looked at for one requirement at most: a selector that comes near to more comes near to none.
const MOST: usize = 500;

/// Words that are compared at most in one search over all selectors, so that a world in which nothing fits does not take
/// quadratic time. The near misses of the selectors after that are not looked for.
const BUDGET: usize = 3_000_000;

/// The rank of a miss by a digit.
const BY_DIGIT: usize = 4;

/// Keys that mean what something is called.
const NAME_KEYS: &[&str] =
    &["app", "app.kubernetes.io/name", "k8s-app", "name", "app.kubernetes.io/instance", "component"];

/// The requirements that something has to have a label for.
fn positive(selector: &Selector) -> impl Iterator<Item = &Requirement> {
    selector.requirements().iter().filter(|requirement| is_positive(requirement))
}

fn is_positive(requirement: &Requirement) -> bool {
    matches!(requirement.operator(), Operator::Equals | Operator::In | Operator::Exists)
}

/// A search for near misses among candidates.
pub struct Search<'c, C> {
    candidates: &'c C,
    demanded: &'c Demanded,
    /// The values of keys, each with the candidates that have it.
    values: RefCell<FxHashMap<String, Values<'c>>>,
    keys: Vec<&'c str>,
    budget: Cell<usize>,
}

type Values<'c> = Rc<[(&'c str, &'c [u32])]>;

impl<'c, 'w, C: Candidates<'w>> Search<'c, C> {
    /// A search among candidates, where these requirements are met by something.
    pub fn new(candidates: &'c C, demanded: &'c Demanded) -> Self {
        Self {
            candidates,
            demanded,
            values: RefCell::default(),
            keys: candidates.index().keys(),
            budget: Cell::new(BUDGET),
        }
    }

    /// What a selector that finds nothing nearly finds.
    pub fn nearest(&self, sought: Sought<'_, 'w>) -> Option<NearMiss<'w>> {
        positive(sought.selector).next()?;
        self.by_label(sought).or_else(|| self.elsewhere(sought))
    }

    /// The same labels in another namespace. Another selector like this that finds something is what the labels are for.
    fn elsewhere(&self, sought: Sought<'_, 'w>) -> Option<NearMiss<'w>> {
        let is_taken = || self.demanded.selectors.contains(&sought.selector.to_string());
        if *sought.namespaces == TargetNamespaces::All || is_taken() {
            return None;
        }
        let found = self.candidates.index().select(sought.selector, Namespaces::All);
        let mut found = found.into_iter().map(|item| self.candidates.object(item));
        let object = found.find(|object| !runtime::is_made(*object))?;
        Some(NearMiss { object, why: Miss::Namespace })
    }

    /// One requirement short, in the namespaces that are looked into.
    fn by_label(&self, sought: Sought<'_, 'w>) -> Option<NearMiss<'w>> {
        let mut best: Option<(usize, NearMiss<'w>)> = None;
        let mut by_digit = 0;
        for requirement in positive(sought.selector) {
            let rest = sought.selector.requirements().iter().filter(|other| *other != requirement);
            let others = Selector::new(rest.cloned().collect());
            let items = if positive(&others).next().is_some() {
                self.candidates.index().select(&others, sought.namespaces.as_namespaces())
            } else {
                let mut items = self.alike(requirement);
                items.retain(|item| {
                    let object = self.candidates.object(*item);
                    sought.namespaces.as_namespaces().contains(object.namespace())
                        && others
                            .requirements()
                            .iter()
                            .all(|other| other.is_met_by_value(self.candidates.label(*item, other.key())))
                });
                items
            };
            let is_bound = positive(&others).next().is_some();
            let mut items: Vec<u32> =
                items.into_iter().filter(|item| !runtime::is_made(self.candidates.object(*item))).collect();
            let alone = is_bound && items.len() == 1;
            items.truncate(MOST);
            for item in items {
                let Some((rank, why)) = self.miss(item, requirement, alone) else { continue };
                by_digit += usize::from(rank == BY_DIGIT);
                if best.as_ref().is_none_or(|(known, _)| rank < *known) {
                    best = Some((rank, NearMiss { object: self.candidates.object(item), why }));
                }
            }
        }
        // Of several siblings none is meant.
        best.filter(|(rank, _)| *rank != BY_DIGIT || by_digit == 1).map(|(_, miss)| miss)
    }

    /// The candidates that have the label of a requirement with a similar value, or its value under another key.
    fn alike(&self, requirement: &Requirement) -> Vec<u32> {
        let index = self.candidates.index();
        let mut items: Vec<u32> = Vec::new();
        for (value, with) in self.values_of(requirement.key()).iter() {
            let is_like = |asked: &String| {
                self.is_slip(asked, value)
                    || alike::is_extended(asked, value)
                    || (asked.len().abs_diff(value.len()) < 2 && alike::is_digit_slip(asked, value))
            };
            if requirement.values().iter().any(is_like) {
                items.extend(*with);
            }
        }
        let others = self.keys.iter().filter(|key| self.is_slip(requirement.key(), key));
        let synonyms = NAME_KEYS.iter().filter(|_| NAME_KEYS.contains(&requirement.key()));
        for key in others.chain(synonyms) {
            match requirement.values() {
                [] => items.extend(self.values_of(key).iter().flat_map(|(_, with)| with.iter())),
                values => items.extend(values.iter().flat_map(|value| index.with_label(key, value))),
            }
        }
        items.sort_unstable();
        items.dedup();
        items
    }

    fn values_of(&self, key: &str) -> Values<'c> {
        if let Some(known) = self.values.borrow().get(key) {
            return Rc::clone(known);
        }
        let values: Values<'c> = self.candidates.index().values(key).into();
        self.values.borrow_mut().insert(key.to_owned(), Rc::clone(&values));
        values
    }

    /// [`alike::is_slip`], as long as there is time.
    fn is_slip(&self, written: &str, meant: &str) -> bool {
        let ends = |text: &str| (text.bytes().next(), text.bytes().next_back());
        let ((first, last), (other_first, other_last)) = (ends(written), ends(meant));
        if written.len().abs_diff(meant.len()) > 2 || (first != other_first && last != other_last) {
            return false;
        }
        let left = self.budget.get();
        self.budget.set(left.saturating_sub(1));
        left > 0 && alike::is_slip(written, meant)
    }

    /// How a candidate misses a requirement, and how near it comes. `alone` says that it is the only one that meets all others.
    fn miss(&self, item: u32, requirement: &Requirement, alone: bool) -> Option<(usize, Miss)> {
        let key = requirement.key();
        let found = self.candidates.label(item, key);
        if requirement.is_met_by_value(found) {
            return None;
        }
        if let Some(found) = found {
            let is_meant =
                |asked: &&String| self.is_slip(asked, found) && !self.demanded.asks_for(key, found);
            if let Some(asked) = requirement.values().iter().find(is_meant) {
                let requirement = requirement.clone();
                return Some((0, Miss::Value { requirement, asked: asked.clone(), found: found.to_owned() }));
            }
            let is_part =
                |asked: &&String| alike::is_extended(asked, found) && !self.demanded.asks_for(key, found);
            if let Some(asked) = requirement.values().iter().find(is_part) {
                let requirement = requirement.clone();
                return Some((3, Miss::Value { requirement, asked: asked.clone(), found: found.to_owned() }));
            }
            let is_number =
                |asked: &&String| alike::is_digit_slip(asked, found) && !self.demanded.asks_for(key, found);
            if let Some(asked) = requirement.values().iter().find(is_number) {
                let requirement = requirement.clone();
                return Some((
                    BY_DIGIT,
                    Miss::Value { requirement, asked: asked.clone(), found: found.to_owned() },
                ));
            }
        } else if let Some(other) = self.other_key(item, requirement) {
            return Some((1, Miss::Key { requirement: requirement.clone(), found: other.to_owned() }));
        }
        let is_free = found.is_none_or(|found| !self.demanded.asks_for(key, found));
        (alone && is_free).then(|| {
            let found = found.map(str::to_owned);
            (2, Miss::OneShort { requirement: requirement.clone(), found })
        })
    }

    /// The key a candidate has instead of the one asked for: a slip of it, or one that means the same, with a value that is
    /// asked for.
    fn other_key(&self, item: u32, requirement: &Requirement) -> Option<&'c str> {
        let key = requirement.key();
        let values = requirement.values();
        let has = |other: &str| {
            self.candidates.label(item, other).is_some_and(|value| {
                let is_asked = values.is_empty() || values.iter().any(|asked| asked == value);
                is_asked && !self.demanded.asks_for(other, value)
            })
        };
        let slip = self.keys.iter().find(|other| has(other) && self.is_slip(key, other));
        let is_synonym = |other: &&&str| **other != key && has(other);
        let means_name = NAME_KEYS.contains(&key) && !values.is_empty();
        let synonym = || means_name.then(|| NAME_KEYS.iter().find(is_synonym)).flatten();
        slip.or_else(synonym).copied()
    }
}
