//! The chain of a world as a graph: who scrapes what through what, and where it breaks.

use rustc_hash::{FxHashMap, FxHashSet};

use super::World;
use super::check::{self, Assumed};
use super::explain::{monitor, prometheus};
use crate::chain::ports::Port;
use crate::chain::references::Reference;
use crate::chain::selection::Selected;
use crate::chain::targets::Targets;
use crate::chain::{Chain, runtime, scraped};
use crate::diagnostic::Verdict;
use crate::kubernetes::network_policy::Direction;
use crate::model::kind::GroupKind;
use crate::model::object::{Object, ObjectId};

/// Things and links between them, in the order of the input.
#[derive(Debug, Default)]
pub struct Graph {
    /// The things; a link names them by their place in this list.
    pub nodes: Vec<Node>,
    /// The links.
    pub links: Vec<Link>,
}

/// A thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is: a kind, or what is missing.
    pub kind: String,
    /// Its name with its namespace, or what else tells it from others.
    pub name: String,
    /// Which part of the chain it is.
    pub part: Part,
}

/// A part of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A Prometheus or an agent.
    Prometheus,
    /// A monitor.
    Monitor,
    /// What a monitor finds: a Service, an Ingress.
    Service,
    /// What is scraped in the end: a workload, addresses.
    Target,
    /// What a link needs besides: a Secret, a right.
    Need,
    /// What is not in the input.
    Absent,
}

/// A link from one thing to another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Link {
    /// Where it begins.
    pub from: usize,
    /// Where it leads.
    pub to: usize,
    /// Whether it holds.
    pub verdict: Verdict,
    /// What there is to say about it; may be empty.
    pub words: String,
}

/// The graph of a world, of one Prometheus if one is named (by its name, or with its namespace before it). None where there is no
/// such Prometheus.
pub fn graph(world: &World, assumed: &Assumed, of: Option<&str>) -> Option<Graph> {
    check::trace(world, assumed, |chain, _| {
        let is_meant = |object: &Object<'_>| {
            of.is_none_or(|name| {
                object.name() == name
                    || format!("{}/{}", object.namespace().unwrap_or_default(), object.name()) == name
            })
        };
        let known: Vec<ObjectId> = chain
            .prometheuses
            .iter()
            .map(|prometheus| prometheus.object)
            .filter(is_meant)
            .map(Object::id)
            .collect();
        if of.is_some() && known.is_empty() {
            return None;
        }
        let mut drawing = Drawing {
            chain,
            parts: Parts::of(chain),
            only: of.map(|_| known),
            graph: Graph::default(),
            known: FxHashMap::default(),
            linked: FxHashSet::default(),
        };
        drawing.draw();
        Some(drawing.graph)
    })
}

/// The names of every Prometheus of a world, with their namespaces.
pub fn prometheuses(world: &World) -> Vec<String> {
    let kinds = crate::chain::selection::PROMETHEUS_KINDS;
    let all = kinds.into_iter().flat_map(|kind| world.inventory().of_kind(kind));
    all.map(name).collect()
}

fn name(object: Object<'_>) -> String {
    object.namespace().map(|namespace| format!("{namespace}/")).unwrap_or_default() + object.name()
}

/// Characters of what is said about a link: pictures are no place for whole messages, which `check` prints.
const MOST_WORDS: usize = 100;

fn short(words: String) -> String {
    match words.char_indices().nth(MOST_WORDS) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

/// What stands for a thing that is drawn once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Object(ObjectId),
    Other(String),
}

/// The parts of a chain by their monitors.
struct Parts<'c, 'w> {
    targets: FxHashMap<ObjectId, Vec<&'c Targets<'w>>>,
    ports: FxHashMap<ObjectId, Vec<&'c Port<'w>>>,
    references: FxHashMap<ObjectId, Vec<&'c Reference<'w>>>,
}

impl<'c, 'w> Parts<'c, 'w> {
    fn of(chain: &'c Chain<'w>) -> Self {
        fn by<'c, T>(all: &'c [T], monitor: fn(&T) -> ObjectId) -> FxHashMap<ObjectId, Vec<&'c T>> {
            let mut by: FxHashMap<ObjectId, Vec<&'c T>> = FxHashMap::default();
            for one in all {
                by.entry(monitor(one)).or_default().push(one);
            }
            by
        }
        Self {
            targets: by(&chain.targets, |targets| targets.monitor.id()),
            ports: by(&chain.ports, |port| port.monitor.id()),
            references: by(&chain.references, |reference| reference.monitor.id()),
        }
    }
}

struct Drawing<'c, 'w> {
    chain: &'c Chain<'w>,
    parts: Parts<'c, 'w>,
    /// What is drawn, if not all.
    only: Option<Vec<ObjectId>>,
    graph: Graph,
    known: FxHashMap<Key, usize>,
    linked: FxHashSet<Link>,
}

impl<'w> Drawing<'_, 'w> {
    fn draw(&mut self) {
        let chain = self.chain;
        for one in &chain.prometheuses {
            if self.is_drawn(one.object) {
                self.object(one.object, Part::Prometheus);
            }
        }
        for selected in &chain.selections {
            self.selection(selected);
        }
        for connection in &chain.connections {
            let (Some(from), Some(to)) = (self.get(connection.prometheus), self.get(connection.workload))
            else {
                continue;
            };
            let way = match connection.direction {
                Direction::Ingress => "no NetworkPolicy lets it in",
                Direction::Egress => "no NetworkPolicy lets it out",
            };
            self.link(from, to, connection.verdict, format!("port {}: {way}", connection.port));
        }
        for discovery in &chain.discoveries {
            let branch = prometheus::discovery(&chain.setting, discovery);
            let (Some(from), Some(verdict)) = (self.get(discovery.prometheus), branch.verdict) else {
                continue;
            };
            if verdict != Verdict::Holds {
                let to = self.node(Key::Other(branch.title.clone()), "right", branch.title, Part::Need);
                self.link(from, to, verdict, String::new());
            }
        }
    }

    fn is_drawn(&self, prometheus: Object<'_>) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&prometheus.id()))
    }

    fn selection(&mut self, selected: &Selected<'w>) {
        let chain = self.chain;
        let monitor = selected.monitor;
        let mut links: Vec<(usize, Verdict, String)> = Vec::new();
        for prometheus in &selected.by {
            let Some(from) = self.get(*prometheus) else { continue };
            let mut all = chain.prometheuses.iter().filter(|one| one.object.id() == prometheus.id());
            let rejection = all.find_map(|one| {
                one.outcome.rejected.iter().find(|rejection| rejection.object == monitor.id())
            });
            links.push(match rejection {
                Some(rejection) => {
                    (from, Verdict::Broken, format!("rejected: {}", rejection.refusal.message))
                }
                None => (from, Verdict::Holds, String::new()),
            });
        }
        for (prometheus, what) in &selected.perhaps {
            links.extend(
                self.get(*prometheus).map(|from| (from, Verdict::Unknown, format!("depends on {what}"))),
            );
        }
        if links.is_empty() && selected.by.is_empty() {
            let nearest = selected.nearest();
            let from = nearest.and_then(|nearest| self.get(nearest.prometheus));
            if let (Some(nearest), Some(from)) = (nearest, from) {
                let words = monitor::unselected(nearest, monitor);
                links.push((from, Verdict::Broken, words));
            } else if nearest.is_none() && self.only.is_none() {
                let absent = Key::Other("Prometheus".to_owned());
                let from = self.node(absent, "Prometheus", "not in the input".to_owned(), Part::Absent);
                links.push((from, selected.verdict(&chain.setting), String::new()));
            }
        }
        if links.is_empty() {
            return;
        }
        let to = self.object(monitor, Part::Monitor);
        for (from, verdict, words) in links {
            self.link(from, to, verdict, words);
        }
        for targets in self.parts.targets.get(&monitor.id()).cloned().unwrap_or_default() {
            self.targets(to, targets);
        }
        self.references(to, monitor);
    }

    fn targets(&mut self, from: usize, targets: &Targets<'w>) {
        let chain = self.chain;
        if targets.selector.is_none() {
            return;
        }
        if targets.found.is_empty() {
            let nothing = monitor::nothing(targets, chain);
            let verdict = nothing.verdict.unwrap_or(Verdict::Unknown);
            if let Some(near) = &targets.nearest {
                let to = self.found(near.object);
                self.link(from, to, verdict, nothing.title);
            } else {
                let to = self.node(Key::Other(nothing.title.clone()), "nothing", nothing.title, Part::Absent);
                self.link(from, to, verdict, String::new());
            }
            return;
        }
        for object in &targets.found {
            let to = self.found(*object);
            let ports = self.parts.ports.get(&targets.monitor.id()).into_iter().flatten();
            let at = ports.flat_map(|port| {
                let at = port.at.iter().filter(|at| at.object.id() == object.id());
                at.map(|at| (at.verdict, monitor::port(port, at).title))
            });
            let at: Vec<(Verdict, String)> = at.collect();
            if at.is_empty() {
                self.link(from, to, Verdict::Holds, String::new());
            }
            for (verdict, words) in at {
                self.link(from, to, verdict, words);
            }
        }
    }

    /// What a monitor finds, with what is behind it.
    fn found(&mut self, object: Object<'w>) -> usize {
        let chain = self.chain;
        if let Some(known) = self.get(object) {
            return known;
        }
        if object.group_kind() != GroupKind::SERVICE {
            return self.object(object, Part::Target);
        }
        let service = self.object(object, Part::Service);
        let Some(backing) = chain.backings.get(object) else { return service };
        if backing.is_external_name() {
            let to =
                self.node(Key::Object(object.id()), "ExternalName", "no endpoints".to_owned(), Part::Absent);
            self.link(service, to, Verdict::Broken, String::new());
            return service;
        }
        for item in &backing.workloads {
            let workload = chain.workloads.get(*item).object;
            let to = self.object(workload, Part::Target);
            let words = match workload.group_kind() {
                GroupKind::DAEMON_SET => "a pod on each node".to_owned(),
                GroupKind::POD => String::new(),
                _ => match scraped::replicas(workload) {
                    1 => "1 pod".to_owned(),
                    count => format!("{count} pods"),
                },
            };
            self.link(service, to, Verdict::Holds, words);
        }
        for written in backing.endpoints.iter().chain(&backing.slices).filter(|_| !backing.has_selector()) {
            let to = self.object(*written, Part::Target);
            let count = backing.addresses();
            let words = if count == 1 { "1 address".to_owned() } else { format!("{count} addresses") };
            self.link(service, to, Verdict::Holds, words);
        }
        if backing.workloads.is_empty() && !backing.has_addresses() && !runtime::is_made(object) {
            let verdict = backing.verdict(&chain.setting);
            if let Some(near) = &backing.nearest {
                let to = self.object(near.object, Part::Target);
                let words = backing.selector.as_ref().map(ToString::to_string).unwrap_or_default();
                self.link(service, to, Verdict::Broken, format!("it has not all of `{words}`"));
            } else {
                let what = if backing.has_selector() { "pods" } else { "addresses" };
                let key = Key::Other(format!("{what} of {}", name(object)));
                let to = self.node(key, what, "not in the input".to_owned(), Part::Absent);
                self.link(service, to, verdict, String::new());
            }
        }
        service
    }

    /// What a monitor refers to and does not get.
    fn references(&mut self, from: usize, monitor: Object<'w>) {
        for reference in self.parts.references.get(&monitor.id()).cloned().unwrap_or_default() {
            let verdict = reference.verdict(&self.chain.setting);
            if verdict == Verdict::Holds {
                continue;
            }
            let kind = if reference.is_secret { "Secret" } else { "ConfigMap" };
            let namespace = monitor.namespace().map(|namespace| format!("{namespace}/")).unwrap_or_default();
            let name = format!("{namespace}{}", reference.name);
            let to = self.node(Key::Other(format!("{kind} {name}")), kind, name, Part::Need);
            self.link(from, to, verdict, format!("key `{}`", reference.key));
        }
    }

    fn get(&self, object: Object<'_>) -> Option<usize> {
        self.known.get(&Key::Object(object.id())).copied()
    }

    fn object(&mut self, object: Object<'_>, part: Part) -> usize {
        self.node(Key::Object(object.id()), object.kind(), name(object), part)
    }

    fn node(&mut self, key: Key, kind: &str, name: String, part: Part) -> usize {
        let nodes = &mut self.graph.nodes;
        *self.known.entry(key).or_insert_with(|| {
            nodes.push(Node { kind: kind.to_owned(), name, part });
            nodes.len() - 1
        })
    }

    fn link(&mut self, from: usize, to: usize, verdict: Verdict, words: String) {
        let link = Link { from, to, verdict, words: short(words) };
        if self.linked.insert(link.clone()) {
            self.graph.links.push(link);
        }
    }
}
