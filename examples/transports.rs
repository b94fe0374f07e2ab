//! Exchanges the same messages over every transport of the linked libzmq: only the endpoint differs. Prints each endpoint.
//!
//! ```text
//! cargo run --example transports
//! ```

use std::time::{Duration, Instant};

use zmq::{Context, ErrorKind, Feature, Pub, Rep, Req, Sub};

fn main() -> zmq::Result<()> {
    let context = Context::new()?;

    exchange(&context, "tcp://127.0.0.1:*")?;
    exchange(&context, "inproc://transports")?;
    for (capability, endpoint) in [(Feature::Ipc, "ipc://*"), (Feature::Ws, "ws://127.0.0.1:*")] {
        if zmq::has(capability) {
            exchange(&context, endpoint)?;
        } else {
            println!("Skipped {endpoint}: the linked libzmq was built without it");
        }
    }
    // Multicast supports only publish-subscribe sockets, and does not work in every network.
    for endpoint in ["pgm://127.0.0.1;239.192.1.1:5555", "epgm://127.0.0.1;239.192.1.1:5556"] {
        if !zmq::has(Feature::Pgm) {
            println!("Skipped {endpoint}: the linked libzmq was built without it");
        } else if let Err(error) = multicast(&context, endpoint) {
            println!("Skipped {endpoint}: {error}");
        }
    }
    Ok(())
}

/// Sends a request and receives the reply.
fn exchange(context: &Context, endpoint: &str) -> zmq::Result<()> {
    let responder = context.socket(Rep)?;
    let endpoint = responder.bind(endpoint)?;
    let requester = context.socket(Req)?;
    requester.connect(&endpoint)?;

    requester.send("Hello")?;
    let request = responder.recv_string()?;
    responder.send("World")?;
    let reply = requester.recv_string()?;
    println!("{endpoint}: {request}, {reply}");
    Ok(())
}

/// Publishes until a message arrives, for at most five seconds.
fn multicast(context: &Context, endpoint: &str) -> zmq::Result<()> {
    let publisher = context.socket(Pub)?;
    publisher.set_linger(Duration::ZERO)?;
    publisher.connect(endpoint)?;
    let subscriber = context.socket(Sub)?;
    subscriber.subscribe("")?;
    subscriber.bind(endpoint)?;

    let end = Instant::now() + Duration::from_secs(5);
    loop {
        publisher.send("Hello")?;
        match subscriber.recv_within(Duration::from_millis(100)) {
            Err(error) if error.kind() == ErrorKind::WouldBlock && Instant::now() < end => {}
            result => {
                println!("{endpoint}: {}", result?.to_str()?);
                return Ok(());
            }
        }
    }
}
