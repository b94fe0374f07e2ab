//! A client for a plain TCP server: sends some bytes to an echo server and receives them back.
//!
//! Ports a C program that calls `socket`, `connect`, `send`, `recv` and `close`. Here, a STREAM socket does the same.
//!
//! ```text
//! cargo run --example raw_tcp_client -- [tcp://localhost:5555] [text=Hello]
//! ```

use std::env;

use zmq::{Context, Stream};

fn main() -> zmq::Result<()> {
    let mut args = env::args().skip(1);
    let endpoint = args.next().unwrap_or("tcp://localhost:5555".into());
    let text = args.next().unwrap_or("Hello".into());

    let context = Context::new()?;
    let client = context.socket(Stream)?;
    client.connect(endpoint)?;

    // An empty message reports the connection and its id.
    let [id, _empty] = client.recv_multipart()?.try_into()?;
    client.send_multipart([&id[..], text.as_bytes()])?;

    // TCP is a stream of bytes, so the answer may arrive in pieces.
    let mut echo = Vec::new();
    while echo.len() < text.len() {
        let [_id, bytes] = client.recv_multipart()?.try_into()?;
        if bytes.is_empty() {
            println!("Closed by the server");
            break;
        }
        echo.extend_from_slice(&bytes);
    }
    println!("Received {}", echo.escape_ascii());

    // Sending an empty message closes the connection.
    client.send_multipart([&id[..], b""])?;
    Ok(())
}
