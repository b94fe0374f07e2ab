//! A poller stays in the thread of its sockets.
//@ error: E0277
//@ says: between threads safely

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    let socket = context.socket(zmq::Pull)?;
    let poller = zmq::Poller::new();
    poller.add(&socket, 1, zmq::POLLIN)?;
    std::thread::scope(|threads| {
        #[cfg(wrong)]
        threads.spawn(|| poller.len());
        #[cfg(right)]
        poller.len();
        let _ = threads;
    });
    Ok(())
}
