//! Async sockets, in both kinds of tokio runtimes.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod cancelling;
mod closing;
#[path = "../common/mod.rs"]
mod common;
mod ending;
mod runtimes;
mod types;
mod waiting;

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use zmq::capability::Kind;
use zmq::tokio::Socket;

/// How long a test may take that has much to do, on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

/// A runtime of each kind.
fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_current_thread().enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
    ]
}

/// Runs `test` in each kind of runtime, as a task, and fails if it hangs.
#[track_caller]
fn in_each_runtime<F: Future<Output = ()> + Send + 'static>(test: impl Fn() -> F) {
    for runtime in runtimes() {
        runtime.block_on(async {
            let task = tokio::spawn(tokio::time::timeout(LIMIT, test()));
            task.await.unwrap().expect("it hangs");
        });
    }
}

fn registered<K: Kind>(socket: zmq::Socket<K>) -> Socket<K> {
    socket.into_tokio().unwrap()
}
