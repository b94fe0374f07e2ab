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
use zmq::{Context, Dealer, Pull, Push};

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
    fn contexts(self) -> [Context; 2] {
        let context = Context::new().unwrap();
        match self {
            Ends::InOneContext => [context.clone(), context],
            Ends::InTwoContexts => [context, Context::new().unwrap()],
        }
    }

    fn dealers(self) -> Dealers {
        dealers(self.contexts())
    }
}

type Dealers = Pair<Dealer, Dealer>;

/// Sends so many messages from one end to the other.
type OnePair = fn(Dealers, u64) -> Duration;

fn dealers(contexts: [Context; 2]) -> Dealers {
    Pair::between(contexts, Dealer, Dealer, "tcp", |bound, connected| {
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

fn unsplit(dealers: Dealers, count: u64) -> Duration {
    let Pair { bound, connected, .. } = dealers;
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

/// Sends and receives with blocking calls.
fn blocking(dealers: Dealers, count: u64) -> Duration {
    let Pair { bound, connected, .. } = dealers;
    thread::scope(|threads| {
        threads.spawn(move || (0..count).for_each(|_| connected.send(MESSAGE.as_slice()).unwrap()));
        bound.recv().unwrap();
        let start = Instant::now();
        for _ in 1..count {
            assert_eq!(bound.recv().unwrap().len(), MESSAGE.len());
        }
        start.elapsed()
    })
}

/// Like [`both_directions`], but each direction has its own pair of sockets. No half of a socket waits for the other, so this shows what
/// the processors and the I/O threads allow.
fn two_pairs(ends: Ends, pair: OnePair, count: u64) -> Duration {
    let [here, there] = ends.contexts();
    let (one, other) = (dealers([here.clone(), there.clone()]), dealers([there, here]));
    thread::scope(|threads| {
        let other = threads.spawn(move || pair(other, count));
        pair(one, count).max(other.join().unwrap())
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
        let one_pair = |count| unsplit(ends.dealers(), count);
        compare(&format!("B4 one direction{name} (base: unsplit)"), 0.85, &one_pair, &|count| {
            one_direction(ends, count)
        });
        compare(
            &format!("B4 each of two directions at once{name} (base: one, unsplit)"),
            0.70,
            &one_pair,
            &|count| both_directions(ends, count),
        );
        let pairs: [(&str, OnePair); 2] = [("async", unsplit), ("blocking", blocking)];
        for (calls, pair) in pairs {
            let row = format!("two pairs with {calls} calls, a direction each{name} (base: one)");
            rows.compare(&row, Goal::None, |side, count| match side {
                Side::Base => pair(ends.dealers(), count),
                Side::Async => two_pairs(ends, pair, count),
            });
        }
        compare(
            &format!("B11 beside a waiting receiver{name} (base: unsplit)"),
            0.90,
            &|count| beside_receiver(ends, false, count),
            &|count| beside_receiver(ends, true, count),
        );
    }
}
