//! A REQ socket that is connected to several servers and sends requests to them in turn. It prints each request and reply.
//!
//! Ports a C client that sends fifty requests to two servers. The client can be started before the servers.
//!
//! ```text
//! cargo run --example balanced_client -- [endpoint ...]
//! ```
//!
//! The default endpoints are `tcp://127.0.0.1:9000` and `tcp://127.0.0.1:8000`. Start a `balanced_server` for each endpoint.

use std::env;

use zmq::{Context, Req};

fn main() -> zmq::Result<()> {
    let mut hosts: Vec<String> = env::args().skip(1).collect();
    if hosts.is_empty() {
        hosts = vec!["tcp://127.0.0.1:9000".into(), "tcp://127.0.0.1:8000".into()];
    }

    println!("Connecting to hello world server...");
    let context = Context::new()?;
    let requester = context.socket(Req)?;

    for host in &hosts {
        if requester.connect(host).is_err() {
            println!("connect server {host} failed.");
        }
    }

    for i in 0..50 {
        let request = format!("hello_{i}");
        println!("Send {request} to server.");
        requester.send(request)?;
        let mut buffer = [0; 10];
        let received = requester.recv_into(&mut buffer)?;
        println!("Received {}.", received.escape_ascii());
    }
    Ok(())
}
