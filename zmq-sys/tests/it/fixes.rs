//! Defects of libzmq that the bundled build fixes. In a test name, `a1` means the defect A1 in the README of `zmq-src`.

use std::ffi::CString;
use std::io::{Read, Write};
use std::mem::ManuallyDrop;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, RawFd};
use std::os::unix::net::UnixStream;

use crate::raw::*;
use zmq_sys::*;

/// Connects a peer that announces the routing id `id` if it is not empty. Returns the id that the ROUTER receives.
fn identify(context: &Context, router: &Socket, endpoint: &str, id: &[u8]) -> (Socket, Vec<u8>) {
    let peer = context.socket(ZMQ_DEALER);
    if !id.is_empty() {
        peer.try_set(ZMQ_ROUTING_ID, id).unwrap();
    }
    peer.connect(endpoint);
    peer.send(b"hello");
    let id = router.recv();
    assert_eq!(router.recv(), b"hello");
    (peer, id)
}

/// Returns the id that follows `id`.
fn after(id: &[u8]) -> Vec<u8> {
    let number = u32::from_be_bytes(id[1..].try_into().unwrap()).wrapping_add(1);
    [&[0], &number.to_be_bytes()[..]].concat()
}

#[test]
fn a1_a_peer_may_announce_the_id_that_would_be_generated_next() {
    let _alone = alone();
    let context = Context::new();
    let router = context.socket(ZMQ_ROUTER);
    let endpoint = router.bind("tcp://127.0.0.1:*");
    let (_first, invented) = identify(&context, &router, &endpoint, b"");
    assert_eq!((invented.len(), invented[0]), (5, 0));
    let next = after(&invented);
    let (_squatter, announced) = identify(&context, &router, &endpoint, &next);
    assert_eq!(announced, next);
    let (_second, invented) = identify(&context, &router, &endpoint, b"");
    assert_eq!(invented, after(&next));
}

#[test]
fn a1_a_peer_that_takes_over_an_id_does_not_clash_with_the_next() {
    let _alone = alone();
    let context = Context::new();
    let router = context.socket(ZMQ_ROUTER);
    router.set(ZMQ_ROUTER_HANDOVER, 1);
    let endpoint = router.bind("tcp://127.0.0.1:*");
    let (_first, invented) = identify(&context, &router, &endpoint, b"");
    let next = after(&invented);
    let (_squatter, _) = identify(&context, &router, &endpoint, &next);
    // The peer that loses its id gets a generated id until it is closed.
    let (_successor, announced) = identify(&context, &router, &endpoint, &next);
    assert_eq!(announced, next);
}

#[test]
fn a1_generated_ids_differ_between_processes() {
    let _alone = alone();
    if is_child() {
        let context = Context::new();
        let router = context.socket(ZMQ_ROUTER);
        let endpoint = router.bind("tcp://127.0.0.1:*");
        println!("invented {:?};", identify(&context, &router, &endpoint, b"").1);
        return;
    }
    let invented = || {
        let text = String::from_utf8(child_output().stdout).unwrap();
        text.split_once("invented ").and_then(|(_, rest)| rest.split_once(';')).unwrap().0.to_owned()
    };
    assert_ne!(invented(), invented());
}

/// Returns a PULL socket whose only peer is closing: the pipe between them has not ended yet.
fn pull_with_a_closing_peer(context: &Context) -> Socket {
    let pull = context.socket(ZMQ_PULL);
    let endpoint = pull.bind("tcp://127.0.0.1:*");
    let push = context.socket(ZMQ_PUSH);
    push.set(ZMQ_LINGER, -1);
    push.connect(&endpoint);
    push.send(b"last words");
    assert_eq!(pull.recv(), b"last words");
    drop(push);
    // A later read finds the end of the pipe.
    for _ in 0..100 {
        assert_eq!(pull.try_recv(ZMQ_DONTWAIT), Err(libc::EAGAIN));
    }
    pull
}

// Without the fixes, the next two tests use the freed memory of a pipe. Only valgrind and AddressSanitizer always detect this.

#[test]
fn a6_limits_may_change_while_a_peer_closes() {
    let _alone = alone();
    let context = Context::new();
    for round in 0..50 {
        let pull = pull_with_a_closing_peer(&context);
        for limit in 0..50 {
            pull.set(ZMQ_RCVHWM, 1000 + round + limit);
            let _ = pull.try_recv(ZMQ_DONTWAIT);
        }
    }
}

#[cfg(feature = "draft")]
#[test]
fn a7_statistics_may_be_requested_while_a_peer_closes() {
    let _alone = alone();
    let context = Context::new();
    for round in 0..50 {
        // Without a listener, reporting the statistics would block.
        let listener = context.socket(ZMQ_PAIR);
        let pull = pull_with_a_closing_peer(&context);
        let name = CString::new(format!("inproc://statistics-{round}")).unwrap();
        let events = u64::try_from(ZMQ_EVENT_PIPES_STATS).unwrap();
        let monitored = unsafe { zmq_socket_monitor_versioned(pull.0, name.as_ptr(), events, 2, ZMQ_PAIR) };
        assert_eq!(cvt(monitored), Ok(()));
        listener.connect(name.to_str().unwrap());
        for _ in 0..50 {
            // The call fails when the socket has no pipe any more.
            if cvt(unsafe { zmq_socket_monitor_pipes_stats(pull.0) }).is_err() {
                break;
            }
            let _ = pull.try_recv(ZMQ_DONTWAIT);
        }
        assert_eq!(cvt(unsafe { zmq_socket_monitor(pull.0, std::ptr::null(), 0) }), Ok(()));
    }
}

#[test]
fn a8_a_routing_id_that_is_taken_is_refused() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    for kind in [ZMQ_ROUTER, ZMQ_STREAM] {
        let (server, socket) = (context.socket(kind), context.socket(kind));
        let endpoint = CString::new(server.bind("tcp://127.0.0.1:*")).unwrap();
        let connect = || cvt(unsafe { zmq_connect(socket.0, endpoint.as_ptr()) });
        socket.try_set(ZMQ_CONNECT_ROUTING_ID, b"peer").unwrap();
        assert_eq!(connect(), Ok(()));
        socket.try_set(ZMQ_CONNECT_ROUTING_ID, b"peer").unwrap();
        assert_eq!(connect(), Err(libc::EADDRINUSE));
        // The refused id does not apply to the next connection.
        assert_eq!(connect(), Ok(()));
        // The id can be removed before the next connection.
        socket.try_set(ZMQ_CONNECT_ROUTING_ID, b"peer").unwrap();
        socket.try_set(ZMQ_CONNECT_ROUTING_ID, b"").unwrap();
        assert_eq!(connect(), Ok(()));
        socket.send_part(b"peer", ZMQ_SNDMORE);
        socket.send(b"arrived");
        eventually("it arrives", || server.recv() == b"arrived");
    }
}

#[test]
fn a10_a_conflating_socket_keeps_the_last_part() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    for endpoint in ["tcp://127.0.0.1:*", "inproc://conflate"] {
        let (pull, push) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
        // Over inproc, the option of the connecting side applies.
        let (binds, connects) = if endpoint.starts_with("tcp") { (&pull, &push) } else { (&push, &pull) };
        pull.set(ZMQ_CONFLATE, 1);
        connects.connect(&binds.bind(endpoint));
        for _ in 0..500 {
            push.send_part(b"first", ZMQ_SNDMORE);
            let between = pull.try_recv(ZMQ_DONTWAIT);
            push.send(b"last");
            for received in [between, pull.try_recv(ZMQ_DONTWAIT), pull.try_recv(ZMQ_DONTWAIT)] {
                assert!(matches!(received.as_deref(), Ok(b"last") | Err(&libc::EAGAIN)), "{received:?}");
            }
        }
        push.send(b"alone");
        eventually("it arrives", || pull.recv() == b"alone");
    }
}

/// Sends frames with every kind of header, through buffers that are smaller than a frame.
#[cfg(feature = "draft")]
#[test]
fn a50_buffers_may_be_of_any_size() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    for (endpoint, size) in ["tcp://127.0.0.1:*", "ws://127.0.0.1:*"]
        .into_iter()
        .flat_map(|endpoint| [1, 2, 7, 8, 9, 16, 33, 100, 1025].map(|size| (endpoint, size)))
    {
        let (pull, push) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
        for socket in [&pull, &push] {
            socket.set(ZMQ_IN_BATCH_SIZE, size);
            socket.set(ZMQ_OUT_BATCH_SIZE, size);
        }
        push.connect(&pull.bind(endpoint));
        for len in [0, 1, 2, 33, 34, 35, 125, 126, 255, 256, 1000, 10_000, 70_000_usize] {
            let body: Vec<u8> = (0..len).map(|index| u8::try_from(index % 251).unwrap()).collect();
            push.send_part(&body, ZMQ_SNDMORE);
            push.send(&body);
            for _ in 0..2 {
                assert!(pull.recv_all(len) == body, "{len} bytes over {endpoint}, {size} at a time");
            }
        }
    }
}

#[test]
fn an_abstract_name_does_not_affect_a_file_of_the_same_name() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let name = format!("@zmq-sys-{}", std::process::id());
    let directory = std::env::temp_dir().join(&name);
    std::fs::create_dir(&directory).unwrap();
    std::env::set_current_dir(&directory).unwrap();
    std::fs::write(&name, "somebody's").unwrap();
    let context = Context::new();
    let (pull, push) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    push.connect(&pull.bind(&format!("ipc://{name}")));
    push.send(b"arrived");
    let received = pull.recv();
    let kept = std::fs::read(&name);
    std::fs::remove_dir_all(&directory).unwrap();
    assert_eq!(received, b"arrived");
    assert_eq!(kept.unwrap(), b"somebody's");
}

#[test]
fn a_welcome_message_is_not_sent_to_a_subscriber_that_has_left() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let subscriber = context.socket(ZMQ_SUB);
    subscriber.connect("inproc://welcome");
    assert_eq!(cvt(unsafe { zmq_disconnect(subscriber.0, c"inproc://welcome".as_ptr()) }), Ok(()));
    // The call processes the commands of the socket, so the subscriber confirms the end of the connection.
    assert_eq!(subscriber.try_recv(ZMQ_DONTWAIT), Err(libc::EAGAIN));
    let publisher = context.socket(ZMQ_XPUB);
    publisher.try_set(ZMQ_XPUB_WELCOME_MSG, b"welcome").unwrap();
    publisher.bind("inproc://welcome");
    assert_eq!(publisher.try_recv(ZMQ_DONTWAIT), Err(libc::EAGAIN));
}

/// Returns whether the other end of a connection within this process has read all that was written.
///
/// The system has a list of all connections, too, but it can be long, and then it takes many milliseconds to read it.
fn is_read(connection: &TcpStream) -> bool {
    let bytes = |descriptor: RawFd, request| {
        let mut bytes: libc::c_int = 0;
        unsafe { libc::ioctl(descriptor, request, &mut bytes) };
        bytes
    };
    let ends = (connection.peer_addr().unwrap(), connection.local_addr().unwrap());
    let other_end = (0..1024).find(|&descriptor| {
        let socket = ManuallyDrop::new(unsafe { TcpStream::from_raw_fd(descriptor) });
        socket.local_addr().is_ok_and(|address| address == ends.0)
            && socket.peer_addr().is_ok_and(|address| address == ends.1)
    });
    bytes(connection.as_raw_fd(), libc::TIOCOUTQ) == 0
        && other_end.is_none_or(|other_end| bytes(other_end, libc::FIONREAD) == 0)
}

/// Starts a SOCKS proxy that sends `reply` in pieces and then forwards data from `target`, if there is a target.
fn proxy(reply: Vec<u8>, pieces: usize, target: Option<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let mut client = listener.accept().unwrap().0;
        client.set_nodelay(true).unwrap();
        // The client offers one method, without authentication.
        client.read_exact(&mut [0; 3]).unwrap();
        client.write_all(&[5, 0]).unwrap();
        let mut request = [0; 10];
        client.read_exact(&mut request).unwrap();
        for piece in reply.chunks(pieces) {
            client.write_all(piece).unwrap();
            // The client must read each piece alone, not together with the next piece.
            eventually("the piece is read", || is_read(&client));
        }
        let Some(target) = target else { return };
        let mut server = TcpStream::connect(target).unwrap();
        let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
        let _ = std::io::copy(&mut server, &mut client);
    });
    address
}

#[test]
fn socks_replies_may_have_any_length() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let named = |len: u8| [&[5, 0, 0, 3, len][..], &vec![b'x'; usize::from(len)], &[0, 1]].concat();
    let replies =
        [vec![5, 0, 0, 1, 127, 0, 0, 1, 0, 1], named(1), named(127), named(128), named(255), named(254)];
    let context = Context::new();
    for (pieces, reply) in [1000, 7, 6, 100, 100, 1000].into_iter().zip(replies) {
        let (pull, push) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
        let endpoint = pull.bind("tcp://127.0.0.1:*");
        let proxy = proxy(reply, pieces, Some(endpoint.strip_prefix("tcp://").unwrap().to_owned()));
        push.try_set(ZMQ_SOCKS_PROXY, proxy.as_bytes()).unwrap();
        push.connect(&endpoint);
        push.send(b"through the proxy");
        assert_eq!(pull.recv(), b"through the proxy");
    }
}

#[test]
fn a_socks_name_that_is_too_long_is_not_sent() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let push = context.socket(ZMQ_PUSH);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    push.try_set(ZMQ_SOCKS_PROXY, listener.local_addr().unwrap().to_string().as_bytes()).unwrap();
    push.connect(&format!("tcp://{}:80", "x".repeat(256)));
    let mut client = listener.accept().unwrap().0;
    client.read_exact(&mut [0; 3]).unwrap();
    client.write_all(&[5, 0]).unwrap();
    // The client closes the connection instead of sending a request.
    assert_eq!(client.read(&mut [0; 10]).unwrap(), 0);
}

#[test]
fn a_socket_can_be_closed_after_an_error_of_its_socks_proxy() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let push = context.socket(ZMQ_PUSH);
    push.set(ZMQ_RECONNECT_IVL, 60_000);
    push.try_set(ZMQ_SOCKS_PROXY, listener.local_addr().unwrap().to_string().as_bytes()).unwrap();
    let monitor = CString::new("inproc://monitor").unwrap();
    let monitored = unsafe { zmq_socket_monitor(push.0, monitor.as_ptr(), ZMQ_EVENT_CONNECT_RETRIED) };
    assert_eq!(cvt(monitored), Ok(()));
    let events = context.socket(ZMQ_PAIR);
    events.connect("inproc://monitor");
    push.connect("tcp://127.0.0.1:1");
    drop(listener.accept().unwrap());
    let event = events.recv();
    assert_eq!(u16::from_ne_bytes([event[0], event[1]]), u16::try_from(ZMQ_EVENT_CONNECT_RETRIED).unwrap());
    // The socket closes while it waits to reconnect.
    drop(push);
    drop((events, context));
}

#[test]
fn a_listener_may_be_shut_down_by_its_former_owner() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let pull = context.socket(ZMQ_PULL);
    let monitor = CString::new("inproc://monitor").unwrap();
    let monitored = unsafe { zmq_socket_monitor(pull.0, monitor.as_ptr(), ZMQ_EVENT_ACCEPT_FAILED) };
    assert_eq!(cvt(monitored), Ok(()));
    let events = context.socket(ZMQ_PAIR);
    events.set(ZMQ_RCVHWM, 0);
    events.connect("inproc://monitor");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let duplicate = listener.try_clone().unwrap();
    pull.set(ZMQ_USE_FD, listener.into_raw_fd());
    pull.bind("tcp://127.0.0.1:*");
    assert_eq!(unsafe { libc::shutdown(duplicate.as_raw_fd(), libc::SHUT_RDWR) }, 0);
    let event = events.recv();
    assert_eq!(u16::from_ne_bytes([event[0], event[1]]), u16::try_from(ZMQ_EVENT_ACCEPT_FAILED).unwrap());
}

#[test]
fn a37_an_ipc_listener_works_again_after_a_lack_of_descriptors() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let server = context.socket(ZMQ_PULL);
    let endpoint = server.bind("ipc://*");
    let monitor = CString::new("inproc://monitor").unwrap();
    let monitored = unsafe { zmq_socket_monitor(server.0, monitor.as_ptr(), ZMQ_EVENT_ACCEPT_FAILED) };
    assert_eq!(cvt(monitored), Ok(()));
    let events = context.socket(ZMQ_PAIR);
    // The listener reports many events, and must not wait until they are read.
    events.set(ZMQ_RCVHWM, 0);
    events.connect("inproc://monitor");

    // The client uses the last descriptor.
    limit_descriptors(libc::rlim_t::try_from(next_descriptor()).unwrap() + 1);
    let mut client = UnixStream::connect(endpoint.strip_prefix("ipc://").unwrap()).unwrap();
    let event = events.recv();
    assert_eq!(u16::from_ne_bytes([event[0], event[1]]), u16::try_from(ZMQ_EVENT_ACCEPT_FAILED).unwrap());

    // When there are more descriptors, the listener accepts the client.
    limit_descriptors(256);
    let mut greeting = [0; 1];
    client.read_exact(&mut greeting).unwrap();
    assert_eq!(greeting, [0xff]);
}

#[test]
fn a38_a_context_reports_a_lack_of_descriptors() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let free = libc::rlim_t::try_from(next_descriptor()).unwrap();
    for spare in 1..16 {
        limit_descriptors(256);
        let context = Context::new();
        limit_descriptors(free + spare);
        match context.try_socket(ZMQ_PAIR) {
            // A context needs one descriptor, each of its two threads two, and the socket one.
            Ok(_socket) => assert!(spare >= 6, "{spare}"),
            Err(errno) => {
                assert_eq!(errno, libc::EMFILE);
                assert!(spare < 6, "{spare}");
            }
        }
    }
}

#[test]
fn ws_paths_may_have_slashes_and_colons() {
    let _alone = alone();
    let context = Context::new();
    for path in ["", "/", "/one", "/one/two", "/one:1/two", "/a/b:c/"] {
        let (server, client) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
        let endpoint = server.bind(&format!("ws://127.0.0.1:*{path}"));
        assert!(endpoint.starts_with("ws://127.0.0.1:") && endpoint.ends_with(path), "{endpoint}");
        client.connect(&endpoint);
        client.send(b"arrived");
        assert_eq!(server.try_recv(0).as_deref(), Ok(&b"arrived"[..]), "{endpoint}");
        let c = CString::new(endpoint).unwrap();
        assert_eq!(cvt(unsafe { zmq_unbind(server.0, c.as_ptr()) }), Ok(()), "{c:?}");
    }
    let server = context.socket(ZMQ_PULL);
    assert_eq!(server.try_bind("ws://nowhere/path:80"), Err(libc::EINVAL));
}

#[cfg(feature = "draft")]
mod udp {
    use std::net::UdpSocket;
    use std::{fs, mem, ptr};

    use super::*;

    /// Returns a port that was free a moment ago.
    fn port(address: &str) -> u16 {
        UdpSocket::bind((address, 0)).unwrap().local_addr().unwrap().port()
    }

    /// Returns whether the socket on this port has unread datagrams, or `None` if there is no such socket.
    fn unread(table: &str, port: u16) -> Option<bool> {
        let table = fs::read_to_string(format!("/proc/net/{table}")).unwrap();
        let line = table
            .lines()
            .find(|line| line.split_whitespace().nth(1).unwrap().ends_with(&format!(":{port:04X}")))?;
        Some(!line.split_whitespace().nth(4).unwrap().ends_with(":00000000"))
    }

    fn send(socket: &Socket, group: &str, body: &[u8]) {
        let group = CString::new(group).unwrap();
        let mut message = mem::MaybeUninit::<zmq_msg_t>::uninit();
        unsafe {
            assert_eq!(zmq_msg_init_size(message.as_mut_ptr(), body.len()), 0);
            ptr::copy_nonoverlapping(body.as_ptr(), zmq_msg_data(message.as_mut_ptr()).cast(), body.len());
            assert_eq!(zmq_msg_set_group(message.as_mut_ptr(), group.as_ptr()), 0);
            assert_ne!(zmq_msg_send(message.as_mut_ptr(), socket.0, 0), -1);
        }
    }

    #[test]
    fn a2_a_datagram_may_claim_any_length_for_its_group() {
        let _alone = alone();
        let context = Context::new();
        let dish = context.socket(ZMQ_DISH);
        let port = port("127.0.0.1");
        dish.bind(&format!("udp://127.0.0.1:{port}"));
        eventually("the socket is bound", || unread("udp", port).is_some());
        assert_eq!(cvt(unsafe { zmq_join(dish.0, c"group".as_ptr()) }), Ok(()));
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        let mut long = vec![0xff];
        long.resize(400, b'x');
        for datagram in
            [&[][..], &[0x80], &[0xff], b"\xffshort", &[5], b"\x05gro", &long, &[0], b"\0no group"]
        {
            sender.send_to(datagram, ("127.0.0.1", port)).unwrap();
        }
        sender.send_to(b"\x05groupbody", ("127.0.0.1", port)).unwrap();
        assert_eq!(dish.recv(), b"body");
    }

    #[test]
    fn a3_datagrams_over_ipv6_are_dropped() {
        let _alone = alone();
        let context = Context::new();
        let dgram = context.socket(ZMQ_DGRAM);
        dgram.set(ZMQ_IPV6, 1);
        let port = port("::1");
        dgram.bind(&format!("udp://[::1]:{port}"));
        let sender = UdpSocket::bind("[::1]:0").unwrap();
        eventually("the socket is bound", || unread("udp6", port).is_some());
        sender.send_to(b"datagram", ("::1", port)).unwrap();
        eventually("the datagram is read", || unread("udp6", port) == Some(false));
        assert_eq!(dgram.try_recv(ZMQ_DONTWAIT), Err(libc::EAGAIN));
    }

    #[test]
    fn a4_a_group_message_that_is_too_long_is_dropped() {
        let _alone = alone();
        let context = Context::new();
        let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
        let radio = context.socket(ZMQ_RADIO);
        radio.connect(&format!("udp://{}", receiver.local_addr().unwrap()));
        for len in [8187, 8192, 9000, 100_000] {
            send(&radio, "group", &vec![b'x'; len]);
        }
        send(&radio, "group", &[b'y'; 8186]);
        let mut buffer = [0; 9000];
        assert_eq!(receiver.recv(&mut buffer).unwrap(), 8192);
        assert_eq!(&buffer[..7], b"\x05groupy");
    }

    #[test]
    fn a5_a_datagram_that_is_too_long_is_dropped() {
        let _alone = alone();
        let context = Context::new();
        let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
        let dgram = context.socket(ZMQ_DGRAM);
        dgram.bind(&format!("udp://127.0.0.1:{}", port("127.0.0.1")));
        let address = receiver.local_addr().unwrap().to_string();
        for len in [8193, 9000, 100_000] {
            dgram.send_part(address.as_bytes(), ZMQ_SNDMORE);
            dgram.send(&vec![b'x'; len]);
        }
        dgram.send_part(address.as_bytes(), ZMQ_SNDMORE);
        dgram.send(&[b'y'; 8192]);
        let mut buffer = [0; 9000];
        assert_eq!(receiver.recv(&mut buffer).unwrap(), 8192);
        assert_eq!(buffer[0], b'y');
    }

    #[test]
    fn a71_without_a_descriptor_datagrams_are_lost() {
        let _alone = alone();
        if !in_child() {
            return;
        }
        let context = Context::new();
        let (server, client) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
        let radio = context.socket(ZMQ_RADIO);
        limit_descriptors(libc::rlim_t::try_from(next_descriptor()).unwrap());
        radio.connect("udp://127.0.0.1:9");
        // There is one I/O thread, and it processes commands in order. So this message arrives after the failure.
        client.connect(&server.bind("inproc://later"));
        client.send(b"the sockets work");
        assert_eq!(server.recv(), b"the sockets work");
        limit_descriptors(256);
        let (server, client) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
        client.connect(&server.bind("tcp://127.0.0.1:*"));
        client.send(b"so does the thread");
        assert_eq!(server.recv(), b"so does the thread");
    }
}

#[cfg(feature = "draft")]
#[test]
fn a73_a_thread_safe_socket_can_be_closed_without_a_descriptor() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let client = context.socket(ZMQ_CLIENT);
    limit_descriptors(libc::rlim_t::try_from(next_descriptor()).unwrap());
    assert_eq!(context.try_socket(ZMQ_CLIENT).err(), Some(libc::EMFILE));
    drop(client);
}

/// Only Windows has descriptors of 64 bits. So the test calls a function inside libzmq with -1, which has 64 bits when it is
/// converted to a descriptor of Windows.
#[cfg(all(target_env = "gnu", target_pointer_width = "64"))]
#[test]
fn a41_an_event_has_32_bits_of_a_descriptor() {
    /// The layout of a string of libstdc++.
    #[repr(C)]
    struct Text {
        bytes: *const u8,
        len: usize,
        short: [u8; 16],
    }
    #[repr(C)]
    struct Endpoints {
        local: Text,
        remote: Text,
        kind: std::ffi::c_int,
    }
    unsafe extern "C" {
        #[link_name = "_ZN3zmq13socket_base_t14event_acceptedERKNS_19endpoint_uri_pair_tEi"]
        fn event_accepted(socket: *mut std::ffi::c_void, endpoints: *const Endpoints, fd: std::ffi::c_int);
    }
    let _alone = alone();
    if !in_child() {
        return;
    }
    let text = || Text { bytes: c"".as_ptr().cast(), len: 0, short: [0; 16] };
    let endpoints = Endpoints { local: text(), remote: text(), kind: 1 };
    let context = Context::new();
    let socket = context.socket(ZMQ_PULL);
    let events = context.monitor(&socket, ZMQ_EVENT_ACCEPTED);
    unsafe { event_accepted(socket.0, &raw const endpoints, -1) };
    let event = events.recv();
    assert_eq!(i32::from(u16::from_ne_bytes([event[0], event[1]])), ZMQ_EVENT_ACCEPTED);
    assert_eq!(event[2..], [0xff; 4]);
    assert_eq!(events.recv(), b"");
}
