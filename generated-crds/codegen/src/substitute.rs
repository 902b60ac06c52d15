//! Which objects of the CRDs are k8s-openapi's types, and the proof that nothing is lost by it.
//!
//! A substitution holds only while the CRD's properties, at every depth, are all known to k8s-openapi with a type that holds the same
//! values: a property it lacks would vanish silently when an object is read. So every site is compared at every run. What k8s-openapi
//! knows and the CRD does not is harmless, but is listed in [`LEADS`], so that each drift is seen once by a person.

use std::collections::BTreeSet;

use k8s_openapi::{
    api::{apps::v1 as apps, core::v1 as core},
    apimachinery::pkg::apis::meta::v1 as meta,
    schemars::JsonSchema,
};
use serde_json::Value;

use crate::{Result, builtin};

/// A type of k8s-openapi and where it stands in the CRDs.
struct Row {
    /// The Rust path, below the imports of the generated modules.
    rust: &'static str,
    schema: fn() -> Value,
    place: Place,
}

enum Place {
    /// At paths with one of these endings.
    At(&'static [&'static str]),
    /// Wherever an object has exactly these properties.
    Shape(&'static [&'static str]),
}

fn row<T: JsonSchema>(rust: &'static str, place: Place) -> Row {
    Row { rust, schema: builtin::inlined::<T>, place }
}

/// The first row that fits counts.
fn rows() -> Vec<Row> {
    use Place::{At, Shape};
    vec![
        row::<core::Affinity>("corev1::Affinity", At(&["spec.affinity"])),
        row::<core::Container>("corev1::Container", At(&["spec.containers[]", "spec.initContainers[]"])),
        row::<core::EmptyDirVolumeSource>("corev1::EmptyDirVolumeSource", At(&["storage.emptyDir"])),
        row::<core::EphemeralVolumeSource>("corev1::EphemeralVolumeSource", At(&["storage.ephemeral"])),
        row::<core::HostAlias>("corev1::HostAlias", At(&["spec.hostAliases[]"])),
        row::<core::LocalObjectReference>("corev1::LocalObjectReference", At(&["spec.imagePullSecrets[]"])),
        row::<core::PersistentVolumeClaimSpec>(
            "corev1::PersistentVolumeClaimSpec",
            At(&["storage.volumeClaimTemplate.spec"]),
        ),
        row::<core::PersistentVolumeClaimStatus>(
            "corev1::PersistentVolumeClaimStatus",
            At(&["storage.volumeClaimTemplate.status"]),
        ),
        row::<core::PodDNSConfig>("corev1::PodDNSConfig", At(&["spec.dnsConfig"])),
        row::<core::PodSecurityContext>("corev1::PodSecurityContext", At(&["spec.securityContext"])),
        row::<core::ResourceRequirements>(
            "corev1::ResourceRequirements",
            At(&["spec.resources", "thanos.resources"]),
        ),
        row::<core::Toleration>("corev1::Toleration", At(&["spec.tolerations[]"])),
        row::<core::TopologySpreadConstraint>(
            "corev1::TopologySpreadConstraint",
            At(&[
                "Alertmanager.spec.topologySpreadConstraints[]",
                "ThanosRuler.spec.topologySpreadConstraints[]",
            ]),
        ),
        row::<core::Volume>("corev1::Volume", At(&["spec.volumes[]"])),
        row::<core::VolumeMount>(
            "corev1::VolumeMount",
            At(&["spec.volumeMounts[]", "thanos.volumeMounts[]"]),
        ),
        row::<apps::StatefulSetPersistentVolumeClaimRetentionPolicy>(
            "appsv1::StatefulSetPersistentVolumeClaimRetentionPolicy",
            At(&["spec.persistentVolumeClaimRetentionPolicy"]),
        ),
        row::<meta::LabelSelector>("metav1::LabelSelector", Shape(&["matchExpressions", "matchLabels"])),
        // The same properties as a Secret's, so the property's name decides.
        row::<core::ConfigMapKeySelector>("corev1::ConfigMapKeySelector", At(&[".configMap"])),
        row::<core::SecretKeySelector>("corev1::SecretKeySelector", Shape(&["key", "name", "optional"])),
    ]
}

/// Properties k8s-openapi knows and the CRDs do not: nothing is lost, but the API server drops them from an object that sets them.
const LEADS: &[&str] = &[
    "corev1::EphemeralVolumeSource.volumeClaimTemplate.metadata.*",
    "corev1::Volume.ephemeral.volumeClaimTemplate.metadata.*",
];

/// Applies the table and remembers what it saw.
pub(crate) struct Substitutions {
    rows: Vec<(Row, Option<Value>, bool)>,
    leads: BTreeSet<String>,
}

impl Default for Substitutions {
    fn default() -> Self {
        Self { rows: rows().into_iter().map(|row| (row, None, false)).collect(), leads: BTreeSet::new() }
    }
}

impl Substitutions {
    /// The type that replaces the object at this path, or an error when its row no longer holds.
    pub(crate) fn find(&mut self, crd: &Value, path: &str) -> Result<Option<&'static str>> {
        let Some((row, schema, used)) = self.rows.iter_mut().find(|(row, ..)| row.fits(crd, path)) else {
            return Ok(None);
        };
        *used = true;
        let schema = schema.get_or_insert_with(row.schema);
        let mut lost = Vec::new();
        compare(crd, schema, row.rust, &mut lost, &mut self.leads);
        if lost.is_empty() {
            return Ok(Some(row.rust));
        }
        Err(format!(
            "{path} is no longer `{}` of k8s-openapi; take its row out of codegen/src/substitute.rs or update k8s-openapi:\n  {}",
            row.rust,
            lost.join("\n  ")
        ))
    }

    /// Fails for rows that replaced nothing and for leads that are not listed, or are listed and gone.
    pub(crate) fn finish(self) -> Result<()> {
        let unused: Vec<_> =
            self.rows.iter().filter(|(_, _, used)| !used).map(|(row, ..)| row.rust).collect();
        if !unused.is_empty() {
            return Err(format!(
                "codegen/src/substitute.rs: no object of the CRDs fits {}",
                unused.join(", ")
            ));
        }
        let listed: BTreeSet<_> = LEADS.iter().map(|lead| (*lead).to_owned()).collect();
        if listed != self.leads {
            let lines: Vec<_> = self.leads.iter().map(|lead| format!("    {lead:?},")).collect();
            return Err(format!("codegen/src/substitute.rs: LEADS must now be\n{}", lines.join("\n")));
        }
        Ok(())
    }
}

impl Row {
    fn fits(&self, crd: &Value, path: &str) -> bool {
        match self.place {
            Place::At(endings) => endings.iter().any(|ending| ends_with(path, ending)),
            Place::Shape(names) => {
                let properties = crd.get("properties").and_then(Value::as_object);
                properties.is_some_and(|found| found.keys().eq(names.iter().copied()))
            }
        }
    }
}

/// Whether the path ends with whole segments; an ending with a leading dot is the name of a property itself.
pub(crate) fn ends_with(path: &str, ending: &str) -> bool {
    let ending = ending.trim_start_matches('.');
    path.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Compares a CRD's schema with k8s-openapi's. `lost` gets what the type could not hold, `leads` what only the type has.
fn compare(crd: &Value, core: &Value, at: &str, lost: &mut Vec<String>, leads: &mut BTreeSet<String>) {
    let flag = |schema: &Value, key: &str| schema.get(key) == Some(&Value::Bool(true));
    let either = "x-kubernetes-int-or-string";
    let (theirs, ours) = (crd.get("type"), core.get("type"));
    if flag(core, either) && (flag(crd, either) || theirs == Some(&Value::from("string"))) {
        return;
    }
    let open = "x-kubernetes-preserve-unknown-fields";
    if flag(crd, open) && !flag(core, open) {
        lost.push(format!("{at}: unknown fields are kept in the CRD only"));
    }
    if flag(crd, either) || flag(core, either) || theirs != ours {
        lost.push(format!("{at}: {} in the CRD, {} in k8s-openapi", described(crd), described(core)));
        return;
    }
    if theirs == Some(&Value::from("integer")) && wide(crd) && !wide(core) {
        lost.push(format!("{at}: 64 bits in the CRD, 32 in k8s-openapi"));
    }
    if let (Some(theirs), Some(ours)) = (crd.get("items"), core.get("items")) {
        compare(theirs, ours, &format!("{at}[]"), lost, leads);
    }
    match (crd.get("additionalProperties"), core.get("additionalProperties")) {
        (Some(theirs), Some(ours)) => compare(theirs, ours, &format!("{at}{{}}"), lost, leads),
        (None, None) => {}
        _ => lost.push(format!("{at}: a map on one side only")),
    }
    let none = serde_json::Map::new();
    let properties = |schema| Value::get(schema, "properties").and_then(Value::as_object).unwrap_or(&none);
    let (theirs, ours) = (properties(crd), properties(core));
    for (name, property) in theirs {
        match ours.get(name) {
            Some(known) => compare(property, known, &format!("{at}.{name}"), lost, leads),
            None => lost.push(format!("{at}.{name}: unknown to k8s-openapi")),
        }
    }
    if theirs.is_empty() && !ours.is_empty() {
        leads.insert(format!("{at}.*"));
    } else {
        leads.extend(
            ours.keys().filter(|name| !theirs.contains_key(*name)).map(|name| format!("{at}.{name}")),
        );
    }
}

fn wide(schema: &Value) -> bool {
    schema.get("format").and_then(Value::as_str) != Some("int32")
}

fn described(schema: &Value) -> &str {
    schema.get("type").and_then(Value::as_str).unwrap_or("integer or string")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn compared(crd: &Value, core: &Value) -> (Vec<String>, Vec<String>) {
        let (mut lost, mut leads) = (Vec::new(), BTreeSet::new());
        compare(crd, core, "T", &mut lost, &mut leads);
        (lost, leads.into_iter().collect())
    }

    #[test]
    fn a_property_the_type_lacks_is_an_error_and_the_reverse_is_a_lead() {
        let (a, b) = (json!({"type": "string"}), json!({"type": "integer", "format": "int64"}));
        let crd = json!({"type": "object", "properties": {"deep": {"type": "object", "properties": {"a": a, "b": b}}}});
        let core = json!({"type": "object", "properties": {"deep": {"type": "object", "properties": {"a": a, "c": b}}}});
        let (lost, leads) = compared(&crd, &core);
        assert_eq!(lost, ["T.deep.b: unknown to k8s-openapi"]);
        assert_eq!(leads, ["T.deep.c"]);
    }

    #[test]
    fn a_type_that_holds_less_is_an_error() {
        let int = |format: &str| json!({"type": "integer", "format": format});
        assert_eq!(compared(&int("int32"), &int("int64")).0.len(), 0);
        assert_eq!(compared(&int("int64"), &int("int32")).0, ["T: 64 bits in the CRD, 32 in k8s-openapi"]);
        let either = json!({"x-kubernetes-int-or-string": true});
        assert_eq!(compared(&either, &json!({"type": "string"})).0.len(), 1);
        assert_eq!(compared(&either, &either).0.len(), 0);
        assert_eq!(
            compared(&json!({"type": "boolean"}), &either).0,
            ["T: boolean in the CRD, integer or string in k8s-openapi"]
        );
        let open = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
        assert_eq!(
            compared(&open, &json!({"type": "object"})).0,
            ["T: unknown fields are kept in the CRD only"]
        );
    }

    #[test]
    fn a_row_that_fits_nothing_is_an_error() {
        let error = Substitutions::default().finish().expect_err("nothing was read");
        assert!(error.contains("no object of the CRDs fits corev1::Affinity"), "{error}");
    }

    #[test]
    fn drift_names_the_site_and_the_property() {
        let crd =
            json!({"type": "object", "properties": {"ip": {"type": "string"}, "port": {"type": "integer"}}});
        let error = Substitutions::default().find(&crd, "Prometheus.spec.hostAliases[]").expect_err("drift");
        assert!(error.contains("Prometheus.spec.hostAliases[] is no longer `corev1::HostAlias`"), "{error}");
        assert!(error.contains("corev1::HostAlias.port: unknown to k8s-openapi"), "{error}");
    }
}
