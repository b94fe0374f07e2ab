//! Publish and subscribe: a PUB, and two SUBs that each subscribe to one topic. The SUBs print what they receive.
//!
//! ```text
//! cargo run --example pub_sub
//! ```

use std::error::Error;
use std::thread;
use std::time::Duration;

use zmq::{Context, ErrorKind, Pub, Socket, Sub};

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let publisher = context.socket(Pub)?;
    let endpoint = publisher.bind("tcp://127.0.0.1:*")?;

    let mut listeners = Vec::new();
    for topic in ["news", "sport"] {
        let subscriber = context.socket(Sub)?;
        subscriber.connect(&endpoint)?;
        subscriber.subscribe(topic)?;
        wait_until_subscribed(&publisher, &subscriber, topic)?;
        listeners.push(thread::spawn(move || listen(&subscriber, topic)));
    }

    publisher.send_multipart(["news", "A comet was seen"])?;
    publisher.send_multipart(["sport", "The home team won"])?;
    publisher.send_multipart(["weather", "Rain; nobody subscribed to it"])?;
    publisher.send_multipart(["news", "The comet has gone"])?;
    for topic in ["news", "sport"] {
        publisher.send_multipart([topic, "end"])?;
    }

    for listener in listeners {
        listener.join().map_err(|_| "a subscriber panicked")??;
    }
    Ok(())
}

/// Publishes to `topic` until a message arrives.
///
/// A PUB does not wait for subscribers: it drops its messages until a subscription has reached it. Most programs can accept
/// this, but this example should show every message.
fn wait_until_subscribed(publisher: &Socket<Pub>, subscriber: &Socket<Sub>, topic: &str) -> zmq::Result<()> {
    loop {
        publisher.send(topic)?;
        match subscriber.recv_within(Duration::from_millis(10)) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            result => return result.map(drop),
        }
    }
}

fn listen(subscriber: &Socket<Sub>, topic: &str) -> zmq::Result<()> {
    loop {
        let message = subscriber.recv_multipart()?;
        // A message of one frame comes from `wait_until_subscribed`, and has arrived late.
        let [_topic, text] = &message[..] else { continue };
        println!("Subscriber to {topic}: {}", text.to_str()?);
        if *text == "end" {
            return Ok(());
        }
    }
}
