//! A DEALER that talks to a ROUTER: to `router_server`, or to `async_router`.
//!
//! Ports a Python client. The empty frame in front is the delimiter that the server expects; a REQ socket would add it by
//! itself.
//!
//! ```text
//! cargo run --example dealer_client -- [tcp://localhost:5555] [content=Hello ROUTER]
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
