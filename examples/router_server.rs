//! A ROUTER that serves many clients and distinguishes them by their ids. It prints each request with the id of the client.
//!
//! Ports a Python server that receives `[client_id, empty, content]` and replies `[client_id, empty, "ACK"]`. The client is
//! `dealer_client`.
//!
//! ```text
//! cargo run --example router_server -- [endpoint=tcp://*:5555]
//! ```

use std::env;

use zmq::{Context, Router};

fn main() -> zmq::Result<()> {
    let endpoint = env::args().nth(1).unwrap_or("tcp://*:5555".into());

    let context = Context::new()?;
    let router = context.socket(Router)?;
    router.bind(endpoint)?;

    loop {
        let [client_id, empty, content] = router.recv_multipart()?.try_into()?;
        println!("From {}: {}", client_id.escape_ascii(), content.to_str()?);
        router.send_multipart((client_id, empty, "ACK"))?;
    }
}
