//! Questions and answers in `tests/fixtures/rbac/`, and the index against an evaluation without one.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Account, Answer, Request, Rights, Scope, needs};
use crate::diagnostic::TextFile;
use crate::model::inventory::Inventory;
use crate::prom::config::{AttachMetadata, Role};
use crate::prom::version::Version;

fn inventory(text: &str) -> Inventory {
    let reading = crate::source::read(Arc::new(TextFile::new("rbac.yaml", text)));
    assert!(reading.findings.is_empty(), "{:?}", reading.findings);
    Inventory::builder().documents(reading.documents).build().0
}

/// `NAMESPACE/NAME VERB RESOURCE[.GROUP] [`NAME`] [in NAMESPACE]`, or a path in place of the resource.
fn question(text: &str) -> (Account<'_>, Request<'_>) {
    let mut words = text.split(' ');
    let (namespace, name) = words.next().and_then(|word| word.split_once('/')).expect("an account");
    let account = Account { namespace: Some(namespace), name };
    let (verb, what) = (words.next().expect("a verb"), words.next().expect("a resource"));
    if what.starts_with('/') {
        return (account, Request::Url { verb, path: what });
    }
    let (resource, group) = what.split_once('.').unwrap_or((what, ""));
    let rest: Vec<&str> = words.collect();
    let name = rest.first().and_then(|word| word.strip_prefix('`')?.strip_suffix('`')).unwrap_or_default();
    let scope = match rest[..] {
        [.., "in", namespace] => Scope::Namespace(Some(namespace)),
        _ => Scope::Cluster,
    };
    (account, Request::Resource { verb, group, resource, name, scope })
}

fn answer(inventory: &Inventory, text: &str) -> String {
    let (account, request) = question(text);
    let rights = Rights::of(inventory, account);
    let mut told = match rights.may(&request) {
        Answer::Allowed(grant) => return format!("#   allowed: {grant}\n"),
        Answer::Denied => "#   denied\n".to_owned(),
        Answer::Unknown(open) => format!("#   unknown: {open}\n"),
    };
    for miss in rights.near_misses(&request) {
        let _ = writeln!(told, "#   - {miss}");
    }
    told
}

#[test]
fn questions_are_answered_as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rbac");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("there are fixtures") {
        let path = entry.expect("it can be listed").path();
        let text = fs::read_to_string(&path).expect("it can be read");
        let inventory = inventory(&text);
        let mut written = String::new();
        for line in text.lines().filter(|line| !line.starts_with("#   ")) {
            let _ = writeln!(written, "{line}");
            if let Some(text) = line.strip_prefix("# ? ") {
                written += &answer(&inventory, text);
                count += 1;
            }
        }
        if std::env::var_os("PROMWIRE_UPDATE").is_some() {
            fs::write(&path, written).expect("it can be written");
        } else {
            assert_eq!(text, written, "{}", path.display());
        }
    }
    assert!(count > 40, "only {count} questions");
}

#[test]
fn a_discovery_needs_every_cache() {
    let text = |resources: &str, verbs: &str| {
        format!(
            "{{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {{name: p, namespace: shop}}, rules: \
             [{{apiGroups: ['', discovery.k8s.io], resources: [{resources}], verbs: [{verbs}]}}]}}\n---\n\
             {{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {{name: p, namespace: shop}}, \
             roleRef: {{kind: Role, name: p}}, subjects: [{{kind: ServiceAccount, name: p, namespace: m}}]}}"
        )
    };
    let denied = |resources: &str, verbs: &str, role, attach, version: &str| -> Vec<&'static str> {
        let text = text(resources, verbs);
        let inventory = inventory(&text);
        let rights = Rights::of(&inventory, Account { namespace: Some("m"), name: "p" });
        let version = Version::parse_tolerant(version).expect("a version");
        let met = rights.of_discovery(role, attach, Scope::Namespace(Some("shop")));
        met.into_iter().filter(|met| met.is_denied(&version)).map(|met| met.need.resource).collect()
    };
    let plain = AttachMetadata::default();
    let all = "endpointslices, services, pods";
    assert!(denied(all, "list, watch", Role::EndpointSlice, plain, "3.13.5").is_empty());
    assert_eq!(denied(all, "list", Role::Endpoints, plain, "3.13.5"), ["endpoints"]);
    assert_eq!(
        denied("endpointslices, services", "list, watch", Role::EndpointSlice, plain, "3.13.5"),
        ["pods"]
    );
    assert!(denied(all, "watch", Role::EndpointSlice, plain, "3.10.0").is_empty());
    assert_eq!(denied(all, "get, watch", Role::Service, plain, "3.9.1"), ["services"]);
    let with_nodes = AttachMetadata { node: true, ..plain };
    assert_eq!(denied(all, "list, watch", Role::Pod, with_nodes, "3.13.5"), ["nodes"]);
    let with_owners = AttachMetadata { deployment: true, ..plain };
    assert!(denied(all, "list, watch", Role::EndpointSlice, with_owners, "3.13.5").is_empty());
    assert_eq!(denied(all, "list, watch", Role::Pod, with_owners, "3.13.5"), ["replicasets"]);
    assert_eq!(needs::of_discovery(Role::Node, with_nodes).len(), 1);
}

/// The decision without an index, over plain JSON: every binding, every subject, every rule.
fn naive(
    objects: &[Value],
    account: Account<'_>,
    verb: &str,
    resource: &str,
    namespace: Option<&str>,
) -> bool {
    let namespace_of = |object: &Value| object["metadata"]["namespace"].as_str().map(str::to_owned);
    let has = |list: &Value, wanted: &str| {
        list.as_array().into_iter().flatten().any(|item| item == "*" || item == wanted)
    };
    let bindings = objects.iter().filter(|object| match object["kind"].as_str() {
        Some("ClusterRoleBinding") => true,
        Some("RoleBinding") => namespace.is_some() && namespace_of(object).as_deref() == namespace,
        _ => false,
    });
    bindings
        .filter(|binding| {
            binding["subjects"].as_array().into_iter().flatten().any(|subject| {
                let name = subject["name"].as_str();
                let own = account.namespace.unwrap_or_default();
                if subject["kind"] == "Group" {
                    name == Some("system:serviceaccounts")
                        || name == Some(format!("system:serviceaccounts:{own}").as_str())
                } else {
                    let namespace = subject["namespace"].as_str().map(str::to_owned);
                    name == Some(account.name)
                        && namespace.or_else(|| namespace_of(binding)).as_deref() == Some(own)
                }
            })
        })
        .flat_map(|binding| {
            let reference = &binding["roleRef"];
            objects.iter().filter(move |role| {
                role["kind"] == reference["kind"]
                    && role["metadata"]["name"] == reference["name"]
                    && match role["kind"].as_str() {
                        Some("Role") => {
                            binding["kind"] == "RoleBinding" && namespace_of(role) == namespace_of(binding)
                        }
                        kind => kind == Some("ClusterRole"),
                    }
            })
        })
        .flat_map(|role| role["rules"].as_array().into_iter().flatten())
        .any(|rule| has(&rule["verbs"], verb) && has(&rule["resources"], resource))
}

fn pick(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(texts)
}

fn object() -> impl Strategy<Value = Value> {
    let lists = (
        proptest::collection::vec(pick(&["get", "list", "*"]), 1..3),
        proptest::collection::vec(pick(&["pods", "services", "*"]), 1..2),
    );
    let subject = (pick(&["ServiceAccount", "Group"]), pick(&["p", "q"]), pick(&["a", "b", ""])).prop_map(
        |(kind, name, namespace)| match kind {
            "Group" if namespace.is_empty() => json!({"kind": kind, "name": "system:serviceaccounts"}),
            "Group" => json!({"kind": kind, "name": format!("system:serviceaccounts:{namespace}")}),
            _ if namespace.is_empty() => json!({"kind": kind, "name": name}),
            _ => json!({"kind": kind, "name": name, "namespace": namespace}),
        },
    );
    let kinds = pick(&["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"]);
    (kinds, pick(&["x", "y"]), pick(&["a", "b"]), lists, subject, pick(&["Role", "ClusterRole"]), pick(&["x", "y"]))
        .prop_map(|(kind, name, namespace, (verbs, resources), subject, role_kind, role)| {
            let mut object = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name}});
            if !kind.starts_with("Cluster") {
                object["metadata"]["namespace"] = json!(namespace);
            }
            if kind.ends_with("Binding") {
                object["roleRef"] = json!({"kind": role_kind, "name": role});
                object["subjects"] = json!([subject]);
            } else {
                object["rules"] = json!([{"apiGroups": [""], "verbs": verbs, "resources": resources}]);
            }
            object
        })
}

proptest! {
    #[test]
    fn the_index_answers_as_a_walk_over_all_objects(
        objects in proptest::collection::vec(object(), 0..14),
        account in (pick(&["a", "b"]), pick(&["p", "q"])),
        verb in pick(&["get", "list", "delete"]),
        resource in pick(&["pods", "services", "nodes"]),
        namespace in proptest::option::of(pick(&["a", "b"])),
    ) {
        // Of two with one identity the last counts; the naive evaluation knows no identities.
        let mut distinct: Vec<Value> = Vec::new();
        for object in objects {
            distinct.retain(|known| known["kind"] != object["kind"] || known["metadata"] != object["metadata"]);
            distinct.push(object);
        }
        let list = json!({"apiVersion": "v1", "kind": "List", "items": distinct});
        let inventory = inventory(&list.to_string());
        let account = Account { namespace: Some(account.0), name: account.1 };
        let rights = Rights::of(&inventory, account);
        let scope = namespace.map_or(Scope::Cluster, |namespace| Scope::Namespace(Some(namespace)));
        let found = rights.may(&Request::objects(verb, "", resource, scope));
        let expected = naive(&distinct, account, verb, resource, namespace);
        prop_assert_eq!(found.is_allowed(), expected, "{:?}", found);
    }
}
