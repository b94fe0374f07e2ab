//! rustdoc's pages show the most important items first, and nothing internal.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::{assert_none, files, read, words};

/// The folder with the pages of the crate, built with the features of this test.
fn pages() -> &'static Path {
    static PAGES: OnceLock<PathBuf> = OnceLock::new();
    PAGES.get_or_init(|| {
        // In the target directory of this test, so that libzmq is not compiled again.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["doc", "--quiet", "--no-deps", "--package=zmq", "--target-dir"]).arg(target);
        if !cfg!(feature = "curve") {
            cargo.arg("--no-default-features");
        }
        for (feature, is_on) in [
            ("draft", cfg!(feature = "draft")),
            ("bytes", cfg!(feature = "bytes")),
            ("futures", cfg!(feature = "futures")),
            ("smol", cfg!(feature = "smol")),
            ("tokio", cfg!(feature = "tokio")),
            ("system", cfg!(feature = "system")),
        ] {
            if is_on {
                cargo.args(["--features", feature]);
            }
        }
        let output = cargo.current_dir(super::root()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        target.join("doc/zmq")
    })
}

pub(crate) fn page(name: &str) -> String {
    read(pages().join(name))
}

/// Each text between `start` and `end`.
pub(crate) fn between<'a>(text: &'a str, start: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(start).skip(1).filter_map(move |rest| rest.split_once(end).map(|(inner, _)| inner))
}

/// A page without its tags.
fn text(html: &str) -> String {
    html.split('<')
        .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The names of the pages of all public items.
pub(crate) fn items() -> Vec<String> {
    let all = page("all.html");
    let items: Vec<String> =
        between(&all, "<a href=\"", "\"").filter(|link| link.contains(".html")).map(str::to_owned).collect();
    assert!(items.len() > 80, "only {} items were found", items.len());
    items
}

/// The methods of a page, in order.
fn methods(name: &str) -> Vec<String> {
    let page = page(name);
    let page = page.split("id=\"trait-implementations\"").next().unwrap();
    between(page, "<section id=\"method.", "\"").map(str::to_owned).collect()
}

fn position(methods: &[String], name: &str) -> usize {
    methods.iter().position(|method| method == name).unwrap_or_else(|| panic!("no {name} in {methods:?}"))
}

#[test]
fn the_root_page_is_short() {
    let index = page("index.html");
    let items = between(&index, "<dt", "</dt>").count();
    let most = {
        let (smol, tokio) = (cfg!(feature = "smol"), cfg!(feature = "tokio"));
        62 + usize::from(smol || tokio) + usize::from(smol) + usize::from(tokio)
    };
    assert!((30..=most).contains(&items), "the root page shows {items} items");
}

#[test]
fn the_page_of_socket_begins_with_bind_and_connect() {
    let methods = methods("struct.Socket.html");
    for first in ["bind", "connect"] {
        assert!(position(&methods, first) < 8, "{first} is not among the first methods: {methods:?}");
    }
    let order = ["disconnect", "send", "poll", "linger"].map(|method| position(&methods, method));
    assert!(order.is_sorted(), "bind, send, poll and options are in another order: {methods:?}");
    assert!(position(&methods, "recv") < position(&methods, "poll"), "{methods:?}");
}

#[test]
fn the_options_of_a_context_come_last() {
    let methods = methods("struct.Context.html");
    for first in ["new", "socket", "shutdown"] {
        assert!(position(&methods, first) < position(&methods, "io_threads"), "{methods:?}");
    }
}

#[test]
fn the_page_of_message_begins_with_its_constructors() {
    let methods = methods("struct.Message.html");
    assert!(position(&methods, "new") == 0, "{methods:?}");
    assert!(position(&methods, "len") < position(&methods, "property"), "{methods:?}");
}

/// The types that are not public, according to the source.
fn private_types() -> BTreeSet<String> {
    let (mut private, mut public) = (BTreeSet::new(), BTreeSet::new());
    for path in files("src", "rs") {
        for line in read(path).lines() {
            let line = line.trim_start();
            for keyword in ["struct ", "enum "] {
                let Some((before, rest)) = line.split_once(keyword) else { continue };
                let Some(name) = words(rest).next() else { continue };
                match before {
                    "pub " => public.insert(name.to_owned()),
                    "" | "pub(crate) " | "pub(super) " => private.insert(name.to_owned()),
                    _ => false,
                };
            }
        }
    }
    // These names also belong to public items: types of `bytes`, `futures` and `std`, variants, and a type that a macro makes.
    let others = ["Bytes", "Curve", "Iter", "Owned", "Peer", "Target", "Text", "Then"];
    private.retain(|name| !public.contains(name) && !others.contains(&name.as_str()));
    private
}

#[test]
fn no_page_names_a_private_type() {
    let private = private_types();
    assert!(private.contains("Inner") && private.contains("Core"), "{private:?}");
    let mut named = Vec::new();
    let mut headers = 0;
    for item in items() {
        for header in between(&page(&item), "class=\"code-header\">", "</h") {
            headers += 1;
            let header = text(header);
            named.extend(
                words(&header).filter(|word| private.contains(*word)).map(|word| format!("{word} ({item})")),
            );
        }
    }
    assert!(headers > 1000, "only {headers} signatures were found");
    assert_none("private types in signatures", &named);
}

#[test]
fn no_page_names_a_fact_by_its_number() {
    let facts = read("docs/libzmq-facts.md");
    let numbers: BTreeSet<&str> = facts
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
        .filter(|number| number.starts_with(char::is_alphabetic))
        .collect();
    assert!(numbers.contains("M17") && numbers.contains("A82"), "{numbers:?}");
    let mut named = Vec::new();
    let mut shown = items();
    let modules = fs::read_dir(self::pages()).unwrap().map(|entry| entry.unwrap().path());
    shown.extend(
        modules
            .filter(|path| path.join("index.html").is_file())
            .map(|path| format!("{}/index.html", path.file_name().unwrap().to_string_lossy())),
    );
    shown.push("index.html".to_owned());
    for item in shown {
        let text = text(&page(&item));
        named.extend(
            words(&text).filter(|word| numbers.contains(word)).map(|word| format!("{word} ({item})")),
        );
    }
    assert_none("numbers of facts on public pages", &named);
}
