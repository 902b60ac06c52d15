//! A lock: what manifests hang on in a cluster, as a file to commit beside them.
//!
//! It is one document that nobody can apply by mistake. Its objects come out sorted, and without what changes by itself, so that a
//! difference between two locks is one that matters. Of Secrets and `ConfigMaps` it has the names of their keys, never what is in
//! them.

mod keep;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use self::keep::keep;
use crate::chain::Scope;
use crate::diagnostic::{Code, Diagnostic, Level, Place};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::source::{self, Document, InputPath, LoadOptions, Node};

/// `apiVersion` of a lock.
const API_VERSION: &str = "promwire.dev/v1alpha1";

/// What stands above a lock.
const HEADER: &str = "\
# What `promwire snapshot` read of a cluster. Commit it beside the manifests that go there, and check them with
#   promwire check --assume FILE manifests/
# It holds no content of Secrets and ConfigMaps. Write it anew when the cluster changes; do not edit it.
";

/// What a cluster was like.
#[derive(Debug)]
pub struct Lock {
    /// Its objects, beneath what the input says of them.
    pub documents: Vec<Arc<Document>>,
    /// What was listed in full.
    pub listed: Vec<Scope>,
    /// Settings of the reality there by the names of their flags, each with its place.
    pub settings: Vec<(String, String, Place)>,
    /// Resources that could not be listed.
    pub not_listed: Vec<String>,
}

/// The text of a lock: of these objects what links hang on.
pub fn write<'s>(
    inventory: &Inventory,
    listed: &[Scope],
    not_listed: &[String],
    settings: impl IntoIterator<Item = (&'s str, &'s str)>,
) -> String {
    let objects = inventory.objects().filter_map(|object| keep(object.kind(), &object.node().to_json()));
    let objects: Vec<Value> = objects.collect();
    let scopes: BTreeSet<&Scope> = listed.iter().filter(|scope| !is_left_out(scope)).collect();
    let scopes: Vec<String> = scopes.into_iter().map(ToString::to_string).collect();
    let assumed: Map<String, Value> =
        settings.into_iter().map(|(option, value)| (option.to_owned(), value.into())).collect();
    let mut lock = json!({
        "apiVersion": API_VERSION,
        "assumed": assumed,
        "kind": GroupKind::CLUSTER_LOCK.kind,
        "listed": scopes,
        "objects": objects,
    });
    if !not_listed.is_empty() {
        lock["notListed"] = not_listed.into();
    }
    format!("{HEADER}{}", source::emit(&lock))
}

/// Whether a lock has none of these objects, so that it cannot say which there are.
fn is_left_out(scope: &Scope) -> bool {
    let (Scope::Kind(kind) | Scope::KindIn(kind, _)) = scope else { return false };
    keep::is_left_out(kind)
}

/// Reads a lock.
///
/// # Errors
/// What cannot be read, or is none.
pub fn read(path: &Path, options: &LoadOptions) -> Result<Lock, Vec<Diagnostic>> {
    let reading = source::load(&[InputPath::Path(path.to_owned())], options);
    if reading.findings.iter().any(|finding| finding.level == Level::Error) {
        return Err(reading.findings);
    }
    let name = path.display();
    let none = |why: &str| {
        let finding = Diagnostic::new(Code::NO_LOCK, format!("`{name}` is no lock: {why}"));
        vec![finding.help("promwire snapshot writes one")]
    };
    let Ok([document]) = <[Document; 1]>::try_from(reading.documents) else {
        return Err(none("it is not one document"));
    };
    let text = |field: &str| document.root().get(field).and_then(Node::as_str);
    if text("kind") != Some(GroupKind::CLUSTER_LOCK.kind) {
        return Err(none("its kind is not ClusterLock"));
    }
    if text("apiVersion") != Some(API_VERSION) {
        return Err(none(&format!("its apiVersion is not {API_VERSION}, the one this promwire reads")));
    }
    let texts = |field: &str| -> Vec<String> {
        let items = document.root().get(field).into_iter().flat_map(Node::items);
        items.filter_map(Node::as_str).map(str::to_owned).collect()
    };
    let listed = texts("listed").iter().map(|text| text.parse()).collect::<Result<Vec<Scope>, String>>();
    let listed = listed.map_err(|error| none(&format!("`listed` takes {error}")))?;
    let entries = document.root().get("assumed").into_iter().flat_map(Node::entries);
    let settings = entries.filter_map(|entry| {
        Some((entry.key.to_owned(), entry.value.as_str()?.to_owned(), entry.value.place()))
    });
    Ok(Lock {
        settings: settings.collect(),
        not_listed: texts("notListed"),
        listed,
        documents: vec![Arc::new(document.beneath())],
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::engine::World;

    #[test]
    fn what_is_written_is_read_back_and_written_again() {
        let text = "{apiVersion: v1, kind: Service, metadata: {name: b, namespace: n}, spec: {clusterIP: 10.0.0.1}}\n---\n\
                    {apiVersion: v1, kind: Namespace, metadata: {name: n, uid: u}}\n---\n\
                    {apiVersion: v1, kind: Secret, metadata: {name: s, namespace: n}, data: {k: Y2FuYXJ5}}\n";
        let world = World::of_text("a.yaml", text, None);
        let listed = ["Service", "Secret/n", "Node"].map(|scope| scope.parse().unwrap());
        let settings = [("kubernetes-version", "1.36.3")];
        let text = write(world.inventory(), &listed, &["roles".to_owned()], settings);
        assert!(!text.contains("Y2FuYXJ5"), "{text}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cluster.lock.yaml");
        fs::write(&path, &text).unwrap();
        let lock = read(&path, &LoadOptions::default()).unwrap();
        let scopes: Vec<String> = lock.listed.iter().map(ToString::to_string).collect();
        assert_eq!(scopes, ["Service", "Secret/n"], "of nodes it has none");
        let world = World::of_text("b.yaml", "", None).over(&lock.documents);
        assert_eq!(world.inventory().len(), 3);
        assert_eq!(write(world.inventory(), &lock.listed, &lock.not_listed, settings), text);
    }

    #[test]
    fn what_is_no_lock_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        for text in ["", "kind: Service", "{apiVersion: promwire.dev/v2, kind: ClusterLock}"] {
            fs::write(&path, text).unwrap();
            let findings = read(&path, &LoadOptions::default()).unwrap_err();
            assert_eq!(findings[0].code, Code::NO_LOCK, "{text}");
        }
    }
}
