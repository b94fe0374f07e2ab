//! One end of a connection of zmq.rs, which has only async calls. Each process has a `current_thread` runtime, which is faster than a
//! multi-threaded one.

use std::time::Instant;

use bytes::Bytes;
use ends::{End, FIRST_PREFIX, Latencies, PAUSE, Publisher, Subscriber};
use zeromq::{
    PubSocket, PullSocket, PushSocket, RepSocket, ReqSocket, Socket, SocketRecv, SocketSend, SubSocket,
    ZmqMessage, ZmqResult,
};

async fn run(end: End) -> ZmqResult<()> {
    match end.role.as_str() {
        "pull" | "idle" => {
            let mut socket = PullSocket::new();
            socket.bind(&end.endpoint()).await?;
            socket.recv().await?;
            let first = Instant::now();
            for _ in 1..end.count {
                assert_eq!(socket.recv().await?.get(0).unwrap().len(), end.size);
            }
            end.report_throughput(first);
        }
        "push" => {
            let mut socket = PushSocket::new();
            socket.connect(&end.endpoint()).await?;
            let bytes = Bytes::from(vec![0; end.size]);
            for _ in 0..end.count {
                socket.send(ZmqMessage::from(bytes.clone())).await?;
            }
            std::future::pending().await
        }
        "rep" => {
            let mut socket = RepSocket::new();
            socket.bind(&end.endpoint()).await?;
            loop {
                let message = socket.recv().await?;
                socket.send(message).await?;
            }
        }
        "req" => {
            let mut socket = ReqSocket::new();
            socket.connect(&end.endpoint()).await?;
            let mut latencies = Latencies::of_round_trips(&end);
            let mut message = ZmqMessage::from(vec![0; end.size]);
            loop {
                let start = Instant::now();
                socket.send(message).await?;
                message = socket.recv().await?;
                latencies.add(start.elapsed());
            }
        }
        "pub" => {
            let mut socket = PubSocket::new();
            socket.bind(&end.endpoint()).await?;
            let mut publisher = Publisher::default();
            loop {
                socket.send(ZmqMessage::from(publisher.next_message())).await?;
                tokio::time::sleep(PAUSE).await;
            }
        }
        "sub" => {
            let mut socket = SubSocket::new();
            socket.connect(&end.endpoint()).await?;
            socket.subscribe(FIRST_PREFIX).await?;
            socket.recv().await?;
            let mut subscriber = Subscriber::wait(&end);
            for prefix in subscriber.prefixes() {
                socket.subscribe(&prefix).await?;
            }
            loop {
                subscriber.receive(socket.recv().await?.get(0).unwrap());
            }
        }
        _ => end.refuse(),
    }
}

fn main() -> ZmqResult<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run(End::read()))
}
