//! Rules, compiled, and what they do to labels.

use std::sync::Arc;

use md5::compute as md5;
use regex_automata::util::primitives::NonMaxUsize;
use rustc_hash::FxHashMap;

use super::check::{check_sources, checked};
use super::config::{Action, Config, Dialect};
use super::labels::{Labels, Name};
use super::matcher::Matcher;
use crate::prom::label_name::Scheme;
use crate::prom::regex::Template;
use crate::prom::unicode;

/// Why a list of rules cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// The rule's place in the list, from 0.
    pub rule: usize,
    /// What Prometheus says about it.
    pub message: String,
}

/// Compiles rules for one dialect; each regex and name once, however many lists they are in.
#[derive(Debug)]
pub struct Compiler {
    dialect: Dialect,
    /// By pattern, and whether groups are asked for.
    matchers: FxHashMap<(String, bool), Arc<Matcher>>,
    names: FxHashMap<String, Name>,
}

impl Compiler {
    /// A compiler that has seen nothing yet.
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, matchers: FxHashMap::default(), names: FxHashMap::default() }
    }

    /// Compiles a list whose source labels were checked when they were read (`prom::config`).
    ///
    /// # Errors
    /// The first rule that Prometheus refuses.
    pub fn compile(&mut self, configs: &[Config]) -> Result<Rules, RuleError> {
        let rules = configs
            .iter()
            .enumerate()
            .map(|(rule, config)| self.rule(config).map_err(|message| RuleError { rule, message }));
        Ok(Rules { rules: rules.collect::<Result<_, _>>()? })
    }

    fn rule(&mut self, config: &Config) -> Result<Rule, String> {
        let (action, pattern) = checked(config, self.dialect)?;
        let template = |text: &str| Template::new(text, pattern.group_names());
        let replacement = template(config.replacement());
        let target = template(config.target_label());
        let groups = match action {
            Action::Replace => replacement.has_groups() || target.has_groups(),
            Action::LabelMap => replacement.has_groups(),
            _ => false,
        };
        let key = (config.regex().to_owned(), groups);
        let matcher = if let Some(matcher) = self.matchers.get(&key) {
            Arc::clone(matcher)
        } else {
            let matcher = Arc::new(Matcher::new(&pattern, groups).map_err(|error| error.message)?);
            Arc::clone(self.matchers.entry(key).or_insert(matcher))
        };
        let target = match (action, target.constant()) {
            (Action::Replace, None) => Target::Template(target),
            // A `$` means something to `replace` only.
            (Action::Replace, Some(name)) if !self.dialect.scheme.accepts(name) => Target::None,
            (Action::Replace, Some(name)) => Target::Name(self.name(name)),
            _ => Target::Name(self.name(config.target_label())),
        };
        let value = match replacement.constant() {
            Some(text) => Value::Constant(text.into()),
            None => Value::Template(replacement),
        };
        Ok(Rule {
            action,
            sources: config.source_labels.iter().flatten().map(|name| self.name(name)).collect(),
            separator: config.separator().to_owned(),
            matcher,
            modulus: config.modulus,
            target,
            value,
            scheme: self.dialect.scheme,
        })
    }

    /// The name as the rules have it. Labels that are set under such names are found faster.
    pub fn name(&mut self, name: &str) -> Name {
        if let Some(known) = self.names.get(name) {
            return known.clone();
        }
        self.names.entry(name.to_owned()).or_insert_with(|| name.into()).clone()
    }
}

/// Rules in their order, compiled.
#[derive(Debug, Clone)]
pub struct Rules {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    action: Action,
    sources: Vec<Name>,
    separator: String,
    matcher: Arc<Matcher>,
    modulus: u64,
    target: Target,
    value: Value,
    scheme: Scheme,
}

#[derive(Debug, Clone)]
enum Target {
    Name(Name),
    Template(Template),
    /// A name that is not valid: nothing is set.
    None,
}

#[derive(Debug, Clone)]
enum Value {
    Constant(Arc<str>),
    Template(Template),
}

/// What became of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They went through all rules.
    Kept,
    /// A rule dropped them; they are as they were before it.
    Dropped {
        /// The rule's place in the list, from 0.
        rule: usize,
    },
}

/// A rule that keeps or drops, on its own.
#[derive(Debug, Clone, Copy)]
pub struct Condition<'r> {
    rule: &'r Rule,
}

impl<'r> Condition<'r> {
    /// The labels it looks at.
    pub fn sources(self) -> &'r [Name] {
        &self.rule.sources
    }

    /// What stands between their values.
    pub fn separator(self) -> &'r str {
        &self.rule.separator
    }

    /// Whether it keeps labels with this text of joined values.
    pub fn keeps_text(self, text: &str) -> bool {
        (self.rule.action == Action::Keep) == self.rule.matcher.is_match(text)
    }

    /// Whether it keeps these labels.
    pub fn keeps(self, labels: &Labels, scratch: &mut Scratch) -> bool {
        self.keeps_text(self.rule.join(labels, &mut scratch.joined))
    }

    /// The only texts it keeps, if there are not too many to tell.
    pub fn texts(self) -> Option<Vec<&'r str>> {
        match (&*self.rule.matcher, self.rule.action) {
            (Matcher::One(text), Action::Keep) => Some(vec![text]),
            (Matcher::Few(texts), Action::Keep) => Some(texts.iter().map(String::as_str).collect()),
            (Matcher::Many(texts), Action::Keep) => Some(texts.iter().map(String::as_str).collect()),
            _ => None,
        }
    }
}

/// One rule's effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The rule's place in the list, from 0.
    pub rule: usize,
    /// The labels it was given.
    pub before: Labels,
    /// The labels it left.
    pub after: Labels,
    /// Whether it kept them; otherwise this is the last step.
    pub kept: bool,
}

/// Memory that is used again from one set of labels to the next.
#[derive(Debug, Default)]
pub struct Scratch {
    joined: String,
    name: String,
    value: String,
    slots: Vec<Option<NonMaxUsize>>,
}

impl Rules {
    /// Checks and compiles a list on its own. For many lists use one [`Compiler`].
    ///
    /// # Errors
    /// The first rule that Prometheus refuses.
    pub fn compile(configs: &[Config], dialect: Dialect) -> Result<Self, RuleError> {
        let mut compiler = Compiler::new(dialect);
        let rules = configs.iter().enumerate().map(|(rule, config)| {
            check_sources(config, dialect)
                .and_then(|()| compiler.rule(config))
                .map_err(|message| RuleError { rule, message })
        });
        Ok(Self { rules: rules.collect::<Result<_, _>>()? })
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The labels the rules look at by name, and whether some rule copies labels by their names, so that any may count.
    pub fn reads(&self) -> (Vec<&Name>, bool) {
        let mut names = Vec::new();
        let mut any = false;
        for rule in &self.rules {
            names.extend(&rule.sources);
            any |= rule.action == Action::LabelMap;
            if let (Action::KeepEqual | Action::DropEqual, Target::Name(name)) = (rule.action, &rule.target) {
                names.push(name);
            }
        }
        (names, any)
    }

    /// The rules that keep or drop by labels which no rule before them can have changed: what they decide of the labels that
    /// are given, they decide in their place, too.
    pub fn conditions(&self) -> Vec<Condition<'_>> {
        let mut changed: Vec<&Name> = Vec::new();
        let mut conditions = Vec::new();
        for rule in &self.rules {
            match (rule.action, &rule.target) {
                (Action::Keep | Action::Drop, _) => {
                    if rule.sources.iter().all(|source| !changed.contains(&source)) {
                        conditions.push(Condition { rule });
                    }
                }
                (Action::KeepEqual | Action::DropEqual, _) | (Action::Replace, Target::None) => {}
                (Action::LabelMap | Action::LabelDrop | Action::LabelKeep, _) | (_, Target::Template(_)) => {
                    break;
                }
                (_, Target::Name(name)) => changed.push(name),
                (_, Target::None) => {}
            }
        }
        conditions
    }

    /// Applies the rules in order, up to one that drops.
    pub fn apply(&self, labels: &mut Labels, scratch: &mut Scratch) -> Verdict {
        for (index, rule) in self.rules.iter().enumerate() {
            if !rule.apply(labels, scratch) {
                return Verdict::Dropped { rule: index };
            }
        }
        Verdict::Kept
    }

    /// The same, step by step.
    pub fn trace(&self, labels: &Labels) -> Vec<Step> {
        let mut scratch = Scratch::default();
        let mut steps: Vec<Step> = Vec::with_capacity(self.rules.len());
        for (index, rule) in self.rules.iter().enumerate() {
            let before = steps.last().map_or(labels, |step| &step.after).clone();
            let mut after = before.clone();
            let kept = rule.apply(&mut after, &mut scratch);
            steps.push(Step { rule: index, before, after, kept });
            if !kept {
                break;
            }
        }
        steps
    }
}

impl Rule {
    /// The joined values of its source labels.
    fn join<'j>(&self, labels: &'j Labels, joined: &'j mut String) -> &'j str {
        if let [one] = &self.sources[..] {
            return labels.value(one).map_or("", |value| value);
        }
        joined.clear();
        for (index, source) in self.sources.iter().enumerate() {
            if index > 0 {
                joined.push_str(&self.separator);
            }
            joined.push_str(labels.value(source).map_or("", |value| value));
        }
        joined
    }

    /// Whether the labels are kept.
    fn apply(&self, labels: &mut Labels, scratch: &mut Scratch) -> bool {
        match self.action {
            Action::LabelMap => self.map_names(labels, scratch),
            Action::LabelDrop => labels.retain(|name| !self.matcher.is_match(name)),
            Action::LabelKeep => labels.retain(|name| self.matcher.is_match(name)),
            _ => {
                // The memory is lent out, so that the labels can be read from it while they are changed.
                let Scratch { joined, name, value, slots } = scratch;
                let source = if let [one] = &self.sources[..] {
                    labels.value(one).cloned()
                } else {
                    self.join(labels, joined);
                    None
                };
                let text = match &source {
                    Some(value) => value,
                    None if self.sources.len() == 1 => "",
                    None => joined.as_str(),
                };
                return self.apply_to(text, source.as_ref(), labels, (name, value, slots));
            }
        }
        true
    }

    /// What is done with the joined values; `shared` is the value of the one source label.
    fn apply_to(
        &self,
        text: &str,
        shared: Option<&Arc<str>>,
        labels: &mut Labels,
        (name, value, slots): (&mut String, &mut String, &mut Vec<Option<NonMaxUsize>>),
    ) -> bool {
        match self.action {
            Action::Keep => return self.matcher.is_match(text),
            Action::Drop => return !self.matcher.is_match(text),
            Action::KeepEqual => return self.target_value(labels) == text,
            Action::DropEqual => return self.target_value(labels) != text,
            Action::Lowercase => self.set(labels, &unicode::to_lower(text)),
            Action::Uppercase => self.set(labels, &unicode::to_upper(text)),
            Action::HashMod => {
                let digest = md5(text.as_bytes());
                let half = digest.last_chunk::<8>().copied().unwrap_or_default();
                // The modulus was checked.
                let rest = u64::from_be_bytes(half) % self.modulus.max(1);
                self.set(labels, &rest.to_string());
            }
            Action::Replace => {
                let Some(found) = self.matcher.find(text, slots) else { return true };
                let templated;
                let target = match &self.target {
                    Target::Name(name) => name,
                    Target::Template(template) => {
                        name.clear();
                        template.expand_with(|group| found.group(group), name);
                        if !self.scheme.accepts(name) {
                            return true;
                        }
                        templated = Name::from(name.as_str());
                        &templated
                    }
                    Target::None => return true,
                };
                match (&self.value, shared) {
                    (Value::Constant(constant), _) => labels.set_value(target, Arc::clone(constant)),
                    (Value::Template(template), Some(shared)) if self.is_whole(template) => {
                        labels.set_value(target, Arc::clone(shared));
                    }
                    (Value::Template(template), _) => {
                        value.clear();
                        template.expand_with(|group| found.group(group), value);
                        labels.set_text(target, value);
                    }
                }
            }
            Action::LabelMap | Action::LabelDrop | Action::LabelKeep => {}
        }
        true
    }

    /// Whether the template is all of the text, so that the value can be shared.
    fn is_whole(&self, template: &Template) -> bool {
        match &*self.matcher {
            Matcher::Around { prefix, suffix, group: Some(group), .. } => {
                prefix.is_empty() && suffix.is_empty() && template.is_group(*group)
            }
            _ => false,
        }
    }

    fn target_value<'l>(&self, labels: &'l Labels) -> &'l str {
        match &self.target {
            Target::Name(name) => labels.value(name).map_or("", |value| value),
            _ => "",
        }
    }

    fn set(&self, labels: &mut Labels, value: &str) {
        if let Target::Name(name) = &self.target {
            labels.set_text(name, value);
        }
    }

    /// `labelmap`: every name is looked at as it was before.
    fn map_names(&self, labels: &mut Labels, scratch: &mut Scratch) {
        let mut mapped: Vec<(Name, Arc<str>)> = Vec::new();
        for (name, value) in labels.shared() {
            let Some(found) = self.matcher.find(name.as_str(), &mut scratch.slots) else { continue };
            let new = match (&self.value, &*self.matcher) {
                (Value::Constant(constant), Matcher::Automaton(regex)) => {
                    regex.replace_all(name.as_str(), &Template::constant_text(constant))
                }
                (Value::Template(template), Matcher::Automaton(regex)) => {
                    regex.replace_all(name.as_str(), template)
                }
                // The others match the whole name, once.
                (Value::Constant(constant), _) => constant.to_string(),
                (Value::Template(template), _) => {
                    let mut new = String::new();
                    template.expand_with(|group| found.group(group), &mut new);
                    new
                }
            };
            mapped.push((new.as_str().into(), Arc::clone(value)));
        }
        for (name, value) in mapped {
            labels.set_value(&name, value);
        }
    }
}
