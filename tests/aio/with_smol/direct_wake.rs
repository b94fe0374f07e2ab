//! The threads of the bundled libzmq wake tasks themselves. The wakers may run any code there.

use std::any::Any;
use std::future::Future;
use std::io::{Read, Write};
#[cfg(target_os = "linux")]
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd};
use std::pin::{Pin, pin};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
#[cfg(target_os = "linux")]
use std::task::Poll;
use std::task::{Context, Wake, Waker};
use std::thread::{self, ThreadId};
use std::time::Duration;

#[cfg(target_os = "linux")]
use zmq::monitor::{EventKind, Events};
use zmq::{Dealer, Message, POLLIN, Pull, Push, Rep, Req, Router};

#[cfg(target_os = "linux")]
use super::monitored;
use super::{Socket, registered};
use crate::common::{LIMIT, TCP, bound, connected, context, socket, start_watchdog, zmtp};

/// A waker that calls a function.
struct Calls<F>(F);

impl<F: Fn() + Send + Sync + 'static> Wake for Calls<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

fn waker(call: impl Fn() + Send + Sync + 'static) -> Waker {
    Waker::from(Arc::new(Calls(call)))
}

/// A waker that reports the thread that calls it.
fn reporter() -> (Waker, Receiver<Caller>) {
    let (callers, reports) = channel();
    (waker(move || callers.send(Caller::this()).unwrap_or_default()), reports)
}

#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only tests on Linux look at the thread"))]
struct Caller {
    id: ThreadId,
    /// The threads of libzmq have names that only the system knows.
    name: String,
}

impl Caller {
    fn this() -> Caller {
        let name = std::fs::read_to_string("/proc/thread-self/comm").unwrap_or_default();
        Caller { id: thread::current().id(), name }
    }

    #[cfg(target_os = "linux")]
    fn is_of_libzmq(&self) -> bool {
        self.name.starts_with("ZMQbg")
    }
}

/// A PUSH and a PULL that are connected.
fn pair() -> (zmq::Socket<Push>, Socket<Pull>) {
    start_watchdog();
    let context = context();
    let (push, endpoint) = bound(&context, Push, TCP);
    let mut pull = registered(connected(&context, Pull, &endpoint));
    push.send("first").unwrap();
    assert_eq!(smol::block_on(pull.recv()).unwrap(), "first");
    (push, pull)
}

#[cfg(target_os = "linux")]
#[test]
fn a_thread_of_libzmq_wakes_the_task() {
    let (push, mut pull) = pair();
    let (waker, reports) = reporter();
    let mut receiving = pin!(pull.recv());
    for number in 0..100 {
        assert!(receiving.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        push.send(number.to_string()).unwrap();
        assert!(reports.recv().unwrap().is_of_libzmq());
        let Poll::Ready(received) = receiving.as_mut().poll(&mut Context::from_waker(&waker)) else {
            panic!("no message");
        };
        assert_eq!(received.unwrap(), number.to_string());
    }
}

/// Returns the endpoint of a server that no longer answers connections, and a value that keeps the server in this state.
#[cfg(target_os = "linux")]
fn silent_server() -> (String, impl Sized) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // SAFETY: a live descriptor.
    assert_eq!(unsafe { libc::listen(listener.as_raw_fd(), 0) }, 0);
    let address = listener.local_addr().unwrap();
    let connect = || TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok();
    let connections: Vec<_> = std::iter::from_fn(connect).take(16).collect();
    (format!("tcp://{address}"), (listener, connections))
}

/// libzmq reports a connection that takes too long when a timer expires. Nothing else happens at this moment.
#[cfg(target_os = "linux")]
#[test]
fn a_timer_of_libzmq_wakes_the_task() {
    start_watchdog();
    let (endpoint, _server) = silent_server();
    let context = context();
    let push = socket(&context, Push);
    push.set_connect_timeout(Duration::from_millis(100)).unwrap();
    push.set_reconnect_interval(Duration::from_secs(60 * 60)).unwrap();
    let mut monitor = monitored(push.monitor(Events::ALL).unwrap());
    push.connect(endpoint).unwrap();
    let (waker, reports) = reporter();
    let mut next = || {
        loop {
            match pin!(monitor.recv()).poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(event) => return event.unwrap(),
                Poll::Pending => reports.recv_timeout(LIMIT).expect("the timer wakes the task"),
            };
        }
    };
    assert!(matches!(next().kind(), EventKind::ConnectDelayed));
    assert!(matches!(next().kind(), EventKind::Closed { .. }));
    assert!(matches!(next().kind(), EventKind::ConnectRetried { .. }));
}

/// Bytes whose destructor reports whether a task is woken while the destructor runs.
struct Waits {
    bytes: Vec<u8>,
    sends: Option<zmq::Socket<Push>>,
    woken: Receiver<Caller>,
    result: Sender<bool>,
}

impl AsRef<[u8]> for Waits {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        if let Some(push) = &self.sends {
            push.send("from the destructor").unwrap();
        }
        self.result.send(self.woken.recv_timeout(LIMIT).is_ok()).unwrap();
    }
}

#[test]
fn a_destructor_may_wait_for_a_task_that_it_sends_to() {
    let (push, mut pull) = pair();
    let context = context();
    let (sends, endpoint) = bound(&context, Push, "inproc://destructor");
    let mut task = registered(connected(&context, Pull, &endpoint));
    let (waker, woken) = reporter();
    assert!(task.poll_recv(&mut Context::from_waker(&waker)).is_pending());
    let (result, results) = channel();
    // A thread of libzmq drops the owner after it has sent the message.
    push.send(Message::from_owner(Waits { bytes: vec![0; 1000], sends: Some(sends), woken, result }))
        .unwrap();
    assert!(results.recv().unwrap(), "the task was not woken");
    assert_eq!(smol::block_on(task.recv()).unwrap(), "from the destructor");
    assert_eq!(smol::block_on(pull.recv()).unwrap().len(), 1000);
}

/// The same call of libzmq receives a message for the task, and drops the owner.
#[test]
fn a_destructor_may_wait_for_a_task_that_was_to_be_woken() {
    // More than what the system takes from a thread whose peer reads nothing.
    const SIZE: usize = 64 << 20;
    start_watchdog();
    let context = context();
    let dealer = socket(&context, Dealer);
    dealer.set_max_message_size(100).unwrap();
    // The system chooses the other sizes itself, and they can be large.
    dealer.set_send_buffer(1 << 16).unwrap();
    let endpoint = dealer.bind(TCP).unwrap();
    let mut peer = zmtp::connect(endpoint, 0, "NULL");
    peer.write_all(&zmtp::ready("DEALER", &[])).unwrap();
    zmtp::read_frame(&mut peer);
    let mut dealer = registered(dealer);
    let (waker, woken) = reporter();
    let (result, results) = channel();
    let message = Message::from_owner(Waits { bytes: vec![0; SIZE], sends: None, woken, result });
    smol::block_on(dealer.send(message)).unwrap();
    let mut flags = [0];
    peer.read_exact(&mut flags).unwrap();
    assert_eq!(flags, [zmtp::LARGE]);
    assert!(dealer.poll_recv(&mut Context::from_waker(&waker)).is_pending());
    // The second message is too long, so the connection ends.
    peer.write_all(&[zmtp::frame(0, b"message"), zmtp::frame(0, &[0; 200])].concat()).unwrap();
    assert!(results.recv().unwrap(), "the task was not woken");
    assert_eq!(smol::block_on(dealer.recv()).unwrap(), "message");
}

/// Messages over inproc come from threads of the program, which may hold locks of libzmq. These threads wake nobody.
#[cfg(target_os = "linux")]
#[test]
fn a_call_of_the_program_wakes_no_task_itself() {
    start_watchdog();
    let context = context();
    let (push, endpoint) = bound(&context, Push, "inproc://not-direct");
    let mut pull = registered(connected(&context, Pull, &endpoint));
    let (waker, reports) = reporter();
    let mut receiving = pin!(pull.recv());
    assert!(receiving.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    push.send("message").unwrap();
    let caller = reports.recv().unwrap();
    assert!(!caller.is_of_libzmq() && caller.id != thread::current().id());
}

/// Whoever borrows the blocking socket may watch the descriptor.
#[test]
fn the_descriptor_of_a_borrowed_socket_shows_what_was_announced() {
    let (push, mut pull) = pair();
    let (waker, reports) = reporter();
    for _ in 0..100 {
        // `poll_recv` of a stream or of an executor leaves the call waiting in the same way.
        assert!(pull.poll_recv(&mut Context::from_waker(&waker)).is_pending());
        push.send("message").unwrap();
        reports.recv().unwrap();
        let descriptor = pull.inner().as_fd();
        let mut watched = libc::pollfd { fd: descriptor.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one valid entry.
        assert_eq!(unsafe { libc::poll(&mut watched, 1, 30_000) }, 1);
        assert_eq!(pull.inner().try_recv().unwrap(), "message");
    }
}

#[test]
fn the_blocking_socket_waits_after_a_task_has_waited() {
    let (push, mut pull) = pair();
    let (waker, reports) = reporter();
    for _ in 0..100 {
        assert!(pull.poll_recv(&mut Context::from_waker(&waker)).is_pending());
        // Before the message is sent, after it was announced, or in between.
        let blocking = pull.into_inner();
        push.send("first").unwrap();
        assert_eq!(blocking.recv().unwrap(), "first");
        pull = registered(blocking);
        assert!(pull.poll_recv(&mut Context::from_waker(&waker)).is_pending());
        push.send("second").unwrap();
        reports.recv().unwrap();
        let blocking = pull.into_inner();
        assert_eq!(blocking.recv().unwrap(), "second");
        pull = registered(blocking);
    }
}

/// A task that waits with the other half does not keep the descriptor from showing messages.
#[test]
fn a_lent_socket_announces_by_its_descriptor() {
    start_watchdog();
    let context = context();
    let (router, endpoint) = bound(&context, Router, TCP);
    let dealer = registered(connected(&context, Dealer, &endpoint));
    let (sender, mut receiver) = dealer.split();
    smol::block_on(sender.send("hello")).unwrap();
    let [client, _] = router.recv_multipart().unwrap().try_into().unwrap();
    for number in 0..100 {
        let reply = [client.clone(), number.to_string().into()];
        let mut receiving = pin!(receiver.recv());
        assert!(receiving.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let found = sender.with_inner(|socket| {
            router.send_multipart(reply).unwrap();
            socket.poll(POLLIN, Duration::from_secs(30)).unwrap()
        });
        assert_eq!(found.unwrap(), POLLIN);
        assert_eq!(smol::block_on(receiving).unwrap(), number.to_string());
    }
}

#[test]
fn a_waker_may_panic() {
    let (push, mut pull) = pair();
    let (panics, reports) = channel();
    let panicking = waker(move || {
        panics.send(()).unwrap();
        std::panic::panic_any(PanicsToo);
    });
    assert!(pull.poll_recv(&mut Context::from_waker(&panicking)).is_pending());
    push.send("message").unwrap();
    reports.recv().unwrap();
    assert_eq!(smol::block_on(pull.recv()).unwrap(), "message");
}

/// The value of a panic whose destructor panics as well.
struct PanicsToo;

impl Drop for PanicsToo {
    fn drop(&mut self) {
        panic!("in a destructor");
    }
}

/// The waker drops the task, with the socket, its peer, and the last share of the context.
#[test]
fn a_waker_may_drop_the_socket_and_end_the_context() {
    for _ in 0..100 {
        start_watchdog();
        let context = context();
        let (push, endpoint) = bound(&context, Push, TCP);
        let mut pull = registered(connected(&context, Pull, &endpoint));
        push.send("first").unwrap();
        assert_eq!(smol::block_on(pull.recv()).unwrap(), "first");
        let end = context.clone().close();
        let owned: Arc<Mutex<Option<Box<dyn Any + Send>>>> = Arc::default();
        let in_waker = Arc::clone(&owned);
        let dropping = waker(move || drop(in_waker.lock().unwrap().take()));
        assert!(pull.poll_recv(&mut Context::from_waker(&dropping)).is_pending());
        let other = context.socket(Push).unwrap();
        other.connect(endpoint).unwrap();
        *owned.lock().unwrap() = Some(Box::new((pull, other, context)));
        push.send("message").unwrap();
        drop(push);
        smol::block_on(end).unwrap();
    }
}

/// An executor without threads: a task runs on the thread that wakes it.
struct Inline {
    task: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
    ended: Sender<()>,
}

impl Wake for Inline {
    fn wake(self: Arc<Self>) {
        let waker = Waker::from(Arc::clone(&self));
        let mut task = self.task.lock().unwrap();
        let Some(running) = &mut *task else { return };
        if running.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            drop(task.take());
            self.ended.send(()).unwrap();
        }
    }
}

/// The task receives and sends on the very socket that it waits for.
#[test]
fn a_waker_may_run_the_task() {
    const COUNT: usize = 1_000;
    start_watchdog();
    let context = context();
    let (rep, endpoint) = bound(&context, Rep, TCP);
    let mut rep = registered(rep);
    let (ended, end) = channel();
    let task = async move {
        for _ in 0..COUNT {
            let request = rep.recv().await.unwrap();
            rep.send(request).await.unwrap();
        }
    };
    Arc::new(Inline { task: Mutex::new(Some(Box::pin(task))), ended }).wake();
    let req = connected(&context, Req, &endpoint);
    for number in 0..COUNT {
        req.send(number.to_string()).unwrap();
        assert_eq!(req.recv().unwrap(), number.to_string());
    }
    end.recv().unwrap();
}
