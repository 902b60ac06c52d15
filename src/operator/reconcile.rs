//! What becomes of one Prometheus or `PrometheusAgent` (`sync` of the operator's controllers, v0.93).

use serde_json::Value;

use super::admit::{Admission, http, relabel};
use super::assets::{Assets, Client};
use super::config::{Generator, Parts, Stop, Subject, Taken};
use super::fields::Fields;
use super::monitor::{Monitor, MonitorKind, completed_spec};
use super::mounts::Mounts;
use super::plain::Plain;
use super::reality::{Reality, Switches};
use super::refusal::{Check, Context, Refusal, refuse};
use super::select::{self, NotSelected};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::{Object, ObjectId};
use crate::model::schema::SchemaSet;
use crate::prom::quote::quote;
use crate::prom::version::Version;
use crate::source::Ordered;

/// What became of a Prometheus, and of the monitors of the input.
#[derive(Debug)]
pub struct Outcome {
    /// The configuration, or why there is none.
    pub verdict: Verdict,
    /// What happens to the Prometheus after its configuration is written, where that goes wrong.
    pub afterwards: Vec<Refusal>,
    /// Monitors it selects and the operator rejects, by kind, namespace and name.
    pub rejected: Vec<Rejection>,
    /// Monitors it does not select, by kind, namespace and name.
    pub not_selected: Vec<NotSelected>,
    /// Why the API server refuses objects that would have counted otherwise, one finding for each; and what it drops of
    /// those that count, as warnings.
    pub refused: Vec<Diagnostic>,
    /// The files that Prometheus finds beside its configuration, as far as the operator puts them there.
    pub mounts: Mounts,
}

/// What the operator writes for a Prometheus.
#[derive(Debug)]
pub enum Verdict {
    /// This configuration; without its jobs where they were [given away](look_through).
    Configuration(Ordered),
    /// An empty Secret, for the user to fill: no selector is set.
    Unmanaged,
    /// Nothing, because it does not handle it; why.
    Unhandled(String),
    /// Nothing, because something is wrong with it.
    Failed(Refusal),
    /// Nothing, because its process dies, with these words.
    Crashed(String),
}

/// A monitor the operator rejects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Its kind.
    pub kind: MonitorKind,
    /// The object.
    pub object: ObjectId,
    /// The operator's words, and the field they are about.
    pub refusal: Refusal,
}

/// The only reason the operator gives for a rejection, in its Event and in the `Accepted` condition.
impl Rejection {
    /// `InvalidConfiguration`.
    pub const REASON: &'static str = "InvalidConfiguration";
}

/// Does what the operator does for a Prometheus or `PrometheusAgent` of an inventory. What is not in the inventory does not
/// exist.
pub fn reconcile(
    inventory: &Inventory,
    schemas: &SchemaSet,
    reality: &Reality,
    object: Object<'_>,
) -> Outcome {
    let mut jobs = Vec::new();
    let mut outcome =
        run(inventory, schemas, reality, object, &mut |_, _| false, &mut |_, job| jobs.push(job));
    if let Verdict::Configuration(Ordered::Map(config)) = &mut outcome.verdict
        && let Some(place) = config.get_mut("scrape_configs")
    {
        *place = jobs.into();
    }
    outcome
}

/// The same for who looks for mistakes: jobs are given away one by one as they are written, and those of [plain](Plain) monitors are
/// not written. What was given away counts only if there is a configuration in the end.
pub fn look_through(
    inventory: &Inventory,
    schemas: &SchemaSet,
    reality: &Reality,
    object: Object<'_>,
    plain: &mut Plain,
    take: Taken<'_>,
) -> Outcome {
    let adds_nothing = Plain::is_prometheus(object);
    run(
        inventory,
        schemas,
        reality,
        object,
        &mut |kind, monitor| adds_nothing && plain.is_monitor(kind, monitor),
        take,
    )
}

/// Whether a monitor is taken as it is, and not written.
type IsPlain<'p> = &'p mut dyn FnMut(MonitorKind, Object<'_>) -> bool;

fn run(
    inventory: &Inventory,
    schemas: &SchemaSet,
    reality: &Reality,
    object: Object<'_>,
    is_plain: IsPlain<'_>,
    take: Taken<'_>,
) -> Outcome {
    let mut outcome = Outcome {
        verdict: Verdict::Unmanaged,
        afterwards: Vec::new(),
        rejected: Vec::new(),
        not_selected: Vec::new(),
        refused: Vec::new(),
        mounts: Mounts::default(),
    };
    if let Some(finding) = refused_by_schema(schemas, object, &mut outcome.refused) {
        outcome.verdict = Verdict::Unhandled(format!("the API server refuses it: {}", finding.message));
        outcome.refused.push(finding);
        return outcome;
    }
    if let Some(why) = select::why_unmanaged(object, reality) {
        outcome.verdict = Verdict::Unhandled(why);
        return outcome;
    }
    let mut spec = completed_spec(object, schemas);
    reality.adjust(&mut spec);
    let run = Run {
        inventory,
        schemas,
        reality,
        object,
        is_agent: object.group_kind() == GroupKind::PROMETHEUS_AGENT,
        namespace: object.namespace().unwrap_or_default(),
        spec: &spec,
        assets: Assets::new(
            inventory,
            if reality.takes_secrets_for_granted { Client::Partial } else { Client::Cluster },
        ),
    };
    outcome.verdict = match run.verdict(&mut outcome, is_plain, take) {
        Ok(verdict) => verdict,
        Err(Stop::Failed(refusal)) => Verdict::Failed(refusal),
        Err(Stop::Crashed(words)) => Verdict::Crashed(words),
    };
    if let Verdict::Configuration(_) | Verdict::Unmanaged = outcome.verdict {
        outcome.afterwards.extend(run.afterwards());
    }
    outcome.mounts = Mounts::of(inventory, run.namespace, run.fields(), run.assets.certificates());
    outcome
}

/// What the operator makes of these monitors for a Prometheus of the version assumed that says nothing but that it selects them: those
/// it rejects, and the configuration with all others, whose jobs are given away. What the API server refuses is left out.
pub fn judge<'w>(
    inventory: &'w Inventory,
    schemas: &SchemaSet,
    reality: &Reality,
    monitors: impl Iterator<Item = (MonitorKind, Object<'w>)>,
    take: Taken<'_>,
) -> (Vec<Rejection>, Option<Ordered>) {
    let client = if reality.takes_secrets_for_granted { Client::Partial } else { Client::Cluster };
    let assets = Assets::new(inventory, client);
    let spec = serde_json::json!({"scrapeInterval": "30s", "evaluationInterval": "30s"});
    let subject = Subject { is_agent: false, namespace: "", name: "", spec: &spec };
    let switches = Switches::of(reality, false, false);
    let Ok(generator) = Generator::new(subject, reality.prometheus_version(""), switches, &assets) else {
        return (Vec::new(), None);
    };
    let admission = Admission::new(generator.version(), &spec, &assets);
    let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
    for (kind, object) in monitors {
        if refused_by_schema(schemas, object, &mut Vec::new()).is_some() {
            continue;
        }
        let monitor = Monitor::of(kind, object, schemas);
        match admission.check(&monitor) {
            Ok(()) => accepted.push(monitor),
            Err(refusal) => rejected.push(Rejection { kind, object: object.id(), refusal }),
        }
    }
    accepted.sort_by_cached_key(Monitor::key);
    let parts = Parts { monitors: &accepted, ..Parts::default() };
    (rejected, generator.generate_into(parts, take).ok())
}

struct Run<'a> {
    inventory: &'a Inventory,
    schemas: &'a SchemaSet,
    reality: &'a Reality,
    object: Object<'a>,
    is_agent: bool,
    namespace: &'a str,
    spec: &'a Value,
    assets: Assets<'a>,
}

/// Monitors that were taken.
#[derive(Default)]
struct Accepted {
    monitors: Vec<Monitor>,
    /// The jobs of monitors that are not written.
    plain_jobs: usize,
}

impl<'a> Run<'a> {
    fn fields(&self) -> Fields<'a> {
        Fields::of(self.spec)
    }

    fn is_daemon_set(&self) -> bool {
        self.is_agent && self.fields().str("mode") == "DaemonSet"
    }

    fn written_version(&self) -> &'a str {
        self.reality.prometheus_version(self.fields().str("version"))
    }

    /// Servers select before they look at their scrape classes, agents after it.
    fn verdict(
        &self,
        outcome: &mut Outcome,
        is_plain: IsPlain<'_>,
        take: Taken<'_>,
    ) -> Result<Verdict, Stop> {
        if self.is_agent {
            if self.is_daemon_set() && !self.reality.has_feature("PrometheusAgentDaemonSet") {
                let message = "feature gate for Prometheus Agent's DaemonSet mode is not enabled";
                return refuse(message).within("spec.mode").map_err(Stop::from);
            }
            let generator = self.generator()?;
            return self
                .configuration(&generator, None, outcome, is_plain, take)
                .map_err(|stop| under(stop, "creating config failed: "));
        }
        self.storage_class()?;
        let accepted = self.select(outcome, is_plain)?;
        let generator = self.generator()?;
        self.configuration(&generator, Some(accepted), outcome, is_plain, take)
            .map_err(|stop| under(stop, "creating config failed: "))
    }

    fn generator(&self) -> Check<Generator<'_>> {
        let subject = Subject {
            is_agent: self.is_agent,
            namespace: self.namespace,
            name: self.object.name(),
            spec: self.spec,
        };
        let switches = Switches::of(self.reality, self.is_agent, self.is_daemon_set());
        Generator::new(subject, self.written_version(), switches, &self.assets)
    }

    /// `CheckStorageClass`.
    fn storage_class(&self) -> Check {
        let storage = self.fields().at("storage").at("volumeClaimTemplate").at("spec");
        let name = storage.str("storageClassName");
        let exists = || self.inventory.get(STORAGE_CLASS, None, name).is_some();
        if name.is_empty() || !self.reality.reads_storage_classes || exists() {
            return Ok(());
        }
        refuse(format!("storage class {} does not exist", quote(name)))
            .within("spec.storage.volumeClaimTemplate.spec.storageClassName")
    }

    /// Selects and judges monitors of all kinds.
    fn select(&self, outcome: &mut Outcome, is_plain: IsPlain<'_>) -> Check<Accepted> {
        let version = Version::parse_tolerant(self.written_version())
            .under("failed to parse Prometheus version: ")
            .within("spec.version")?;
        let admission = Admission::new(&version, self.spec, &self.assets);
        let mut accepted = Accepted::default();
        for kind in MonitorKind::ALL {
            let selected = select::select(self.inventory, self.reality, kind, self.namespace, self.fields())?;
            outcome.not_selected.extend(selected.not_selected);
            for object in selected.objects {
                if let Some(finding) = refused_by_schema(self.schemas, object, &mut outcome.refused) {
                    let why = format!("the API server refuses it: {}", finding.message);
                    outcome.not_selected.push(NotSelected { kind, object: object.id(), why });
                    outcome.refused.push(finding);
                    continue;
                }
                if is_plain(kind, object) {
                    accepted.plain_jobs += plain_jobs(object);
                    continue;
                }
                let monitor = Monitor::of(kind, object, self.schemas);
                match admission.check(&monitor) {
                    Ok(()) => accepted.monitors.push(monitor),
                    Err(refusal) => {
                        outcome.rejected.push(Rejection { kind, object: object.id(), refusal });
                    }
                }
            }
        }
        Ok(accepted)
    }

    /// `createOrUpdateConfigurationSecret`.
    fn configuration(
        &self,
        generator: &Generator<'_>,
        accepted: Option<Accepted>,
        outcome: &mut Outcome,
        is_plain: IsPlain<'_>,
        take: Taken<'_>,
    ) -> Result<Verdict, Stop> {
        let spec = self.fields();
        let unmanaged = !self.is_agent
            && !self.reality.flags.disable_unmanaged_prometheus_configuration
            && MonitorKind::ALL.iter().all(|kind| !spec.has(kind.selector_field()));
        if unmanaged {
            return Ok(Verdict::Unmanaged);
        }
        let accepted = match accepted {
            Some(accepted) => accepted,
            None => self.select(outcome, is_plain)?,
        };
        if !self.is_agent {
            self.load_remote_read()?;
        }
        self.load_remote_write(generator)?;
        self.load_api_server()?;
        if !self.is_agent {
            self.load_alertmanagers(generator.version())?;
        }
        for class in spec.items("scrapeClasses") {
            http::load_tls(&self.assets, self.namespace, class.opt("tlsConfig"))
                .under(format_args!(
                    "failed to process scrape classes: scrape class {}: ",
                    quote(class.str("name"))
                ))
                .within("spec.scrapeClasses")?;
        }
        let load = |field: &str, what: &str| {
            self.secret_text(spec.opt(field))
                .under(format_args!("loading {what} from Secret failed: "))
                .within(format!("spec.{field}"))
        };
        let jobs = load("additionalScrapeConfigs", "additional scrape configs")?;
        let (rules, managers) = if self.is_agent {
            (None, None)
        } else {
            (
                load("additionalAlertRelabelConfigs", "additional alert relabel configs")?,
                load("additionalAlertManagerConfigs", "additional alert manager configs")?,
            )
        };
        // By the text of namespace and name together, which is not the order of the inventory: `a-b/c` is before `a/b`.
        let mut accepted = accepted;
        accepted.monitors.sort_by_cached_key(Monitor::key);
        self.bound_shards(&accepted, jobs.as_deref())?;
        let config_maps = self.rule_config_maps();
        let parts = Parts {
            monitors: &accepted.monitors,
            additional_scrape_configs: jobs.as_deref(),
            additional_alert_relabel_configs: rules.as_deref(),
            additional_alertmanager_configs: managers.as_deref(),
            rule_config_maps: &config_maps,
        };
        generator
            .generate_into(parts, take)
            .map(Verdict::Configuration)
            .map_err(|stop| under(stop, "generating config failed: "))
    }

    /// Refuses so many shards that nobody could hold what is written.
    fn bound_shards(&self, accepted: &Accepted, additional: Option<&str>) -> Check {
        let endpoints = |monitor: &Monitor| {
            let spec = monitor.fields();
            spec.list("endpoints").len() + spec.list("podMetricsEndpoints").len() + 1
        };
        // A job takes some bytes to write.
        let jobs = accepted.monitors.iter().map(endpoints).sum::<usize>()
            + accepted.plain_jobs
            + additional.map_or(0, str::len) / 8;
        let jobs = i64::try_from(jobs).unwrap_or(i64::MAX);
        let bytes = self.fields().int("shards").unwrap_or(1).saturating_mul(8).saturating_mul(jobs);
        if bytes > MOST_SHARD_BYTES {
            return refuse("more shards than promwire can write into every job").within("spec.shards");
        }
        Ok(())
    }

    /// `LoadSecretRef`: one that may be missing is none.
    fn secret_text(&self, selector: Option<Fields<'_>>) -> Check<Option<String>> {
        let Some(selector) = selector else { return Ok(None) };
        let (name, key) = (selector.str("name"), selector.str("key"));
        let is_optional = selector.is_true("optional");
        if self.assets.takes_for_granted(self.namespace, name) {
            return Ok(None);
        }
        let data = match self.assets.get_secret(self.namespace, name) {
            Ok(data) => data,
            Err(_) if is_optional && !name.is_empty() => return Ok(None),
            Err(error) => return refuse(error),
        };
        match data.get(key) {
            Some(value) => Ok(Some(String::from_utf8_lossy(value).into_owned())),
            None if is_optional => Ok(None),
            None => refuse(format!("key {key} could not be found in secret {name}")),
        }
    }

    fn load_client(&self, spec: Fields<'_>) -> Check {
        let (assets, namespace) = (&self.assets, self.namespace);
        http::load_basic_auth(assets, namespace, spec.opt("basicAuth"))?;
        http::load_oauth2(assets, namespace, spec.opt("oauth2"))?;
        http::load_tls(assets, namespace, spec.opt("tlsConfig"))?;
        http::load_authorization(assets, namespace, spec.opt("authorization"))
    }

    fn load_remote_read(&self) -> Check {
        for (index, spec) in self.fields().items("remoteRead").enumerate() {
            self.load_client(spec)
                .and_then(|()| http::validate_proxy(spec))
                .and_then(|()| http::load_proxy(&self.assets, self.namespace, spec))
                .under(format_args!("remoteRead[{index}]: "))
                .within(format!("spec.remoteRead.{index}"))?;
        }
        Ok(())
    }

    fn load_remote_write(&self, generator: &Generator<'_>) -> Check {
        for (index, spec) in self.fields().items("remoteWrite").enumerate() {
            check_remote_write(generator.version(), spec)
                .and_then(|()| self.load_client(spec))
                .and_then(|()| self.load_sigv4(spec.opt("sigv4")))
                .and_then(|()| match spec.at("azureAd").opt("oauth") {
                    Some(oauth) => self
                        .load_secret(oauth.at("clientSecret"))
                        .under("failed to read AzureOAuth clientSecret: "),
                    None => Ok(()),
                })
                .and_then(|()| http::load_proxy(&self.assets, self.namespace, spec))
                .under(format_args!("remoteWrite[{index}]: "))
                .within(format!("spec.remoteWrite.{index}"))?;
        }
        Ok(())
    }

    fn load_secret(&self, selector: Fields<'_>) -> Check {
        self.assets.load(self.namespace, super::assets::Reference::secret(selector))?;
        Ok(())
    }

    fn load_sigv4(&self, sigv4: Option<Fields<'_>>) -> Check {
        let sigv4 = sigv4.unwrap_or_default();
        match (sigv4.opt("accessKey"), sigv4.opt("secretKey")) {
            (None, None) => Ok(()),
            (Some(access), Some(secret)) => {
                self.load_secret(access).under("failed to read SigV4 access-key: ")?;
                self.load_secret(secret).under("failed to read SigV4 secret-key: ")
            }
            _ => refuse("both accessKey and secretKey should be provided"),
        }
    }

    fn load_api_server(&self) -> Check {
        let Some(server) = self.fields().opt("apiserverConfig") else { return Ok(()) };
        let (assets, namespace) = (&self.assets, self.namespace);
        http::load_basic_auth(assets, namespace, server.opt("basicAuth"))
            .and_then(|()| http::load_authorization(assets, namespace, server.opt("authorization")))
            .and_then(|()| http::load_tls(assets, namespace, server.opt("tlsConfig")))
            .and_then(|()| http::load_proxy(assets, namespace, server))
            .under("apiserver config: ")
            .within("spec.apiserverConfig")
    }

    fn load_alertmanagers(&self, version: &Version) -> Check {
        let managers = || self.fields().at("alerting").items("alertmanagers");
        let (assets, namespace) = (&self.assets, self.namespace);
        let path = |index| format!("spec.alerting.alertmanagers.{index}");
        for (index, manager) in managers().enumerate() {
            check_alertmanager(version, manager)
                .under(format_args!("alertmanager {index}: "))
                .within(path(index))?;
        }
        for (index, manager) in managers().enumerate() {
            http::load_basic_auth(assets, namespace, manager.opt("basicAuth"))
                .and_then(|()| http::load_safe_authorization(assets, namespace, manager.opt("authorization")))
                .and_then(|()| self.load_sigv4(manager.opt("sigv4")))
                .and_then(|()| http::load_tls(assets, namespace, manager.opt("tlsConfig")))
                .under(format_args!("alertmanager {index}: "))
                .within(path(index))?;
            http::load_proxy(assets, namespace, manager)
                .under(format_args!("alertmanager: {index}: "))
                .within(path(index))?;
        }
        Ok(())
    }

    /// The names of the `ConfigMaps` with rules. There are at least three, and more only for very many rules.
    fn rule_config_maps(&self) -> Vec<String> {
        (0..3).map(|number| format!("prometheus-{}-rulefiles-{number}", self.object.name())).collect()
    }

    /// What goes wrong only after the configuration was written.
    fn afterwards(&self) -> Vec<Refusal> {
        let mut found = Vec::new();
        let name = self.object.name();
        if self.is_agent
            && let Err(refusal) = self.storage_class()
        {
            found.push(refusal);
        }
        let service = self.fields().str("serviceName");
        if !service.is_empty()
            && self.inventory.get(GroupKind::SERVICE, Some(self.namespace), service).is_none()
        {
            let message = format!("the governing Service {} does not exist", quote(service));
            found.push(Refusal { message, path: vec!["spec".to_owned(), "serviceName".to_owned()] });
        }
        if name.contains('.') && !self.is_daemon_set() {
            let message = "failed to create statefulset: metadata.name: must not contain dots".to_owned();
            found.push(Refusal { message, path: vec!["metadata".to_owned(), "name".to_owned()] });
        }
        found
    }
}

/// Why the API server would not take an object, if so. Fields it does not know it drops, which is noted; selectors it does
/// not read.
fn refused_by_schema(
    schemas: &SchemaSet,
    object: Object<'_>,
    dropped: &mut Vec<Diagnostic>,
) -> Option<Diagnostic> {
    let mut refused = None;
    for finding in schemas.validate(object) {
        match finding.code {
            Code::UNKNOWN_FIELD => {
                dropped.push(finding.level(Level::Warning).note("the API server drops it"));
            }
            Code::INVALID_SELECTOR => {}
            _ if finding.level == Level::Error && refused.is_none() => {
                let note = format!(
                    "the API server refuses `{}`, so that the operator never sees it",
                    object.identity()
                );
                refused = Some(finding.note(note));
            }
            _ => {}
        }
    }
    refused
}

/// How many jobs a monitor becomes, counted as where it is written.
fn plain_jobs(monitor: Object<'_>) -> usize {
    let count = |field: &str| monitor.at(&["spec", field]).map_or(0, |endpoints| endpoints.items().len());
    count("endpoints") + count("podMetricsEndpoints") + 1
}

/// Bytes of shard numbers promwire writes out: each job names all of them. The operator has no limit but its memory.
const MOST_SHARD_BYTES: i64 = 1 << 30;

const STORAGE_CLASS: GroupKind<'static> = GroupKind::new("storage.k8s.io", "StorageClass");

fn under(stop: Stop, prefix: &str) -> Stop {
    match stop {
        Stop::Failed(refusal) => {
            Stop::Failed(Refusal { message: format!("{prefix}{}", refusal.message), path: refusal.path })
        }
        crashed @ Stop::Crashed(_) => crashed,
    }
}

/// Several ways that exclude each other. The operator names them in a random order; here it is that of the list.
fn at_most_one(spec: Fields<'_>, fields: &[&str], also: Option<&str>) -> Check {
    let used: Vec<String> =
        also.into_iter().chain(fields.iter().copied().filter(|field| spec.has(field))).map(quote).collect();
    if used.len() > 1 {
        return refuse(format!(
            "{} can't be set at the same time, at most one of them must be defined",
            used.join(" and ")
        ));
    }
    Ok(())
}

/// `validateAlertmanagerEndpoints`.
fn check_alertmanager(version: &Version, manager: Fields<'_>) -> Check {
    let file = (!manager.str("bearerTokenFile").is_empty()).then_some("bearerTokenFile");
    at_most_one(manager, &["basicAuth", "authorization", "sigv4"], file)?;
    relabel::check_all(version, manager, "relabelings").under("invalid relabelings: ")?;
    relabel::check_all(version, manager, "alertRelabelings").under("invalid alertRelabelings: ")
}

/// `validateRemoteWriteSpec`.
fn check_remote_write(version: &Version, spec: Fields<'_>) -> Check {
    at_most_one(spec, &["basicAuth", "oauth2", "authorization", "sigv4", "azureAd"], None)?;
    check_azure(version, spec.opt("azureAd"))?;
    http::validate_proxy(spec)
}

fn check_azure(version: &Version, azure: Option<Fields<'_>>) -> Check {
    let Some(azure) = azure else { return Ok(()) };
    let ways = [
        ("managedIdentity", "Azure Managed Identity"),
        ("oauth", "Azure OAuth"),
        ("sdk", "Azure SDK"),
        ("workloadIdentity", "Azure Workload Identity"),
    ];
    if ways.iter().all(|(field, _)| !azure.has(field)) {
        return refuse(
            "must provide Azure Managed Identity, Azure OAuth, Azure SDK, or Azure Workload Identity in the Azure AD config",
        );
    }
    for (one, other) in [(0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3)] {
        let ((first, first_name), (second, second_name)) = (ways[one], ways[other]);
        if azure.has(first) && azure.has(second) {
            return refuse(format!(
                "cannot provide both {first_name} and {second_name} in the Azure AD config"
            ));
        }
    }
    if let Some(identity) = azure.opt("managedIdentity")
        && !version.is_at_least(3, 5, 0)
        && identity.str("clientId").is_empty()
    {
        return refuse(format!(
            "managedIdentidy: clientId is required with Prometheus < 3.5.0, current = {version}"
        ));
    }
    if let Some(oauth) = azure.opt("oauth") {
        if !version.is_at_least(2, 48, 0) {
            return refuse("azureAD.oauth requires Prometheus >= v2.48.0");
        }
        if !is_uuid(oauth.str("clientId")) {
            return refuse("the provided Azure OAuth clientId is invalid");
        }
    }
    if azure.has("sdk") && !version.is_at_least(2, 52, 0) {
        return refuse("azureAD.sdk requires Prometheus >= v2.52.0");
    }
    if let Some(identity) = azure.opt("workloadIdentity") {
        if !version.is_at_least(3, 7, 0) {
            return refuse("azureAD.workloadIdentity requires Prometheus >= v3.7.0");
        }
        for field in ["clientId", "tenantId"] {
            if !is_uuid(identity.str(field)) {
                return refuse(format!("the provided Azure Workload Identity {field} is invalid"));
            }
        }
    }
    Ok(())
}

/// What `uuid.Parse` of google/uuid takes: 36 characters, also with `urn:uuid:` or in braces, or 32 digits.
fn is_uuid(text: &str) -> bool {
    let text = match text.len() {
        45 if text.is_char_boundary(9) && text[..9].eq_ignore_ascii_case("urn:uuid:") => &text[9..],
        38 if text.is_ascii() => &text[1..37],
        _ => text,
    };
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.len() {
        32 => is_hex(text),
        36 => {
            let parts: Vec<&str> = text.split('-').collect();
            let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
            lengths == [8, 4, 4, 4, 12] && parts.iter().all(|part| is_hex(part))
        }
        _ => false,
    }
}
