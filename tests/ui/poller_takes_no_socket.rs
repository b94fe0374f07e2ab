//! A poller keeps a socket by reference or as a share, not whole: nobody could use it any more.
//@ error: E0277
//@ says: is not a socket that a poller can keep

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    let socket = context.socket(zmq::Pull)?;
    let poller = zmq::Poller::new();
    #[cfg(wrong)]
    poller.add(socket, 1, zmq::POLLIN)?;
    #[cfg(right)]
    poller.add(std::rc::Rc::new(socket), 1, zmq::POLLIN)?;
    Ok(())
}
