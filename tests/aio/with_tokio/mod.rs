//! Runs the tests in both kinds of tokio runtimes.

#[path = "../bad_input.rs"]
mod bad_input;
#[path = "../cancelling.rs"]
mod cancelling;
mod closing;
#[cfg(zmq_draft)]
#[path = "../draft_ends.rs"]
mod draft_ends;
#[cfg(zmq_draft)]
#[path = "../draft_halves.rs"]
mod draft_halves;
#[cfg(zmq_draft)]
#[path = "../draft_sends.rs"]
mod draft_sends;
#[cfg(zmq_draft)]
#[path = "../draft_types.rs"]
mod draft_types;
#[cfg(target_os = "linux")]
mod dropping;
#[path = "../ending.rs"]
mod ending;
#[path = "../every_receive.rs"]
mod every_receive;
#[path = "../every_send.rs"]
mod every_send;
mod fairness;
#[path = "../halves.rs"]
mod halves;
#[path = "../halves_ready.rs"]
mod halves_ready;
#[path = "../halves_under_load.rs"]
mod halves_under_load;
#[path = "../idle.rs"]
mod idle;
#[path = "../many.rs"]
mod many;
#[path = "../monitors.rs"]
mod monitors;
#[path = "../polling.rs"]
mod polling;
#[path = "../requester.rs"]
mod requester;
mod runtimes;
#[cfg(feature = "futures")]
#[path = "../streams.rs"]
mod streams;
#[cfg(target_os = "linux")]
#[path = "../system_calls.rs"]
mod system_calls;
#[path = "../types.rs"]
mod types;
#[path = "../waiting.rs"]
mod waiting;
#[path = "../wakers.rs"]
mod wakers;

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
pub(crate) use tokio::task::yield_now;
use zmq::capability::Kind;
pub(crate) use zmq::tokio::{Socket, Tokio as Reactor};

use crate::limit;

/// A runtime of each kind.
pub(crate) fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_current_thread().enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
    ]
}

/// Runs `test` in each kind of runtime, as a task, and fails if it hangs.
#[track_caller]
pub(crate) fn in_each_runtime<F: Future<Output = ()> + Send + 'static>(test: impl Fn() -> F) {
    for runtime in runtimes() {
        runtime.block_on(async { spawn(timeout(limit(), test())).await.expect("the test hangs") });
    }
}

pub(crate) fn registered<K: Kind>(socket: zmq::Socket<K>) -> Socket<K> {
    socket.into_tokio().unwrap()
}

pub(crate) fn monitored(monitor: zmq::Monitor) -> zmq::tokio::Monitor {
    monitor.into_tokio().unwrap()
}

/// A task of the runtime.
pub(crate) struct Task<T>(tokio::task::JoinHandle<T>);

impl<T> Task<T> {
    pub(crate) fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    pub(crate) fn abort(self) {
        self.0.abort();
    }
}

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.0).poll(task).map(Result::unwrap)
    }
}

pub(crate) fn spawn<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> Task<T> {
    Task(tokio::spawn(future))
}

/// The number of system calls that a busy socket may make for a thousand messages.
#[cfg(target_os = "linux")]
pub(crate) const SYSTEM_CALLS: u64 = 50;

pub(crate) async fn spawn_blocking<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(call).await.unwrap()
}

/// `None` if the future takes longer.
pub(crate) async fn timeout<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(limit, future).await.ok()
}
