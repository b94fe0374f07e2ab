//! Listeners in a process without free descriptors wait until a descriptor is free, and use no processor time meanwhile.
//!
//! Each test runs in its own process, because the limit and the measured time belong to the process.

#![cfg(all(zmq_vendored, target_os = "linux"))]

use crate::common;

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use common::process::{descriptors, in_child};
use common::{LIMIT, TCP, connected, context, meet, must_end, socket, wait_for_event, wait_until};
use zmq::monitor::{EventKind, Events};
use zmq::{Context, ErrorKind, Monitor, Pull, Push, Socket};

/// The time for which the process is watched.
const WATCHED: Duration = Duration::from_millis(600);

/// Opens all descriptors that the process may have, except `left`.
fn take_all_but(left: usize) -> Vec<File> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: a valid place to write to.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) }, 0);
    limit.rlim_cur = 100;
    // SAFETY: a valid limit, only read.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
    let mut taken = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        taken.push(file);
    }
    taken.truncate(taken.len() - left);
    taken
}

/// The share of one processor that the process uses while this thread waits.
fn share_of_a_processor() -> f64 {
    let used = || {
        // SAFETY: zeros are valid.
        let mut usage: libc::rusage = unsafe { core::mem::zeroed() };
        // SAFETY: a valid place to write to.
        assert_eq!(unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) }, 0);
        let seconds = |time: libc::timeval| {
            Duration::from_secs(time.tv_sec.try_into().unwrap())
                + Duration::from_micros(time.tv_usec.try_into().unwrap())
        };
        seconds(usage.ru_utime) + seconds(usage.ru_stime)
    };
    let (start, before) = (Instant::now(), used());
    thread::sleep(WATCHED);
    (used() - before).as_secs_f64() / start.elapsed().as_secs_f64()
}

/// A client that connects, sends the beginning of its protocol, and waits for the server's answer.
enum Client {
    Tcp(TcpStream),
    Ipc(UnixStream),
}

impl Client {
    fn new(endpoint: impl AsRef<str>) -> Client {
        let endpoint = endpoint.as_ref();
        let (transport, address) = endpoint.split_once("://").unwrap();
        match transport {
            "ipc" => Client::Ipc(UnixStream::connect(address).unwrap()),
            "tcp" => Client::Tcp(TcpStream::connect(address).unwrap()),
            _ => {
                let mut stream = TcpStream::connect(address.trim_end_matches('/')).unwrap();
                let asked = "GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ZWS2.0/NULL\r\n\
                             Sec-WebSocket-Version: 13\r\n\r\n";
                stream.write_all(asked.as_bytes()).unwrap();
                Client::Tcp(stream)
            }
        }
    }

    /// Waits until it is served.
    fn read(&mut self) -> io::Result<usize> {
        match self {
            Client::Tcp(stream) => {
                stream.set_read_timeout(Some(LIMIT))?;
                stream.read(&mut [0])
            }
            Client::Ipc(stream) => {
                stream.set_read_timeout(Some(LIMIT))?;
                stream.read(&mut [0])
            }
        }
    }
}

fn endpoints() -> Vec<String> {
    let mut endpoints = vec![TCP.to_owned(), "ipc://*".to_owned()];
    if zmq::has(zmq::Feature::Ws) {
        endpoints.push("ws://127.0.0.1:*".to_owned());
    }
    endpoints
}

fn monitored(context: &Context) -> (Socket<Pull>, Monitor) {
    let server = socket(context, Pull);
    let monitor = server.monitor(Events::ACCEPTED | Events::ACCEPT_FAILED).unwrap();
    (server, monitor)
}

/// The number of failures to accept that the monitor has reported so far. It may report them faster than they can be
/// read.
fn failures(monitor: &Monitor) -> usize {
    let mut count = 0;
    while count < 1000 {
        let Ok(event) = monitor.try_recv() else { break };
        count += usize::from(matches!(event.kind(), EventKind::AcceptFailed { .. }));
    }
    count
}

#[test]
fn a180_a_listener_without_descriptors_waits_and_then_serves() {
    if !in_child() {
        return;
    }
    for endpoint in endpoints() {
        let context = context();
        let (server, monitor) = monitored(&context);
        let endpoint = server.bind(&endpoint).unwrap();
        let before = descriptors();
        let taken = take_all_but(1);
        let start = Instant::now();
        let mut client = Client::new(&endpoint);
        let failed = wait_for_event(&monitor, |kind| matches!(kind, EventKind::AcceptFailed { .. }));
        let EventKind::AcceptFailed { error } = failed.kind() else { panic!("{failed}") };
        assert_eq!(error.kind(), ErrorKind::TooManyOpenFiles);
        let share = share_of_a_processor();
        let count = failures(&monitor);
        // One immediately, and then one every tenth of a second.
        let most = usize::try_from(start.elapsed().as_millis() / 100).unwrap() + 1;
        println!("{endpoint}: {:.1} % of a processor, {count} events", share * 100.0);
        drop(taken);
        let given_back = Instant::now();
        assert_eq!(client.read().unwrap(), 1);
        let time = given_back.elapsed();
        assert!(share < 0.2, "{endpoint}: the listener used {share} of a processor");
        assert!(
            (1..=most).contains(&count),
            "{endpoint}: the monitor reported {count} events, more than {most}"
        );
        assert!(
            time < Duration::from_secs(3),
            "{endpoint}: the peer was served only {time:?} after a descriptor was free"
        );
        drop((server, client));
        wait_until(|| descriptors() <= before);
    }
}

/// The socket has a timer meanwhile.
#[test]
fn a180_a_waiting_listener_can_be_unbound_and_closed() {
    if !in_child() {
        return;
    }
    for endpoint in endpoints() {
        for unbinds in [true, false] {
            let endpoint = endpoint.clone();
            must_end(move || {
                let context = context();
                let (server, monitor) = monitored(&context);
                let other = server.bind("tcp://127.0.0.1:*").unwrap();
                let endpoint = server.bind(&endpoint).unwrap();
                let taken = take_all_but(1);
                let client = Client::new(&endpoint);
                wait_for_event(&monitor, |kind| matches!(kind, EventKind::AcceptFailed { .. }));
                if unbinds {
                    server.unbind(&endpoint).unwrap();
                    drop((taken, client));
                    meet(&connected(&context, Push, &other), &server);
                }
            });
        }
    }
}

/// A listening socket that the program itself has shut down makes the system report events all the time.
#[test]
fn a180_a_listener_that_was_shut_down_uses_no_processor_time() {
    if !in_child() {
        return;
    }
    let context = context();
    let (server, monitor) = monitored(&context);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
    let duplicate = TcpStream::from(std::os::fd::OwnedFd::from(listener.try_clone().unwrap()));
    server.bind_fd(&endpoint, listener).unwrap();
    let start = Instant::now();
    duplicate.shutdown(Shutdown::Both).unwrap();
    wait_for_event(&monitor, |kind| matches!(kind, EventKind::AcceptFailed { .. }));
    let share = share_of_a_processor();
    let count = failures(&monitor);
    let most = usize::try_from(start.elapsed().as_millis() / 100).unwrap() + 1;
    println!("{:.1} % of a processor, {count} events", share * 100.0);
    assert!(share < 0.2, "the listener used {share} of a processor");
    assert!(count <= most, "the monitor reported {count} events, more than {most}");
    // The socket still works.
    let endpoint = server.bind(TCP).unwrap();
    meet(&connected(&context, Push, &endpoint), &server);
    server.unbind(&endpoint).unwrap();
}
