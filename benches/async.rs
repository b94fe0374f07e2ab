//! Measures async sockets, and compares them with the blocking calls of the same crate.
//!
//! `cargo bench --features smol,tokio --bench async` prints a table. Both sides of a row take turns in one process, with the same
//! libzmq. The times are in nanoseconds for each message, round trip or call. CPU is the processor time of all threads of both sides.
//! A ratio is the median of the ratios of neighbouring runs. On a busy machine, compare the processor times.
//!
//! `-- --one-thread <tokio|blocking> <count>` sends and receives messages within one thread, and prints nothing. Use it to count
//! instructions with valgrind:
//!
//! ```sh
//! valgrind --tool=callgrind target/release/deps/async-* --one-thread tokio 100000
//! ```

#![allow(clippy::unwrap_used, reason = "a panic ends the measurement")]

mod support;

use std::env;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use support::Pair;
use support::async_rows::{Goal, Rows, Side};
use tokio::runtime::{Builder, Runtime};
use zmq::aio::{self, Reactor};
use zmq::capability::Kind;
use zmq::{Context, Pull, Push, Rep, Req, Socket};

/// The runtime or thread that runs one side of a connection.
#[derive(Clone, Copy, PartialEq)]
enum Driver {
    /// A thread that makes blocking calls.
    Blocking,
    /// tokio's current-thread runtime.
    CurrentThread,
    /// A spawned task in tokio's multi-thread runtime with two threads.
    MultiThread,
    /// smol's `block_on`.
    Smol,
}

impl Driver {
    /// Runs the async form of one side.
    fn run<T: Send + 'static>(self, end: impl Future<Output = T> + Send + 'static) -> T {
        match self {
            Driver::MultiThread => {
                let runtime = Builder::new_multi_thread().worker_threads(2).enable_io().build().unwrap();
                runtime.block_on(runtime.spawn(end)).unwrap()
            }
            Driver::Smol => smol::block_on(end),
            _ => current_thread().block_on(end),
        }
    }
}

/// Returns a pair of sockets that send all their messages before they close, so that they can be dropped at once.
fn lingering<A: Kind, B: Kind>(bound: A, connected: B, transport: &str) -> Pair<A, B> {
    Pair::prepared(bound, connected, transport, |bound, connected| {
        bound.set_linger(None).unwrap();
        connected.set_linger(None).unwrap();
    })
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_io().build().unwrap()
}

/// The number and the size of the frames of each message.
#[derive(Clone, Copy)]
struct Load {
    parts: usize,
    size: usize,
}

impl Load {
    fn send(self, driver: Driver, socket: Socket<Push>, count: u64) {
        let Load { parts, size } = self;
        let bytes = vec![b'x'; size];
        match (driver, parts) {
            (Driver::Blocking, 1) => {
                for _ in 0..count {
                    socket.send(bytes.as_slice()).unwrap();
                }
            }
            (Driver::Blocking, _) => {
                for _ in 0..count {
                    socket.send_multipart([bytes.as_slice(); 3]).unwrap();
                }
            }
            (Driver::Smol, _) => {
                driver.run(async move { self.send_async(socket.into_smol().unwrap(), count).await });
            }
            _ => driver.run(async move { self.send_async(socket.into_tokio().unwrap(), count).await }),
        }
    }

    async fn send_async<R: Reactor>(self, mut socket: aio::Socket<Push, R>, count: u64) {
        let bytes = vec![b'x'; self.size];
        if self.parts == 1 {
            for _ in 0..count {
                socket.send(bytes.as_slice()).await.unwrap();
            }
        } else {
            for _ in 0..count {
                socket.send_multipart([bytes.as_slice(); 3]).await.unwrap();
            }
        }
    }

    /// Returns the time of all messages but the first.
    fn recv(self, driver: Driver, socket: Socket<Pull>, count: u64) -> Duration {
        let Load { parts, size } = self;
        let measured = move || (Instant::now(), 1..count);
        match (driver, parts) {
            (Driver::Blocking, 1) => {
                socket.recv().unwrap();
                let (start, others) = measured();
                for _ in others {
                    assert_eq!(socket.recv().unwrap().len(), size);
                }
                start.elapsed()
            }
            (Driver::Blocking, _) => {
                socket.recv_multipart().unwrap();
                let (start, others) = measured();
                for _ in others {
                    assert_eq!(socket.recv_multipart().unwrap().len(), parts);
                }
                start.elapsed()
            }
            (Driver::Smol, _) => {
                driver.run(async move { self.recv_async(&mut socket.into_smol().unwrap(), count).await })
            }
            _ => driver.run(async move { self.recv_async(&mut socket.into_tokio().unwrap(), count).await }),
        }
    }

    async fn recv_async<R: Reactor>(self, socket: &mut aio::Socket<Pull, R>, count: u64) -> Duration {
        let Load { parts, size } = self;
        if parts == 1 {
            socket.recv().await.unwrap();
            let start = Instant::now();
            for _ in 1..count {
                assert_eq!(socket.recv().await.unwrap().len(), size);
            }
            return start.elapsed();
        }
        socket.recv_multipart().await.unwrap();
        let start = Instant::now();
        for _ in 1..count {
            assert_eq!(socket.recv_multipart().await.unwrap().len(), parts);
        }
        start.elapsed()
    }

    fn throughput(self, driver: Driver, transport: &str, count: u64) -> Duration {
        let Pair { bound, connected, .. } = lingering(Pull, Push, transport);
        thread::scope(|threads| {
            threads.spawn(move || self.send(driver, connected, count));
            self.recv(driver, bound, count)
        })
    }
}

/// Receives up to 256 messages with each call.
fn recv_many(count: u64) -> Duration {
    let Pair { bound, connected, .. } = lingering(Pull, Push, "tcp");
    let load = Load { parts: 1, size: 64 };
    thread::scope(|threads| {
        threads.spawn(move || load.send(Driver::CurrentThread, connected, count));
        current_thread().block_on(async move {
            let mut socket = bound.into_tokio().unwrap();
            let mut messages = Vec::with_capacity(256);
            let mut received = socket.recv_many(&mut messages, 1).await.unwrap();
            let start = Instant::now();
            while received < count.try_into().unwrap() {
                messages.clear();
                received += socket.recv_many(&mut messages, 256).await.unwrap();
            }
            start.elapsed()
        })
    })
}

fn echo(driver: Driver, socket: Socket<Rep>, count: u64) {
    match driver {
        Driver::Blocking => {
            for _ in 0..count {
                let message = socket.recv().unwrap();
                socket.send(message).unwrap();
            }
        }
        Driver::Smol => driver.run(async move { echo_async(socket.into_smol().unwrap(), count).await }),
        _ => driver.run(async move { echo_async(socket.into_tokio().unwrap(), count).await }),
    }
}

async fn echo_async<R: Reactor>(mut socket: aio::Socket<Rep, R>, count: u64) {
    for _ in 0..count {
        let message = socket.recv().await.unwrap();
        socket.send(message).await.unwrap();
    }
}

/// Returns the time of all round trips but the first.
fn ask(driver: Driver, socket: Socket<Req>, count: u64) -> Duration {
    match driver {
        Driver::Blocking => {
            socket.send("x").unwrap();
            let mut message = socket.recv().unwrap();
            let start = Instant::now();
            for _ in 1..count {
                socket.send(message).unwrap();
                message = socket.recv().unwrap();
            }
            start.elapsed()
        }
        Driver::Smol => driver.run(async move { ask_async(socket.into_smol().unwrap(), count).await }),
        _ => driver.run(async move { ask_async(socket.into_tokio().unwrap(), count).await }),
    }
}

async fn ask_async<R: Reactor>(mut socket: aio::Socket<Req, R>, count: u64) -> Duration {
    socket.send("x").await.unwrap();
    let mut message = socket.recv().await.unwrap();
    let start = Instant::now();
    for _ in 1..count {
        socket.send(message).await.unwrap();
        message = socket.recv().await.unwrap();
    }
    start.elapsed()
}

fn latency(driver: Driver, transport: &str, count: u64) -> Duration {
    let Pair { bound, connected, .. } = lingering(Rep, Req, transport);
    thread::scope(|threads| {
        threads.spawn(move || echo(driver, bound, count));
        ask(driver, connected, count)
    })
}

/// As `latency`, with a process for each end. The ends of smol otherwise share a reactor, and each waits for the other's thread.
fn latency_of_processes(driver: Driver, count: u64) -> Duration {
    let context = Context::new().unwrap();
    let socket = context.socket(Req).unwrap();
    let endpoint = socket.bind("tcp://127.0.0.1:*").unwrap();
    let name = if driver == Driver::Blocking { "blocking" } else { "smol" };
    let mut other = Command::new(env::current_exe().unwrap())
        .args(["--echo", name, &count.to_string(), endpoint.as_str()])
        .spawn()
        .unwrap();
    let time = ask(driver, socket, count);
    assert!(other.wait().unwrap().success());
    time
}

/// Sends and receives within one thread, in batches that fit into the queues, so that no call waits.
fn one_thread(driver: Driver, count: u64) -> Duration {
    const BATCH: u64 = 100;
    let Pair { bound, connected, .. } = Pair::new(Pull, Push, "inproc");
    let bytes = [b'x'; 64];
    if driver == Driver::Blocking {
        let start = Instant::now();
        for _ in 0..count / BATCH {
            for _ in 0..BATCH {
                connected.send(bytes.as_slice()).unwrap();
            }
            for _ in 0..BATCH {
                assert_eq!(bound.recv().unwrap().len(), bytes.len());
            }
        }
        return start.elapsed();
    }
    current_thread().block_on(async {
        let (mut bound, mut connected) = (bound.into_tokio().unwrap(), connected.into_tokio().unwrap());
        let start = Instant::now();
        for _ in 0..count / BATCH {
            for _ in 0..BATCH {
                connected.send(bytes.as_slice()).await.unwrap();
            }
            for _ in 0..BATCH {
                assert_eq!(bound.recv().await.unwrap().len(), bytes.len());
            }
        }
        start.elapsed()
    })
}

/// A runtime with many tasks that each wait for a message that never arrives.
struct Crowd {
    runtime: Runtime,
    // A field after `runtime`, so that the context is dropped after the tasks and their sockets.
    _context: Context,
}

impl Crowd {
    fn new(count: u32) -> Crowd {
        let runtime = current_thread();
        let context = Context::builder().max_sockets(count + 1).build().unwrap();
        runtime.block_on(async {
            for _ in 0..count {
                let mut idle = context.socket(Pull).unwrap().into_tokio().unwrap();
                tokio::spawn(async move { idle.recv().await });
            }
            tokio::task::yield_now().await;
        });
        Crowd { runtime, _context: context }
    }

    /// Receives messages in the runtime in which the tasks wait.
    fn throughput(&self, count: u64) -> Duration {
        let load = Load { parts: 1, size: 64 };
        let Pair { bound, connected, .. } = lingering(Pull, Push, "tcp");
        thread::scope(|threads| {
            threads.spawn(move || load.send(Driver::CurrentThread, connected, count));
            self.runtime.block_on(async { load.recv_async(&mut bound.into_tokio().unwrap(), count).await })
        })
    }
}

/// Compares calls on a socket without messages with the two system calls that released libzmq makes in such a call.
#[cfg(unix)]
fn idle_calls(rows: &Rows) {
    use zmq::{POLLIN, POLLOUT};

    let Pair { bound, connected: _connected, .. } = Pair::new(Pull, Push, "inproc");
    let time = |count: u64, look: &dyn Fn()| {
        let start = Instant::now();
        for _ in 0..count {
            look();
        }
        start.elapsed()
    };
    let try_recv = || assert!(bound.try_recv().is_err());
    let poll = || assert!(bound.poll(POLLIN | POLLOUT, Duration::ZERO).unwrap().is_empty());
    // Processes the commands that connect the sockets.
    try_recv();
    let system = || support::raw::getpid_and_poll(std::os::fd::AsFd::as_fd(&bound));
    let calls: [(&str, &dyn Fn()); 2] = [("B13 try_recv, empty", &try_recv), ("B13 poll for no time", &poll)];
    for (name, look) in calls {
        rows.compare(name, Goal::Speed(5.0), |side, count| match side {
            Side::Base => time(count, &system),
            Side::Async => time(count, look),
        });
    }
}

fn main() {
    use Driver::{Blocking, CurrentThread, MultiThread, Smol};
    let arguments: Vec<String> = env::args().skip(1).collect();
    let mode = arguments.first().map_or("", String::as_str);
    if let ("--one-thread", [_, driver, count, ..]) = (mode, arguments.as_slice()) {
        let driver = if driver == "blocking" { Driver::Blocking } else { Driver::CurrentThread };
        one_thread(driver, count.parse().unwrap());
        return;
    }
    if let ("--echo", [_, driver, count, endpoint]) = (mode, arguments.as_slice()) {
        let context = Context::new().unwrap();
        let socket = context.socket(Rep).unwrap();
        socket.connect(endpoint.as_str()).unwrap();
        echo(if driver == "blocking" { Blocking } else { Smol }, socket, count.parse().unwrap());
        return;
    }
    let rows = Rows::new();
    let compare = |name: &str, goal, driver: Driver, run: &dyn Fn(Driver, u64) -> Duration| {
        rows.compare(name, goal, |side, count| match side {
            Side::Base => run(Driver::Blocking, count),
            Side::Async => run(driver, count),
        });
    };
    let load = |parts, size| Load { parts, size };
    let tcp = |parts, size| move |driver, count| load(parts, size).throughput(driver, "tcp", count);
    let inproc = |driver, count| load(1, 64).throughput(driver, "inproc", count);
    let tcp_latency = |driver, count| latency(driver, "tcp", count);
    let inproc_latency = |driver, count| latency(driver, "inproc", count);

    compare("one thread, inproc, 64 B", Goal::None, CurrentThread, &one_thread);
    compare("B1 tcp, 64 B", Goal::Speed(0.90), CurrentThread, &tcp(1, 64));
    compare(
        "B2 tcp, 64 B, recv_many(256)",
        Goal::Speed(0.97),
        CurrentThread,
        &|driver, count| match driver {
            Blocking => load(1, 64).throughput(driver, "tcp", count),
            _ => recv_many(count),
        },
    );
    compare("B3 tcp, 64 B, multi-thread", Goal::Speed(0.85), MultiThread, &tcp(1, 64));
    compare("B5 inproc, 64 B", Goal::Speed(0.85), CurrentThread, &inproc);
    compare("B6 tcp, 32 KiB", Goal::Speed(0.97), CurrentThread, &tcp(1, 32 << 10));
    compare("B7 round trip, tcp", Goal::Time(1.10), CurrentThread, &tcp_latency);
    compare("B7 round trip, tcp, multi-thread", Goal::Time(1.15), MultiThread, &tcp_latency);
    compare("B7 round trip, tcp, smol", Goal::Time(1.15), Smol, &tcp_latency);
    compare("B7 round trip, tcp, smol, two processes", Goal::Time(1.15), Smol, &latency_of_processes);
    compare("B7 round trip, inproc", Goal::Time(1.15), CurrentThread, &inproc_latency);
    compare("B9 tcp, 3 parts of 64 B", Goal::Speed(0.90), CurrentThread, &tcp(3, 64));
    compare("B10 tcp, 64 B, smol", Goal::Speed(0.85), Smol, &tcp(1, 64));
    let crowded = "B12 tcp, 64 B, beside 10,000 idle (base: alone)";
    if rows.selects(crowded) {
        let (alone, beside) = (Crowd::new(0), Crowd::new(if rows.is_trial() { 10 } else { 10_000 }));
        rows.compare(crowded, Goal::Speed(0.97), |side, count| match side {
            Side::Base => alone.throughput(count),
            Side::Async => beside.throughput(count),
        });
    }
    #[cfg(unix)]
    idle_calls(&rows);
}
