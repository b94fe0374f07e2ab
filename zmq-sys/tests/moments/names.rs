//! Tests host names. This program replaces `getaddrinfo`, which the bundled library calls, so that the test controls when a name
//! is resolved.

#![allow(clippy::disallowed_methods, reason = "tests of raw calls")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::raw::*;
use libc::addrinfo;
use zmq_sys::*;

type Lookup =
    unsafe extern "C" fn(*const c_char, *const c_char, *const addrinfo, *mut *mut addrinfo) -> c_int;

/// Whether the name server does not answer, and how many threads wait for its answer.
static SILENT: AtomicBool = AtomicBool::new(false);
static ASKING: AtomicUsize = AtomicUsize::new(0);
/// How many times the name server was called.
static ASKED: AtomicUsize = AtomicUsize::new(0);
/// How many times libzmq tried to parse a name of the test as a numeric address.
static TRIED: AtomicUsize = AtomicUsize::new(0);

/// Resolves the names that end in `.test`. Passes other names, and numeric addresses, to the system.
///
/// # Safety
///
/// The same as for the system's function.
#[unsafe(no_mangle)]
unsafe extern "C" fn getaddrinfo(
    name: *const c_char,
    service: *const c_char,
    hints: *const addrinfo,
    found: *mut *mut addrinfo,
) -> c_int {
    let system: Lookup = unsafe { system(c"getaddrinfo") };
    let text = if name.is_null() { c"" } else { unsafe { CStr::from_ptr(name) } };
    let numbers_only = !hints.is_null() && unsafe { (*hints).ai_flags } & libc::AI_NUMERICHOST != 0;
    let Some(host) = text.to_str().ok().and_then(|text| text.strip_suffix(".test")) else {
        return unsafe { system(name, service, hints, found) };
    };
    if numbers_only {
        TRIED.fetch_add(1, Ordering::SeqCst);
        return libc::EAI_NONAME;
    }
    ASKED.fetch_add(1, Ordering::SeqCst);
    ASKING.fetch_add(1, Ordering::SeqCst);
    while host == "slow" && SILENT.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_millis(1));
    }
    ASKING.fetch_sub(1, Ordering::SeqCst);
    let addresses: &[&CStr] = match host {
        "slow" | "one" => &[c"127.0.0.1"],
        "both" => &[c"::1", c"127.0.0.1"],
        "three" => &[c"127.0.0.3", c"127.0.0.2", c"127.0.0.1"],
        _ => return libc::EAI_NONAME,
    };
    // Appends the last list to the list before it.
    let mut end = found;
    for address in addresses {
        let mut of_this = ptr::null_mut();
        if unsafe { system(address.as_ptr(), service, hints, &raw mut of_this) } == 0 {
            unsafe { *end = of_this };
            end = unsafe { &raw mut (*of_this).ai_next };
        }
    }
    if end == found { libc::EAI_NONAME } else { 0 }
}

type Create =
    unsafe extern "C" fn(*mut libc::pthread_t, *const libc::pthread_attr_t, Entry, *mut c_void) -> c_int;
type Entry = extern "C" fn(*mut c_void) -> *mut c_void;

/// Whether the system can start a thread.
static THREADS: AtomicBool = AtomicBool::new(true);

/// # Safety
///
/// The same as for the system's function.
#[unsafe(no_mangle)]
unsafe extern "C" fn pthread_create(
    thread: *mut libc::pthread_t,
    attributes: *const libc::pthread_attr_t,
    entry: Entry,
    argument: *mut c_void,
) -> c_int {
    if !THREADS.load(Ordering::SeqCst) {
        return libc::EAGAIN;
    }
    let system: Create = unsafe { system(c"pthread_create") };
    unsafe { system(thread, attributes, entry, argument) }
}

/// Whether the system supports IPv6.
static IPV6: AtomicBool = AtomicBool::new(true);

/// # Safety
///
/// The same as for the system's function.
#[unsafe(no_mangle)]
unsafe extern "C" fn socket(family: c_int, kind: c_int, protocol: c_int) -> c_int {
    if family == libc::AF_INET6 && !IPV6.load(Ordering::SeqCst) {
        unsafe { *libc::__errno_location() = libc::EAFNOSUPPORT };
        return -1;
    }
    let system: Open = unsafe { system(c"socket") };
    unsafe { system(family, kind, protocol) }
}

type Open = unsafe extern "C" fn(c_int, c_int, c_int) -> c_int;

/// While this value exists, the name server does not answer.
struct Silence;

impl Silence {
    fn new() -> Silence {
        SILENT.store(true, Ordering::SeqCst);
        Silence
    }

    /// Waits until `count` threads wait for an answer.
    fn wait_for_lookups(&self, count: usize) {
        eventually("so many ask", || ASKING.load(Ordering::SeqCst) == count);
    }
}

impl Drop for Silence {
    /// Waits until no thread waits for an answer any more.
    fn drop(&mut self) {
        SILENT.store(false, Ordering::SeqCst);
        if !thread::panicking() {
            eventually("all are answered", || ASKING.load(Ordering::SeqCst) == 0);
        }
    }
}

fn leave(socket: &Socket, endpoint: &str) -> Result<(), c_int> {
    let endpoint = CString::new(endpoint).unwrap();
    cvt(unsafe { zmq_unbind(socket.0, endpoint.as_ptr()) })
}

fn port(endpoint: &str) -> &str {
    endpoint.rsplit_once(':').unwrap().1
}

#[test]
fn unbind_and_disconnect_resolve_no_names() {
    let _alone = alone();
    let context = Context::new();
    let socket = context.socket(ZMQ_DEALER);
    let asked = ASKED.load(Ordering::SeqCst);
    for endpoint in ["tcp://slow.test:1", "tcp://none.test:1", "ws://slow.test:1"] {
        assert_eq!(leave(&socket, endpoint), Err(libc::ENOENT));
    }
    assert_eq!(ASKED.load(Ordering::SeqCst), asked);

    // A bound endpoint has two texts: the text of the bind with the resolved port, and the resolved address.
    let bound = socket.bind("tcp://one.test:*");
    let named = format!("tcp://one.test:{}", port(&bound));
    let asked = ASKED.load(Ordering::SeqCst);
    assert_eq!(leave(&socket, &named), Ok(()));
    assert_eq!(leave(&socket, &named), Err(libc::ENOENT));
    assert_eq!(leave(&socket, &bound), Err(libc::ENOENT));
    assert_eq!(ASKED.load(Ordering::SeqCst), asked);
    let bound = socket.bind("tcp://one.test:*");
    assert_eq!(leave(&socket, &bound), Ok(()));
    assert_eq!(leave(&socket, &format!("tcp://one.test:{}", port(&bound))), Err(libc::ENOENT));

    // The socket binds two ports of one name.
    let both = [socket.bind("tcp://one.test:*"), socket.bind("tcp://one.test:*")];
    for bound in &both {
        assert_eq!(leave(&socket, &format!("tcp://one.test:{}", port(bound))), Ok(()));
    }

    // Numbers and wildcards need no name server.
    let bound = socket.bind("tcp://127.0.0.1:*");
    assert_eq!(leave(&socket, &format!("tcp://127.1:{}", port(&bound))), Ok(()));
    let bound = socket.bind("tcp://*:*");
    assert_eq!(leave(&socket, &format!("tcp://*:{}", port(&bound))), Ok(()));
    let bound = socket.bind("tcp://0.0.0.0:*");
    assert_eq!(leave(&socket, &format!("tcp://*:{}", port(&bound))), Ok(()));

    // A connected endpoint has the text of the connect.
    socket.connect("tcp://none.test:1");
    assert_eq!(leave(&socket, "tcp://127.0.0.1:1"), Err(libc::ENOENT));
    assert_eq!(leave(&socket, "tcp://none.test:1"), Ok(()));
}

/// Checks that a message arrives at a server at 127.0.0.1 if the client connects to this name.
fn arrives(transport: &str, name: &str, ipv6: bool) {
    let context = Context::new();
    let (server, client) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    let bound = server.bind(&format!("{transport}://127.0.0.1:*"));
    let port = port(bound.trim_end_matches('/'));
    client.set(ZMQ_IPV6, c_int::from(ipv6));
    client.connect(&format!("{transport}://{name}:{port}"));
    client.send(b"found");
    assert_eq!(server.recv(), b"found");
}

#[test]
fn every_address_of_a_name_is_used() {
    let _alone = alone();
    for transport in ["tcp", "ws"] {
        arrives(transport, "one.test", false);
        arrives(transport, "three.test", false);
        arrives(transport, "one.test", true);
        arrives(transport, "both.test", true);
        arrives(transport, "three.test", true);
        arrives(transport, "127.0.0.1", true);
    }
}

#[test]
fn without_ipv6_in_the_system_the_ipv4_addresses_are_used() {
    let _alone = alone();
    IPV6.store(false, Ordering::SeqCst);
    for transport in ["tcp", "ws"] {
        for name in ["both.test", "three.test", "127.0.0.1"] {
            arrives(transport, name, true);
        }
    }
    IPV6.store(true, Ordering::SeqCst);
}

#[cfg(feature = "draft")]
#[test]
fn a_refused_address_is_not_final_while_others_are_left() {
    let _alone = alone();
    let context = Context::new();
    let (server, client) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    let bound = server.bind("tcp://127.0.0.1:*");
    let connected = context.monitor(&client, ZMQ_EVENT_CONNECTED);
    client.set(ZMQ_RECONNECT_STOP, ZMQ_RECONNECT_STOP_CONN_REFUSED);
    client.connect(&format!("tcp://three.test:{}", port(&bound)));
    connected.recv();
    client.send(b"found");
    assert_eq!(server.recv(), b"found");
}

#[test]
fn every_address_is_tried_without_a_reconnection() {
    let _alone = alone();
    let context = Context::new();
    let (server, client) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    let bound = server.bind("tcp://127.0.0.1:*");
    client.set(ZMQ_RECONNECT_IVL, -1);
    client.set(ZMQ_IPV6, 1);
    client.connect(&format!("tcp://both.test:{}", port(&bound)));
    client.send(b"found");
    assert_eq!(server.recv(), b"found");
}

#[test]
fn a_silent_name_server_delays_no_other_connection() {
    let _alone = alone();
    let context = Context::new();
    let (server, client) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    let waiting = context.socket(ZMQ_PUSH);
    let bound = server.bind("tcp://127.0.0.1:*");
    let silence = Silence::new();
    for transport in ["tcp", "ws"] {
        waiting.connect(&format!("{transport}://slow.test:{}", port(&bound)));
    }
    silence.wait_for_lookups(2);
    client.connect(&bound);
    client.send(b"meanwhile");
    assert_eq!(server.recv(), b"meanwhile");
    // A socket whose name is not resolved yet does not delay the end of the context.
    drop(waiting);
    drop(client);
    drop(server);
    drop(context);
    assert_eq!(ASKING.load(Ordering::SeqCst), 2);
    drop(silence);

    // A name that is resolved late is still used.
    let context = Context::new();
    let (server, client) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    let bound = server.bind("tcp://127.0.0.1:*");
    let silence = Silence::new();
    client.connect(&format!("tcp://slow.test:{}", port(&bound)));
    silence.wait_for_lookups(1);
    drop(silence);
    client.send(b"late");
    assert_eq!(server.recv(), b"late");
}

#[test]
fn names_wait_until_they_can_be_resolved() {
    let _alone = alone();
    let context = Context::new();
    let server = context.socket(ZMQ_PULL);
    let bound = server.bind("tcp://127.0.0.1:*");
    let silence = Silence::new();
    let tried = TRIED.load(Ordering::SeqCst);
    let clients: Vec<Socket> = (0..80)
        .map(|_| {
            let client = context.socket(ZMQ_PUSH);
            client.connect(&format!("tcp://slow.test:{}", port(&bound)));
            client.send(b"at last");
            client
        })
        .collect();
    silence.wait_for_lookups(64);
    // Sockets that wait for their name do not try again meanwhile.
    eventually("all sockets have parsed their name", || TRIED.load(Ordering::SeqCst) == tried + 80);
    thread::sleep(Duration::from_millis(200));
    assert_eq!(TRIED.load(Ordering::SeqCst), tried + 80);
    drop(silence);
    for _ in &clients {
        assert_eq!(server.recv(), b"at last");
    }
}

#[test]
fn a_name_is_resolved_even_if_no_thread_can_start() {
    let _alone = alone();
    let context = Context::new();
    let (server, client) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    let bound = server.bind("tcp://127.0.0.1:*");
    THREADS.store(false, Ordering::SeqCst);
    client.connect(&format!("tcp://three.test:{}", port(&bound)));
    client.send(b"found");
    let received = server.try_recv(0);
    THREADS.store(true, Ordering::SeqCst);
    assert_eq!(received.unwrap(), b"found");
}

#[test]
fn a_forked_child_resolves_names_while_its_parent_does() {
    let _alone = alone();
    let context = Context::new();
    let server = context.socket(ZMQ_PULL);
    let bound = server.bind("tcp://127.0.0.1:*");
    let silence = Silence::new();
    let clients: Vec<Socket> = (0..64)
        .map(|_| {
            let client = context.socket(ZMQ_PUSH);
            client.connect(&format!("tcp://slow.test:{}", port(&bound)));
            client
        })
        .collect();
    silence.wait_for_lookups(64);
    match unsafe { libc::fork() } {
        0 => {
            unsafe { libc::alarm(30) };
            SILENT.store(false, Ordering::SeqCst);
            {
                let context = Context::new();
                let client = context.socket(ZMQ_PUSH);
                client.set(ZMQ_LINGER, -1);
                client.connect(&format!("tcp://slow.test:{}", port(&bound)));
                client.send(b"from the child");
            }
            unsafe { libc::_exit(0) };
        }
        child => {
            assert_eq!(server.recv(), b"from the child");
            let mut status = -1;
            assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
            assert_eq!(status, 0);
        }
    }
    drop(silence);
    drop(clients);
}

#[test]
fn a_proxy_may_have_a_name_with_several_addresses() {
    let _alone = alone();
    let proxy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let context = Context::new();
    let client = context.socket(ZMQ_PUSH);
    let address = format!("three.test:{}", proxy.local_addr().unwrap().port());
    client.try_set(ZMQ_SOCKS_PROXY, address.as_bytes()).unwrap();
    client.connect("tcp://somewhere.test:1");
    let mut greeting = [0_u8; 2];
    std::io::Read::read_exact(&mut proxy.accept().unwrap().0, &mut greeting).unwrap();
    assert_eq!(greeting[0], 5);
}

#[test]
fn names_may_be_bound_over_ws() {
    let _alone = alone();
    let context = Context::new();
    let server = context.socket(ZMQ_PULL);
    let bound = server.bind("ws://one.test:*/path");
    let (host, port_and_path) = bound.rsplit_once(':').unwrap();
    assert_eq!(host, "ws://127.0.0.1");
    assert_eq!(leave(&server, &format!("ws://one.test:{port_and_path}")), Ok(()));
    assert_eq!(leave(&server, &bound), Err(libc::ENOENT));
}
