//! Turns what `zmq-sys` found out about the linked libzmq into cfgs, and tells the tests where its header is; nothing else.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for (key, cfg) in
        [("DEP_ZMQ_VENDORED", "zmq_vendored"), ("DEP_ZMQ_DRAFT", "zmq_draft"), ("DEP_ZMQ_CURVE", "zmq_curve")]
    {
        println!("cargo::rustc-check-cfg=cfg({cfg})");
        println!("cargo::rerun-if-env-changed={key}");
        if env::var(key).is_ok_and(|value| value == "1") {
            println!("cargo::rustc-cfg={cfg}");
        }
    }
    println!("cargo::rerun-if-env-changed=DEP_ZMQ_INCLUDE");
    println!("cargo::rustc-env=ZMQ_INCLUDE={}", env::var("DEP_ZMQ_INCLUDE").unwrap_or_default());
}
