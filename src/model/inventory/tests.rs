use super::*;
use crate::diagnostic::{Diagnostic, Level, TextFile};
use crate::model::selector::{Operator, Requirement};
use crate::source;

fn read_named(name: &str, text: &str, default_namespace: Option<&str>) -> (Inventory, Vec<Diagnostic>) {
    let reading = source::read(Arc::new(TextFile::new(name, text)));
    assert!(reading.findings.iter().all(|finding| finding.level < Level::Error), "{:?}", reading.findings);
    Inventory::builder().default_namespace(default_namespace).documents(reading.documents).build()
}

fn read(text: &str) -> (Inventory, Vec<Diagnostic>) {
    read_named("test.yaml", text, None)
}

fn identities(inventory: &Inventory) -> Vec<String> {
    inventory.objects().map(|object| object.identity().to_string()).collect()
}

/// `code place message` of each.
fn told(findings: &[Diagnostic]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| {
            let place = finding.place.as_ref().map(|annotation| annotation.place.to_string());
            format!("{} {} {}", finding.code.id(), place.unwrap_or_default(), finding.message)
        })
        .collect()
}

#[test]
fn objects_are_found_by_identity_kind_and_namespace_in_one_order() {
    let (inventory, findings) = read(
        "\
apiVersion: v1
kind: Service
metadata: {name: b, namespace: web}
---
apiVersion: v1
kind: Service
metadata: {name: a, namespace: web}
---
apiVersion: v1
kind: Service
metadata: {name: c}
---
apiVersion: v1
kind: Namespace
metadata: {name: web, namespace: ignored}
",
    );
    assert_eq!(findings, []);
    assert_eq!(identities(&inventory), ["Namespace web", "Service c", "Service web/a", "Service web/b"]);
    assert_eq!(inventory.kinds().collect::<Vec<_>>(), [GroupKind::NAMESPACE, GroupKind::SERVICE]);
    let names = |namespace| -> Vec<_> {
        inventory.in_namespace(GroupKind::SERVICE, namespace).map(Object::name).collect()
    };
    assert_eq!(names(Some("web")), ["a", "b"]);
    assert_eq!(names(None), ["c"]);
    assert_eq!(names(Some("absent")), [""; 0]);
    let b = inventory.get(GroupKind::SERVICE, Some("web"), "b").expect("it is there");
    assert_eq!(b.place().to_string(), "test.yaml:3:18");
    assert!(inventory.get(GroupKind::SERVICE, None, "b").is_none());
    assert_eq!(inventory.of_kind(GroupKind::POD).len(), 0);
}

#[test]
fn lists_are_their_items() {
    let (inventory, findings) = read(
        "\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: plain}
- apiVersion: monitoring.coreos.com/v1
  kind: ServiceMonitorList
  items:
  - metadata: {name: typed, labels: {app: x}}
- null
---
apiVersion: example.com/v1
kind: AllowList
metadata: {name: ends-in-list}
---
{apiVersion: v1, kind: PodList, items: null}
",
    );
    assert_eq!(findings, []);
    assert_eq!(identities(&inventory), ["Service plain", "AllowList ends-in-list", "ServiceMonitor typed"]);
    let monitor = inventory.get(GroupKind::SERVICE_MONITOR, None, "typed").expect("it is there");
    assert_eq!((monitor.version(), monitor.labels().get("app")), ("v1", Some("x")));
}

#[test]
fn what_is_no_object_is_told_and_other_tools_files_are_not() {
    let (inventory, findings) = read(
        "\
global: {scrape_interval: 30s}
---
- a
---
kind: Service
metadata: {name: a}
---
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
",
    );
    assert!(inventory.is_empty());
    assert_eq!(
        told(&findings),
        [
            "PW007 test.yaml:1:1 this is no Kubernetes object: `apiVersion` and `kind` are missing",
            "PW007 test.yaml:3:1 a list is no Kubernetes object",
            "PW104 test.yaml:5:1 `apiVersion` is missing",
        ]
    );
    assert_eq!(read_named("chart/values-prod.yaml", "replicas: 1\n", None).1, []);
    let object = "{apiVersion: v1, kind: Pod, metadata: {name: a}}\n";
    assert_eq!(read_named("chart/values-prod.yaml", object, None).0.len(), 1, "an object is one anywhere");
}

#[test]
fn mistakes_in_metadata_are_told_and_the_object_is_kept() {
    let (inventory, findings) = read(
        "\
apiVersion: v1
kind: Service
metadata:
  name: 007
  labels: {version: 1.0, app: web, debug: yes, empty: }
---
apiVersion: v1
kind: Pod
metadata: {labels: null}
---
apiVersion: v1
kind: Pod
metadata: {generateName: job-}
---
apiVersion: v1
kind: Pod
metadata: {generateName: job-}
",
    );
    assert_eq!(
        told(&findings),
        [
            "PW102 test.yaml:4:9 `metadata.name` has to be a string, found the number `007`",
            "PW102 test.yaml:5:21 label `version` has to be a string, found the number `1.0`",
            "PW102 test.yaml:5:43 label `debug` has to be a string, found the boolean true (written `yes`)",
            "PW104 test.yaml:9:11 Pod has no name",
        ]
    );
    assert_eq!(identities(&inventory), ["Pod ", "Pod job-*", "Pod job-*", "Service 007"]);
    let service = inventory.of_kind(GroupKind::SERVICE).next().expect("it is there");
    assert_eq!(service.labels().iter().collect::<Vec<_>>(), [("app", "web"), ("empty", "")]);
}

#[test]
fn the_same_object_twice_is_kept_once_and_told_when_it_differs() {
    let object = |port: u16| {
        format!("apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {{ports: [{{port: {port}}}]}}\n")
    };
    let (inventory, findings) = read(&[object(1), object(1)].join("---\n"));
    assert_eq!((inventory.len(), findings.len()), (1, 0));
    let (inventory, findings) = read(&[object(1), object(2)].join("---\n"));
    assert_eq!(told(&findings), ["PW008 test.yaml:8:18 `Service a` is defined twice with different content"]);
    assert_eq!(findings[0].related[0].place.to_string(), "test.yaml:3:18");
    let port = inventory.objects().next().and_then(|service| service.at(&["spec", "ports", "0", "port"]));
    assert_eq!(port.and_then(crate::source::Node::as_i64), Some(2), "the last one counts");
}

#[test]
fn the_default_namespace_is_given_to_what_can_have_one() {
    let definition = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: walls.example.com}
spec: {group: example.com, scope: Cluster, names: {kind: Wall}}
---
{apiVersion: example.com/v1, kind: Wall, metadata: {name: a}}
---
{apiVersion: example.com/v1, kind: Door, metadata: {name: a}}
";
    let (inventory, _) = read_named("test.yaml", definition, Some("home"));
    assert_eq!(
        identities(&inventory),
        ["CustomResourceDefinition walls.example.com", "Door home/a", "Wall a"]
    );
}

#[test]
fn selectors_are_answered_for_a_kind() {
    let (inventory, _) = read(
        "\
{apiVersion: v1, kind: Service, metadata: {name: a, namespace: east, labels: {app: web}}}
---
{apiVersion: v1, kind: Service, metadata: {name: b, namespace: west, labels: {app: web}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: c, namespace: east, labels: {app: web}}}
",
    );
    let web = Requirement::new("app", Operator::Equals, ["web"]).expect("valid");
    let selector = Selector::new(vec![web]);
    let select = |kind, namespaces| -> Vec<_> {
        let ids = inventory.select(kind, &selector, namespaces);
        ids.into_iter().map(|id| inventory.object(id).name()).collect()
    };
    assert_eq!(select(GroupKind::SERVICE, Namespaces::All), ["a", "b"]);
    assert_eq!(select(GroupKind::SERVICE, Namespaces::Only(&[Some("west")])), ["b"]);
    assert_eq!(select(GroupKind::POD, Namespaces::All), ["c"]);
    assert_eq!(select(GroupKind::NODE, Namespaces::All), [""; 0]);
}
