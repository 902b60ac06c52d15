//! How a generated monitor reaches a Prometheus: the labels its selector asks for, in a namespace it looks into.

mod prometheus;
mod targets;

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic, Level};
use crate::integrations::solve::{self, Against, Labels, Unsatisfiable};
use crate::model::inventory::Inventory;
use crate::model::selector::{Operator, Selection, Selector};

pub use prometheus::{Admission, MonitorKind, PrometheusView};
pub use targets::TargetNamespaces;

/// What the user says about wiring.
#[derive(Debug, Clone, Default)]
pub struct WiringOptions {
    /// `NAMESPACE/NAME` of the Prometheus that is to select the monitors.
    pub prometheus: Option<String>,
    /// Labels of the monitors.
    pub labels: Labels,
    /// The namespace of the monitors.
    pub namespace: Option<String>,
}

/// The Prometheus that is to select the monitors, if there is one, and what the user says about them.
#[derive(Debug)]
pub struct Wiring<'w> {
    prometheus: Option<PrometheusView<'w>>,
    options: &'w WiringOptions,
    inventory: &'w Inventory,
}

/// Where a monitor goes and what labels it gets.
#[derive(Debug)]
pub struct Placement {
    /// Its namespace; none when the input names none.
    pub namespace: Option<String>,
    /// Its labels.
    pub labels: Labels,
    /// What the user should know about it.
    pub findings: Vec<Diagnostic>,
}

impl<'w> Wiring<'w> {
    /// Wired to nothing.
    pub fn none(inventory: &'w Inventory, options: &'w WiringOptions) -> Self {
        Self { prometheus: None, options, inventory }
    }

    /// Finds the Prometheus (or PrometheusAgent) the options name, or the only one there is.
    ///
    /// # Errors
    /// When the named one does not exist, or there are several and none is named.
    pub fn new(inventory: &'w Inventory, options: &'w WiringOptions) -> Result<Self, Box<Diagnostic>> {
        let all = PrometheusView::all(inventory);
        let names = || all.iter().map(|view| format!("`{view}`")).collect::<Vec<_>>().join(", ");
        let prometheus = match &options.prometheus {
            Some(wanted) => {
                let mut found = all.iter().filter(|view| view.is_named(wanted));
                let Some(first) = found.next() else {
                    let message = format!("no Prometheus or PrometheusAgent `{wanted}` is in the input");
                    let finding = Diagnostic::new(Code::NO_SUCH_OBJECT, message);
                    return Err(Box::new(if all.is_empty() {
                        finding.help("add its manifest with -f")
                    } else {
                        finding.help(format!("there is {}; --prometheus takes NAMESPACE/NAME", names()))
                    }));
                };
                if found.next().is_some() {
                    let message =
                        format!("`{wanted}` is both a Prometheus and a PrometheusAgent in the input");
                    let help = "leave one of them out of the input";
                    return Err(Box::new(Diagnostic::new(Code::AMBIGUOUS_OBJECT, message).help(help)));
                }
                Some(*first)
            }
            None => match all.as_slice() {
                [] => None,
                [only] => Some(*only),
                _ => {
                    let message =
                        "several Prometheus objects are in the input, and monitors are wired to one";
                    return Err(Box::new(
                        Diagnostic::new(Code::AMBIGUOUS_OBJECT, message)
                            .note(format!("there are {}", names()))
                            .help("say which with --prometheus NAMESPACE/NAME"),
                    ));
                }
            },
        };
        Ok(Self { prometheus, options, inventory })
    }

    /// The Prometheus the monitors are wired to.
    pub fn prometheus(&self) -> Option<&PrometheusView<'w>> {
        self.prometheus.as_ref()
    }

    /// The labels the user gives monitors.
    pub fn given_labels(&self) -> &Labels {
        &self.options.labels
    }

    /// Decides where a monitor goes and what labels it gets.
    ///
    /// `target` is the namespace of what it is to monitor, the first choice. `defaults` are the labels it would
    /// have of itself.
    ///
    /// # Errors
    /// When the Prometheus selects no such monitors, or no labels or no namespace would satisfy it.
    pub fn place(
        &self,
        kind: MonitorKind,
        target: Option<&str>,
        defaults: &Labels,
    ) -> Result<Placement, Box<Diagnostic>> {
        let wanted = self.options.namespace.as_deref();
        let Some(prometheus) = &self.prometheus else {
            let mut labels = defaults.clone();
            labels.extend(self.options.labels.clone());
            let namespace = wanted.or(target).map(str::to_owned);
            // Whoever names labels knows what is asked for.
            let findings = if self.options.labels.is_empty() { vec![unwired()] } else { Vec::new() };
            return Ok(Placement { namespace, labels, findings });
        };
        let mut findings = Vec::new();
        let labels = self.labels(prometheus, kind, defaults, &mut findings)?;
        let namespace = self.namespace(prometheus, kind, target, &mut findings)?;
        Ok(Placement { namespace, labels, findings })
    }

    fn labels(
        &self,
        prometheus: &PrometheusView<'w>,
        kind: MonitorKind,
        defaults: &Labels,
        findings: &mut Vec<Diagnostic>,
    ) -> Result<Labels, Box<Diagnostic>> {
        let selector = match prometheus.selection(kind)? {
            Selection::Nothing => return Err(Box::new(selects_nothing(prometheus, kind))),
            Selection::Everything => Selector::everything(),
            Selection::Matching(selector) => selector,
        };
        let labels = solve::solve(&selector, &self.options.labels, defaults)
            .map_err(|refusal| Box::new(impossible(prometheus, kind.selector_field(), &refusal)))?;
        let mut told = BTreeSet::new();
        for requirement in selector.requirements() {
            let key = requirement.key();
            let free = match requirement.operator() {
                Operator::Exists => true,
                Operator::In => requirement.values().len() > 1,
                _ => false,
            };
            if let Some(value) = labels.get(key)
                && free
                && !self.options.labels.contains_key(key)
                && defaults.get(key) != Some(value)
                && told.insert(key)
            {
                let message =
                    format!("label `{key}={value}` is a choice: {prometheus} asks for `{requirement}`");
                findings.push(
                    Diagnostic::new(Code::CHOICE, message)
                        .help(format!("say --monitor-label {key}=VALUE for another")),
                );
            }
        }
        Ok(labels)
    }

    fn namespace(
        &self,
        prometheus: &PrometheusView<'w>,
        kind: MonitorKind,
        target: Option<&str>,
        findings: &mut Vec<Diagnostic>,
    ) -> Result<Option<String>, Box<Diagnostic>> {
        let wanted = self.options.namespace.as_deref();
        let selector = prometheus.namespace_selector(kind)?;
        if let Some(selector) = &selector {
            solve::solve(selector, &Labels::new(), &Labels::new()).map_err(|refusal| {
                Box::new(impossible(prometheus, kind.namespace_selector_field(), &refusal))
            })?;
        }
        // Then a monitor finds its targets in its own namespace only.
        let bound = prometheus.ignores_namespace_selectors();
        if bound && wanted.is_some() && wanted != target {
            return Err(Box::new(bound_to_target(prometheus, wanted, target)));
        }
        let candidates: Vec<Option<&str>> = if wanted.is_some() {
            vec![wanted]
        } else if bound {
            vec![target]
        } else {
            let mut all = vec![target, prometheus.namespace()];
            let named = selector.iter().flat_map(prometheus::named_namespaces);
            all.extend(named.chain(prometheus::namespaces(self.inventory)).map(Some));
            all
        };
        let mut unknown: Option<(Option<&str>, String)> = None;
        let mut refusal: Option<String> = None;
        for candidate in candidates {
            match prometheus.admits(kind, candidate, self.inventory)? {
                Admission::Yes => return Ok(candidate.map(str::to_owned)),
                Admission::Unknown(why) => {
                    unknown.get_or_insert((candidate, why));
                }
                Admission::No(why) => {
                    refusal.get_or_insert(why);
                }
            }
        }
        let field = kind.namespace_selector_field();
        if let Some((namespace, why)) = unknown {
            let shown = namespace.map_or("of the monitor".to_owned(), |namespace| format!("`{namespace}`"));
            let mut finding = Diagnostic::new(
                Code::UNKNOWN_DEPENDENCY,
                format!("whether {prometheus} looks into the namespace {shown} is not known: {why}"),
            )
            .help(if wanted.is_some() {
                "add the manifest of the Namespace with -f"
            } else {
                "add the manifest of the Namespace with -f, or say --monitor-namespace NAMESPACE"
            });
            if let Some(place) = prometheus.place_of(&["spec", field]) {
                finding = finding.at(place, "");
            }
            findings.push(finding.level(Level::Warning));
            return Ok(namespace.map(str::to_owned));
        }
        let why = refusal.unwrap_or_else(|| "it looks into none".to_owned());
        let message = match wanted {
            Some(namespace) => format!("{prometheus} does not look into the namespace `{namespace}`: {why}"),
            None => format!("{prometheus} looks into no namespace the monitor could be in: {why}"),
        };
        let mut finding = Diagnostic::new(Code::NAMESPACE_NOT_SELECTED, message);
        if let Some(place) = prometheus.place_of(&["spec", field]) {
            let present = prometheus.has(&["spec", field]);
            finding = finding.at(place, if present { "this selector decides" } else { "it is absent here" });
        }
        if prometheus.ignores_namespace_selectors() {
            finding = finding.note(
                "with `ignoreNamespaceSelectors: true` a monitor finds targets in its own namespace only",
            );
        }
        Err(Box::new(match wanted {
            Some(_) => {
                finding.help("leave --monitor-namespace out to have one chosen, or widen the selector")
            }
            None => finding.help(format!(
                "widen `{field}` (`{{}}` is all namespaces), or add the Namespace it selects with -f"
            )),
        }))
    }
}

fn selects_nothing(prometheus: &PrometheusView<'_>, kind: MonitorKind) -> Diagnostic {
    let field = kind.selector_field();
    let message = format!("{prometheus} selects no {kind}: it has no `{field}`");
    let finding = Diagnostic::new(Code::IMPOSSIBLE_SELECTOR, message)
        .note(format!("an absent `{field}` selects nothing, an empty one (`{{}}`) everything"))
        .help(format!("add `{field}: {{}}` to its spec, or name another one with --prometheus"));
    match prometheus.place_of(&["spec"]) {
        Some(place) => finding.at(place, "in this spec"),
        None => finding,
    }
}

/// Nothing in the input says what a monitor needs to be selected.
fn unwired() -> Diagnostic {
    Diagnostic::new(Code::UNKNOWN_DEPENDENCY, "no Prometheus is in the input: what labels and namespace it asks of monitors is not known")
        .level(Level::Info)
        .help("add its manifest with -f (`kubectl get prometheus -A -o yaml`), or say --monitor-label and --monitor-namespace")
}

fn bound_to_target(
    prometheus: &PrometheusView<'_>,
    wanted: Option<&str>,
    target: Option<&str>,
) -> Diagnostic {
    let shown =
        |namespace: Option<&str>| namespace.map_or("no namespace".to_owned(), |name| format!("`{name}`"));
    let message = format!(
        "a monitor in {} finds no target in {}: {prometheus} ignores namespace selectors",
        shown(wanted),
        shown(target)
    );
    let finding = Diagnostic::new(Code::NAMESPACE_NOT_SELECTED, message)
        .note("with `ignoreNamespaceSelectors: true` a monitor finds targets in its own namespace only")
        .help("leave --monitor-namespace out");
    match prometheus.place_of(&["spec", "ignoreNamespaceSelectors"]) {
        Some(place) => finding.at(place, ""),
        None => finding,
    }
}

fn impossible(prometheus: &PrometheusView<'_>, field: &str, refusal: &Unsatisfiable) -> Diagnostic {
    let Unsatisfiable { requirement, against } = refusal;
    let mut finding = match against {
        Against::Given(value) => {
            let key = requirement.key();
            let message = format!(
                "--monitor-label {key}={value} contradicts `{requirement}`, which {prometheus} asks for in `{field}`"
            );
            let help = match (requirement.operator(), requirement.values()) {
                (Operator::Equals | Operator::In, [first, ..]) => {
                    format!("say --monitor-label {key}={first}, or leave it out")
                }
                _ => "leave it out, or give it another value".to_owned(),
            };
            Diagnostic::new(Code::IMPOSSIBLE_SELECTOR, message).help(help)
        }
        Against::Requirements(others) => {
            let others: Vec<String> = others.iter().map(|other| format!("`{other}`")).collect();
            let message = format!(
                "no labels satisfy `{field}` of {prometheus}: `{requirement}` contradicts {}",
                others.join(" with ")
            );
            Diagnostic::new(Code::IMPOSSIBLE_SELECTOR, message)
                .note("a selector's requirements must all be met at once, so it selects nothing at all")
                .help("drop one of them")
        }
    };
    if let Some(place) = prometheus.place_of_requirement(requirement) {
        finding = finding.at(place, "this cannot be met");
    }
    if let Against::Requirements(others) = against {
        for other in others {
            if let Some(place) = prometheus.place_of_requirement(other) {
                finding = finding.with(place, "because of this");
            }
        }
    }
    finding
}
