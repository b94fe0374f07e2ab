//! Throughput between two processes: the sending one, for `local_thr`.
//!
//! It takes the arguments and prints the lines of libzmq's program of the same name.

use std::error::Error;
use std::ffi::c_int;
use std::process::ExitCode;
use std::{env, io};

use zmq::zmq_sys::{ZMQ_CURVE_PUBLICKEY, ZMQ_CURVE_SECRETKEY, ZMQ_CURVE_SERVERKEY, zmq_setsockopt};
use zmq::{Context, Kind, MessageMut, Push, Socket};

/// The public half of `local_thr`'s key.
const SERVER_PUBLIC_KEY: &[u8; 40] = b"DX4nh=yUn{-9ugra0X3Src4SU-4xTgqxcYY.+<SH";
const CLIENT_PUBLIC_KEY: &[u8; 40] = b"<n^oA}I:66W+*ds3tAmi1+KJzv-}k&fC2aA5Bj0K";
const CLIENT_SECRET_KEY: &[u8; 40] = b"9R9bV}[6z6DC-%$!jTVTKvWc=LEL{4i4gzUe$@Zx";

struct Arguments {
    connect_to: String,
    message_size: usize,
    message_count: u64,
    curve: bool,
}

fn arguments() -> Option<Arguments> {
    let mut arguments = env::args().skip(1);
    let parsed = Arguments {
        connect_to: arguments.next()?,
        message_size: arguments.next()?.parse().ok()?,
        message_count: arguments.next()?.parse().ok().filter(|&count| count > 0)?,
        curve: arguments.next().is_some_and(|curve| curve != "0"),
    };
    if arguments.next().is_none() { Some(parsed) } else { None }
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let Some(Arguments { connect_to, message_size, message_count, curve }) = arguments() else {
        println!("usage: remote_thr <connect-to> <message-size> <message-count> [<enable_curve>]");
        return Ok(ExitCode::FAILURE);
    };

    let context = Context::new()?;
    let socket = context.socket(Push)?;
    if curve {
        set(&socket, ZMQ_CURVE_SECRETKEY, CLIENT_SECRET_KEY)?;
        set(&socket, ZMQ_CURVE_PUBLICKEY, CLIENT_PUBLIC_KEY)?;
        set(&socket, ZMQ_CURVE_SERVERKEY, SERVER_PUBLIC_KEY)?;
    }
    socket.connect(&connect_to)?;

    for _ in 0..message_count {
        socket.send(MessageMut::zeroed(message_size)?)?;
    }
    // Dropping the context waits until all of them are sent.
    Ok(ExitCode::SUCCESS)
}

/// Sets an option that the crate has no call for yet.
fn set<K: Kind>(socket: &Socket<K>, option: c_int, value: &[u8]) -> io::Result<()> {
    // SAFETY: a live socket, used by this thread alone; the value is only read, during the call.
    let done = unsafe { zmq_setsockopt(socket.as_raw(), option, value.as_ptr().cast(), value.len()) };
    if done == 0 { Ok(()) } else { Err(io::Error::other("this libzmq refuses the option")) }
}
