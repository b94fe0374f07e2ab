//! Async sockets of smol work with any executor, and can move to another executor.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use zmq::{Pull, Push};

use super::{registered, runtimes, spawn, yield_now};
use crate::common::{TCP, bound, connected, context, start_watchdog};

/// The smallest executor.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    start_watchdog();
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park();
    }
}

#[test]
fn sockets_work_in_an_executor_that_does_not_use_smol() {
    const COUNT: usize = 1_000;
    let context = context();
    let (push, endpoint) = bound(&context, Push, TCP);
    let pull = connected(&context, Pull, &endpoint);
    let sender = thread::spawn(move || {
        let mut push = registered(push);
        block_on(async {
            for number in 0..COUNT {
                push.send(number.to_string()).await.unwrap();
            }
        });
        push
    });
    let mut pull = registered(pull);
    block_on(async {
        for number in 0..COUNT {
            assert_eq!(pull.recv().await.unwrap(), number.to_string());
        }
    });
    drop(sender.join().unwrap());
}

#[test]
fn a_socket_outlives_its_executor_and_moves_to_another() {
    let context = context();
    let (push, endpoint) = bound(&context, Push, TCP);
    let mut pull = registered(connected(&context, Pull, &endpoint));
    let [first, second] = runtimes();
    let pull = first.block_on(async {
        push.send("one").unwrap();
        assert_eq!(pull.recv().await.unwrap(), "one");
        // The task waits when its executor ends.
        let waiting = spawn(async move { (pull.recv().await, pull) });
        yield_now().await;
        push.send("two").unwrap();
        let (received, pull) = waiting.await;
        assert_eq!(received.unwrap(), "two");
        pull
    });
    drop(first);
    second.block_on(async {
        let mut pull = pull;
        let receiving = spawn(async move { pull.recv().await });
        yield_now().await;
        push.send("three").unwrap();
        assert_eq!(receiving.await.unwrap(), "three");
    });
}

/// An executor drops all values that it owns, in any order.
#[test]
fn an_executor_that_ends_drops_its_tasks_and_their_sockets() {
    for runtime in runtimes() {
        let context = context();
        let (push, endpoint) = bound(&context, Push, TCP);
        runtime.block_on(async {
            for _ in 0..8 {
                let pull = connected(&context, Pull, &endpoint);
                drop(spawn(async move { registered(pull).recv().await }));
            }
            yield_now().await;
        });
        drop(runtime);
        drop((push, context));
    }
}
