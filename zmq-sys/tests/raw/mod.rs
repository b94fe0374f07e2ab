//! A thin layer over the raw calls for tests: values are closed when they are dropped, and no call waits forever.

#![allow(dead_code, reason = "each test binary includes this module and uses a part of it")]

use std::ffi::{CStr, CString, c_int, c_void};
use std::io::Read;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{env, process, thread};

use zmq_sys::*;

/// The time after which a test counts as stuck.
const LIMIT: Duration = Duration::from_secs(30);

pub(crate) struct Context(pub(crate) *mut c_void);

impl Context {
    pub(crate) fn new() -> Self {
        let is_alone = ALONE.try_lock().is_err() || env::var_os(ROLE).is_some();
        assert!(is_alone, "a test that makes a context begins with `alone()`");
        let context = unsafe { zmq_ctx_new() };
        assert!(!context.is_null());
        Self(context)
    }

    pub(crate) fn set(&self, option: c_int, value: c_int) {
        assert_eq!(unsafe { zmq_ctx_set(self.0, option, value) }, 0, "context option {option}");
    }

    pub(crate) fn socket(&self, kind: c_int) -> Socket {
        self.try_socket(kind).unwrap_or_else(|errno| panic!("zmq_socket({kind}): errno {errno}"))
    }

    /// Returns a socket that receives these events of `socket`. It has no high-water mark, so no event waits until it is read.
    pub(crate) fn monitor(&self, socket: &Socket, events: c_int) -> Socket {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let endpoint = format!("inproc://monitor-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let c = CString::new(endpoint.as_str()).unwrap();
        assert_eq!(cvt(unsafe { zmq_socket_monitor(socket.0, c.as_ptr(), events) }), Ok(()));
        let reader = self.socket(ZMQ_PAIR);
        reader.set(ZMQ_RCVHWM, 0);
        reader.connect(&endpoint);
        reader
    }

    /// Waits until the I/O thread has processed its commands. It processes commands in order, so the test waits for a listener that is
    /// added last.
    pub(crate) fn io_thread_catches_up(&self) {
        let other = self.socket(ZMQ_PULL);
        let endpoint = other.bind("tcp://127.0.0.1:*");
        let mut peer = TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap();
        peer.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut first = [0];
        peer.read_exact(&mut first).unwrap();
        assert_eq!(first, [0xff]);
    }

    pub(crate) fn try_socket(&self, kind: c_int) -> Result<Socket, c_int> {
        let socket = unsafe { zmq_socket(self.0, kind) };
        if socket.is_null() {
            return Err(errno());
        }
        let socket = Socket(socket);
        socket.set(ZMQ_LINGER, 0);
        socket.set(ZMQ_RCVTIMEO, 10_000);
        socket.set(ZMQ_SNDTIMEO, 10_000);
        Ok(socket)
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        unsafe { zmq_ctx_term(self.0) };
    }
}

pub(crate) struct Socket(pub(crate) *mut c_void);

impl Socket {
    pub(crate) fn try_set(&self, option: c_int, value: &[u8]) -> Result<(), c_int> {
        cvt(unsafe { zmq_setsockopt(self.0, option, value.as_ptr().cast(), value.len()) })
    }

    pub(crate) fn set(&self, option: c_int, value: c_int) {
        assert_eq!(self.try_set(option, &value.to_ne_bytes()), Ok(()), "option {option} = {value}");
    }

    pub(crate) fn try_bind(&self, endpoint: &str) -> Result<String, c_int> {
        let endpoint = CString::new(endpoint).unwrap();
        cvt(unsafe { zmq_bind(self.0, endpoint.as_ptr()) })?;
        let mut text = [0_u8; 512];
        let mut len = text.len();
        cvt(unsafe { zmq_getsockopt(self.0, ZMQ_LAST_ENDPOINT, text.as_mut_ptr().cast(), &raw mut len) })?;
        Ok(CStr::from_bytes_until_nul(&text).unwrap().to_str().unwrap().to_owned())
    }

    /// Returns the events that the socket is ready for. The call first processes the commands of the I/O threads.
    pub(crate) fn events(&self) -> c_int {
        let mut events: c_int = 0;
        let mut len = size_of_val(&events);
        assert_eq!(
            cvt(unsafe { zmq_getsockopt(self.0, ZMQ_EVENTS, (&raw mut events).cast(), &raw mut len) }),
            Ok(())
        );
        events
    }

    /// Binds, and returns the resolved endpoint.
    pub(crate) fn bind(&self, endpoint: &str) -> String {
        self.try_bind(endpoint).unwrap_or_else(|errno| panic!("zmq_bind({endpoint}): errno {errno}"))
    }

    pub(crate) fn connect(&self, endpoint: &str) {
        let c = CString::new(endpoint).unwrap();
        assert_eq!(cvt(unsafe { zmq_connect(self.0, c.as_ptr()) }), Ok(()), "zmq_connect({endpoint})");
    }

    pub(crate) fn send(&self, body: &[u8]) {
        self.send_part(body, 0);
    }

    pub(crate) fn send_part(&self, body: &[u8], flags: c_int) {
        let sent = unsafe { zmq_send(self.0, body.as_ptr().cast(), body.len(), flags) };
        assert_eq!(usize::try_from(sent), Ok(body.len()), "errno {}", errno());
    }

    pub(crate) fn recv(&self) -> Vec<u8> {
        self.try_recv(0).unwrap_or_else(|errno| panic!("zmq_recv: errno {errno}"))
    }

    /// Receives a part, and checks that it has this length.
    pub(crate) fn recv_all(&self, len: usize) -> Vec<u8> {
        let mut buffer = vec![0_u8; len];
        let received = unsafe { zmq_recv(self.0, buffer.as_mut_ptr().cast(), len, 0) };
        assert_eq!(usize::try_from(received), Ok(len), "errno {}", errno());
        buffer
    }

    /// Receives a part of any length, and returns the length.
    pub(crate) fn recv_len(&self) -> usize {
        let received = unsafe { zmq_recv(self.0, std::ptr::null_mut(), 0, 0) };
        usize::try_from(received).unwrap_or_else(|_| panic!("zmq_recv: errno {}", errno()))
    }

    pub(crate) fn try_recv(&self, flags: c_int) -> Result<Vec<u8>, c_int> {
        let mut buffer = vec![0_u8; 1024];
        let len = unsafe { zmq_recv(self.0, buffer.as_mut_ptr().cast(), buffer.len(), flags) };
        buffer.truncate(usize::try_from(len).map_err(|_| errno())?);
        Ok(buffer)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        unsafe { zmq_close(self.0) };
    }
}

/// Returns the ZMTP 3 greeting of a peer with this mechanism and minor version.
pub(crate) fn greeting(mechanism: &str, minor: u8) -> [u8; 64] {
    let mut greeting = [0; 64];
    (greeting[0], greeting[9], greeting[10], greeting[11]) = (0xff, 0x7f, 3, minor);
    for (to, byte) in greeting.iter_mut().skip(12).zip(mechanism.bytes()) {
        *to = byte;
    }
    greeting
}

/// Returns the system's function of this name, which a test has replaced.
///
/// # Safety
///
/// `F` is the type of the function.
pub(crate) unsafe fn system<F: Copy>(name: &CStr) -> F {
    let function = unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) };
    assert!(!function.is_null() && size_of::<F>() == size_of_val(&function));
    unsafe { std::mem::transmute_copy(&function) }
}

pub(crate) fn errno() -> c_int {
    unsafe { zmq_errno() }
}

pub(crate) fn cvt(result: c_int) -> Result<(), c_int> {
    if result == -1 { Err(errno()) } else { Ok(()) }
}

/// Waits until `holds` returns true.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < LIMIT, "never happened: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

static ALONE: Mutex<()> = Mutex::new(());

/// Returns a lock that lets only one test run at a time, because some tests examine the whole process. Ends the process if the test
/// takes longer than a minute.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    let guard = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    unsafe { libc::alarm(60) };
    guard
}

const ROLE: &str = "ZMQ_SYS_TEST_CHILD";

/// Runs the test again in a process of its own. Returns true in that process, and false in the process that waited for it.
///
/// This is for tests that change the process, and for tests that end the process if they fail.
#[track_caller]
pub(crate) fn in_child() -> bool {
    if is_child() {
        unsafe { libc::alarm(60) };
        return true;
    }
    let output = child_output();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}\n{text}{}", output.status, String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("1 passed"), "the child ran no test: {text}");
    false
}

/// Returns the name of the test that runs, which is the name of its thread.
fn test_name() -> String {
    thread::current().name().unwrap().to_owned()
}

/// Returns whether this is the process that was started for this test.
pub(crate) fn is_child() -> bool {
    env::var(ROLE).is_ok_and(|role| role == test_name())
}

/// Runs this test in a process of its own, and returns its output.
pub(crate) fn child_output() -> process::Output {
    let name = test_name();
    process::Command::new(env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture", "--test-threads=1"])
        .env(ROLE, name)
        .output()
        .unwrap()
}

/// Limits the number of descriptors of this process.
pub(crate) fn limit_descriptors(count: libc::rlim_t) {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) }, 0);
    assert!(count <= limit.rlim_max, "this test needs `ulimit -Hn` of {count}, and it is {}", limit.rlim_max);
    limit.rlim_cur = count;
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
}

/// Returns the number that the next descriptor gets.
pub(crate) fn next_descriptor() -> c_int {
    let fd = unsafe { libc::dup(2) };
    assert_ne!(fd, -1);
    unsafe { libc::close(fd) };
    fd
}
