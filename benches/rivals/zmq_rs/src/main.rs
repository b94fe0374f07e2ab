//! Measures zmq.rs (the crate `zeromq`), an implementation of ZeroMQ in Rust. Settings: `current-thread` or `multi-thread`.
//!
//! The queues of zmq.rs have no high-water mark. They have room for 100,000 messages.

use std::future;
use std::thread;
use std::time::Instant;

use bytes::Bytes;
use common::{Arguments, free_port};
use zeromq::{PullSocket, PushSocket, RepSocket, ReqSocket, Socket, SocketRecv, SocketSend, ZmqMessage};

fn main() {
    let arguments = Arguments::read();
    let endpoint = format!("tcp://127.0.0.1:{}", free_port());
    let (bound, is_bound) = std::sync::mpsc::channel();
    let other = (arguments.clone(), endpoint.clone());
    thread::spawn(move || {
        let (arguments, endpoint) = other;
        let runtime = arguments.runtime();
        let end = async move {
            is_bound.recv().unwrap();
            if arguments.measures_latency {
                let mut socket = ReqSocket::new();
                socket.connect(&endpoint).await.unwrap();
                let mut message = ZmqMessage::from(vec![0; arguments.size]);
                let mut start = Instant::now();
                for number in 0..=arguments.count {
                    socket.send(message).await.unwrap();
                    message = socket.recv().await.unwrap();
                    if number == 0 {
                        start = Instant::now();
                    }
                }
                arguments.report(start.elapsed());
            }
            let mut socket = PushSocket::new();
            socket.connect(&endpoint).await.unwrap();
            let bytes = Bytes::from(vec![0; arguments.size]);
            for _ in 0..arguments.count {
                socket.send(ZmqMessage::from(bytes.clone())).await.unwrap();
            }
            future::pending::<()>().await;
        };
        runtime.block_on(runtime.spawn(end)).unwrap();
    });
    let runtime = arguments.runtime();
    let end = async move {
        if arguments.measures_latency {
            let mut socket = RepSocket::new();
            socket.bind(&endpoint).await.unwrap();
            bound.send(()).unwrap();
            loop {
                let message = socket.recv().await.unwrap();
                socket.send(message).await.unwrap();
            }
        }
        let mut socket = PullSocket::new();
        socket.bind(&endpoint).await.unwrap();
        bound.send(()).unwrap();
        socket.recv().await.unwrap();
        let start = Instant::now();
        for _ in 1..arguments.count {
            assert_eq!(socket.recv().await.unwrap().get(0).unwrap().len(), arguments.size);
        }
        arguments.report(start.elapsed());
    };
    runtime.block_on(runtime.spawn(end)).unwrap();
}
