//! Patches of a kustomization: strategic merges and JSON patches (RFC 6902), as kustomize v5 applies them.

use crate::source::{Draft, DraftEntry, DraftValue};

/// The lists of Kubernetes' own kinds whose items are merged, and the key that tells them apart.
const MERGE_KEYS: &[(&str, &[&str])] = &[
    ("containers", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("env", &["name"]),
    ("hostAliases", &["ip"]),
    ("imagePullSecrets", &["name"]),
    ("initContainers", &["name"]),
    ("ports", &["containerPort", "port"]),
    ("secrets", &["name"]),
    ("taints", &["key"]),
    ("volumeMounts", &["mountPath"]),
    ("volumes", &["name"]),
];

/// What a directive `$patch` says.
const DIRECTIVE: &str = "$patch";

/// Merges a patch into an object. `is_own` says whether the kind is Kubernetes' own: lists of others are replaced as a whole.
/// False when the patch deletes the object.
pub(super) fn merge(target: &mut Draft, patch: &Draft, is_own: bool) -> bool {
    match patch.get(DIRECTIVE).and_then(Draft::as_str) {
        Some("delete") => return false,
        Some("replace") => {
            let mut value = patch.clone();
            value.remove(DIRECTIVE);
            target.replace(value);
            return true;
        }
        _ => {}
    }
    for DraftEntry { key, value, .. } in patch.entries() {
        if key == DIRECTIVE {
            continue;
        }
        if value.value == DraftValue::Null {
            target.remove(key);
            continue;
        }
        match (target.get_mut(key), &value.value) {
            (Some(old), DraftValue::Mapping(_)) if matches!(old.value, DraftValue::Mapping(_)) => {
                if !merge(old, value, is_own) {
                    target.remove(key);
                }
            }
            (Some(old), DraftValue::Sequence(items)) if is_own && merge_key(key, items).is_some() => {
                let by = merge_key(key, items).unwrap_or_default();
                merge_items(old, items, by);
            }
            _ => target.set(key, without_directives(value)),
        }
    }
    true
}

fn merge_key(list: &str, items: &[Draft]) -> Option<&'static str> {
    let (_, keys) = MERGE_KEYS.iter().find(|(name, _)| *name == list)?;
    keys.iter().copied().find(|key| items.iter().all(|item| item.get(key).is_some()))
}

fn merge_items(old: &mut Draft, items: &[Draft], by: &str) {
    if items
        .iter()
        .any(|item| item.get(DIRECTIVE).and_then(Draft::as_str) == Some("replace") && item.get(by).is_none())
    {
        let kept = items.iter().filter(|item| item.get(DIRECTIVE).is_none()).cloned().collect();
        old.replace(Draft::sequence(kept));
        return;
    }
    for item in items {
        let same = |other: &Draft| {
            other.get(by).is_some_and(|value| item.get(by).is_some_and(|wanted| wanted.value == value.value))
        };
        let at = old.items().iter().position(same);
        match (at, old.items_mut()) {
            (Some(at), Some(list)) => {
                if !merge(&mut list[at], item, true) {
                    list.remove(at);
                }
            }
            (None, Some(list)) => {
                let end = list.len();
                old.insert(end, without_directives(item));
            }
            (_, None) => {}
        }
    }
}

/// Nulls and directives of a patch say what to remove; where nothing is, nothing is to be removed.
fn without_directives(value: &Draft) -> Draft {
    let mut value = value.clone();
    clean(&mut value);
    value
}

fn clean(draft: &mut Draft) {
    match &mut draft.value {
        DraftValue::Mapping(entries) => {
            entries.retain(|entry| entry.key != DIRECTIVE && entry.value.value != DraftValue::Null);
            for entry in entries {
                clean(&mut entry.value);
            }
        }
        DraftValue::Sequence(items) => items.iter_mut().for_each(clean),
        _ => {}
    }
}

/// Applies the operations of a JSON patch, with the leniencies of kustomize 5: a replaced entry need not be there, what is copied
/// or tested and missing is null, lists count from their end below zero, and every object has annotations.
///
/// # Errors
/// The first operation that cannot be applied.
pub(super) fn apply_operations(target: &mut Draft, operations: &Draft) -> Result<(), String> {
    const ANNOTATIONS: [&str; 2] = ["metadata", "annotations"];
    let has_annotations = target.get("metadata").is_none() || target.at(&ANNOTATIONS).is_some();
    if !has_annotations {
        target.mapping_at(&ANNOTATIONS);
    }
    let applied = operations.items().iter().try_for_each(|operation| apply(target, operation));
    let is_empty = target.at(&ANNOTATIONS).is_some_and(|annotations| annotations.entries().is_empty());
    if !has_annotations
        && is_empty
        && let Some(metadata) = target.get_mut("metadata")
    {
        metadata.remove("annotations");
    }
    applied
}

fn apply(target: &mut Draft, operation: &Draft) -> Result<(), String> {
    let text = |key: &str| operation.get(key).and_then(Draft::as_str);
    let (Some(op), Some(path)) = (text("op"), text("path")) else {
        return Err("an operation needs `op` and `path`".to_owned());
    };
    let missing = || format!("`{op}` finds nothing at `{path}`");
    match op {
        "add" | "replace" => {
            let value = operation.get("value").cloned().unwrap_or_else(Draft::null);
            put(target, path, value, op == "add").ok_or_else(missing)?;
        }
        "remove" => drop(take(target, path).ok_or_else(missing)?),
        "move" | "copy" => {
            let from = text("from").ok_or("there is no `from`")?;
            let value = if op == "move" { take(target, from) } else { find(target, from) };
            put(target, path, value.ok_or_else(missing)?, true).ok_or_else(missing)?;
        }
        "test" => {
            let wanted = operation.get("value").map_or(&DraftValue::Null, |value| &value.value);
            if find(target, path).is_none_or(|found| found.value != *wanted) {
                return Err(format!("`test` does not hold at `{path}`"));
            }
        }
        _ => return Err(format!("there is no operation `{op}`")),
    }
    Ok(())
}

/// The steps of a JSON pointer.
fn steps(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}

/// The place a step leads to in a list of a length.
fn index(step: &str, length: usize) -> Option<usize> {
    let number: isize = step.parse().ok()?;
    if number < 0 { length.checked_add_signed(number) } else { usize::try_from(number).ok() }
}

/// A copy of what is at a path: null where its parent is a mapping without it.
fn find(target: &mut Draft, path: &str) -> Option<Draft> {
    let (parent, last) = parent(target, path)?;
    match &parent.value {
        DraftValue::Sequence(items) => items.get(index(&last, items.len())?).cloned(),
        DraftValue::Mapping(_) => Some(parent.get(&last).cloned().unwrap_or_else(Draft::null)),
        _ => None,
    }
}

fn parent<'d>(target: &'d mut Draft, path: &str) -> Option<(&'d mut Draft, String)> {
    let mut steps = steps(path);
    let last = steps.pop()?;
    let parent = steps.iter().try_fold(target, |draft, step| {
        if matches!(draft.value, DraftValue::Sequence(_)) {
            let at = index(step, draft.items().len())?;
            draft.items_mut()?.get_mut(at)
        } else {
            draft.get_mut(step)
        }
    })?;
    Some((parent, last))
}

fn put(target: &mut Draft, path: &str, value: Draft, adds: bool) -> Option<()> {
    let (parent, last) = parent(target, path)?;
    match &mut parent.value {
        DraftValue::Sequence(items) if adds => {
            let end = items.len();
            let at = if last == "-" { end } else { index(&last, end + 1)? };
            (at <= end).then(|| parent.insert(at, value))
        }
        DraftValue::Sequence(items) => {
            let at = index(&last, items.len())?;
            items.get_mut(at).map(|item| item.replace(value))
        }
        DraftValue::Mapping(_) => {
            parent.set(&last, value);
            Some(())
        }
        _ => None,
    }
}

fn take(target: &mut Draft, path: &str) -> Option<Draft> {
    let (parent, last) = parent(target, path)?;
    match &mut parent.value {
        DraftValue::Sequence(items) => {
            let at = index(&last, items.len()).filter(|at| *at < items.len())?;
            Some(items.remove(at))
        }
        DraftValue::Mapping(_) => {
            let value = parent.get(&last).cloned()?;
            parent.remove(&last);
            Some(value)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::TextFile;
    use crate::source;

    fn draft(text: &str) -> Draft {
        let reading = source::read(Arc::new(TextFile::new("a.yaml", text)));
        Draft::of(reading.documents[0].root())
    }

    fn json(draft: Draft) -> serde_json::Value {
        let reading = source::read(Arc::new(TextFile::new("a.yaml", "a: 1\n")));
        draft.into_document(&reading.documents[0]).root().to_json()
    }

    #[test]
    fn lists_of_known_kinds_are_merged_by_their_key() {
        let target = "{spec: {ports: [{port: 80, name: a}, {port: 81}], x: {y: 1, z: 2}, args: [a]}}";
        let patch = "{spec: {ports: [{port: 80, name: b}, {port: 82}, {port: 81, $patch: delete}], x: {y: null}, args: [b]}}";
        let mut own = draft(target);
        assert!(merge(&mut own, &draft(patch), true));
        assert_eq!(
            json(own),
            serde_json::json!({"spec": {"ports": [{"port": 80, "name": "b"}, {"port": 82}], "x": {"z": 2}, "args": ["b"]}})
        );
        let mut custom = draft(target);
        assert!(merge(&mut custom, &draft("{spec: {ports: [{port: 9}]}}"), false));
        assert_eq!(json(custom)["spec"]["ports"], serde_json::json!([{"port": 9}]));
        assert!(!merge(&mut draft(target), &draft("{$patch: delete}"), true));
    }

    #[test]
    fn operations_are_those_of_rfc_6902() {
        let mut target = draft("{a: [1, 2], b: {c: d}}");
        let operations = "[{op: add, path: /a/1, value: 9}, {op: replace, path: /b/c, value: e}, {op: add, path: /a/-, value: 3},
            {op: copy, from: /b/c, path: /f~1g}, {op: remove, path: /b}, {op: test, path: /a/0, value: 1}]";
        assert_eq!(apply_operations(&mut target, &draft(operations)), Ok(()));
        assert_eq!(json(target), serde_json::json!({"a": [1, 9, 2, 3], "f/g": "e"}));
        for (operation, error) in [
            ("[{op: replace, path: /x/y, value: 1}]", "`replace` finds nothing at `/x/y`"),
            ("[{op: remove, path: /a/7}]", "`remove` finds nothing at `/a/7`"),
            ("[{op: test, path: /a, value: 1}]", "`test` does not hold at `/a`"),
            ("[{op: jump, path: /a}]", "there is no operation `jump`"),
        ] {
            assert_eq!(apply_operations(&mut draft("{a: [1]}"), &draft(operation)), Err(error.to_owned()));
        }
    }
}
