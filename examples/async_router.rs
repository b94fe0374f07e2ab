//! A ROUTER that answers out of order. It collects requests for a while, then answers the last one first.
//!
//! Ports a Python server. Each answer reaches the client that asked, because the answer begins with the id of that client.
//! Start any number of `dealer_client`s as clients. The server prints the requests that it answers.
//!
//! ```text
//! cargo run --example async_router -- [endpoint=tcp://*:5555] [delay_ms=2000]
//! ```

use std::env;
use std::error::Error;
use std::time::{Duration, Instant};

use zmq::{Context, PollEvents, Router};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let endpoint = args.next().unwrap_or("tcp://*:5555".into());
    let delay = Duration::from_millis(args.next().unwrap_or("2000".into()).parse()?);

    let context = Context::new()?;
    let router = context.socket(Router)?;
    router.bind(endpoint)?;

    loop {
        // Wait for the first request, then collect the requests that arrive within the delay.
        let mut requests = vec![router.recv_multipart()?];
        let end = Instant::now() + delay;
        while !router.poll(PollEvents::IN, end.saturating_duration_since(Instant::now()))?.is_empty() {
            requests.push(router.recv_multipart()?);
        }
        println!("Collected {}", requests.len());

        for request in requests.into_iter().rev() {
            let [client_id, empty, content] = request.try_into()?;
            let content = content.into_string()?;
            println!("Answering {}: {content}", client_id.escape_ascii());
            router.send_multipart((client_id, empty, format!("Reply to {content}")))?;
        }
    }
}
