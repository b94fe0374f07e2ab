//! The compiler's messages about wrong programs. Each case in `tests/ui/` is compiled twice.
//!
//! With `--cfg wrong` it must fail with the error and the sentences in its first lines. With `--cfg right`, where one
//! line differs, it must compile. The test compares only texts of this crate, so it does not depend on the compiler's
//! wording.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::SystemTime;

/// Compiles a program far enough to find errors, with `cfg` set.
fn compile(library: &Path, source: &Path, cfg: &str) -> Output {
    let dependencies = library.parent().unwrap();
    // Where cargo puts the procedural macros if it compiles for another platform: target/debug, not target/TARGET/debug.
    let profile = dependencies.parent().unwrap();
    let macros = profile
        .parent()
        .unwrap()
        .with_file_name(profile.file_name().unwrap())
        .join(dependencies.file_name().unwrap());
    let name = source.file_stem().unwrap().to_str().unwrap();
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{cfg}-{}", std::process::id()));
    let extern_zmq = [OsString::from("zmq="), library.as_os_str().to_owned()].concat_os();
    let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition=2024", "--crate-type=bin", "--emit=obj", "--color=never"])
        .args(["--target", env!("ZMQ_TARGET")])
        .args(["--check-cfg=cfg(wrong, right)", "--cfg", cfg])
        .arg("-L")
        .arg([OsString::from("dependency="), dependencies.as_os_str().to_owned()].concat_os())
        .arg("-L")
        .arg([OsString::from("dependency="), macros.into_os_string()].concat_os())
        .arg("--extern")
        .arg(extern_zmq)
        .arg("-o")
        .arg(&to)
        .arg(source)
        .output()
        .unwrap_or_else(|error| panic!("no Rust compiler runs: {error}"));
    let _ = fs::remove_file(to);
    output
}

trait ConcatOs {
    fn concat_os(&self) -> OsString;
}

impl ConcatOs for [OsString; 2] {
    fn concat_os(&self) -> OsString {
        let mut both = self[0].clone();
        both.push(&self[1]);
        both
    }
}

/// The crate as cargo has just compiled it for this test.
///
/// The folder may contain other builds, with other features or compilers. The newest one that has the features of this test and that
/// this compiler can use belongs to the present sources, because cargo updated it before it started this test.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let folder = std::env::current_exe().unwrap().parent().unwrap().to_owned();
        let mut candidates: Vec<(SystemTime, PathBuf)> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                let name = path.file_name().unwrap().to_string_lossy();
                name.starts_with("libzmq-") && name.ends_with(".rlib")
            })
            .map(|path| (path.metadata().unwrap().modified().unwrap(), path))
            .collect();
        candidates.sort();
        let control = folder_of_cases().join("control.rs");
        let mut said = String::new();
        while let Some((_, candidate)) = candidates.pop() {
            let output = compile(&candidate, &control, "right");
            if output.status.success() && has_same_features(&candidate) {
                return candidate;
            }
            said = String::from_utf8_lossy(&output.stderr).into_owned();
        }
        panic!("no usable library in {}: {said}", folder.display());
    })
}

/// Whether the library has the features with which this test was compiled.
fn has_same_features(library: &Path) -> bool {
    let features = [
        ("Dgram", cfg!(zmq_draft)),
        ("tokio", cfg!(feature = "tokio")),
        ("smol", cfg!(feature = "smol")),
        ("aio::RecvStream", cfg!(all(feature = "futures", any(feature = "smol", feature = "tokio")))),
    ];
    features.iter().all(|(item, is_wanted)| {
        let name = format!("has-{}-{}.rs", item.replace("::", "-"), std::process::id());
        let source = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&source, format!("use zmq::{item} as _; fn main() {{}}")).unwrap();
        let compiles = compile(library, &source, "right").status.success();
        let _ = fs::remove_file(source);
        compiles == *is_wanted
    })
}

fn folder_of_cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui")
}

/// The values of the lines `//@ key: …` of a case.
fn directives<'a>(source: &'a str, key: &str) -> Vec<&'a str> {
    let prefix = format!("//@ {key}: ");
    source.lines().filter_map(|line| line.strip_prefix(&prefix)).collect()
}

fn check(name: &str) {
    let path = folder_of_cases().join(format!("{name}.rs"));
    let source = fs::read_to_string(&path).unwrap();

    let right = compile(library(), &path, "right");
    let said = String::from_utf8_lossy(&right.stderr);
    assert!(right.status.success(), "the right program does not compile:\n{said}");

    let wrong = compile(library(), &path, "wrong");
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(!wrong.status.success(), "the wrong program compiles");
    let errors = directives(&source, "error");
    assert_eq!(errors.len(), 1, "a case names one error");
    let expected = match errors[0] {
        "without a code" => "error: ".to_owned(),
        code => format!("error[{code}]"),
    };
    let reasons: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("error") && !line.starts_with("error: aborting"))
        .collect();
    assert!(!reasons.is_empty(), "the compiler reports no error:\n{said}");
    for reason in reasons {
        assert!(reason.starts_with(&expected), "the compiler reports another error:\n{said}");
    }
    for sentence in directives(&source, "says") {
        assert!(said.contains(sentence), "the error does not contain: {sentence}\n{said}");
    }
}

macro_rules! cases {
    ($($(#[$attribute:meta])* $name:ident)+) => {
        $(
            #[test]
            $(#[$attribute])*
            fn $name() {
                check(stringify!($name));
            }
        )+

        pub(crate) fn assert_every_case_is_tested() {
            let mut files: Vec<String> = fs::read_dir(folder_of_cases())
                .unwrap()
                .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
                .collect();
            files.sort();
            let mut tested = vec!["control", $(stringify!($name)),+];
            tested.sort_unstable();
            assert_eq!(files, tested);
        }
    };
}

cases! {
    borrowed_buffer
    change_received_message
    curve_client_swapped_keys
    curve_server_with_public_key
    domain_on_client
    descriptor_of_any
    conflate_on_req
    empty_multipart
    integer_as_timeout
    invert_matching_on_xsub
    message_between_threads
    message_in_arc
    multipart_of_seven_types
    multipart_of_vec
    nodrop_on_router
    not_a_kind
    #[cfg_attr(not(zmq_draft), ignore = "an option of the draft API")]
    only_first_subscribe_on_sub
    poll_item_outlives_socket
    poller_between_threads
    poller_takes_no_socket
    probe_on_pub
    recv_on_pub
    recv_on_push
    request_option_on_dealer
    router_option_on_dealer
    secret_key_shown
    routing_id_for_peer_of_dealer
    send_mutable_reference
    send_no_bytes
    send_on_pull
    send_on_sub
    #[cfg_attr(zmq_draft, ignore = "about a build without the feature `draft`")]
    server_without_draft
    share_any
    share_rep
    socket_between_threads
    socket_in_arc
    socket_in_future
    socket_in_static
    socket_leaves_poller
    split_on_any
    split_on_req
    stream_option_on_router
    subscribe_on_req
    #[cfg(zmq_draft)]
    descriptor_of_client
    #[cfg(zmq_draft)]
    dgram_between_threads
    #[cfg(zmq_draft)]
    join_on_radio
    #[cfg(zmq_draft)]
    multipart_on_client
    #[cfg(zmq_draft)]
    recv_from_on_dish
    #[cfg(zmq_draft)]
    recv_on_server
    #[cfg(zmq_draft)]
    send_on_server
    #[cfg(zmq_draft)]
    send_to_group_on_server
    #[cfg(zmq_draft)]
    send_to_on_push
    #[cfg_attr(not(zmq_draft), ignore = "an option of the draft API")]
    topics_count_on_push
    verbose_on_pub
    #[cfg_attr(not(zmq_draft), ignore = "an option of the draft API")]
    verbose_unsubscribe_on_xpub
}
