//! If the system refuses to create, bind or configure a socket, the call fails or the connection is made again. No descriptor is
//! leaked.

#![allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "tests of raw calls")]

use std::ffi::{c_int, c_void};
use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use crate::raw::*;
use zmq_sys::*;

/// The settings of a call that fails.
struct Fault {
    /// The error, or 0 if the call does not fail.
    errno: AtomicI32,
    /// How many calls succeed before the call that fails.
    skip: AtomicI32,
}

impl Fault {
    const fn new() -> Self {
        Self { errno: AtomicI32::new(0), skip: AtomicI32::new(0) }
    }

    fn arm(&self, errno: c_int, skip: c_int) {
        self.skip.store(skip, Ordering::SeqCst);
        self.errno.store(errno, Ordering::SeqCst);
    }

    /// Returns whether a call has failed.
    fn struck(&self) -> bool {
        self.errno.load(Ordering::SeqCst) == 0
    }

    /// Returns whether this call fails, and sets errno.
    fn fails(&self) -> bool {
        if self.struck() || self.skip.fetch_sub(1, Ordering::SeqCst) > 0 {
            return false;
        }
        let errno = self.errno.swap(0, Ordering::SeqCst);
        if errno != 0 {
            unsafe { *libc::__errno_location() = errno };
        }
        errno != 0
    }
}

static SOCKET: Fault = Fault::new();
static BIND: Fault = Fault::new();
static LISTEN: Fault = Fault::new();
static LOCAL_NAME: Fault = Fault::new();
static REMOTE_NAME: Fault = Fault::new();
static OPTION: Fault = Fault::new();
static SENDTO: Fault = Fault::new();
static RECVFROM: Fault = Fault::new();
/// The level and the number of the option whose call fails.
static LEVEL: AtomicI32 = AtomicI32::new(0);
static NUMBER: AtomicI32 = AtomicI32::new(0);
/// How many times an interface was selected (`SO_BINDTODEVICE`). Negative if these calls are not counted and do not fail.
static DEVICE: AtomicI32 = AtomicI32::new(-1);
/// How many of these calls fail.
static REFUSALS: AtomicI32 = AtomicI32::new(i32::MAX);
/// Whether `connect` waits until the connection is made.
static AT_ONCE: AtomicBool = AtomicBool::new(false);

const ERRORS: &[c_int] = &[
    libc::EACCES,
    libc::EBADF,
    libc::EINVAL,
    libc::ENOBUFS,
    libc::ENOMEM,
    libc::ENOPROTOOPT,
    libc::ENOTCONN,
    libc::ENOTSOCK,
    libc::EOPNOTSUPP,
    libc::EPERM,
];

#[unsafe(no_mangle)]
extern "C" fn socket(family: c_int, kind: c_int, protocol: c_int) -> c_int {
    if SOCKET.fails() {
        return -1;
    }
    unsafe { libc::syscall(libc::SYS_socket, family, kind, protocol) as c_int }
}

#[unsafe(no_mangle)]
extern "C" fn bind(fd: c_int, address: *const c_void, len: libc::socklen_t) -> c_int {
    if BIND.fails() {
        return -1;
    }
    unsafe { libc::syscall(libc::SYS_bind, fd, address, len) as c_int }
}

#[unsafe(no_mangle)]
extern "C" fn listen(fd: c_int, backlog: c_int) -> c_int {
    if LISTEN.fails() {
        return -1;
    }
    unsafe { libc::syscall(libc::SYS_listen, fd, backlog) as c_int }
}

#[unsafe(no_mangle)]
extern "C" fn getsockname(fd: c_int, address: *mut c_void, len: *mut libc::socklen_t) -> c_int {
    if LOCAL_NAME.fails() {
        return -1;
    }
    unsafe { libc::syscall(libc::SYS_getsockname, fd, address, len) as c_int }
}

#[unsafe(no_mangle)]
extern "C" fn getpeername(fd: c_int, address: *mut c_void, len: *mut libc::socklen_t) -> c_int {
    if REMOTE_NAME.fails() {
        return -1;
    }
    unsafe { libc::syscall(libc::SYS_getpeername, fd, address, len) as c_int }
}

#[unsafe(no_mangle)]
extern "C" fn setsockopt(
    fd: c_int,
    level: c_int,
    option: c_int,
    value: *const c_void,
    len: libc::socklen_t,
) -> c_int {
    let refused = (level, option) == (LEVEL.load(Ordering::SeqCst), NUMBER.load(Ordering::SeqCst));
    if refused && OPTION.fails() {
        return -1;
    }
    if (level, option) == (libc::SOL_SOCKET, libc::SO_BINDTODEVICE) && DEVICE.load(Ordering::SeqCst) >= 0 {
        if DEVICE.fetch_add(1, Ordering::SeqCst) >= REFUSALS.load(Ordering::SeqCst) {
            return 0;
        }
        unsafe { *libc::__errno_location() = libc::EPERM };
        return -1;
    }
    unsafe { libc::syscall(libc::SYS_setsockopt, fd, level, option, value, len) as c_int }
}

#[unsafe(no_mangle)]
extern "C" fn connect(fd: c_int, address: *const c_void, len: libc::socklen_t) -> c_int {
    let result = unsafe { libc::syscall(libc::SYS_connect, fd, address, len) as c_int };
    if !AT_ONCE.load(Ordering::SeqCst) {
        return result;
    }
    let mut writable = libc::pollfd { fd, events: libc::POLLOUT, revents: 0 };
    unsafe { libc::poll(&raw mut writable, 1, -1) };
    0
}

#[unsafe(no_mangle)]
extern "C" fn sendto(
    fd: c_int,
    bytes: *const c_void,
    size: usize,
    flags: c_int,
    address: *const c_void,
    len: libc::socklen_t,
) -> isize {
    if SENDTO.fails() {
        return -1;
    }
    unsafe { libc::syscall(libc::SYS_sendto, fd, bytes, size, flags, address, len) as isize }
}

#[unsafe(no_mangle)]
extern "C" fn recvfrom(
    fd: c_int,
    bytes: *mut c_void,
    size: usize,
    flags: c_int,
    address: *mut c_void,
    len: *mut libc::socklen_t,
) -> isize {
    if RECVFROM.fails() {
        return -1;
    }
    unsafe { libc::syscall(libc::SYS_recvfrom, fd, bytes, size, flags, address, len) as isize }
}

/// Returns the transports that can be bound here, and whether they use an internet socket.
fn transports() -> Vec<(&'static str, bool)> {
    let mut transports = vec![("tcp://127.0.0.1:*", true), ("ipc://*", false)];
    if unsafe { zmq_has(c"ws".as_ptr()) } == 1 {
        transports.push(("ws://127.0.0.1:*", true));
    }
    transports
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Lets the call fail once with each error. Then messages arrive.
fn messages_arrive_after(fault: &Fault, internet_only: bool) {
    let context = Context::new();
    for (transport, internet) in transports() {
        if internet_only && !internet {
            continue;
        }
        // With `skip`, the second call fails, which is made for the other side of the connection.
        for (&errno, skip) in ERRORS.iter().flat_map(|errno| [(errno, 0), (errno, 1)]) {
            let (pull, push) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
            push.set(ZMQ_RECONNECT_IVL, 1);
            let endpoint = pull.bind(transport);
            fault.arm(errno, skip);
            push.connect(&endpoint);
            pull.set(ZMQ_RCVTIMEO, 20);
            eventually(&format!("{transport} after {errno}, {skip}"), || {
                push.send(b"still there");
                pull.try_recv(0).is_ok()
            });
            fault.arm(0, 0);
        }
    }
}

/// Lets the call fail once with each error. The bind fails with this error, and the next bind succeeds.
fn bind_fails_with(fault: &Fault, internet_only: bool) {
    let context = Context::new();
    for (transport, internet) in transports() {
        if internet_only && !internet {
            continue;
        }
        for &errno in ERRORS {
            let pull = context.socket(ZMQ_PULL);
            fault.arm(errno, 0);
            assert_eq!(pull.try_bind(transport), Err(errno), "{transport}");
            pull.bind(transport);
        }
    }
}

/// Runs `test` in a process of its own, and checks that `test` leaks no descriptor.
fn without_leaks(test: impl FnOnce()) {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let before = descriptors();
    test();
    assert_eq!(descriptors(), before);
}

#[test]
fn a_bind_fails_if_the_system_refuses_the_socket() {
    without_leaks(|| bind_fails_with(&SOCKET, false));
}

#[test]
fn a_bind_fails_if_the_system_refuses_the_address() {
    without_leaks(|| bind_fails_with(&BIND, false));
}

#[test]
fn a_bind_fails_if_the_system_refuses_to_listen() {
    without_leaks(|| bind_fails_with(&LISTEN, false));
}

#[test]
fn a170_a_bind_fails_if_the_system_refuses_an_option() {
    without_leaks(|| {
        LEVEL.store(libc::SOL_SOCKET, Ordering::SeqCst);
        NUMBER.store(libc::SO_REUSEADDR, Ordering::SeqCst);
        bind_fails_with(&OPTION, true);
    });
}

#[test]
fn a170_a_bind_fails_if_the_system_refuses_ipv4() {
    without_leaks(|| {
        let context = Context::new();
        let pull = context.socket(ZMQ_PULL);
        pull.set(ZMQ_IPV6, 1);
        LEVEL.store(libc::IPPROTO_IPV6, Ordering::SeqCst);
        NUMBER.store(libc::IPV6_V6ONLY, Ordering::SeqCst);
        OPTION.arm(libc::EPERM, 0);
        let bound = pull.try_bind("tcp://*:*");
        // On a system without IPv6, the option is not set.
        assert!(!OPTION.struck() || bound == Err(libc::EPERM), "{bound:?}");
    });
}

#[test]
fn a170_a_connection_is_made_again_if_an_option_is_refused() {
    without_leaks(|| {
        LEVEL.store(libc::IPPROTO_TCP, Ordering::SeqCst);
        NUMBER.store(libc::TCP_NODELAY, Ordering::SeqCst);
        messages_arrive_after(&OPTION, true);
    });
}

#[test]
fn a170_a_connection_is_made_again_if_its_address_is_unknown() {
    without_leaks(|| {
        messages_arrive_after(&REMOTE_NAME, false);
        messages_arrive_after(&LOCAL_NAME, false);
    });
}

#[test]
fn a_connection_is_made_again_if_the_system_refuses_the_socket() {
    without_leaks(|| messages_arrive_after(&SOCKET, false));
}

#[test]
fn a172_a_proxy_may_be_connected_at_once() {
    without_leaks(|| {
        let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
        let context = Context::new();
        let push = context.socket(ZMQ_PUSH);
        assert_eq!(push.try_set(ZMQ_SOCKS_PROXY, proxy.local_addr().unwrap().to_string().as_bytes()), Ok(()));
        AT_ONCE.store(true, Ordering::SeqCst);
        push.connect("tcp://127.0.0.1:9");
        let mut greeting = [0; 3];
        proxy.accept().unwrap().0.read_exact(&mut greeting).unwrap();
        assert_eq!(greeting, [5, 1, 0]);
    });
}

#[cfg(feature = "draft")]
mod draft {
    use super::*;

    /// Returns a RADIO and a DISH. They use a port that was free a moment ago, because UDP needs a port before the bind.
    fn group(context: &Context) -> (Socket, Socket) {
        let port = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let endpoint = format!("udp://127.0.0.1:{port}");
        let (radio, dish) = (context.socket(ZMQ_RADIO), dish(context, &endpoint));
        radio.connect(&endpoint);
        (radio, dish)
    }

    fn dish(context: &Context, endpoint: &str) -> Socket {
        let dish = context.socket(ZMQ_DISH);
        dish.set(ZMQ_RECONNECT_IVL, 1);
        dish.bind(endpoint);
        assert_eq!(cvt(unsafe { zmq_join(dish.0, c"group".as_ptr()) }), Ok(()));
        dish.set(ZMQ_RCVTIMEO, 20);
        dish
    }

    fn send_to_group(radio: &Socket) {
        unsafe {
            let mut message: zmq_msg_t = std::mem::zeroed();
            assert_eq!(zmq_msg_init_size(&raw mut message, 3), 0);
            std::slice::from_raw_parts_mut(zmq_msg_data(&raw mut message).cast::<u8>(), 3).fill(7);
            assert_eq!(zmq_msg_set_group(&raw mut message, c"group".as_ptr()), 0);
            assert_eq!(zmq_msg_send(&raw mut message, radio.0, 0), 3);
        }
    }

    fn datagrams(fault: &Fault) {
        let context = Context::new();
        let more =
            [libc::ECONNREFUSED, libc::EMSGSIZE, libc::ENETUNREACH, libc::EHOSTUNREACH, libc::EHOSTDOWN];
        for &errno in ERRORS.iter().chain(&more) {
            let (radio, dish) = group(&context);
            fault.arm(errno, 0);
            eventually(&format!("datagrams after {errno}"), || {
                send_to_group(&radio);
                dish.try_recv(0).is_ok() && fault.struck()
            });
        }
    }

    #[test]
    fn no_error_of_sendto_ends_the_process() {
        without_leaks(|| datagrams(&SENDTO));
    }

    #[test]
    fn no_error_of_recvfrom_ends_the_process() {
        without_leaks(|| datagrams(&RECVFROM));
    }

    #[test]
    fn a171_a_refused_interface_is_not_tried_again_at_once() {
        without_leaks(|| {
            let context = Context::new();
            let radio = context.socket(ZMQ_RADIO);
            assert_eq!(radio.try_set(ZMQ_BINDTODEVICE, b"lo"), Ok(()));
            radio.set(ZMQ_RECONNECT_IVL, 600_000);
            DEVICE.store(0, Ordering::SeqCst);
            radio.connect("udp://127.0.0.1:9");
            eventually("the first try", || DEVICE.load(Ordering::SeqCst) > 0);
            send_to_group(&radio);
            // The I/O thread finishes its work for the RADIO before it makes these connections.
            let (pull, push) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
            for _ in 0..20 {
                push.connect(&pull.bind("tcp://127.0.0.1:*"));
                push.send(b"");
                pull.recv();
            }
            assert_eq!(
                DEVICE.load(Ordering::SeqCst),
                1,
                "the interface is selected again before the reconnect interval has passed"
            );
        });
    }

    /// Messages for a refused interface are discarded, even with an infinite linger period.
    #[test]
    fn a171_a_refused_interface_does_not_delay_the_end() {
        without_leaks(|| {
            for sends in [false, true] {
                let context = Context::new();
                let radio = context.socket(ZMQ_RADIO);
                radio.set(ZMQ_LINGER, -1);
                assert_eq!(radio.try_set(ZMQ_BINDTODEVICE, b"lo"), Ok(()));
                DEVICE.store(0, Ordering::SeqCst);
                radio.connect("udp://127.0.0.1:9");
                eventually("the first try", || DEVICE.load(Ordering::SeqCst) > 0);
                if sends {
                    send_to_group(&radio);
                }
            }
        });
    }

    /// An interface that is available later is used, and a port that becomes free later is bound.
    #[test]
    fn a171_a_refused_interface_or_port_is_tried_again() {
        without_leaks(|| {
            let context = Context::new();
            let holder = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
            let endpoint = format!("udp://{}", holder.local_addr().unwrap());
            let dish = dish(&context, &endpoint);
            let radio = context.socket(ZMQ_RADIO);
            assert_eq!(radio.try_set(ZMQ_BINDTODEVICE, b"lo"), Ok(()));
            radio.set(ZMQ_RECONNECT_IVL, 1);
            REFUSALS.store(2, Ordering::SeqCst);
            DEVICE.store(0, Ordering::SeqCst);
            radio.connect(&endpoint);
            drop(holder);
            eventually("a datagram", || {
                send_to_group(&radio);
                dish.try_recv(0).is_ok()
            });
            assert_eq!(DEVICE.load(Ordering::SeqCst), 3);
        });
    }
}
