//! SOCKS5 proxies in their own threads: one that works, and one that breaks connections.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The address of one of the proxies.
pub(crate) fn address(is_well: bool) -> &'static str {
    static WELL: OnceLock<String> = OnceLock::new();
    static BREAKING: OnceLock<String> = OnceLock::new();
    if is_well { WELL.get_or_init(|| start(|| false)) } else { BREAKING.get_or_init(|| start(breaks)) }
}

/// Whether this connection breaks on its way.
fn breaks() -> bool {
    static TURNS: AtomicUsize = AtomicUsize::new(0);
    TURNS.fetch_add(1, Ordering::Relaxed) % 7 == 6
}

type Breaks = fn() -> bool;

fn start(breaks: Breaks) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // The connection ends when one of its two sides ends.
            thread::spawn(move || serve(client, breaks));
        }
    });
    address
}

fn serve(mut client: TcpStream, breaks: Breaks) -> io::Result<()> {
    let [_, methods] = read(&mut client)?;
    io::copy(&mut (&client).take(methods.into()), &mut io::sink())?;
    if breaks() {
        return Ok(());
    }
    client.write_all(&[5, 0])?;
    let [_, _, _, kind] = read(&mut client)?;
    let address = match kind {
        1 => SocketAddr::from((read::<4>(&mut client)?, u16::from_be_bytes(read(&mut client)?))),
        // An address with a length byte. Nothing here uses host names.
        3 => {
            let [len] = read(&mut client)?;
            let mut text = String::new();
            (&client).take(len.into()).read_to_string(&mut text)?;
            let host = text.parse().map_err(io::Error::other)?;
            SocketAddr::new(host, u16::from_be_bytes(read(&mut client)?))
        }
        _ => return Ok(()),
    };
    let server = TcpStream::connect(address);
    if breaks() {
        return Ok(());
    }
    client.write_all(&[5, if server.is_ok() { 0 } else { 5 }, 0, 1, 127, 0, 0, 1, 0, 9])?;
    let server = server?;
    if breaks() {
        return Ok(());
    }
    let (from_client, to_server) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || pass(&from_client, &to_server));
    pass(&server, &client);
    Ok(())
}

fn read<const N: usize>(stream: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Passes bytes on, and closes both sides when there are no more.
fn pass(mut from: &TcpStream, mut to: &TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
