//! Manifests as JSON objects, read as Kubernetes reads them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use promwire::diagnostic::TextFile;
use serde_json::Value;

/// The objects of a text of one or more documents; lists are taken apart, empty documents left out.
///
/// # Errors
///
/// What the reader said against a document.
pub fn parse(name: &str, text: &str) -> Result<Vec<Value>, String> {
    let reading = promwire::source::read(Arc::new(TextFile::new(name, text)));
    if let Some(finding) = reading.findings.first() {
        return Err(format!("{name}: {}", finding.message));
    }
    let mut objects = Vec::new();
    for document in &reading.documents {
        match document.root().to_json() {
            Value::Null => {}
            Value::Object(mut list) if list.get("kind").and_then(Value::as_str) == Some("List") => {
                if let Some(Value::Array(items)) = list.remove("items") {
                    objects.extend(items);
                }
            }
            object => objects.push(object),
        }
    }
    Ok(objects)
}

/// The objects of a file.
///
/// # Errors
///
/// It cannot be read; what the reader said against a document.
pub fn load(path: &Path) -> Result<Vec<Value>, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    parse(&path.to_string_lossy(), &text)
}

/// `Kind namespace/name`, as messages name an object.
pub fn title(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    match text("/metadata/namespace") {
        "" => format!("{} {}", text("/kind"), text("/metadata/name")),
        namespace => format!("{} {namespace}/{}", text("/kind"), text("/metadata/name")),
    }
}
