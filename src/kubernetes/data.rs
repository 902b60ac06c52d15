//! What Secrets and `ConfigMaps` hold.

use std::collections::BTreeMap;

use crate::model::object::Object;
use crate::source::{Node, decode_base64};

/// Bytes by key.
pub type Data = BTreeMap<String, Vec<u8>>;

/// What stands in the place of content that is kept back: in a lock of a cluster, which has the keys only.
pub const WITHHELD: &str = "<withheld>";

/// What a Secret holds: `data`, over which the API server writes `stringData` (Kubernetes 1.36). An entry that is no base64
/// is left out; the API server refuses the Secret.
pub fn of_secret(secret: Object<'_>) -> Data {
    let mut data: Data = entries(secret, "data")
        .filter_map(|(key, value)| {
            let text = value.as_str().unwrap_or_default();
            let bytes = if text == WITHHELD { text.into() } else { decode_base64(text)? };
            Some((key.to_owned(), bytes))
        })
        .collect();
    data.extend(
        entries(secret, "stringData")
            .map(|(key, value)| (key.to_owned(), value.as_str().unwrap_or_default().into())),
    );
    data
}

/// What a `ConfigMap` holds as text; `binaryData` is another matter.
pub fn of_config_map(config_map: Object<'_>) -> Data {
    entries(config_map, "data")
        .map(|(key, value)| (key.to_owned(), value.as_str().unwrap_or_default().into()))
        .collect()
}

/// Whether an object shows its content: it has some, and it is not encrypted in place (SOPS).
pub fn is_shown(object: Object<'_>) -> bool {
    let is_filled = |field: &str| object.at(&[field]).is_some_and(|node| node.entries().len() > 0);
    (is_filled("data") || is_filled("stringData")) && object.at(&["sops"]).is_none()
}

/// Whether an object shows its keys and keeps back what they hold.
pub fn is_withheld(object: Object<'_>) -> bool {
    ["data", "stringData"]
        .into_iter()
        .flat_map(|field| entries(object, field))
        .any(|(_, value)| value.as_str() == Some(WITHHELD))
}

/// Null is the empty value, as Go decodes it.
fn entries<'i>(object: Object<'i>, field: &str) -> impl Iterator<Item = (&'i str, Node<'i>)> {
    let node = object.at(&[field]);
    node.into_iter().flat_map(Node::entries).map(|entry| (entry.key, entry.value))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::TextFile;
    use crate::model::inventory::Inventory;
    use crate::model::kind::GroupKind;

    #[test]
    fn string_data_wins() {
        let text = "{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: b},\n\
                    data: {x: eA==, w: eQ==, bad: '?', nothing: null}, stringData: {w: new, z: z}}";
        let reading = crate::source::read(Arc::new(TextFile::new("a.yaml", text)));
        let (inventory, _) = Inventory::builder().documents(reading.documents).build();
        let secret = inventory.get(GroupKind::SECRET, Some("b"), "a").expect("it is there");
        let expected = [("nothing", ""), ("w", "new"), ("x", "x"), ("z", "z")];
        let found: Vec<(String, String)> = of_secret(secret)
            .into_iter()
            .map(|(key, value)| (key, String::from_utf8_lossy(&value).into_owned()))
            .collect();
        assert_eq!(found, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }
}
