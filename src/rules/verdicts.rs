//! Findings made of what the operator rejects and Prometheus refuses, in their own words.

use rustc_hash::FxHashSet;

use super::chain::wording;
use crate::chain::Chain;
use crate::chain::references::Reached;
use crate::chain::refusals::{Origin, RefusedPart};
use crate::diagnostic::{Code, Diagnostic, Level, Place};
use crate::model::object::{Object, ObjectId};
use crate::operator::{MonitorKind, Rejection};
use crate::source::{Node, Value};

/// Why the operator rejects a monitor, as far as there is a rule for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// It reads files, which the Prometheus forbids.
    Files,
    /// Its timeout is above its interval.
    Timing,
    /// A relabel rule.
    Relabeling,
    /// Several ways of authentication.
    Authentication,
    /// A scrape class the Prometheus does not have.
    ScrapeClass,
    /// The address of a prober.
    Prober,
    /// A Probe without targets.
    NoTargets,
    /// TLS of which a part is missing, or is there twice.
    Tls,
    /// Anything else.
    Other,
}

impl Cause {
    fn of(rejection: &Rejection) -> Self {
        let (words, path) = (rejection.refusal.message.as_str(), &rejection.refusal.path);
        let has = |text: &str| words.contains(text);
        let is_within = |field: &str| path.iter().any(|step| step == field);
        if has("it accesses file system") {
            Self::Files
        } else if has("cannot be configured at the same time") {
            Self::Authentication
        } else if is_within("scrapeClass") {
            Self::ScrapeClass
        } else if has("at least one of .spec.targets") {
            Self::NoTargets
        } else if is_within("prober") && is_within("url") {
            Self::Prober
        } else if has("scrapeTimeout") || has("scrapeInterval") {
            Self::Timing
        } else if has("elabelConfigs") || has("relabeling") {
            Self::Relabeling
        } else if is_within("tlsConfig")
            && !["not found", "unable to get", "PEM", "certificate: ", "tls: "].into_iter().any(has)
        {
            Self::Tls
        } else {
            Self::Other
        }
    }
}

/// A monitor that is rejected for some cause.
pub(super) struct Rejected<'c, 'w> {
    /// The Prometheus; none where no Prometheus of the input selects it.
    pub(super) prometheus: Option<Object<'w>>,
    /// The monitor.
    pub(super) monitor: Object<'w>,
    /// Why.
    pub(super) rejection: &'c Rejection,
}

/// The monitors that are rejected for a cause, each once: several Prometheuses of one version say the same.
pub(super) fn rejected<'c, 'w>(chain: &'c Chain<'w>, cause: Cause) -> impl Iterator<Item = Rejected<'c, 'w>> {
    let lacking: FxHashSet<ObjectId> = chain
        .references
        .iter()
        .filter(|reference| matches!(reference.to, Reached::NoKey(..) | Reached::Absent(_)))
        .map(|reference| reference.monitor.id())
        .collect();
    // What is missing is told where it is referred to.
    let is_told = move |rejection: &Rejection| {
        rejection.refusal.message.ends_with("not found") && lacking.contains(&rejection.object)
    };
    let of_prometheuses = chain.prometheuses.iter().flat_map(|prometheus| {
        let rejections = prometheus.outcome.rejected.iter();
        rejections.map(move |rejection| (Some(prometheus.object), rejection))
    });
    let of_any = chain.unselected.rejected.iter().map(|rejection| (None, rejection));
    let mut seen: FxHashSet<(ObjectId, &str)> = FxHashSet::default();
    of_prometheuses
        .chain(of_any)
        .filter(move |(_, rejection)| Cause::of(rejection) == cause && !is_told(rejection))
        .filter(move |(_, rejection)| seen.insert((rejection.object, rejection.refusal.message.as_str())))
        .map(|(prometheus, rejection)| Rejected {
            prometheus,
            monitor: chain.setting.object(rejection.object),
            rejection,
        })
}

impl Rejected<'_, '_> {
    /// Where the refusal points.
    pub(super) fn place(&self) -> Place {
        let path: Vec<&str> = self.rejection.refusal.path.iter().map(String::as_str).collect();
        self.monitor.place_at(&path)
    }

    /// The finding: certain, as both ends are known.
    pub(super) fn finding(&self, code: Code, label: &str) -> Diagnostic {
        let message =
            format!("the operator rejects `{}`: {}", self.monitor.identity(), self.rejection.refusal.message);
        let finding = Diagnostic::new(code, message)
            .level(Level::Error)
            .about(self.monitor.subject())
            .at(wording::first_line(self.place()), label);
        let finding = match self.prometheus {
            Some(prometheus) => {
                finding.with(prometheus.place(), format!("`{}` selects it", prometheus.identity()))
            }
            None => finding,
        };
        finding.note("it leaves out the whole monitor, and says so in an Event and in its log only")
    }
}

/// Which rule tells a refusal by Prometheus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Several ways of authentication.
    Authentication,
    /// The name of a port, which is a regular expression.
    Port,
    /// The name of a label.
    LabelName,
    /// `keepequal` or `dropequal` with a regular expression.
    Comparison,
    /// A client's options without the server's address.
    NoServer,
    /// An empty name or interval.
    Empty,
    /// Anything else.
    Other,
}

impl Fault {
    fn of(part: &RefusedPart<'_>) -> Self {
        let has = |text: &str| part.message.contains(text);
        if ["at most one of basic_auth", "bearer_token", "authorization is not compatible"]
            .into_iter()
            .any(has)
        {
            Self::Authentication
        } else if has("error parsing regexp") && port_of(part).is_some() {
            Self::Port
        } else if ["is not a valid label name", "is invalid 'target_label'", "is invalid 'replacement'"]
            .into_iter()
            .any(has)
            || has("is not a valid label")
        {
            Self::LabelName
        } else if has("requires only 'source_labels' and `target_label`") {
            Self::Comparison
        } else if has("please provide the 'api_server' URL") {
            Self::NoServer
        } else if has("requires 'target_label' value") || has("empty duration string") {
            Self::Empty
        } else {
            Self::Other
        }
    }
}

/// The refusals that a rule tells.
pub(super) fn refused<'c, 'w>(
    chain: &'c Chain<'w>,
    fault: Fault,
) -> impl Iterator<Item = &'c RefusedPart<'w>> {
    chain.refusals().filter(move |part| Fault::of(part) == fault)
}

/// A name of a port that is no regular expression.
fn port_of<'w>(part: &RefusedPart<'w>) -> Option<Node<'w>> {
    let endpoint = endpoint_of(part)?;
    ["port", "targetPort"].into_iter().find_map(|field| {
        let node = endpoint.get(field)?;
        let text = node.as_str()?;
        crate::prom::regex::compile_anchored(text, crate::prom::regex::Anchoring::Text)
            .is_err()
            .then_some(node)
    })
}

/// The endpoint a refusal is about, or the `spec`.
pub(super) fn endpoint_of<'w>(part: &RefusedPart<'w>) -> Option<Node<'w>> {
    let Origin::Monitor(kind, monitor, index) = part.origin else { return None };
    match kind {
        MonitorKind::Service => monitor.at(&["spec", "endpoints", &index.to_string()]),
        MonitorKind::Pod => monitor.at(&["spec", "podMetricsEndpoints", &index.to_string()]),
        MonitorKind::Probe | MonitorKind::ScrapeConfig => monitor.at(&["spec"]),
    }
}

/// The finding: Prometheus takes nothing of a file that it refuses a part of.
pub(super) fn of_refusal(code: Code, part: &RefusedPart<'_>) -> Diagnostic {
    let (object, place) = match part.origin {
        Origin::Monitor(_, monitor, _) => (Some(monitor), culprit(part)),
        Origin::Prometheus | Origin::Additional => (part.prometheus, culprit(part)),
    };
    let who = object.map(|object| format!("`{}`", object.identity())).unwrap_or_default();
    let words = match part.origin {
        Origin::Additional => without_quotes(&part.message),
        _ => part.message.clone(),
    };
    let what = match part.origin {
        Origin::Additional => format!("`additionalScrapeConfigs` of {who}"),
        _ => who,
    };
    let finding =
        Diagnostic::new(code, format!("Prometheus refuses what the operator makes of {what}: {words}"));
    let finding = object.map_or_else(|| finding.clone(), |object| finding.clone().about(object.subject()));
    let finding = match place {
        Some(place) => finding.at(wording::first_line(place), ""),
        None => finding,
    };
    let finding = match (part.prometheus, part.origin) {
        (Some(prometheus), Origin::Monitor(..)) => {
            finding.with(prometheus.place(), format!("`{}` selects it", prometheus.identity()))
        }
        _ => finding,
    };
    finding.note("Prometheus takes a configuration as a whole or not at all: every job stays as it was, and new pods do not start")
}

/// What stands in quotes may come from a Secret.
fn without_quotes(words: &str) -> String {
    let mut shown = String::new();
    for (index, piece) in words.split(['"', '`']).enumerate() {
        shown.push_str(if index % 2 == 0 { piece } else { "`…`" });
    }
    shown
}

/// The field whose value Prometheus refuses, or what holds it.
fn culprit(part: &RefusedPart<'_>) -> Option<Place> {
    if let Some(port) = port_of(part) {
        return Some(port.place());
    }
    match part.origin {
        Origin::Monitor(_, monitor, _) => {
            let whole = endpoint_of(part);
            let found = whole
                .and_then(|node| value_in(node, part))
                .or_else(|| value_in(monitor.at(&["spec"])?, part));
            let found = found.or_else(|| value_in(part.prometheus?.at(&["spec"])?, part));
            Some(found.or(whole).map_or_else(|| monitor.place(), Node::place))
        }
        Origin::Additional => Some(part.prometheus?.place_at(&["spec", "additionalScrapeConfigs"])),
        Origin::Prometheus => {
            let prometheus = part.prometheus?;
            let found = value_in(prometheus.at(&["spec"])?, part);
            Some(found.map_or_else(|| prometheus.place(), Node::place))
        }
    }
}

/// A scalar that became the value Prometheus refuses.
fn value_in<'w>(node: Node<'w>, part: &RefusedPart<'_>) -> Option<Node<'w>> {
    let wanted = part.value.as_deref()?;
    match node.value() {
        Value::Mapping(entries) => entries.into_iter().find_map(|entry| value_in(entry.value, part)),
        Value::Sequence(items) => items.into_iter().find_map(|item| value_in(item, part)),
        Value::String(text) => {
            let is_it = text == wanted
                || crate::prom::label_name::sanitise(text) == wanted
                || wanted.strip_suffix(";true").is_some_and(|inner| inner.trim_matches(['(', ')']) == text);
            is_it.then_some(node)
        }
        _ => None,
    }
}
