//! Shared helpers: sockets that cannot hang a test, ways to wait, and the usual exchanges.

#![allow(dead_code, reason = "every test file uses some of it")]
#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends on the first surprise"
)]

#[cfg(all(zmq_vendored, zmq_curve))]
pub(crate) mod curve;
pub(crate) mod handshake;
pub(crate) mod process;
pub(crate) mod random;
pub(crate) mod security;
mod watchdog;
pub(crate) mod zmtp;

pub(crate) use watchdog::start_watchdog;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use zmq::capability::{CanMultipart, CanRecv, CanSend, Kind};
use zmq::monitor::{Event, EventKind};
use zmq::{
    Any, Context, Dealer, Endpoint, Error, ErrorKind, Message, Monitor, PollItem, Pull, Push, Socket,
    SocketKind,
};

/// Whether `.ci/cross` runs the tests for this target under Wine or qemu.
const MAY_BE_EMULATED: bool = cfg!(any(windows, not(any(target_arch = "x86", target_arch = "x86_64"))));

/// The time limit for anything that must happen. Under Wine, a thousand connections can take more than a minute.
pub(crate) const LIMIT: Duration = Duration::from_secs(if MAY_BE_EMULATED { 180 } else { 10 });

/// The time to watch for something that must not happen, if no event shows that it cannot happen any more. Under Wine, a message
/// needs more time.
pub(crate) const MOMENT: Duration = Duration::from_millis(if cfg!(windows) { 300 } else { 60 });

/// Any free port of the loopback interface.
pub(crate) const TCP: &str = "tcp://127.0.0.1:*";

/// A context that does not wait for unsent messages. If the test hangs, the process ends.
pub(crate) fn context() -> Context {
    context_with(Context::builder())
}

/// Like [`context`], with options that must be set before the first socket.
pub(crate) fn context_with(builder: zmq::option::ContextBuilder) -> Context {
    start_watchdog();
    let context = builder.build().unwrap();
    context.set_blocky(false).unwrap();
    context
}

/// A socket whose calls fail rather than hang.
pub(crate) fn socket<K: Kind>(context: &Context, kind: K) -> Socket<K> {
    let socket = context.socket(kind).unwrap();
    socket.set_recv_timeout(LIMIT).unwrap();
    socket.set_send_timeout(LIMIT).unwrap();
    socket
}

/// Returns a socket bound to `endpoint`, and the resolved endpoint.
pub(crate) fn bound<K: Kind>(context: &Context, kind: K, endpoint: &str) -> (Socket<K>, Endpoint) {
    let socket = socket(context, kind);
    let endpoint = socket.bind(endpoint).unwrap();
    (socket, endpoint)
}

/// A socket connected to `endpoint`.
pub(crate) fn connected<K: Kind>(context: &Context, kind: K, endpoint: impl AsRef<str>) -> Socket<K> {
    let socket = socket(context, kind);
    socket.connect(endpoint).unwrap();
    socket
}

/// An endpoint to bind to for each transport that every platform has. The inproc endpoint is called `name`.
pub(crate) fn transports(name: &str) -> Vec<String> {
    let mut transports = vec![format!("inproc://{name}"), TCP.to_owned()];
    if zmq::has(zmq::Feature::Ipc) && cfg!(unix) {
        transports.push("ipc://*".to_owned());
    }
    transports
}

/// Whether this machine's loopback interface has an IPv6 address.
pub(crate) fn has_ipv6() -> bool {
    std::net::TcpListener::bind("[::1]:0").is_ok()
}

/// A TCP endpoint to which no socket is bound yet.
///
/// On Linux, all of 127.0.0.0/8 is this machine. So each process can have its own address, where no other process takes
/// a free port in the meantime. No port is returned twice, because the tests of a process run at the same time.
pub(crate) fn free_endpoint() -> String {
    static GIVEN: Mutex<Vec<u16>> = Mutex::new(Vec::new());
    let host = if cfg!(target_os = "linux") {
        let [_, a, b, c] = std::process::id().to_be_bytes();
        format!("127.{a}.{b}.{}", c.clamp(1, 254))
    } else {
        "127.0.0.1".to_owned()
    };
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let listener = std::net::TcpListener::bind((host.as_str(), 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        if !given.contains(&port) {
            given.push(port);
            return format!("tcp://{host}:{port}");
        }
    }
}

/// A name that no interface has. libzmq also asks the name servers, which may take seconds to answer. This name is too
/// long for them.
pub(crate) const NO_INTERFACE: &str =
    "tcp://no-such-interface-no-such-interface-no-such-interface-no-such-interface:*";

/// An ipc endpoint that can be bound again. The directory of a wildcard's path is removed with the first socket.
pub(crate) fn ipc_endpoint(name: &str) -> String {
    let path = std::env::temp_dir().join(format!("zmq-{}-{name}", std::process::id()));
    format!("ipc://{}", path.display())
}

/// Tries until `attempt` returns something.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + LIMIT;
    loop {
        if let Some(value) = attempt() {
            return value;
        }
        assert!(Instant::now() < deadline, "never happened: {what}");
        thread::park_timeout(Duration::from_millis(1));
    }
}

/// Waits until a condition holds.
#[track_caller]
pub(crate) fn wait_until(mut condition: impl FnMut() -> bool) {
    eventually("the event that the test waits for", || condition().then_some(()));
}

/// Runs `test` in another thread, and fails if it takes so long that it must be hanging.
#[track_caller]
pub(crate) fn must_end<R: Send + 'static>(test: impl FnOnce() -> R + Send + 'static) -> R {
    must_end_within(LIMIT, test)
}

/// Like [`must_end`], with a limit for a test that has much to do: on a busy machine it gets only a part of a processor.
#[track_caller]
pub(crate) fn must_end_within<R: Send + 'static>(
    limit: Duration,
    test: impl FnOnce() -> R + Send + 'static,
) -> R {
    let (done, end) = mpsc::channel();
    let thread = thread::spawn(move || {
        let result = test();
        // If this is too late, nobody listens.
        let _ = done.send(());
        result
    });
    match end.recv_timeout(limit) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("still running after {limit:?}"),
        _ => match thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        },
    }
}

/// Asserts that something takes less than `limit` at least once in five attempts, because a busy machine delays some of
/// them. An emulated processor gets more time.
#[track_caller]
pub(crate) fn assert_takes_less(limit: Duration, mut measure: impl FnMut() -> Duration) {
    let limit = limit * process::setting("ZMQ_TEST_SLOW", 1);
    let mut times = Vec::new();
    while times.len() < 5 {
        times.push(measure());
        if times.last().is_some_and(|&time| time < limit) {
            return;
        }
    }
    panic!("the fastest of the runs {times:?} took longer than {limit:?}");
}

/// The id that the system gives to the calling thread.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn thread_id() -> i32 {
    // SAFETY: no arguments.
    unsafe { libc::gettid() }
}

/// Waits until a thread of this process sleeps in the kernel.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[track_caller]
pub(crate) fn wait_until_asleep(thread: i32) {
    let path = format!("/proc/self/task/{thread}/stat");
    wait_until(|| {
        let stat = std::fs::read_to_string(&path).unwrap();
        // The state follows the name. The name is in brackets, and may contain brackets.
        stat.rsplit_once(") ").unwrap().1.starts_with('S')
    });
}

/// The threads of this process whose names begin with `prefix`. A thread that has just started has no name yet.
#[cfg(target_os = "linux")]
pub(crate) fn threads_named(prefix: &str) -> Vec<i32> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().map(|task| task.unwrap().path());
    // Another thread of this process may end at any time.
    let named = |task: &std::path::PathBuf| {
        std::fs::read_to_string(task.join("comm")).is_ok_and(|name| name.starts_with(prefix))
    };
    tasks.filter(named).map(|task| task.file_name().unwrap().to_str().unwrap().parse().unwrap()).collect()
}

/// Asserts that nothing arrives for a moment.
#[track_caller]
pub(crate) fn assert_silent<K: CanRecv>(socket: &Socket<K>) {
    let outcome = socket.recv_within(MOMENT);
    assert_eq!(outcome.map_err(|error| error.kind()).unwrap_err(), ErrorKind::WouldBlock);
}

/// Asserts that the socket has nothing to receive now.
#[track_caller]
pub(crate) fn assert_empty<K: CanRecv>(socket: &Socket<K>) {
    let outcome = socket.try_recv();
    assert_eq!(outcome.map_err(|error| error.kind()).unwrap_err(), ErrorKind::WouldBlock);
}

/// The kind of the error.
#[track_caller]
pub(crate) fn kind_of<T, E: Into<Error>>(result: Result<T, E>) -> ErrorKind {
    match result {
        Ok(_) => panic!("the call succeeded"),
        Err(error) => error.into().kind(),
    }
}

/// Waits until one of `sockets` can receive, and returns its index.
#[track_caller]
pub(crate) fn readable<K: Kind>(sockets: &[Socket<K>]) -> usize {
    let mut items: Vec<_> = sockets.iter().map(|socket| PollItem::new(socket, zmq::POLLIN)).collect();
    assert_ne!(zmq::poll(&mut items, LIMIT).unwrap(), 0, "no socket received a message");
    items.iter().position(PollItem::is_readable).unwrap()
}

/// Sends a two-part message from `requester` to `responder`, and another one back.
#[track_caller]
pub(crate) fn bounce<A: CanSend + CanRecv + CanMultipart, B: CanSend + CanRecv + CanMultipart>(
    requester: &Socket<A>,
    responder: &Socket<B>,
) {
    let (first, second) = ([b'1'; 32], [b'2'; 32]);
    requester.send_more(first).unwrap();
    requester.send(second).unwrap();
    expect_two(responder, first, second);
    responder.send_more(second).unwrap();
    responder.send(first).unwrap();
    expect_two(requester, second, first);
}

#[track_caller]
fn expect_two<K: CanRecv>(socket: &Socket<K>, first: [u8; 32], second: [u8; 32]) {
    let frame = socket.recv().unwrap();
    assert_eq!(frame, first);
    assert!(frame.has_more());
    assert!(socket.has_more().unwrap());
    let frame = socket.recv().unwrap();
    assert_eq!(frame, second);
    assert!(!frame.has_more());
    assert!(!socket.has_more().unwrap());
}

/// Waits until every one of `receivers` is connected to `sender`, which sends to them in turn. No message is left on
/// its way.
#[track_caller]
pub(crate) fn meet_all<S: CanSend, R: CanRecv>(sender: &Socket<S>, receivers: &[Socket<R>]) {
    let mut sent = 0;
    let mut received = vec![0; receivers.len()];
    eventually("every receiver gets a message", || {
        if received.iter().all(|&count| count > 0) {
            return Some(());
        }
        sender.send("are you there?").unwrap();
        sent += 1;
        take_all(receivers, &mut received);
        None
    });
    eventually("all messages arrive", || {
        take_all(receivers, &mut received);
        (received.iter().sum::<usize>() == sent).then_some(())
    });
}

fn take_all<R: CanRecv>(receivers: &[Socket<R>], counts: &mut [usize]) {
    for (receiver, count) in receivers.iter().zip(counts) {
        while receiver.try_recv().is_ok() {
            *count += 1;
        }
    }
}

/// Waits until two sockets are connected, for socket types such as PUSH and PULL or two DEALERs.
#[track_caller]
pub(crate) fn meet<S: CanSend, R: CanRecv>(sender: &Socket<S>, receiver: &Socket<R>) {
    sender.send("are you there?").unwrap();
    assert_eq!(receiver.recv().unwrap(), "are you there?");
}

/// The frames as text, for short assertions.
pub(crate) fn texts(frames: impl IntoIterator<Item = Message>) -> Vec<String> {
    frames.into_iter().map(|frame| frame.into_string().unwrap()).collect()
}

/// `PUSH`, `DEALER` and `REQ`, each with the socket type of a peer that receives exactly what it sends.
pub(crate) const SENDERS_IN_TURN: [(SocketKind, SocketKind); 3] = [
    (SocketKind::Push, SocketKind::Pull),
    (SocketKind::Dealer, SocketKind::Dealer),
    (SocketKind::Req, SocketKind::Router),
];

/// All socket types except DGRAM, which supports only udp.
pub(crate) fn connecting_kinds() -> impl Iterator<Item = SocketKind> {
    SocketKind::ALL.iter().copied().filter(|kind| kind.name() != "DGRAM")
}

/// A socket whose type is a value, for tests with several types.
pub(crate) fn any(context: &Context, kind: SocketKind) -> Socket<Any> {
    socket(context, Any(kind))
}

/// A PUSH bound to `endpoint` and PULLs connected to it.
pub(crate) fn pipeline(
    context: &Context,
    endpoint: &str,
    workers: usize,
) -> (Socket<Push>, Vec<Socket<Pull>>) {
    let (push, endpoint) = bound(context, Push, endpoint);
    let pulls: Vec<_> = (0..workers).map(|_| connected(context, Pull, &endpoint)).collect();
    meet_all(&push, &pulls);
    (push, pulls)
}

/// Two connected DEALERs.
pub(crate) fn dealers(context: &Context, endpoint: &str) -> (Socket<Dealer>, Socket<Dealer>) {
    let (left, endpoint) = bound(context, Dealer, endpoint);
    let right = connected(context, Dealer, endpoint);
    (left, right)
}

/// A new directory. Dropping it removes it with everything in it.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Directory {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // Short, so that names in it fit into a socket address.
        let parent = if cfg!(unix) { PathBuf::from("/tmp") } else { std::env::temp_dir() };
        let path = parent.join(format!("zmq-{}-{count}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Directory(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn ipc(&self, name: &str) -> String {
        format!("ipc://{}", self.path(name).display())
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Asserts everything that a user sees of an error: its kind, its number, and what its text names.
#[track_caller]
pub(crate) fn assert_error(error: impl Into<Error>, kind: ErrorKind, errno: i32, names: &[&str]) {
    let error = error.into();
    assert_eq!(error.kind(), kind, "{error}");
    assert_eq!(error.errno(), errno, "{error}");
    let text = error.to_string();
    for name in names {
        assert!(text.contains(name), "{text:?} does not name {name:?}");
    }
}

/// Waits until the monitor reports a particular event, and skips other events.
#[track_caller]
pub(crate) fn wait_for_event(monitor: &Monitor, wanted: impl Fn(&EventKind) -> bool) -> Event {
    let deadline = Instant::now() + LIMIT;
    let mut seen = Vec::new();
    loop {
        match monitor.recv_within(deadline.saturating_duration_since(Instant::now())) {
            Ok(event) if wanted(event.kind()) => return event,
            Ok(event) => seen.push(event.to_string()),
            Err(error) => panic!("{error} after {seen:#?}"),
        }
    }
}
