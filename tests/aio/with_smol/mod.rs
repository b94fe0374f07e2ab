//! Runs the tests in executors that use the reactor of smol: in `block_on`, and in an executor with threads.

#[path = "../bad_input.rs"]
mod bad_input;
#[path = "../cancelling.rs"]
mod cancelling;
#[cfg(all(zmq_vendored, unix))]
mod direct_wake;
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
#[path = "../ending.rs"]
mod ending;
#[path = "../every_receive.rs"]
mod every_receive;
#[path = "../every_send.rs"]
mod every_send;
mod executors;
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

use std::cell::RefCell;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use smol::channel::{Receiver, Sender, bounded};
pub(crate) use smol::future::yield_now;
use smol::{Executor, Timer};
use zmq::capability::Kind;
pub(crate) use zmq::smol::{Smol as Reactor, Socket};

use crate::limit;

thread_local! {
    /// Where tasks of this thread spawn others.
    static EXECUTOR: RefCell<Option<Arc<Executor<'static>>>> = const { RefCell::new(None) };
}

/// An executor, and the threads that run it besides `block_on`.
pub(crate) struct Runtime {
    executor: Arc<Executor<'static>>,
    stop: Option<Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Runtime {
    fn new(threads: usize) -> Runtime {
        let executor = Arc::new(Executor::new());
        let (stop, stopped): (Sender<()>, Receiver<()>) = bounded(1);
        let threads = (0..threads)
            .map(|_| {
                let (executor, stopped) = (Arc::clone(&executor), stopped.clone());
                thread::spawn(move || run(&executor, async { stopped.recv().await.unwrap_or_default() }))
            })
            .collect();
        Runtime { executor, stop: Some(stop), threads }
    }

    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        run(&self.executor, future)
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        drop(self.stop.take());
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
    }
}

fn run<T>(executor: &Arc<Executor<'static>>, future: impl Future<Output = T>) -> T {
    let former = EXECUTOR.replace(Some(Arc::clone(executor)));
    let output = smol::block_on(executor.run(future));
    EXECUTOR.set(former);
    output
}

/// An executor of each kind.
pub(crate) fn runtimes() -> [Runtime; 2] {
    [Runtime::new(0), Runtime::new(2)]
}

/// Runs `test` in each kind of executor, as a task, and fails if it hangs.
#[track_caller]
pub(crate) fn in_each_runtime<F: Future<Output = ()> + Send + 'static>(test: impl Fn() -> F) {
    for runtime in runtimes() {
        runtime.block_on(async { spawn(timeout(limit(), test())).await.expect("the test hangs") });
    }
}

pub(crate) fn registered<K: Kind>(socket: zmq::Socket<K>) -> Socket<K> {
    socket.into_smol().unwrap()
}

pub(crate) fn monitored(monitor: zmq::Monitor) -> zmq::smol::Monitor {
    monitor.into_smol().unwrap()
}

/// A task of the executor.
pub(crate) struct Task<T>(Option<smol::Task<T>>);

impl<T> Task<T> {
    pub(crate) fn is_finished(&self) -> bool {
        self.0.as_ref().is_some_and(smol::Task::is_finished)
    }

    pub(crate) fn abort(mut self) {
        drop(self.0.take());
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.detach();
        }
    }
}

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<T> {
        Pin::new(self.0.as_mut().unwrap()).poll(task)
    }
}

pub(crate) fn spawn<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> Task<T> {
    EXECUTOR.with_borrow(|executor| Task(Some(executor.as_ref().unwrap().spawn(future))))
}

/// The number of system calls that a busy socket may make for a thousand messages. After 64 messages, a socket lets other
/// tasks run, and then smol may look for events.
#[cfg(target_os = "linux")]
pub(crate) const SYSTEM_CALLS: u64 = 150;

pub(crate) async fn spawn_blocking<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> T {
    smol::unblock(call).await
}

/// `None` if the future takes longer.
pub(crate) async fn timeout<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    smol::future::or(async { Some(future.await) }, async {
        Timer::after(limit).await;
        None
    })
    .await
}
