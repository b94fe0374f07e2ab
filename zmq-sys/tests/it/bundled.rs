//! The platform features of the bundled library. A library that is compiled without these features would fail the tests.

use std::ffi::{CString, c_int, c_void};
use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, mem, thread};

use crate::raw::*;
use zmq_sys::*;

fn has(capability: &str) -> bool {
    let capability = CString::new(capability).unwrap();
    unsafe { zmq_has(capability.as_ptr()) == 1 }
}

/// Returns the descriptors of this process, and what each descriptor refers to.
fn descriptors() -> Vec<(c_int, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc/self/fd").unwrap() {
        let path = entry.unwrap().path();
        let number = path.file_name().unwrap().to_str().unwrap().parse().unwrap();
        // The descriptor of the directory itself is closed after the directory has been read.
        if let Some(target) = fs::read_link(&path).ok().filter(|target| !target.starts_with("/proc")) {
            found.push((number, target.to_string_lossy().into_owned()));
        }
    }
    found
}

fn tcp_option(fd: c_int, level: c_int, name: c_int) -> Option<c_int> {
    let mut value: c_int = 0;
    let mut len = libc::socklen_t::try_from(mem::size_of::<c_int>()).unwrap();
    let result = unsafe { libc::getsockopt(fd, level, name, (&raw mut value).cast(), &raw mut len) };
    (result == 0).then_some(value)
}

#[test]
fn the_library_is_4_3_5_with_the_promised_capabilities() {
    let _alone = alone();
    let (mut major, mut minor, mut patch) = (0, 0, 0);
    unsafe { zmq_version(&raw mut major, &raw mut minor, &raw mut patch) };
    assert_eq!((major, minor, patch), (4, 3, 5));
    assert!(has("ipc"));
    assert!(has("WS"));
    assert_eq!(has("curve"), cfg!(feature = "curve"));
    assert_eq!(has("draft"), cfg!(feature = "draft"));
    assert_eq!(has("pgm"), cfg!(feature = "pgm"));
    assert_eq!(has("norm"), cfg!(feature = "norm"));
    assert_eq!(has("gssapi"), cfg!(feature = "gssapi"));
    assert_eq!(has("WSS"), cfg!(feature = "wss"));
}

#[cfg(feature = "curve")]
#[test]
fn curve_generates_keys() {
    let _alone = alone();
    let (mut public, mut secret, mut derived) = ([0; 41], [0; 41], [0; 41]);
    assert_eq!(unsafe { zmq_curve_keypair(public.as_mut_ptr(), secret.as_mut_ptr()) }, 0);
    assert_eq!(unsafe { zmq_curve_public(derived.as_mut_ptr(), secret.as_ptr()) }, 0);
    assert_eq!(public, derived);
}

#[test]
fn a_socket_takes_one_descriptor() {
    let _alone = alone();
    let context = Context::new();
    let _first = context.socket(ZMQ_PAIR);
    let before = descriptors().len();
    let sockets: Vec<Socket> = (0..10).map(|_| context.socket(ZMQ_PAIR)).collect();
    let after = descriptors();
    assert_eq!(after.len() - before, sockets.len());
    let eventfds = after.iter().filter(|(_, target)| target.contains("[eventfd]")).count();
    assert!(eventfds >= sockets.len(), "{after:?}");
}

#[test]
fn no_descriptor_survives_exec() {
    let _alone = alone();
    let before: Vec<c_int> = descriptors().into_iter().map(|(fd, _)| fd).collect();
    let context = Context::new();
    let (server, client) = (context.socket(ZMQ_PAIR), context.socket(ZMQ_PAIR));
    let (ipc_server, ipc_client) = (context.socket(ZMQ_PAIR), context.socket(ZMQ_PAIR));
    client.connect(&server.bind("tcp://127.0.0.1:*"));
    ipc_client.connect(&ipc_server.bind("ipc://*"));
    for (from, to) in [(&client, &server), (&ipc_client, &ipc_server)] {
        from.send(b"connected");
        assert_eq!(to.recv(), b"connected");
    }
    let new: Vec<_> = descriptors().into_iter().filter(|(fd, _)| !before.contains(fd)).collect();
    assert!(new.len() >= 10, "{new:?}");
    for (fd, target) in new {
        let flags = unsafe { libc::fcntl(fd, libc::F_GETFD) };
        assert_eq!(flags & libc::FD_CLOEXEC, libc::FD_CLOEXEC, "{target}");
    }
}

#[test]
fn keep_alive_reaches_the_connection() {
    let _alone = alone();
    let context = Context::new();
    let (server, client) = (context.socket(ZMQ_PAIR), context.socket(ZMQ_PAIR));
    for socket in [&server, &client] {
        socket.set(ZMQ_TCP_KEEPALIVE, 1);
        socket.set(ZMQ_TCP_KEEPALIVE_CNT, 3);
        socket.set(ZMQ_TCP_KEEPALIVE_IDLE, 101);
        socket.set(ZMQ_TCP_KEEPALIVE_INTVL, 17);
    }
    client.connect(&server.bind("tcp://127.0.0.1:*"));
    client.send(b"connected");
    assert_eq!(server.recv(), b"connected");
    let kept_alive = descriptors()
        .into_iter()
        .filter(|&(fd, _)| {
            tcp_option(fd, libc::SOL_SOCKET, libc::SO_KEEPALIVE) == Some(1)
                && tcp_option(fd, libc::IPPROTO_TCP, libc::TCP_KEEPCNT) == Some(3)
                && tcp_option(fd, libc::IPPROTO_TCP, libc::TCP_KEEPIDLE) == Some(101)
                && tcp_option(fd, libc::IPPROTO_TCP, libc::TCP_KEEPINTVL) == Some(17)
        })
        .count();
    assert_eq!(kept_alive, 2, "keep-alive is enabled on both sides of the connection");
}

#[test]
fn interfaces_can_be_named() {
    let _alone = alone();
    let context = Context::new();
    let server = context.socket(ZMQ_PAIR);
    assert!(server.bind("tcp://lo:*").starts_with("tcp://127.0.0.1:"));
    assert_eq!(server.try_bind("tcp://nosuchinterface:*"), Err(libc::ENODEV));
}

#[test]
fn threads_have_names() {
    let _alone = alone();
    let context = Context::new();
    context.set(ZMQ_IO_THREADS, 2);
    let _socket = context.socket(ZMQ_PAIR);
    for name in ["ZMQbg/Reaper", "ZMQbg/IO/0", "ZMQbg/IO/1"] {
        // A thread sets its own name when it begins to run.
        eventually(name, || {
            fs::read_dir("/proc/self/task").unwrap().flatten().any(|task| {
                fs::read_to_string(task.path().join("comm")).is_ok_and(|comm| comm.trim_end() == name)
            })
        });
    }
}

#[test]
fn an_ipc_wildcard_leaves_no_file_behind() {
    let _alone = alone();
    let context = Context::new();
    let server = context.socket(ZMQ_PAIR);
    let endpoint = server.bind("ipc://*");
    let path = Path::new(endpoint.strip_prefix("ipc://").unwrap());
    let dir = path.parent().unwrap();
    assert!(path.exists());
    drop(server);
    drop(context);
    assert!(!path.exists());
    assert!(!dir.exists(), "{} still exists, although it was created only for the socket", dir.display());
}

#[test]
fn ipc_peers_can_be_filtered() {
    let _alone = alone();
    let context = Context::new();
    let server = context.socket(ZMQ_PAIR);
    for option in [ZMQ_IPC_FILTER_UID, ZMQ_IPC_FILTER_GID, ZMQ_IPC_FILTER_PID] {
        server.set(option, 1);
    }
}

#[test]
fn a_forked_child_can_close_inherited_sockets() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let server = context.socket(ZMQ_PULL);
    let endpoint = server.bind("tcp://127.0.0.1:*");
    let child = unsafe { libc::fork() };
    assert_ne!(child, -1);
    if child == 0 {
        unsafe { libc::alarm(20) };
        drop(server);
        drop(context);
        let context = Context::new();
        let client = context.socket(ZMQ_PUSH);
        client.set(ZMQ_LINGER, -1);
        client.connect(&endpoint);
        for _ in 0..5 {
            client.send(b"from the child");
        }
        drop(client);
        drop(context);
        unsafe { libc::_exit(0) };
    }
    for _ in 0..5 {
        assert_eq!(server.recv(), b"from the child");
    }
    let mut status = 0;
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0);
    // The parent still works.
    let client = context.socket(ZMQ_PUSH);
    client.connect(&endpoint);
    client.send(b"from the parent");
    assert_eq!(server.recv(), b"from the parent");
}

#[test]
fn nineteen_thousand_sockets_fit_in_twenty_thousand_descriptors() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    limit_descriptors(20_000);
    let context = Context::new();
    context.set(ZMQ_MAX_SOCKETS, 19_000);
    let sockets: Vec<Socket> = (0..19_000).map(|_| context.socket(ZMQ_PAIR)).collect();
    let client = &sockets[0];
    client.connect(&sockets[18_999].bind("tcp://127.0.0.1:*"));
    client.send(b"still room");
    assert_eq!(sockets[18_999].recv(), b"still room");
}

#[test]
fn messages_cross_threads_and_transports() {
    let _alone = alone();
    let context = Context::new();
    for endpoint in ["tcp://127.0.0.1:*", "ipc://*", "inproc://here", "ws://127.0.0.1:*/path"] {
        let (server, client) = (context.socket(ZMQ_REP), context.socket(ZMQ_REQ));
        let endpoint = server.bind(endpoint);
        // The thread closes the socket.
        let server = ManuallyDrop::new(server).0.expose_provenance();
        let echo = thread::spawn(move || {
            let server = Socket(std::ptr::with_exposed_provenance_mut(server));
            server.send(&server.recv());
        });
        client.connect(&endpoint);
        client.send(b"there and back");
        assert_eq!(client.recv(), b"there and back", "{endpoint}");
        echo.join().unwrap();
    }
}

/// Returns whether the bytes of a message of this length are inside `zmq_msg_t`: for a created message, and for a received one.
fn lie_inside(len: usize, (server, client): &(Socket, Socket)) -> [bool; 2] {
    let mut made: zmq_msg_t = unsafe { mem::zeroed() };
    let mut came: zmq_msg_t = unsafe { mem::zeroed() };
    assert_eq!(cvt(unsafe { zmq_msg_init_size(&raw mut made, len) }), Ok(()));
    client.send(&vec![7; len]);
    assert_eq!(cvt(unsafe { zmq_msg_init(&raw mut came) }), Ok(()));
    assert_ne!(unsafe { zmq_msg_recv(&raw mut came, server.0, 0) }, -1, "errno {}", errno());
    [&raw mut made, &raw mut came].map(|message| {
        let offset = unsafe { zmq_msg_data(message) }.addr().wrapping_sub(message.addr());
        let inside = offset < size_of::<zmq_msg_t>();
        assert_eq!(cvt(unsafe { zmq_msg_close(message) }), Ok(()));
        inside
    })
}

#[test]
fn received_short_messages_are_stored_inside_as_created_ones_are() {
    let _alone = alone();
    let context = Context::new();
    for transport in ["tcp", "ws"] {
        let (server, client) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
        client.connect(&server.bind(&format!("{transport}://127.0.0.1:*")));
        let pair = (server, client);
        let shortest_outside = (0..50).find(|len| {
            let [made, came] = lie_inside(*len, &pair);
            assert_eq!(came, made, "{len} bytes over {transport}");
            !made
        });
        assert!(shortest_outside.is_some_and(|len| len > 32), "{shortest_outside:?}");
    }
}

/// The system refuses a thread if there is no room for its stack.
#[test]
fn no_thread_is_started_without_room_for_its_stack() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    unsafe extern "C" fn counts(count: *mut c_void) {
        unsafe { &*count.cast::<AtomicUsize>() }.fetch_add(1, Ordering::SeqCst);
    }
    // Frees memory to the heap, so that the heap has a reserve, as in a running process.
    drop((0..4000).map(|_| Box::new([1_u8; 1000])).collect::<Vec<_>>());
    let count = AtomicUsize::new(0);
    let start = || unsafe { zmq_threadstart(Some(counts), (&raw const count).cast_mut().cast()) };
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_AS, &raw mut limit) }, 0);
    let none = libc::rlimit { rlim_cur: 1, ..limit };
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const none) }, 0);
    let (refused, error) = (start(), errno());
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) }, 0);
    assert!(refused.is_null());
    assert_eq!(error, libc::EAGAIN);
    // Closing a thread that was not started does nothing.
    unsafe { zmq_threadclose(refused) };
    let started = start();
    assert!(!started.is_null());
    unsafe { zmq_threadclose(started) };
    assert_eq!(count.load(Ordering::SeqCst), 1);
}
