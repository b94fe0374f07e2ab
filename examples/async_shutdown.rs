//! A server that ends cleanly on Ctrl-C: it answers the requests that have arrived, and waits until the replies are sent.
//!
//! Start any number of `hello_client`s as clients, and end the server with Ctrl-C. The server prints each request.
//!
//! ```text
//! cargo run --features tokio --example async_shutdown -- [endpoint=tcp://*:5555]
//! ```

use std::env;
use std::error::Error;
use std::pin::pin;
use std::time::{Duration, Instant};

use tokio::signal::ctrl_c;
use zmq::tokio::Socket;
use zmq::{Context, Message, Rep};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = env::args().nth(1).unwrap_or("tcp://*:5555".into());

    let context = Context::new()?;
    let responder = context.socket(Rep)?;
    // At the end, the server waits at most 5 seconds for clients to take their replies.
    responder.set_linger(Duration::from_secs(5))?;
    let endpoint = responder.bind(endpoint)?;
    let mut responder = responder.into_tokio()?;

    let mut interrupted = pin!(ctrl_c());
    println!("Serving at {endpoint}");
    loop {
        tokio::select! {
            request = responder.recv() => answer(&mut responder, request?).await?,
            signal = &mut interrupted => break signal?,
        }
    }

    // The server answers the requests that have arrived, for at most a second. It does not call `unbind`, which would disconnect
    // the clients before they get their replies.
    println!("Interrupted");
    let end = Instant::now() + Duration::from_secs(1);
    while Instant::now() < end {
        let Some(request) = arrived(&mut responder)? else { break };
        answer(&mut responder, request).await?;
    }

    drop(responder);
    context.close().await?;
    println!("All replies are sent");
    Ok(())
}

async fn answer(responder: &mut Socket<Rep>, request: Message) -> zmq::Result<()> {
    println!("Received {}", request.to_str()?);
    Ok(responder.send("World").await?)
}

/// Returns the next request, or `None` if no request has arrived.
fn arrived(responder: &mut Socket<Rep>) -> zmq::Result<Option<Message>> {
    match responder.inner().try_recv() {
        Ok(request) => Ok(Some(request)),
        Err(error) if error.is_would_block() => Ok(None),
        Err(error) => Err(error),
    }
}
