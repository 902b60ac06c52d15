//! The program that judges reports (`tests/report-oracle/`).

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// What is wrong with texts of these kinds, or none each; none where there is no Go.
pub(crate) fn ask(texts: &[(&str, String)]) -> Option<Vec<Option<String>>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let module = root.join("tests/report-oracle");
    let program = built(&module)?;
    let mut child = Command::new(program)
        .arg(root.join("docs/check.schema.json"))
        .current_dir(module)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    let lines: Vec<String> =
        texts.iter().map(|(kind, text)| json!({"kind": kind, "text": text}).to_string() + "\n").collect();
    let output = std::thread::scope(|scope| {
        scope
            .spawn(move || lines.iter().for_each(|line| stdin.write_all(line.as_bytes()).expect("it reads")));
        child.wait_with_output().expect("it ends")
    });
    assert!(output.status.success(), "the oracle fails");
    let answers = String::from_utf8(output.stdout).expect("it is UTF-8");
    let answers: Vec<Option<String>> = answers
        .lines()
        .map(|line| {
            let answer: Value = serde_json::from_str(line).expect("it is JSON");
            answer["error"].as_str().map(str::to_owned)
        })
        .collect();
    assert_eq!(answers.len(), texts.len());
    Some(answers)
}

fn built(module: &Path) -> Option<PathBuf> {
    let required = std::env::var_os("CI").is_some_and(|value| value == "true");
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("report-oracle");
    match Command::new("go").args(["build", "-o"]).arg(&program).arg(".").current_dir(module).output() {
        Ok(output) if output.status.success() => Some(program),
        Ok(output) => panic!("the oracle does not build: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            assert!(!required, "CI needs Go for the oracle: {error}");
            eprintln!("SKIPPED: no Go, so no schema judged the reports ({error})");
            None
        }
    }
}
