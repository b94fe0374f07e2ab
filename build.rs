//! Sets cfgs from what `zmq-sys` reports about the linked libzmq, and passes the path of its header to the tests.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // The system's libzmq may have the draft API without the feature `draft`. Then the API is not declared.
    let wants_draft = env::var_os("CARGO_FEATURE_DRAFT").is_some();
    // docs.rs links no libzmq.
    let documents_draft = wants_draft && env::var_os("DOCS_RS").is_some();
    for (key, cfg, wanted, anyway) in [
        ("DEP_ZMQ_VENDORED", "zmq_vendored", true, false),
        ("DEP_ZMQ_DRAFT", "zmq_draft", wants_draft, documents_draft),
        ("DEP_ZMQ_CURVE", "zmq_curve", true, false),
    ] {
        println!("cargo::rustc-check-cfg=cfg({cfg})");
        println!("cargo::rerun-if-env-changed={key}");
        let found = env::var(key).is_ok_and(|value| value == "1");
        if anyway || wanted && found {
            println!("cargo::rustc-cfg={cfg}");
        }
    }
    // With this cfg, `src/raw/layout/known.rs` knows the layout of a message.
    println!("cargo::rustc-check-cfg=cfg(zmq_known_layout)");
    if env::var("DEP_ZMQ_VENDORED").is_ok_and(|value| value == "1") {
        println!("cargo::rustc-cfg=zmq_known_layout");
    }
    println!("cargo::rerun-if-env-changed=DEP_ZMQ_INCLUDE");
    println!("cargo::rustc-env=ZMQ_INCLUDE={}", env::var("DEP_ZMQ_INCLUDE").unwrap_or_default());
    println!("cargo::rustc-env=ZMQ_TARGET={}", env::var("TARGET").unwrap_or_default());
}
