//! Compares the declarations with the header of the library in use, as the C compiler reads it.

#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests of raw calls"
)]

use std::fmt::Write as _;
use std::mem::{align_of, offset_of, size_of};
use std::path::Path;
use std::{env, fs, process};

use zmq_sys::*;

/// Returns `NAME` and `VALUE` of each `pub const NAME: c_int = VALUE;`.
fn constants(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .filter_map(|line| line.strip_prefix("pub const ")?.strip_suffix(';')?.split_once(": c_int = "))
        .collect()
}

#[test]
fn layouts_and_constants_match_the_header() {
    let mut c = String::from("#include <stddef.h>\n#include <zmq.h>\n");
    let mut claim = |claim: String| writeln!(c, "_Static_assert({claim}, \"{claim}\");").unwrap();

    claim(format!("sizeof(zmq_msg_t) == {}", size_of::<zmq_msg_t>()));
    claim(format!("_Alignof(zmq_msg_t) == {}", align_of::<zmq_msg_t>()));
    claim(format!("sizeof(zmq_fd_t) == {}", size_of::<zmq_fd_t>()));
    claim(format!("sizeof(zmq_pollitem_t) == {}", size_of::<zmq_pollitem_t>()));
    claim(format!("offsetof(zmq_pollitem_t, socket) == {}", offset_of!(zmq_pollitem_t, socket)));
    claim(format!("offsetof(zmq_pollitem_t, fd) == {}", offset_of!(zmq_pollitem_t, fd)));
    claim(format!("offsetof(zmq_pollitem_t, events) == {}", offset_of!(zmq_pollitem_t, events)));
    claim(format!("offsetof(zmq_pollitem_t, revents) == {}", offset_of!(zmq_pollitem_t, revents)));
    claim(format!("EFSM == {EFSM}"));
    claim(format!("ENOCOMPATPROTO == {ENOCOMPATPROTO}"));
    claim(format!("ETERM == {ETERM}"));
    claim(format!("EMTHREAD == {EMTHREAD}"));
    #[cfg(feature = "draft")]
    {
        claim(format!("sizeof(zmq_poller_event_t) == {}", size_of::<zmq_poller_event_t>()));
        claim(format!("offsetof(zmq_poller_event_t, fd) == {}", offset_of!(zmq_poller_event_t, fd)));
        claim(format!(
            "offsetof(zmq_poller_event_t, user_data) == {}",
            offset_of!(zmq_poller_event_t, user_data)
        ));
        claim(format!("offsetof(zmq_poller_event_t, events) == {}", offset_of!(zmq_poller_event_t, events)));
    }

    let stable = constants(include_str!("../src/bindings.rs"));
    assert!(stable.len() > 150, "{}", stable.len());
    let draft = constants(include_str!("../src/draft.rs"));
    assert!(draft.len() > 50, "{}", draft.len());
    let draft = if cfg!(feature = "draft") { draft } else { Vec::new() };
    for (name, value) in stable.into_iter().chain(draft) {
        // An older header can lack a constant, and has another version.
        if !name.starts_with("ZMQ_VERSION_") {
            writeln!(c, "#ifdef {name}\n_Static_assert(({name}) == {value}, \"{name}\");\n#endif").unwrap();
        }
    }

    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("abi-{}", process::id()));
    fs::create_dir_all(&dir).unwrap();
    let file = dir.join("abi.c");
    fs::write(&file, c).unwrap();
    let mut build = cc::Build::new();
    build.target(env!("ZMQ_SYS_TARGET")).host(env!("ZMQ_SYS_TARGET")).opt_level(0).out_dir(&dir);
    build
        .cargo_metadata(false)
        .cargo_warnings(true)
        .std(if cfg!(target_env = "msvc") { "c11" } else { "gnu11" })
        .include(env!("ZMQ_SYS_INCLUDE"))
        .file(&file);
    if cfg!(feature = "draft") {
        build.define("ZMQ_BUILD_DRAFT_API", None);
    }
    build.try_compile_intermediates().unwrap();
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn the_linked_library_has_messages_of_the_same_size() {
    let context = unsafe { zmq_ctx_new() };
    let size = unsafe { zmq_ctx_get(context, ZMQ_MSG_T_SIZE) };
    assert_eq!(usize::try_from(size).unwrap(), size_of::<zmq_msg_t>());
    assert_eq!(unsafe { zmq_ctx_term(context) }, 0);
}

#[test]
fn the_linked_library_is_recent_enough() {
    let (mut major, mut minor, mut patch) = (0, 0, 0);
    unsafe { zmq_version(&raw mut major, &raw mut minor, &raw mut patch) };
    assert!((major, minor) >= (4, 3), "{major}.{minor}.{patch}");
}
