//! An echo server for peers that know nothing of ZeroMQ, such as `nc localhost 5555`.
//!
//! Ports the C program with `socket`, `bind`, `listen`, `accept`, `recv` and `send`, as a STREAM socket. One socket listens
//! and talks to all peers, so there is nothing to accept: each message tells in its first frame whose it is. An empty
//! one says that the peer came, or went.
//!
//! ```text
//! cargo run --example raw_tcp_server -- [tcp://*:5555]
//! ```

use std::collections::HashSet;
use std::env;

use zmq::{Context, ErrorKind, Stream};

fn main() -> zmq::Result<()> {
    let endpoint = env::args().nth(1).unwrap_or("tcp://*:5555".into());

    let context = Context::new()?;
    let server = context.socket(Stream)?;
    server.bind(endpoint)?;

    let mut peers: HashSet<Vec<u8>> = HashSet::new();
    loop {
        let [id, bytes] = server.recv_multipart()?.try_into()?;
        if bytes.is_empty() {
            if peers.remove(&id[..]) {
                println!("Closed {}", id.escape_ascii());
            } else {
                println!("Accepted {}", id.escape_ascii());
                peers.insert(id.to_vec());
            }
            continue;
        }
        println!("Received {}", bytes.escape_ascii());
        match server.send_multipart([id, bytes]) {
            // The peer has gone meanwhile; the others have not.
            Err(failure) if failure.kind() == ErrorKind::HostUnreachable => {}
            result => result?,
        }
    }
}
