//! One thread at a time uses a socket: it can move to another thread, but not be shared.
//@ error: E0277
//@ says: `zmq::Push` sockets cannot be shared between threads
//@ says: give each thread a socket of its own
//@ says: let one thread own its socket, and send to that thread over inproc

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    let socket = context.socket(zmq::Push)?;
    std::thread::scope(|threads| {
        #[cfg(wrong)]
        threads.spawn(|| socket.try_send("from another thread").is_ok());
        #[cfg(right)]
        threads.spawn(move || socket.try_send("from another thread").is_ok());
    });
    Ok(())
}
