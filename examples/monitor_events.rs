//! A server with a monitor. The monitor reports clients that connect and disconnect, and a connection from a program that does not use
//! ZeroMQ.
//!
//! ```text
//! cargo run --example monitor_events
//! ```

use std::error::Error;
use std::net::TcpStream;
use std::thread;

use zmq::monitor::{EventKind, Events};
use zmq::{Context, Monitor, Rep, Req};

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let server = context.socket(Rep)?;
    // The monitor starts before the bind, so that it misses no events.
    let monitor = server.monitor(Events::ALL)?;
    let watcher = thread::spawn(move || watch(&monitor, 2));
    let endpoint = server.bind("tcp://127.0.0.1:*")?;

    let client = context.socket(Req)?;
    client.connect(&endpoint)?;
    client.send("Hello")?;
    println!("Received {}", server.recv_string()?);
    server.send("World")?;
    println!("Received {}", client.recv_string()?);
    drop(client);

    // A connection that closes before it sends anything.
    TcpStream::connect(endpoint.address())?;

    watcher.join().map_err(|_| "the watcher panicked")??;
    Ok(())
}

/// Prints the events until `peers` peers have disconnected.
fn watch(monitor: &Monitor, peers: usize) -> zmq::Result<()> {
    let mut gone = 0;
    while gone < peers {
        let event = monitor.recv()?;
        match event.kind() {
            EventKind::Listening { .. } => println!("Watcher: open for clients"),
            EventKind::HandshakeSucceeded => println!("Watcher: a client has connected"),
            EventKind::HandshakeFailedNoDetail { error } => println!("Watcher: a stranger ({error})"),
            EventKind::Disconnected { .. } => {
                gone += 1;
                println!("Watcher: a peer has disconnected");
            }
            // Events implement `Display`.
            _ => println!("Watcher: {event}"),
        }
    }
    Ok(())
}
