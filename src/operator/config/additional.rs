//! Jobs, and parts of the alerting section, from Secrets.
//!
//! The operator reads them with Go's yaml.v2 and writes them again, which changes more than the layout: `0123` becomes `83`,
//! `1e3` becomes `1000`, and what a `<<` would bring is lost.

use std::sync::Arc;

use super::Generator;
use crate::diagnostic::TextFile;
use crate::operator::refusal::{Check, Context, Refusal, refuse};
use crate::source::{Mapping, Node, Ordered, read_written};

/// A list of mappings, as Go reads it into a `[]yaml.MapSlice`.
///
/// # Errors
/// Go's words.
pub(super) fn list(text: &str) -> Result<Vec<Mapping>, String> {
    let file = Arc::new(TextFile::new("<secret>", text));
    let Some(document) = read_written(&file)? else { return Ok(Vec::new()) };
    let root = document.root();
    if root.is_null() {
        return Ok(Vec::new());
    }
    if !root.is_sequence() {
        return Err(format!("yaml: unmarshal errors:\n  {}", wrong_type(&file, root, "[]yaml.MapSlice")));
    }
    let wrong: Vec<String> = root
        .items()
        .filter(|item| !item.is_mapping() && !item.is_null())
        .map(|item| wrong_type(&file, item, "yaml.MapSlice"))
        .collect();
    if !wrong.is_empty() {
        return Err(format!("yaml: unmarshal errors:\n  {}", wrong.join("\n  ")));
    }
    Ok(root
        .items()
        .map(|item| match Ordered::of_node(item) {
            Ordered::Map(map) => map,
            _ => Mapping::new(),
        })
        .collect())
}

fn wrong_type(file: &TextFile, node: Node<'_>, wanted: &str) -> String {
    use crate::source::Value;
    let (line, _) = file.line_column(node.span().start);
    let (tag, shown) = match node.value() {
        Value::Sequence(_) => ("!!seq", false),
        Value::Mapping(_) => ("!!map", false),
        Value::Bool(_) => ("!!bool", true),
        // A whole number may be written as a fraction or with an exponent.
        Value::Int(_) if is_float(node) => ("!!float", true),
        Value::Int(_) | Value::Uint(_) => ("!!int", true),
        Value::Float(_) => ("!!float", true),
        Value::String(_) => ("!!str", true),
        Value::Null => ("!!null", false),
    };
    // Go shows the beginning of the value. It comes from a Secret, so only how long it may be shown is kept of that.
    let value = if shown { " `<secret>`" } else { "" };
    format!("line {line}: cannot unmarshal {tag}{value} into {wanted}")
}

/// Whether Go's yaml.v2 reads a number as a float: by how it is written, not by its value.
fn is_float(node: Node<'_>) -> bool {
    let span = node.span();
    let text = node.document().file().text().get(span.start as usize..span.end as usize).unwrap_or_default();
    let is_hexadecimal = text.trim_start_matches(['+', '-']).starts_with("0x");
    !is_hexadecimal && text.contains(['.', 'e', 'E'])
}

impl Generator<'_> {
    /// Adds the jobs of `additionalScrapeConfigs`, sharded where there are several shards.
    pub(super) fn additional_jobs(&self, text: Option<&str>, take: &mut dyn FnMut(Ordered)) -> Check {
        let list = list(text.unwrap_or_default())
            .map_err(Refusal::new)
            .under("unmarshalling additional scrape configs failed: ")?;
        for job in list {
            if self.switches.daemon_set || self.shards == 1 {
                take(job.into());
            } else {
                take(self.sharded(job)?.into());
            }
        }
        Ok(())
    }

    fn sharded(&self, job: Mapping) -> Check<Mapping> {
        let mut rules = Vec::new();
        let mut made = Mapping::new();
        for (key, value) in job {
            if key != "relabel_configs" {
                made.push(key, value);
                continue;
            }
            // The operator formats an error that is nil here.
            let Ordered::List(items) = value else {
                return refuse("error parsing relabel configs: %!w(<nil>)");
            };
            for item in items {
                if item.as_map().is_none() {
                    return refuse("error parsing relabel config: %!w(<nil>)");
                }
                rules.push(item);
            }
        }
        self.shard_unless_hashed(&mut rules);
        made.push("relabel_configs", rules);
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_list_is_named_by_how_it_is_written() {
        let error = |text: &str| list(text).expect_err("it is no list");
        let of = |tag: &str| {
            format!(
                "yaml: unmarshal errors:\n  line 1: cannot unmarshal {tag} `<secret>` into []yaml.MapSlice"
            )
        };
        assert_eq!(error("0123"), of("!!int"));
        assert_eq!(error("0x1e3"), of("!!int"));
        assert_eq!(error("1e3"), of("!!float"));
        assert_eq!(error("-2.0"), of("!!float"));
        assert_eq!(error("\"1e3\""), of("!!str"));
    }
}
