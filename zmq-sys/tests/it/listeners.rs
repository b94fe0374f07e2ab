//! Connections that a listener closes at once: they leak no descriptor and delay no other connection.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::raw::*;
use zmq_sys::*;

/// Waits until the other side has closed the connection.
fn wait_for_the_end(mut stream: TcpStream) {
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    match stream.read(&mut [0]) {
        Ok(0) => {}
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        other => panic!("{other:?}"),
    }
}

fn visit(endpoint: &str) {
    wait_for_the_end(TcpStream::connect(endpoint.trim_start_matches("tcp://")).unwrap());
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

fn wait_until_there_are(descriptors_before: usize) {
    let start = Instant::now();
    while descriptors() > descriptors_before {
        assert!(start.elapsed() < Duration::from_secs(10), "{} of {descriptors_before}", descriptors());
        thread::yield_now();
    }
}

#[test]
fn a180_a_filtered_connection_delays_no_other() {
    let _alone = alone();
    let context = Context::new();
    let server = context.socket(ZMQ_PULL);
    server.try_set(ZMQ_TCP_ACCEPT_FILTER, b"127.0.0.2").unwrap();
    let endpoint = server.bind("tcp://127.0.0.1:*");
    let start = Instant::now();
    for _ in 0..50 {
        visit(&endpoint);
    }
    // With a delay of 0.1 s for each connection, this would take 5 s.
    let time = start.elapsed();
    assert!(time < Duration::from_secs(3), "{time:?}");
}

/// The system refuses the value of the option. Without the fix, each connection leaks a descriptor.
#[test]
fn a181_a_connection_that_cannot_be_adjusted_is_closed() {
    let _alone = alone();
    let context = Context::new();
    let (server, client) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    for socket in [&server, &client] {
        socket.set(ZMQ_TCP_KEEPALIVE, 1);
        socket.set(ZMQ_TCP_KEEPALIVE_IDLE, 40_000);
        socket.set(ZMQ_RECONNECT_IVL, 1);
    }
    let endpoint = server.bind("tcp://127.0.0.1:*");
    let before = descriptors();
    for _ in 0..20 {
        visit(&endpoint);
    }
    wait_until_there_are(before);

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
    client.connect(&endpoint);
    for _ in 0..20 {
        wait_for_the_end(listener.accept().unwrap().0);
    }
}
