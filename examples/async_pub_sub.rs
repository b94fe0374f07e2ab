//! A publisher and two subscribers as tasks. The subscribers use their sockets as streams.
//!
//! The publisher waits until both have subscribed, so that they miss nothing. Then it publishes the temperatures of two cities. Each
//! subscriber prints the first three temperatures of its city, and ends.
//!
//! ```text
//! cargo run --features futures,tokio --example async_pub_sub
//! ```

use std::error::Error;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use tokio::time::interval;
use zmq::tokio::Socket;
use zmq::{Context, Sub, XPub};

const CITIES: [&str; 2] = ["Lima", "Oslo"];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let context = Context::new()?;
    let publisher = context.socket(XPub)?;
    let endpoint = publisher.bind("tcp://127.0.0.1:*")?;
    let publisher = tokio::spawn(publish(publisher.into_tokio()?));

    let mut subscribers = Vec::new();
    for city in CITIES {
        let subscriber = context.socket(Sub)?;
        subscriber.subscribe(city)?;
        subscriber.connect(&endpoint)?;
        subscribers.push(tokio::spawn(print_three(subscriber.into_tokio()?)));
    }
    for subscriber in subscribers {
        subscriber.await??;
    }

    // The publisher would never end by itself. Aborting its task drops the socket.
    publisher.abort();
    let _ = publisher.await;
    context.close().await?;
    Ok(())
}

async fn publish(mut publisher: Socket<XPub>) -> Result<(), Box<dyn Error + Send + Sync>> {
    // An XPUB socket receives the subscriptions.
    for _ in CITIES {
        publisher.recv().await?;
    }
    let mut ticks = interval(Duration::from_millis(10));
    for degrees in 20.. {
        ticks.tick().await;
        for city in CITIES {
            publisher.send(format!("{city}: {degrees} °C")).await?;
        }
    }
    Ok(())
}

async fn print_three(subscriber: Socket<Sub>) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut temperatures = subscriber.into_stream().take(3);
    while let Some(temperature) = temperatures.try_next().await? {
        for part in &temperature {
            println!("{}", part.to_str()?);
        }
    }
    Ok(())
}
