//! Messages to a peer that does not exist yet wait in a queue, up to the high-water mark.
//!
//! A call of `connect` creates the queue for the peer, even if the peer does not exist. When the queue is full, `send` waits and
//! `try_send` fails on PUSH, DEALER, REQ and PAIR sockets. PUB, XPUB and ROUTER sockets drop the message.
//!
//! ```text
//! cargo run --example queueing
//! ```

use std::error::Error;
use std::net::TcpListener;

use zmq::{Context, ErrorKind, Pull, Push};

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let sender = context.socket(Push)?;
    // Default: 1000. Must be set before the first connect or bind.
    sender.set_send_hwm(5)?;

    // Nobody listens at this port.
    let endpoint = format!("tcp://{}", TcpListener::bind("127.0.0.1:0")?.local_addr()?);
    sender.connect(&endpoint)?;

    let mut refused = None;
    for number in 1..=10 {
        match sender.try_send(format!("message {number}")) {
            Ok(()) => println!("Queued message {number}, with no peer"),
            Err(failure) if failure.kind() == ErrorKind::WouldBlock => {
                println!("At the high-water mark: message {number} refused and returned");
                refused = Some(failure.into_message());
                break;
            }
            Err(failure) => return Err(failure.into()),
        }
    }

    let receiver = context.socket(Pull)?;
    receiver.bind(&endpoint)?;
    println!("The peer has started");

    // `send` waits until the first messages are sent and the queue has room.
    if let Some(message) = refused {
        sender.send(message)?;
    }
    sender.send("end")?;
    loop {
        let message = receiver.recv_string()?;
        println!("Received {message}");
        if message == "end" {
            return Ok(());
        }
    }
}
