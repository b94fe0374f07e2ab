//! What it costs to share an async socket between tasks.
//!
//! `cargo bench --features tokio --bench halves` prints a table like that of `async.rs`. The messages have 64 bytes. In all rows but the
//! first, the sockets use tcp, and each end runs in a thread with a tokio runtime of the kind `current_thread`. The base of each row is
//! in its name.

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

/// The contexts of the two ends.
#[derive(Clone, Copy)]
enum Ends {
    /// One I/O thread serves both ends.
    InOneContext,
    /// Each end has its own I/O thread, as in two programs.
    InTwoContexts,
}

impl Ends {
    fn dealers(self) -> Pair<Dealer, Dealer> {
        let prepare = |bound: &zmq::Socket<Dealer>, connected: &zmq::Socket<Dealer>| {
            bound.set_linger(None).unwrap();
            connected.set_linger(None).unwrap();
        };
        match self {
            Ends::InOneContext => Pair::prepared(Dealer, Dealer, "tcp", prepare),
            Ends::InTwoContexts => Pair::in_two_contexts(Dealer, Dealer, prepare),
        }
    }
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

fn unsplit(ends: Ends, count: u64) -> Duration {
    let Pair { bound, connected, .. } = ends.dealers();
    thread::scope(|threads| {
        threads.spawn(move || {
            current_thread().block_on(async { send_unsplit(connected.into_tokio().unwrap(), count).await });
        });
        current_thread().block_on(async { recv_unsplit(bound.into_tokio().unwrap(), count).await })
    })
}

/// One end sends through its half, and the other end receives through its half.
fn one_direction(ends: Ends, count: u64) -> Duration {
    let Pair { bound, connected, .. } = ends.dealers();
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

/// Sends and receives within one thread, in batches that fit into the queues, so that no call waits.
fn one_thread(is_split: bool, count: u64) -> Duration {
    const BATCH: u64 = 100;
    let Pair { bound, connected, .. } = Pair::new(Dealer, Dealer, "inproc");
    current_thread().block_on(async {
        let (mut bound, mut connected) = (bound.into_tokio().unwrap(), connected.into_tokio().unwrap());
        if is_split {
            let ((sender, _receiver), (_sender, mut receiver)) = (connected.split(), bound.split());
            let start = Instant::now();
            for _ in 0..count / BATCH {
                send(&sender, BATCH).await;
                for _ in 0..BATCH {
                    assert_eq!(receiver.recv().await.unwrap().len(), MESSAGE.len());
                }
            }
            return start.elapsed();
        }
        let start = Instant::now();
        for _ in 0..count / BATCH {
            for _ in 0..BATCH {
                connected.send(MESSAGE.as_slice()).await.unwrap();
            }
            for _ in 0..BATCH {
                assert_eq!(bound.recv().await.unwrap().len(), MESSAGE.len());
            }
        }
        start.elapsed()
    })
}

/// Both ends send and receive so many messages. Each end has a task for each direction.
fn both_directions(ends: Ends, count: u64) -> Duration {
    let Pair { bound, connected, .. } = ends.dealers();
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
fn beside_receiver(ends: Ends, is_split: bool, count: u64) -> Duration {
    let Pair { bound, connected, .. } = ends.dealers();
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
    rows.compare("one thread, inproc (base: unsplit)", Goal::None, |side, count| {
        one_thread(side == Side::Async, count)
    });
    compare("B8 8 senders of one socket (base: 1)", 0.80, &|count| from_tasks(1, count), &|count| {
        from_tasks(8, count)
    });
    for (ends, name) in [(Ends::InOneContext, ""), (Ends::InTwoContexts, ", two contexts")] {
        let unsplit = |count| unsplit(ends, count);
        compare(&format!("B4 one direction{name} (base: unsplit)"), 0.85, &unsplit, &|count| {
            one_direction(ends, count)
        });
        compare(
            &format!("B4 each of two directions at once{name} (base: one, unsplit)"),
            0.70,
            &unsplit,
            &|count| both_directions(ends, count),
        );
        compare(
            &format!("B11 beside a waiting receiver{name} (base: unsplit)"),
            0.90,
            &|count| beside_receiver(ends, false, count),
            &|count| beside_receiver(ends, true, count),
        );
    }
}
