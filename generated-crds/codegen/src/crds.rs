//! Reading the ten CRDs, and writing them without what the generator does not need.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value, json};

use crate::Result;

/// The API group.
pub(crate) const GROUP: &str = "monitoring.coreos.com";

/// The kinds there must be, by plural name.
const PLURALS: [&str; 10] = [
    "alertmanagerconfigs",
    "alertmanagers",
    "podmonitors",
    "probes",
    "prometheusagents",
    "prometheuses",
    "prometheusrules",
    "scrapeconfigs",
    "servicemonitors",
    "thanosrulers",
];

/// One `CustomResourceDefinition`, reduced by [`reduce`].
pub(crate) struct Crd {
    pub(crate) plural: String,
    pub(crate) kind: String,
    pub(crate) value: Value,
}

/// One version of a CRD.
pub(crate) struct Version<'a> {
    pub(crate) name: &'a str,
    pub(crate) storage: bool,
    pub(crate) schema: &'a Value,
}

impl Crd {
    /// Its versions with a schema, in the file's order.
    pub(crate) fn versions(&self) -> impl Iterator<Item = Version<'_>> {
        let versions = self.value.pointer("/spec/versions").and_then(Value::as_array).into_iter().flatten();
        versions.filter_map(|version| {
            Some(Version {
                name: version.get("name")?.as_str()?,
                storage: version.get("storage").and_then(Value::as_bool).unwrap_or_default(),
                schema: version.pointer("/schema/openAPIV3Schema")?,
            })
        })
    }
}

/// Reads the CRDs of the group from a file of one or many documents (YAML or JSON, a `List` too) or from the files of a folder.
/// Other documents are passed over; one of the ten that is missing or there twice is an error.
pub(crate) fn read(path: &Path) -> Result<Vec<Crd>> {
    choose(documents(path)?).map_err(|error| format!("{}: {error}", path.display()))
}

fn parse(text: &str) -> Result<Vec<Value>> {
    // Without a budget: these files are megabytes, and come from the person who runs this.
    serde_saphyr::from_multiple_with_options(text, serde_saphyr::options! { budget: None })
        .map_err(|error| error.to_string())
}

/// The ten CRDs among these documents.
fn choose(documents: Vec<Value>) -> Result<Vec<Crd>> {
    let mut found = BTreeMap::new();
    for document in documents {
        let items = match document.get("items") {
            Some(Value::Array(items)) => items.clone(),
            _ => vec![document],
        };
        for item in items.into_iter().filter(is_ours) {
            let crd = reduce(&item).ok_or("a CRD without names or versions")?;
            if let Some(twice) = found.insert(crd.plural.clone(), crd) {
                return Err(format!("`{}.{GROUP}` is there twice", twice.plural));
            }
        }
    }
    let missing: Vec<_> = PLURALS.iter().filter(|plural| !found.contains_key(**plural)).copied().collect();
    if !missing.is_empty() {
        return Err(format!("no CRD for {}", missing.join(", ")));
    }
    if let Some(unknown) = found.keys().find(|plural| !PLURALS.contains(&plural.as_str())) {
        return Err(format!("`{unknown}.{GROUP}` is a kind the generator does not know; add it to PLURALS"));
    }
    if let Some(crd) = found.values().find(|crd| crd.versions().next().is_none()) {
        return Err(format!("`{}.{GROUP}` has no version with a schema", crd.plural));
    }
    Ok(found.into_values().collect())
}

/// Reads CRDs that are written by hand, as they are.
pub(crate) fn by_hand(folder: &Path) -> Result<Vec<Value>> {
    documents(folder)
}

fn documents(path: &Path) -> Result<Vec<Value>> {
    let mut documents = Vec::new();
    for file in files(path)? {
        let failed = |error: &dyn std::fmt::Display| format!("cannot read {}: {error}", file.display());
        let text = fs::read_to_string(&file).map_err(|error| failed(&error))?;
        documents.extend(parse(&text).map_err(|error| failed(&error))?);
    }
    Ok(documents)
}

/// The text that is committed.
pub(crate) fn write(crd: &Crd) -> Result<String> {
    let text = serde_saphyr::to_string(&crd.value).map_err(|error| format!("cannot write YAML: {error}"))?;
    let back: Value = serde_saphyr::from_str_with_options(&text, serde_saphyr::options! { budget: None })
        .map_err(|error| format!("cannot read the YAML just written: {error}"))?;
    if back != crd.value {
        return Err(format!("{}: the YAML just written says something else", crd.plural));
    }
    Ok(text)
}

fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error| format!("cannot read {}: {error}", path.display());
    if !fs::metadata(path).map_err(failed)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files: Vec<_> = fs::read_dir(path).map_err(failed)?.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known))
    });
    files.sort();
    Ok(files)
}

fn is_ours(document: &Value) -> bool {
    document.get("kind").and_then(Value::as_str) == Some("CustomResourceDefinition")
        && document.pointer("/spec/group").and_then(Value::as_str) == Some(GROUP)
}

/// Keeps what a CRD says about its objects: not its descriptions, not what a cluster has added (status, managed fields, conversion
/// webhooks and their certificates). The annotations that say which operator it is of stay.
fn reduce(crd: &Value) -> Option<Crd> {
    let spec = crd.get("spec")?;
    let plural = spec.pointer("/names/plural")?.as_str()?.to_owned();
    let kind = spec.pointer("/names/kind")?.as_str()?.to_owned();
    let annotations: Map<String, Value> = crd
        .pointer("/metadata/annotations")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(key, _)| {
            ["operator.prometheus.io/version", "controller-gen.kubebuilder.io/version"]
                .contains(&key.as_str())
        })
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let mut versions = spec.get("versions")?.as_array()?.clone();
    for version in &mut versions {
        if let Some(schema) = version.pointer_mut("/schema/openAPIV3Schema") {
            strip(schema);
        }
        if let Some(columns) = version.get_mut("additionalPrinterColumns").and_then(Value::as_array_mut) {
            for column in columns.iter_mut().filter_map(Value::as_object_mut) {
                column.remove("description");
            }
        }
    }
    let value = json!({
        "apiVersion": crd.get("apiVersion")?,
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.{GROUP}"), "annotations": annotations},
        "spec": {"group": GROUP, "names": spec.get("names")?, "scope": spec.get("scope")?, "versions": versions},
    });
    Some(Crd { plural, kind, value })
}

/// Removes the prose of a schema and of everything below it; a *property* named `description` stays.
fn strip(schema: &mut Value) {
    let Some(fields) = schema.as_object_mut() else { return };
    for prose in ["description", "title", "example", "externalDocs"] {
        fields.remove(prose);
    }
    for (key, value) in fields.iter_mut() {
        match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => properties.values_mut().for_each(strip),
            ("items" | "additionalProperties" | "not", value) => strip(value),
            ("allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => schemas.iter_mut().for_each(strip),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crd(plural: &str) -> Value {
        json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": "x", "annotations": {"operator.prometheus.io/version": "1", "a": "b"}, "uid": "u"},
            "spec": {"group": GROUP, "scope": "Namespaced", "names": {"plural": plural, "kind": "Kind"},
                "conversion": {"strategy": "Webhook"}, "versions": [{"name": "v1", "schema": {"openAPIV3Schema": {}}}]},
            "status": {"conditions": []}})
    }

    #[test]
    fn one_file_of_many_documents_and_a_list_are_read() {
        let all: Vec<_> = PLURALS.iter().map(|plural| crd(plural)).collect();
        let mut texts: Vec<_> = all.iter().map(Value::to_string).collect();
        texts.extend(["kind: Deployment".to_owned(), "# nothing".to_owned()]);
        assert_eq!(choose(parse(&texts.join("\n---\n")).expect("YAML")).expect("complete").len(), 10);
        let list = json!({"kind": "List", "items": all});
        assert_eq!(choose(vec![list]).expect("complete").len(), 10);
    }

    #[test]
    fn a_missing_kind_and_one_that_is_there_twice_are_errors() {
        let mut all: Vec<_> = PLURALS.iter().map(|plural| crd(plural)).collect();
        let probe = all.remove(3);
        let error = |documents: Vec<Value>| choose(documents).err();
        assert_eq!(error(all.clone()).as_deref(), Some("no CRD for probes"));
        all.extend([probe.clone(), probe]);
        assert_eq!(error(all).as_deref(), Some("`probes.monitoring.coreos.com` is there twice"));
    }

    #[test]
    fn what_a_cluster_adds_is_left_out() {
        let reduced = reduce(&crd("probes")).expect("complete").value;
        assert!(reduced.get("status").is_none() && reduced.pointer("/spec/conversion").is_none());
        let annotations = json!({"operator.prometheus.io/version": "1"});
        assert_eq!(
            reduced["metadata"],
            json!({"name": "probes.monitoring.coreos.com", "annotations": annotations})
        );
    }

    #[test]
    fn an_operator_survives_writing() {
        // Plain scalars that other readers of YAML take for something else.
        let enums = json!({"enum": ["=", "!=", "yes", "1.0", "~", "0x1", "<<"], "pattern": "^a: #b$"});
        let value = json!({"kind": "CustomResourceDefinition", "schema": enums});
        let written =
            write(&Crd { plural: "a".into(), kind: "A".into(), value }).expect("read back and compared");
        assert!(written.contains("!="));
    }

    #[test]
    fn prose_goes_and_properties_stay() {
        let mut schema = json!({"description": "a", "properties": {
            "description": {"type": "string", "description": "b"}, "title": {"items": {"description": "c", "type": "string"}},
        }});
        strip(&mut schema);
        let wanted = json!({"properties": {"description": {"type": "string"}, "title": {"items": {"type": "string"}}}});
        assert_eq!(schema, wanted);
    }
}
