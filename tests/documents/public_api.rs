//! `docs/public-api.txt` lists every public item, so that reviewers see each change of the API.

#![cfg(all(
    target_os = "linux",
    feature = "bytes",
    feature = "curve",
    feature = "draft",
    feature = "futures",
    feature = "smol",
    feature = "tokio",
    not(feature = "system")
))]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::rustdoc::{between, items, page};
use super::{read, root};

const LISTING: &str = "docs/public-api.txt";

/// A signature as text, on one line, even if rustdoc wraps it.
fn one_line(html: &str) -> String {
    // An attribute is a block.
    let html = html.replace("</div>", " ");
    let mut text = String::new();
    for piece in html.split('<') {
        let (tag, piece) = piece.split_once('>').unwrap_or(("", piece));
        // Leaves out the link to notable traits, and the title of a folded list.
        if !tag.starts_with("a href=\"#\" class=\"tooltip\"") && tag != "span" {
            text.push_str(piece);
        }
    }
    for (entity, character) in
        [("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&quot;", "\""), ("&nbsp;", " "), ("&amp;", "&")]
    {
        text = text.replace(entity, character);
    }
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (wrapped, unwrapped) in [("( ", "("), (", )", ")"), ("< ", "<"), (", >", ">"), (", }", " }")] {
        line = line.replace(wrapped, unwrapped);
    }
    line.trim_end_matches(',').to_owned()
}

/// The `impl` headers of a page, each with the signatures below it. Both are sorted, because their order is not part of the API.
fn impls(page: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut impls: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for part in page.split("<h2 id=\"").skip(1) {
        let (part_name, part) = part.split_once('"').unwrap();
        // These come from other crates, or are on the pages of the types as well.
        if ["deref-methods", "blanket-implementations", "implementors"]
            .iter()
            .any(|name| part_name.starts_with(name))
        {
            continue;
        }
        let mut header = String::new();
        for section in part.split("<section id=\"").skip(1) {
            let class = between(section, " class=\"", "\"").next().unwrap();
            let Some(signature) = between(section, "class=\"code-header\">", "</h").next() else { continue };
            let signature = one_line(signature);
            match class {
                "impl" if part_name == "synthetic-implementations" => {
                    if signature.split([' ', '!']).any(|word| ["Send", "Sync", "Unpin"].contains(&word)) {
                        impls.entry(signature).or_default();
                    }
                }
                "impl" if signature.contains("StructuralPartialEq") => {}
                "impl" => {
                    impls.entry(signature.clone()).or_default();
                    header = signature;
                }
                // Its signature is on the page of the trait.
                "method trait-impl" => {}
                _ => _ = impls.entry(header.clone()).or_default().insert(signature),
            }
        }
    }
    impls
}

/// The path of the item that a page describes.
fn path(page: &str) -> String {
    let page = page.trim_end_matches(".html");
    let (modules, item) = page.rsplit_once('/').unwrap_or(("", page));
    let name = item.split_once('.').map_or(item, |(_, name)| name);
    ["zmq"]
        .into_iter()
        .chain(modules.split('/'))
        .chain([name])
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("::")
}

fn listing() -> String {
    // An item may have several paths. They have the same text.
    let mut paths: BTreeMap<String, String> = BTreeMap::new();
    let mut lines = BTreeMap::new();
    for item in items() {
        let page = page(&item);
        let mut declarations = between(&page, "<pre class=\"rust item-decl\"><code>", "</code></pre>");
        // The list also contains the page of the crate.
        let Some(declaration) = declarations.next() else { continue };
        let mut text = one_line(declaration);
        for (header, signatures) in impls(&page) {
            // The part before the first `impl`, such as the variants, has no header.
            if !header.is_empty() {
                text.push_str(&format!("\n    {header}"));
            }
            text.extend(signatures.iter().map(|signature| format!("\n        {signature}")));
        }
        let path = path(&item);
        if let Some(first) = paths.get(&text) {
            text = format!("the same as {first}");
        } else {
            paths.insert(text.clone(), path.clone());
        }
        lines.insert(path, text);
    }
    lines.iter().map(|(path, text)| format!("{path}: {text}\n")).collect()
}

#[test]
fn the_public_api_is_listed() {
    let listing = listing();
    if std::env::var_os("ZMQ_WRITE_TABLES").is_some() {
        fs::write(root().join(LISTING), &listing).unwrap();
    }
    let listed = read(LISTING);
    let (now, before): (BTreeSet<&str>, BTreeSet<&str>) =
        (listing.lines().collect(), listed.lines().collect());
    let added: Vec<_> = now.difference(&before).map(|line| format!("+ {line}")).collect();
    let removed: Vec<_> = before.difference(&now).map(|line| format!("- {line}")).collect();
    assert!(
        listing == listed,
        "{LISTING} is out of date. Run this test with ZMQ_WRITE_TABLES=1 to write it:\n{}",
        [removed, added].concat().join("\n")
    );
}
