//! Hello, World with async sockets: a server and a client as tasks of one program. Both print what they receive.
//!
//! ```text
//! cargo run --features tokio --example async_hello_world
//! ```
//!
//! `hello_world` does the same with threads.

use std::error::Error;
use std::time::Duration;

use tokio::time::timeout;
use zmq::tokio::Socket;
use zmq::{Context, Rep, Req};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;

    // Sockets are configured, bound and connected as usual. Then they become async sockets.
    let responder = context.socket(Rep)?;
    let endpoint = responder.bind("tcp://127.0.0.1:*")?;
    let server = tokio::spawn(serve(responder.into_tokio()?));

    let requester = context.socket(Req)?;
    requester.connect(&endpoint)?;
    let mut requester = requester.into_tokio()?;
    for number in 0..10 {
        println!("Sending Hello {number}...");
        requester.send("Hello").await?;
        let reply = timeout(Duration::from_secs(10), requester.recv()).await??;
        println!("Received {} {number}", reply.to_str()?);
    }

    server.await??;
    drop(requester);
    // Waits until all messages are sent, without blocking a thread.
    context.close().await?;
    Ok(())
}

async fn serve(mut responder: Socket<Rep>) -> zmq::Result<()> {
    for _ in 0..10 {
        let request = responder.recv().await?;
        println!("Received {}", request.to_str()?);
        responder.send("World").await?;
    }
    Ok(())
}
