//! A TCP socket that the system connects to itself: its own port is the port that it connects to.

use std::ffi::{c_int, c_void};
use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::raw::*;
use zmq_sys::*;

/// If this port is not 0, a socket that connects to it is bound to it first.
static PORT: AtomicU16 = AtomicU16::new(0);

/// Replaces the system's function. Binds the socket to the port that the system chooses only once in some thousand times.
#[unsafe(no_mangle)]
unsafe extern "C" fn connect(fd: c_int, address: *const libc::sockaddr, len: libc::socklen_t) -> c_int {
    unsafe {
        if c_int::from((*address).sa_family) == libc::AF_INET {
            let port = u16::from_be((*address.cast::<libc::sockaddr_in>()).sin_port);
            if port != 0 && port == PORT.load(Ordering::SeqCst) {
                let yes: c_int = 1;
                let value: *const c_void = (&raw const yes).cast();
                libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_REUSEADDR, value, 4);
                libc::bind(fd, address, len);
            }
        }
        c_int::try_from(libc::syscall(libc::SYS_connect, fd, address, len)).unwrap()
    }
}

#[test]
fn a113_a_socket_that_is_connected_to_itself_tries_again() {
    let _alone = alone();
    for transport in ["tcp", "ws"] {
        for kind in [ZMQ_DEALER, ZMQ_PAIR, ZMQ_REQ] {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let endpoint = format!("{transport}://127.0.0.1:{port}");
            let context = Context::new();
            let client = context.socket(kind);
            client.set(ZMQ_RECONNECT_IVL, 5);
            let told = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_DISCONNECTED;
            let events = context.monitor(&client, told);
            PORT.store(port, Ordering::SeqCst);
            client.connect(&endpoint);
            client.send(b"Hello");
            for _ in 0..5 {
                let event = events.recv();
                assert_eq!(c_int::from(u16::from_ne_bytes([event[0], event[1]])), ZMQ_EVENT_CONNECT_RETRIED);
                events.recv();
            }
            PORT.store(0, Ordering::SeqCst);

            // Then a server can bind the port, and receives the message.
            let server = context.socket(if kind == ZMQ_REQ { ZMQ_REP } else { kind });
            eventually("the port is free", || server.try_bind(&endpoint).is_ok());
            assert_eq!(server.recv(), b"Hello");
            server.send(b"yes");
            assert_eq!(client.recv(), b"yes");
        }
    }
}
