//! Connections that end at a moment that only a replaced system call can produce. In a test name, `a111` means the defect A111 in the
//! README of `zmq-src`.

#![allow(clippy::as_conversions, reason = "tests of raw calls")]

use std::cell::Cell;
use std::ffi::{CString, c_int, c_void};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use crate::raw::*;
use zmq_sys::*;

thread_local! {
    /// Whether this thread pauses between two commands that it sends to other threads.
    static PAUSES: Cell<bool> = const { Cell::new(false) };
    /// Whether the thread has sent a command, so that it pauses next.
    static HAS_SIGNALLED: Cell<bool> = const { Cell::new(false) };
}

/// Ends the pause when it receives a value.
static RESUME: Mutex<Option<Receiver<()>>> = Mutex::new(None);

/// Replaces the system's function, which signals a mailbox.
#[unsafe(no_mangle)]
unsafe extern "C" fn write(fd: c_int, bytes: *const c_void, len: usize) -> isize {
    let _ = HAS_SIGNALLED.try_with(|signalled| signalled.set(PAUSES.get()));
    isize::try_from(unsafe { libc::syscall(libc::SYS_write, fd, bytes, len) }).unwrap()
}

/// Replaces the system's function, which locks the next mailbox.
#[unsafe(no_mangle)]
unsafe extern "C" fn pthread_mutex_lock(mutex: *mut c_void) -> c_int {
    type Lock = unsafe extern "C" fn(*mut c_void) -> c_int;
    static SYSTEM: OnceLock<Lock> = OnceLock::new();
    let system = SYSTEM.get_or_init(|| unsafe { system(c"pthread_mutex_lock") });
    if HAS_SIGNALLED.try_with(|signalled| signalled.replace(false)).unwrap_or(false) {
        // If the connection has not begun, there is no need to wait.
        let resume = RESUME.lock().unwrap();
        let _ = resume.as_ref().map(|resume| resume.recv_timeout(Duration::from_millis(300)));
    }
    unsafe { system(mutex) }
}

/// The next thread whose connection has ended sends to the first channel, and waits for the second before it goes on.
static END: Mutex<Option<(Sender<()>, Receiver<()>)>> = Mutex::new(None);

/// The number of bytes that all connections have received.
static RECEIVED: AtomicUsize = AtomicUsize::new(0);

/// The next thread that sends does the same with these channels after it has sent.
static SENT: Mutex<Option<(Sender<()>, Receiver<()>)>> = Mutex::new(None);

/// Replaces the system's function.
#[unsafe(no_mangle)]
unsafe extern "C" fn send(fd: c_int, bytes: *const c_void, len: usize, flags: c_int) -> isize {
    let nobody = std::ptr::null::<c_void>();
    let sent = unsafe { libc::syscall(libc::SYS_sendto, fd, bytes, len, flags, nobody, 0) };
    pause(&SENT);
    isize::try_from(sent).unwrap()
}

fn pause(moment: &Mutex<Option<(Sender<()>, Receiver<()>)>>) {
    if let Some((reached, resume)) = moment.lock().unwrap().take() {
        reached.send(()).unwrap();
        resume.recv_timeout(Duration::from_secs(10)).unwrap();
    }
}

/// Replaces the system's function.
#[unsafe(no_mangle)]
unsafe extern "C" fn recv(fd: c_int, bytes: *mut c_void, len: usize, flags: c_int) -> isize {
    let nobody = std::ptr::null::<c_void>();
    let got = unsafe { libc::syscall(libc::SYS_recvfrom, fd, bytes, len, flags, nobody, nobody) };
    RECEIVED.fetch_add(usize::try_from(got).unwrap_or_default(), Ordering::SeqCst);
    if got == 0 {
        pause(&END);
    }
    isize::try_from(got).unwrap()
}

/// Sends data that the client does not understand, and waits until the client closes the connection.
fn mismatch(mut client: TcpStream) {
    client.write_all(&greeting("PLAIN", 0)).unwrap();
    let _ = client.read_to_end(&mut Vec::new());
}

#[test]
fn a111_a_connection_may_fail_before_the_call_that_makes_it_returns() {
    let _alone = alone();
    let wrong = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = wrong.local_addr().unwrap();
    let (failed, resume) = channel();
    *RESUME.lock().unwrap() = Some(resume);
    let server = thread::spawn(move || {
        mismatch(wrong.accept().unwrap().0);
        let _ = failed.send(());
    });

    let context = Context::new();
    let pull = context.socket(ZMQ_PULL);
    let right = pull.bind("tcp://127.0.0.1:*");
    let push = context.socket(ZMQ_PUSH);
    PAUSES.set(true);
    push.connect(&format!("tcp://{address}"));
    PAUSES.set(false);
    server.join().unwrap();

    // The pipe of the first connection would get every second message. The next calls end this pipe.
    push.events();
    context.io_thread_catches_up();
    push.connect(&right);
    for number in 0..10_u8 {
        push.send(&[number]);
    }
    for number in 0..10_u8 {
        assert_eq!(pull.recv(), [number]);
    }
}

/// The socket types that send their subscriptions again after a reconnect.
const SUBSCRIBERS: &[c_int] = &[
    ZMQ_SUB,
    ZMQ_XSUB,
    #[cfg(feature = "draft")]
    ZMQ_DISH,
];

/// Waits until the sockets that were closed before have ended.
fn reaper_catches_up(context: &Context) {
    drop(context.socket(ZMQ_PAIR).bind("inproc://closed"));
    eventually("the name is free again", || context.socket(ZMQ_PAIR).try_bind("inproc://closed").is_ok());
}

#[test]
fn a190_a_subscriber_may_leave_while_its_connection_ends() {
    let _alone = alone();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
    for &kind in SUBSCRIBERS {
        for closes in [false, true] {
            let context = Context::new();
            let subscriber = context.socket(kind);
            subscriber.set(ZMQ_LINGER, -1);
            subscriber.connect(&endpoint);
            let (ended, has_ended) = channel();
            let (goes_on, resume) = channel();
            let peer = listener.accept().unwrap().0;
            *END.lock().unwrap() = Some((ended, resume));
            peer.shutdown(Shutdown::Write).unwrap();
            has_ended.recv_timeout(Duration::from_secs(10)).unwrap();
            if closes {
                drop(subscriber);
                reaper_catches_up(&context);
            } else {
                let endpoint = CString::new(endpoint.as_str()).unwrap();
                assert_eq!(cvt(unsafe { zmq_disconnect(subscriber.0, endpoint.as_ptr()) }), Ok(()));
                drop(subscriber);
            }
            goes_on.send(()).unwrap();
            drop(context);
        }
    }
}

/// Returns how many bytes of memory the process has in blocks that are too large for the heap.
#[cfg(target_env = "gnu")]
fn large_blocks() -> usize {
    unsafe { libc::mallinfo2() }.hblkhd
}

#[cfg(not(target_env = "gnu"))]
fn large_blocks() -> usize {
    0
}

/// The session learns in two ways that its socket was closed: from a command, and from a mark behind the last message. Here, it sees the
/// mark first.
#[test]
fn a104_parts_for_a_socket_that_is_closed_are_freed() {
    const SIZE: usize = 40 << 20;
    const BATCH: usize = 8192;
    let _alone = alone();
    let context = Context::new();
    let socket = context.socket(ZMQ_DEALER);
    let endpoint = socket.bind("tcp://127.0.0.1:*");
    let mut peer = TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap();
    peer.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let before = large_blocks();
    RECEIVED.store(0, Ordering::SeqCst);

    // ZMTP 1: an empty routing id, a whole message, and the first part of another message.
    peer.write_all(&[1, 0, 2, 0, b'x', 0xff]).unwrap();
    peer.write_all(&(SIZE as u64 + 1).to_be_bytes()).unwrap();
    peer.write_all(&[1]).unwrap();
    peer.write_all(&vec![0; SIZE]).unwrap();
    eventually("the part arrives", || RECEIVED.load(Ordering::SeqCst) == SIZE + 15);
    assert_eq!(socket.recv(), b"x");

    let (sent, has_sent) = channel();
    let (goes_on, resume) = channel();
    *SENT.lock().unwrap() = Some((sent, resume));
    // With its header, the message fills a batch. So the session does not look for another message yet.
    socket.send(&[2; BATCH - 10]);
    has_sent.recv_timeout(Duration::from_secs(10)).unwrap();
    drop(socket);
    reaper_catches_up(&context);
    goes_on.send(()).unwrap();
    drop(context);
    assert_eq!(large_blocks(), before);
}
