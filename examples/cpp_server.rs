//! A server that uses message objects instead of buffers. It prints each request. The client is `cpp_client`.
//!
//! Ports a C++ server with `zmq::context_t context(1)` and a REP socket. The C++ server receives a `zmq::message_t` and converts
//! it to a `std::string`. Then it creates a `zmq::message_t` with the size of the answer, and fills it.
//!
//! ```text
//! cargo run --example cpp_server -- [endpoint=tcp://*:5555]
//! ```

use std::env;

use zmq::{Context, MessageMut, Rep};

fn main() -> zmq::Result<()> {
    let endpoint = env::args().nth(1).unwrap_or("tcp://*:5555".into());

    let context = Context::builder().io_threads(1).build()?;
    let socket = context.socket(Rep)?;
    socket.bind(endpoint)?;

    loop {
        let request = socket.recv()?;
        let text = request.into_string()?;
        println!("Received: {text}");

        let response = "Server response";
        let mut reply = MessageMut::try_zeroed(response.len())?;
        reply.copy_from_slice(response.as_bytes());
        socket.send(reply)?;
    }
}
