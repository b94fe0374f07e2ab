//! One end of a connection of monocoque-rs on tokio, which has only async calls.
//!
//! `push` collects 64 KiB before it sends, and flushes at the end. The other sockets send each message at once. A socket has one
//! connection, so `idle` makes a socket for each connection. The library has no queues: each call reads from the connection or writes to
//! it. PUB has threads of its own.

use std::io;
use std::time::Instant;

use bytes::Bytes;
use ends::{End, FIRST_PREFIX, HIGH_WATER_MARK, Latencies, PAUSE, Publisher, Subscriber};
use monocoque::rt::{LocalRuntime, TcpListener, TcpStream, sleep, spawn_detached};
use monocoque::zmq::{PubSocket, PullSocket, PushSocket, RepSocket, ReqSocket, SocketOptions, SubSocket};

fn options() -> SocketOptions {
    let mark = HIGH_WATER_MARK as usize;
    SocketOptions::default().with_send_hwm(mark).with_recv_hwm(mark)
}

async fn run(end: End) -> io::Result<()> {
    let address = ("127.0.0.1", end.port);
    let bytes = Bytes::from(vec![0; end.size]);
    match end.role.as_str() {
        "pull" => {
            let (stream, _) = TcpListener::bind(address).await?.accept().await?;
            let mut socket = PullSocket::from_tcp_with_options(stream, options()).await?;
            socket.recv().await?.unwrap();
            let first = Instant::now();
            for _ in 1..end.count {
                assert_eq!(socket.recv().await?.unwrap()[0].len(), end.size);
            }
            end.report_throughput(first);
        }
        "idle" => {
            let listener = TcpListener::bind(address).await?;
            loop {
                let (stream, _) = listener.accept().await?;
                spawn_detached(async move {
                    let mut socket = PullSocket::from_tcp_with_options(stream, options()).await.unwrap();
                    while let Ok(Some(_)) = socket.recv().await {}
                });
            }
        }
        "push" => {
            let stream = TcpStream::connect(address).await?;
            let mut socket =
                PushSocket::from_tcp_with_options(stream, options().with_write_coalescing(true)).await?;
            for _ in 0..end.count {
                socket.send_one(bytes.clone()).await?;
            }
            socket.flush().await?;
            std::future::pending().await
        }
        "rep" => {
            let (stream, _) = TcpListener::bind(address).await?.accept().await?;
            let mut socket = RepSocket::from_tcp_with_options(stream, options()).await?;
            while let Some(message) = socket.recv().await? {
                socket.send(message).await?;
            }
            std::future::pending().await
        }
        "req" => {
            let stream = TcpStream::connect(address).await?;
            let mut socket = ReqSocket::from_tcp_with_options(stream, options()).await?;
            let mut latencies = Latencies::of_round_trips(&end);
            loop {
                let start = Instant::now();
                socket.send(vec![bytes.clone()]).await?;
                socket.recv().await?.unwrap();
                latencies.add(start.elapsed());
            }
        }
        "pub" => {
            let mut socket = PubSocket::bind_with_options(address, options()).await?;
            socket.accept_subscriber().await?;
            let mut publisher = Publisher::default();
            loop {
                socket.send(vec![Bytes::from(publisher.next_message())]).await?;
                sleep(PAUSE).await;
            }
        }
        "sub" => {
            let stream = TcpStream::connect(address).await?;
            let mut socket = SubSocket::from_tcp_with_options(stream, options()).await?;
            socket.subscribe(FIRST_PREFIX.as_bytes()).await?;
            socket.recv().await?;
            let mut subscriber = Subscriber::wait(&end);
            for prefix in subscriber.prefixes() {
                socket.subscribe(prefix.as_bytes()).await?;
            }
            loop {
                subscriber.receive(&socket.recv().await?.unwrap()[0]);
            }
        }
        _ => end.refuse(),
    }
}

fn main() -> io::Result<()> {
    let end = End::read();
    LocalRuntime::new()?.block_on(run(end))
}
