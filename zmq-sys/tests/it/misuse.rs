//! Wrong calls for which the bundled build returns an error. In a test name, `a9` means the defect A9 in the README of `zmq-src`.
//! Calls that could end the process run in a process of their own.

use std::ffi::c_int;
use std::io::{Read, Write};
use std::ptr;

use crate::raw::*;
use zmq_sys::*;

#[test]
fn a9_rep_does_not_support_zmq_router_mandatory() {
    let _alone = alone();
    let context = Context::new();
    let rep = context.socket(ZMQ_REP);
    assert_eq!(rep.try_set(ZMQ_ROUTER_MANDATORY, &1_i32.to_ne_bytes()), Err(libc::EINVAL));
    rep.set(ZMQ_ROUTER_MANDATORY, 0);
    context.socket(ZMQ_ROUTER).set(ZMQ_ROUTER_MANDATORY, 1);
}

#[test]
fn a11_stream_accepts_each_part_over_inproc_as_a_chunk() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let (stream, dealer) = (context.socket(ZMQ_STREAM), context.socket(ZMQ_DEALER));
    stream.set(ZMQ_STREAM_NOTIFY, 0);
    stream.bind("inproc://stream");
    dealer.connect("inproc://stream");
    dealer.send_part(b"one", ZMQ_SNDMORE);
    dealer.send(b"two");
    for part in [b"one", b"two"] {
        assert_eq!(stream.recv().len(), 5);
        assert_eq!(stream.recv(), part);
    }
}

#[cfg(not(feature = "draft"))]
#[test]
fn a13_without_drafts_there_are_no_draft_socket_types() {
    let _alone = alone();
    let context = Context::new();
    for kind in 12..=20 {
        assert_eq!(context.try_socket(kind).err(), Some(libc::EINVAL), "{kind}");
    }
}

#[test]
fn a14_a_socket_that_is_not_a_zap_handler_accepts_nobody() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    for kind in [ZMQ_PAIR, ZMQ_PULL, ZMQ_SUB, ZMQ_XPUB, ZMQ_DEALER, ZMQ_PUSH, ZMQ_STREAM] {
        let context = Context::new();
        let handler = context.socket(kind);
        handler.bind("inproc://zeromq.zap.01");
        let (server, client) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
        for socket in [&server, &client] {
            socket.set(ZMQ_HANDSHAKE_IVL, 50);
            socket.set(ZMQ_RECONNECT_IVL, -1);
        }
        assert_eq!(server.try_set(ZMQ_ZAP_DOMAIN, b"domain"), Ok(()));
        let events = context.monitor(&server, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED);
        client.connect(&server.bind("tcp://127.0.0.1:*"));
        let event = events.recv();
        assert_eq!(
            c_int::from(u16::from_ne_bytes([event[0], event[1]])),
            ZMQ_EVENT_DISCONNECTED,
            "kind {kind}"
        );
    }
}

#[cfg(feature = "draft")]
#[test]
fn a15_a_datagram_socket_that_is_not_bound_cannot_send() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let dgram = context.socket(ZMQ_DGRAM);
    let sent = unsafe { zmq_send(dgram.0, c"address".as_ptr().cast(), 7, ZMQ_SNDMORE) };
    assert_eq!(cvt(sent), Err(libc::EHOSTUNREACH));
}

#[cfg(feature = "draft")]
#[test]
fn a18_the_group_of_a_message_can_be_replaced() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let mut message = std::mem::MaybeUninit::<zmq_msg_t>::uninit();
    let longest = "x".repeat(255);
    for groups in
        [["a long group, longer than 14", "short"], ["short", "a long group again, which is another"]]
    {
        assert_eq!(unsafe { zmq_msg_init(message.as_mut_ptr()) }, 0);
        for group in groups.into_iter().chain([longest.as_str(), "", "the last of all the groups"]) {
            let group = std::ffi::CString::new(group).unwrap();
            assert_eq!(unsafe { zmq_msg_set_group(message.as_mut_ptr(), group.as_ptr()) }, 0);
            assert_eq!(unsafe { libc::strcmp(zmq_msg_group(message.as_mut_ptr()), group.as_ptr()) }, 0);
        }
        let too_long = std::ffi::CString::new("x".repeat(256)).unwrap();
        let set = unsafe { zmq_msg_set_group(message.as_mut_ptr(), too_long.as_ptr()) };
        assert_eq!(cvt(set), Err(libc::EINVAL));
        assert_eq!(unsafe { zmq_msg_close(message.as_mut_ptr()) }, 0);
    }
}

#[cfg(feature = "curve")]
#[test]
fn a19_a_secret_key_has_forty_characters() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let mut public = [0; 41];
    for len in [0, 5, 35, 45, 5000] {
        let secret = std::ffi::CString::new("0".repeat(len)).unwrap();
        let derived = unsafe { zmq_curve_public(public.as_mut_ptr(), secret.as_ptr()) };
        assert_eq!(cvt(derived), Err(libc::EINVAL), "{len}");
    }
}

#[cfg(feature = "draft")]
mod timers {
    use std::ffi::{c_long, c_void};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};

    use super::*;

    struct Timers(*mut c_void);

    impl Timers {
        fn new() -> Self {
            Self(unsafe { zmq_timers_new() })
        }

        fn add(&self, interval: usize, handler: zmq_timer_fn) -> c_int {
            let id = unsafe { zmq_timers_add(self.0, interval, handler, self.0) };
            assert_ne!(id, -1);
            id
        }

        fn execute(&self) {
            assert_eq!(unsafe { zmq_timers_execute(self.0) }, 0);
        }

        fn timeout(&self) -> c_long {
            unsafe { zmq_timers_timeout(self.0) }
        }
    }

    impl Drop for Timers {
        fn drop(&mut self) {
            assert_eq!(unsafe { zmq_timers_destroy(&raw mut self.0) }, 0);
        }
    }

    static NESTED: AtomicBool = AtomicBool::new(false);

    unsafe extern "C" fn changes_all(id: c_int, timers: *mut c_void) {
        // A handler may execute the timers, but unlimited nesting would overflow the stack.
        if !NESTED.swap(true, Ordering::Relaxed) {
            assert_eq!(unsafe { zmq_timers_execute(timers) }, 0);
            NESTED.store(false, Ordering::Relaxed);
        }
        unsafe {
            assert_eq!(zmq_timers_reset(timers, id), 0);
            assert_eq!(zmq_timers_set_interval(timers, id, 3), 0);
            assert_eq!(zmq_timers_cancel(timers, id), 0);
            zmq_timers_timeout(timers);
        }
    }

    unsafe extern "C" fn nothing(_: c_int, _: *mut c_void) {}

    #[test]
    fn a20_handlers_may_change_the_timers() {
        let _alone = alone();
        if !in_child() {
            return;
        }
        let timers = Timers::new();
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(50) {
            timers.add(1, Some(changes_all));
            timers.execute();
        }
        eventually("all have run", || {
            timers.execute();
            timers.timeout() == -1
        });
    }

    #[test]
    fn a21_intervals_may_be_of_any_length() {
        let _alone = alone();
        if !in_child() {
            return;
        }
        let timers = Timers::new();
        timers.add(usize::MAX, Some(nothing));
        timers.execute();
        // The type `long` has 32 bits on some platforms.
        assert!(timers.timeout() >= c_long::from(i32::MAX));
        timers.add(0, Some(nothing));
        timers.execute();
        timers.execute();
        assert!((0..=1).contains(&timers.timeout()));
    }
}

#[test]
fn a24_numbers_of_threads_and_sockets_that_overflow_are_refused() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    for option in [ZMQ_IO_THREADS, ZMQ_MAX_SOCKETS] {
        let context = Context::new();
        context.set(option, c_int::MAX);
        assert!(context.try_socket(ZMQ_PAIR).is_err());
    }
}

#[test]
fn a25_to_a27_refused_scheduling_leaves_the_threads_as_they_are() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    // Gives up the rights of root.
    unsafe {
        let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        assert_eq!(libc::setrlimit(libc::RLIMIT_NICE, &raw const none), 0);
        assert_eq!(libc::setrlimit(libc::RLIMIT_RTPRIO, &raw const none), 0);
        if libc::geteuid() == 0 {
            assert_eq!(libc::setresuid(65_534, 65_534, 65_534), 0);
        }
    }
    for settings in [
        &[(ZMQ_THREAD_SCHED_POLICY, libc::SCHED_FIFO), (ZMQ_THREAD_PRIORITY, 10)][..],
        &[(ZMQ_THREAD_PRIORITY, 5)],
        &[(ZMQ_THREAD_AFFINITY_CPU_ADD, 1000)],
    ] {
        let context = Context::new();
        for &(option, value) in settings {
            context.set(option, value);
        }
        let (server, client) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
        client.connect(&server.bind("tcp://127.0.0.1:*"));
        client.send(b"arrived");
        assert_eq!(server.recv(), b"arrived");
    }
}

#[test]
fn a29_more_items_to_poll_than_descriptors_are_refused() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let socket = context.socket(ZMQ_PAIR);
    let events = i16::try_from(ZMQ_POLLIN).unwrap();
    let mut items: Vec<_> =
        (0..101).map(|_| zmq_pollitem_t { socket: socket.0, fd: 0, events, revents: 0 }).collect();
    unsafe {
        let limit = libc::rlimit { rlim_cur: 100, rlim_max: 100 };
        assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit), 0);
        assert_eq!(cvt(zmq_poll(items.as_mut_ptr(), 101, -1)), Err(libc::EINVAL));
        assert_eq!(zmq_poll(items.as_mut_ptr(), 100, 0), 0);
        #[cfg(feature = "draft")]
        {
            let mut poller = zmq_poller_new();
            for fd in 0..=100 {
                assert_eq!(zmq_poller_add_fd(poller, 1000 + fd, ptr::null_mut(), events), 0);
            }
            let mut ready: Vec<zmq_poller_event_t> = vec![std::mem::zeroed(); 101];
            assert_eq!(cvt(zmq_poller_wait_all(poller, ready.as_mut_ptr(), 101, 1)), Err(libc::EINVAL));
            assert_eq!(zmq_poller_destroy(&raw mut poller), 0);
        }
    }
}

#[test]
fn a30_a36_a42_pointers_that_are_null_are_refused() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let socket = context.socket(ZMQ_SUB);
    unsafe {
        assert_eq!(cvt(zmq_poll(ptr::null_mut(), 1, 0)), Err(libc::EFAULT));
        assert_eq!(cvt(zmq_poll(ptr::null_mut(), -1, 0)), Err(libc::EINVAL));
        assert_eq!(cvt(zmq_bind(socket.0, ptr::null())), Err(libc::EFAULT));
        assert_eq!(cvt(zmq_connect(socket.0, ptr::null())), Err(libc::EFAULT));
        assert_eq!(cvt(zmq_setsockopt(socket.0, ZMQ_SUBSCRIBE, ptr::null(), 5)), Err(libc::EFAULT));
        assert_eq!(cvt(zmq_setsockopt(socket.0, ZMQ_SNDHWM, ptr::null(), 4)), Err(libc::EFAULT));
        #[cfg(feature = "draft")]
        assert_eq!(cvt(zmq_ctx_set_ext(context.0, ZMQ_IO_THREADS, ptr::null(), 4)), Err(libc::EFAULT));
        assert_eq!(cvt(zmq_setsockopt(socket.0, ZMQ_SUBSCRIBE, ptr::null(), 0)), Ok(()));
        assert_eq!(cvt(zmq_setsockopt(socket.0, ZMQ_PLAIN_USERNAME, ptr::null(), 0)), Ok(()));
    }
}

/// UndefinedBehaviorSanitizer notices if libzmq reads the value through a pointer to an int.
#[test]
fn an_option_value_may_have_any_address() {
    let _alone = alone();
    let context = Context::new();
    let mut bytes = [0_u64; 2];
    let odd = unsafe { bytes.as_mut_ptr().cast::<u8>().add(1) };
    let options: &[(c_int, &[c_int])] = &[
        (
            ZMQ_XPUB,
            &[
                ZMQ_XPUB_VERBOSE,
                ZMQ_XPUB_VERBOSER,
                ZMQ_XPUB_NODROP,
                ZMQ_XPUB_MANUAL,
                ZMQ_RCVHWM,
                #[cfg(feature = "draft")]
                ZMQ_XPUB_MANUAL_LAST_VALUE,
                #[cfg(feature = "draft")]
                ZMQ_ONLY_FIRST_SUBSCRIBE,
            ],
        ),
        #[cfg(feature = "draft")]
        (ZMQ_XSUB, &[ZMQ_ONLY_FIRST_SUBSCRIBE, ZMQ_XSUB_VERBOSE_UNSUBSCRIBE]),
        #[cfg(feature = "draft")]
        (ZMQ_RADIO, &[ZMQ_XPUB_NODROP]),
        (ZMQ_ROUTER, &[ZMQ_ROUTER_MANDATORY, ZMQ_ROUTER_HANDOVER, ZMQ_PROBE_ROUTER]),
    ];
    for &(kind, options) in options {
        let socket = context.socket(kind);
        for &option in options {
            unsafe {
                odd.cast::<c_int>().write_unaligned(1);
                assert_eq!(cvt(zmq_setsockopt(socket.0, option, odd.cast(), 4)), Ok(()), "option {option}");
                assert_eq!(
                    cvt(zmq_setsockopt(socket.0, option, odd.cast(), 3)),
                    Err(libc::EINVAL),
                    "option {option}"
                );
            }
        }
    }
    let socket = context.socket(ZMQ_DEALER);
    for option in [ZMQ_TYPE, ZMQ_SNDHWM, ZMQ_FD, ZMQ_EVENTS, ZMQ_RCVMORE] {
        let mut len = size_of::<c_int>();
        assert_eq!(
            cvt(unsafe { zmq_getsockopt(socket.0, option, odd.cast(), &raw mut len) }),
            Ok(()),
            "option {option}"
        );
    }
    #[cfg(feature = "draft")]
    {
        let mut len = size_of::<c_int>();
        assert_eq!(
            cvt(unsafe { zmq_ctx_get_ext(context.0, ZMQ_MAX_SOCKETS, odd.cast(), &raw mut len) }),
            Ok(())
        );
        assert_eq!(unsafe { odd.cast::<c_int>().read_unaligned() }, 1023);
    }
}

#[cfg(feature = "draft")]
#[test]
fn a32_pollers_outlive_a_shutdown() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let socket = context.socket(ZMQ_PULL);
    unsafe {
        let mut poller = zmq_poller_new();
        let events = i16::try_from(ZMQ_POLLIN).unwrap();
        assert_eq!(zmq_poller_add(poller, socket.0, ptr::null_mut(), events), 0);
        assert_eq!(zmq_ctx_shutdown(context.0), 0);
        assert_eq!(socket.try_recv(0), Err(ETERM));
        let mut event = std::mem::zeroed();
        for _ in 0..2 {
            assert_eq!(cvt(zmq_poller_wait(poller, &raw mut event, 0)), Err(ETERM));
        }
        assert_eq!(zmq_poller_destroy(&raw mut poller), 0);
    }
}

#[cfg(feature = "draft")]
#[test]
fn a35_a_steered_proxy_may_have_one_socket_on_both_sides() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let (both, control) = (context.socket(ZMQ_DEALER), context.socket(ZMQ_PAIR));
    let steering = context.socket(ZMQ_PAIR);
    both.bind("inproc://both");
    control.bind("inproc://control");
    steering.connect("inproc://control");
    steering.send(b"TERMINATE");
    let ended = unsafe { zmq_proxy_steerable(both.0, both.0, ptr::null_mut(), control.0) };
    assert_eq!(cvt(ended), Ok(()));
}

#[test]
fn a_forked_child_has_random_numbers_of_its_own() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let invented = || {
        let context = Context::new();
        let router = context.socket(ZMQ_ROUTER);
        let dealer = context.socket(ZMQ_DEALER);
        dealer.connect(&router.bind("tcp://127.0.0.1:*"));
        dealer.send(b"hello");
        router.recv()
    };
    // The parent uses its generator first, so that the child inherits a started generator.
    invented();
    let (mut reader, mut writer) = std::os::unix::net::UnixStream::pair().unwrap();
    let child = unsafe { libc::fork() };
    assert_ne!(child, -1);
    if child == 0 {
        unsafe { libc::alarm(20) };
        let sent = writer.write_all(&invented());
        unsafe { libc::_exit(c_int::from(sent.is_err())) };
    }
    drop(writer);
    let mut of_child = Vec::new();
    reader.read_to_end(&mut of_child).unwrap();
    let mut status = 0;
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!((status, of_child.len()), (0, 5));
    assert_ne!(of_child, invented());
}

/// The library always has this option, but only the draft header declares it.
const ZAP_ENFORCE_DOMAIN: c_int = 93;

#[test]
fn a72_plain_without_its_enforced_domain_accepts_nobody() {
    let _alone = alone();
    if !in_child() {
        return;
    }
    let context = Context::new();
    let handler = context.socket(ZMQ_REP);
    handler.bind("inproc://zeromq.zap.01");
    let (server, client) = (context.socket(ZMQ_PULL), context.socket(ZMQ_PUSH));
    server.set(ZMQ_PLAIN_SERVER, 1);
    server.set(ZAP_ENFORCE_DOMAIN, 1);
    client.set(ZMQ_RECONNECT_IVL, -1);
    for option in [ZMQ_PLAIN_USERNAME, ZMQ_PLAIN_PASSWORD] {
        assert_eq!(client.try_set(option, b"somebody"), Ok(()));
    }
    let events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
    let events = context.monitor(&server, events);
    client.connect(&server.bind("tcp://127.0.0.1:*"));
    let event = events.recv();
    let event = c_int::from(u16::from_ne_bytes([event[0], event[1]]));
    assert_eq!(event, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
    assert_eq!(handler.try_recv(ZMQ_DONTWAIT), Err(libc::EAGAIN));
}
