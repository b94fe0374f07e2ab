//! Sends requests from eight threads to one server, over one socket. Each request gets its own reply, although the server answers the
//! last request first. The program prints how many replies each thread got.
//!
//! ```text
//! cargo run --example requester
//! ```

use std::error::Error;
use std::thread;
use std::time::Duration;

use zmq::{Context, Dealer, Router, Socket};

const THREADS: usize = 8;
const REQUESTS: usize = 1000;

/// Returns each request to its sender, in reverse order of arrival. Ends when the context is shut down.
fn serve(router: &Socket<Router>) -> zmq::Result<()> {
    loop {
        let mut requests = vec![router.recv_multipart()?];
        while let Ok(request) = router.try_recv_multipart() {
            requests.push(request);
        }
        while let Some(request) = requests.pop() {
            // The request still has its envelope, so the reply reaches the client that asked.
            router.send_multipart(request)?;
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let router = context.socket(Router)?;
    let endpoint = router.bind("tcp://127.0.0.1:*")?;
    let server = thread::spawn(move || serve(&router));

    let dealer = context.socket(Dealer)?;
    dealer.connect(&endpoint)?;
    let requester = dealer.into_requester()?;

    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let requester = requester.clone();
            thread::spawn(move || -> zmq::Result<usize> {
                for number in 0..REQUESTS {
                    let request = format!("request {number} of thread {thread}");
                    let reply = requester.request_within(request.as_str(), Duration::from_secs(10))?;
                    if reply != [request] {
                        return Ok(number);
                    }
                }
                Ok(REQUESTS)
            })
        })
        .collect();
    for (number, thread) in threads.into_iter().enumerate() {
        let replies = thread.join().map_err(|_| "a thread panicked")??;
        println!("thread {number}: {replies} replies, each to its own request");
    }

    context.shutdown()?;
    match server.join().map_err(|_| "the server panicked")? {
        Err(error) if !error.is_terminated() => Err(error.into()),
        _ => Ok(()),
    }
}
