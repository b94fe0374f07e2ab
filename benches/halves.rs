//! What it costs to share an async socket between tasks.
//!
//! `cargo bench --features tokio --bench halves` prints a table like that of `async.rs`. The sockets use tcp, and the messages have
//! 64 bytes. Each end runs in a thread with a tokio runtime of the kind `current_thread`. The base of each row is in its name.

#![allow(clippy::unwrap_used, reason = "a failure may end the program")]

mod support;

use std::thread;
use std::time::{Duration, Instant};

use support::Pair;
use support::async_rows::{Goal, Rows, Side};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use zmq::capability::CanSend;
use zmq::tokio::{Receiver, Sender, Socket};
use zmq::{Dealer, Pull, Push};

const MESSAGE: [u8; 64] = [b'x'; 64];

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_io().build().unwrap()
}

fn dealers() -> Pair<Dealer, Dealer> {
    Pair::prepared(Dealer, Dealer, "tcp", |bound, connected| {
        bound.set_linger(None).unwrap();
        connected.set_linger(None).unwrap();
    })
}

async fn send_unsplit(mut socket: Socket<Dealer>, count: u64) {
    for _ in 0..count {
        socket.send(MESSAGE.as_slice()).await.unwrap();
    }
}

async fn send<K: CanSend>(sender: &Sender<K>, count: u64) {
    for _ in 0..count {
        sender.send(MESSAGE.as_slice()).await.unwrap();
    }
}

/// Returns how long the messages behind the first take.
async fn recv_unsplit(mut socket: Socket<Dealer>, count: u64) -> Duration {
    socket.recv().await.unwrap();
    let start = Instant::now();
    for _ in 1..count {
        assert_eq!(socket.recv().await.unwrap().len(), MESSAGE.len());
    }
    start.elapsed()
}

/// Returns how long the messages behind the first take.
async fn recv(receiver: &mut Receiver<Dealer>, count: u64) -> Duration {
    receiver.recv().await.unwrap();
    let start = Instant::now();
    for _ in 1..count {
        assert_eq!(receiver.recv().await.unwrap().len(), MESSAGE.len());
    }
    start.elapsed()
}

fn unsplit(count: u64) -> Duration {
    let Pair { bound, connected, .. } = dealers();
    thread::scope(|threads| {
        threads.spawn(move || {
            current_thread().block_on(async { send_unsplit(connected.into_tokio().unwrap(), count).await });
        });
        current_thread().block_on(async { recv_unsplit(bound.into_tokio().unwrap(), count).await })
    })
}

/// One end sends through its half, and the other end receives through its half.
fn one_direction(count: u64) -> Duration {
    let Pair { bound, connected, .. } = dealers();
    thread::scope(|threads| {
        threads.spawn(move || {
            current_thread().block_on(async {
                let (sender, _receiver) = connected.into_tokio().unwrap().split();
                send(&sender, count).await;
            });
        });
        current_thread().block_on(async {
            let (_sender, mut receiver) = bound.into_tokio().unwrap().split();
            recv(&mut receiver, count).await
        })
    })
}

/// Both ends send and receive so many messages. Each end has a task for each direction.
fn both_directions(count: u64) -> Duration {
    let Pair { bound, connected, .. } = dealers();
    let run = |socket: zmq::Socket<Dealer>| {
        current_thread().block_on(async {
            let (sender, mut receiver) = socket.into_tokio().unwrap().split();
            let sending = tokio::spawn(async move { send(&sender, count).await });
            let received = recv(&mut receiver, count).await;
            sending.await.unwrap();
            received
        })
    };
    thread::scope(|threads| {
        let other = threads.spawn(|| run(connected));
        run(bound).max(other.join().unwrap())
    })
}

/// Sends from so many tasks through one PUSH socket.
fn from_tasks(tasks: u64, count: u64) -> Duration {
    let Pair { bound, connected, .. } =
        Pair::prepared(Pull, Push, "tcp", |_, connected| connected.set_linger(None).unwrap());
    let each = count.div_ceil(tasks);
    thread::scope(|threads| {
        threads.spawn(move || {
            current_thread().block_on(async {
                let sender = connected.into_tokio().unwrap().into_sender();
                let mut sending = JoinSet::new();
                for _ in 0..tasks {
                    let sender = sender.clone();
                    sending.spawn(async move { send(&sender, each).await });
                }
                sending.join_all().await;
            });
        });
        bound.recv().unwrap();
        let start = Instant::now();
        for _ in 1..each * tasks {
            assert_eq!(bound.recv().unwrap().len(), MESSAGE.len());
        }
        start.elapsed()
    })
}

/// Sends to a peer with blocking calls, while nothing arrives for the receiver.
fn beside_receiver(is_split: bool, count: u64) -> Duration {
    let Pair { bound, connected, .. } = dealers();
    thread::scope(|threads| {
        threads.spawn(move || {
            current_thread().block_on(async {
                let socket = connected.into_tokio().unwrap();
                if !is_split {
                    return send_unsplit(socket, count).await;
                }
                let (sender, mut receiver) = socket.split();
                let receiving = tokio::spawn(async move { receiver.recv().await.map(drop) });
                tokio::task::yield_now().await;
                send(&sender, count).await;
                receiving.abort();
                let _ = receiving.await;
            });
        });
        bound.recv().unwrap();
        let start = Instant::now();
        for _ in 1..count {
            assert_eq!(bound.recv().unwrap().len(), MESSAGE.len());
        }
        start.elapsed()
    })
}

fn main() {
    let rows = Rows::new();
    let compare =
        |name: &str, goal: f64, base: &dyn Fn(u64) -> Duration, shared: &dyn Fn(u64) -> Duration| {
            rows.compare(name, Goal::Speed(goal), |side, count| match side {
                Side::Base => base(count),
                Side::Async => shared(count),
            });
        };
    compare("B4 one direction (base: unsplit)", 0.85, &unsplit, &one_direction);
    compare("B4 each of two directions at once (base: one, unsplit)", 0.70, &unsplit, &both_directions);
    compare("B8 8 senders of one socket (base: 1)", 0.80, &|count| from_tasks(1, count), &|count| {
        from_tasks(8, count)
    });
    compare(
        "B11 beside a waiting receiver (base: unsplit)",
        0.90,
        &|count| beside_receiver(false, count),
        &|count| beside_receiver(true, count),
    );
}
