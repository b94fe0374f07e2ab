//! Measures omq-tokio, an implementation of ZeroMQ in Rust. Settings: `plain`; `batch` to receive many messages with one call.

use std::future;
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use common::{Arguments, HIGH_WATER_MARK, free_port};
use omq_tokio::options::WorkloadProfile;
use omq_tokio::{Endpoint, Message, Options, Socket, SocketType};

fn socket(kind: SocketType, arguments: &Arguments) -> Socket {
    let profile =
        if arguments.measures_latency { WorkloadProfile::Latency } else { WorkloadProfile::Throughput };
    let options = Options::default().send_hwm(HIGH_WATER_MARK).recv_hwm(HIGH_WATER_MARK);
    Socket::new(kind, options.workload_profile(profile))
}

fn main() {
    let arguments = Arguments::read();
    let endpoint: Endpoint = format!("tcp://127.0.0.1:{}", free_port()).parse().unwrap();
    let (bound, is_bound) = std::sync::mpsc::channel();
    let other = (arguments.clone(), endpoint.clone());
    thread::spawn(move || {
        let (arguments, endpoint) = other;
        is_bound.recv().unwrap();
        arguments.runtime().block_on(async {
            let bytes = Bytes::from(vec![0; arguments.size]);
            if arguments.measures_latency {
                let socket = socket(SocketType::Req, &arguments);
                socket.connect(endpoint).await.unwrap();
                socket.wait_connected(1, Duration::from_secs(10)).await.unwrap();
                let mut start = Instant::now();
                for number in 0..=arguments.count {
                    socket.send(Message::single(bytes.clone())).await.unwrap();
                    socket.recv().await.unwrap();
                    if number == 0 {
                        start = Instant::now();
                    }
                }
                arguments.report(start.elapsed());
            }
            let socket = socket(SocketType::Push, &arguments);
            socket.connect(endpoint).await.unwrap();
            for _ in 0..arguments.count {
                socket.send(Message::single(bytes.clone())).await.unwrap();
            }
            future::pending::<()>().await;
        });
    });
    arguments.runtime().block_on(async {
        if arguments.measures_latency {
            let socket = socket(SocketType::Rep, &arguments);
            socket.bind(endpoint).await.unwrap();
            bound.send(()).unwrap();
            loop {
                let message = socket.recv().await.unwrap();
                socket.send(message).await.unwrap();
            }
        }
        let socket = socket(SocketType::Pull, &arguments);
        socket.bind(endpoint).await.unwrap();
        bound.send(()).unwrap();
        socket.recv().await.unwrap();
        let start = Instant::now();
        if arguments.has("batch") {
            let (mut left, mut messages) = (arguments.count - 1, Vec::new());
            while left > 0 {
                messages.clear();
                left -= socket.recv_many_into(256, &mut messages).await.unwrap() as u64;
            }
        } else {
            for _ in 1..arguments.count {
                socket.recv().await.unwrap();
            }
        }
        arguments.report(start.elapsed());
    });
}
