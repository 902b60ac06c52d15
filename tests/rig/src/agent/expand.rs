//! `$(NAME)` in commands, arguments and variables, as Kubernetes replaces it (`third_party/forked/golang/expansion`).

use std::collections::BTreeMap;

/// Replaces `$(NAME)` by its value and `$$` by `$`. A name without a value stays as it is written.
pub(super) fn expand(text: &str, variables: &BTreeMap<String, String>) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        expanded.push_str(&rest[..dollar]);
        rest = &rest[dollar + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            expanded.push('$');
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
            if let Some(value) = variables.get(name) {
                expanded.push_str(value);
            } else {
                expanded.push_str("$(");
                expanded.push_str(name);
                expanded.push(')');
            }
            rest = after;
        } else {
            expanded.push('$');
        }
    }
    expanded.push_str(rest);
    expanded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_in_kubernetes() {
        let variables = BTreeMap::from([
            ("A".to_owned(), "1".to_owned()),
            ("B".to_owned(), "$(A)".to_owned()),
            ("EMPTY".to_owned(), String::new()),
        ]);
        // Cases of Kubernetes' own test of the function.
        for (text, expected) in [
            ("", ""),
            ("$(A)", "1"),
            ("___$(A)___", "___1___"),
            ("$(B)", "$(A)"),
            ("$$(A)", "$(A)"),
            ("$$$(A)", "$1"),
            ("$$$$(A)", "$$(A)"),
            ("$(A)$(A)", "11"),
            ("$(NOPE)", "$(NOPE)"),
            ("$(EMPTY)x", "x"),
            ("$(A", "$(A"),
            ("$A", "$A"),
            ("$()", "$()"),
            ("cost $5 (A)", "cost $5 (A)"),
            ("end$", "end$"),
            ("é$(A)é", "é1é"),
        ] {
            assert_eq!(expand(text, &variables), expected, "{text}");
        }
    }
}
