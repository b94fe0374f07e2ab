//! The attacked sockets of draft types, and their well-behaved clients.

use std::net::UdpSocket;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use zmq::capability::{CanRecv, CanSend};
use zmq::{
    Channel, Context, Dgram, Dish, ErrorKind, Gather, Message, Peer, Radio, Scatter, SendError, Socket,
    SocketKind,
};

use super::common::{LIMIT, MOMENT, eventually, socket};
use super::served::{Place, Server, Shared, number, word};

const GROUP: &str = "well-behaved";

/// Returns the received message, if there is one.
fn received<T>(result: zmq::Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        Err(error) => panic!("{error}"),
    }
}

/// Ignores the errors of a peer that does not read or is gone, so that the server does not wait.
fn sent(result: Result<(), SendError>) {
    if let Err(failure) = result {
        let kind = failure.error().kind();
        assert!([ErrorKind::WouldBlock, ErrorKind::HostUnreachable].contains(&kind), "{failure}");
    }
}

/// Notes the number in the message, if it is a word.
fn note(shared: &Shared, message: Option<Message>) {
    if let Some(number) = message.and_then(|message| number(&message)) {
        shared.received.store(number, Ordering::Release);
    }
}

fn current(shared: &Shared) -> String {
    word(shared.current.load(Ordering::Acquire))
}

fn send_current<K: CanSend>(socket: &Socket<K>, shared: &Shared) {
    sent(socket.try_send(current(shared)));
    // This waits for nothing, but must not keep the processor from other threads.
    thread::park_timeout(Duration::from_millis(1));
}

/// Returns a socket of this type, if it is a draft type.
pub(crate) fn server(context: &Context, kind: SocketKind, place: &Place) -> Option<Server> {
    Some(match kind {
        SocketKind::Server => Server::start(socket(context, zmq::Server), "CLIENT", place, |socket, _| {
            if let Some((sender, message)) = received(socket.recv_from()) {
                sent(socket.try_send_to(sender, message));
            }
        }),
        SocketKind::Peer => Server::start(socket(context, Peer), "PEER", place, |socket, _| {
            if let Some((sender, message)) = received(socket.recv_from()) {
                sent(socket.try_send_to(sender, message));
            }
        }),
        SocketKind::Dgram => Server::start(socket(context, Dgram), "DGRAM", place, |socket, _| {
            if let Some((sender, message)) = received(socket.recv_from()) {
                sent(socket.try_send_to(sender, message));
            }
        }),
        SocketKind::Channel => Server::start(socket(context, Channel), "CHANNEL", place, |socket, _| {
            if let Some(message) = received(socket.recv()) {
                sent(socket.try_send(message));
            }
        }),
        SocketKind::Client => {
            Server::start(socket(context, zmq::Client), "SERVER", place, |socket, shared| {
                send_current(socket, shared);
                // Reads everything: the queue of a peer that is gone remains until it is read.
                while received(socket.try_recv()).is_some() {}
            })
        }
        SocketKind::Scatter => Server::start(socket(context, Scatter), "GATHER", place, send_current),
        SocketKind::Radio => Server::start(socket(context, Radio), "DISH", place, |socket, shared| {
            sent(socket.try_send_to(GROUP, current(shared)));
            thread::park_timeout(Duration::from_millis(1));
        }),
        SocketKind::Gather => Server::start(socket(context, Gather), "SCATTER", place, |socket, shared| {
            note(shared, received(socket.recv()));
        }),
        SocketKind::Dish => {
            let dish = socket(context, Dish);
            for group in [GROUP, "group", ""] {
                dish.join(group).unwrap();
            }
            Server::start(dish, "RADIO", place, |socket, shared| note(shared, received(socket.recv())))
        }
        _ => return None,
    })
}

/// Checks whether a client is served, with the word of this number.
pub(crate) type IsServed = Box<dyn Fn(&Shared, u64)>;

/// How a client of this server checks that it is served.
pub(crate) fn client(context: &Context, server: &Server) -> IsServed {
    let endpoint = server.endpoint.clone();
    match server.kind() {
        SocketKind::Server => {
            let client = server.client_socket(context, zmq::Client);
            client.connect(&endpoint).unwrap();
            Box::new(move |_, number| asks(&client, number))
        }
        SocketKind::Channel => {
            let client = server.client_socket(context, Channel);
            client.connect(&endpoint).unwrap();
            Box::new(move |_, number| asks(&client, number))
        }
        SocketKind::Peer => {
            let client = server.client_socket(context, Peer);
            let id = client.connect_peer(&endpoint).unwrap();
            Box::new(move |_, number| {
                client.send_to(id, word(number)).unwrap();
                assert_eq!(client.recv_from().unwrap().1, *word(number));
            })
        }
        SocketKind::Dgram => {
            let client = UdpSocket::bind("127.0.0.1:0").unwrap();
            client.connect(endpoint.address()).unwrap();
            client.set_read_timeout(Some(MOMENT)).unwrap();
            Box::new(move |_, number| {
                // Datagrams get lost if too many arrive.
                let mut buffer = [0; 100];
                eventually("the datagram comes back", || {
                    let _ = client.send(word(number).as_bytes());
                    let len = client.recv(&mut buffer).ok()?;
                    (buffer[..len] == *word(number).as_bytes()).then_some(())
                });
            })
        }
        SocketKind::Gather => {
            let client = server.client_socket(context, Scatter);
            client.connect(&endpoint).unwrap();
            Box::new(move |shared, number| {
                client.send(word(number)).unwrap();
                arrives(shared, number);
            })
        }
        SocketKind::Dish => {
            let client = server.client_socket(context, Radio);
            client.connect(&endpoint).unwrap();
            Box::new(move |shared, number| {
                // The RADIO drops messages before it knows the groups, and datagrams get lost.
                eventually("the server receives", || {
                    client.send_to(GROUP, word(number)).unwrap();
                    thread::park_timeout(Duration::from_millis(1));
                    (shared.received.load(Ordering::Acquire) == number).then_some(())
                });
            })
        }
        SocketKind::Client => {
            let client = server.client_socket(context, zmq::Server);
            client.connect(&endpoint).unwrap();
            Box::new(move |_, number| hears(|| client.recv_from().unwrap().1, number))
        }
        SocketKind::Scatter => {
            let client = server.client_socket(context, Gather);
            client.connect(&endpoint).unwrap();
            Box::new(move |_, number| hears(|| client.recv().unwrap(), number))
        }
        SocketKind::Radio => {
            let client = server.client_socket(context, Dish);
            client.join(GROUP).unwrap();
            client.connect(&endpoint).unwrap();
            Box::new(move |_, number| hears(|| client.recv().unwrap(), number))
        }
        other => panic!("the test does not support {other:?}"),
    }
}

/// The client sends, and receives the same bytes back.
fn asks<K: CanSend + CanRecv>(client: &Socket<K>, number: u64) {
    client.send(word(number)).unwrap();
    assert_eq!(client.recv().unwrap(), *word(number));
}

fn arrives(shared: &Shared, number: u64) {
    eventually("the server receives", || (shared.received.load(Ordering::Acquire) == number).then_some(()));
}

/// The server sends the word again and again, among others.
fn hears(recv: impl Fn() -> Message, number: u64) {
    let start = std::time::Instant::now();
    while recv() != *word(number) {
        assert!(start.elapsed() < LIMIT, "only other messages arrive");
    }
}
