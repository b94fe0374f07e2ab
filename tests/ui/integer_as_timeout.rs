//! A number has no unit, so it is not a timeout.
//@ error: E0277
//@ says: expected a `Duration` or `None`, found `{integer}`
//@ says: expected a `Duration` or `None`, found `i64`
//@ says: write `Duration::from_millis(1000)`; instead of 0, write `Duration::ZERO`; instead of -1, write `None`

use std::time::Duration;

use zmq::{POLLIN, PollItem};

/// A function of the program can accept the same types as a timeout.
fn linger(socket: &zmq::Socket<zmq::Pull>, time: impl Into<Option<Duration>>) -> zmq::Result<()> {
    socket.set_linger(time)
}

fn main() -> zmq::Result<()> {
    let socket = zmq::Context::new()?.socket(zmq::Pull)?;
    linger(&socket, None)?;
    #[cfg(wrong)]
    {
        zmq::poll(&mut [PollItem::new(&socket, POLLIN)], -1)?;
        socket.poll(POLLIN, 0_i64)?;
        socket.set_linger(0)?;
        socket.set_handshake_interval(Some(1000))?;
        zmq::Poller::<u8>::new().wait(1000)?;
        socket.close(0)
    }
    #[cfg(right)]
    {
        zmq::poll(&mut [PollItem::new(&socket, POLLIN)], None)?;
        socket.poll(POLLIN, Duration::ZERO)?;
        socket.set_linger(Duration::ZERO)?;
        socket.set_handshake_interval(Some(Duration::from_millis(1000)))?;
        zmq::Poller::<u8>::new().wait(Duration::from_millis(1000))?;
        socket.close(Duration::ZERO)
    }
}
