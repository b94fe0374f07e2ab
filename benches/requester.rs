//! Measures requests per second, and the time of a request, from 1, 8 and 64 threads.
//!
//! Compares one `Requester` for all threads, a REQ socket for each thread, and one DEALER socket in a mutex that a thread holds until it
//! has its reply.

#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a panic ends the measurement, and the numbers are small"
)]

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use zmq::{Context, Dealer, Endpoint, Req, Router};

/// The time that each request took.
type Times = Vec<Duration>;

/// Returns the number of runs, and the number of requests in each run. Without `--bench`, the run is only a trial.
fn size() -> (usize, usize) {
    if std::env::args().any(|argument| argument == "--bench") { (5, 40_000) } else { (1, 64) }
}

/// Calls `request` in `count` threads.
fn threads<T>(count: usize, start: impl Fn() -> T + Sync, request: impl Fn(&T) + Sync) -> (Duration, Times) {
    let requests = size().1 / count;
    let begin = Instant::now();
    let times = thread::scope(|scope| {
        let handles: Vec<_> = (0..count)
            .map(|_| {
                scope.spawn(|| {
                    let state = start();
                    let mut times = Vec::with_capacity(requests);
                    for _ in 0..requests {
                        let begin = Instant::now();
                        request(&state);
                        times.push(begin.elapsed());
                    }
                    times
                })
            })
            .collect();
        handles.into_iter().flat_map(|handle| handle.join().unwrap()).collect()
    });
    (begin.elapsed(), times)
}

fn one_requester(context: &Context, endpoint: &Endpoint, count: usize) -> (Duration, Times) {
    let dealer = context.socket(Dealer).unwrap();
    dealer.connect(endpoint).unwrap();
    let requester = dealer.into_requester().unwrap();
    threads(count, || requester.clone(), |requester| drop(requester.request(&[7; 64]).unwrap()))
}

fn one_socket_each(context: &Context, endpoint: &Endpoint, count: usize) -> (Duration, Times) {
    let start = || {
        let socket = context.socket(Req).unwrap();
        socket.connect(endpoint).unwrap();
        socket
    };
    threads(count, start, |socket| {
        socket.send([7; 64]).unwrap();
        socket.recv().unwrap();
    })
}

fn one_mutex(context: &Context, endpoint: &Endpoint, count: usize) -> (Duration, Times) {
    let dealer = context.socket(Dealer).unwrap();
    dealer.connect(endpoint).unwrap();
    let dealer = Mutex::new(dealer);
    threads(
        count,
        || (),
        |()| {
            let dealer = dealer.lock().unwrap();
            dealer.send([7; 64]).unwrap();
            dealer.recv().unwrap();
        },
    )
}

fn main() {
    let context = Context::new().unwrap();
    let router = context.socket(Router).unwrap();
    let endpoint = router.bind("tcp://127.0.0.1:*").unwrap();
    let server = thread::spawn(move || {
        while let Ok(request) = router.recv_multipart() {
            router.send_multipart(request).unwrap();
        }
    });
    type Way = fn(&Context, &Endpoint, usize) -> (Duration, Times);
    let ways: [(&str, Way); 3] =
        [("Requester", one_requester), ("a REQ for each", one_socket_each), ("Mutex<Dealer>", one_mutex)];
    println!("{:>16} {:>8} {:>12} {:>10} {:>10}", "way", "threads", "requests/s", "p50 µs", "p99 µs");
    for count in [1, 8, 64] {
        let mut results = vec![Vec::new(); ways.len()];
        // The ways take turns, so that other work of the machine affects all of them.
        for _ in 0..size().0 {
            for ((_, way), results) in ways.iter().zip(&mut results) {
                let (elapsed, mut times) = way(&context, &endpoint, count);
                times.sort_unstable();
                let at = |percent: usize| times[times.len() * percent / 100].as_secs_f64() * 1e6;
                results.push((times.len() as f64 / elapsed.as_secs_f64(), at(50), at(99)));
            }
        }
        for ((name, _), results) in ways.iter().zip(&mut results) {
            let mut median = |of: fn(&(f64, f64, f64)) -> f64| {
                results.sort_by(|a, b| of(a).total_cmp(&of(b)));
                of(&results[results.len() / 2])
            };
            let (rate, p50, p99) = (median(|r| r.0), median(|r| r.1), median(|r| r.2));
            println!("{name:>16} {count:>8} {rate:>12.0} {p50:>10.1} {p99:>10.1}");
        }
    }
    context.shutdown().unwrap();
    server.join().unwrap();
}
