//! A server ends and starts again. Its client reconnects automatically. The program prints the messages before and after the restart.
//!
//! When the server ends, messages that have not arrived yet are lost, and a REQ does not repeat them. To avoid waiting forever, a
//! client sets a receive timeout, and `set_req_relaxed`, which lets it ask again.
//!
//! ```text
//! cargo run --example reconnect
//! ```

use std::error::Error;
use std::net::TcpListener;

use zmq::{Context, Endpoint, Rep, Req, Socket};

fn main() -> Result<(), Box<dyn Error>> {
    let (responder, endpoint) = start_server("tcp://127.0.0.1:*")?;

    let client = Context::new()?;
    let requester = client.socket(Req)?;
    requester.connect(&endpoint)?;
    exchange(&requester, &responder, "before")?;

    // Dropping the server's last socket closes its connections and ends its context.
    drop(responder);
    println!("Server killed");

    // Wait until the client has noticed that the connection is closed, and connects again.
    TcpListener::bind(endpoint.address())?.accept()?;

    let (responder, _endpoint) = start_server(endpoint.as_str())?;
    println!("Server started again");

    // The client reconnects without any call.
    exchange(&requester, &responder, "after")?;
    Ok(())
}

/// Starts a server with its own context, as if it were another process.
fn start_server(endpoint: &str) -> zmq::Result<(Socket<Rep>, Endpoint)> {
    let context = Context::new()?;
    let responder = context.socket(Rep)?;
    let endpoint = responder.bind(endpoint)?;
    Ok((responder, endpoint))
}

fn exchange(requester: &Socket<Req>, responder: &Socket<Rep>, when: &str) -> zmq::Result<()> {
    requester.send(format!("Hello {when}"))?;
    println!("Server received: {}", responder.recv_string()?);
    responder.send(format!("World {when}"))?;
    println!("Client received: {}", requester.recv_string()?);
    Ok(())
}
