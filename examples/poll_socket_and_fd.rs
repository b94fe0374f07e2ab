//! A loop that waits for a ZeroMQ socket and for a UDP socket, and prints what either receives.
//!
//! ```text
//! cargo run --example poll_socket_and_fd
//! ```

use std::error::Error;
use std::net::{SocketAddr, UdpSocket};
use std::thread;

use zmq::{Context, PollEvents, PollItem, Pull, Push};

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let messages = context.socket(Pull)?;
    messages.bind("inproc://messages")?;
    let datagrams = UdpSocket::bind("127.0.0.1:0")?;

    let address = datagrams.local_addr()?;
    let sender = thread::spawn(move || send(&context, address).map_err(|error| error.to_string()));

    let mut items = [PollItem::new(&messages, PollEvents::IN), descriptor(&datagrams)];
    let mut left = 6;
    while left > 0 {
        zmq::poll(&mut items, None)?;
        if items[0].is_readable() {
            println!("Message: {}", messages.recv_string()?);
            left -= 1;
        }
        if items[1].is_readable() {
            let mut buffer = [0; 64];
            let (size, _from) = datagrams.recv_from(&mut buffer)?;
            let (datagram, _unused) = buffer.split_at(size);
            println!("Datagram: {}", datagram.escape_ascii());
            left -= 1;
        }
    }

    sender.join().map_err(|_| "the sender panicked")??;
    Ok(())
}

/// Returns the poll item of the UDP socket. On Unix, every descriptor can be polled.
#[cfg(unix)]
fn descriptor(socket: &UdpSocket) -> PollItem<'_> {
    use std::os::fd::AsFd;
    PollItem::from_fd(socket.as_fd(), PollEvents::IN)
}

/// Returns the poll item of the UDP socket. On Windows, only sockets can be polled.
#[cfg(windows)]
fn descriptor(socket: &UdpSocket) -> PollItem<'_> {
    use std::os::windows::io::AsSocket;
    PollItem::from_socket(socket.as_socket(), PollEvents::IN)
}

fn send(context: &Context, address: SocketAddr) -> Result<(), Box<dyn Error>> {
    let messages = context.socket(Push)?;
    messages.connect("inproc://messages")?;
    let datagrams = UdpSocket::bind("127.0.0.1:0")?;
    for number in 1..=3 {
        messages.send(format!("number {number}"))?;
        datagrams.send_to(format!("number {number}").as_bytes(), address)?;
    }
    Ok(())
}
