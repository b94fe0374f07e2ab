//! A client for a plain TCP server: sends some bytes to an echo server, such as `raw_tcp_server`, and prints what it receives.
//!
//! Ports a C program that calls `socket`, `connect`, `send`, `recv` and `close`. In Rust, a STREAM socket does the same.
//!
//! ```text
//! cargo run --example raw_tcp_client -- [endpoint=tcp://localhost:5555] [text=Hello]
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

    // A message with empty content reports the connection and its id.
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

    // A message with empty content closes the connection.
    client.send_multipart([&id[..], b""])?;
    Ok(())
}
