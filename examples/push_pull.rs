//! A pipeline: a PUSH hands out tasks to two PULL workers. Each worker prints its tasks.
//!
//! ```text
//! cargo run --example push_pull
//! ```

use std::error::Error;
use std::thread;

use zmq::{Context, Pull, Push, Socket};

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let ventilator = context.socket(Push)?;

    let mut workers = Vec::new();
    for number in 1..=2 {
        let tasks = context.socket(Pull)?;
        let endpoint = tasks.bind("tcp://127.0.0.1:*")?;
        ventilator.connect(endpoint)?;
        workers.push(thread::spawn(move || work(&tasks, number)));
    }

    for number in 1..=10 {
        ventilator.send(format!("task {number}"))?;
    }
    // Messages go to the workers in turn, so each worker gets one "end".
    for _ in &workers {
        ventilator.send("end")?;
    }

    for (worker, number) in workers.into_iter().zip(1..) {
        let done = worker.join().map_err(|_| "a worker panicked")??;
        println!("Worker {number} did {done} tasks");
    }
    Ok(())
}

/// Performs tasks until "end" arrives, and returns how many it performed.
fn work(tasks: &Socket<Pull>, number: u32) -> zmq::Result<usize> {
    let mut done = 0;
    loop {
        let task = tasks.recv_string()?;
        if task == "end" {
            return Ok(done);
        }
        println!("Worker {number}: {task}");
        done += 1;
    }
}
