//! Two threads that exchange messages over two PAIR sockets and share nothing else. Both print what they receive.
//!
//! ```text
//! cargo run --example pair
//! ```

use std::error::Error;
use std::thread;

use zmq::{Context, Pair};

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let ours = context.socket(Pair)?;
    ours.bind("inproc://pair")?;
    let theirs = context.socket(Pair)?;
    theirs.connect("inproc://pair")?;

    // A socket can move to another thread. From then on, only that thread uses it.
    let thread = thread::spawn(move || -> zmq::Result<()> {
        theirs.send("Ready")?;
        println!("Thread received: {}", theirs.recv_string()?);
        theirs.send("Done")?;
        Ok(())
    });

    // Either side may send at any time: a PAIR does not distinguish requests and replies.
    println!("Main received: {}", ours.recv_string()?);
    ours.send("Go")?;
    println!("Main received: {}", ours.recv_string()?);

    thread.join().map_err(|_| "the thread panicked")??;
    Ok(())
}
