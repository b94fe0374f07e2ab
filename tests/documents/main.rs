//! The pages of the repository agree with the code.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

mod dependencies;
mod oldest_rust;
mod panic_free;
mod patches;
mod public_api;
mod rooms;
mod rustdoc;

const PORTING: &str = "docs/porting-from-c.md";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files below `folder` with this extension.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "no .{ending} in {folder}");
    found
}

/// The pages and their texts.
fn pages() -> Vec<(PathBuf, String)> {
    let mut paths = files("docs", "md");
    paths.extend(
        ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "examples/README.md"]
            .map(|name| root().join(name)),
    );
    paths.into_iter().map(|path| (path.clone(), read(path))).collect()
}

/// The source of the whole safe API.
fn source() -> String {
    files("src", "rs").into_iter().map(read).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The text between backticks, outside code blocks.
fn code_spans(text: &str) -> Vec<String> {
    let mut in_block = false;
    let mut spans = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            spans.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    spans
}

/// A porting guide without the first column of its tables, which has the names of another binding.
fn without_first_column(text: &str) -> String {
    let rest = |line: &str| match line.strip_prefix("| ") {
        Some(row) => row.split_once(" | ").map_or_else(String::new, |(_, rest)| rest.to_owned()),
        None => line.to_owned(),
    };
    text.lines().map(|line| rest(line) + "\n").collect()
}

/// The table of error kinds, with rows such as `AddrInUse, "address in use", AddrInUse, [EADDRINUSE];`.
fn error_kinds(source: &str) -> Vec<(String, String)> {
    let row = |line: &str| {
        let (kinds, numbers) = line.trim().strip_suffix("];")?.split_once(", [")?;
        let ((kind, _), (_, of_io)) = (kinds.split_once(", ")?, kinds.rsplit_once(", ")?);
        let is_kind = |name: &str| name.starts_with(char::is_uppercase) && words(name).eq([name]);
        (is_kind(kind) && is_kind(of_io)).then(|| (kind.to_owned(), numbers.to_owned()))
    };
    source.lines().filter_map(row).collect()
}

/// The names that follow `keyword` in the generated bindings and begin with `prefix`.
fn declared(keyword: &str, prefix: &str) -> BTreeSet<String> {
    let bindings = read("zmq-sys/src/bindings.rs");
    let names: BTreeSet<String> = bindings
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix(keyword))
        .filter_map(|rest| words(rest).next())
        .filter(|name| name.starts_with(prefix))
        .map(str::to_owned)
        .collect();
    assert!(names.len() > 60, "only {} of {keyword}", names.len());
    names
}

fn assert_none(what: &str, names: &[String]) {
    assert!(names.is_empty(), "{what}: {}", names.join(", "));
}

/// The files that can contain tests.
fn test_files() -> Vec<PathBuf> {
    ["tests", "zmq-sys/tests"].iter().flat_map(|folder| files(folder, "rs")).collect()
}

/// The name of the module in a file.
fn module(path: &Path) -> &str {
    let stem = path.file_stem().unwrap();
    let is_folder = stem == "main" || stem == "mod";
    let name = if is_folder { path.parent().unwrap().file_name().unwrap() } else { stem };
    name.to_str().unwrap()
}

/// Whether a module of this name has a test of this name.
fn test_exists(file: &str, test: &str) -> bool {
    if file == "ui" {
        return root().join(format!("tests/ui/{test}.rs")).is_file();
    }
    let declaration = format!("fn {test}()");
    let mut paths = test_files().into_iter().filter(|path| module(path) == file);
    paths.any(|path| read(path).contains(&declaration))
}

#[test]
fn every_c_function_has_a_line() {
    let page = read(PORTING);
    let missing: Vec<String> = declared("pub fn ", "zmq_")
        .into_iter()
        .filter(|name| !page.lines().any(|line| line.starts_with(&format!("| `{name}` |"))))
        .collect();
    assert_none("functions of zmq.h without a line in the porting guide", &missing);
}

#[test]
fn options_with_methods_are_in_the_table() {
    let table: String = files("src/option/table", "rs").into_iter().map(read).collect();
    let typed: BTreeSet<&str> = table
        .lines()
        .filter(|line| line.contains(" \"ZMQ_") && line.ends_with('{'))
        .filter_map(|line| words(line).next())
        .collect();
    assert!(typed.len() > 60, "only {} rows were found", typed.len());

    let page = read(PORTING);
    let (done, _) = page.split_once("### Other options").unwrap();
    let (_, done) = done.split_once("## Socket options").unwrap();
    let done: BTreeSet<&str> =
        done.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();

    let missing: Vec<String> = typed.difference(&done).map(ToString::to_string).collect();
    assert_none("options with a method but no row in the porting guide", &missing);
}

#[test]
fn every_error_number_is_listed_with_its_kind() {
    let page = read(PORTING);
    let mut count = 0;
    for (kind, numbers) in error_kinds(&source()) {
        for number in words(&numbers) {
            count += 1;
            let row = page.lines().find(|row| row.starts_with("| ") && row.contains(&format!("`{number}`")));
            let row = row.unwrap_or_else(|| panic!("{number} is not in the porting guide"));
            assert!(row.contains(&format!("`{kind}`")), "{number} is {kind}, but the guide says: {row}");
        }
        assert!(page.contains(&format!("`{kind}`")) || kind == "Other", "{kind} is not in the porting guide");
    }
    assert!(count > 30, "only {count} error numbers were found");
}

/// The types of the safe API that have methods, variants or constants.
fn types(source: &str) -> BTreeSet<&str> {
    let name =
        |line| ["pub struct ", "pub enum "].iter().find_map(|keyword| str::strip_prefix(line, keyword));
    source.lines().filter_map(|line| words(name(line.trim_start())?).next()).collect()
}

/// The names of functions and constants, and the names at the beginning of lines in tables and enums: methods, flags
/// and variants.
fn defined(source: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for line in source.lines() {
        for keyword in ["fn ", "const "] {
            names.extend(line.split(keyword).skip(1).filter_map(|rest| words(rest).next()));
        }
        let line = line.trim_start();
        let Some(name) = words(line).next() else { continue };
        let rest = line.strip_prefix(name).unwrap_or_default();
        if ["(", ":", "<", ",", " {", " =", ";"].iter().any(|end| rest.starts_with(end)) {
            names.insert(name);
        }
    }
    names
}

#[test]
fn names_in_the_pages_exist() {
    let source = source();
    let types = types(&source);
    assert!(types.contains("Socket") && types.len() > 15, "{types:?}");
    let defined = defined(&source);
    let error_kinds = error_kinds(&source);
    let mut checked = 0;
    let mut missing = Vec::new();
    for (path, text) in pages() {
        let is_guide = path.display().to_string().contains("porting-from-");
        let text = if is_guide { without_first_column(&text) } else { text };
        for span in code_spans(&text) {
            let words = span.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
            for (left, name) in words.filter_map(|path| path.rsplit_once("::")) {
                let of = left.rsplit("::").next().unwrap_or(left);
                if name.is_empty() {
                    continue;
                }
                let found = match of {
                    "ErrorKind" => error_kinds.iter().any(|(kind, _)| kind == name),
                    // These are implementations of `From`.
                    _ if types.contains(of) => name == "from" || defined.contains(name),
                    _ => continue,
                };
                checked += 1;
                if !found {
                    missing.push(format!("{of}::{name} ({})", path.display()));
                }
            }
        }
    }
    assert!(checked > 500, "only {checked} names were found");
    assert_none("named in a page, but not in src", &missing);
}

#[test]
fn files_that_the_pages_name_exist() {
    let folders = ["src/", "zmq-sys/", "vendor/", "docs/", "examples/", "tests/"];
    let mut checked = 0;
    let mut missing = Vec::new();
    for (path, text) in pages() {
        for span in code_spans(&text) {
            if folders.iter().any(|folder| span.starts_with(folder)) && !span.contains("::") {
                checked += 1;
                if !root().join(&span).exists() {
                    missing.push(format!("{span} ({})", path.display()));
                }
            }
        }
    }
    assert!(checked > 20, "only {checked} files were found");
    assert_none("files that a page names, and are not there", &missing);
}

#[test]
fn every_defect_has_a_row_and_its_tests_exist() {
    let page = read("docs/security.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
    let has_row = |entry: &str| {
        rows.iter()
            .any(|row| row.split('|').nth(1).is_some_and(|first| words(first).any(|word| word == entry)))
    };
    let mut entries: BTreeSet<String> = (1..=46).map(|number| format!("A{number}")).collect();
    entries.extend(["I4", "I5", "I6", "O7", "O8", "M19", "N2", "N3", "N4"].map(str::to_owned));
    // And all defects that were found later.
    for page in ["docs/libzmq-facts.md", "vendor/README.md"] {
        let text = read(page);
        let firsts = text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
        let is_entry = |word: &&str| word.strip_prefix('A').is_some_and(|rest| rest.parse::<u32>().is_ok());
        entries.extend(firsts.flat_map(words).filter(is_entry).map(str::to_owned));
    }
    let missing: Vec<String> = entries.into_iter().filter(|entry| !has_row(entry)).collect();
    assert_none("no row in docs/security.md", &missing);

    let mut checked = 0;
    let mut missing = Vec::new();
    for row in rows {
        for (file, test) in
            row.rsplit('|').nth(1).unwrap().split('`').filter_map(|span| span.split_once("::"))
        {
            checked += 1;
            if !test_exists(file, test) {
                missing.push(format!("{file}::{test}"));
            }
        }
    }
    assert!(checked > 40, "only {checked} tests were found");
    assert_none("tests that docs/security.md names, and are not there", &missing);
}

/// The compiler ignores a file that no module declares.
#[test]
fn every_file_of_tests_is_compiled() {
    let mut unused = Vec::new();
    for path in test_files() {
        let name = path.file_name().unwrap();
        if name == "main.rs" || name == "build.rs" || path.components().any(|part| part.as_os_str() == "ui") {
            continue;
        }
        let folder = if name == "mod.rs" { path.parent().unwrap() } else { &path };
        let declaration = format!("mod {};", module(&path));
        let declared = |parent: &Path| {
            let parent = folder.parent().unwrap().join(parent);
            fs::read_to_string(parent).is_ok_and(|text| text.contains(&declaration))
        };
        // Cargo makes a program of each file directly in the folder. Several programs have the modules `common` and
        // `raw`.
        let is_program = folder.parent().unwrap().ends_with("tests");
        // The tests of async sockets are compiled for each runtime.
        let shared = format!("#[path = \"../{}\"]\n{declaration}", name.to_string_lossy());
        let in_runtime = |runtime: &str| {
            let module = folder.parent().unwrap().join(runtime).join("mod.rs");
            fs::read_to_string(module).is_ok_and(|text| text.contains(&shared))
        };
        let is_shared = ["with_smol", "with_tokio"].into_iter().all(in_runtime);
        if !is_program && !is_shared && !declared(Path::new("main.rs")) && !declared(Path::new("mod.rs")) {
            unused.push(path.strip_prefix(root()).unwrap().display().to_string());
        }
    }
    assert_none("files that no module declares", &unused);
}

#[test]
fn facts_in_comments_are_listed() {
    let facts = read("docs/libzmq-facts.md");
    let is_number = |word: &&str| {
        let mut letters = word.chars();
        letters.next().is_some_and(|letter| "ACGILMORSTX".contains(letter))
            && (2..=3).contains(&word.len())
            && letters.all(|digit| digit.is_ascii_digit())
    };
    let named: BTreeSet<String> = source()
        .lines()
        .filter_map(|line| line.split_once("//").map(|(_, comment)| comment.to_owned()))
        .flat_map(|comment| words(&comment).filter(is_number).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(named.len() > 20, "only {} numbers were found", named.len());
    let missing: Vec<String> =
        named.into_iter().filter(|number| !facts.contains(&format!("| {number} |"))).collect();
    assert_none("facts that comments name, and docs/libzmq-facts.md does not list", &missing);
}

#[test]
fn every_fact_has_a_number_of_its_own() {
    let facts = read("docs/libzmq-facts.md");
    let mut numbers = BTreeSet::new();
    let twice: Vec<String> = facts
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
        .filter(|number| number.starts_with(char::is_alphabetic) && !numbers.insert(number.to_owned()))
        .map(str::to_owned)
        .collect();
    assert!(numbers.len() > 60, "only {} numbers were found", numbers.len());
    assert_none("facts under one number", &twice);
}

#[test]
fn the_commands_of_the_readme_exist() {
    let readme = read("README.md");
    for command in ["cargo run --example hello_world", "cargo test --workspace"] {
        assert!(readme.lines().any(|line| line == command), "README.md does not contain `{command}`");
    }
    assert!(root().join("examples/hello_world.rs").is_file(), "there is no example hello_world");
    let everything = read(".ci/run");
    assert!(everything.contains("cargo test --workspace"), ".ci/run does not run the commands of README.md");
}

/// The documentation tests compile the example of the page, but not that of the README, which needs a feature.
#[test]
fn the_async_example_of_the_readme_is_that_of_its_page() {
    let page = read("docs/async.md");
    let example = page.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert!(example.contains("#[tokio::main]"), "{example}");
    assert!(read("README.md").contains(&format!("```rust,ignore\n{example}```")), "{example}");
}

#[test]
fn every_example_has_a_line_with_its_command() {
    let index = read("examples/README.md");
    let missing: Vec<String> = files("examples", "rs")
        .into_iter()
        // A folder is a workspace of its own, and cargo knows no example of its name.
        .filter(|path| path.parent().is_some_and(|folder| folder.ends_with("examples")))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| {
            let link = format!("| [{name}]({name}.rs) |");
            let command = format!("--example {name}");
            let has_command = |row: &str| {
                code_spans(row).iter().any(|span| {
                    span.split_once(&command)
                        .is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with(' '))
                })
            };
            !index.lines().any(|row| row.starts_with(&link) && has_command(row))
        })
        .collect();
    assert_none("examples without a line and command in examples/README.md", &missing);
}

#[test]
fn rust_in_pages_is_compiled() {
    let library = read("src/lib.rs");
    for (path, text) in pages() {
        if text.contains("```rust") {
            let path = path.strip_prefix(root()).unwrap().display().to_string().replace('\\', "/");
            let line = format!("include_str!(\"../{path}\")");
            assert!(library.contains(&line), "src/lib.rs does not test the code of {path}: no {line}");
        }
    }
}

/// The name of a heading as the target of a link.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|&c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn links_have_targets() {
    let mut checked = 0;
    let mut broken = Vec::new();
    for (path, text) in pages() {
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("http://") || link.starts_with("https://") {
                continue;
            }
            checked += 1;
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let leads = if heading.is_empty() {
                target.exists()
            } else {
                fs::read_to_string(&target).is_ok_and(|page| {
                    page.lines().any(|line| {
                        line.starts_with('#') && anchor(line.trim_start_matches('#').trim()) == heading
                    })
                })
            };
            if !leads {
                broken.push(format!("{link} in {}", path.display()));
            }
        }
    }
    assert!(checked > 15, "only {checked} links were found");
    assert_none("broken links", &broken);
}

/// The tests that say which behavior of libzmq they check, as number and name.
fn conforming_tests() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for path in test_files() {
        let file = module(&path);
        let mut numbers = Vec::new();
        for line in read(&path).lines().map(str::trim) {
            if let Some(list) = line.strip_prefix("/// Conformance: ") {
                numbers.extend(list.trim_end_matches('.').split(", ").map(str::to_owned));
            } else if let Some(rest) = line.strip_prefix("fn ") {
                let name = words(rest).next().unwrap();
                found.extend(numbers.drain(..).map(|number| (number, format!("{file}::{name}"))));
            }
        }
    }
    found
}

#[test]
fn every_behaviour_has_its_tests_or_a_reason() {
    let page = read("docs/conformance.md");
    let mut listed = BTreeSet::new();
    for row in page.lines().filter(|line| line.starts_with("| ") && line.contains('-')) {
        let cells: Vec<&str> = row.trim_matches(['|', ' ']).split(" | ").collect();
        let [number, _, tests] = cells[..] else { panic!("the row does not have three cells: {row}") };
        assert!(!tests.trim().is_empty(), "{number} has neither a test nor a reason");
        let names = tests.split('`').skip(1).step_by(2).filter(|name| name.contains("::"));
        listed.extend(names.map(|name| (number.to_owned(), name.to_owned())));
    }
    assert!(listed.len() > 150, "only {} tests are listed", listed.len());
    let tests = conforming_tests();
    let show = |pairs: BTreeSet<&(String, String)>| -> Vec<String> {
        pairs.into_iter().map(|(number, test)| format!("{number}: {test}")).collect()
    };
    assert_none("tests that docs/conformance.md lacks", &show(tests.difference(&listed).collect()));
    assert_none(
        "tests in docs/conformance.md that do not say so",
        &show(listed.difference(&tests).collect()),
    );
}
