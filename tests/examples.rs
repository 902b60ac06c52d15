//! Every folder of `examples/` does what its expected files say.
//!
//! A folder holds `command` (a command line, run in the folder), `expected.yaml` (its standard output),
//! `expected.txt` (its standard error) and whatever it reads. `PROMWIRE_UPDATE=1` writes the expected files.

mod support;

use std::fs;
use std::path::Path;

/// The README shows the Stack that `--example` generates, how many objects come of it, one of them, and one note; and
/// the example with a Service of one's own as a whole.
#[test]
fn the_readme_shows_what_the_examples_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).expect("the file is there");
    let run = support::promwire("generate --example", root, None);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stdout, read("examples/kubeadm-calico/expected.yaml"));
    assert!(run.stderr.ends_with(&read("examples/kubeadm-calico/expected.txt")), "{}", run.stderr);
    let readme = read("README.md");
    let stack = read("examples/kubeadm-calico/promwire.yaml");
    assert!(
        readme.contains(&format!("```yaml\n{stack}```")),
        "the README shows another Stack than --example generates"
    );
    let objects: Vec<&str> = run.stdout.split("---\n").collect();
    let count = format!("**{} objects**", objects.len());
    assert!(readme.contains(&count), "--example makes {count}");
    let shown = |object: &&&str| readme.contains(&format!("```yaml\n{object}```"));
    assert!(objects.iter().any(|object| shown(&object)), "the README shows no object that --example prints");
    let notes: Vec<&str> = run.stderr.split("\n\n").collect();
    let shown = |note: &&str| note.starts_with("info") && readme.contains(*note);
    assert!(notes.into_iter().any(|note| shown(&note)), "the README shows no note that --example prints");
    let service = read("examples/generic-service/expected.yaml");
    assert!(readme.contains(&service), "the README shows another monitor than the example of a Service");
    let notes = read("examples/generic-service/expected.txt");
    assert!(readme.contains(notes.trim_end()), "the README shows other notes than the example of a Service");
}

/// The first screen of the README is what its first command answers; `PROMWIRE_UPDATE=1` writes it. Without `--fail-on never` it
/// is what stops a pipeline.
#[test]
fn the_readme_begins_with_what_check_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("the file is there");
    let command = "check examples/broken --fail-on never";
    let line = format!("    cargo run -q --release -- {command}\n");
    assert!(readme.contains(&line), "the README has another first command");
    let run = support::promwire(command, root, None);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(support::promwire("check examples/broken", root, None).code, 1);
    let (before, rest) = readme.split_once("```text\n").expect("it shows what the command says");
    let (shown, after) = rest.split_once("```").expect("the fence ends");
    if support::updating() {
        let text = format!("{before}```text\n{}```{after}", run.stdout);
        fs::write(root.join("README.md"), text).expect("the README can be written");
    } else {
        assert_eq!(shown, run.stdout, "the README shows something else than its first command says");
    }
}

#[test]
fn examples_do_what_they_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for entry in fs::read_dir(root).expect("there are examples") {
        let folder = entry.expect("the folder can be read").path();
        let Ok(command) = fs::read_to_string(folder.join("command")) else { continue };
        seen += 1;
        let run = support::promwire(command.trim(), &folder, None);
        let again = support::promwire(command.trim(), &folder, None);
        let name = folder.display();
        assert_eq!(run.stdout, again.stdout, "{name}: a second run gives the same bytes");
        if run.code != 0 {
            wrong.push(format!("{name}: exit {}\n{}", run.code, run.stderr));
        }
        for (file, found) in [("expected.yaml", &run.stdout), ("expected.txt", &run.stderr)] {
            let path = folder.join(file);
            if support::updating() {
                fs::write(&path, found).expect("the expected file can be written");
            } else if fs::read_to_string(&path).unwrap_or_default() != *found {
                wrong.push(format!("{}: not what was found:\n{found}", path.display()));
            }
        }
    }
    assert!(seen >= 8, "only {seen} examples were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
