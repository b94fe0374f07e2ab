//! What several test files need: sockets that give up, a watchdog, and ways to wait for something to happen.

#![allow(dead_code, reason = "no test file uses all of it")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use zmq::{CanRecv, CanSend, Context, Error, ErrorKind, Kind, Socket};

/// Longer than anything here takes on a busy machine; what takes longer hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Shorter than anything takes to arrive that is on its way; long enough to see that nothing is.
pub(crate) const MOMENT: Duration = Duration::from_millis(50);

/// A context that keeps no program from ending: its sockets drop what they could not send.
pub(crate) fn context() -> Context {
    let context = Context::new().unwrap();
    context.set_blocky(false).unwrap();
    context
}

/// A socket whose calls fail, instead of hanging the test.
pub(crate) fn socket<K: Kind>(context: &Context, kind: K) -> Socket<K> {
    let socket = context.socket(kind).unwrap();
    socket.set_receive_timeout(PATIENCE).unwrap();
    socket.set_send_timeout(PATIENCE).unwrap();
    socket
}

/// Sends two frames there, and two back.
pub(crate) fn bounce<A: CanSend + CanRecv, B: CanSend + CanRecv>(server: &Socket<A>, client: &Socket<B>) {
    let frames = ["12345678ABCDEFGH12345678abcdefgh"; 2];
    client.send_multipart(frames).unwrap();
    assert_eq!(server.recv_multipart().unwrap(), frames);
    server.send_multipart(frames).unwrap();
    assert_eq!(client.recv_multipart().unwrap(), frames);
}

/// Runs `test` in another thread, and fails if it takes longer than a hang would.
#[track_caller]
pub(crate) fn must_end<R: Send + 'static>(test: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, end) = mpsc::channel();
    let thread = thread::spawn(move || {
        let result = test();
        // Nobody listens if this is too late.
        let _ = done.send(());
        result
    });
    match end.recv_timeout(PATIENCE) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("still running after {PATIENCE:?}"),
        _ => match thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        },
    }
}

/// Waits until something is so, and fails if it never is.
#[track_caller]
pub(crate) fn eventually(mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "did not happen within {PATIENCE:?}");
        thread::park_timeout(Duration::from_millis(1));
    }
}

/// Asserts that something takes less than `limit`, at least once in five times: a busy machine delays now and then.
#[track_caller]
pub(crate) fn assert_takes_less(limit: Duration, mut measure: impl FnMut() -> Duration) {
    let mut times = Vec::new();
    while times.len() < 5 {
        times.push(measure());
        if times.last().is_some_and(|&time| time < limit) {
            return;
        }
    }
    panic!("took {times:?}, and never less than {limit:?}");
}

/// The id of the calling thread, as the system knows it.
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
    eventually(|| {
        let stat = std::fs::read_to_string(&path).unwrap();
        // The state follows the name, which stands in brackets and may contain some.
        stat.rsplit_once(") ").unwrap().1.starts_with('S')
    });
}

/// The name of no interface. libzmq asks the name servers too, which may take seconds to answer, unless a name is too
/// long for them, as this one is.
pub(crate) const NO_INTERFACE: &str =
    "tcp://no-such-interface-no-such-interface-no-such-interface-no-such-interface:*";

/// A TCP endpoint that nobody is bound to.
///
/// On Linux all of 127.0.0.0/8 is this machine, so that each process can have an address that no other process takes a
/// free port of meanwhile.
pub(crate) fn unused_endpoint() -> String {
    let host = if cfg!(target_os = "linux") {
        let [_, a, b, c] = std::process::id().to_be_bytes();
        format!("127.{a}.{b}.{}", c.clamp(1, 254))
    } else {
        "127.0.0.1".to_owned()
    };
    let listener = std::net::TcpListener::bind((host.as_str(), 0)).unwrap();
    format!("tcp://{host}:{}", listener.local_addr().unwrap().port())
}

/// A new directory, removed with all that is in it when dropped.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Directory {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // Short, so that names within it fit into a socket address.
        let path = Path::new("/tmp").join(format!("zmq-{}-{count}", std::process::id()));
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

/// Asserts all that a user sees of an error: its kind, its number, and what its text names.
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
