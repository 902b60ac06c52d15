//! The types in the CRDs, equal ones once.
//!
//! Two schemas are the same type when they hold the same properties of the same types, equally required. Patterns, bounds and
//! defaults do not make a type: they are in the compact schema.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
};

use serde_json::{Value, json};

use crate::{Result, crds::Crd, names::capitalised, substitute::Substitutions};

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Ty {
    /// A scalar, as the schema kopium is given.
    Scalar(String),
    IntOrString,
    Any,
    List(Box<Ty>),
    Map(Box<Ty>),
    Struct(usize),
    Enum(usize),
    /// A type of k8s-openapi, as a path below the generated modules' imports.
    Foreign(&'static str),
}

/// An object with named properties.
pub(crate) struct Struct {
    pub(crate) fields: Vec<Field>,
    /// Whether unknown properties are kept.
    pub(crate) open: bool,
    pub(crate) sites: Vec<String>,
}

pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) ty: Ty,
    pub(crate) required: bool,
}

/// A string with a fixed set of values.
pub(crate) struct Enum {
    pub(crate) values: Vec<String>,
    pub(crate) sites: Vec<String>,
}

/// One version of one kind.
#[expect(clippy::struct_field_names, reason = "`kind` is what the field is called in every object")]
pub(crate) struct Kind {
    pub(crate) kind: String,
    pub(crate) version: String,
    pub(crate) plural: String,
    /// Whether this is the version objects are stored in; others carry their version in their names.
    pub(crate) storage: bool,
    /// `spec` and `status`.
    pub(crate) fields: Vec<Field>,
}

impl Kind {
    /// What the paths below it start with: `ServiceMonitor`, or `AlertmanagerConfig@v1beta1` where it is not the storage version.
    pub(crate) fn root(&self) -> String {
        if self.storage { self.kind.clone() } else { format!("{}@{}", self.kind, self.version) }
    }

    /// The name of its Rust type: `ServiceMonitor`, `AlertmanagerConfigV1beta1`.
    pub(crate) fn type_name(&self) -> String {
        let version = if self.storage { String::new() } else { capitalised(&self.version) };
        format!("{}{version}", self.kind)
    }
}

#[derive(Default)]
pub(crate) struct Model {
    pub(crate) kinds: Vec<Kind>,
    pub(crate) structs: Vec<Struct>,
    pub(crate) enums: Vec<Enum>,
}

#[derive(Default)]
struct Reader {
    model: Model,
    structs: HashMap<String, usize>,
    enums: HashMap<Vec<String>, usize>,
    substitutions: Substitutions,
}

impl Model {
    pub(crate) fn read(crds: &[Crd]) -> Result<Self> {
        let mut reader = Reader::default();
        for crd in crds {
            for version in crd.versions() {
                let mut kind = Kind {
                    kind: crd.kind.clone(),
                    version: version.name.to_owned(),
                    plural: crd.plural.clone(),
                    storage: version.storage,
                    fields: Vec::new(),
                };
                if version.schema.get("x-kubernetes-preserve-unknown-fields").is_some() {
                    return Err(format!(
                        "{} keeps unknown fields as a whole, which the bindings cannot express yet",
                        crd.kind
                    ));
                }
                kind.fields =
                    reader.fields(version.schema, &kind.root(), &["apiVersion", "kind", "metadata"])?;
                reader.model.kinds.push(kind);
            }
        }
        reader.substitutions.finish()?;
        Ok(reader.model)
    }
}

impl Reader {
    fn fields(&mut self, schema: &Value, path: &str, except: &[&str]) -> Result<Vec<Field>> {
        let properties: BTreeMap<_, _> =
            schema.get("properties").and_then(Value::as_object).into_iter().flatten().collect();
        let required = schema.get("required").and_then(Value::as_array);
        let mut fields = Vec::new();
        for (name, property) in properties {
            if except.contains(&name.as_str()) {
                continue;
            }
            fields.push(Field {
                name: name.clone(),
                ty: self.ty(property, &format!("{path}.{name}"))?,
                required: required.is_some_and(|names| names.iter().any(|required| required == name)),
            });
        }
        Ok(fields)
    }

    fn ty(&mut self, schema: &Value, path: &str) -> Result<Ty> {
        let flag = |key: &str| schema.get(key) == Some(&Value::Bool(true));
        if flag("nullable") {
            // `Option` would read null and write nothing.
            return Err(format!("{path} is nullable, which the bindings cannot express yet"));
        }
        if flag("x-kubernetes-int-or-string") {
            return Ok(match schema.get("pattern").and_then(Value::as_str) {
                Some(pattern) if pattern.contains("numkMGTPE") => Ty::Foreign("Quantity"),
                _ => Ty::IntOrString,
            });
        }
        let open = flag("x-kubernetes-preserve-unknown-fields");
        match schema.get("type").and_then(Value::as_str) {
            Some("object") => {
                if let Some(values @ Value::Object(_)) = schema.get("additionalProperties") {
                    if open || schema.get("properties").is_some() {
                        return Err(format!(
                            "{path} is a map and an object at once, which the bindings cannot express yet"
                        ));
                    }
                    return Ok(Ty::Map(Box::new(self.ty(values, &format!("{path}{{}}"))?)));
                }
                if let Some(foreign) = self.substitutions.find(schema, path)? {
                    return Ok(Ty::Foreign(foreign));
                }
                if schema.get("properties").is_none() {
                    return if open {
                        Ok(Ty::Any)
                    } else {
                        Err(format!("{path} is an object without properties"))
                    };
                }
                let fields = self.fields(schema, path, &[])?;
                Ok(Ty::Struct(self.structure(fields, open, path)))
            }
            Some("array") => {
                let items = schema.get("items").ok_or_else(|| format!("{path} is a list of nothing"))?;
                Ok(Ty::List(Box::new(self.ty(items, &format!("{path}[]"))?)))
            }
            Some("string") if schema.get("enum").is_some() => {
                let values = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
                let values: Option<Vec<_>> = values.map(|value| value.as_str().map(str::to_owned)).collect();
                let values = values.ok_or_else(|| format!("{path} has an enum value that is no string"))?;
                Ok(Ty::Enum(self.enumeration(values, path)))
            }
            Some(scalar @ ("string" | "boolean" | "integer" | "number")) => {
                if schema.get("enum").is_some() {
                    return Err(format!(
                        "{path} is an enum of {scalar}, which the bindings cannot express yet"
                    ));
                }
                // The format of a string (date-time, uri) says nothing about its Rust type: any text is kept as it is.
                let format = schema.get("format").filter(|_| scalar != "string");
                let kept = format.map_or_else(
                    || json!({"type": scalar}),
                    |format| json!({"type": scalar, "format": format}),
                );
                Ok(Ty::Scalar(kept.to_string()))
            }
            None if open => Ok(Ty::Any),
            other => Err(format!("{path} has a schema the generator does not understand (type {other:?})")),
        }
    }

    fn structure(&mut self, fields: Vec<Field>, open: bool, path: &str) -> usize {
        let mut key = open.to_string();
        for field in &fields {
            let _ = write!(key, " {} {:?} {}", field.name, field.ty, field.required);
        }
        let next = self.model.structs.len();
        let id = *self.structs.entry(key).or_insert(next);
        if id == next {
            self.model.structs.push(Struct { fields, open, sites: Vec::new() });
        }
        self.model.structs[id].sites.push(path.to_owned());
        id
    }

    fn enumeration(&mut self, values: Vec<String>, path: &str) -> usize {
        // The order in which values are listed is no difference.
        let mut key = values.clone();
        key.sort();
        let next = self.model.enums.len();
        let id = *self.enums.entry(key).or_insert(next);
        if id == next {
            self.model.enums.push(Enum { values, sites: Vec::new() });
        }
        self.model.enums[id].sites.push(path.to_owned());
        id
    }
}
