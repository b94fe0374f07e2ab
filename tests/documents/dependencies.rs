//! Without async features, the crate does not depend on the packages that async sockets need.

use std::process::Command;

use super::root;

/// The packages that `zmq` needs with these features, without those that only build it.
fn packages(features: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--package=zmq", "--edges=normal", "--prefix=none", "--format={p}"])
        .args(["--features", features])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listing = String::from_utf8(output.stdout).unwrap();
    listing.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn each_async_feature_adds_only_its_own_packages() {
    for (features, expected) in [
        ("", [false, false]),
        ("futures", [false, false]),
        ("tokio", [true, false]),
        ("smol", [false, true]),
        ("smol,tokio", [true, true]),
    ] {
        let packages = packages(features);
        assert!(packages.iter().any(|package| package == "thiserror"), "{packages:?}");
        let found = ["tokio", "async-io"].map(|name| packages.iter().any(|package| package == name));
        assert_eq!(found, expected, "{features}: {packages:?}");
        if features == "futures" {
            for name in ["futures-core", "futures-sink"] {
                assert!(packages.iter().any(|package| package == name), "{name}: {packages:?}");
            }
        }
        if features.is_empty() {
            assert!(
                !packages.iter().any(|name| name.starts_with("futures") || name == "mio"),
                "{packages:?}"
            );
        }
    }
}
