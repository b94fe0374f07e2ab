//! Measures rzmq, an implementation of ZeroMQ in Rust.
//!
//! Settings: `current-thread` or `multi-thread`; `cork` to send several messages in one TCP segment (`TCP_CORK`); `io-uring`.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use common::{Arguments, HIGH_WATER_MARK, free_port};
use rzmq::socket::options::{IO_URING_SESSION_ENABLED, RCVHWM, SNDHWM, TCP_CORK};
use rzmq::uring::{UringConfig, initialize_uring_backend};
use rzmq::{Context, Msg, Socket, SocketType};

async fn socket(context: &Context, kind: SocketType, arguments: &Arguments) -> Socket {
    let socket = context.socket(kind).unwrap();
    socket.set_option(SNDHWM, HIGH_WATER_MARK as i32).await.unwrap();
    socket.set_option(RCVHWM, HIGH_WATER_MARK as i32).await.unwrap();
    if arguments.has("cork") {
        socket.set_option(TCP_CORK, true).await.unwrap();
    }
    if arguments.has("io-uring") {
        socket.set_option(IO_URING_SESSION_ENABLED, true).await.unwrap();
    }
    socket
}

async fn measure(arguments: Arguments) {
    if arguments.has("io-uring") {
        initialize_uring_backend(UringConfig::default()).expect("io_uring");
    }
    let context = Arc::new(Context::new().unwrap());
    let endpoint = format!("tcp://127.0.0.1:{}", free_port());
    let kinds = if arguments.measures_latency {
        [SocketType::Rep, SocketType::Req]
    } else {
        [SocketType::Pull, SocketType::Push]
    };
    let bound = socket(&context, kinds[0], &arguments).await;
    bound.bind(&endpoint).await.unwrap();
    let connected = socket(&context, kinds[1], &arguments).await;
    connected.connect(&endpoint).await.unwrap();
    let bytes = Bytes::from(vec![0; arguments.size]);
    if arguments.measures_latency {
        tokio::spawn(async move {
            loop {
                let message = bound.recv().await.unwrap();
                bound.send(message).await.unwrap();
            }
        });
        let mut start = Instant::now();
        for number in 0..=arguments.count {
            connected.send(Msg::from_bytes(bytes.clone())).await.unwrap();
            connected.recv().await.unwrap();
            if number == 0 {
                start = Instant::now();
            }
        }
        arguments.report(start.elapsed());
    }
    let count = arguments.count;
    tokio::spawn(async move {
        for _ in 0..count {
            connected.send(Msg::from_bytes(bytes.clone())).await.unwrap();
        }
        std::future::pending::<()>().await;
    });
    bound.recv().await.unwrap();
    let start = Instant::now();
    for _ in 1..count {
        assert_eq!(bound.recv().await.unwrap().size(), arguments.size);
    }
    arguments.report(start.elapsed());
}

fn main() {
    let arguments = Arguments::read();
    let runtime = arguments.runtime();
    runtime.block_on(runtime.spawn(measure(arguments))).unwrap();
}
