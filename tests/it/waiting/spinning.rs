//! Calls that spin before they sleep.

#[cfg(target_os = "linux")]
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::common::{
    LIMIT, MOMENT, TCP, assert_error, bound, connected, context, context_with, must_end, socket,
};
#[cfg(target_os = "linux")]
use crate::common::{threads_named, wait_until, wait_until_asleep};
use zmq::{
    Context, Dealer, ErrorKind, POLLIN, POLLOUT, Pair, PollItem, Poller, Pull, Push, Rep, Req, Socket,
};

/// Longer than any test. If a call ignores its timeout or a shutdown, the test fails at its deadline.
const VERY_LONG: Duration = Duration::from_secs(30 * 60);

fn spinning(time: Duration) -> Context {
    context_with(Context::builder().spin_time(time))
}

#[test]
fn new_sockets_have_the_spin_time_of_their_context() {
    let time = Duration::from_micros(50);
    let context = spinning(time);
    assert_eq!(context.spin_time().unwrap(), time);
    let socket = context.socket(Pull).unwrap();
    assert_eq!(socket.spin_time().unwrap(), time);
    socket.set_spin_time(Duration::ZERO).unwrap();
    assert_eq!(socket.spin_time().unwrap(), Duration::ZERO);
    assert_eq!(context.socket(Push).unwrap().spin_time().unwrap(), time);

    let context = Context::new().unwrap();
    assert_eq!(context.spin_time().unwrap(), Duration::ZERO);
    assert_eq!(context.socket(Pull).unwrap().spin_time().unwrap(), Duration::ZERO);
}

#[test]
fn a_spin_time_is_rounded_up_or_refused() {
    let longest = Duration::from_micros(i32::MAX.unsigned_abs().into());
    for (time, rounded) in [
        (Duration::from_nanos(1), Duration::from_micros(1)),
        (longest, longest),
        (Duration::ZERO, Duration::ZERO),
    ] {
        let context = Context::builder().spin_time(time).build().unwrap();
        assert_eq!(context.spin_time().unwrap(), rounded);
    }
    for time in [longest + Duration::from_nanos(1), Duration::MAX] {
        let error = Context::builder().spin_time(time).build().unwrap_err();
        let shown = format!("spin_time {time:?}");
        assert_error(
            error,
            ErrorKind::InvalidInput,
            libc::EINVAL,
            &[&shown, "at most 2147483647 microseconds"],
        );
    }
}

fn echo(replier: &Socket<Rep>, count: usize) {
    for _ in 0..count {
        let message = replier.recv().unwrap();
        replier.send(message).unwrap();
    }
}

fn ask(requester: &Socket<Req>, count: usize) {
    for number in 0..count {
        let request = number.to_string();
        requester.send(request.as_str()).unwrap();
        assert_eq!(requester.recv().unwrap(), request);
    }
}

/// With the shortest times, a spin often ends at the moment when a message arrives.
#[test]
fn messages_arrive_whatever_the_spin_time_is() {
    for microseconds in [1, 3, 10, 50, 1000] {
        let context = spinning(Duration::from_micros(microseconds));
        for endpoint in [TCP, "inproc://spinning"] {
            let (replier, endpoint) = bound(&context, Rep, endpoint);
            let requester = connected(&context, Req, endpoint);
            let replying = thread::spawn(move || echo(&replier, 200));
            ask(&requester, 200);
            replying.join().unwrap();
        }
    }
}

/// A thread that spins must let the thread run that has its message.
#[test]
fn more_threads_may_spin_than_there_are_processors() {
    let processors = thread::available_parallelism().unwrap().get();
    let context = context_with(Context::builder().io_threads(2).spin_time(VERY_LONG));
    let threads: Vec<_> = (0..2 * processors)
        .flat_map(|number| {
            let endpoint = if number % 2 == 0 { TCP.to_owned() } else { format!("inproc://{number}") };
            let (replier, endpoint) = bound(&context, Rep, &endpoint);
            let requester = connected(&context, Req, endpoint);
            [thread::spawn(move || echo(&replier, 50)), thread::spawn(move || ask(&requester, 50))]
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

/// Several senders signal at the moment when the receiver begins or stops to spin.
#[test]
fn no_message_is_overlooked() {
    const SENDERS: usize = 3;
    const MESSAGES: usize = 20_000;
    let context = context();
    let receiver = socket(&context, Pull);
    receiver.set_recv_hwm(0).unwrap();
    receiver.bind("inproc://senders").unwrap();
    let senders = [(); SENDERS].map(|()| {
        let sender = socket(&context, Push);
        sender.set_send_hwm(0).unwrap();
        sender.connect("inproc://senders").unwrap();
        thread::spawn(move || {
            for number in 0..MESSAGES {
                sender.send("").unwrap();
                for _ in 0..number % 1024 {
                    core::hint::spin_loop();
                }
            }
        })
    });
    for number in 0..SENDERS * MESSAGES {
        // Sometimes the receiver does not spin, so that the two ways to wait take turns.
        let time = u64::try_from(number % 7).unwrap();
        receiver.set_spin_time(Duration::from_micros(time)).unwrap();
        receiver.recv().unwrap();
    }
    for sender in senders {
        sender.join().unwrap();
    }
}

/// After calls that have spun, the descriptor of the socket works as before.
#[test]
fn a_poll_without_spinning_finds_a_message_after_calls_that_spin() {
    let context = context();
    let (left, right) = (socket(&context, Pair), socket(&context, Pair));
    left.bind("inproc://spinning-and-polling").unwrap();
    right.connect("inproc://spinning-and-polling").unwrap();
    for _ in 0..100 {
        for time in [VERY_LONG, Duration::ZERO] {
            left.set_spin_time(time).unwrap();
            right.send("received").unwrap();
            assert_eq!(left.recv().unwrap(), "received");
            right.send("polled").unwrap();
            assert_eq!(left.poll(POLLIN, LIMIT).unwrap(), POLLIN);
            assert_eq!(left.recv().unwrap(), "polled");
        }
    }
}

/// The calls that wait for a message, or for room, and their results.
#[test]
fn a_timeout_that_is_shorter_than_the_spin_time_ends_the_call() {
    must_end(|| {
        let context = spinning(VERY_LONG);
        let pull = context.socket(Pull).unwrap();
        let push = context.socket(Push).unwrap();
        for timeout in [Duration::ZERO, Duration::from_millis(1), MOMENT] {
            pull.set_recv_timeout(timeout).unwrap();
            push.set_send_timeout(timeout).unwrap();
            let calls: [&dyn Fn(); 7] = [
                &|| assert_eq!(pull.recv().unwrap_err().kind(), ErrorKind::WouldBlock),
                &|| assert_eq!(pull.recv_within(timeout).unwrap_err().kind(), ErrorKind::WouldBlock),
                &|| assert_eq!(push.send("").unwrap_err().kind(), ErrorKind::WouldBlock),
                &|| assert_eq!(push.send_within("", timeout).unwrap_err().kind(), ErrorKind::WouldBlock),
                &|| assert!(push.poll(POLLOUT, timeout).unwrap().is_empty()),
                &|| {
                    let mut items = [PollItem::new(&pull, POLLIN), PollItem::new(&push, POLLOUT)];
                    assert_eq!(zmq::poll(&mut items, timeout).unwrap(), 0);
                },
                &|| {
                    let poller = Poller::new();
                    poller.add(&pull, (), POLLIN).unwrap();
                    assert!(poller.wait(timeout).unwrap().is_empty());
                },
            ];
            for (number, call) in calls.into_iter().enumerate() {
                let start = Instant::now();
                call();
                // libzmq counts whole milliseconds.
                assert!(start.elapsed() + Duration::from_millis(1) >= timeout, "call {number}: {timeout:?}");
            }
        }
    });
}

#[test]
fn a_timeout_that_is_longer_than_the_spin_time_is_kept() {
    let context = spinning(MOMENT / 2);
    let pull = context.socket(Pull).unwrap();
    pull.set_recv_timeout(MOMENT).unwrap();
    let start = Instant::now();
    assert_eq!(pull.recv().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert!(start.elapsed() + Duration::from_millis(1) >= MOMENT, "{:?}", start.elapsed());
    let start = Instant::now();
    assert!(pull.poll(POLLIN, MOMENT).unwrap().is_empty());
    assert!(start.elapsed() + Duration::from_millis(1) >= MOMENT, "{:?}", start.elapsed());
}

#[test]
fn a_shutdown_ends_calls_that_spin() {
    must_end(|| {
        let context = spinning(VERY_LONG);
        let ends = |call: fn(&Socket<Dealer>) -> zmq::Error| {
            let socket = context.socket(Dealer).unwrap();
            thread::spawn(move || call(&socket).kind())
        };
        let threads = [
            ends(|socket| socket.recv().unwrap_err()),
            ends(|socket| socket.send("").unwrap_err().into()),
            ends(|socket| socket.poll(POLLIN, None).unwrap_err()),
            ends(|socket| zmq::proxy(socket, socket).unwrap_err()),
        ];
        context.shutdown().unwrap();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), ErrorKind::Terminated);
        }
    });
}

/// How long this thread has used a processor.
#[cfg(target_os = "linux")]
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a valid place to write to.
    assert_eq!(unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) }, 0);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn a_wait_uses_a_processor_for_the_spin_time_only() {
    let spin_time = Duration::from_millis(20);
    let context = context();
    let pull = context.socket(Pull).unwrap();
    let used = |wait: &dyn Fn()| {
        let before = processor_time();
        wait();
        processor_time() - before
    };
    let waits: [&dyn Fn(); 2] =
        [&|| assert_eq!(pull.recv_within(5 * spin_time).unwrap_err().kind(), ErrorKind::WouldBlock), &|| {
            assert!(pull.poll(POLLIN, 5 * spin_time).unwrap().is_empty())
        }];
    for wait in waits {
        pull.set_spin_time(spin_time).unwrap();
        let spinning = used(wait);
        assert!(spinning < 2 * spin_time, "{spinning:?}");
        pull.set_spin_time(Duration::ZERO).unwrap();
        let sleeping = used(wait);
        assert!(sleeping < spin_time / 4, "{sleeping:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn threads_sleep_after_the_spin_time() {
    let spin_time = Duration::from_millis(1);
    let context = context_with(Context::builder().spin_time(spin_time).thread_name_prefix(7_001));
    let (pull, endpoint) = bound(&context, Pull, TCP);
    let push = connected(&context, Push, endpoint);
    let (id, receives) = mpsc::channel();
    let receiver = thread::spawn(move || {
        for _ in 0..2 {
            pull.recv().unwrap();
            // SAFETY: no arguments.
            id.send(unsafe { libc::gettid() }).unwrap();
        }
    });
    push.send("first").unwrap();
    wait_until_asleep(receives.recv().unwrap());
    push.send("second").unwrap();
    receives.recv().unwrap();
    receiver.join().unwrap();
    // The I/O thread and the reaper, which never spins. A thread that has just started has no name yet.
    wait_until(|| threads_named("7001/ZMQbg").len() == 2);
    threads_named("7001/ZMQbg").into_iter().for_each(wait_until_asleep);
}
