//! Listening sockets that were created elsewhere.

use std::fs::File;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::{io, process};

use zmq::{Any, Endpoint, ErrorKind, Socket};

use super::common::random::Random;

/// Binds a socket to the endpoint through a listener.
pub(crate) fn bind(random: &mut Random, socket: &Socket<Any>, endpoint: &str) -> zmq::Result<Endpoint> {
    let Some((transport, address)) = endpoint.split_once("://") else { return socket.bind(endpoint) };
    match transport {
        "tcp" | "ws" => {
            let listener = TcpListener::bind(address.replace('*', "0")).unwrap();
            let endpoint = format!("{transport}://{}", listener.local_addr().unwrap());
            if random.once_in(4) {
                refuses_others(socket, &endpoint);
            }
            socket.bind_fd(endpoint, listener)
        }
        "ipc" => {
            static LAST: AtomicU64 = AtomicU64::new(0);
            let name = format!("random acts {} {}", process::id(), LAST.fetch_add(1, Ordering::Relaxed));
            let listener = abstract_listener(&name).unwrap();
            socket.bind_fd(format!("ipc://@{name}"), listener)
        }
        _ => socket.bind(endpoint),
    }
}

fn abstract_listener(name: &str) -> io::Result<UnixListener> {
    UnixListener::bind_addr(&SocketAddr::from_abstract_name(name)?)
}

/// Descriptors that do not listen, or belong to another transport, are refused.
fn refuses_others(socket: &Socket<Any>, endpoint: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let refused = [
        socket.bind_fd(endpoint, stream),
        socket.bind_fd(endpoint, UdpSocket::bind("127.0.0.1:0").unwrap()),
        socket.bind_fd(endpoint, UnixDatagram::unbound().unwrap()),
        socket.bind_fd(endpoint, UnixStream::pair().unwrap().0),
        socket.bind_fd(endpoint, File::open("/dev/null").unwrap()),
    ];
    for refused in refused {
        let kind = refused.unwrap_err().kind();
        assert!(matches!(kind, ErrorKind::InvalidInput | ErrorKind::Terminated), "{kind:?}");
    }
}
