use std::process::{Command, Stdio};

use super::*;
use crate::source::read_bytes;

fn read_text(text: &str) -> Reading {
    read_bytes("guide.md", text.as_bytes().to_vec())
}

/// Step, kind and name of every document, with the line its name stands at.
fn kept(reading: &Reading) -> Vec<(usize, String, usize)> {
    reading
        .documents
        .iter()
        .map(|document| {
            let name = document.root().at(&["metadata", "name"]).expect("it has a name");
            let place = name.place();
            assert!(place.file.text()[place.span.range()].contains(name.as_str().expect("a string")));
            let kind = document.root().get("kind").and_then(crate::source::Node::as_str).unwrap_or_default();
            (
                document.step(),
                format!("{kind} {}", name.as_str().unwrap_or_default()),
                place.file.line_column(place.span.start).0,
            )
        })
        .collect()
}

fn told(reading: &Reading) -> Vec<String> {
    let line =
        |finding: &Diagnostic| finding.place.as_ref().map(|at| at.place.to_string()).unwrap_or_default();
    reading
        .findings
        .iter()
        .map(|finding| format!("{} {} {}", finding.code.id(), line(finding), finding.message))
        .collect()
}

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n";

#[test]
fn fences_are_steps_and_places_are_those_of_the_markdown() {
    let text = format!(
        "# Title\n\n```yaml\n{SERVICE}---\napiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\n```\n\n\
         ~~~~ {{.json}}\n{{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {{\"name\": \"b\"}}}}\n~~~~\n\n\
         ```\n{SERVICE}```\n"
    );
    let reading = read_text(&text);
    assert_eq!(
        kept(&reading),
        [
            (1, "Service web".to_owned(), 7),
            (1, "Pod a".to_owned(), 11),
            (2, "Pod b".to_owned(), 15),
            (3, "Service web".to_owned(), 22)
        ]
    );
    assert!(reading.findings.is_empty(), "{:?}", told(&reading));
}

#[test]
fn fences_in_lists_and_quotations_lose_what_stands_before_their_lines() {
    let list = SERVICE.replace('\n', "\n   ").trim_end_matches(' ').to_owned();
    let quote = SERVICE.replace('\n', "\n> ").trim_end_matches("> ").to_owned();
    let text =
        format!("1. do\n\n   ```yaml\n   {list}   ---\n   {list}   ```\n\n> ```yaml\n> {quote}> ```\n");
    let reading = read_text(&text);
    let kept: Vec<_> = kept(&reading).into_iter().map(|(step, _, line)| (step, line)).collect();
    assert_eq!(kept, [(1, 7), (1, 12), (2, 19)], "{:?}", told(&reading));
}

#[test]
fn what_is_no_manifest_is_passed_over() {
    let text = "\
```yaml\nspec:\n  selector: {}\n```\n```yaml\nkey: [unclosed\n```\n```\n$ kubectl get pods\nNAME READY\n```\n\
```go\napiVersion: v1\nkind: Pod\n```\n```sh\nkubectl apply -f a.yaml\n```\n    apiVersion: v1\n    kind: Pod\n";
    let reading = read_text(text);
    assert!(reading.documents.is_empty() && reading.findings.is_empty(), "{:?}", told(&reading));
}

#[test]
fn a_broken_manifest_is_told_where_it_is_labelled() {
    let broken = "apiVersion: v1\nkind: Service\nmetadata: {name: a\n";
    let reading = read_text(&format!("```yaml\n{broken}```\n```\n{broken}```\n"));
    assert_eq!(reading.findings.len(), 1, "{:?}", told(&reading));
    assert!(told(&reading)[0].starts_with("PW002 guide.md:"), "{:?}", told(&reading));
}

#[test]
fn heredocs_are_what_the_shell_makes_of_them() {
    let text = "\
```shell
$ export NS=shop
$ kubectl apply -f - <<EOF
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  namespace: ${NS}
  annotations: {expr: '{{ $labels.pod }}', kept: '\\$1', cluster: $CLUSTER, default: ${ZONE:-east}}
data:
  a: |
    one \\
    line $1
EOF
$ cat <<'EOF' | kubectl apply -f -
apiVersion: v1
kind: ConfigMap
metadata: {name: b, annotations: {expr: '$1'}}
EOF
$ kubectl apply \\
    -f - <<-\"EOF\"
\tapiVersion: v1
\tkind: ConfigMap
\tmetadata: {name: c, annotations: {expr: '$1'}}
\tEOF
$ kubectl delete -f - <<EOF
apiVersion: v1
kind: ConfigMap
metadata: {name: d}
EOF
```
";
    let reading = read_text(text);
    let names = kept(&reading);
    assert_eq!(
        names,
        [
            (1, "ConfigMap a".to_owned(), 7),
            (1, "ConfigMap b".to_owned(), 18),
            (1, "ConfigMap c".to_owned(), 24)
        ]
    );
    let first = reading.documents[0].root();
    let text =
        |path: &[&str]| first.at(path).and_then(crate::source::Node::as_str).unwrap_or_default().to_owned();
    assert_eq!(text(&["metadata", "namespace"]), "shop");
    assert_eq!(text(&["metadata", "annotations", "expr"]), "{{ .pod }}");
    assert_eq!(text(&["metadata", "annotations", "kept"]), "$1");
    assert_eq!(text(&["metadata", "annotations", "cluster"]), "$CLUSTER");
    assert_eq!(text(&["metadata", "annotations", "default"]), "east");
    assert_eq!(text(&["data", "a"]), "one     line \n");
    let quoted = reading.documents[1].root().at(&["metadata", "annotations", "expr"]);
    assert_eq!(quoted.and_then(crate::source::Node::as_str), Some("$1"));
    assert_eq!(
        told(&reading),
        [
            "PW010 guide.md:9:27 the shell replaces `$labels` by nothing",
            "PW010 guide.md:9:66 what the shell makes of `$CLUSTER` is not known here",
        ]
    );
}

#[test]
fn secrets_of_a_fence_are_hidden() {
    let text =
        "```yaml\napiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: hunter2}\n```\n";
    let reading = read_text(text);
    let file = reading.documents[0].file();
    let at = u32::try_from(file.text().find("hunter2").expect("it is there")).expect("it is short");
    assert!(file.is_hidden(Span::new(at, at + 7)));
}

/// What the machine's own shell makes of heredocs, compared with [`expand`].
#[test]
fn the_shell_agrees() {
    const PARTS: &[&str] = &[
        "$1",
        "$9x",
        "$name",
        "${name}",
        "${name:-word}",
        "${name-word}",
        "\\$1",
        "\\\\",
        "\\",
        "\\n",
        "\\`",
        "\n",
        "\\\n",
        "$",
        "$ ",
        "a",
        "\"",
        "'",
        "{{ $labels.x }}",
        "$@",
        "$*",
        "$#",
        "$?",
        "#",
        " ",
        "${set}",
        "$set",
        "${set:-word}",
        "ü",
        "$,",
        "\\\"",
    ];
    let mut random: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut next = |limit: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % limit as u64).expect("it is below the limit")
    };
    for _ in 0..150 {
        let mut body: String = (0..=next(12)).map(|_| PARTS[next(PARTS.len())]).collect();
        // A backslash would join the last line with the one that ends the heredoc.
        body.push_str("z\n");
        let script = format!("set=value\ncat <<END_OF_IT\n{body}END_OF_IT\n");
        let Ok(output) = Command::new("sh").arg("-c").arg(&script).stdin(Stdio::null()).output() else {
            return;
        };
        let mut ours = String::new();
        let mut at = 0;
        let lookup = |name: &str| (name == "set").then(|| "value".to_owned());
        let expansions = expand(&body, lookup);
        // Two parts may make a `$$`, which is another number in every shell.
        if expansions.iter().any(|expansion| expansion.replacement.is_none()) {
            continue;
        }
        for Expansion { range, replacement } in expansions {
            ours.push_str(&body[at..range.start]);
            ours.push_str(&replacement.unwrap_or_default());
            at = range.end;
        }
        ours.push_str(&body[at..]);
        assert_eq!(ours, String::from_utf8_lossy(&output.stdout), "{body:?}");
    }
}
