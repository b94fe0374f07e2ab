//! A DEALER client for the ROUTER of `router_server` or `async_router`. It sends one request and prints the reply.
//!
//! Ports a Python client. The first frame of the request is empty: it is the delimiter that the server expects. A REQ socket
//! would add the delimiter automatically.
//!
//! ```text
//! cargo run --example dealer_client -- [endpoint=tcp://localhost:5555] [content=Hello ROUTER]
//! ```

use std::env;

use zmq::{Context, Dealer};

fn main() -> zmq::Result<()> {
    let mut args = env::args().skip(1);
    let endpoint = args.next().unwrap_or("tcp://localhost:5555".into());
    let content = args.next().unwrap_or("Hello ROUTER".into());

    let context = Context::new()?;
    let dealer = context.socket(Dealer)?;
    dealer.connect(endpoint)?;

    dealer.send_multipart(("", content))?;

    let [_empty, reply] = dealer.recv_multipart()?.try_into()?;
    println!("Reply: {}", reply.to_str()?);
    Ok(())
}
