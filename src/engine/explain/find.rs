//! Which object is asked about.

use std::str::FromStr;

use crate::chain::{Chain, alike, runtime};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::{GroupKind, MONITORING};
use crate::model::object::Object;
use crate::source::Node;

/// What is asked about: `KIND/NAME`, or `target/ADDRESS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    kind: Kind,
    name: String,
    /// Its namespace, if one is named.
    pub namespace: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object(GroupKind<'static>),
    Target,
}

/// Kinds as they are asked for: in the singular, the plural and kubectl's short form.
const KINDS: &[(GroupKind<'static>, &[&str])] = &[
    (GroupKind::SERVICE_MONITOR, &["servicemonitor", "servicemonitors", "smon"]),
    (GroupKind::POD_MONITOR, &["podmonitor", "podmonitors", "pmon"]),
    (GroupKind::PROBE, &["probe", "probes", "prb"]),
    (GroupKind::SCRAPE_CONFIG, &["scrapeconfig", "scrapeconfigs", "scfg"]),
    (GroupKind::PROMETHEUS, &["prometheus", "prometheuses", "prom"]),
    (GroupKind::new(MONITORING, "PrometheusAgent"), &["prometheusagent", "prometheusagents", "promagent"]),
    (GroupKind::SERVICE, &["service", "services", "svc"]),
    (GroupKind::POD, &["pod", "pods", "po"]),
    (GroupKind::DEPLOYMENT, &["deployment", "deployments", "deploy"]),
    (GroupKind::DAEMON_SET, &["daemonset", "daemonsets", "ds"]),
    (GroupKind::STATEFUL_SET, &["statefulset", "statefulsets", "sts"]),
    (GroupKind::REPLICA_SET, &["replicaset", "replicasets", "rs"]),
    (GroupKind::CRON_JOB, &["cronjob", "cronjobs", "cj"]),
    (GroupKind::JOB, &["job", "jobs"]),
    (GroupKind::SECRET, &["secret", "secrets"]),
    (GroupKind::CONFIG_MAP, &["configmap", "configmaps", "cm"]),
];

impl FromStr for Question {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, name) = text.split_once('/').ok_or("this is written KIND/NAME")?;
        let name = name.to_owned();
        let kind = kind.to_ascii_lowercase();
        if kind == "target" {
            return Ok(Self { kind: Kind::Target, name, namespace: None });
        }
        let found = KINDS.iter().find(|(_, names)| names.contains(&kind.as_str()));
        if let Some((kind, _)) = found {
            return Ok(Self { kind: Kind::Object(*kind), name, namespace: None });
        }
        let known: Vec<&str> = KINDS.iter().map(|(_, names)| names[0]).collect();
        Err(match alike::closest(&kind, known.iter().copied()) {
            Some(meant) => format!("there is no kind `{kind}`; did you mean `{meant}`?"),
            None => format!("there is no kind `{kind}`; there are {} and target", known.join(", ")),
        })
    }
}

/// The object, and what there is to say about how it was found.
pub(super) fn find<'w>(
    chain: &Chain<'w>,
    asked: &Question,
) -> Result<(Object<'w>, Option<String>), Box<Diagnostic>> {
    match asked.kind {
        Kind::Object(kind) => object(chain, asked, kind).map(|object| (object, None)),
        Kind::Target => target(chain, asked),
    }
}

fn object<'w>(
    chain: &Chain<'w>,
    asked: &Question,
    kind: GroupKind<'static>,
) -> Result<Object<'w>, Box<Diagnostic>> {
    let all = || chain.setting.inventory.of_kind(kind).filter(|object| !runtime::is_made(*object));
    let is_there =
        |object: &Object<'_>| asked.namespace.is_none() || object.namespace() == asked.namespace.as_deref();
    let found: Vec<Object<'w>> =
        all().filter(|object| object.name() == asked.name && is_there(object)).collect();
    match found.as_slice() {
        [only] => Ok(*only),
        [] => {
            let message = format!("there is no {} `{}` in the input", kind.kind, asked.name);
            let finding = Diagnostic::new(Code::NO_SUCH_OBJECT, message);
            let elsewhere = all().find(|object| object.name() == asked.name);
            let near = || alike::closest(&asked.name, all().map(Object::name));
            Err(Box::new(match (elsewhere, near()) {
                (Some(other), _) => finding.at(other.place(), "one is in another namespace"),
                (None, Some(near)) => finding.help(format!("did you mean `{near}`?")),
                (None, None) => finding,
            }))
        }
        [first, rest @ ..] => {
            let message = format!("there are several {} `{}`", kind.kind, asked.name);
            let finding = Diagnostic::new(Code::AMBIGUOUS_OBJECT, message).at(first.place(), "this one");
            let finding =
                rest.iter().fold(finding, |finding, other| finding.with(other.place(), "and this one"));
            Err(Box::new(finding.help("say which with -n NAMESPACE")))
        }
    }
}

/// The Service whose addresses have this one.
fn target<'w>(chain: &Chain<'w>, asked: &Question) -> Result<(Object<'w>, Option<String>), Box<Diagnostic>> {
    let address = asked.name.rsplit_once(':').map_or(asked.name.as_str(), |(address, _)| address);
    let address = address.trim_start_matches('[').trim_end_matches(']');
    let has = |written: Option<Node<'_>>| written.and_then(Node::as_str) == Some(address);
    for backing in chain.backings.all() {
        let subsets =
            backing.endpoints.and_then(|object| object.at(&["subsets"])).into_iter().flat_map(Node::items);
        let lists =
            subsets.flat_map(|subset| ["addresses", "notReadyAddresses"].map(|field| subset.get(field)));
        let mut written = lists.flatten().flat_map(Node::items);
        let slices = backing.slices.iter().filter_map(|slice| slice.at(&["endpoints"])).flat_map(Node::items);
        let mut endpoints = slices.filter_map(|endpoint| endpoint.get("addresses")).flat_map(Node::items);
        if written.any(|item| has(item.get("ip"))) || endpoints.any(|item| has(Some(item))) {
            let note = format!("`{}` is an address of this Service", asked.name);
            return Ok((backing.service, Some(note)));
        }
    }
    let message = format!("no Service of the input has the address `{address}`");
    Err(Box::new(
        Diagnostic::new(Code::NO_SUCH_OBJECT, message)
            .note("addresses of pods are decided in the cluster; those that are written down are in Endpoints and EndpointSlices"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_by_several_names() {
        let asked = |text: &str| text.parse::<Question>();
        assert_eq!(asked("svc/web").map(|asked| asked.kind), Ok(Kind::Object(GroupKind::SERVICE)));
        assert_eq!(asked("ServiceMonitor/web"), asked("smon/web"));
        assert!(asked("servicemonitr/web").is_err_and(|message| message.contains("servicemonitor")));
        assert!(asked("web").is_err());
    }
}
