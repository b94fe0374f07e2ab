//! A socket whose type is known only at run time may be of a type that tasks cannot share.
//@ error: E0277
//@ says: tasks cannot share `zmq::Any` sockets to send
//@ says: a `Socket<Any>` can be `downcast`

fn sender<K: zmq::capability::CanShare>(_: zmq::Socket<K>) {}

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    let socket = context.socket(zmq::Any(zmq::SocketKind::Push))?;
    #[cfg(wrong)]
    sender(socket);
    #[cfg(right)]
    sender(socket.downcast::<zmq::Push>().expect("it is a PUSH"));
    Ok(())
}
