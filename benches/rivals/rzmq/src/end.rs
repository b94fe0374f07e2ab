//! One end of a connection of rzmq, which has only async calls. Each process has a multi-threaded runtime.

use std::time::Instant;

use bytes::Bytes;
use ends::{End, FIRST_PREFIX, HIGH_WATER_MARK, Latencies, PAUSE, Publisher, Subscriber};
use rzmq::socket::options::{MAX_CONNECTIONS, RCVHWM, SNDHWM, SUBSCRIBE};
use rzmq::{Context, Msg, Socket, SocketType, ZmqError};

async fn socket(context: &Context, kind: SocketType) -> Result<Socket, ZmqError> {
    let socket = context.socket(kind)?;
    socket.set_option(SNDHWM, HIGH_WATER_MARK as i32).await?;
    socket.set_option(RCVHWM, HIGH_WATER_MARK as i32).await?;
    Ok(socket)
}

async fn run(end: End) -> Result<(), ZmqError> {
    let context = Context::new()?;
    let bytes = Bytes::from(vec![0; end.size]);
    match end.role.as_str() {
        "pull" | "idle" => {
            let socket = socket(&context, SocketType::Pull).await?;
            // By default, rzmq refuses more than 1024 connections. It panics with -1, which should mean no limit.
            socket.set_option(MAX_CONNECTIONS, 20_000).await?;
            socket.bind(&end.endpoint()).await?;
            socket.recv().await?;
            let first = Instant::now();
            for _ in 1..end.count {
                assert_eq!(socket.recv().await?.size(), end.size);
            }
            end.report_throughput(first);
        }
        "push" => {
            let socket = socket(&context, SocketType::Push).await?;
            socket.connect(&end.endpoint()).await?;
            for _ in 0..end.count {
                socket.send(Msg::from_bytes(bytes.clone())).await?;
            }
            std::future::pending().await
        }
        "rep" => {
            let socket = socket(&context, SocketType::Rep).await?;
            socket.bind(&end.endpoint()).await?;
            loop {
                socket.send(socket.recv().await?).await?;
            }
        }
        "req" => {
            let socket = socket(&context, SocketType::Req).await?;
            socket.connect(&end.endpoint()).await?;
            let mut latencies = Latencies::of_round_trips(&end);
            loop {
                let start = Instant::now();
                socket.send(Msg::from_bytes(bytes.clone())).await?;
                socket.recv().await?;
                latencies.add(start.elapsed());
            }
        }
        "pub" => {
            let socket = socket(&context, SocketType::Pub).await?;
            socket.bind(&end.endpoint()).await?;
            let mut publisher = Publisher::default();
            loop {
                socket.send(Msg::from_bytes(Bytes::from(publisher.next_message()))).await?;
                tokio::time::sleep(PAUSE).await;
            }
        }
        "sub" => {
            let socket = socket(&context, SocketType::Sub).await?;
            socket.set_option_raw(SUBSCRIBE, FIRST_PREFIX.as_bytes()).await?;
            socket.connect(&end.endpoint()).await?;
            socket.recv().await?;
            let mut subscriber = Subscriber::wait(&end);
            for prefix in subscriber.prefixes() {
                socket.set_option_raw(SUBSCRIBE, prefix.as_bytes()).await?;
            }
            loop {
                subscriber.receive(socket.recv().await?.data().unwrap_or_default());
            }
        }
        _ => end.refuse(),
    }
}

fn main() -> Result<(), ZmqError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { tokio::spawn(run(End::read())).await.expect("no panic") })
}
