//! What an unknown `apiVersion` or `kind` was meant to be.

use super::{SchemaSet, Treatment, suggest};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::model::kind::{GroupKind, MONITORING};
use crate::model::object::Object;
use crate::source::Node;

/// Versions that are served, but whose schema is not embedded.
const SERVED_ELSEWHERE: &[(GroupKind<'static>, &str)] =
    &[(GroupKind::new(MONITORING, "AlertmanagerConfig"), "v1beta1")];

/// Tells a known kind in an unknown version or a mistaken group, and a mistaken kind of a known group. Any other kind may
/// well exist.
pub(super) fn unknown(schemas: &SchemaSet, object: Object<'_>) -> Vec<Diagnostic> {
    if SERVED_ELSEWHERE.contains(&(object.group_kind(), object.version())) {
        return Vec::new();
    }
    let finding = wrong_version(schemas, object)
        .or_else(|| wrong_group(schemas, object))
        .or_else(|| wrong_kind(schemas, object));
    finding.into_iter().collect()
}

fn wrong_version(schemas: &SchemaSet, object: Object<'_>) -> Option<Diagnostic> {
    let kind = object.group_kind();
    let source = schemas.sources().find(|source| source.knows(kind))?;
    let versions = source.table.versions(kind.group, kind.kind);
    let known: Vec<_> = versions.map(|known| format!("`{}`", known.api_version())).collect();
    let finding = finding(object, "apiVersion", format!("did you mean {}?", known.join(" or ")));
    Some(match source.treatment {
        Treatment::Custom => finding,
        // An older cluster may serve it.
        Treatment::BuiltIn => {
            finding.level(Level::Warning).note("Kubernetes 1.36 does not serve this version")
        }
    })
}

/// The same kind in a group with a similar name, in the core group, or in `extensions`, where many kinds once were.
fn wrong_group(schemas: &SchemaSet, object: Object<'_>) -> Option<Diagnostic> {
    let kind = object.group_kind();
    let meant = schemas.sources().flat_map(|source| &source.table.kinds).find(|known| {
        known.kind == kind.kind
            && (kind.group.is_empty()
                || kind.group == "extensions"
                || strsim::damerau_levenshtein(kind.group, &known.group) <= 3)
    })?;
    Some(finding(object, "apiVersion", format!("did you mean `{}`?", meant.api_version())))
}

fn wrong_kind(schemas: &SchemaSet, object: Object<'_>) -> Option<Diagnostic> {
    let kind = object.group_kind();
    let known = schemas.sources().flat_map(|source| &source.table.kinds);
    let of_group = known.filter(|known| known.group == kind.group).map(|known| known.kind.as_str());
    match suggest::closest(kind.kind, of_group) {
        Some(closest) if kind.group == MONITORING || is_slip(kind.kind, closest) => {
            Some(finding(object, "kind", format!("did you mean `{closest}`?")))
        }
        _ if kind.group == MONITORING => {
            Some(finding(object, "kind", "prometheus-operator v0.93 has no such kind".to_owned()))
        }
        _ => None,
    }
}

/// Not all kinds of the other groups are known here, and some are close to others: only a slip of case or plural is certain.
fn is_slip(found: &str, meant: &str) -> bool {
    found.eq_ignore_ascii_case(meant)
        || found.strip_suffix('s').is_some_and(|one| one.eq_ignore_ascii_case(meant))
}

fn finding(object: Object<'_>, field: &str, help: String) -> Diagnostic {
    let group = if object.group().is_empty() { String::new() } else { format!("{}/", object.group()) };
    let message = format!("there is no kind `{}` in `{group}{}`", object.kind(), object.version());
    let place = object.at(&[field]).map_or_else(|| object.place(), Node::place);
    Diagnostic::new(Code::INVALID_VALUE, message).at(place, "").help(help)
}
