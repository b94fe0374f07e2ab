//! A context, its sockets, their tasks and the runtime can be dropped in any order.

use std::sync::Arc;
use std::task::{Context as Task, Poll, Wake, Waker};
use std::thread::{self, Thread};

use tokio::runtime::Runtime;
use zmq::{Closed, Context, Pull, Push};

use super::{registered, runtimes};
use crate::common::{TCP, connected, context, start_watchdog};

/// Waits outside of any runtime.
fn wait(mut closed: Closed) {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match std::pin::pin!(&mut closed).poll(&mut Task::from_waker(&waker)) {
            Poll::Ready(outcome) => return outcome.unwrap(),
            Poll::Pending => thread::park(),
        }
    }
}

/// The values that a program may drop in any order.
struct Things {
    context: Option<Context>,
    socket: Option<zmq::tokio::Socket<Push>>,
    /// Its task waits for a message with another socket.
    task: Option<tokio::task::JoinHandle<()>>,
    runtime: Option<Runtime>,
    closed: Closed,
}

impl Things {
    fn new(runtime: Runtime) -> Things {
        let context = context();
        let closed = context.clone().close();
        let (parked, is_parked) = tokio::sync::oneshot::channel();
        let pull = context.socket(Pull).unwrap();
        pull.bind("inproc://things").unwrap();
        let task = runtime.spawn(async move {
            let mut pull = registered(pull);
            let mut waiting = std::pin::pin!(pull.recv());
            std::future::poll_fn(|task| {
                assert!(waiting.as_mut().poll(task).is_pending());
                Poll::Ready(())
            })
            .await;
            parked.send(()).unwrap();
            drop(waiting.await);
        });
        runtime.block_on(is_parked).unwrap();
        let _entered = runtime.enter();
        let push = registered(connected(&context, Push, "inproc://things"));
        drop(_entered);
        let (context, socket, task, runtime) = (Some(context), Some(push), Some(task), Some(runtime));
        Things { context, socket, task, runtime, closed }
    }

    fn drop_one(&mut self, number: usize) {
        match number {
            0 => drop(self.context.take()),
            1 => drop(self.socket.take()),
            2 => self.task.take().unwrap().abort(),
            _ => drop(self.runtime.take()),
        }
    }
}

/// All orders of four things.
fn orders() -> Vec<[usize; 4]> {
    let mut orders = Vec::new();
    for number in 0..256 {
        let order = [number % 4, number / 4 % 4, number / 16 % 4, number / 64];
        if (0..4).all(|thing| order.contains(&thing)) {
            orders.push(order);
        }
    }
    assert_eq!(orders.len(), 24);
    orders
}

#[test]
fn everything_is_released_in_any_order_of_dropping() {
    use crate::common::{process, wait_until};
    if !process::in_child() {
        return;
    }
    start_watchdog();
    let rounds = process::setting("ZMQ_DROP_ROUNDS", 5);
    let drop_all = || {
        for order in orders() {
            for runtime in runtimes() {
                let mut things = Things::new(runtime);
                for number in order {
                    things.drop_one(number);
                }
                wait(things.closed);
            }
        }
    };
    drop_all();
    let before = process::descriptors();
    for _ in 0..rounds {
        drop_all();
    }
    wait_until(|| process::descriptors() <= before);
    wait_until(|| std::fs::read_dir("/proc/self/task").unwrap().count() <= 3);
}

/// The last owner is dropped in the only thread, and the peer that has to take its message is a task of this thread.
#[test]
fn the_last_socket_waits_for_a_task_of_its_thread() {
    use crate::common::{process, wait_until};
    if !process::in_child() {
        return;
    }
    let [runtime, _] = runtimes();
    runtime.block_on(async {
        let peers = context();
        let pull = crate::common::socket(&peers, Pull);
        let endpoint = pull.bind(TCP).unwrap();
        let mut pull = registered(pull);
        let mut before = 0;
        for number in 0..process::setting("ZMQ_DROP_ROUNDS", 300) {
            let context = Context::new().unwrap();
            let mut push = registered(connected(&context, Push, &endpoint));
            push.send(number.to_string()).await.unwrap();
            let closed = context.close();
            drop(push);
            let end = tokio::spawn(closed);
            assert_eq!(pull.recv().await.unwrap(), number.to_string());
            end.await.unwrap().unwrap();
            if number == 10 {
                before = process::descriptors();
            }
        }
        // The connections of the last rounds may not have ended yet.
        wait_until(|| {
            let _ = pull.inner().events();
            process::descriptors() <= before
        });
    });
}
