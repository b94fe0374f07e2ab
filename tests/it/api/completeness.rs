//! No name in the `zmq.h` in use forces a user back to C. Each name has a counterpart that a search of the
//! documentation finds, or a reason here why it has none. The porting guide lists all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Names without a counterpart, and why.
const LEFT_OUT: &[(&str, &[&str])] = &[
    (
        "part of the header itself",
        &[
            "ZMQ_EXPORT",
            "ZMQ_DEFINED_STDINT",
            "ZMQ_HAUSNUMERO",
            "ZMQ_HAS_CAPABILITIES",
            "ZMQ_HAVE_POLLER",
            "ZMQ_HAVE_TIMERS",
        ],
    ),
    (
        "the version that the header had when something was compiled; `version()` is that of the linked library",
        &["ZMQ_VERSION", "ZMQ_VERSION_MAJOR", "ZMQ_VERSION_MINOR", "ZMQ_VERSION_PATCH", "ZMQ_MAKE_VERSION"],
    ),
    (
        "a default, which the getter of its option gives",
        &[
            "ZMQ_IO_THREADS_DFLT",
            "ZMQ_MAX_SOCKETS_DFLT",
            "ZMQ_THREAD_PRIORITY_DFLT",
            "ZMQ_THREAD_SCHED_POLICY_DFLT",
            "ZMQ_POLLITEMS_DFLT",
        ],
    ),
    (
        "Rust's standard library has it: atomics, threads, sleeping, clocks",
        &[
            "zmq_atomic_counter_dec",
            "zmq_atomic_counter_destroy",
            "zmq_atomic_counter_inc",
            "zmq_atomic_counter_new",
            "zmq_atomic_counter_set",
            "zmq_atomic_counter_value",
            "zmq_sleep",
            "zmq_stopwatch_intermediate",
            "zmq_stopwatch_start",
            "zmq_stopwatch_stop",
            "zmq_threadclose",
            "zmq_threadstart",
        ],
    ),
    (
        "a deprecated name of something else",
        &[
            "ZMQ_XREP",
            "ZMQ_XREQ",
            "ZMQ_NOBLOCK",
            "ZMQ_IDENTITY",
            "ZMQ_DELAY_ATTACH_ON_CONNECT",
            "ZMQ_FAIL_UNROUTABLE",
            "ZMQ_ROUTER_BEHAVIOR",
            "ZMQ_IPV4ONLY",
            "zmq_sendmsg",
            "zmq_recvmsg",
            "zmq_sendiov",
            "zmq_recviov",
        ],
    ),
    ("numbers that `zmq_device` takes and ignores", &["ZMQ_STREAMER", "ZMQ_FORWARDER", "ZMQ_QUEUE"]),
    (
        "deprecated; authentication (ZAP) replaces the filters, and STREAM the raw ROUTER",
        &[
            "ZMQ_TCP_ACCEPT_FILTER",
            "ZMQ_IPC_FILTER_GID",
            "ZMQ_IPC_FILTER_PID",
            "ZMQ_IPC_FILTER_UID",
            "ZMQ_ROUTER_RAW",
        ],
    ),
    ("numbers that only come with monitors; `Error::errno` tells them", &["EINPROGRESS", "ENETRESET"]),
    (
        "which call it is says which version of events",
        &["ZMQ_CURRENT_EVENT_VERSION", "ZMQ_CURRENT_EVENT_VERSION_DRAFT"],
    ),
    ("checked by the calls that take a group", &["ZMQ_GROUP_MAX_LENGTH"]),
    ("a `Poller` waits with `zmq_poll`, and has no descriptor", &["zmq_poller_fd"]),
    ("stored and never looked at", &["ZMQ_MAX_MSGSZ"]),
    ("checked against the crate's own when a context is made", &["ZMQ_MSG_T_SIZE"]),
    ("always fails: there is no property to set", &["zmq_msg_set"]),
    ("overruns memory in a libzmq that is not the bundled one", &["zmq_ppoll"]),
];

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names that the header defines and declares. Error numbers of the system are not included.
fn names_of_header() -> BTreeSet<String> {
    let header = read(&Path::new(env!("ZMQ_INCLUDE")).join("zmq.h"));
    let mut names = BTreeSet::new();
    for line in header.lines() {
        let mut words = line.trim_start().trim_start_matches('#').split_whitespace();
        let (Some("define"), Some(name)) = (words.next(), words.next()) else { continue };
        let name = name.split('(').next().unwrap_or(name);
        if name.starts_with("ZMQ_") || (name.starts_with('E') && line.contains("ZMQ_HAUSNUMERO +")) {
            names.insert(name.to_owned());
        }
    }
    // The name in a declaration may be on another line than its first word.
    for declaration in header.split("ZMQ_EXPORT").skip(1) {
        let Some((before, _)) = declaration.split_once('(') else { continue };
        let name =
            before.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').rfind(|word| !word.is_empty());
        names.extend(name.filter(|name| name.starts_with("zmq_")).map(str::to_owned));
    }
    assert!(names.len() > 250, "only {} names were found in the header", names.len());
    names
}

fn source_files(folder: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            texts.push(read(&path));
        }
    }
}

/// The names that a search of the documentation finds: each `doc(alias)`, the tables that generate one, and the numbers
/// in the table of errors.
fn names_of_twins() -> BTreeSet<String> {
    let mut texts = Vec::new();
    source_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
    let mut names = BTreeSet::new();
    for line in texts.iter().flat_map(|text| text.lines()) {
        let code = line.split("//").next().unwrap_or(line);
        let quoted = code.split('"').skip(1).step_by(2);
        names.extend(
            quoted.filter(|text| text.starts_with("ZMQ_") || text.starts_with("zmq_")).map(str::to_owned),
        );
        if let Some((_, numbers)) = code.trim().strip_suffix("];").and_then(|row| row.split_once(", [")) {
            names.extend(numbers.split(", ").map(str::to_owned));
        }
    }
    names
}

fn left_out() -> BTreeMap<&'static str, &'static str> {
    LEFT_OUT.iter().flat_map(|(reason, names)| names.iter().map(move |name| (*name, *reason))).collect()
}

#[test]
fn every_name_of_the_header_has_a_counterpart_or_a_reason() {
    let (twins, left_out) = (names_of_twins(), left_out());
    let missing: Vec<String> = names_of_header()
        .into_iter()
        .filter(|name| !twins.contains(name) && !left_out.contains_key(name.as_str()))
        .collect();
    assert!(missing.is_empty(), "in zmq.h, but neither reachable nor left out with a reason: {missing:#?}");
}

#[test]
fn names_that_are_left_out_have_no_counterpart() {
    let twins = names_of_twins();
    let stale: Vec<&str> = left_out().into_keys().filter(|name| twins.contains(*name)).collect();
    assert!(stale.is_empty(), "reachable, and called left out: {stale:?}");
}

#[test]
fn the_porting_guide_names_every_name() {
    let guide = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/porting-from-c.md"));
    let named: BTreeSet<&str> = guide.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let internal = LEFT_OUT.first().unwrap().1;
    // The guide has one entry for the whole family.
    let family = "ZMQ_PROTOCOL_ERROR_";
    assert!(named.contains(family));
    let missing: Vec<String> = names_of_header()
        .into_iter()
        .filter(|name| !name.starts_with(family))
        .filter(|name| !named.contains(name.as_str()) && !internal.contains(&name.as_str()))
        .collect();
    assert!(missing.is_empty(), "in zmq.h, but not in docs/porting-from-c.md: {missing:#?}");
}
