//! Conversations with sockets of other bindings: pyzmq in Python, zeromq.js in JavaScript, and a C++ program. Async sockets talk to
//! the async sockets of pyzmq and to zeromq.js. CZMQ answers requesters, and encodes and decodes messages.
//!
//! Each socket type talks to its counterparts over tcp and ipc, with either side bound. The other bindings are
//! installed, and the program is compiled, below the target directory. If that fails, the tests are reported as
//! ignored, with the reason. With `ZMQ_TEST_INTEROP=required`, they fail instead. `ZMQ_TEST_SLOW=10` makes all time
//! limits ten times as long.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a test")]

#[cfg(all(any(feature = "smol", feature = "tokio"), unix))]
mod async_conversation;
mod conversation;
mod harness;
mod language;
mod peer;
mod security;

use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs};

use conversation::{CONVERSATIONS, Conversation};
use harness::{Outcome, Test};
use language::{LANGUAGES, Language, PeerCommand};
use peer::{Link, Side, Transport};

/// Longer than anything here takes on a busy machine. If it takes longer, it hangs.
fn patience() -> Duration {
    let factor = env::var("ZMQ_TEST_SLOW").map_or(1, |factor| factor.parse().expect("ZMQ_TEST_SLOW"));
    Duration::from_secs(10) * factor
}

fn main() -> ExitCode {
    let tests: Vec<Test> = LANGUAGES
        .iter()
        .flat_map(tests_with)
        .chain(czmq_tests())
        .chain(async_tests())
        .chain(security::tests())
        .collect();
    let status = harness::run(tests);
    // The directory does not exist if nothing used it.
    let _ = fs::remove_dir_all(peer::ipc_directory());
    status
}

fn tests_with(language: &'static Language) -> Vec<Test> {
    tests_of(language, CONVERSATIONS)
}

#[cfg(target_os = "linux")]
fn czmq_tests() -> Vec<Test> {
    tests_of(&language::CZMQ, conversation::CZMQ_CONVERSATIONS)
}

#[cfg(not(target_os = "linux"))]
fn czmq_tests() -> [Test; 0] {
    []
}

fn tests_of(language: &'static Language, conversations: &'static [Conversation]) -> Vec<Test> {
    let mut tests = Vec::new();
    for conversation in conversations {
        for &transport in transports() {
            for side in [Side::Ours, Side::Theirs] {
                let name =
                    format!("{}::{}::{}_{}", language.name, conversation.name, transport.name(), side.verb());
                let test = Test::new(name, move || hold(language, conversation, transport, side));
                tests.push(test);
            }
        }
    }
    tests
}

/// Async sockets talk to the bindings that are async, over tcp.
#[cfg(all(any(feature = "smol", feature = "tokio"), unix))]
fn async_tests() -> Vec<Test> {
    let languages = LANGUAGES.iter().filter(|language| language.name == "javascript");
    let mut tests = Vec::new();
    for language in languages.chain([&language::PYTHON_ASYNCIO]) {
        for conversation in async_conversation::conversations() {
            for side in [Side::Ours, Side::Theirs] {
                let name = format!("{}::{}::tcp_{}", language.name, conversation.name, side.verb());
                tests.push(Test::new(name, move || hold(language, conversation, Transport::Tcp, side)));
            }
        }
    }
    tests
}

#[cfg(not(all(any(feature = "smol", feature = "tokio"), unix)))]
fn async_tests() -> [Test; 0] {
    []
}

/// The transports that both sides have.
fn transports() -> &'static [Transport] {
    if cfg!(unix) { &[Transport::Tcp, Transport::Ipc] } else { &[Transport::Tcp] }
}

fn hold(language: &Language, conversation: &Conversation, transport: Transport, side: Side) -> Outcome {
    with_command(language, |command| {
        (conversation.ours)(&Link { command, role: conversation.theirs, transport, side });
    })
}

/// Runs a test with the command that runs a peer, if the peer can be installed.
fn with_command(language: &Language, test: impl FnOnce(&PeerCommand)) -> Outcome {
    match language.command() {
        Ok(command) => {
            test(command);
            Outcome::Passed
        }
        Err(missing) => {
            assert!(env::var_os("ZMQ_TEST_INTEROP").is_none_or(|value| value != "required"), "{missing}");
            Outcome::Ignored(missing)
        }
    }
}
