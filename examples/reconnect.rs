//! A server goes away and comes back: its client connects again by itself.
//!
//! What was on its way when the server died is lost with the connection, and a REQ does not repeat it. A client that must
//! not wait for ever sets a receive timeout, and `set_req_relaxed`, so that it may ask again.
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

    // With its last socket goes the server's context, and with that its connections.
    drop(responder);
    println!("Server killed");

    // What follows takes no time in one process, so wait until the client has noticed, and knocks at the port again.
    TcpListener::bind(endpoint.address())?.accept()?;

    let (responder, _endpoint) = start_server(endpoint.as_str())?;
    println!("Server started again");

    // Nothing to do in the client.
    exchange(&requester, &responder, "after")?;
    Ok(())
}

/// A server in a context of its own, as if it were another process.
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
