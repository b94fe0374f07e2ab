//! Measures monocoque-rs on tokio, an implementation of ZeroMQ in Rust.
//!
//! Settings: `eager`; `coalescing` for a sender that sends when it has collected 64 KiB or is flushed; `batch` to receive many messages
//! with one call.
//!
//! The library has no queues: each call reads from the connection or writes to it.

use std::future;
use std::thread;
use std::time::Instant;

use bytes::Bytes;
use common::{Arguments, HIGH_WATER_MARK};
use monocoque::rt::{LocalRuntime, TcpListener, TcpStream};
use monocoque::zmq::{PullSocket, PushSocket, RepSocket, ReqSocket, SocketOptions};

fn options(arguments: &Arguments) -> SocketOptions {
    let mark = HIGH_WATER_MARK as usize;
    let options = SocketOptions::default().with_send_hwm(mark).with_recv_hwm(mark);
    options.with_write_coalescing(arguments.has("coalescing"))
}

fn main() {
    let arguments = Arguments::read();
    let (bound, is_bound) = std::sync::mpsc::channel();
    let other = arguments.clone();
    thread::spawn(move || {
        let arguments = other;
        LocalRuntime::new().unwrap().block_on(async {
            let stream = TcpStream::connect(("127.0.0.1", is_bound.recv().unwrap())).await.unwrap();
            let bytes = Bytes::from(vec![0; arguments.size]);
            if arguments.measures_latency {
                let mut socket = ReqSocket::from_tcp_with_options(stream, options(&arguments)).await.unwrap();
                let mut start = Instant::now();
                for number in 0..=arguments.count {
                    socket.send(vec![bytes.clone()]).await.unwrap();
                    socket.recv().await.unwrap().unwrap();
                    if number == 0 {
                        start = Instant::now();
                    }
                }
                arguments.report(start.elapsed());
            }
            let mut socket = PushSocket::from_tcp_with_options(stream, options(&arguments)).await.unwrap();
            for _ in 0..arguments.count {
                socket.send_one(bytes.clone()).await.unwrap();
            }
            socket.flush().await.unwrap();
            future::pending::<()>().await;
        });
    });
    LocalRuntime::new().unwrap().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        bound.send(listener.local_addr().unwrap().port()).unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        if arguments.measures_latency {
            let mut socket = RepSocket::from_tcp_with_options(stream, options(&arguments)).await.unwrap();
            loop {
                let message = socket.recv().await.unwrap().unwrap();
                socket.send(message).await.unwrap();
            }
        }
        let mut socket = PullSocket::from_tcp_with_options(stream, options(&arguments)).await.unwrap();
        let mut left = arguments.count - 1;
        socket.recv().await.unwrap().unwrap();
        let start = Instant::now();
        while left > 0 {
            if arguments.has("batch") {
                left -= socket.recv_batch().await.unwrap().unwrap().len() as u64;
            } else {
                assert_eq!(socket.recv().await.unwrap().unwrap()[0].len(), arguments.size);
                left -= 1;
            }
        }
        arguments.report(start.elapsed());
    });
}
