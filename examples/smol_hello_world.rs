//! Hello, World with async sockets and smol: a server and a client as tasks of one program. Both print what they receive.
//!
//! ```text
//! cargo run --features smol --example smol_hello_world
//! ```
//!
//! `async_hello_world` does the same with tokio.

use std::error::Error;
use std::time::Duration;

use smol::Timer;
use smol::future::or;
use zmq::smol::Socket;
use zmq::{Context, Message, Rep, Req};

fn main() -> Result<(), Box<dyn Error>> {
    smol::block_on(async {
        let context = Context::new()?;

        // Sockets are configured, bound and connected as usual. Then they become async sockets.
        let responder = context.socket(Rep)?;
        let endpoint = responder.bind("tcp://127.0.0.1:*")?;
        let server = smol::spawn(serve(responder.into_smol()?));

        let requester = context.socket(Req)?;
        requester.connect(&endpoint)?;
        let mut requester = requester.into_smol()?;
        for number in 0..10 {
            println!("Sending Hello {number}...");
            requester.send("Hello").await?;
            let reply = reply_within(Duration::from_secs(10), &mut requester).await?;
            println!("Received {} {number}", reply.to_str()?);
        }

        server.await?;
        drop(requester);
        // Waits until all messages are sent, without blocking a thread.
        context.close().await?;
        Ok(())
    })
}

async fn reply_within(limit: Duration, requester: &mut Socket<Req>) -> Result<Message, Box<dyn Error>> {
    or(async { Ok(requester.recv().await?) }, async {
        Timer::after(limit).await;
        Err("the server does not reply".into())
    })
    .await
}

async fn serve(mut responder: Socket<Rep>) -> zmq::Result<()> {
    for _ in 0..10 {
        let request = responder.recv().await?;
        println!("Received {}", request.to_str()?);
        responder.send("World").await?;
    }
    Ok(())
}
