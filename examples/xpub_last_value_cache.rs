//! A last value cache. A late subscriber gets the latest value of its topic at once, and later values as they arrive. The program prints
//! the values that the subscribers receive.
//!
//! ```text
//! cargo run --example xpub_last_value_cache
//! ```
//!
//! ```text
//! publisher --> SUB  cache  XPUB --> subscribers
//! ```

use std::collections::HashMap;
use std::error::Error;
use std::sync::mpsc::{self, Sender};
use std::thread;

use zmq::{Context, ErrorKind, Multipart, PollEvents, PollItem, Socket, Sub, XPub};

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let publisher = context.socket(XPub)?;
    publisher.bind("inproc://publisher")?;

    let frontend = context.socket(Sub)?;
    frontend.connect("inproc://publisher")?;
    frontend.subscribe("")?;
    let backend = context.socket(XPub)?;
    // By default, an XPUB receives only the first subscription to a topic.
    backend.set_xpub_verbose(true)?;
    let endpoint = backend.bind("tcp://127.0.0.1:*")?;
    let (passed_on, values) = mpsc::channel();
    let cache = thread::spawn(move || cache(&frontend, &backend, &passed_on));

    // Wait for the subscription of the cache. From now on, the cache misses no values.
    publisher.recv()?;
    for (topic, value) in [("weather", "cloudy"), ("traffic", "dense"), ("weather", "sunny")] {
        publisher.send_multipart([topic, value])?;
        values.recv()?;
    }

    // The cache has passed all of these values on before the first subscription.
    let mut subscribers = Vec::new();
    for topic in ["weather", "weather", "traffic"] {
        let subscriber = context.socket(Sub)?;
        subscriber.connect(&endpoint)?;
        subscriber.subscribe(topic)?;
        show("at once", &subscriber)?;
        subscribers.push(subscriber);
    }
    publisher.send_multipart(["traffic", "light"])?;
    for subscriber in subscribers.iter().skip(2) {
        show("later", subscriber)?;
    }

    drop(subscribers);
    context.shutdown()?;
    match cache.join().map_err(|_| "the cache panicked")? {
        Err(error) if error.kind() != ErrorKind::Terminated => Err(error.into()),
        _ => Ok(()),
    }
}

fn show(when: &str, subscriber: &Socket<Sub>) -> Result<(), Box<dyn Error>> {
    let [topic, value] = subscriber.recv_multipart()?.try_into()?;
    println!("{when}: {} is {}", topic.to_str()?, value.to_str()?);
    Ok(())
}

/// Passes values on, and reports each value to `passed_on`. Sends the latest value again to each new subscriber. Returns an
/// error when the context is shut down.
fn cache(frontend: &Socket<Sub>, backend: &Socket<XPub>, passed_on: &Sender<()>) -> zmq::Result<()> {
    let mut latest: HashMap<Vec<u8>, Multipart> = HashMap::new();
    loop {
        let mut items = [PollItem::new(frontend, PollEvents::IN), PollItem::new(backend, PollEvents::IN)];
        zmq::poll(&mut items, None)?;
        while let Ok(value) = frontend.try_recv_multipart() {
            if let Some(topic) = value.first() {
                latest.insert(topic.to_vec(), value.clone());
            }
            backend.send_multipart(value)?;
            // The send fails when nobody waits for reports any more.
            let _ = passed_on.send(());
        }
        while let Ok(event) = backend.try_recv() {
            // The byte 1 and a topic are a subscription. The byte 0 and a topic end a subscription.
            let [1, topic @ ..] = &event[..] else { continue };
            if let Some(value) = latest.get(topic) {
                // Every subscriber of the topic receives the value, even if it already has it.
                backend.send_multipart(value.clone())?;
            }
        }
    }
}
