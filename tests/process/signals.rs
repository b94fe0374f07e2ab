//! Blocking calls work although a thousand signals arrive each second.
//!
//! The signal handler, and the setting that polls and proxies obey, belong to the whole process, so the tests run one at
//! a time.

use crate::common;

use std::os::unix::thread::JoinHandleExt;
use std::sync::MutexGuard;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use common::{LIMIT, MOMENT, assert_error, assert_takes_less, context, free_endpoint};
use zmq::monitor::{EventKind, Events};
use zmq::proxy::{Handle, Proxy};
use zmq::{
    Context, Dealer, Error, ErrorKind, Message, Multipart, POLLIN, POLLOUT, Pair, PollItem, Poller, Pull,
    Push, Rep, Req, Router, Socket, Sub,
};

static HANDLED: AtomicU32 = AtomicU32::new(0);

extern "C" fn handle(_signal: libc::c_int) {
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

/// Keeps other tests out, and counts each `SIGALRM`.
fn handler(flags: libc::c_int) -> MutexGuard<'static, ()> {
    let guard = crate::one_at_a_time();
    // SAFETY: an all-zero action is a valid one.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    let handle: extern "C" fn(libc::c_int) = handle;
    #[expect(clippy::as_conversions, reason = "the system takes the handler as a number")]
    let address = handle as libc::sighandler_t;
    action.sa_sigaction = address;
    action.sa_flags = flags;
    // SAFETY: the handler only changes an atomic.
    assert_eq!(unsafe { libc::sigaction(libc::SIGALRM, &raw const action, std::ptr::null_mut()) }, 0);
    guard
}

/// Runs a call in a thread that gets a signal every millisecond. Returns its result and its duration.
#[track_caller]
fn under_signals<R: Send + 'static>(call: impl FnOnce() -> R + Send + 'static) -> (R, Duration) {
    let before = HANDLED.load(Ordering::Relaxed);
    let (started, start) = mpsc::channel();
    let thread = thread::spawn(move || {
        let start = Instant::now();
        started.send(start).unwrap();
        let result = call();
        (result, start.elapsed())
    });
    let start = start.recv().unwrap();
    while !thread.is_finished() {
        assert!(start.elapsed() < LIMIT, "still running");
        #[allow(
            clippy::as_conversions,
            reason = "with musl, the crate libc has another type than the standard library"
        )]
        let id = thread.as_pthread_t() as libc::pthread_t;
        // SAFETY: the thread has not been joined yet.
        unsafe { libc::pthread_kill(id, libc::SIGALRM) };
        thread::park_timeout(Duration::from_millis(1));
    }
    let (result, time) = thread.join().unwrap();
    assert!(HANDLED.load(Ordering::Relaxed) > before, "no signal was handled");
    (result, time)
}

/// With and without the flag that makes the system resume its own calls. libzmq's calls end in both cases.
const HANDLERS: [libc::c_int; 2] = [0, libc::SA_RESTART];

const TIMEOUT: Duration = Duration::from_millis(200);

type Call = Box<dyn FnOnce() -> Error + Send>;

/// Calls that can end only by a timeout, or, with `None`, by a signal.
fn calls(context: &Context, timeout: Option<Duration>) -> Vec<(&'static str, Call)> {
    let receiver = || {
        let receiver = context.socket(Dealer).unwrap();
        receiver.set_recv_timeout(timeout).unwrap();
        receiver.bind("tcp://127.0.0.1:*").unwrap();
        receiver
    };
    let full = || {
        let full = context.socket(Push).unwrap();
        full.set_send_timeout(timeout).unwrap();
        full.set_send_hwm(1).unwrap();
        full.connect(free_endpoint()).unwrap();
        full.send("filler").unwrap();
        full
    };
    let (recv, into, message, string, multipart) =
        (receiver(), receiver(), receiver(), receiver(), receiver());
    let (send, more, whole) = (full(), full(), full());
    let (within, whole_within) = (full(), full());
    let time = timeout.unwrap_or(Duration::MAX);
    vec![
        ("recv", Box::new(move || recv.recv().unwrap_err())),
        ("recv_into", Box::new(move || into.recv_into(&mut [0; 9]).unwrap_err())),
        ("recv_to", Box::new(move || message.recv_to(&mut Message::new()).unwrap_err())),
        ("recv_string", Box::new(move || string.recv_string().unwrap_err().into())),
        ("recv_multipart", Box::new(move || multipart.recv_multipart().unwrap_err())),
        ("send", Box::new(move || send.send("one too many").unwrap_err().into())),
        ("send_more", Box::new(move || more.send_more("one too many").unwrap_err().into())),
        ("send_multipart", Box::new(move || whole.send_multipart(["too", "many"]).unwrap_err().into())),
        ("send_within", Box::new(move || within.send_within("one too many", time).unwrap_err().into())),
        (
            "send_multipart_within",
            Box::new(move || whole_within.send_multipart_within(["too", "many"], time).unwrap_err().into()),
        ),
    ]
}

/// Checks the duration of a call with [`TIMEOUT`]: not shorter, and, unless the machine is busy, not much longer.
#[track_caller]
fn assert_takes_the_timeout(mut measure: impl FnMut() -> Duration) {
    assert_takes_less(3 * TIMEOUT, || {
        let time = measure();
        assert!(time >= TIMEOUT - Duration::from_millis(2), "ended early, after {time:?}");
        time
    });
}

/// Conformance: G-6.
#[test]
fn signals_do_not_change_a_timeout() {
    for flags in HANDLERS {
        let _alone = handler(flags);
        assert_takes_the_timeout(|| {
            let context = context();
            // All at once, because it would take long one by one.
            let threads = calls(&context, Some(TIMEOUT)).into_iter().map(|(name, call)| {
                thread::spawn(move || {
                    let (error, time) = under_signals(call);
                    let operation = name.split('_').next().unwrap();
                    assert_error(error, ErrorKind::WouldBlock, libc::EAGAIN, &[operation]);
                    assert!(time >= TIMEOUT - Duration::from_millis(2), "{name} ended early, after {time:?}");
                    time
                })
            });
            let threads: Vec<_> = threads.collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).max().unwrap()
        });
    }
}

#[test]
fn recv_within_keeps_the_recv_timeout() {
    for flags in HANDLERS {
        let _alone = handler(flags);
        let context = context();
        let receiver = || {
            let receiver = context.socket(Pull).unwrap();
            receiver.set_recv_timeout(Duration::from_millis(20)).unwrap();
            receiver
        };
        assert_takes_the_timeout(|| {
            let receiver = receiver();
            let (result, time) = under_signals(move || receiver.recv_within(TIMEOUT));
            assert_eq!(result.unwrap_err().kind(), ErrorKind::WouldBlock);
            time
        });
        assert_takes_less(TIMEOUT, || {
            let receiver = receiver();
            let (result, time) = under_signals(move || {
                receiver.recv_within(MOMENT).unwrap_err();
                let start = Instant::now();
                (receiver.recv(), start.elapsed())
            });
            assert!(time >= MOMENT);
            assert_eq!(result.0.unwrap_err().kind(), ErrorKind::WouldBlock);
            result.1
        });
    }
}

#[test]
fn waiting_for_a_monitor_loses_no_event() {
    for flags in HANDLERS {
        let _alone = handler(flags);
        let context = context();
        let server = context.socket(Pull).unwrap();
        for bounded in [false, true] {
            assert_takes_the_timeout(|| {
                let monitor = server.monitor(Events::ALL).unwrap();
                let (result, time) = under_signals(move || match bounded {
                    false => monitor.recv_within(TIMEOUT),
                    true => monitor.bounded(1).unwrap().recv_within(TIMEOUT),
                });
                assert_eq!(result.unwrap_err().kind(), ErrorKind::WouldBlock);
                time
            });
        }
        let monitor = server.monitor(Events::ALL).unwrap();
        let knocking = thread::spawn(move || {
            let endpoint = server.bind("tcp://127.0.0.1:*").unwrap();
            for _ in 0..200 {
                drop(std::net::TcpStream::connect(endpoint.address()).unwrap());
                thread::park_timeout(Duration::from_millis(1));
            }
            server
        });
        let (accepted, _) = under_signals(move || {
            let accepted = |event: &zmq::monitor::Event| matches!(event.kind(), EventKind::Accepted { .. });
            monitor.iter().map(Result::unwrap).filter(accepted).take(200).count()
        });
        assert_eq!(accepted, 200);
        knocking.join().unwrap();
    }
}

#[test]
fn a_poll_waits_for_its_timeout() {
    for flags in HANDLERS {
        let _alone = handler(flags);
        let context = context();
        assert_takes_the_timeout(|| {
            let socket = context.socket(Pull).unwrap();
            let (count, time) =
                under_signals(move || zmq::poll(&mut [PollItem::new(&socket, POLLIN)], TIMEOUT));
            assert_eq!(count.unwrap(), 0);
            time
        });
        assert_takes_the_timeout(|| {
            let (count, time) = under_signals(|| zmq::poll(&mut [], TIMEOUT));
            assert_eq!(count.unwrap(), 0);
            time
        });
    }
}

/// Waits until the thread has handled some more signals.
fn let_signals_come() -> Duration {
    let (start, before) = (Instant::now(), HANDLED.load(Ordering::Relaxed));
    while HANDLED.load(Ordering::Relaxed) < before + 20 {
        assert!(start.elapsed() < LIMIT);
        thread::park_timeout(Duration::from_millis(1));
    }
    start.elapsed()
}

#[test]
fn without_a_timeout_calls_continue_until_they_succeed() {
    for flags in HANDLERS {
        let _alone = handler(flags);
        let context = context();

        let (server, client) = (context.socket(Rep).unwrap(), context.socket(Req).unwrap());
        client.connect(server.bind("tcp://127.0.0.1:*").unwrap()).unwrap();
        let peer = thread::spawn(move || {
            let_signals_come();
            client.send("late").unwrap();
            client.recv().unwrap()
        });
        let (server, _) = under_signals(move || {
            assert_eq!(server.recv_string().unwrap(), "late");
            server.send("reply").unwrap();
            server
        });
        assert_eq!(peer.join().unwrap(), "reply");
        drop(server);

        let sender = context.socket(Push).unwrap();
        let endpoint = sender.bind("tcp://127.0.0.1:*").unwrap();
        let late = context.socket(Pull).unwrap();
        late.set_recv_timeout(LIMIT).unwrap();
        let peer = thread::spawn(move || {
            let_signals_come();
            late.connect(&endpoint).unwrap();
            late.recv_multipart().unwrap()
        });
        let (sender, _) = under_signals(move || {
            sender.send_multipart(["waited", "for", "a peer"]).unwrap();
            sender
        });
        assert_eq!(peer.join().unwrap(), ["waited", "for", "a peer"]);
        drop(sender);

        let (left, right) = (context.socket(Pair).unwrap(), context.socket(Pair).unwrap());
        right.connect(left.bind("inproc://poll").unwrap()).unwrap();
        let peer = thread::spawn(move || {
            let_signals_come();
            right.send("late").unwrap();
            right
        });
        let (count, _) = under_signals(move || {
            let mut items = [PollItem::new(&left, POLLIN)];
            zmq::poll(&mut items, None)
        });
        assert_eq!(count.unwrap(), 1);
        drop(peer.join().unwrap());
    }
}

/// Sends a message, and tries again whenever a signal came first.
fn send(socket: &Socket<Dealer>, message: impl Into<Multipart>) {
    let mut message = message.into();
    while let Err(failure) = socket.send_multipart(message) {
        assert_eq!(failure.kind(), ErrorKind::Interrupted);
        message = failure.into_message();
    }
}

/// Many parts and little room, so that signals come at every point.
#[test]
fn no_signal_separates_the_parts_of_a_message() {
    for flags in HANDLERS {
        let _alone = handler(flags);
        for interruptible in [false, true] {
            let context = context();
            context.set_interruptible(interruptible);
            let (left, right) = (context.socket(Dealer).unwrap(), context.socket(Dealer).unwrap());
            left.set_recv_hwm(1).unwrap();
            right.set_send_hwm(1).unwrap();
            right.connect(left.bind("tcp://127.0.0.1:*").unwrap()).unwrap();
            let sender = thread::spawn(move || {
                under_signals(move || {
                    let mut sent = 0;
                    let before = HANDLED.load(Ordering::Relaxed);
                    while HANDLED.load(Ordering::Relaxed) < before + 100 {
                        send(&right, Multipart::try_from(vec![vec![7_u8; 10_000]; 40]).unwrap());
                        sent += 1;
                    }
                    send(&right, ["end"]);
                    (right, sent)
                })
            });
            let ((_left, received), _) = under_signals(move || {
                let mut received = 0;
                loop {
                    match left.recv_multipart() {
                        Ok(message) if message == ["end"] => return (left, received),
                        Ok(message) => {
                            assert_eq!(message.len(), 40);
                            assert!(message.iter().all(|part| part.len() == 10_000));
                            received += 1;
                        }
                        Err(error) => assert_eq!(error.kind(), ErrorKind::Interrupted),
                    }
                }
            });
            let ((_right, sent), _) = sender.join().unwrap();
            assert_eq!(received, sent);
        }
    }
}

#[test]
fn a_proxy_forwards_until_the_shutdown() {
    for flags in HANDLERS {
        let _alone = handler(flags);
        let context = context();
        let (frontend, backend) = (context.socket(Router).unwrap(), context.socket(Dealer).unwrap());
        frontend.bind("inproc://clients").unwrap();
        backend.bind("inproc://workers").unwrap();
        let (client, worker) = (common::socket(&context, Req), common::socket(&context, Rep));
        client.connect("inproc://clients").unwrap();
        worker.connect("inproc://workers").unwrap();
        let peers = thread::spawn(move || {
            for _ in 0..20 {
                let_signals_come();
                client.send("Hello").unwrap();
                assert_eq!(worker.recv().unwrap(), "Hello");
                worker.send("World").unwrap();
                assert_eq!(client.recv().unwrap(), "World");
            }
            context.shutdown().unwrap();
        });
        let (result, _) = under_signals(move || zmq::proxy(&frontend, &backend));
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Terminated);
        peers.join().unwrap();
    }
}

#[test]
fn a_poller_waits_for_its_timeout_or_a_message() {
    for flags in HANDLERS {
        let _alone = handler(flags);
        let context = context();
        assert_takes_the_timeout(|| {
            let socket = context.socket(Pull).unwrap();
            let (is_empty, time) = under_signals(move || {
                let poller = Poller::new();
                poller.add(&socket, (), POLLIN).unwrap();
                poller.wait(TIMEOUT).unwrap().is_empty()
            });
            assert!(is_empty);
            time
        });
        let (left, right) = (context.socket(Pair).unwrap(), context.socket(Pair).unwrap());
        right.connect(left.bind("inproc://poller").unwrap()).unwrap();
        let peer = thread::spawn(move || {
            let_signals_come();
            right.send("late").unwrap();
            right
        });
        let (count, _) = under_signals(move || {
            let poller = Poller::new();
            poller.add(&left, (), POLLIN).unwrap();
            poller.wait(None).unwrap().count()
        });
        assert_eq!(count, 1);
        drop(peer.join().unwrap());
    }
}

/// Many parts, little room and a full capture socket, so that signals come at every point.
#[test]
fn no_signal_splits_or_loses_messages_of_a_proxy() {
    for flags in HANDLERS {
        let _alone = handler(flags);
        let context = context();
        let (frontend, backend) = (context.socket(Pull).unwrap(), context.socket(Push).unwrap());
        let capture = context.socket(Push).unwrap();
        frontend.set_recv_hwm(1).unwrap();
        backend.set_send_hwm(1).unwrap();
        // A send timeout of the sockets has no effect.
        backend.set_send_timeout(Duration::from_millis(1)).unwrap();
        let from = frontend.bind("inproc://frontend").unwrap();
        let to = backend.bind("inproc://backend").unwrap();
        let (source, sink) = (common::socket(&context, Push), common::socket(&context, Pull));
        source.set_send_hwm(1).unwrap();
        sink.set_recv_hwm(1).unwrap();
        source.connect(from).unwrap();
        sink.connect(to).unwrap();
        let handle = Handle::new();
        let control = handle.clone();
        let sender = thread::spawn(move || {
            let before = HANDLED.load(Ordering::Relaxed);
            let mut sent = 0_u32;
            while HANDLED.load(Ordering::Relaxed) < before + 300 {
                let parts = vec![sent.to_ne_bytes().repeat(300); 20];
                source.send_multipart(Multipart::try_from(parts).unwrap()).unwrap();
                sent += 1;
            }
            source.send("end").unwrap();
            (source, sent)
        });
        let receiver = thread::spawn(move || {
            for number in 0_u32.. {
                let message = sink.recv_multipart().unwrap();
                if message == ["end"] {
                    handle.terminate().unwrap();
                    return (sink, number);
                }
                assert_eq!(message.len(), 20, "message {number}");
                assert!(message.iter().all(|part| *part == number.to_ne_bytes().repeat(300)[..]));
                if number % 16 == 0 {
                    handle.pause().unwrap();
                    handle.resume().unwrap();
                }
            }
            panic!("more messages than numbers")
        });
        let (result, _) =
            under_signals(move || Proxy::new(&frontend, &backend).capture(&capture).control(&control).run());
        assert!(result.unwrap().is_empty());
        let ((_source, sent), (_sink, received)) = (sender.join().unwrap(), receiver.join().unwrap());
        assert_eq!(received, sent);
    }
}

#[test]
fn the_end_of_a_context_waits_for_the_linger_period() {
    for flags in HANDLERS {
        let _alone = handler(flags);
        assert_takes_less(3 * TIMEOUT, || {
            let context = Context::new().unwrap();
            let sender = context.socket(Push).unwrap();
            sender.connect(free_endpoint()).unwrap();
            sender.send("to nobody").unwrap();
            let start = Instant::now();
            sender.close(TIMEOUT).unwrap();
            under_signals(move || drop(context));
            let time = start.elapsed();
            assert!(time >= TIMEOUT - Duration::from_millis(2), "{time:?}");
            time
        });
    }
}

/// Conformance: G-6.
#[test]
fn an_interruptible_context_reports_signals() {
    for flags in HANDLERS {
        let _alone = handler(flags);
        for timeout in [None, Some(LIMIT)] {
            let context = context();
            context.set_interruptible(true);
            for (name, call) in calls(&context, timeout) {
                let (error, _) = under_signals(call);
                let operation = name.split('_').next().unwrap();
                assert_error(error, ErrorKind::Interrupted, libc::EINTR, &[operation]);
            }
            let receiver = context.socket(Pull).unwrap();
            let (result, _) = under_signals(move || receiver.recv_within(LIMIT));
            assert_error(result.unwrap_err(), ErrorKind::Interrupted, libc::EINTR, &["recv"]);

            let socket = context.socket(Sub).unwrap();
            let (result, _) =
                under_signals(move || zmq::poll(&mut [PollItem::new(&socket, POLLIN)], timeout));
            assert_error(result.unwrap_err(), ErrorKind::Interrupted, libc::EINTR, &["poll"]);

            let (frontend, backend) = (context.socket(Pull).unwrap(), context.socket(Push).unwrap());
            frontend.bind("inproc://frontend").unwrap();
            let (result, _) = under_signals(move || zmq::proxy(&frontend, &backend));
            assert_error(result.unwrap_err(), ErrorKind::Interrupted, libc::EINTR, &["proxy"]);

            let (frontend, backend) = (context.socket(Pull).unwrap(), context.socket(Push).unwrap());
            let handle = Handle::new();
            handle.pause().unwrap();
            let (result, _) =
                under_signals(move || Proxy::new(&frontend, &backend).control(&handle).run().map(drop));
            assert_error(result.unwrap_err(), ErrorKind::Interrupted, libc::EINTR, &["proxy"]);

            let socket = context.socket(Sub).unwrap();
            let (result, _) = under_signals(move || {
                let poller = Poller::new();
                poller.add(&socket, (), POLLIN).unwrap();
                poller.wait(timeout).map(drop)
            });
            assert_error(result.unwrap_err(), ErrorKind::Interrupted, libc::EINTR, &["poll"]);

            // It can be switched off again.
            context.set_interruptible(false);
            let receiver = context.socket(Pull).unwrap();
            receiver.set_recv_timeout(Duration::from_millis(50)).unwrap();
            let (result, _) = under_signals(move || receiver.recv());
            assert_eq!(result.unwrap_err().kind(), ErrorKind::WouldBlock);
        }
    }
}

/// A signal that arrives while the thread spins does not stop the thread at a system call, so it could be missed.
#[cfg(all(zmq_vendored, target_os = "linux"))]
#[test]
fn signals_reach_calls_that_spin() {
    const VERY_LONG: Duration = Duration::from_secs(30 * 60);
    for flags in HANDLERS {
        let _alone = handler(flags);
        for interruptible in [true, false] {
            let context = common::context_with(Context::builder().spin_time(VERY_LONG));
            context.set_interruptible(interruptible);
            let timeout = if interruptible { LIMIT } else { TIMEOUT };
            let kind = if interruptible { ErrorKind::Interrupted } else { ErrorKind::WouldBlock };

            let pull = context.socket(Pull).unwrap();
            pull.set_recv_timeout(timeout).unwrap();
            let (result, _) = under_signals(move || pull.recv());
            assert_eq!(result.unwrap_err().kind(), kind);

            let push = context.socket(Push).unwrap();
            push.set_send_timeout(timeout).unwrap();
            let (result, _) = under_signals(move || push.send(""));
            assert_eq!(result.unwrap_err().kind(), kind);

            let socket = context.socket(Pull).unwrap();
            let (result, _) = under_signals(move || socket.poll(POLLIN, timeout));
            match result {
                Ok(events) => assert!(!interruptible && events.is_empty()),
                Err(error) => assert!(interruptible && error.kind() == ErrorKind::Interrupted, "{error}"),
            }
        }
    }
}

#[test]
fn another_interruptible_context_does_not_end_a_socket_s_waits() {
    let _alone = handler(0);
    let asking = Context::new().unwrap();
    asking.set_interruptible(true);
    let context = context();
    let receiver = context.socket(Pull).unwrap();
    let (result, time) = under_signals(move || receiver.poll(POLLIN, TIMEOUT));
    assert!(result.unwrap().is_empty());
    assert!(time >= TIMEOUT - Duration::from_millis(2), "ended early, after {time:?}");
    #[cfg(zmq_draft)]
    {
        let shared = context.socket(zmq::Gather).unwrap();
        let (result, _) = under_signals(move || shared.recv_within(TIMEOUT));
        assert_eq!(result.unwrap_err().kind(), ErrorKind::WouldBlock);
    }
    let (frontend, backend) = (context.socket(Pull).unwrap(), context.socket(Push).unwrap());
    let (handle, before) = (Handle::new(), HANDLED.load(Ordering::Relaxed));
    let control = handle.clone();
    let orders = thread::spawn(move || {
        common::wait_until(|| HANDLED.load(Ordering::Relaxed) > before + 20);
        handle.terminate().unwrap();
    });
    let (result, _) = under_signals(move || Proxy::new(&frontend, &backend).control(&control).run());
    assert!(result.unwrap().is_empty());
    orders.join().unwrap();

    let receiver = asking.socket(Pull).unwrap();
    let (result, _) = under_signals(move || receiver.poll(POLLIN, None));
    assert_error(result.unwrap_err(), ErrorKind::Interrupted, libc::EINTR, &["poll"]);
}

/// The interruptible context is gone, and polls continue after signals again.
#[test]
fn polls_continue_after_an_interruptible_context_is_gone() {
    let _alone = handler(0);
    let context = context();
    context.set_interruptible(true);
    drop(context.clone());
    let socket = context.socket(Push).unwrap();
    drop(context);
    drop(socket);
    let context = common::context();
    let socket = context.socket(Push).unwrap();
    let (count, _) =
        under_signals(move || zmq::poll(&mut [PollItem::new(&socket, POLLOUT)], Duration::from_millis(50)));
    assert_eq!(count.unwrap(), 0);
}
