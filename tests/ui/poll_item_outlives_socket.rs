//! A socket in a poll item stays borrowed.
//@ error: E0505
//@ says: cannot move out of `socket` because it is borrowed

fn main() -> Result<(), zmq::Error> {
    let context = zmq::Context::new()?;
    let socket = context.socket(zmq::Pull)?;
    let mut items = [zmq::PollItem::new(&socket, zmq::POLLIN)];
    #[cfg(wrong)]
    drop(socket);
    zmq::poll(&mut items, None)?;
    #[cfg(right)]
    drop(socket);
    Ok(())
}
