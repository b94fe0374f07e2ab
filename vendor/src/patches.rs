//! Applies our patches of libzmq 4.3.5, which are in the folder `patches`, in the order of its file `series`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Error, patch, source};

/// The folder of the patches. The package contains it.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("patches")
}

/// Applies all patches to a copy of the source.
pub(crate) fn apply(tree: &Path) -> Result<(), Error> {
    let folder = folder();
    println!("cargo::rerun-if-changed={}", folder.display());
    for name in series(&read(&folder.join("series"))?) {
        apply_one(name, &read(&folder.join(name))?, tree)?;
    }
    Ok(())
}

/// The names of the patches in a series, in order.
fn series(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// Reads a file of the folder. A checkout may have given the file Windows line ends.
fn read(path: &Path) -> Result<String, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text.replace("\r\n", "\n")),
        Err(error) => Err(Error::new(format!("cannot read {}: {error}", path.display()))),
    }
}

fn apply_one(name: &str, text: &str, tree: &Path) -> Result<(), Error> {
    let changes = patch::parse(text).map_err(|reason| Error::new(format!("the patch {name}: {reason}")))?;
    for change in changes {
        let failed = |reason: String| {
            Error::new(format!(
                "the patch {name} does not fit {}: {reason}The file is not the one of libzmq 4.3.5 with the previous patches.",
                change.file
            ))
        };
        let path = tree.join(change.file);
        let text = fs::read_to_string(&path).map_err(|error| failed(format!("{error}\n")))?;
        source::write(&path, &change.apply(&text).map_err(failed)?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{apply_one, folder, read, series};
    use crate::patch;

    const PATCH: &str = "--- a/src/file.cpp\n+++ b/src/file.cpp\n@@ -1 +1 @@\n-one\n+ONE\n";

    /// Makes a separate source for each test.
    fn tree(name: &str) -> PathBuf {
        let tree = std::env::temp_dir().join(format!("zmq-src-{}-{name}", std::process::id()));
        fs::create_dir_all(tree.join("src")).unwrap();
        tree
    }

    #[test]
    fn every_patch_is_in_the_series_and_can_be_read() {
        let text = read(&folder().join("series")).unwrap();
        let listed: Vec<&str> = series(&text).collect();
        assert!(listed.len() > 100, "only {} patches", listed.len());
        for name in &listed {
            patch::parse(&read(&folder().join(name)).unwrap())
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let mut files: Vec<String> = fs::read_dir(folder())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".patch"))
            .collect();
        files.sort();
        assert_eq!(listed, files);
    }

    #[test]
    fn a_patch_changes_its_file() {
        let tree = tree("changed");
        fs::write(tree.join("src/file.cpp"), "one\ntwo\n").unwrap();
        apply_one("0001.patch", PATCH, &tree).unwrap();
        assert_eq!(fs::read_to_string(tree.join("src/file.cpp")).unwrap(), "ONE\ntwo\n");
        // A patch applies only once.
        let error = apply_one("0001.patch", PATCH, &tree).unwrap_err().to_string();
        assert!(error.contains("the change already"), "{error}");
        fs::remove_dir_all(tree).unwrap();
    }

    #[test]
    fn an_error_names_the_patch_and_the_file_and_what_was_expected() {
        let tree = tree("refused");
        fs::write(tree.join("src/file.cpp"), "two\n").unwrap();
        assert_eq!(
            apply_one("0001.patch", PATCH, &tree).unwrap_err().to_string(),
            "the patch 0001.patch does not fit src/file.cpp: these lines, expected at line 1, are not there:\none\n\
             The file is not the one of libzmq 4.3.5 with the previous patches."
        );
        assert_eq!(fs::read_to_string(tree.join("src/file.cpp")).unwrap(), "two\n");
        fs::remove_dir_all(tree).unwrap();
    }

    #[test]
    fn a_file_that_is_not_there_is_an_error() {
        let tree = tree("missing");
        let error = apply_one("0001.patch", PATCH, &tree).unwrap_err().to_string();
        assert!(
            error.contains("0001.patch does not fit src/file.cpp: ") && error.contains("4.3.5"),
            "{error}"
        );
        fs::remove_dir_all(tree).unwrap();
    }
}
