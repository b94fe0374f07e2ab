//! A proxy between a source and a sink. Another thread pauses, resumes and ends the proxy, and prints its statistics.
//!
//! ```text
//! cargo run --example proxy_steerable
//! ```

use std::error::Error;
use std::thread;
use std::time::Duration;

use zmq::proxy::{Handle, Proxy};
use zmq::{Context, ErrorKind, Pull, Push};

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let (frontend, backend) = (context.socket(Pull)?, context.socket(Push)?);
    frontend.bind("inproc://frontend")?;
    backend.bind("inproc://backend")?;
    let (source, sink) = (context.socket(Push)?, context.socket(Pull)?);
    source.connect("inproc://frontend")?;
    sink.connect("inproc://backend")?;

    let handle = Handle::new();
    let control = handle.clone();
    let proxy = thread::spawn(move || Proxy::new(&frontend, &backend).control(&control).run());

    source.send("one")?;
    println!("Running: received {}", sink.recv_string()?);

    handle.pause()?;
    source.send("two")?;
    match sink.recv_within(Duration::from_millis(100)) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => println!("Paused: nothing arrives"),
        other => println!("Paused: {other:?}"),
    }

    handle.resume()?;
    println!("Resumed: received {}", sink.recv_string()?);

    handle.terminate()?;
    let undelivered = proxy.join().map_err(|_| "the proxy panicked")??;
    let statistics = handle.statistics()?;
    println!(
        "Ended: {} messages in, {} out, {} bytes, {} left over",
        statistics.frontend.messages_received,
        statistics.backend.messages_sent,
        statistics.backend.bytes_sent,
        usize::from(!undelivered.is_empty()),
    );
    Ok(())
}
