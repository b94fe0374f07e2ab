//! A queue between clients and workers. Each request goes to the worker that has been idle longest.
//!
//! Both sides of the queue are ROUTERs. On the front side, each request carries the id of its client. On the back side, each
//! message from a worker means that the worker is idle. While no worker is idle, the queue receives no requests, and they wait
//! in the sockets. At the end, the queue sends a message to a single client, because it knows the client's id. The clients print
//! the replies.
//!
//! The clients, the workers and the queue are threads. They could also be programs on different machines: only the endpoints
//! would change.
//!
//! ```text
//! cargo run --example worker_queue
//! ```

use std::collections::VecDeque;
use std::error::Error;
use std::thread;

use zmq::{Context, Dealer, ErrorKind, PollEvents, PollItem, Req, Router};

const CLIENTS: usize = 3;
const WORKERS: usize = 2;
const REQUESTS_EACH: usize = 4;

const FRONT: &str = "inproc://clients";
const BACK: &str = "inproc://workers";

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let front = context.socket(Router)?;
    let back = context.socket(Router)?;
    front.bind(FRONT)?;
    back.bind(BACK)?;

    let clients: Vec<_> = (1..=CLIENTS)
        .map(|number| {
            let context = context.clone();
            thread::spawn(move || client(&context, &format!("client-{number}")))
        })
        .collect();
    let workers: Vec<_> = (1..=WORKERS)
        .map(|number| {
            let context = context.clone();
            thread::spawn(move || worker(&context, &format!("worker-{number}")))
        })
        .collect();

    // The envelopes of idle workers. The worker that has been idle longest comes first.
    let mut idle = VecDeque::new();
    let mut replies = 0;
    while replies < CLIENTS * REQUESTS_EACH {
        let requests = if idle.is_empty() { PollEvents::NONE } else { PollEvents::IN };
        let mut items = [PollItem::new(&back, PollEvents::IN), PollItem::new(&front, requests)];
        zmq::poll(&mut items, None)?;

        if items[0].is_readable() {
            // "READY", or [client, empty, reply], in an envelope that addresses the worker.
            let (Some(worker), content) = back.recv_multipart()?.split_envelope() else { continue };
            idle.push_back(worker);
            if content != ["READY"] {
                front.send_multipart(content)?;
                replies += 1;
            }
        }
        let worker = if items[1].is_readable() { idle.pop_front() } else { None };
        if let Some(worker) = worker {
            let mut request = front.recv_multipart()?;
            request.wrap(worker);
            back.send_multipart(request)?;
        }
    }

    // A ROUTER sends a message to the peer whose id is the first frame.
    front.send_multipart(["client-2", "", "for you alone"])?;
    for number in 1..=CLIENTS {
        front.send_multipart((format!("client-{number}"), "", "goodbye"))?;
    }
    for client in clients {
        client.join().map_err(|_| "a client panicked")??;
    }

    // The workers would wait forever. `shutdown` ends their wait.
    context.shutdown()?;
    for worker in workers {
        match worker.join().map_err(|_| "a worker panicked")? {
            Err(error) if error.kind() == ErrorKind::Terminated => {}
            result => result?,
        }
    }
    println!("queue: {replies} requests served");
    Ok(())
}

/// Sends all requests at once, then prints every message that arrives.
fn client(context: &Context, name: &str) -> zmq::Result<()> {
    let socket = context.socket(Dealer)?;
    socket.set_routing_id(name)?;
    socket.connect(FRONT)?;
    for number in 1..=REQUESTS_EACH {
        socket.send_multipart(["", &format!("task {number} of {name}")])?;
    }
    loop {
        let [_empty, reply] = socket.recv_multipart()?.try_into()?;
        println!("{name}: {}", reply.to_str()?);
        if reply == "goodbye" {
            return Ok(());
        }
    }
}

/// Reports that the worker is idle, then replies to one request after the other.
fn worker(context: &Context, name: &str) -> zmq::Result<()> {
    let socket = context.socket(Req)?;
    socket.set_routing_id(name)?;
    socket.connect(BACK)?;
    socket.send("READY")?;
    loop {
        let [client, empty, request] = socket.recv_multipart()?.try_into()?;
        socket.send_multipart((client, empty, format!("{} done by {name}", request.to_str()?)))?;
    }
}
