//! A socket that a poller borrows cannot be dropped while the poller is used.
//@ error: E0505
//@ says: cannot move out of `socket` because it is borrowed

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    let socket = context.socket(zmq::Pull)?;
    let poller = zmq::Poller::new();
    poller.add(&socket, 1, zmq::POLLIN)?;
    #[cfg(wrong)]
    drop(socket);
    poller.wait(None)?;
    #[cfg(right)]
    drop(socket);
    Ok(())
}
