//! An `Arc` does not allow threads to share a socket.
//@ error: E0277
//@ says: `zmq::Push` sockets cannot be shared between threads
//@ says: give each thread a socket of its own

use std::sync::Arc;
use std::thread;

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    let socket = Arc::new(context.socket(zmq::Push)?);
    #[cfg(wrong)]
    let work = move || socket.try_send("from another thread").is_ok();
    #[cfg(right)]
    let work = move || context.socket(zmq::Push).is_ok_and(|socket| socket.try_send("of its own").is_ok());
    thread::spawn(work);
    Ok(())
}
