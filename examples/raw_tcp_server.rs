//! An echo server for plain TCP clients, such as `nc localhost 5555`.
//!
//! Ports a C program that calls `socket`, `bind`, `listen`, `accept`, `recv` and `send`. In Rust, one STREAM socket listens and
//! exchanges messages with all peers, so there is no `accept`. The first frame of each message identifies the peer. A message
//! without content reports that the peer has connected or disconnected. The server prints each connection and what it receives.
//!
//! ```text
//! cargo run --example raw_tcp_server -- [endpoint=tcp://*:5555]
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
            // This peer has disconnected. The server continues with the others.
            Err(failure) if failure.kind() == ErrorKind::HostUnreachable => {}
            result => result?,
        }
    }
}
