//! A socket whose type is known only at run time may be of a type that cannot be split.
//@ error: E0277
//@ says: Any` sockets cannot be split into halves
//@ says: a `Socket<Any>` can be `downcast`

fn halves<K: zmq::capability::CanSplit>(_: zmq::Socket<K>) {}

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    let socket = context.socket(zmq::Any(zmq::SocketKind::Dealer))?;
    #[cfg(wrong)]
    halves(socket);
    #[cfg(right)]
    halves(socket.downcast::<zmq::Dealer>().expect("it is a DEALER"));
    Ok(())
}
