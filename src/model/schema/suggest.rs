//! What an unknown field was meant to be: a slip of the pen, or a field that belongs elsewhere.

use generated_crds::schema::{Node as Schema, NodeId, Table};

use super::selectors;
use super::walk::{Step, Walk, path};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::source::Entry;

/// How many fields may be listed when nothing is known about what was meant.
const FEW: usize = 8;
/// How far below a mapping its misplaced fields are looked for.
const DEPTH: usize = 3;

/// The finding about a field that the schema of the mapping being walked does not have.
pub(super) fn unknown_field(walk: &Walk<'_, '_>, schema: &Schema, entry: Entry<'_>) -> Diagnostic {
    let path = walk.path();
    let place = Place::new(entry.value.document().file().clone(), entry.key_span);
    let finding = Diagnostic::new(Code::UNKNOWN_FIELD, format!("unknown field `{}` in `{path}`", entry.key));
    let fields = || schema.properties.keys().map(String::as_str);
    if let Some(meant) = near(entry.key, fields()).or_else(|| part_of(entry.key, fields())) {
        return finding.at(place, format!("did you mean `{meant}`?"));
    }
    let elsewhere = selector_habits(schema, &path, entry)
        .or_else(|| above(walk, entry.key))
        .or_else(|| below(walk, entry.key))
        .or_else(|| beside(walk, entry.key));
    if let Some(elsewhere) = elsewhere {
        return finding.at(place, "it belongs elsewhere").help(elsewhere);
    }
    if let Some(meant) = similar(entry.key, fields()) {
        return finding.at(place, format!("did you mean `{meant}`?"));
    }
    let known: Vec<_> = fields().map(|field| format!("`{field}`")).collect();
    let finding = finding.at(place, "");
    match known.len() {
        0 | FEW.. => finding,
        _ => finding.help(format!("the fields here are {}", known.join(", "))),
    }
}

/// The candidate that a text was meant to be, if one is close enough.
pub(super) fn closest<'c>(text: &str, candidates: impl Iterator<Item = &'c str> + Clone) -> Option<&'c str> {
    near(text, candidates.clone()).or_else(|| similar(text, candidates))
}

/// The same but for case, or one or two slips away, which must be less than half of it.
fn near<'c>(text: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let distance = |candidate: &str| {
        if candidate.eq_ignore_ascii_case(text) { 0 } else { strsim::damerau_levenshtein(candidate, text) }
    };
    let near = candidates.map(|candidate| (distance(candidate), candidate));
    // Of equally near ones the first counts.
    let (distance, candidate) = near.min_by_key(|(distance, _)| *distance)?;
    (distance <= 2 && distance * 2 < text.len()).then_some(candidate)
}

/// The most similar one, if at least three quarters are alike.
fn similar<'c>(text: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let similar =
        candidates.map(|candidate| (strsim::normalized_damerau_levenshtein(candidate, text), candidate));
    let best = similar.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.filter(|(similarity, _)| *similarity >= 0.75).map(|(_, candidate)| candidate)
}

/// The same name with letters inserted somewhere in it: `serviceMonitoringSelector` for `serviceMonitorSelector`.
fn part_of<'c>(text: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let is_subsequence = |candidate: &str| {
        let mut letters = text.chars();
        candidate.chars().all(|wanted| letters.any(|letter| letter == wanted))
    };
    // Short names are parts of too many words.
    candidates
        .filter(|candidate| candidate.len() * 5 >= text.len() * 4 && is_subsequence(candidate))
        .max_by_key(|candidate| candidate.len())
}

/// The two kinds of selector are easily taken for each other, and for a plain map of labels.
fn selector_habits(schema: &Schema, path: &str, entry: Entry<'_>) -> Option<String> {
    let name = path.rsplit('.').next().unwrap_or(path);
    if selectors::is_label_selector(schema) {
        if matches!(entry.key, "matchNames" | "any") {
            return Some(format!(
                "`{name}` is a label selector: it takes `matchLabels` and `matchExpressions`, and `{{}}` selects \
                 everything. `{}` belongs to the `namespaceSelector` of a monitor",
                entry.key
            ));
        }
        let value = entry.value.as_str()?;
        return Some(format!("labels go under `matchLabels`: `matchLabels: {{{}: {value}}}`", entry.key));
    }
    if schema.properties.keys().eq(["any", "matchNames"])
        && matches!(entry.key, "matchLabels" | "matchExpressions")
    {
        return Some(format!(
            "`{name}` here chooses namespaces by name: it takes `matchNames` or `any: true`, and no labels"
        ));
    }
    None
}

/// A field of one of the mappings around.
fn above(walk: &Walk<'_, '_>, key: &str) -> Option<String> {
    let (_, around) = walk.steps.split_last()?;
    let depth = around.iter().rposition(|step| walk.schema(step.schema).properties.contains_key(key))?;
    let owner = path(&around[..=depth]);
    Some(if owner.is_empty() {
        format!("`{key}` belongs to the top level")
    } else {
        format!("`{key}` belongs to `{owner}`, not to `{}`", walk.path())
    })
}

/// A field of a mapping below this one.
fn below(walk: &Walk<'_, '_>, key: &str) -> Option<String> {
    let here = walk.steps.last()?;
    let owner = find_below(&walk.source.table, here.schema, key, DEPTH)?;
    Some(format!("`{key}` belongs to `{}`", join(&path(&walk.steps), &owner)))
}

/// A field of a mapping beside this one.
fn beside(walk: &Walk<'_, '_>, key: &str) -> Option<String> {
    let (_, around) = walk.steps.split_last()?;
    let (depth, Step { schema, .. }) =
        around.iter().enumerate().rfind(|(_, step)| !walk.schema(step.schema).properties.is_empty())?;
    let owner = find_below(&walk.source.table, *schema, key, 1)?;
    Some(format!("`{key}` belongs to `{}`", join(&path(&around[..=depth]), &owner)))
}

fn join(path: &str, below: &str) -> String {
    if path.is_empty() { below.to_owned() } else { format!("{path}.{below}") }
}

/// The path of the only mapping with this field among the nearest below; several say nothing.
fn find_below(table: &Table, from: NodeId, key: &str, depth: usize) -> Option<String> {
    let mut level = vec![(String::new(), from)];
    for _ in 0..depth {
        let mut next = Vec::new();
        for (path, id) in &level {
            for (name, child) in &table.node(*id).properties {
                let mut path = join(path, name);
                let mut child = *child;
                while let Some(items) = table.node(child).items {
                    path.push_str("[]");
                    child = items;
                }
                next.push((path, child));
            }
        }
        let mut found = next.iter().filter(|(_, id)| table.node(*id).properties.contains_key(key));
        match (found.next(), found.next()) {
            (Some((path, _)), None) => return Some(path.clone()),
            (Some(_), Some(_)) => return None,
            (None, _) => level = next,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_other_words_are_not() {
        let fields = ["matchExpressions", "matchLabels", "port", "path", "any"];
        let closest = |text| closest(text, fields.into_iter());
        assert_eq!(closest("matchLables"), Some("matchLabels"));
        assert_eq!(closest("MATCHLABELS"), Some("matchLabels"));
        assert_eq!(closest("matchExpression"), Some("matchExpressions"));
        assert_eq!(closest("prot"), Some("port"));
        assert_eq!(closest("pt"), None);
        assert_eq!(closest("interval"), None);
    }

    #[test]
    fn inserted_letters_are_recognised() {
        let fields = ["podMonitorSelector", "selector", "serviceMonitorSelector"];
        assert_eq!(part_of("serviceMonitoringSelector", fields.into_iter()), Some("serviceMonitorSelector"));
        assert_eq!(part_of("somethingElseSelector", fields.into_iter()), None);
    }

    #[test]
    fn a_field_is_found_below_only_where_it_is_the_only_one() {
        let table = Table::monitoring();
        let kind = table.kind("monitoring.coreos.com", "v1", "ServiceMonitor").expect("embedded");
        let find = |key| find_below(table, kind.schema, key, DEPTH);
        assert_eq!(find("endpoints").as_deref(), Some("spec"));
        assert_eq!(find("scheme").as_deref(), Some("spec.endpoints[]"));
        assert_eq!(find("absent"), None);
    }
}
