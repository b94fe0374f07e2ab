//! Tests how much a connection reads and writes at once. This program replaces `send`, `recv`, `epoll_wait` and `malloc`.

#![cfg(all(zmq_vendored, target_os = "linux", target_env = "gnu"))]
#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests of raw calls"
)]

#[path = "../raw/mod.rs"]
mod raw;

use std::ffi::{c_int, c_void};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use raw::*;
use zmq_sys::*;

/// How many bytes a connection reads and writes at once when it is new, and at most.
const USUAL: usize = 8 << 10;
const MOST: usize = 64 << 10;

/// The most bytes that one call of `send` was given, and that one call of `recv` returned.
static SENT: AtomicUsize = AtomicUsize::new(0);
static RECEIVED: AtomicUsize = AtomicUsize::new(0);

/// The number of calls of `send`.
static CALLS: AtomicUsize = AtomicUsize::new(0);

/// The number of calls of `send` with a full batch, and of calls of `recv`, for each descriptor since the last call of `epoll_wait`, and
/// the most of each. A batch that is not full sets the number to zero: it ends the work of the connection, which begins again when a
/// command announces the next message.
static SENDS: [AtomicUsize; 1024] = [const { AtomicUsize::new(0) }; 1024];
static READS: [AtomicUsize; 1024] = [const { AtomicUsize::new(0) }; 1024];
static MOST_SENDS: AtomicUsize = AtomicUsize::new(0);
static MOST_READS: AtomicUsize = AtomicUsize::new(0);

/// Counts a call for a descriptor if it goes on with the same work.
fn count(calls: &[AtomicUsize], most: &AtomicUsize, fd: c_int, goes_on: bool) {
    if let Some(calls) = usize::try_from(fd).ok().and_then(|fd| calls.get(fd)) {
        if !goes_on {
            return calls.store(0, Ordering::Relaxed);
        }
        most.fetch_max(calls.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
}

/// How long a test waits for a call.
const DEADLINE: Duration = Duration::from_secs(60);

/// Holds calls of `recv` up.
struct Gate {
    state: Mutex<GateState>,
    changed: Condvar,
}

struct GateState {
    /// The number of calls that may pass, or `None` if all may.
    passes: Option<usize>,
    /// The number of calls that have come to the closed gate.
    came: usize,
}

impl Gate {
    /// Lets calls pass: so many, or all of them.
    fn set(&self, passes: Option<usize>) {
        self.state.lock().unwrap().passes = passes;
        self.changed.notify_all();
    }

    /// Waits until so many calls have come to the closed gate.
    fn wait(&self, came: usize) {
        let state = self.state.lock().unwrap();
        let (state, _) = self.changed.wait_timeout_while(state, DEADLINE, |state| state.came < came).unwrap();
        assert_eq!(state.came, came);
    }

    fn pass(&self) {
        let mut state = self.state.lock().unwrap();
        if state.passes.is_some() {
            state.came += 1;
            self.changed.notify_all();
        }
        let mut state = self.changed.wait_while(state, |state| state.passes == Some(0)).unwrap();
        state.passes = state.passes.map(|passes| passes - 1);
    }
}

static GATE: Gate = Gate { state: Mutex::new(GateState { passes: None, came: 0 }), changed: Condvar::new() };

/// Whether `malloc` refuses larger buffers than a new connection has, and how often it has refused one.
static NO_MEMORY: AtomicBool = AtomicBool::new(false);
static REFUSED: AtomicUsize = AtomicUsize::new(0);

type Send = unsafe extern "C" fn(c_int, *const c_void, usize, c_int) -> isize;
type Recv = unsafe extern "C" fn(c_int, *mut c_void, usize, c_int) -> isize;
type EpollWait = unsafe extern "C" fn(c_int, *mut c_void, c_int, c_int) -> c_int;

/// # Safety
///
/// The same as for the system's function.
#[unsafe(no_mangle)]
unsafe extern "C" fn send(fd: c_int, bytes: *const c_void, len: usize, flags: c_int) -> isize {
    SENT.fetch_max(len, Ordering::Relaxed);
    CALLS.fetch_add(1, Ordering::Relaxed);
    count(&SENDS, &MOST_SENDS, fd, len >= USUAL);
    let system: Send = unsafe { system(c"send") };
    unsafe { system(fd, bytes, len, flags) }
}

/// # Safety
///
/// The same as for the system's function.
#[unsafe(no_mangle)]
unsafe extern "C" fn recv(fd: c_int, bytes: *mut c_void, len: usize, flags: c_int) -> isize {
    count(&READS, &MOST_READS, fd, true);
    GATE.pass();
    let system: Recv = unsafe { system(c"recv") };
    let received = unsafe { system(fd, bytes, len, flags) };
    RECEIVED.fetch_max(usize::try_from(received).unwrap_or_default(), Ordering::Relaxed);
    received
}

/// # Safety
///
/// The same as for the system's function.
#[unsafe(no_mangle)]
unsafe extern "C" fn epoll_wait(fd: c_int, events: *mut c_void, count: c_int, timeout: c_int) -> c_int {
    SENDS.iter().chain(&READS).for_each(|calls| calls.store(0, Ordering::Relaxed));
    let system: EpollWait = unsafe { system(c"epoll_wait") };
    unsafe { system(fd, events, count, timeout) }
}

unsafe extern "C" {
    fn __libc_malloc(size: usize) -> *mut c_void;
}

/// # Safety
///
/// The same as for the system's function.
#[unsafe(no_mangle)]
unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
    // The first read buffer of a connection is larger than `USUAL`, because it also contains a counter for its messages.
    let is_large = size == 2 * USUAL || (2 * USUAL + USUAL..4 * MOST).contains(&size);
    if is_large && NO_MEMORY.load(Ordering::Relaxed) {
        REFUSED.fetch_add(1, Ordering::Relaxed);
        return ptr::null_mut();
    }
    unsafe { __libc_malloc(size) }
}

/// Returns the message with this number. Most messages are short, and some are longer than the bytes that are read at once.
fn message(number: usize) -> Vec<u8> {
    let byte = u8::try_from(number % 251).unwrap();
    vec![byte; if number % 1000 == 0 { 30_000 } else { number % 300 }]
}

const MESSAGES: usize = 50_000;

/// Returns two sockets without high-water marks.
fn sockets(context: &Context) -> (Socket, Socket) {
    let (push, pull) = (context.socket(ZMQ_PUSH), context.socket(ZMQ_PULL));
    push.set(ZMQ_SNDHWM, 0);
    pull.set(ZMQ_RCVHWM, 0);
    SENT.store(0, Ordering::Relaxed);
    RECEIVED.store(0, Ordering::Relaxed);
    (push, pull)
}

/// Sends many messages, and checks that all of them arrive in order.
fn exchange(push: &Socket, pull: &Socket) {
    (0..MESSAGES).for_each(|number| push.send(&message(number)));
    for number in 0..MESSAGES {
        let expected = message(number);
        assert!(pull.recv_all(expected.len()) == expected, "message {number}");
    }
}

/// Returns how much memory of the process is in use.
fn in_use() -> usize {
    let info = unsafe { libc::mallinfo2() };
    info.uordblks + info.hblkhd
}

#[test]
fn a_busy_connection_reads_and_writes_more_at_once() {
    let _alone = alone();
    let context = Context::new();
    let (push, pull) = sockets(&context);
    push.connect(&pull.bind("tcp://127.0.0.1:*"));
    exchange(&push, &pull);
    assert!(SENT.load(Ordering::Relaxed) >= MOST, "sent {SENT:?} at once");
    assert!(RECEIVED.load(Ordering::Relaxed) >= 2 * USUAL, "received {RECEIVED:?} bytes at once");
}

#[test]
fn a_busy_connection_sends_several_messages_of_16_kib_at_once() {
    let _alone = alone();
    let context = Context::new();
    let (push, pull) = sockets(&context);
    push.connect(&pull.bind("tcp://127.0.0.1:*"));
    let bytes = vec![7; 16 << 10];
    (0..3000).for_each(|_| push.send(&bytes));
    (0..3000).for_each(|_| assert!(pull.recv_all(bytes.len()) == bytes));
    assert!(SENT.load(Ordering::Relaxed) >= MOST, "sent {SENT:?} at once");
    assert!(RECEIVED.load(Ordering::Relaxed) >= 2 * bytes.len(), "received {RECEIVED:?} bytes at once");
}

/// The third message does not fit into the batch of the first two.
#[test]
fn the_rest_of_a_message_is_sent_with_the_next_messages() {
    const COUNT: usize = 2000;
    let _alone = alone();
    let context = Context::new();
    let (push, pull) = sockets(&context);
    push.connect(&pull.bind("tcp://127.0.0.1:*"));
    CALLS.store(0, Ordering::Relaxed);
    let bytes = vec![7; 24 << 10];
    (0..COUNT).for_each(|_| push.send(&bytes));
    (0..COUNT).for_each(|_| assert!(pull.recv_all(bytes.len()) == bytes));
    let calls = CALLS.load(Ordering::Relaxed);
    assert!(calls < COUNT, "{calls} calls for {COUNT} messages");
}

#[test]
fn full_batches_are_read_and_written_without_polling() {
    let _alone = alone();
    let context = Context::new();
    let (push, pull) = sockets(&context);
    push.connect(&pull.bind("tcp://127.0.0.1:*"));
    MOST_SENDS.store(0, Ordering::Relaxed);
    MOST_READS.store(0, Ordering::Relaxed);
    exchange(&push, &pull);
    // One more batch can be written before the first poll, when the queue gets its first message.
    let (sends, reads) = (MOST_SENDS.load(Ordering::Relaxed), MOST_READS.load(Ordering::Relaxed));
    assert!((3..=6).contains(&sends), "{sends} batches were written in turn");
    assert!((2..=4).contains(&reads), "{reads} batches were read in turn");
}

/// Large messages of one read wait for those of the next read, so that the socket is woken once. Small ones do not wait.
#[test]
fn large_messages_of_several_reads_are_passed_on_together() {
    let _alone = alone();
    for (size, expected) in [(3000, Err(libc::EAGAIN)), (200, Ok(200))] {
        let context = Context::new();
        let (_, pull) = sockets(&context);
        let mut peer = handshaken(&pull);
        let came = GATE.state.lock().unwrap().came;
        GATE.set(Some(0));
        let length = u64::try_from(size).unwrap().to_be_bytes();
        let message = [&[2][..], &length, &vec![7; size]].concat();
        let count = 6 * USUAL / size;
        peer.write_all(&message.repeat(count)).unwrap();
        GATE.wait(came + 1);
        GATE.set(Some(1));
        GATE.wait(came + 2);
        let found = pull.try_recv(ZMQ_DONTWAIT).map(|bytes| bytes.len());
        GATE.set(None);
        assert_eq!(found, expected, "messages of {size} bytes");
        (usize::from(found.is_ok())..count).for_each(|_| assert_eq!(pull.recv_len(), size));
    }
}

/// After a read that fills the buffer, the next read may find nothing. The messages that waited for it must still arrive.
#[test]
fn large_messages_do_not_wait_for_bytes_that_never_come() {
    let _alone = alone();
    let context = Context::new();
    let (_, pull) = sockets(&context);
    let mut peer = handshaken(&pull);
    let came = GATE.state.lock().unwrap().came;
    GATE.set(Some(0));
    let size = USUAL / 2 - 9;
    let length = u64::try_from(size).unwrap().to_be_bytes();
    let message = [&[2][..], &length, &vec![7; size]].concat();
    peer.write_all(&message.repeat(2)).unwrap();
    GATE.wait(came + 1);
    GATE.set(None);
    (0..2).for_each(|_| assert_eq!(pull.recv_len(), size));
}

#[test]
fn an_idle_connection_frees_its_large_buffers() {
    let _alone = alone();
    let context = Context::new();
    let (push, pull) = sockets(&context);
    push.connect(&pull.bind("tcp://127.0.0.1:*"));
    exchange(&push, &pull);
    // The memory is measured after the queues and buffers have been used once.
    let quiet = |what: &str| {
        push.send(what.as_bytes());
        assert_eq!(pull.recv(), what.as_bytes());
        context.io_thread_catches_up();
    };
    quiet("first");
    let before = in_use();
    for _ in 0..5 {
        (0..MESSAGES).for_each(|number| push.send(&message(number)));
        for number in 0..MESSAGES {
            assert_eq!(pull.recv_len(), message(number).len());
        }
        quiet("again");
    }
    let grown = in_use().saturating_sub(before);
    // A queue keeps a block of 16 KiB for reuse on each side.
    assert!(grown <= 40 << 10, "an idle connection took {grown} bytes more");
}

#[test]
fn without_memory_a_connection_keeps_its_small_buffers() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let (push, pull) = sockets(&context);
    NO_MEMORY.store(true, Ordering::Relaxed);
    push.connect(&pull.bind("tcp://127.0.0.1:*"));
    for _ in 0..2 {
        (0..MESSAGES).for_each(|number| push.send(&[u8::try_from(number % 251).unwrap(); 100]));
        for number in 0..MESSAGES {
            assert_eq!(pull.recv(), [u8::try_from(number % 251).unwrap(); 100]);
        }
        assert_eq!(SENT.load(Ordering::Relaxed), USUAL);
        assert!(RECEIVED.load(Ordering::Relaxed) <= USUAL);
        assert!(REFUSED.load(Ordering::Relaxed) > 0);
    }
    NO_MEMORY.store(false, Ordering::Relaxed);
    exchange(&push, &pull);
    assert!(SENT.load(Ordering::Relaxed) >= MOST, "sent {SENT:?} at once");
}

#[cfg(feature = "draft")]
#[test]
fn buffers_keep_the_sizes_that_a_program_sets() {
    let _alone = alone();
    let context = Context::new();
    for size in [1, 7, 100, 8192, 100_000] {
        let (push, pull) = sockets(&context);
        for (socket, option) in [(&push, ZMQ_OUT_BATCH_SIZE), (&pull, ZMQ_IN_BATCH_SIZE)] {
            assert_eq!(socket.try_set(option, &0_i32.to_ne_bytes()), Err(libc::EINVAL));
            assert_eq!(socket.try_set(option, &(-1_i32).to_ne_bytes()), Err(libc::EINVAL));
            socket.set(option, size);
        }
        push.connect(&pull.bind("tcp://127.0.0.1:*"));
        let bytes = [7; 300];
        (0..1000).for_each(|_| push.send(&bytes));
        (0..1000).for_each(|_| assert_eq!(pull.recv(), bytes));
        // A message as long as the buffer is not copied into it, and the handshake is not sent in batches.
        let most = usize::try_from(size).unwrap().max(300);
        assert!(SENT.load(Ordering::Relaxed) <= most, "sent {SENT:?} bytes at once, with a size of {size}");
        assert!(
            RECEIVED.load(Ordering::Relaxed) <= most,
            "received {RECEIVED:?} bytes at once, with a size of {size}"
        );
    }
}

/// Returns a connection to a socket, made by hand, after the handshake. The socket reads nothing more until the peer writes.
fn handshaken(pull: &Socket) -> TcpStream {
    let endpoint = pull.bind("tcp://127.0.0.1:*");
    let mut peer = TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap();
    peer.set_nodelay(true).unwrap();
    let mut theirs = handshake();
    peer.write_all(&theirs).unwrap();
    // The socket refuses a message before its own handshake is sent.
    peer.read_exact(&mut theirs).unwrap();
    peer.write_all(&[0, 1, 7]).unwrap();
    assert_eq!(pull.recv(), [7]);
    peer
}

/// Returns what a PUSH socket sends before its first message.
fn handshake() -> Vec<u8> {
    let mut greeting = [0; 64];
    (greeting[0], greeting[8], greeting[9], greeting[10]) = (0xff, 1, 0x7f, 3);
    greeting[12..16].copy_from_slice(b"NULL");
    [&greeting[..], b"\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PUSH"].concat()
}

#[test]
fn a_peer_may_send_single_bytes() {
    let _alone = alone();
    let context = Context::new();
    let (_, pull) = sockets(&context);
    let endpoint = pull.bind("tcp://127.0.0.1:*");
    let mut peer = TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap();
    peer.set_nodelay(true).unwrap();
    // A message of 40,000 bytes, many short ones, and a length with nothing after it.
    let mut sent = [&handshake()[..], &[2, 0, 0, 0, 0, 0, 0, 0x9c, 0x40], &[7; 40_000]].concat();
    (0..1000).for_each(|_| sent.extend_from_slice(&[0, 3, 1, 2, 3]));
    sent.extend_from_slice(&[2, 0, 0, 0, 0, 0, 0, 0x9c, 0x40]);
    sent.iter().for_each(|byte| peer.write_all(&[*byte]).unwrap());
    assert_eq!(pull.recv_all(40_000), [7; 40_000]);
    (0..1000).for_each(|_| assert_eq!(pull.recv(), [1, 2, 3]));
    assert_eq!(pull.try_recv(ZMQ_DONTWAIT), Err(libc::EAGAIN));
}
