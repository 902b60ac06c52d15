//! Generating into a world.

use std::collections::BTreeSet;
use std::sync::Arc;

use clap::ArgMatches;
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;

use super::World;
use super::verify;
use crate::diagnostic::{Code, Diagnostic, Note, Place, TextFile};
use crate::integrations::{
    Integration, Labels, MANAGED_BY, PROMETHEUS, PROMWIRE, Plan, PrometheusView, Scene, Surroundings, Used,
    Wiring, WiringOptions,
};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::model::schema::SchemaSet;
use crate::source::{self, Reading};

/// The name generated documents have in findings about them.
pub(super) const GENERATED: &str = "<generated>";

/// The name of documents that stand for what others make.
const RELIED_UPON: &str = "<made by others>";

/// Namespaces every cluster has.
const BUILT_IN_NAMESPACES: &[&str] = &["default", "kube-node-lease", "kube-public", "kube-system"];

/// Kinds in the order they have to exist.
const ORDER: &[&str] = &[
    "Namespace",
    "ServiceAccount",
    "ClusterRole",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
    "Secret",
    "ConfigMap",
    "Service",
    "EndpointSlice",
    "Endpoints",
    "DaemonSet",
    "Deployment",
    "Installation",
    "FelixConfiguration",
    "KubeControllersConfiguration",
    "Prometheus",
    "ServiceMonitor",
    "PodMonitor",
];

/// An integration to generate.
#[derive(Debug)]
pub struct Chosen {
    /// Which.
    pub integration: &'static Integration,
    /// Its options.
    pub matches: ArgMatches,
    /// Where a file asks for it, if one does.
    pub asked: Option<Asked>,
}

/// Where a file asks for an integration.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The section.
    pub section: Place,
    /// The options in it.
    pub options: Vec<(String, Place)>,
}

impl Asked {
    /// Where to point for what a finding says: at the option it names first as a flag, or at the section.
    fn place_for(&self, message: &str) -> Place {
        let named = |(option, place): &(String, Place)| {
            let flag = format!("--{option}");
            let position = message.find(&flag)?;
            let is_whole = !message[position + flag.len()..]
                .starts_with(|next: char| next == '-' || next.is_alphanumeric());
            is_whole.then(|| (position, place.clone()))
        };
        let first = self.options.iter().filter_map(named).min_by_key(|(position, _)| *position);
        first.map_or_else(|| self.section.clone(), |(_, place)| place)
    }
}

/// What to generate.
#[derive(Debug)]
pub struct Request<'r> {
    /// The integrations with their options, in the user's order.
    pub integrations: &'r [Chosen],
    /// How monitors are wired to a Prometheus.
    pub wiring: WiringOptions,
    /// The namespace to work in, if the user named one.
    pub namespace: Option<String>,
    /// The clock, files, and what may be written.
    pub surroundings: Surroundings<'r>,
}

/// What came of it. Its objects may be Secrets, so it is not shown.
pub struct Generated {
    /// The objects as JSON, in the order they have to be applied, or why there are none.
    pub objects: Result<Vec<Value>, Box<Diagnostic>>,
    /// Those of them that state some fields of somebody else's objects.
    pub settings: Vec<Value>,
    /// What the user should know: mistakes in the objects that were used, choices made.
    pub findings: Vec<Diagnostic>,
}

/// Generates, and checks what was generated: it is valid by its schema, its selectors select what they are meant
/// to, and the Prometheus it is wired to selects it.
pub fn generate(world: &World, request: &Request<'_>) -> Generated {
    let used = Used::default();
    let mut findings = Vec::new();
    let mut settings = Vec::new();
    let objects = objects(world, request, &used, &mut settings, &mut findings);
    // A mistake in what was used is worth more than what it led to, so it is told first.
    let (schemas, mut mistakes) = SchemaSet::new(world.inventory());
    mistakes.extend(used.take().into_iter().flat_map(|id| schemas.validate(world.inventory().object(id))));
    for finding in findings {
        // Several integrations may say the same.
        if !mistakes.contains(&finding) {
            mistakes.push(finding);
        }
    }
    Generated { objects, settings, findings: mistakes }
}

fn objects(
    world: &World,
    request: &Request<'_>,
    used: &Used,
    settings: &mut Vec<Value>,
    findings: &mut Vec<Diagnostic>,
) -> Result<Vec<Value>, Box<Diagnostic>> {
    let mut plan = plan(world, request, used)?;
    let mut objects = namespaces(world.inventory(), &mut plan);
    objects.append(&mut plan.objects);
    objects.sort_by_cached_key(sort_key);
    refuse_twins(&objects)?;
    refuse_replacing(world.inventory(), &objects)?;
    refuse_idle_secrets(request, &objects)?;
    // The others' objects stay theirs: what is stated of them replaces nothing.
    settings.clone_from(&plan.settings);
    objects.append(&mut plan.settings);
    objects.sort_by_cached_key(sort_key);
    refuse_twins(&objects)?;
    let world = &with_relied_upon(world, &plan.relied_upon);
    let complete = verify::read_back(world, read(&objects), &objects)?;
    let options = wiring_options(request, &objects);
    verify::verify(&complete, &objects, &options, &plan.pods_of_others)?;
    findings.extend(verify::mounted(&complete, &options, &plan.mounted));
    findings.append(&mut plan.findings);
    Ok(objects)
}

/// Refuses to be allowed what nothing needs: whoever says `--with-secrets` expects one.
fn refuse_idle_secrets(request: &Request<'_>, objects: &[Value]) -> Result<(), Box<Diagnostic>> {
    if !request.surroundings.with_secrets || objects.iter().any(|object| object["kind"] == "Secret") {
        return Ok(());
    }
    Err(Box::new(
        Diagnostic::new(
            Code::CONTRADICTORY_OPTIONS,
            "--with-secrets, and nothing that is generated is a Secret",
        )
        .help("leave it out"),
    ))
}

/// The world with what others make in it, where the input does not show that.
fn with_relied_upon(world: &World, relied_upon: &[Value]) -> World {
    let absent = relied_upon.iter().filter(|object| verify::find(world.inventory(), object).is_none());
    let text = source::emit_stream(&absent.cloned().collect::<Vec<_>>());
    world.with(source::read(Arc::new(TextFile::new(RELIED_UPON, text))).documents)
}

/// Refuses two objects with one identity, which two integrations of one run can make: the second would win in silence.
fn refuse_twins(sorted: &[Value]) -> Result<(), Box<Diagnostic>> {
    let Some([twin, _]) = sorted.array_windows::<2>().find(|[left, right]| sort_key(left) == sort_key(right))
    else {
        return Ok(());
    };
    let (_, kind, namespace, name) = sort_key(twin);
    let message = format!("two of the integrations make the {kind} `{namespace}/{name}`");
    Err(Box::new(Diagnostic::new(Code::CONTRADICTORY_OPTIONS, message).help(
        "give one another name (--set INTEGRATION.name=NAME), or generate them into different namespaces",
    )))
}

/// Refuses what would replace somebody's objects when applied. What promwire made may be made again.
fn refuse_replacing(inventory: &Inventory, objects: &[Value]) -> Result<(), Box<Diagnostic>> {
    let foreign: Vec<Object<'_>> = objects
        .iter()
        .filter_map(|value| verify::find(inventory, value))
        .filter(|object| object.group_kind() != GroupKind::NAMESPACE)
        .filter(|object| object.labels().get(MANAGED_BY) != Some(PROMWIRE))
        .collect();
    let [first, others @ ..] = foreign.as_slice() else { return Ok(()) };
    let mut finding =
        Diagnostic::new(Code::WOULD_REPLACE, format!("{} is in the input already", first.identity()))
            .at(first.place(), "this one")
            .note("the generated one would replace it when applied")
            .help("choose another name (--name, where there is one) or another namespace (-n)");
    for other in others {
        finding = finding.with(other.place(), format!("and {}", other.identity()));
    }
    Err(Box::new(finding))
}

/// Generated objects as they are read from their own text.
fn read(objects: &[Value]) -> Reading {
    source::read(Arc::new(TextFile::new(GENERATED, source::emit_stream(objects))))
}

/// Refuses options about monitors where no monitor they could be about is generated.
fn refuse_idle_options(request: &Request<'_>) -> Result<(), Box<Diagnostic>> {
    let only_prometheus = request.integrations.iter().all(|chosen| chosen.integration.name == PROMETHEUS);
    let idle = [
        ("--prometheus", request.wiring.prometheus.is_some()),
        ("--monitor-namespace", request.wiring.namespace.is_some()),
    ];
    match idle.iter().find(|(_, given)| *given && only_prometheus) {
        None => Ok(()),
        Some((option, _)) => Err(Box::new(
            Diagnostic::new(Code::CONTRADICTORY_OPTIONS, format!("{option} says nothing about a Prometheus"))
                .note("a Prometheus is monitored by itself, from its own namespace")
                .help("leave it out, or name another integration too"),
        )),
    }
}

/// The plans of all integrations as one.
///
/// A Prometheus of the same run comes first, because the others are wired to it, and once more at the end, because
/// its rights depend on where the others have their targets. Plans are pure, so making one twice changes nothing.
fn plan(world: &World, request: &Request<'_>, used: &Used) -> Result<Plan, Box<Diagnostic>> {
    let nowhere = BTreeSet::new();
    let prometheus = request.integrations.iter().find(|chosen| chosen.integration.name == PROMETHEUS);
    refuse_idle_options(request)?;
    let mut scene = Scene {
        inventory: world.inventory(),
        wiring: &Wiring::none(world.inventory(), &request.wiring),
        namespace: request.namespace.as_deref(),
        scraped: &nowhere,
        mounted: &nowhere,
        used,
        surroundings: &request.surroundings,
    };
    let first = match prometheus {
        Some(chosen) => plan_of(chosen, &scene, request)?.objects,
        None => Vec::new(),
    };
    let options = wiring_options(request, &first);
    let with_prometheus = world.with(read(&first).documents);
    let others = || request.integrations.iter().filter(|chosen| chosen.integration.name != PROMETHEUS);
    let mut plan = Plan::default();
    if others().next().is_some() {
        for prometheus in PrometheusView::all(world.inventory()) {
            used.note(prometheus.object());
        }
        let wiring = Wiring::new(with_prometheus.inventory(), &options)?;
        let scene = Scene { wiring: &wiring, ..scene };
        for chosen in others() {
            plan.merge(plan_of(chosen, &scene, request)?);
        }
    }
    if let Some(chosen) = prometheus {
        let scraped = std::mem::take(&mut plan.scraped);
        let mounted = plan.mounted.clone();
        scene.scraped = &scraped;
        scene.mounted = &mounted;
        plan.merge(plan_of(chosen, &scene, request)?);
    }
    Ok(plan)
}

/// The plan of one integration; what keeps it from having one says whose it is.
fn plan_of(chosen: &Chosen, scene: &Scene<'_>, request: &Request<'_>) -> Result<Plan, Box<Diagnostic>> {
    let plan = (chosen.integration.plan)(&chosen.matches, scene);
    plan.map_err(|finding| Box::new(attribute(*finding, chosen, request)))
}

/// A finding about an integration of a file points there; of several on the command line it says which it is from.
fn attribute(finding: Diagnostic, chosen: &Chosen, request: &Request<'_>) -> Diagnostic {
    if let Some(asked) = &chosen.asked {
        let told = finding.notes.iter().filter_map(|note| match note {
            Note::Info(text) => Some(text.as_str()),
            Note::Help(_) => None,
        });
        let told: Vec<&str> = [finding.message.as_str()].into_iter().chain(told).collect();
        let place = asked.place_for(&told.join("\n"));
        let text = |note: &Note| matches!(note, Note::Info(text) | Note::Help(text) if text.contains("--"));
        let finding = if finding.message.contains("--") || finding.notes.iter().any(text) {
            finding.note("in the file an option is called like its flag, without the dashes")
        } else {
            finding
        };
        return if finding.place.is_none() {
            finding.at(place, "")
        } else {
            finding.with(place, "asked for here")
        };
    }
    if request.integrations.len() < 2 || chosen.integration.name == PROMETHEUS {
        return finding;
    }
    let name = chosen.integration.name;
    finding.note(format!(
        "this is from `{name}`; of several integrations its options are --set {name}.OPTION=VALUE"
    ))
}

/// The user's options, with the Prometheus of the same run where they name none.
fn wiring_options(request: &Request<'_>, generated: &[Value]) -> WiringOptions {
    let mut options = request.wiring.clone();
    if options.prometheus.is_none() {
        let made = generated.iter().find(|object| object["kind"] == "Prometheus");
        let text =
            |object: &Value, field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
        options.prometheus =
            made.map(|object| format!("{}/{}", text(object, "namespace"), text(object, "name")));
    }
    options
}

/// The Namespaces to make: those the input does not hold and no cluster has of itself. What others own is left to
/// them, with a word where it lacks something.
fn namespaces(inventory: &Inventory, plan: &mut Plan) -> Vec<Value> {
    let mut made = Plan::default();
    for (name, labels) in std::mem::take(&mut plan.namespaces) {
        let present = inventory.get(GroupKind::NAMESPACE, None, &name);
        let theirs = present.filter(|present| present.labels().get(MANAGED_BY) != Some(PROMWIRE));
        if let Some(present) = theirs {
            let missing: Labels = labels
                .into_iter()
                .filter(|(key, value)| present.labels().get(key) != Some(value.as_str()))
                .collect();
            if !missing.is_empty() {
                let shown: Vec<String> =
                    missing.iter().map(|(key, value)| format!("{key}={value}")).collect();
                let message =
                    format!("the namespace `{name}` lacks `{}`, which the pods need", shown.join("`, `"));
                plan.findings.push(
                    Diagnostic::new(Code::POD_SECURITY, message)
                        .at(present.place(), "this Namespace")
                        .note("where a stricter pod security level is enforced they are refused")
                        .help(format!("kubectl label namespace {name} {}", shown.join(" "))),
                );
            }
        } else if !BUILT_IN_NAMESPACES.contains(&name.as_str()) {
            let mut labels = labels;
            labels.insert(MANAGED_BY.to_owned(), PROMWIRE.to_owned());
            made.add(&Namespace {
                metadata: ObjectMeta { name: Some(name), labels: Some(labels), ..ObjectMeta::default() },
                ..Namespace::default()
            });
        }
    }
    made.objects
}

/// By kind in the order of [`ORDER`], then by namespace and name: the same at every run.
fn sort_key(object: &Value) -> (usize, String, String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let kind = text(&object["kind"]);
    let rank = ORDER.iter().position(|known| *known == kind).unwrap_or(ORDER.len());
    (rank, kind, text(&object["metadata"]["namespace"]), text(&object["metadata"]["name"]))
}
