//! A DGRAM socket is for one thread at a time, unlike sockets of the other draft types.
//@ error: E0277
//@ says: `zmq::Dgram` sockets cannot be shared between threads
//@ says: SERVER, CLIENT, RADIO, DISH, GATHER, SCATTER, PEER and CHANNEL can be shared

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    #[cfg(wrong)]
    let socket = context.socket(zmq::Dgram)?;
    #[cfg(right)]
    let socket = context.socket(zmq::Dish)?;
    std::thread::scope(|threads| {
        threads.spawn(|| socket.kind());
        socket.kind();
    });
    Ok(())
}
