//! Contexts: their options, their limits, and how they end.

use crate::common;

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

#[cfg(target_os = "linux")]
use common::threads_named;
use common::{assert_error, bounce, context, context_with, must_end, socket, wait_until};
use zmq::{Any, Context, Dealer, ErrorKind, Pair, Pub, Pull, Push, Rep, Req, SocketKind, Sub};

/// Checks that a context still works: its threads start, and pass messages on.
#[track_caller]
fn assert_works(context: &Context) {
    let (server, client) = (socket(context, Rep), socket(context, Req));
    client.connect(server.bind("tcp://127.0.0.1:*").unwrap()).unwrap();
    bounce(&client, &server);
}

/// Conformance: CTX-1.
#[test]
fn a_context_without_queued_messages_ends_at_once() {
    must_end(|| {
        let context = Context::new().unwrap();
        drop(context.socket(Pull).unwrap());
        drop(context);
    });
}

/// Conformance: CTX-2.
#[test]
fn shutdown_ends_a_blocked_recv() {
    must_end(|| {
        let context = Context::new().unwrap();
        let receiver = context.socket(Pull).unwrap();
        let (started, start) = mpsc::channel();
        let thread = thread::spawn(move || {
            #[cfg(target_os = "linux")]
            started.send(common::thread_id()).unwrap();
            #[cfg(not(target_os = "linux"))]
            started.send(0).unwrap();
            receiver.recv().unwrap_err()
        });
        let _thread: i32 = start.recv().unwrap();
        #[cfg(target_os = "linux")]
        common::wait_until_asleep(_thread);
        context.shutdown().unwrap();
        assert_error(thread.join().unwrap(), ErrorKind::Terminated, zmq::zmq_sys::ETERM, &["recv"]);
    });
}

/// Conformance: CTX-3.
#[test]
fn after_a_shutdown_no_socket_can_be_created() {
    for had_socket in [false, true] {
        let context = Context::new().unwrap();
        if had_socket {
            drop(context.socket(Pull).unwrap());
        }
        context.shutdown().unwrap();
        let error = context.socket(Pull).unwrap_err();
        assert_error(error, ErrorKind::Terminated, zmq::zmq_sys::ETERM, &["socket", "PULL"]);
        context.shutdown().expect("a second shutdown succeeds");
    }
}

/// Conformance: CTX-6.
#[test]
fn the_defaults_are_the_same_as_in_libzmq() {
    let context = Context::new().unwrap();
    assert_eq!(context.io_threads().unwrap(), 1);
    assert_eq!(context.max_sockets().unwrap(), 1023);
    assert!(context.socket_limit().unwrap() >= 1023);
    assert!(!context.ipv6().unwrap());
    assert!(context.blocky().unwrap());
    assert!(context.zero_copy_recv().unwrap());
    assert_eq!(context.thread_scheduling_policy().unwrap(), None);
    assert_eq!(context.thread_name_prefix().unwrap(), None);
    assert!(!context.interruptible());
}

/// Conformance: CTX-9.
#[test]
fn options_can_be_read_after_they_are_set() {
    for threads in [0, 2, 1024, 1] {
        let context = Context::builder().io_threads(threads).build().unwrap();
        assert_eq!(context.io_threads().unwrap(), threads);
    }
    let context = Context::new().unwrap();
    for sockets in [1, 5, context.socket_limit().unwrap()] {
        let context = Context::builder().max_sockets(sockets).build().unwrap();
        assert_eq!(context.max_sockets().unwrap(), sockets);
    }
    for on in [true, false] {
        context.set_ipv6(on).unwrap();
        assert_eq!(context.ipv6().unwrap(), on);
        context.set_blocky(on).unwrap();
        assert_eq!(context.blocky().unwrap(), on);
        context.set_zero_copy_recv(on).unwrap();
        assert_eq!(context.zero_copy_recv().unwrap(), on);
        context.set_interruptible(on);
        assert_eq!(context.interruptible(), on);
    }
    for prefix in [1, 1234, i32::MAX.unsigned_abs()] {
        let context = Context::builder().thread_name_prefix(prefix).build().unwrap();
        // All handles belong to one context.
        for handle in [context.clone(), context] {
            assert_eq!(handle.thread_name_prefix().unwrap(), Some(prefix));
        }
    }
    // The last value counts.
    let context =
        Context::builder().io_threads(1025).max_sockets(0).io_threads(2).max_sockets(7).build().unwrap();
    assert_eq!((context.io_threads().unwrap(), context.max_sockets().unwrap()), (2, 7));
}

/// Conformance: G-11.
#[test]
fn options_out_of_range_are_refused() {
    let limit = Context::new().unwrap().socket_limit().unwrap();
    let builder = Context::builder;
    let refused = [
        (builder().io_threads(1025), "io_threads 1025"),
        (builder().io_threads(u32::MAX), "io_threads 4294967295"),
        (builder().max_sockets(0), "max_sockets 0"),
        (builder().max_sockets(limit + 1), "max_sockets"),
        (builder().max_sockets(u32::MAX), "max_sockets 4294967295"),
        (builder().thread_name_prefix(0), "thread_name_prefix 0"),
        (builder().thread_name_prefix(u32::MAX), "thread_name_prefix 4294967295"),
        (builder().thread_scheduling_policy(-1), "thread_scheduling_policy -1"),
        (builder().thread_priority(u32::MAX), "thread_priority 4294967295"),
        // Windows knows no policies, and ignores them.
        #[cfg(unix)]
        (builder().thread_scheduling_policy(i32::MAX), "thread_scheduling_policy 2147483647"),
    ];
    for (builder, names) in refused {
        let error = builder.build().expect_err(names);
        assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &["set context option", names]);
    }
}

#[test]
fn a_builder_without_options_is_the_same_as_new() {
    let context = Context::builder().thread_affinity([]).build().unwrap();
    assert_eq!(context.io_threads().unwrap(), 1);
    assert_eq!(context.max_sockets().unwrap(), 1023);
    assert_eq!(context.thread_scheduling_policy().unwrap(), None);
    assert_eq!(context.thread_name_prefix().unwrap(), None);
    assert_works(&context);
}

/// Conformance: CTX-7, CTX-8.
#[test]
fn sockets_inherit_options_of_their_context() {
    let context = Context::new().unwrap();
    let before = context.socket(Dealer).unwrap();
    assert_eq!(before.linger().unwrap(), None);
    assert!(!before.ipv6().unwrap());

    context.set_ipv6(true).unwrap();
    context.set_blocky(false).unwrap();
    let after = context.socket(Dealer).unwrap();
    assert_eq!(after.linger().unwrap(), Some(Duration::ZERO));
    assert!(after.ipv6().unwrap());

    assert_eq!(before.linger().unwrap(), None);
    assert!(!before.ipv6().unwrap());
}

/// Conformance: CTX-11.
#[test]
fn messages_arrive_with_and_without_zero_copy() {
    let context = context();
    for zero_copy in [true, false] {
        context.set_zero_copy_recv(zero_copy).unwrap();
        let (receiver, sender) = (socket(&context, Pull), socket(&context, Push));
        sender.connect(receiver.bind("tcp://127.0.0.1:*").unwrap()).unwrap();
        for len in [4, 50, 5000, 100_000] {
            sender.send(vec![b'x'; len]).unwrap();
            assert_eq!(receiver.recv().unwrap()[..], vec![b'x'; len]);
        }
    }
}

/// Conformance: G-11.
#[test]
fn without_io_threads_only_inproc_works() {
    let context = context_with(Context::builder().io_threads(0));
    let (server, client) = (socket(&context, Rep), socket(&context, Req));
    let error = server.bind("tcp://127.0.0.1:*").unwrap_err();
    assert_error(error, ErrorKind::NoIoThread, zmq::zmq_sys::EMTHREAD, &["bind", "tcp://127.0.0.1:*"]);
    server.bind("inproc://no threads").unwrap();
    client.connect("inproc://no threads").unwrap();
    bounce(&client, &server);
}

/// Conformance: CTX-12, G-11.
#[test]
fn the_limit_of_sockets_counts_only_open_sockets() {
    for limit in 1..=10 {
        let context = Context::builder().max_sockets(limit).build().unwrap();
        let sockets: Vec<_> = (0..limit).map(|_| context.socket(Pair).unwrap()).collect();
        for _ in 0..10 {
            let error = context.socket(Pair).unwrap_err();
            assert_error(
                error,
                ErrorKind::TooManySockets,
                libc::EMFILE,
                &["socket", "PAIR", &limit.to_string()],
            );
        }
        drop(sockets);
        // They are gone once libzmq's own thread has destroyed them.
        wait_until(|| context.socket(Pair).is_ok());
    }
}

/// Conformance: CTX-13.
#[test]
fn many_threads_can_create_and_drop_sockets() {
    for _ in 0..3 {
        must_end(|| {
            let context = Context::builder().io_threads(7).build().unwrap();
            let publisher = context.socket(Pub).unwrap();
            let endpoint = publisher.bind("tcp://127.0.0.1:*").unwrap();
            thread::scope(|threads| {
                for _ in 0..30 {
                    threads.spawn(|| context.socket(Sub).unwrap().connect(&endpoint).unwrap());
                }
            });
        });
    }
}

#[test]
fn the_ordinary_scheduling_policy_is_accepted() {
    let context = context_with(Context::builder().thread_scheduling_policy(0));
    assert_eq!(context.thread_scheduling_policy().unwrap(), Some(0));
    assert_works(&context);
}

/// Whether a priority is allowed depends on the user who runs the test. The process must survive in any case.
#[cfg(unix)]
#[test]
fn a_priority_is_accepted_or_refused_but_never_ends_the_process() {
    for policy in [None, Some(libc::SCHED_OTHER), Some(libc::SCHED_FIFO), Some(libc::SCHED_RR)] {
        for priority in [0, 1, 50, 99, 100, 1_000_000] {
            let mut builder = Context::builder().thread_priority(priority);
            if let Some(policy) = policy {
                builder = builder.thread_scheduling_policy(policy);
            }
            match builder.build() {
                Ok(context) => drop(context.socket(Pair).unwrap()),
                Err(error) => assert!(
                    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::InvalidInput),
                    "{error}"
                ),
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_real_time_policy_needs_a_priority() {
    let builder = Context::builder().thread_scheduling_policy(libc::SCHED_FIFO);
    match builder.clone().thread_priority(1).build() {
        Ok(context) => {
            drop(context.socket(Pair).unwrap());
            let error = builder.build().unwrap_err();
            let names = ["thread_scheduling_policy 1", "it also needs a thread_priority"];
            assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &names);
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}"),
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_impossible_cpu_is_refused() {
    for cpu in [1023, 1024, 100_000, i32::MAX.unsigned_abs(), u32::MAX] {
        let error = Context::builder().thread_affinity([cpu]).build().unwrap_err();
        let named = format!("thread_affinity {cpu}");
        assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &["set context option", &named]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn threads_run_on_the_cpu_they_are_given() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap().trim();
    let first: u32 = list.split(['-', ',']).next().unwrap().parse().unwrap();

    let error = Context::builder().thread_affinity([first, 1023]).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "an impossible CPU was accepted beside a possible one");
    let context = context_with(Context::builder().thread_affinity([first]).thread_name_prefix(31));
    assert_works(&context);
    let pinned = || {
        threads("31/ZMQbg/").iter().all(|status| status.contains(&format!("Cpus_allowed_list:\t{first}\n")))
    };
    wait_until(|| threads("31/ZMQbg/").len() == 2 && pinned());
}

#[cfg(target_os = "linux")]
#[test]
fn the_names_of_the_threads_begin_with_the_prefix() {
    let context = context_with(Context::builder().thread_name_prefix(42).io_threads(2));
    let _socket = context.socket(Pair).unwrap();
    // The reaper and two I/O threads.
    wait_until(|| threads("42/ZMQbg/").len() == 3);
}

/// Returns what the kernel reports about the threads whose names begin with `prefix`.
#[cfg(target_os = "linux")]
fn threads(prefix: &str) -> Vec<String> {
    // A thread may end between the two steps.
    let status = |thread| std::fs::read_to_string(format!("/proc/self/task/{thread}/status")).ok();
    threads_named(prefix).into_iter().filter_map(status).collect()
}

/// Sockets that fill their context, each connected to an inproc name that no socket ever binds.
fn connected_to_nobody(context: &Context, count: u32) -> Vec<zmq::Socket<Any>> {
    let kinds = [SocketKind::Push, SocketKind::Dealer, SocketKind::Req, SocketKind::Pair];
    let sockets: Vec<_> = (0..count)
        .zip(kinds)
        .map(|(index, kind)| {
            let socket = context.socket(Any(kind)).unwrap();
            socket.connect(format!("inproc://never bound {index}")).unwrap();
            socket.try_send("to nobody").unwrap();
            socket
        })
        .collect();
    assert_eq!(context.socket(Pair).unwrap_err().kind(), ErrorKind::TooManySockets);
    sockets
}

/// libzmq itself would end the process here.
#[test]
fn pending_inproc_connections_do_not_count_against_the_limit() {
    for count in 1..=4 {
        for shutdown in [false, true] {
            for order in 0..4 {
                must_end(move || {
                    let context = Context::builder().max_sockets(count).build().unwrap();
                    let mut sockets = connected_to_nobody(&context, count);
                    if shutdown {
                        context.shutdown().unwrap();
                    }
                    match order {
                        0 => drop((context, sockets)),
                        1 => drop((sockets, context)),
                        2 => {
                            sockets.reverse();
                            for socket in sockets {
                                drop(socket);
                            }
                        }
                        _ => thread::scope(|threads| {
                            drop(context);
                            for socket in sockets {
                                threads.spawn(move || drop(socket));
                            }
                        }),
                    }
                });
            }
        }
    }
}

#[test]
fn one_socket_may_wait_for_many_inproc_names() {
    for shutdown in [false, true] {
        must_end(move || {
            let context = Context::builder().max_sockets(1).build().unwrap();
            let dealer = context.socket(Dealer).unwrap();
            for name in 0..200 {
                dealer.connect(format!("inproc://{name}")).unwrap();
                dealer.connect(format!("inproc://{name}")).unwrap();
                dealer.try_send("to nobody").unwrap();
            }
            if shutdown {
                context.shutdown().unwrap();
            }
        });
    }
}

#[test]
fn a_late_bind_receives_the_waiting_messages() {
    must_end(|| {
        let context = Context::builder().max_sockets(2).build().unwrap();
        let (first, sender) = (socket(&context, Pull), socket(&context, Push));
        for name in ["inproc://early", "inproc://late"] {
            sender.connect(name).unwrap();
        }
        sender.send("one").unwrap();
        sender.send("two").unwrap();
        first.bind("inproc://late").unwrap();
        first.bind("inproc://early").unwrap();
        let mut received = [first.recv_string().unwrap(), first.recv_string().unwrap()];
        received.sort_unstable();
        assert_eq!(received, ["one", "two"]);
        first.unbind("inproc://late").unwrap();
        sender.connect("inproc://late").unwrap();
        context.shutdown().unwrap();
    });
}

#[cfg(zmq_draft)]
#[test]
fn the_prefix_of_thread_names_may_be_text() {
    assert_eq!(context().thread_name_prefix_text().unwrap(), None);
    // A number has four bytes, too.
    for prefix in ["a", "abcd", "abcde", "123456789012345"] {
        let context = Context::builder().thread_name_prefix_text(prefix).build().unwrap();
        assert_eq!(context.thread_name_prefix_text().unwrap().as_deref(), Some(prefix));
    }
    for prefix in ["", "1234567890123456", "a\0b"] {
        let error = Context::builder().thread_name_prefix_text(prefix).build().unwrap_err();
        assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &["thread_name_prefix_text"]);
    }
    let both = Context::builder().thread_name_prefix_text("text").thread_name_prefix(31).build().unwrap();
    assert_eq!(both.thread_name_prefix_text().unwrap().as_deref(), Some("31"));
    let context = context_with(Context::builder().thread_name_prefix(31).thread_name_prefix_text("abcd"));
    let _socket = context.socket(Pair).unwrap();
    #[cfg(target_os = "linux")]
    wait_until(|| threads("abcd/ZMQbg/").len() == 2);
}
