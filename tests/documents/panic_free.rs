//! The library contains no call that panics on purpose, and has unsafe code only where it is allowed. The tests scan the
//! sources.

use std::fs;
use std::path::{Path, PathBuf};

/// Code that panics, as it is written.
const PANICS: &[&str] = &[
    ".unwrap()",
    ".unwrap_err()",
    ".expect(",
    ".expect_err(",
    "panic!",
    "unreachable!",
    "todo!",
    "unimplemented!",
    "assert!",
    "assert_eq!",
    "assert_ne!",
];

/// The lines of a source that run in the library: without comments, literals, tests (including tests in the table of
/// options) and compile-time assertions.
fn library_lines(source: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let code = without_comments_and_literals(source);
    let mut skipping = false;
    let mut depth = 0_usize;
    for (index, line) in code.lines().enumerate() {
        let text = line.trim();
        let begins = ["#[cfg(test)]", "const _: () =", "const {", "test |"];
        if !skipping && begins.iter().any(|begin| text.starts_with(begin)) {
            (skipping, depth) = (true, 0);
        }
        if !skipping {
            lines.push((index + 1, line.to_owned()));
            continue;
        }
        // The item ends with its closing brace, or with a semicolon if it has no brace.
        for character in line.chars() {
            match character {
                '{' | '(' | '[' => depth += 1,
                '}' | ')' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            let ends = depth == 0 && matches!(character, '}' | ';');
            if ends {
                skipping = false;
            }
        }
    }
    lines
}

/// The source with comments, strings and characters replaced by blanks. Lines keep their numbers.
fn without_comments_and_literals(source: &str) -> String {
    let mut code = String::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(raw) = raw_string(rest) {
            raw
        } else if first == '"' {
            string(rest)
        } else if first == '\'' {
            character(rest)
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        code.extend(rest[..length].chars().filter(|&character| character == '\n'));
        code.push(' ');
        rest = &rest[length..];
    }
    code
}

/// The length of a literal such as `"text"`.
fn string(text: &str) -> usize {
    let mut escaped = false;
    let end = text[1..].find(|character| {
        let ends = character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

/// The length of a literal such as `r#"text"#`.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text.strip_prefix('r')?.chars().take_while(|&character| character == '#').count();
    text[1 + hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let body = 2 + hashes;
    Some(text[body..].find(&end).map_or(text.len(), |at| body + at + end.len()))
}

/// The length of a literal such as `'{'`. Of a lifetime, only the quote.
fn character(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => text[3..].find('\'').map_or(1, |end| end + 4),
        _ => match characters.next() {
            Some((end, '\'')) => end + 1,
            _ => 1,
        },
    }
}

/// All Rust sources below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The sources of the library and, in a checkout, of the packages that it depends on.
fn library() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found: Vec<_> = ["src", "zmq-sys/src", "vendor/src"]
        .iter()
        .map(|folder| root.join(folder))
        .filter(|folder| folder.is_dir())
        .flat_map(|folder| sources(&folder))
        // Files with unit tests only.
        .filter(|path| !path.ends_with("tests.rs") && !path.iter().any(|folder| folder == "tests"))
        .collect();
    assert!(found.len() > 20, "the scan found no sources");
    found
}

/// The places where library code has one of `words`.
fn occurrences(source: &str, words: &[&str]) -> Vec<String> {
    let lines = library_lines(source);
    let hits = lines.iter().flat_map(|(number, line)| {
        let words = words.iter().filter(move |word| has_word(line, word));
        words.map(move |word| format!("line {number}: {word}"))
    });
    hits.collect()
}

/// Whether `word` occurs there as a whole word.
fn has_word(line: &str, word: &str) -> bool {
    let part_of_word = |character: char| character.is_alphanumeric() || character == '_';
    let begins_word = word.starts_with(part_of_word);
    let ends_word = word.ends_with(part_of_word);
    line.match_indices(word).any(|(at, _)| {
        let before = begins_word && line[..at].ends_with(part_of_word);
        let behind = ends_word && line[at + word.len()..].starts_with(part_of_word);
        !before && !behind
    })
}

#[test]
fn the_library_never_panics_on_purpose() {
    let mut found = Vec::new();
    for path in library() {
        let source = fs::read_to_string(&path).unwrap();
        found
            .extend(occurrences(&source, PANICS).into_iter().map(|hit| format!("{}, {hit}", path.display())));
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// The rooms that may have unsafe code: the calls of the system and of libzmq, and the code that takes handles of C
/// code.
const UNSAFE_ROOMS: &[&str] = &["src/sys", "src/raw", "src/interop.rs"];

#[test]
fn unsafe_code_is_only_in_its_rooms() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut places = 0;
    for path in library() {
        let source = fs::read_to_string(&path).unwrap();
        let found = occurrences(&source, &["unsafe"]);
        if path.starts_with(root.join("zmq-sys"))
            || UNSAFE_ROOMS.iter().any(|room| path.starts_with(root.join(room)))
        {
            places += found.len();
        } else {
            // What threads may share, although the compiler cannot see that it is sound.
            let shared = [
                "unsafe impl<K: crate::kind::ThreadSafe> Sync for Socket<K>",
                "unsafe impl<T> Sync for Exclusive<T>",
            ];
            let allowed = occurrences(&source, &shared).len();
            assert_eq!(found.len(), allowed, "{}: {found:?}", path.display());
        }
    }
    // There is some unsafe code, so the scan sees it.
    assert!(places > 50, "only {places} places");
}

#[test]
fn every_unsafe_block_says_why_it_is_sound() {
    for path in library() {
        let source = fs::read_to_string(&path).unwrap();
        let blocks = occurrences(&source, &["unsafe {", "unsafe impl"]).len();
        let reasons = source.matches("// SAFETY:").count();
        assert!(reasons >= blocks, "{}: {blocks} blocks, {reasons} reasons", path.display());
    }
}

/// The scan is useful only if it finds what it looks for.
#[test]
fn the_scan_finds_what_it_looks_for() {
    for word in PANICS {
        let source = format!("fn f() {{\n    let a = '\"'; g(){word}; // a comment\n}}\n");
        let source = source.replace("g()panic", "panic").replace("g()assert", "assert");
        assert!(!occurrences(&source, &[word]).is_empty(), "{word} in {source}");
    }
    assert_eq!(occurrences("unsafe fn f() {}", &["unsafe"]), ["line 1: unsafe"]);
    assert_eq!(occurrences("fn f<'a>(x: &'a str) {\n x.unwrap() }", PANICS), ["line 2: .unwrap()"]);
    let behind_tests =
        "#[cfg(test)]\nmod tests {\n    fn f() { '}'; x.unwrap(); }\n}\nfn g() { y.expect(\"\") }";
    assert_eq!(occurrences(behind_tests, PANICS), ["line 5: .expect("]);
    let behind_use = "#[cfg(test)]\nuse {a, b};\nfn g() { panic!() }";
    assert_eq!(occurrences(behind_use, PANICS), ["line 3: panic!"]);
}

#[test]
fn the_scan_finds_nothing_else() {
    for source in [
        "/// `.unwrap()`\nfn f() {} // panic!()",
        "/* todo!() */ fn f() {}",
        "fn f() { \"a \\\" panic!\"; r#\"unsafe \" {\"#; }",
        "#[cfg(test)]\nmod tests {\n    fn f() { assert!(x.unwrap()); }\n}\n",
        "const _: () = {\n    assert!(size_of::<u8>() == 1);\n};\n",
        "const _: () = assert!(true);",
        "fn f() { debug_asserts(); is_unsafe(); x.unwrap_or(1); x.expect_some(); }",
    ] {
        assert!(occurrences(source, PANICS).is_empty(), "{source}");
        assert!(occurrences(source, &["unsafe"]).is_empty(), "{source}");
    }
}
