//! A CLIENT that three threads share, and a SERVER that answers the last request first. Prints the replies. Needs the feature `draft`.
//!
//! ```text
//! cargo run --features draft --example client_server
//! ```

use std::error::Error;
use std::thread;

use zmq::{Client, Context, Server, Socket};

const REQUESTS: usize = 6;

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let server = context.socket(Server)?;
    let endpoint = server.bind("tcp://127.0.0.1:*")?;
    let answering = thread::spawn(move || answer(&server));

    // Several threads may use a CLIENT at the same time.
    let client = &context.socket(Client)?;
    client.connect(endpoint)?;
    thread::scope(|threads| {
        let asking = [1, 2, 3].map(|number| threads.spawn(move || ask(client, number)));
        for thread in asking {
            thread.join().map_err(|_| "a thread panicked")??;
        }
        Ok::<(), Box<dyn Error>>(())
    })?;

    // Any thread can receive the replies, not only the thread that asked.
    for _ in 0..REQUESTS {
        println!("Reply: {}", client.recv_string()?);
    }
    answering.join().map_err(|_| "the server panicked")??;
    Ok(())
}

fn ask(client: &Socket<Client>, number: u32) -> zmq::Result<()> {
    client.send(format!("first question of thread {number}"))?;
    client.send(format!("second question of thread {number}"))?;
    Ok(())
}

/// Collects all requests, then answers the last one first.
fn answer(server: &Socket<Server>) -> zmq::Result<()> {
    let mut requests = Vec::new();
    for _ in 0..REQUESTS {
        requests.push(server.recv_from()?);
    }
    for (sender, request) in requests.into_iter().rev() {
        server.send_to(sender, format!("answer to the {}", request.to_str()?))?;
    }
    Ok(())
}
