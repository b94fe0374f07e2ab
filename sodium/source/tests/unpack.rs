//! Tests the source that cargo has fetched.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::fs;
use std::path::Path;

#[test]
fn unpack_writes_all_sources() {
    let tree = Path::new(env!("CARGO_TARGET_TMPDIR")).join("libsodium-source");
    let _ = fs::remove_dir_all(&tree);
    zmq_sodium_source::unpack(&tree).unwrap();
    let sources = tree.join("src/libsodium");
    for file in ["sodium/core.c", "crypto_stream/salsa20/xmm6/salsa20_xmm6-asm.S", "include/sodium.h"] {
        assert!(sources.join(file).is_file(), "{file}");
    }
    let version = fs::read_to_string(sources.join("include/sodium/version.h")).unwrap();
    assert!(version.contains("\"1.0.22\""), "{version}");
    // The folder contains neither tests nor build files.
    assert_eq!(fs::read_dir(&tree).unwrap().count(), 1);
    fs::remove_dir_all(&tree).unwrap();
}
