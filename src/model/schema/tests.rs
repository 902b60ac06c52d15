use std::sync::Arc;

use super::*;
use crate::diagnostic::TextFile;
use crate::source;

fn inventory(text: &str) -> Inventory {
    let reading = source::read(Arc::new(TextFile::new("test.yaml", text)));
    Inventory::builder().documents(reading.documents).build().0
}

fn told(text: &str) -> Vec<String> {
    let inventory = inventory(text);
    let (schemas, mut findings) = SchemaSet::new(&inventory);
    findings.extend(schemas.validate_all(&inventory));
    findings
        .iter()
        .map(|finding| {
            let place = finding.place.as_ref().map(|at| at.place.to_string()).unwrap_or_default();
            format!("{} {place} {}", finding.code.id(), finding.message)
        })
        .collect()
}

const WALL: &str = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: servicemonitors.monitoring.coreos.com}
spec:
  group: monitoring.coreos.com
  scope: Namespaced
  names: {kind: ServiceMonitor, plural: servicemonitors}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, properties: {colour: {type: string}}}}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: a}
spec: {colour: red, endpoints: []}
";

#[test]
fn definitions_in_the_input_override_the_embedded_ones() {
    assert_eq!(told(WALL), ["PW101 test.yaml:20:21 unknown field `endpoints` in `spec`"]);
    let renamed = WALL.replace("monitoring.coreos.com/v1\n", "monitoring.coreos.com/v2\n");
    assert_eq!(
        told(&renamed),
        ["PW103 test.yaml:17:13 there is no kind `ServiceMonitor` in `monitoring.coreos.com/v2`"]
    );
    assert_eq!(
        told(&WALL.replace("  group: monitoring.coreos.com\n", "")).first().map(String::as_str),
        Some(
            "PW104 test.yaml:3:18 not a CustomResourceDefinition: `spec.group` is missing or has the wrong type"
        )
    );
}

#[test]
fn content_of_secrets_is_never_quoted_or_pointed_at() {
    let secret = "\
apiVersion: v1
kind: Secret
metadata: {name: a}
data:
  one: hunter2-!
  two: 31337
stringData:
  three: true
  four: [s3cret]
typo: 7
";
    let inventory = inventory(secret);
    let findings = SchemaSet::default().validate_all(&inventory);
    assert_eq!(findings.len(), 5, "{findings:?}");
    for finding in &findings {
        let told = format!("{finding:?}");
        for content in ["hunter2", "31337", "s3cret"] {
            assert!(!told.contains(content), "{told}");
        }
        let span = finding.place.as_ref().expect("each has a place").place.span;
        let shown = &secret[span.range()];
        assert!(["one", "two", "three", "four", "typo"].contains(&shown), "{shown}");
    }
}

#[test]
fn findings_come_in_the_order_of_the_text() {
    let text = "\
{apiVersion: v1, kind: Service, metadata: {name: z}, a: 1}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b, annotations: {x: 1}}, b: 1}
";
    let places: Vec<_> = told(text).iter().map(|told| told[6..20].trim().to_owned()).collect();
    assert_eq!(places, ["test.yaml:1:54", "test.yaml:3:72", "test.yaml:3:77"]);
}
