//! etcd: on the control-plane nodes or elsewhere, by its port for metrics or as one of its clients.

mod credentials;
mod discover;
mod members;
mod objects;
mod options;
mod server_name;
mod settings;

use super::wiring::{MonitorKind, Placement, PrometheusView};
use super::{Integration, Plan, Scene, flags, labels, options as read_options};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::integrations::discovery::DiscoveryRole;
use crate::model::kind::GroupKind;
use crate::source::Node;
use credentials::{Credentials, ServerCertificate, shell};
use members::Behind;
use options::{Access, Distribution, Intent, Options, Targets, TlsSource, Topology, contradiction};
use settings::KUBE_SYSTEM;

pub(super) use discover::discover;

pub(super) const ETCD: Integration = Integration {
    name: "etcd",
    about: "etcd, stacked or external, over TLS or by its port for metrics",
    options: flags::<Options>,
    plan: |matches, scene| plan(&read_options(matches)?, scene),
};

/// What the rules and the dashboard of etcd (contrib/mixin) find it by: `job=~".*etcd.*"`.
const JOB_PART: &str = "etcd";

fn plan(options: &Options, scene: &Scene<'_>) -> Result<Plan, Box<Diagnostic>> {
    if let Some(why) = settings::nothing(options.distribution) {
        refuse_members(options)?;
        return Ok(Plan { findings: vec![why], ..Plan::default() });
    }
    let intent = Intent::of(options, scene)?;
    let mut plan = Plan::default();
    let namespace = namespace(&intent, scene);
    let placement = scene.wiring.place(MonitorKind::Service, Some(namespace), &objects::own(&intent))?;
    let server_name = match intent.access {
        Access::ClientMtls => tls(&intent, scene, &placement, &mut plan)?,
        Access::MetricsHttp => {
            plan.findings.extend(settings::metrics_port(&intent, scene));
            None
        }
    };
    targets(&intent, scene, namespace, &mut plan)?;
    plan.scraped.insert(namespace.to_owned());
    plan.add(&objects::service(&intent, namespace));
    plan.add(&objects::service_monitor(&intent, namespace, &placement, server_name));
    if !options.name.contains(JOB_PART) {
        let message =
            format!("the job `{}` is none that the rules and dashboards of etcd look at", options.name);
        plan.findings.push(
            Diagnostic::new(Code::UNEXPECTED_JOB, message)
                .note("they ask for job=~\".*etcd.*\"")
                .help(format!("say --name etcd-{} or the like", options.name)),
        );
    }
    plan.findings.extend(placement.findings);
    Ok(plan)
}

/// The namespace of the Service: where the pods are, and else where the user works.
fn namespace<'s>(intent: &Intent<'_>, scene: &Scene<'s>) -> &'s str {
    match intent.targets {
        Targets::Pods => KUBE_SYSTEM,
        Targets::Addresses(..) => scene.namespace.unwrap_or(KUBE_SYSTEM),
    }
}

/// Where nothing is generated, nothing can be said about members either.
fn refuse_members(options: &Options) -> Result<(), Box<Diagnostic>> {
    if options.member.is_empty() && options.topology != Some(Topology::External) {
        return Ok(());
    }
    let message = format!("the etcd of {} has no members that could be named", options.distribution);
    Err(Box::new(contradiction(message).help("leave --distribution out for an etcd of your own")))
}

/// What says where the members are.
fn targets(
    intent: &Intent<'_>,
    scene: &Scene<'_>,
    namespace: &str,
    plan: &mut Plan,
) -> Result<(), Box<Diagnostic>> {
    let service = &intent.options.name;
    let behind = match intent.targets {
        Targets::Pods => {
            plan.pods_of_others.push((namespace.to_owned(), labels::labels(objects::POD_LABELS)));
            Behind::Pods
        }
        Targets::Addresses(members, DiscoveryRole::EndpointSlice) => {
            plan.findings.extend(slices_need_rights(scene, namespace));
            let slices = objects::slices(intent, namespace, members);
            for slice in &slices {
                plan.add(slice);
            }
            Behind::Slices(slices.into_iter().filter_map(|slice| slice.metadata.name).collect())
        }
        Targets::Addresses(members, DiscoveryRole::Endpoints) => {
            plan.add(&objects::endpoints(intent, namespace, members));
            plan.findings.push(deprecated_endpoints(intent));
            Behind::Endpoints
        }
    };
    members::refuse_double(scene, namespace, service, &behind)?;
    if let Targets::Addresses(members, _) = intent.targets
        && intent.topology == Topology::External
    {
        plan.findings.extend(members::note_pods(scene, members));
    }
    Ok(())
}

/// Says what slices need of a Prometheus that itself discovers something else, or does not say what: without the right
/// to list them it finds no targets, and only its log says why.
fn slices_need_rights(scene: &Scene<'_>, namespace: &str) -> Option<Diagnostic> {
    let prometheus = scene.wiring.prometheus()?;
    let role = prometheus.object().at(&["spec", "serviceDiscoveryRole"]).and_then(Node::as_str);
    (role != Some("EndpointSlice")).then(|| {
        let message = format!("{prometheus} has to be allowed to list EndpointSlices in `{namespace}`");
        Diagnostic::new(Code::UNKNOWN_DEPENDENCY, message)
            .level(Level::Info)
            .note("the monitor has it discover those (prometheus-operator 0.86 and later), whatever its own role is")
            .help("grant its account get, list and watch of discovery.k8s.io/endpointslices there, or say --discovery-role endpoints")
    })
}

fn deprecated_endpoints(intent: &Intent<'_>) -> Diagnostic {
    let finding = Diagnostic::new(Code::DEPRECATED_API, "Endpoints are deprecated since Kubernetes 1.33")
        .note("a Prometheus that discovers EndpointSlices finds them as long as Kubernetes mirrors them");
    if intent.options.discovery_role.is_some() {
        finding.help("leave --discovery-role out where the operator is 0.86 or later")
    } else {
        finding
            .note("they are a choice: the Prometheus says `serviceDiscoveryRole: Endpoints`")
            .help("say --discovery-role endpointslice where Prometheus may list EndpointSlices")
    }
}

/// Certificates and key: judged if they are given, and how the Secret comes to be. Returns the name to check for.
fn tls(
    intent: &Intent<'_>,
    scene: &Scene<'_>,
    placement: &Placement,
    plan: &mut Plan,
) -> Result<Option<String>, Box<Diagnostic>> {
    let surroundings = scene.surroundings;
    let credentials = Credentials::read(intent.options, surroundings)?;
    let servers = ServerCertificate::read_all(intent, surroundings, &mut plan.findings)?;
    if let Some(credentials) = &credentials {
        credentials.judge(&servers, surroundings.now, &mut plan.findings)?;
    }
    let server_name = server_name::server_name(intent, &servers, &mut plan.findings)?;
    let namespace = match intent.tls_source() {
        TlsSource::Refs => placement.namespace.clone(),
        TlsSource::Mounted => {
            refuse_denied_files(scene)?;
            plan.mounted.insert(intent.secret_name());
            let prometheus = scene.wiring.prometheus();
            prometheus
                .map_or_else(|| Some(scene.own_namespace()), PrometheusView::namespace)
                .map(str::to_owned)
        }
    };
    secret(intent, scene, namespace.as_deref(), credentials.as_ref(), plan)?;
    if intent.options.insecure_skip_verify {
        plan.findings.push(
            Diagnostic::new(
                Code::UNVERIFIED_TLS,
                "the members' certificates are not verified: anybody can be etcd",
            )
            .note("and the client certificate is shown to anybody")
            .help(
                "leave --insecure-skip-verify out; --server-cert tells which name the certificates are for",
            ),
        );
    }
    plan.findings.push(powerful_key(intent));
    Ok(server_name)
}

/// The operator (0.93) rejects a monitor with files where the Prometheus forbids them.
fn refuse_denied_files(scene: &Scene<'_>) -> Result<(), Box<Diagnostic>> {
    let Some(prometheus) = scene.wiring.prometheus() else { return Ok(()) };
    let path = ["spec", "arbitraryFSAccessThroughSMs", "deny"];
    match prometheus.object().at(&path).filter(|deny| deny.as_bool() == Some(true)) {
        None => Ok(()),
        Some(deny) => Err(Box::new(
            contradiction(format!(
                "--tls-source mounted names files, which {prometheus} forbids to monitors"
            ))
            .at(deny.place(), "here")
            .note("the operator rejects such a monitor as a whole")
            .help("leave --tls-source out: references to a Secret are allowed"),
        )),
    }
}

/// The Secret itself, or how it is made.
fn secret(
    intent: &Intent<'_>,
    scene: &Scene<'_>,
    namespace: Option<&str>,
    credentials: Option<&Credentials>,
    plan: &mut Plan,
) -> Result<(), Box<Diagnostic>> {
    let name = intent.secret_name();
    let shown = namespace.map_or_else(|| name.clone(), |namespace| format!("{namespace}/{name}"));
    if scene.surroundings.with_secrets {
        let Some(credentials) = credentials else {
            return Err(Box::new(
                contradiction(format!("--with-secrets: nothing says what is in the Secret `{shown}`"))
                    .help("name the files with --ca-file, --cert-file and --key-file"),
            ));
        };
        plan.add(&objects::secret(intent, namespace, credentials));
        return Ok(());
    }
    if let Some(present) = scene.inventory.get(GroupKind::SECRET, namespace, &name) {
        let keys = &intent.options.secret_keys;
        let data = present.at(&["data"]);
        let has = |key: &str| {
            let holds = |field: &str| present.at(&[field]).is_some_and(|entries| entries.get(key).is_some());
            holds("data") || holds("stringData")
        };
        let needed = [&keys.ca, &keys.certificate, &keys.key];
        let needed = needed.iter().skip(usize::from(intent.options.insecure_skip_verify));
        if let Some(missing) = needed.into_iter().find(|key| !has(key)) {
            let there: Vec<&str> = data.into_iter().flat_map(Node::entries).map(|entry| entry.key).collect();
            return Err(Box::new(
                Diagnostic::new(
                    Code::NO_SUCH_OBJECT,
                    format!("{} has no key `{missing}`", present.identity()),
                )
                .at(present.place(), "this Secret")
                .note(format!("it has {}", there.join(", ")))
                .help("say --secret-keys CA,CERT,KEY with its own"),
            ));
        }
        scene.used.note(present);
        return Ok(());
    }
    let finding = Diagnostic::new(
        Code::SECRET_NOT_WRITTEN,
        format!("the Secret `{shown}` is not part of the output: no key is written unless asked for"),
    );
    let finding = match credentials {
        Some(_) => finding.help("or say --with-secrets, and keep what it writes out of any repository"),
        None => finding,
    };
    plan.findings.push(Diagnostic {
        notes: [crate::diagnostic::Note::Help(create_secret(intent, &name, namespace, credentials))]
            .into_iter()
            .chain(finding.notes)
            .collect(),
        ..finding
    });
    Ok(())
}

/// The command that makes the Secret.
fn create_secret(
    intent: &Intent<'_>,
    name: &str,
    namespace: Option<&str>,
    credentials: Option<&Credentials>,
) -> String {
    let keys = &intent.options.secret_keys;
    let mut command = "kubectl".to_owned();
    if let Some(namespace) = namespace {
        command.extend([" -n ", namespace]);
    }
    command.extend([" create secret generic ", name]);
    let mut add = |key: &str, path: &str| {
        command.extend([" ", shell(&format!("--from-file={key}={path}")).as_str()]);
    };
    let Some(credentials) = credentials else {
        let is_kubeadm =
            intent.topology == Topology::Stacked && intent.options.distribution == Distribution::Kubeadm;
        let [ca, certificate, key] =
            if is_kubeadm { KUBEADM_FILES } else { ["CA_FILE", "CERT_FILE", "KEY_FILE"] };
        if !intent.options.insecure_skip_verify {
            add(&keys.ca, ca);
        }
        add(&keys.certificate, certificate);
        add(&keys.key, key);
        return command;
    };
    for (key, file) in credentials.entries(keys) {
        add(key, file.path());
    }
    command
}

/// Where kubeadm (1.36) keeps them on a control-plane node.
const KUBEADM_FILES: [&str; 3] = [
    "/etc/kubernetes/pki/etcd/ca.crt",
    "/etc/kubernetes/pki/etcd/healthcheck-client.crt",
    "/etc/kubernetes/pki/etcd/healthcheck-client.key",
];

/// What people do not expect of a certificate for reading metrics.
fn powerful_key(intent: &Intent<'_>) -> Diagnostic {
    let finding = Diagnostic::new(
        Code::POWERFUL_KEY,
        "the client key opens all of etcd, not its metrics alone: who reads its Secret can read and write everything",
    )
    .note("etcd has no users unless its authentication was switched on, and then the certificate's CN is the user");
    match intent.topology {
        Topology::Stacked => finding.help("say --access metrics-http, which needs no key"),
        Topology::External => finding
            .level(Level::Info)
            .help("give the members --listen-metrics-urls and say --access metrics-http, which needs no key"),
    }
}
