//! A future waits for the end of a context, without a runtime.

use crate::common;

use std::any::Any;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{self, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use common::{TCP, bound, connected, free_endpoint, must_end, must_end_within, socket, wait_until};
use zmq::monitor::Events;
use zmq::proxy::{Handle, Proxy};
use zmq::security::Authenticator;
use zmq::{Closed, Context, ErrorKind, Message, Pull, Push, Result};

/// Counts how often it wakes.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Count {
    fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

fn poll(closed: &mut Closed, waker: &Waker) -> Poll<Result<()>> {
    pin!(closed).poll(&mut task::Context::from_waker(waker))
}

#[track_caller]
fn assert_waits(closed: &mut Closed, count: &Arc<Count>) {
    assert!(poll(closed, &Waker::from(Arc::clone(count))).is_pending());
}

/// Wakes a thread.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The smallest executor there is.
#[track_caller]
fn wait(mut closed: Closed) {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match poll(&mut closed, &waker) {
            Poll::Ready(outcome) => return outcome.unwrap(),
            Poll::Pending => thread::park(),
        }
    }
}

#[test]
fn the_future_can_move_between_threads() {
    fn is_free<T: Future<Output = Result<()>> + Send + Sync + Unpin + 'static>(_: &T) {}
    is_free(&common::context().close());
}

#[test]
fn the_context_ends_if_it_has_no_other_owner() {
    must_end(|| {
        wait(common::context().close());
        let context = common::context();
        drop(socket(&context, Pull));
        wait(context.close());
    });
}

/// The future waits for every owner of the context, and is woken when the last owner is dropped.
#[test]
fn the_future_waits_for_all_owners() {
    type Make = fn(&Context) -> Box<dyn Any + Send>;
    let owners: [Make; 5] = [
        |context| Box::new(context.clone()),
        |context| Box::new(socket(context, Pull)),
        |context| Box::new(socket(context, Pull).monitor(Events::ALL).unwrap()),
        |context| Box::new(socket(context, Pull).monitor(Events::ALL).unwrap().bounded(10).unwrap()),
        |context| Box::new(Authenticator::new(context).unwrap()),
    ];
    for make in owners {
        let context = common::context();
        let owner = make(&context);
        let mut closed = context.close();
        let count = Arc::default();
        assert_waits(&mut closed, &count);
        assert_waits(&mut closed, &count);
        drop(owner);
        wait_until(|| count.get() == 1);
        assert!(poll(&mut closed, Waker::noop()).is_ready());
    }
}

#[test]
fn a_proxy_ends_and_the_future_waits_for_it() {
    must_end(|| {
        let context = common::context();
        let (frontend, backend) = (bound(&context, Pull, TCP).0, bound(&context, Push, TCP).0);
        let (handle, (started, running)) = (Handle::new(), mpsc::channel());
        let thread = thread::spawn(move || {
            let proxy = Proxy::new(&frontend, &backend).control(&handle);
            started.send(()).unwrap();
            proxy.run().unwrap_err().kind()
        });
        running.recv().unwrap();
        context.shutdown().unwrap();
        wait(context.close());
        assert_eq!(thread.join().unwrap(), ErrorKind::Terminated);
    });
}

/// The peer starts only after the context was closed, in the same thread: nothing may block it.
#[test]
fn ten_thousand_messages_are_delivered_before_the_context_ends() {
    const MESSAGES: u32 = 10_000;
    must_end_within(Duration::from_secs(60), || {
        let (endpoint, sender) = (free_endpoint(), Context::new().unwrap());
        let push = socket(&sender, Push);
        push.set_send_hwm(0).unwrap();
        push.connect(&endpoint).unwrap();
        for number in 0..MESSAGES {
            push.send(number.to_ne_bytes()).unwrap();
        }
        let (cancelled, handle) = (sender.clone(), sender);
        let count = Arc::default();
        let mut cancelled = cancelled.close();
        assert_waits(&mut cancelled, &count);
        drop(cancelled);
        drop(push);
        let mut closed = handle.close();
        assert_waits(&mut closed, &count);

        let receiver = common::context();
        let pull = socket(&receiver, Pull);
        pull.bind(&endpoint).unwrap();
        for number in 0..MESSAGES {
            assert_eq!(pull.recv().unwrap(), number.to_ne_bytes());
        }
        wait(closed);
    });
}

#[test]
fn messages_to_nobody_are_discarded_after_the_linger_period() {
    must_end(|| {
        let context = Context::new().unwrap();
        let push = connected(&context, Push, free_endpoint());
        push.set_linger(Duration::from_millis(20)).unwrap();
        push.send("to nobody").unwrap();
        drop(push);
        wait(context.close());
    });
}

/// The context ends although nobody polls, or has, the future.
#[test]
fn a_dropped_future_does_not_prevent_the_end() {
    must_end(|| {
        let (endpoint, context) = (free_endpoint(), Context::new().unwrap());
        let push = connected(&context, Push, &endpoint);
        push.send("delivered").unwrap();
        drop(push);
        drop(context.close());
        let receiver = common::context();
        let pull = socket(&receiver, Pull);
        pull.bind(&endpoint).unwrap();
        assert_eq!(pull.recv().unwrap(), "delivered");
    });
}

#[test]
fn all_of_several_futures_are_woken() {
    must_end(|| {
        let context = common::context();
        let pull = socket(&context, Pull);
        let mut all: Vec<_> = (0..100).map(|_| (context.clone().close(), Arc::default())).collect();
        let last = context.close();
        for (closed, count) in &mut all {
            assert_waits(closed, count);
        }
        drop(pull);
        wait(last);
        for (mut closed, count) in all {
            wait_until(|| count.get() == 1);
            // The future reports the end each time that it is polled.
            for _ in 0..2 {
                assert!(poll(&mut closed, Waker::noop()).is_ready());
            }
        }
    });
}

/// The same happens to a future that is moved to another task.
#[test]
fn the_latest_waker_is_woken() {
    must_end(|| {
        let context = common::context();
        let pull = socket(&context, Pull);
        let mut closed = context.close();
        let (former, latter) = (Arc::default(), Arc::default());
        assert_waits(&mut closed, &former);
        assert_waits(&mut closed, &latter);
        drop(pull);
        wait_until(|| latter.get() == 1);
        assert_eq!(former.get(), 0);
    });
}

/// A waker whose end closes and forgets other handles, as the end of a task does.
struct Ends(Mutex<Vec<Closed>>, Context);

impl Wake for Ends {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Ends {
    fn drop(&mut self) {
        let mut closed = self.1.clone().close();
        assert!(poll(&mut closed, Waker::noop()).is_pending());
        self.0.get_mut().unwrap().clear();
    }
}

#[test]
fn wakers_may_close_the_context_when_they_are_dropped() {
    must_end(|| {
        for replaced in [false, true] {
            let context = common::context();
            let mut closed = context.clone().close();
            let others = (0..4).map(|_| context.clone().close()).collect();
            let waker = Waker::from(Arc::new(Ends(Mutex::new(others), context.clone())));
            assert!(poll(&mut closed, &waker).is_pending());
            drop(waker);
            if replaced {
                assert!(poll(&mut closed, Waker::noop()).is_pending());
            } else {
                drop(closed);
            }
            wait(context.close());
        }
    });
}

/// The destructor of a message runs on libzmq's own thread, which must not wait for itself.
#[test]
fn the_last_owner_may_be_a_message_in_a_thread_of_libzmq() {
    must_end(|| {
        struct Owner(#[expect(dead_code, reason = "the context is only dropped")] Context);
        impl AsRef<[u8]> for Owner {
            fn as_ref(&self) -> &[u8] {
                &[7; 1000]
            }
        }
        let (context, sender, receiver) = (common::context(), common::context(), common::context());
        let closed = context.clone().close();
        let (push, endpoint) = bound(&sender, Push, TCP);
        let pull = connected(&receiver, Pull, &endpoint);
        push.send(Message::from_owner(Owner(context))).unwrap();
        assert_eq!(pull.recv().unwrap().len(), 1000);
        wait(closed);
    });
}

/// A context of C code is not terminated, but its owners here are waited for.
#[test]
fn the_owners_of_a_context_of_c_code_can_be_awaited() {
    must_end(|| {
        // SAFETY: takes no argument.
        let raw = unsafe { zmq::zmq_sys::zmq_ctx_new() };
        // SAFETY: a live context, which is terminated below.
        let context = unsafe { Context::from_raw_borrowed(raw) }.unwrap();
        let pull = socket(&context, Pull);
        let mut closed = context.close();
        assert_waits(&mut closed, &Arc::default());
        drop(pull);
        wait(closed);

        // SAFETY: still live; from here on it is owned.
        let context = unsafe { Context::from_raw(raw) }.unwrap();
        let closed = context.clone().close();
        let raw = context.into_raw().unwrap();
        wait(closed);
        // SAFETY: released above.
        assert_eq!(unsafe { zmq::zmq_sys::zmq_ctx_term(raw) }, 0);
    });
}
