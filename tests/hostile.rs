//! Input that is meant to hurt: each case ends in a clear finding, and reading it takes less than 200 MB.
//!
//! Every case is read by a process of its own (this test binary once more), which reports its peak of resident memory
//! as the kernel counted it.
#![allow(clippy::print_stdout, reason = "the figures belong to the result")]

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use promwire::source::{self, InputPath, LoadOptions};

const PATH: &str = "PROMWIRE_HOSTILE_PATH";
const LIMIT_KIB: u64 = 200 * 1000 * 1000 / 1024;

/// The process that reads. It is no test on its own.
#[test]
fn child() {
    let Ok(path) = std::env::var(PATH) else { return };
    let reading = source::load(&[InputPath::from(path.as_str())], &LoadOptions::default());
    // The line has libtest's words on it already.
    println!("\ndocuments: {}", reading.documents.len());
    for finding in reading.findings.iter().take(5) {
        let place = finding.place.as_ref().map(|annotation| {
            let (line, column) = annotation.place.file.line_column(annotation.place.span.start);
            format!(" at {line}:{column}")
        });
        println!("{} {}{}", finding.code.id(), finding.message, place.unwrap_or_default());
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("peak: {}", peak.trim().trim_end_matches(" kB"));
}

fn read(name: &str, argument: &str, stdin: Option<&Path>) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .env(PATH, argument)
        .stdin(stdin.map_or_else(Stdio::null, |path| File::open(path).unwrap().into()))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{name}: {text}{}", String::from_utf8_lossy(&output.stderr));
    let peak: u64 = text
        .lines()
        .find_map(|line| line.strip_prefix("peak: "))
        .unwrap_or_else(|| panic!("{name}: {text}"))
        .parse()
        .unwrap();
    println!("{name}: {} MB", peak * 1024 / 1_000_000);
    assert!(peak < LIMIT_KIB, "{name} took {peak} KiB");
    let mut said = String::new();
    for line in text.lines().filter(|line| line.starts_with("documents: ") || line.starts_with("PW")) {
        // The name of the file is of the moment.
        writeln!(said, "{}", line.replace(argument, "FILE")).unwrap();
    }
    said
}

/// Reads a file of these bytes and compares what is said about it.
fn case(name: &str, bytes: &[u8], expected: &str) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    assert_eq!(read(name, file.path().to_str().unwrap(), None), expected, "{name}");
}

#[test]
fn alias_bombs() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    case("alias bomb", bomb.as_bytes(), "documents: 0\nPW002 document contains excessive aliasing at 4:20\n");
    let entries: String = (0..10_000).fold(String::new(), |text, n| text + &format!("  k{n}: v\n"));
    let merges = "- <<: *a\n".repeat(100_000);
    case(
        "merge bomb",
        format!("a: &a\n{entries}b:\n{merges}").as_bytes(),
        "documents: 0\nPW002 document contains excessive aliasing at 10027:7\n",
    );
    case("alias of itself", b"a: &a [*a]\n", "documents: 0\nPW002 anchor value contains itself at 1:8\n");
}

#[test]
fn depth() {
    let deep = |text: &str| text.repeat(100_000);
    let expected =
        |column: usize| format!("documents: 0\nPW002 nested deeper than 512 levels at 1:{column}\n");
    case("100,000 [", deep("[").as_bytes(), &expected(513));
    case("100,000 {a:", deep("{a: ").as_bytes(), &expected(2049));
    case("100,000 -", (deep("- ") + "x\n").as_bytes(), &expected(1025));
    case("100,000 ?", (deep("? ") + "x\n").as_bytes(), &expected(1025));
    let stairs: String = (0..2_000).fold(String::new(), |text, n| text + &" ".repeat(n) + "a:\n");
    case(
        "2,000 levels of indentation",
        stairs.as_bytes(),
        "documents: 0\nPW002 nested deeper than 512 levels at 513:513\n",
    );
}

#[test]
fn bytes_that_are_no_text() {
    let mut text = "a: b\n".repeat(4_000_000).into_bytes();
    text.extend(b"c: \xff\xfe\n");
    case("20 MB, then invalid UTF-8", &text, "documents: 0\nPW002 invalid UTF-8 at 4000001:4\n");
    let sixteen: Vec<u8> = "\u{feff}a: b\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    case("UTF-16", &sixteen, "documents: 0\nPW001 `FILE` is UTF-16\n");
    case(
        "nothing but NUL",
        &vec![0; 1 << 20],
        "documents: 0\nPW002 control characters are not allowed at 1:1\n",
    );
}

#[test]
fn truncated_streams() {
    let cut = "x".repeat(20_000_000);
    case(
        "20 MB in an open quote",
        format!("a: 1\n---\nb: \"{cut}").as_bytes(),
        "documents: 1\nPW002 found unexpected end of stream at 3:4\n",
    );
    case(
        "an open flow list of a million items",
        ("a: [".to_owned() + &"x, ".repeat(1_000_000)).as_bytes(),
        "documents: 0\nPW002 did not find expected node content at 1:3000005\n",
    );
    case(
        "a key cut off",
        b"kind: Service\nmetadata:\n  name: a\n  lab",
        "documents: 0\nPW002 could not find expected ':' at 4:6\n",
    );
}

#[test]
fn long_and_many() {
    case(
        "one line of 1 MB",
        ("a: {".to_owned() + &"b: [c, d], ".repeat(100_000) + "e: f}\n").as_bytes(),
        "documents: 1\nPW005 this key is given twice at 1:16\nPW005 this key is given twice at 1:27\nPW005 this key is given twice at 1:38\nPW005 this key is given twice at 1:49\nPW005 this key is given twice at 1:60\n",
    );
    case(
        "a key of 10 MB",
        ("k".repeat(10_000_000) + ": v\n").as_bytes(),
        "documents: 0\nPW002 mapping values are not allowed in this context at 1:10000001\n",
    );
    case(
        "a million documents",
        "---\na\n".repeat(1_000_000).as_bytes(),
        "documents: 250000\nPW003 there are more than 250000 documents at 500002:1\n",
    );
    let too_many = "documents: 0\nPW003 the document holds more than a million values, and more than one in ten bytes at ";
    case(
        "20 million values",
        ("a: [".to_owned() + &"a,".repeat(20_000_000) + "a]\n").as_bytes(),
        &format!("{too_many}1:8000001\n"),
    );
    case(
        "20 million values of JSON",
        ("{\"a\":[".to_owned() + &"1,".repeat(20_000_000) + "1]}\n").as_bytes(),
        &format!("{too_many}1:8000005\n"),
    );
    case("a million comments", "# c\n".repeat(1_000_000).as_bytes(), "documents: 0\n");
    case(
        "200,000 broken documents",
        "---\n[\n".repeat(200_000).as_bytes(),
        &("documents: 0\n".to_owned()
            + &(0..5).fold(String::new(), |text, n| {
                text + &format!("PW002 did not find expected node content at {}:1\n", 2 * n + 3)
            })),
    );
    case("200,000 documents", "---\na\n".repeat(200_000).as_bytes(), "documents: 200000\n");
    case("a million anchors", "- &a x\n".repeat(1_000_000).as_bytes(), "documents: 1\n");
}

#[test]
fn too_large_is_refused_unread() {
    let file = tempfile::NamedTempFile::new().unwrap();
    // Nothing is written: the file system only notes the length.
    file.as_file().set_len(8 << 30).unwrap();
    let expected = "documents: 0\nPW003 `FILE` is larger than 64 MiB\n";
    assert_eq!(read("a file of 8 GiB", file.path().to_str().unwrap(), None), expected);
    let expected = "documents: 0\nPW003 `<stdin>` is larger than 64 MiB\n";
    assert_eq!(read("8 GiB of standard input", "-", Some(file.path())), expected);
    assert_eq!(
        read("an endless device", "/dev/zero", None),
        "documents: 0\nPW003 `FILE` is larger than 64 MiB\n"
    );
}
