//! One end of a connection of omq-tokio, with its blocking calls. `pull` receives many messages with one call.

use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ends::{End, FIRST_PREFIX, HIGH_WATER_MARK, Latencies, PAUSE, Publisher, Subscriber};
use omq_tokio::options::WorkloadProfile;
use omq_tokio::{Context, Endpoint, Message, Options, SocketType};

fn main() {
    let end = End::read();
    let endpoint: Endpoint = end.endpoint().parse().unwrap();
    let context = Context::new();
    let socket = |kind| {
        let profile = if matches!(end.role.as_str(), "rep" | "req") {
            WorkloadProfile::Latency
        } else {
            WorkloadProfile::Throughput
        };
        let options = Options::default().send_hwm(HIGH_WATER_MARK).recv_hwm(HIGH_WATER_MARK);
        context.blocking_socket(kind, options.workload_profile(profile))
    };
    let bytes = Bytes::from(vec![0; end.size]);
    match end.role.as_str() {
        "pull" | "idle" => {
            let socket = socket(SocketType::Pull);
            socket.bind(endpoint).unwrap();
            socket.recv().unwrap();
            let first = Instant::now();
            let (mut left, mut messages) = (end.count - 1, Vec::new());
            while left > 0 {
                messages.clear();
                left -= socket.recv_many_into(256, &mut messages).unwrap() as u64;
            }
            end.report_throughput(first);
        }
        "push" => {
            let socket = socket(SocketType::Push);
            socket.connect(endpoint).unwrap();
            for _ in 0..end.count {
                socket.send(Message::single(bytes.clone())).unwrap();
            }
            loop {
                thread::park();
            }
        }
        "rep" => {
            let socket = socket(SocketType::Rep);
            socket.bind(endpoint).unwrap();
            loop {
                socket.send(socket.recv().unwrap()).unwrap();
            }
        }
        "req" => {
            let socket = socket(SocketType::Req);
            socket.connect(endpoint).unwrap();
            socket.wait_connected(1, Duration::from_secs(10)).unwrap();
            let mut latencies = Latencies::of_round_trips(&end);
            loop {
                let start = Instant::now();
                socket.send(Message::single(bytes.clone())).unwrap();
                socket.recv().unwrap();
                latencies.add(start.elapsed());
            }
        }
        "pub" => {
            let socket = socket(SocketType::Pub);
            socket.bind(endpoint).unwrap();
            let mut publisher = Publisher::default();
            loop {
                socket.send(Message::single(publisher.next_message())).unwrap();
                thread::sleep(PAUSE);
            }
        }
        "sub" => {
            let socket = socket(SocketType::Sub);
            socket.subscribe(FIRST_PREFIX).unwrap();
            socket.connect(endpoint).unwrap();
            socket.recv().unwrap();
            let mut subscriber = Subscriber::wait(&end);
            for prefix in subscriber.prefixes() {
                socket.subscribe(prefix).unwrap();
            }
            loop {
                subscriber.receive(socket.recv().unwrap().get(0).unwrap());
            }
        }
        _ => end.refuse(),
    }
}
