//! A loop that waits for a changing set of sockets. Each client gets its own socket while it is connected. The loop prints the messages.
//!
//! ```text
//! cargo run --example poller_loop
//! ```

use std::collections::HashMap;
use std::error::Error;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use zmq::{Context, Pair, PollEvents, Poller, Rep, Req, Socket};

/// A socket that the loop waits for.
#[derive(Clone, Copy)]
enum Source {
    /// The socket at which new clients report.
    Door,
    /// The socket of the client with this number.
    Client(u32),
}

const CLIENTS: u32 = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let door = context.socket(Rep)?;
    door.bind("inproc://door")?;
    let threads: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let context = context.clone();
            thread::spawn(move || client(&context))
        })
        .collect();

    let poller = Poller::new();
    poller.add(&door, Source::Door, PollEvents::IN)?;
    let mut clients: HashMap<u32, Rc<Socket<Pair>>> = HashMap::new();
    let (mut arrived, mut left) = (0, 0);
    while left < CLIENTS {
        let ready = poller.wait(Duration::from_secs(10))?;
        if ready.is_empty() {
            return Err("no message has arrived for ten seconds".into());
        }
        for (source, _) in ready {
            match source {
                Source::Door => {
                    door.recv()?;
                    let client = Rc::new(context.socket(Pair)?);
                    let endpoint = client.bind(format!("inproc://client-{arrived}"))?;
                    poller.add(Rc::clone(&client), Source::Client(arrived), PollEvents::IN)?;
                    clients.insert(arrived, client);
                    arrived += 1;
                    door.send(endpoint.as_str())?;
                }
                Source::Client(number) => {
                    let Some(client) = clients.get(&number) else { continue };
                    let text = client.recv_string()?;
                    println!("client {number}: {text}");
                    if text == "goodbye" {
                        poller.remove(client)?;
                        // This closes the socket of the client.
                        clients.remove(&number);
                        left += 1;
                    }
                }
            }
        }
    }

    for thread in threads {
        thread.join().map_err(|_| "a client panicked")??;
    }
    println!("all {left} clients have left");
    Ok(())
}

fn client(context: &Context) -> Result<(), zmq::Error> {
    let door = context.socket(Req)?;
    door.connect("inproc://door")?;
    door.send("hello")?;
    let endpoint = door.recv_string()?;
    let server = context.socket(Pair)?;
    server.connect(endpoint)?;
    for text in ["first", "second", "goodbye"] {
        server.send(text)?;
    }
    Ok(())
}
