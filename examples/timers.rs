//! Timers for a heartbeat and a deadline, in the loop that receives. If no heartbeat arrives before the deadline, the program prints
//! that the peer is gone.
//!
//! ```text
//! cargo run --example timers
//! ```

use std::cell::Cell;
use std::error::Error;
use std::time::Duration;

use zmq::{Context, PollEvents, PollItem, Pull, Push, Timers};

const HEARTBEAT: Duration = Duration::from_millis(20);
const DEADLINE: Duration = Duration::from_millis(200);

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let (peer, monitor) = (context.socket(Push)?, context.socket(Pull)?);
    monitor.bind("inproc://heartbeats")?;
    peer.connect("inproc://heartbeats")?;
    let (beats, is_gone) = (Cell::new(0), Cell::new(false));

    let mut timers = Timers::new();
    // The peer sends three heartbeats, then stops.
    timers.add(HEARTBEAT, |timers, id| {
        if peer.try_send("alive").is_ok() {
            beats.set(beats.get() + 1);
        }
        if beats.get() == 3 {
            // Cancelling fails only for an unknown timer.
            let _ = timers.cancel(id);
        }
    })?;
    let deadline = timers.add(DEADLINE, |_, _| is_gone.set(true))?;

    let mut items = [PollItem::new(&monitor, PollEvents::IN)];
    while !is_gone.get() {
        zmq::poll(&mut items, timers.timeout())?;
        if items[0].is_readable() {
            println!("The peer is {}", monitor.recv_string()?);
            timers.reset(deadline)?;
        }
        timers.execute();
    }
    println!("The peer is gone");
    Ok(())
}
