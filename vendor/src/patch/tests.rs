use super::parse;

const TEXT: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";

const PATCH: &str = "Subject: A1: say it otherwise

Who: a test

--- a/src/file.cpp
+++ b/src/file.cpp
@@ -1,3 +1,4 @@
 one
-two
+TWO
+and a half
 three
@@ -5,3 +6,2 @@ five ()
 five
-six
 seven
";

/// Applies the patch, and returns the changed file or the error.
fn apply(patch: &str, text: &str) -> Result<String, String> {
    let changes = parse(patch)?;
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].file, "src/file.cpp");
    changes[0].apply(text)
}

#[track_caller]
fn refused(patch: &str, text: &str, reason: &str) {
    let error = apply(patch, text).unwrap_err();
    assert!(error.contains(reason), "{error}");
}

/// A patch of one hunk.
fn one_hunk(hunk: &str) -> String {
    format!("--- a/src/file.cpp\n+++ b/src/file.cpp\n{hunk}")
}

#[test]
fn applies_where_it_says() {
    assert_eq!(apply(PATCH, TEXT).unwrap(), "one\nTWO\nand a half\nthree\nfour\nfive\nseven\n");
}

#[test]
fn applies_where_it_says_even_if_the_lines_are_elsewhere_too() {
    let patch = one_hunk("@@ -3,2 +3,3 @@\n a\n+new\n b\n");
    assert_eq!(apply(&patch, "a\nb\na\nb\na\nb\n").unwrap(), "a\nb\na\nnew\nb\na\nb\n");
}

#[test]
fn applies_to_the_only_other_place() {
    let text = format!("zero\n{TEXT}");
    assert_eq!(apply(PATCH, &text).unwrap(), "zero\none\nTWO\nand a half\nthree\nfour\nfive\nseven\n");
    let text = TEXT.replace("three\n", "three\nmore\nand more\n");
    assert_eq!(
        apply(PATCH, &text).unwrap(),
        "one\nTWO\nand a half\nthree\nmore\nand more\nfour\nfive\nseven\n"
    );
}

#[test]
fn a_hunk_moves_as_far_as_the_one_before_it() {
    let patch = one_hunk("@@ -1,2 +1,2 @@\n one\n-two\n+TWO\n@@ -4,2 +4,3 @@\n a\n+new\n b\n");
    // The hunks are two lines further down. There are three places for the second hunk.
    let text = "x\nx\none\ntwo\nthree\na\nb\na\nb\na\nb\n";
    assert_eq!(apply(&patch, text).unwrap(), "x\nx\none\nTWO\nthree\na\nnew\nb\na\nb\na\nb\n");
    // The hunks are two lines further up.
    let patch = one_hunk("@@ -3,2 +3,2 @@\n one\n-two\n+TWO\n@@ -8,2 +8,3 @@\n a\n+new\n b\n");
    assert_eq!(apply(&patch, "one\ntwo\nthree\na\nb\na\nb\n").unwrap(), "one\nTWO\nthree\na\nb\na\nnew\nb\n");
}

#[test]
fn a_place_before_the_last_hunk_is_none() {
    let patch = one_hunk("@@ -3,2 +3,2 @@\n three\n-four\n+FOUR\n@@ -6,2 +6,2 @@\n one\n-two\n+TWO\n");
    refused(&patch, TEXT, "expected at line 6, are not there");
}

#[test]
fn other_lines_are_refused() {
    refused(PATCH, &TEXT.replace("two", "2"), "expected at line 1, are not there:\none\ntwo\nthree\n");
    // Only the line of context differs.
    refused(PATCH, &TEXT.replace("seven", "Seven"), "expected at line 5, are not there:\nfive\nsix\nseven\n");
    refused(PATCH, &TEXT.replace("one\n", "one \n"), "are not there");
    refused(PATCH, "", "are not there");
    refused(PATCH, "one\ntwo\nthree\n", "expected at line 5");
}

#[test]
fn the_last_line_has_to_have_an_end() {
    refused(PATCH, TEXT.trim_end(), "are not there");
    let patch = one_hunk("@@ -7 +7 @@\n-seven\n+SEVEN\n\\ No newline at end of file\n");
    refused(&patch, TEXT, "whose last line has no line end");
}

#[test]
fn two_places_are_refused() {
    let patch = one_hunk("@@ -2,2 +2,3 @@\n a\n+new\n b\n");
    refused(&patch, "a\nb\nc\na\nb\n", "expected at line 2, are at 1 and 4 instead");
}

#[test]
fn what_is_changed_already_is_refused() {
    let changed = apply(PATCH, TEXT).unwrap();
    refused(PATCH, &changed, "seems to contain the change already");
}

#[test]
fn windows_line_ends_are_refused() {
    refused(PATCH, &TEXT.replace('\n', "\r\n"), "Windows line ends");
}

#[test]
fn one_line_of_a_range_needs_no_count() {
    let patch = one_hunk("@@ -2 +2 @@\n-two\n+TWO\n");
    assert_eq!(apply(&patch, "one\ntwo\n").unwrap(), "one\nTWO\n");
}

#[test]
fn several_files() {
    let text = format!(
        "{}--- a/src/other.hpp\n+++ b/src/other.hpp\n@@ -1 +1,2 @@\n one\n+new\n",
        one_hunk("@@ -1 +1 @@\n-one\n+ONE\n")
    );
    let changes = parse(&text).unwrap();
    assert_eq!(
        changes.iter().map(|change| change.file).collect::<Vec<_>>(),
        ["src/file.cpp", "src/other.hpp"]
    );
    assert_eq!(changes[1].apply("one\ntwo\n").unwrap(), "one\nnew\ntwo\n");
}

#[test]
fn lines_that_look_like_a_patch_are_text_within_a_hunk() {
    let patch = one_hunk("@@ -1,2 +1,2 @@\n @@ one\n--- a/two\n+++ b/two\n");
    assert_eq!(apply(&patch, "@@ one\n-- a/two\n").unwrap(), "@@ one\n++ b/two\n");
}

#[test]
fn a_patch_that_lost_its_end_is_refused() {
    let whole = one_hunk("@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n");
    assert!(parse(&whole).is_ok());
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    for kept in 0..lines.len() {
        let cut = lines[..kept].concat();
        assert!(parse(&cut).is_err(), "{cut}");
    }
    refused(&lines[..5].concat(), TEXT, "line 3: the patch ends before this hunk does");
    // A patch that is cut within its last line contains a different line.
    refused(whole.strip_suffix("ee\n").unwrap(), TEXT, "are not there");
}

#[test]
fn what_is_no_patch_is_refused() {
    refused("", TEXT, "it changes nothing");
    refused("Subject: nothing\n", TEXT, "it changes nothing");
    refused(&one_hunk(""), TEXT, "it changes nothing");
    refused("@@ -1 +1 @@\n-one\n+ONE\n", TEXT, "line 1: a hunk without a file");
    refused("--- a/src/file.cpp\n", TEXT, "line 1: no line `+++ b/src/file.cpp` follows");
    refused("--- a/src/file.cpp\n+++ b/src/another.cpp\n", TEXT, "no line `+++ b/src/file.cpp` follows");
    refused(
        "--- a/src/file.cpp\n+++ /dev/null\n@@ -1 +0,0 @@\n-one\n",
        TEXT,
        "no line `+++ b/src/file.cpp` follows",
    );
    refused(&one_hunk("@@ -x +1 @@\n-one\n+ONE\n"), TEXT, "line 3: not the beginning of a hunk");
    refused(&one_hunk("@@\n"), TEXT, "line 3: not the beginning of a hunk");
    refused(&one_hunk("@@ -1,2 +1,2 @@\n one\nelse\n"), TEXT, "line 5: not a line of a hunk");
    refused(&one_hunk("@@ -1 +1,2 @@\n one\n two\n"), TEXT, "does not have as many lines");
    refused(&one_hunk("@@ -1 +1 @@\n-one\n-two\n+ONE\n"), TEXT, "does not have as many lines");
    refused(&one_hunk("@@ -0,0 +1 @@\n+zero\n"), TEXT, "a hunk without an old line");
    refused(
        &one_hunk("@@ -1 +1 @@\n-one\n+ONE\n+more\n"),
        TEXT,
        "line 6: text after the last line of a hunk",
    );
    refused(&one_hunk("@@ -1 +1 @@\n-one\n+ONE\ndiff --git a/x b/x\n"), TEXT, "text after the last line");
}

#[test]
fn numbers_of_any_size_are_no_trouble() {
    let huge = usize::MAX;
    refused(&one_hunk(&format!("@@ -{huge} +1 @@\n-none\n+ONE\n")), TEXT, "are not there");
    refused(&one_hunk(&format!("@@ -1,{huge} +1,{huge} @@\n one\n")), TEXT, "ends before this hunk does");
    refused(&one_hunk(&format!("@@ -1,{huge}0 +1 @@\n one\n")), TEXT, "not the beginning of a hunk");
    // The first hunk is far from the line that it states, and the second one is even farther.
    let patch = one_hunk(&format!("@@ -{huge} +1 @@\n-one\n+ONE\n@@ -{huge} +1 @@\n-two\n+TWO\n"));
    assert_eq!(apply(&patch, "one\ntwo\n").unwrap(), "ONE\nTWO\n");
    refused(&one_hunk("@@ -0 +0 @@\n-none\n+ONE\n"), TEXT, "are not there");
}
