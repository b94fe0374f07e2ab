//! A library with a C function that uses sockets. A program can load and unload it, because no thread and no context is left when the
//! function returns.

use std::panic::catch_unwind;
use std::thread;
use std::time::Duration;

use zmq::security::{CurveClient, CurveServer, KeyPair};
use zmq::{Context, Endpoint, Rep, Req, Socket};

const PATIENCE: Duration = Duration::from_secs(10);

/// Sends so many encrypted requests to a server in another thread, and returns the number of replies.
#[unsafe(no_mangle)]
pub extern "C" fn exchange(requests: u32) -> u32 {
    // A panic must not reach a caller in another language.
    catch_unwind(|| count_replies(requests).unwrap_or(0)).unwrap_or(0)
}

fn count_replies(requests: u32) -> zmq::Result<u32> {
    let keys = KeyPair::generate()?;
    let context = Context::new()?;
    let server = context.socket(Rep)?;
    server.set_security(CurveServer::new(&keys))?;
    let endpoint = server.bind("tcp://127.0.0.1:*")?;
    thread::scope(|threads| {
        threads.spawn(|| serve(server));
        let replies = ask(&context, &endpoint, &keys, requests);
        // Ends the server's thread, for which the scope waits. So it is never left behind.
        context.shutdown()?;
        replies
    })
    // The context is dropped here. This waits for the threads of libzmq.
}

/// Replies until the context is shut down.
fn serve(server: Socket<Rep>) {
    while let Ok(request) = server.recv() {
        if server.send(request).is_err() {
            break;
        }
    }
}

fn ask(context: &Context, endpoint: &Endpoint, server: &KeyPair, requests: u32) -> zmq::Result<u32> {
    let client = context.socket(Req)?;
    // What was not sent must not keep the context from ending.
    client.set_linger(Duration::ZERO)?;
    client.set_security(CurveClient::new(&KeyPair::generate()?, server.public_key()))?;
    client.connect(endpoint)?;
    let mut replies = 0;
    for number in 0..requests {
        client.send(number.to_string())?;
        let reply = client.recv_within(PATIENCE)?;
        replies += u32::from(reply == number.to_string());
    }
    Ok(replies)
}
