//! A library with a C function that uses sockets. A program can load and unload it at any time, because no thread and no context
//! is left when the function returns.

use std::thread;
use std::time::Duration;

use zmq::security::{CurveClient, CurveServer, KeyPair};
use zmq::{Context, Rep, Req, Socket};

/// Sends so many encrypted requests to a server in another thread, and returns the number of replies.
#[unsafe(no_mangle)]
pub extern "C" fn exchange(requests: u32) -> u32 {
    // A panic must not reach a caller in another language.
    std::panic::catch_unwind(|| count_replies(requests).unwrap_or(0)).unwrap_or(0)
}

fn count_replies(requests: u32) -> zmq::Result<u32> {
    let (server_keys, client_keys) = (KeyPair::generate()?, KeyPair::generate()?);
    let context = Context::new()?;
    let server = context.socket(Rep)?;
    server.set_security(CurveServer::new(&server_keys))?;
    let endpoint = server.bind("tcp://127.0.0.1:*")?;
    let server = thread::spawn(move || serve(&server, requests));
    let client = context.socket(Req)?;
    client.set_security(CurveClient::new(&client_keys, server_keys.public_key()))?;
    client.connect(&endpoint)?;
    let mut replies = 0;
    for number in 0..requests {
        client.send(number.to_string())?;
        let reply = client.recv_within(Duration::from_secs(10))?;
        replies += u32::from(reply == number.to_string());
    }
    // The server's thread must end before the library is unloaded.
    let _ = server.join();
    // `client` and `context` are dropped here. This waits for the threads of libzmq.
    Ok(replies)
}

fn serve(server: &Socket<Rep>, requests: u32) -> zmq::Result<()> {
    for _ in 0..requests {
        let request = server.recv_within(Duration::from_secs(10))?;
        server.send(request)?;
    }
    Ok(())
}
