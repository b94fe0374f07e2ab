//! A worker that polls a socket for tasks. Another thread wakes the worker with commands, and prints its report.
//!
//! ```text
//! cargo run --example wake_poll
//! ```

use std::error::Error;
use std::thread;

use zmq::{Context, Pair, PollEvents, PollItem, Pull, Push, Socket};

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let tasks = context.socket(Pull)?;
    let endpoint = tasks.bind("tcp://127.0.0.1:*")?;

    // The worker owns one of the two PAIR sockets, and this thread owns the other.
    let (commands, receiver) = (context.socket(Pair)?, context.socket(Pair)?);
    receiver.bind("inproc://commands")?;
    commands.connect("inproc://commands")?;
    let worker = thread::spawn(move || work(&tasks, &receiver));

    let producer = context.socket(Push)?;
    producer.connect(&endpoint)?;
    producer.send("a task")?;
    // The worker answers on its PAIR, so this thread knows that the task is done.
    commands.recv()?;

    commands.send("report")?;
    println!("Report: {}", commands.recv_string()?);
    commands.send("stop")?;
    worker.join().map_err(|_| "the worker panicked")??;
    println!("Stopped");
    Ok(())
}

fn work(tasks: &Socket<Pull>, commands: &Socket<Pair>) -> zmq::Result<()> {
    let mut done = 0;
    let mut items = [PollItem::new(tasks, PollEvents::IN), PollItem::new(commands, PollEvents::IN)];
    loop {
        zmq::poll(&mut items, None)?;
        if items[0].is_readable() {
            println!("Worker: {}", tasks.recv_string()?);
            done += 1;
            commands.send("done")?;
        }
        if items[1].is_readable() {
            match &commands.recv()?[..] {
                b"report" => commands.send(format!("{done} task done"))?,
                _ => return Ok(()),
            }
        }
    }
}
