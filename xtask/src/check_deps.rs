//! `cargo xtask check-deps`: the arrows between the rooms are those of ARCHITECTURE.md.
//!
//! Source files are read as tokens, so that comments and strings do not count and `crate::{a, b}`, `super::…` and
//! nested modules do.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::Outcome;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The repository
    #[arg(long, default_value = ".")]
    root: PathBuf,
}

/// Rooms from the top of the table down, each with the rooms it may use.
type Rooms = Vec<(String, BTreeSet<String>)>;

pub(crate) fn run(args: &Args) -> Outcome {
    let map = args.root.join("ARCHITECTURE.md");
    let text = fs::read_to_string(&map).map_err(|error| format!("{}: {error}", map.display()))?;
    let rooms = table(&text)?;
    let mut complaints = against_the_grain(&rooms);
    let mut arrows = 0;
    let mut inhabited = BTreeSet::new();
    for file in rust_files(&args.root.join("src"))? {
        let relative = file.strip_prefix(args.root.join("src")).unwrap_or(&file);
        let mut module = module_path(relative);
        let Some(room) = module.first().cloned() else { continue };
        inhabited.insert(room.clone());
        let Some((_, allowed)) = rooms.iter().find(|(name, _)| *name == room) else {
            complaints.push(format!("src/{}: `{room}` is no room of ARCHITECTURE.md", relative.display()));
            continue;
        };
        let source = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let tokens = TokenStream::from_str(&source)
            .map_err(|error| format!("src/{}: not Rust: {error}", relative.display()))?;
        let mut used = BTreeSet::new();
        collect(tokens, &mut module, &mut used);
        for target in used.into_iter().filter(|target| *target != room) {
            if !rooms.iter().any(|(name, _)| *name == target) {
                continue;
            }
            arrows += 1;
            if !allowed.contains(&target) {
                complaints.push(format!(
                    "src/{}: `{room}` uses `{target}`, which ARCHITECTURE.md does not list for it",
                    relative.display()
                ));
            }
        }
    }
    for (name, _) in &rooms {
        if name != "generated_crds" && !inhabited.contains(name) {
            complaints.push(format!("ARCHITECTURE.md lists the room `{name}`, which src/ does not have"));
        }
    }
    if complaints.is_empty() {
        #[expect(clippy::print_stdout, reason = "this is the command's output")]
        {
            println!("{} rooms, {arrows} uses, all as listed", inhabited.len());
        }
        Ok(())
    } else {
        Err(format!("{} arrows are wrong\n  {}", complaints.len(), complaints.join("\n  ")))
    }
}

/// Reads the table of rooms: rows whose first cell is a path in backticks, the rooms it may use in the last cell.
fn table(text: &str) -> Result<Rooms, String> {
    let backticked = |cell: &str| -> Vec<String> {
        let names = cell.split('`').skip(1).step_by(2);
        names.map(|name| name.trim_end_matches('/').replace('-', "_")).collect()
    };
    let rooms: Rooms = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
            let [name] = <[String; 1]>::try_from(backticked(cells.first()?)).ok()?;
            let mut allowed: BTreeSet<String> = backticked(cells.last()?).into_iter().collect();
            allowed.insert("diagnostic".to_owned());
            Some((name, allowed))
        })
        .collect();
    if rooms.is_empty() { Err("ARCHITECTURE.md has no table of rooms".to_owned()) } else { Ok(rooms) }
}

/// Arrows only go up the table: a room may use only rooms above it.
fn against_the_grain(rooms: &Rooms) -> Vec<String> {
    let position: BTreeMap<&str, usize> =
        rooms.iter().enumerate().map(|(index, (name, _))| (name.as_str(), index)).collect();
    let mut complaints = Vec::new();
    for (index, (name, allowed)) in rooms.iter().enumerate() {
        for target in allowed.iter().filter(|target| *target != name) {
            match position.get(target.as_str()) {
                None => {
                    complaints.push(format!("`{name}` may use `{target}`, which the table does not list"));
                }
                Some(above) if *above >= index => {
                    complaints.push(format!("`{name}` may use `{target}`, which stands below it"));
                }
                Some(_) => {}
            }
        }
    }
    complaints
}

/// `cli/generate.rs` is `[cli, generate]`; `lib.rs` and `main.rs` are the crate itself.
fn module_path(relative: &Path) -> Vec<String> {
    let mut path: Vec<String> =
        relative.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    if let Some(last) = path.last_mut() {
        *last = last.trim_end_matches(".rs").to_owned();
    }
    if path.last().is_some_and(|last| last == "mod" || (path.len() == 1 && (last == "lib" || last == "main")))
    {
        path.pop();
    }
    path
}

/// Adds the first segment below the crate root of every path that starts at `crate`, `super` or `generated_crds`.
fn collect(tokens: TokenStream, module: &mut Vec<String>, used: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut index = 0;
    while index < tokens.len() {
        match &tokens[index] {
            TokenTree::Ident(word) if word == "mod" => {
                if let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) =
                    (tokens.get(index + 1), tokens.get(index + 2))
                    && body.delimiter() == Delimiter::Brace
                {
                    module.push(name.to_string());
                    collect(body.stream(), module, used);
                    module.pop();
                    index += 2;
                }
            }
            TokenTree::Ident(word) if word == "generated_crds" => {
                used.insert(word.to_string());
            }
            TokenTree::Ident(word) if word == "crate" => used.extend(heads(&tokens[index + 1..])),
            TokenTree::Ident(word) if word == "super" => {
                let mut depth = module.len().saturating_sub(1);
                let mut rest = &tokens[index + 1..];
                while let [colon, second, TokenTree::Ident(next), more @ ..] = rest
                    && is_colon(colon)
                    && is_colon(second)
                    && next == "super"
                {
                    depth = depth.saturating_sub(1);
                    index += 3;
                    rest = more;
                }
                if depth == 0 {
                    used.extend(heads(rest));
                }
            }
            TokenTree::Group(group) => collect(group.stream(), module, used),
            _ => {}
        }
        index += 1;
    }
}

/// The names after `::`: one, or the first of each path in a group.
fn heads(tokens: &[TokenTree]) -> Vec<String> {
    match tokens {
        [colon, second, TokenTree::Ident(name), ..] if is_colon(colon) && is_colon(second) => {
            vec![name.to_string()]
        }
        [colon, second, TokenTree::Group(group), ..] if is_colon(colon) && is_colon(second) => {
            let mut names = Vec::new();
            let mut first = true;
            for token in group.stream() {
                match token {
                    TokenTree::Ident(name) if first => {
                        names.push(name.to_string());
                        first = false;
                    }
                    TokenTree::Punct(comma) if comma.as_char() == ',' => first = true,
                    _ => {}
                }
            }
            names
        }
        _ => Vec::new(),
    }
}

fn is_colon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':')
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for entry in entries {
            let path = entry.map_err(|error| format!("{}: {error}", folder.display()))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(source: &str, file: &str) -> Vec<String> {
        let mut module = module_path(Path::new(file));
        let mut used = BTreeSet::new();
        collect(TokenStream::from_str(source).expect("the source is Rust"), &mut module, &mut used);
        used.into_iter().collect()
    }

    #[test]
    fn finds_paths_however_they_are_written() {
        assert_eq!(used("use crate::source::Node;", "model/object.rs"), ["source"]);
        assert_eq!(
            used("use crate::{diagnostic::{Code, Place}, source, model as m};", "a/b.rs"),
            ["diagnostic", "model", "source"]
        );
        assert_eq!(used("fn f() { g(super::super::chain::h()) }", "a/b.rs"), ["chain"]);
        assert_eq!(used("use super::chain::h;", "a/mod.rs"), ["chain"]);
        assert_eq!(
            used("let x = vec![generated_crds::Kind]; m!(crate::cli::run());", "a/b.rs"),
            ["cli", "generated_crds"]
        );
    }

    #[test]
    fn ignores_neighbours_comments_and_strings() {
        assert!(
            used("use super::chain; // crate::x\n/// crate::y\nconst S: &str = \"crate::z\";", "a/b.rs")
                .is_empty()
        );
        assert!(
            used("mod tests { use super::super::x; mod deep { use super::super::super::y; } }", "a/b.rs")
                .is_empty()
        );
        assert_eq!(used("mod tests { use super::super::super::x; }", "a/b.rs"), ["x"]);
    }

    #[test]
    fn the_table_is_read_and_arrows_go_up() {
        let rooms = table(
            "| room | what | may use |\n|---|---|---|\n| `diagnostic/` | – | – |\n| `source/` | – | – |\n\
             | `model/` | – | `source`, `cli` |\n| `cli/` | – | `model` |\n",
        )
        .expect("there is a table");
        assert_eq!(rooms.len(), 4);
        assert_eq!(against_the_grain(&rooms), ["`model` may use `cli`, which stands below it"]);
        assert!(table("no table").is_err());
    }
}
