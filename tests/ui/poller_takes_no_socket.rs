//! A poller takes a socket by reference or as `Rc` or `Arc`, not by value, because the program could not use the socket then.
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
