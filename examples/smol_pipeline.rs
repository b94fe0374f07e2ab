//! A pipeline of tasks with smol: one hands out numbers, three workers square them, and one collects the results.
//!
//! Each worker prints its numbers, and the program prints the sum of the squares. The workers do not know how many numbers there are.
//! They end when the context is shut down.
//!
//! ```text
//! cargo run --features smol --example smol_pipeline
//! ```
//!
//! `async_pipeline` does the same with tokio.

use std::error::Error;
use std::time::Duration;

use smol::{LocalExecutor, Timer};
use zmq::smol::Socket;
use zmq::{Context, Pull, Push};

const NUMBERS: u64 = 12;

fn main() -> Result<(), Box<dyn Error>> {
    let executor = LocalExecutor::new();
    smol::block_on(executor.run(async {
        let context = Context::new()?;
        let ventilator = context.socket(Push)?;
        let tasks_at = ventilator.bind("tcp://127.0.0.1:*")?;
        let sink = context.socket(Pull)?;
        let results_at = sink.bind("tcp://127.0.0.1:*")?;

        let mut workers = Vec::new();
        for number in 1..=3 {
            let (tasks, results) = (context.socket(Pull)?, context.socket(Push)?);
            tasks.connect(&tasks_at)?;
            results.connect(&results_at)?;
            workers.push(executor.spawn(work(number, tasks.into_smol()?, results.into_smol()?)));
        }

        let ventilator = executor.spawn(hand_out(ventilator.into_smol()?));
        let mut sink = sink.into_smol()?;
        let mut sum = 0;
        for _ in 0..NUMBERS {
            sum += sink.recv().await?.to_str()?.parse::<u64>()?;
        }
        println!("The sum of the squares is {sum}");

        ventilator.await?;
        context.shutdown()?;
        for worker in workers {
            worker.await?;
        }
        drop(sink);
        context.close().await?;
        Ok(())
    }))
}

async fn hand_out(mut ventilator: Socket<Push>) -> zmq::Result<()> {
    for number in 1..=NUMBERS {
        ventilator.send(number.to_string()).await?;
    }
    Ok(())
}

async fn work(worker: u32, mut tasks: Socket<Pull>, mut results: Socket<Push>) -> Result<(), Box<dyn Error>> {
    loop {
        let number: u64 = match tasks.recv().await {
            Ok(task) => task.to_str()?.parse()?,
            Err(error) if error.is_terminated() => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        // Meanwhile, the other tasks run.
        Timer::after(Duration::from_millis(10)).await;
        println!("Worker {worker}: {number}");
        results.send((number * number).to_string()).await?;
    }
}
