//! Finding in the input what the user named.

use super::reference::Reference;
use crate::diagnostic::{Code, Diagnostic};
use crate::integrations::Scene;
use crate::model::kind::GroupKind;
use crate::model::object::Object;

/// The one object a reference means, in the namespace to work in or, without one, wherever it is.
///
/// # Errors
/// When there is none, with the names that come close, or several, with their places.
pub(super) fn find<'w>(
    reference: &Reference,
    namespace: Option<&str>,
    scene: &Scene<'w>,
) -> Result<Object<'w>, Box<Diagnostic>> {
    let namespace = namespace.or(scene.namespace);
    let of_kind = || scene.inventory.of_kind(GroupKind::new(reference.group, reference.kind));
    let named: Vec<Object<'_>> = of_kind().filter(|object| object.name() == reference.name).collect();
    let here: Vec<Object<'_>> = named
        .iter()
        .copied()
        .filter(|object| namespace.is_none() || object.namespace() == namespace)
        .collect();
    match here.as_slice() {
        [only] => {
            scene.used.note(*only);
            Ok(*only)
        }
        [] => Err(Box::new(not_found(reference, namespace, scene, &named, of_kind()))),
        [first, others @ ..] => {
            let message = format!("`{reference}` is in several namespaces of the input");
            let mut finding = Diagnostic::new(Code::AMBIGUOUS_OBJECT, message)
                .at(first.place(), namespace_of(*first))
                .help("say which with --for-namespace NAMESPACE");
            for other in others {
                finding = finding.with(other.place(), namespace_of(*other));
            }
            Err(Box::new(finding))
        }
    }
}

fn not_found<'w>(
    reference: &Reference,
    namespace: Option<&str>,
    scene: &Scene<'w>,
    elsewhere: &[Object<'_>],
    of_kind: impl Iterator<Item = Object<'w>>,
) -> Diagnostic {
    let message = match namespace {
        Some(namespace) => format!("no `{reference}` is in the namespace `{namespace}` of the input"),
        None => format!("no `{reference}` is in the input"),
    };
    let finding = Diagnostic::new(Code::NO_SUCH_OBJECT, message);
    if scene.inventory.is_empty() {
        return finding
            .note("no object was read at all")
            .help("say where the manifests are: -f FILE or -f FOLDER");
    }
    if let [other, ..] = elsewhere {
        return finding.at(other.place(), format!("there is one in {}", namespace_of(*other)));
    }
    let names: Vec<&str> = of_kind.map(Object::name).collect();
    let kind = reference.kind.to_ascii_lowercase();
    let nearest = names
        .iter()
        .map(|name| (strsim::damerau_levenshtein(name, &reference.name), *name))
        .filter(|(distance, _)| *distance <= 2)
        .min();
    match (nearest, names.is_empty()) {
        (Some((_, name)), _) => finding.help(format!("did you mean `{kind}/{name}`?")),
        (None, true) => finding.note(format!("the input holds no {} at all", reference.kind)),
        (None, false) => {
            let mut shown: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            shown.sort();
            shown.dedup();
            let more = shown.len().saturating_sub(10);
            shown.truncate(10);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            finding.note(format!("the input holds the {} {}{more}", reference.kind, shown.join(", ")))
        }
    }
}

fn namespace_of(object: Object<'_>) -> String {
    match object.namespace() {
        Some(namespace) => format!("the namespace `{namespace}`"),
        None => "no namespace".to_owned(),
    }
}
