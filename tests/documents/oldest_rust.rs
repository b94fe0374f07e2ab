//! The code uses no syntax that the oldest Rust does not know. `.ci/oldest-rust` compiles the code with it.

use super::{files, root};

/// Rust 1.85 accepts no `let` next to other conditions.
#[test]
fn no_condition_consists_of_let_and_others() {
    let among_others = concat!("&& ", "let ");
    let mut found = Vec::new();
    for folder in ["src", "tests", "examples", "benches", "zmq-sys", "vendor", "sodium"] {
        for path in files(folder, "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let mut lines = text.lines().map(str::trim_start).enumerate().peekable();
            while let Some((number, line)) = lines.next() {
                let begins =
                    ["if let ", "while let ", "} else if let "].iter().any(|start| line.starts_with(start));
                let goes_on = lines.peek().is_some_and(|(_, next)| next.starts_with("&&"));
                if !line.starts_with("//") && line.contains(among_others)
                    || begins && !line.ends_with('{') && goes_on
                {
                    let path = path.strip_prefix(root()).unwrap_or(&path);
                    found.push(format!("{}:{}: {line}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "nest the conditions instead: {found:#?}");
}
