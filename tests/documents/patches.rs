//! The headers of the patches of libzmq are complete, and the pages repeat them.

use std::collections::BTreeSet;
use std::fs;

use super::{assert_none, read, root, test_exists};

const FOLDER: &str = "vendor/patches";
const README: &str = "vendor/README.md";

/// The first line of the table in the README.
const HEAD: &str =
    "| entry | who can trigger it | what happens | how it is closed | test |\n|---|---|---|---|---|\n";

/// The part of a patch above the changes.
struct Header {
    name: String,
    subject: String,
    who: String,
    what: String,
    how: String,
    entries: Vec<String>,
    test: String,
    upstream: String,
}

impl Header {
    fn read(name: &str) -> Self {
        let text = read(format!("{FOLDER}/{name}"));
        let (header, _) = text.split_once("\n--- a/").unwrap_or_else(|| panic!("{name} changes nothing"));
        let field = |label: &str| {
            let start = format!("{label}:");
            let mut lines = header.lines().skip_while(|line| !line.starts_with(&start));
            let first = lines.next().and_then(|line| line.strip_prefix(&start));
            let first = first.unwrap_or_else(|| panic!("{name} has no line `{start} …`")).trim();
            let is_more = |line: &&str| match label {
                // A paragraph.
                "Who" | "What" | "How" => !line.is_empty(),
                _ => line.starts_with(' '),
            };
            let more = lines.take_while(is_more).map(str::trim);
            std::iter::once(first).chain(more).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
        };
        Self {
            name: name.to_owned(),
            subject: field("Subject"),
            who: field("Who"),
            what: field("What"),
            how: field("How"),
            entries: field("Fixes").split(", ").map(str::to_owned).collect(),
            test: field("Test"),
            upstream: field("Upstream"),
        }
    }

    /// The tests that fail without the patch, and a note about them.
    fn tests(&self) -> (Vec<&str>, Option<&str>) {
        if self.test.starts_with("none: ") {
            return (Vec::new(), Some(&self.test));
        }
        match self.test.split_once(" (") {
            Some((tests, note)) => (tests.split(", ").collect(), Some(note.trim_end_matches(')'))),
            None => (self.test.split(", ").collect(), None),
        }
    }

    /// The row of the patch in the table.
    fn row(&self) -> String {
        let (tests, note) = self.tests();
        let tests: Vec<String> = tests.iter().map(|test| format!("`{test}`")).collect();
        let tests = match (tests.join(", "), note) {
            (tests, None) => tests,
            (tests, Some(note)) if tests.is_empty() => note.to_owned(),
            (tests, Some(note)) => format!("{tests} ({note})"),
        };
        let Self { who, what, how, .. } = self;
        format!("| {} | {who} | {what} | {how} | {tests} |\n", self.entries.join(", "))
    }
}

/// The headers of all patches, in order.
fn headers() -> Vec<Header> {
    let headers: Vec<Header> = read(format!("{FOLDER}/series")).lines().map(Header::read).collect();
    assert!(headers.len() > 100, "only {} patches", headers.len());
    headers
}

/// The file name that `git format-patch` makes of a subject.
fn slug(subject: &str) -> String {
    let is_kept = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
    let words: Vec<&str> = subject.split(|c| !is_kept(c)).filter(|word| !word.is_empty()).collect();
    words.join("-").trim_end_matches('.').to_owned()
}

#[test]
fn every_patch_has_a_complete_header() {
    for (number, header) in (1..).zip(headers()) {
        let Header { name, subject, who, what, how, entries, test, upstream } = &header;
        assert_eq!(*name, format!("{number:04}-{}.patch", slug(subject)), "run `vendor/refresh.sh`");
        assert!(subject.len() <= 72, "{name}: the subject is too long");
        let of_its_entry = entries.iter().any(|entry| {
            subject.strip_prefix(entry.as_str()).is_some_and(|rest| rest.starts_with([':', ',']))
        });
        assert!(of_its_entry, "{name}: the subject should begin with the entry, as in `A1: …`");
        for text in [who, what, how] {
            assert!(text.ends_with('.'), "{name}: the text is not a sentence: {text}");
        }
        for text in [who, what, how, test] {
            assert!(!text.contains('|'), "{name}: a table cannot contain this text: {text}");
        }
        let (tests, note) = header.tests();
        assert!(
            !tests.is_empty() || note.is_some_and(|reason| reason.len() > "none: ".len()),
            "{name}: the header names no test"
        );
        for test in tests {
            let exists = test.split_once("::").is_some_and(|(file, test)| test_exists(file, test));
            assert!(exists, "{name}: there is no test {test}");
        }
        let known = upstream == "not sent"
            || upstream.starts_with("sent, https://")
            || upstream.starts_with("merged as ");
        assert!(
            known,
            "{name}: `Upstream:` is `not sent`, `sent, https://…` or `merged as …`, not {upstream}"
        );
    }
}

#[test]
fn the_table_of_patches_agrees_with_the_headers() {
    let page = read(README);
    let (before, rest) = page.split_once(HEAD).unwrap_or_else(|| panic!("{README} has no table"));
    let table: Vec<&str> = rest.split_inclusive('\n').take_while(|line| line.starts_with('|')).collect();
    let after = rest.strip_prefix(&table.concat()).unwrap();
    let rows: Vec<String> = headers().iter().map(Header::row).collect();
    if std::env::var_os("ZMQ_WRITE_TABLES").is_some() {
        fs::write(root().join(README), [before, HEAD, &rows.concat(), after].concat()).unwrap();
        return;
    }
    for (row, expected) in table.iter().zip(&rows) {
        assert_eq!(
            row, expected,
            "{README} has a different row. Run this test with ZMQ_WRITE_TABLES=1 to write it"
        );
    }
    assert_eq!(table.len(), rows.len(), "{README} has too few or too many rows");
}

#[test]
fn every_fixed_defect_has_a_patch() {
    let headers = headers();
    let entries: BTreeSet<&str> =
        headers.iter().flat_map(|header| &header.entries).map(String::as_str).collect();
    let page = read("docs/security.md");
    let mut checked = 0;
    let mut missing = Vec::new();
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.trim_matches(['|', ' ']).split(" | ").collect();
        let [of, _, bundled, ..] = cells[..] else { continue };
        // The table about GSSAPI has sentences instead of entries.
        if of.is_empty() || of.split(", ").any(|entry| entry.contains(' ')) {
            continue;
        }
        if bundled.split([';', ':', ' ']).any(|word| word == "fixed") {
            checked += 1;
            if !of.split(", ").any(|entry| entries.contains(entry)) {
                missing.push(of.to_owned());
            }
        }
    }
    assert!(checked > 60, "only {checked} rows were found");
    assert_none("fixed, says docs/security.md, but by no patch", &missing);
}
