//! What a Prometheus may not list is not discovered.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::kubernetes::rbac::{Account, Rights, Scope};
use crate::model::inventory::Inventory;
use crate::model::object::Object;
use crate::prom::config::{Config, KubernetesSd};
use crate::prom::version::Version;
use crate::source::Node;

/// Takes what may not be listed out of a configuration, and says so. Where the input holds no RBAC objects nothing is known of
/// rights, and everything stays.
pub(super) fn take_out_denied(
    config: &mut Config,
    inventory: &Inventory,
    object: Object<'_>,
    version: &Version,
) -> Vec<Diagnostic> {
    let name = object.at(&["spec", "serviceAccountName"]).and_then(Node::as_str);
    let name = name.filter(|name| !name.is_empty()).unwrap_or("default");
    let account = Account { namespace: object.namespace(), name };
    let asker = Asker {
        rights: Rights::of(inventory, account),
        version,
        own_namespace: object.namespace().unwrap_or_default(),
    };
    if !asker.rights.are_stated() {
        return Vec::new();
    }
    // Many jobs ask for the same.
    let mut denied: BTreeMap<Vec<Missing>, Vec<String>> = BTreeMap::new();
    for job in &mut config.scrape_configs {
        let name = &job.job_name;
        job.kubernetes_sd_configs.retain_mut(|sd| {
            let (stays, missing) = asker.take_out(sd);
            for missing in missing {
                let jobs = denied.entry(missing).or_default();
                if !jobs.contains(name) {
                    jobs.push(name.clone());
                }
            }
            stays
        });
    }
    let finding = |(missing, jobs): (Vec<Missing>, Vec<String>)| {
        let message = format!(
            "{account} may not list {}: nothing is discovered there for {}",
            words(&missing),
            list(&jobs)
        );
        Diagnostic::new(Code::DISCOVERY_DENIED, message).at(object.place(), "").help(
            "bind a role with the right to list and watch them to the account, where they are asked for",
        )
    };
    denied.into_iter().map(finding).collect()
}

/// Objects that may not be listed: their resource, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Missing {
    resource: String,
    namespace: Option<String>,
}

/// `endpoints and pods in namespace shop`.
fn words(missing: &[Missing]) -> String {
    let resources: Vec<&str> = missing.iter().map(|one| one.resource.as_str()).collect();
    let resources = match &resources[..] {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => resources.concat(),
    };
    match missing.first().and_then(|one| one.namespace.as_deref()) {
        Some(namespace) => format!("{resources} in namespace {namespace}"),
        None => format!("{resources} in the whole cluster"),
    }
}

/// Some names, and how many more there are.
pub(super) fn list(names: &[String]) -> String {
    const MOST: usize = 3;
    let shown: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(MOST) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

struct Asker<'i, 'a> {
    rights: Rights<'i>,
    version: &'a Version,
    own_namespace: &'a str,
}

impl Asker<'_, '_> {
    /// Takes the namespaces that may not be listed out of a discovery. Whether anything is left of it, and what is denied.
    fn take_out(&self, sd: &mut KubernetesSd) -> (bool, Vec<Vec<Missing>>) {
        // Who asks with other credentials is somebody else.
        if sd.api_server.is_some() || sd.kubeconfig_file.is_some() {
            return (true, Vec::new());
        }
        let mut missing = Vec::new();
        if sd.namespaces.names.is_empty() && !sd.namespaces.own_namespace {
            missing.extend(self.denied(sd, Scope::Cluster));
            return (missing.is_empty(), missing);
        }
        let mut kept = Vec::new();
        for name in &sd.namespaces.names {
            let denied = self.denied(sd, Scope::Namespace(Some(name)));
            if denied.is_empty() {
                kept.push(name.clone());
            }
            missing.extend(denied);
        }
        sd.namespaces.names = kept;
        if sd.namespaces.own_namespace {
            let denied = self.denied(sd, Scope::Namespace(Some(self.own_namespace)));
            sd.namespaces.own_namespace = denied.is_empty();
            missing.extend(denied);
        }
        // Without a namespace it would look into all of them.
        (!sd.namespaces.names.is_empty() || sd.namespaces.own_namespace, missing)
    }

    /// What is denied of what a discovery needs there, if anything is: what has namespaces, and what has none.
    fn denied(&self, sd: &KubernetesSd, scope: Scope<'_>) -> Vec<Vec<Missing>> {
        let met = self.rights.of_discovery(sd.role, sd.attach_metadata, scope);
        let denied = met.iter().filter(|met| met.is_denied(self.version));
        let (namespaced, of_cluster): (Vec<Missing>, Vec<Missing>) = denied
            .map(|met| {
                let request = met.need.request("list", scope);
                let namespace = match request.scope() {
                    Scope::Namespace(namespace) => namespace.map(str::to_owned),
                    Scope::Cluster => None,
                };
                Missing { resource: met.need.resource.to_owned(), namespace }
            })
            .partition(|missing| missing.namespace.is_some());
        [namespaced, of_cluster].into_iter().filter(|missing| !missing.is_empty()).collect()
    }
}
