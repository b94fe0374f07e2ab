//! A room of `src/` imports only from rooms below it.

use std::fs;
use std::path::{Path, PathBuf};

/// From bottom to top. A room may use the rooms before it in this list.
const ROOMS: &[&str] = &[
    "bits",
    "events",
    "panics",
    "readiness",
    "timeout",
    "sys",
    "raw",
    "version",
    // Errors return messages, and operations on messages can fail: the only circle.
    "error",
    "message",
    "kind",
    "endpoint",
    "context",
    "waits",
    "wait",
    "socket",
    "option",
    "monitor",
    "poll",
    "requester",
    "aio",
    "smol",
    "tokio",
    "timers",
    "z85",
    "security",
    "proxy",
    "interop",
    "foreign",
];

/// Rooms that may nevertheless use a room after them.
const CIRCLES: &[(&str, &str)] = &[("error", "message")];

/// The guards against a libzmq other than the bundled one. Every room may call them.
const FOR_ALL: &str = "foreign";

/// All `crate::…` paths in the code of a file, without its tests.
fn imports(source: &str) -> Vec<String> {
    let code = source.split("\n#[cfg(test)]\n").next().unwrap();
    let code: String = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    // A link in the documentation is not an import.
    code.replace("](crate::", "")
        .split("crate::")
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '{').collect())
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn no_room_imports_from_a_room_above_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let place = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut seen = 0;
    let mut wrong = Vec::new();
    for path in files(&src) {
        let inner = path.strip_prefix(&src).unwrap();
        if inner == Path::new("lib.rs") {
            continue;
        }
        let room = inner.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
        let own = place(room).unwrap_or_else(|| panic!("{} is in no room of the list", inner.display()));
        for import in imports(&fs::read_to_string(&path).unwrap()) {
            seen += 1;
            let is_circle = import == FOR_ALL || CIRCLES.contains(&(room, &*import));
            if import != room && !is_circle && place(&import).is_none_or(|other| other > own) {
                wrong.push(format!("{} uses crate::{import}", inner.display()));
            }
        }
    }
    assert!(seen > 300, "only {seen} imports were found");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_page_lists_the_rooms_in_their_order() {
    let page = super::read("docs/architecture.md");
    let cells =
        page.lines().filter(|line| line.starts_with("| `src/")).filter_map(|row| row.split('|').nth(1));
    let paths: Vec<String> = cells.flat_map(super::code_spans).collect();
    let room = |path: &String| {
        path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches('/').to_owned()
    };
    assert_eq!(paths.iter().map(room).collect::<Vec<_>>(), ROOMS);
}

#[test]
fn the_scan_sees_imports_and_nothing_else() {
    let source = "//! crate::a\nuse crate::b::C;\nuse crate::{d, e};\nfn f() { crate::g::h() } #[doc = \"[`X`](crate::X)\"]\n#[cfg(test)]\nmod tests { use crate::i; }";
    assert_eq!(imports(source), ["b", "{d", "g"]);
}
