//! The connections of hostile peers.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use zmq::Endpoint;

use super::common::random::Random;
use super::inputs::{Input, Manner};

/// How long a peer that follows the protocol waits for an answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The number of connections that are open at once.
const CROWD: usize = 16;

pub(crate) enum Connection {
    Tcp(TcpStream),
    Ipc(UnixStream),
    Udp(UdpSocket),
}

impl Connection {
    /// Creates a connection that never waits, neither to write nor to read.
    pub(crate) fn new(endpoint: &Endpoint) -> Connection {
        let address = endpoint.address();
        if endpoint.transport() == "ipc" {
            let stream = UnixStream::connect(address).unwrap();
            stream.set_nonblocking(true).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            return Connection::Ipc(stream);
        }
        if endpoint.transport() == "udp" {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.connect(address).unwrap();
            socket.set_nonblocking(true).unwrap();
            return Connection::Udp(socket);
        }
        let address = address.split('/').next().unwrap();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nonblocking(true).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Connection::Tcp(stream)
    }

    /// Writes as many of the bytes as possible without waiting.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        // The other side may already have closed the connection, with good reason.
        let _ = match self {
            Connection::Tcp(stream) => stream.write_all(bytes),
            Connection::Ipc(stream) => stream.write_all(bytes),
            Connection::Udp(socket) => socket.send(bytes).map(drop),
        };
    }

    /// Waits for more bytes, up to a limit. Returns `None` if there are no more.
    pub(crate) fn read_more(&mut self, buffer: &mut Vec<u8>) -> Option<()> {
        let mut bytes = [0; 1024];
        self.set_nonblocking(false);
        let count = match self {
            Connection::Tcp(stream) => stream.read(&mut bytes),
            Connection::Ipc(stream) => stream.read(&mut bytes),
            Connection::Udp(socket) => socket.recv(&mut bytes),
        };
        self.set_nonblocking(true);
        let count = count.ok().filter(|&count| count > 0)?;
        buffer.extend(&bytes[..count]);
        Some(())
    }

    fn set_nonblocking(&self, nonblocking: bool) {
        match self {
            Connection::Tcp(stream) => stream.set_nonblocking(nonblocking),
            Connection::Ipc(stream) => stream.set_nonblocking(nonblocking),
            Connection::Udp(socket) => socket.set_nonblocking(nonblocking),
        }
        .unwrap();
    }

    fn read(&mut self) {
        let mut buffer = [0; 4096];
        let _ = match self {
            Connection::Tcp(stream) => stream.read(&mut buffer),
            Connection::Ipc(stream) => stream.read(&mut buffer),
            Connection::Udp(socket) => socket.recv(&mut buffer),
        };
    }

    /// Ends the direction to the server.
    fn end(&self) {
        let _ = match self {
            Connection::Tcp(stream) => stream.shutdown(Shutdown::Write),
            Connection::Ipc(stream) => stream.shutdown(Shutdown::Write),
            // Datagrams have no end.
            Connection::Udp(_) => Ok(()),
        };
    }

    /// Resets the connection instead of closing it. So it leaves no port in use. There are not enough ports for many
    /// inputs.
    fn tear(self) {
        let fd: RawFd = match &self {
            Connection::Tcp(stream) => stream.as_raw_fd(),
            Connection::Ipc(stream) => stream.as_raw_fd(),
            Connection::Udp(socket) => socket.as_raw_fd(),
        };
        let at_once = libc::linger { l_onoff: 1, l_linger: 0 };
        let len = libc::socklen_t::try_from(size_of_val(&at_once)).unwrap();
        let value = (&raw const at_once).cast();
        // SAFETY: an open socket, and a value of the option's type and length.
        unsafe { libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_LINGER, value, len) };
    }
}

/// The peers that are connected at the same time.
pub(crate) struct Crowd<'a> {
    endpoint: &'a Endpoint,
    /// The peers that have more to send, and the peers that only stay connected.
    slow: VecDeque<(Connection, Vec<u8>)>,
}

impl<'a> Crowd<'a> {
    pub(crate) fn new(endpoint: &'a Endpoint) -> Crowd<'a> {
        Crowd { endpoint, slow: VecDeque::new() }
    }

    /// Adds a peer with this input.
    pub(crate) fn take(&mut self, random: &mut Random, input: Input) {
        self.take_connected(random, Connection::new(self.endpoint), input);
    }

    /// Adds a peer with its own connection and the bytes it has to send.
    pub(crate) fn take_connected(&mut self, random: &mut Random, mut connection: Connection, input: Input) {
        let Input { mut bytes, manner } = input;
        match manner {
            Manner::AtOnce => {
                connection.write(&bytes);
                connection.end();
            }
            Manner::Cut => connection.write(&bytes),
            Manner::Reset => {
                connection.write(&bytes);
                connection.tear();
                return;
            }
            Manner::Pieces => {
                while !bytes.is_empty() {
                    let rest = bytes.split_off(random.below(bytes.len()) + 1);
                    connection.write(&bytes);
                    bytes = rest;
                }
            }
            Manner::Slow => self.slow.push_back((connection, bytes)),
            Manner::HalfOpen => {
                connection.write(&bytes);
                if random.once_in(2) {
                    connection.end();
                }
                self.slow.push_back((connection, Vec::new()));
            }
        }
        self.go_on(random);
    }

    /// One of the peers that stay sends or reads something. If there are many, the oldest one leaves.
    fn go_on(&mut self, random: &mut Random) {
        if self.slow.is_empty() {
            return;
        }
        let place = random.below(self.slow.len());
        let (connection, bytes) = &mut self.slow[place];
        if bytes.is_empty() {
            connection.read();
        } else {
            let rest = bytes.split_off(bytes.len().min(1 + random.below(100)));
            connection.write(bytes);
            *bytes = rest;
        }
        if self.slow.len() > CROWD {
            if let Some((connection, _)) = self.slow.pop_front() {
                if random.once_in(2) {
                    connection.tear();
                }
            }
        }
    }
}
