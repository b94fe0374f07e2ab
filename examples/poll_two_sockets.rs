//! A loop that waits for two sockets, and prints the messages that either receives.
//!
//! ```text
//! cargo run --example poll_two_sockets
//! ```

use std::error::Error;
use std::thread;

use zmq::{Context, PollEvents, PollItem, Pull, Push};

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let tasks = context.socket(Pull)?;
    let weather = context.socket(Pull)?;
    tasks.bind("inproc://tasks")?;
    weather.bind("inproc://weather")?;

    let senders = ["inproc://tasks", "inproc://weather"].map(|endpoint| {
        let context = context.clone();
        thread::spawn(move || send_three(&context, endpoint))
    });

    let mut items = [PollItem::new(&tasks, PollEvents::IN), PollItem::new(&weather, PollEvents::IN)];
    let mut left = 6;
    while left > 0 {
        zmq::poll(&mut items, None)?;
        if items[0].is_readable() {
            println!("Task: {}", tasks.recv_string()?);
            left -= 1;
        }
        if items[1].is_readable() {
            println!("Weather: {}", weather.recv_string()?);
            left -= 1;
        }
    }

    for sender in senders {
        sender.join().map_err(|_| "a sender panicked")??;
    }
    Ok(())
}

fn send_three(context: &Context, endpoint: &str) -> zmq::Result<()> {
    let sender = context.socket(Push)?;
    sender.connect(endpoint)?;
    for number in 1..=3 {
        sender.send(format!("update {number}"))?;
    }
    Ok(())
}
