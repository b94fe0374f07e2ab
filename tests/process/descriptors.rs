//! Calls of a process without free descriptors fail with an error. No failure leaks a descriptor.
//!
//! The limit applies to the whole process, so the tests run one at a time.

use crate::common;

use std::fs::File;
use std::sync::MutexGuard;

use common::{Directory, assert_error, bounce, context, socket};
#[cfg(any(target_os = "linux", target_os = "android"))]
use common::{NO_INTERFACE, must_end, wait_until};
use zmq::{Context, ErrorKind, POLLIN, Pair, PollItem, Rep, Req};
#[cfg(any(target_os = "linux", target_os = "android"))]
use zmq::{Message, Push};

/// Keeps other tests out, and restores the limit.
struct Alone {
    _guard: MutexGuard<'static, ()>,
    limit: libc::rlimit,
}

impl Alone {
    fn new() -> Alone {
        let guard = crate::one_at_a_time();
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: a valid place to write to.
        assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) }, 0);
        Alone { _guard: guard, limit }
    }

    /// Lets the process open only `count` more descriptors.
    fn leave(&self, count: usize) {
        use std::os::fd::AsRawFd;
        loop {
            // The lowest free numbers, so that only these are below the new limit.
            let free: Vec<_> = (0..=count).map(|_| File::open("/dev/null").unwrap()).collect();
            let limit = free.last().unwrap().as_raw_fd().try_into().unwrap();
            drop(free);
            self.set(libc::rlimit { rlim_cur: limit, ..self.limit });
            let mut opened = Vec::new();
            while let Ok(file) = File::open("/dev/null") {
                opened.push(file);
            }
            if opened.len() == count {
                return;
            }
            // A thread that was just starting had a descriptor open for a moment.
            self.restore();
        }
    }

    fn restore(&self) {
        self.set(self.limit);
    }

    fn set(&self, limit: libc::rlimit) {
        // SAFETY: a valid limit, only read.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        self.restore();
    }
}

#[track_caller]
fn assert_works(context: &Context) {
    let (server, client) = (socket(context, Rep), socket(context, Req));
    client.connect(server.bind("tcp://127.0.0.1:*").unwrap()).unwrap();
    bounce(&client, &server);
}

#[test]
fn a_context_reports_a_lack_of_descriptors() {
    let alone = Alone::new();
    alone.leave(0);
    let result = Context::new();
    alone.restore();
    assert_error(result.unwrap_err(), ErrorKind::TooManyOpenFiles, libc::EMFILE, &["new context"]);
    assert_works(&context());
}

/// libzmq itself ends the process if its threads find no descriptor.
#[test]
fn the_first_socket_reports_a_lack_of_descriptors() {
    let alone = Alone::new();
    let mut refused = 0;
    for left in 0..16 {
        let context = context();
        alone.leave(left);
        let result = context.socket(Pair);
        alone.restore();
        if let Err(error) = result {
            assert_error(error, ErrorKind::TooManyOpenFiles, libc::EMFILE, &["socket", "PAIR"]);
            refused += 1;
        }
        assert_works(&context);
    }
    // The I/O thread and the reaper take two descriptors each, and the socket takes one. Where libzmq does not count
    // them, the crate asks for more.
    assert!((5..16).contains(&refused), "{refused}");
}

#[test]
fn later_sockets_report_a_lack_of_descriptors() {
    let alone = Alone::new();
    let context = context();
    let mut sockets = vec![socket(&context, Pair)];
    alone.leave(20);
    let error = loop {
        match context.socket(Pair) {
            Ok(socket) => sockets.push(socket),
            Err(error) => break error,
        }
        assert!(sockets.len() < 30);
    };
    alone.restore();
    assert!(sockets.len() > 5);
    assert_error(error, ErrorKind::TooManyOpenFiles, libc::EMFILE, &["socket", "PAIR"]);
    assert_works(&context);
}

#[test]
fn the_limit_of_the_context_is_a_different_error() {
    let alone = Alone::new();
    let context = Context::builder().max_sockets(1).build().unwrap();
    let _only = context.socket(Pair).unwrap();
    let error = context.socket(Pair).unwrap_err();
    assert_error(error, ErrorKind::TooManySockets, libc::EMFILE, &["socket", "limit is 1"]);
    drop(alone);
}

#[test]
fn bind_and_connect_report_a_lack_of_descriptors() {
    let alone = Alone::new();
    let directory = Directory::new();
    let context = context();
    let socket = socket(&context, Pair);
    for endpoint in [&directory.ipc("socket"), "ipc://*"] {
        alone.leave(0);
        let result = socket.bind(endpoint);
        alone.restore();
        assert_error(result.unwrap_err(), ErrorKind::TooManyOpenFiles, libc::EMFILE, &["bind", endpoint]);
    }
    alone.leave(0);
    // With a libzmq other than the bundled one, the crate needs a descriptor for a socket that connects to an unbound
    // name.
    let result = socket.connect("inproc://nobody");
    alone.restore();
    if zmq::has(zmq::Feature::Bundled) {
        result.unwrap();
    } else {
        let error = result.unwrap_err();
        assert_error(error, ErrorKind::TooManyOpenFiles, libc::EMFILE, &["connect", "inproc://nobody"]);
        socket.connect("inproc://nobody").unwrap();
    }
    assert_works(&context);
}

/// libzmq looks up the network interfaces for every bind, and ends the process if it cannot.
#[test]
fn a_tcp_bind_reports_a_lack_of_descriptors() {
    let alone = Alone::new();
    let context = context();
    let socket = socket(&context, Pair);
    alone.leave(0);
    let result = socket.bind("tcp://127.0.0.1:*");
    alone.restore();
    assert_error(
        result.unwrap_err(),
        ErrorKind::TooManyOpenFiles,
        libc::EMFILE,
        &["bind", "tcp://127.0.0.1:*"],
    );
    assert_works(&context);
}

#[test]
#[cfg(zmq_draft)]
fn udp_and_waits_report_a_lack_of_descriptors() {
    let alone = Alone::new();
    let context = context();
    let gather = socket(&context, zmq::Gather);
    gather.bind("inproc://gather").unwrap();
    let (dish, radio) = (socket(&context, zmq::Dish), socket(&context, zmq::Radio));
    let calls: [(&str, &dyn Fn() -> zmq::Result<()>); 4] = [
        ("recv", &|| gather.recv_within(common::MOMENT).map(drop)),
        ("poll", &|| zmq::poll(&mut [PollItem::new(&gather, POLLIN)], common::MOMENT).map(drop)),
        ("bind", &|| dish.bind("udp://127.0.0.1:*").map(drop)),
        ("connect", &|| radio.connect("udp://127.0.0.1:9")),
    ];
    for (name, call) in calls {
        // For each call anew, because a thread that was just starting may have released a descriptor.
        alone.leave(0);
        let outcome = call();
        alone.restore();
        assert_eq!(outcome.map_err(|error| error.kind()), Err(ErrorKind::TooManyOpenFiles), "{name}");
    }
    dish.bind("udp://127.0.0.1:*").unwrap();
    common::assert_silent(&gather);
}

#[test]
fn messages_need_no_descriptor() {
    let alone = Alone::new();
    let context = context();
    let (left, right) = (socket(&context, Pair), socket(&context, Pair));
    right.connect(left.bind("inproc://pair").unwrap()).unwrap();
    alone.leave(0);
    bounce(&right, &left);
    let mut items = [PollItem::new(&left, POLLIN)];
    right.send("Hello").unwrap();
    let polled = zmq::poll(&mut items, common::LIMIT);
    let received = left.recv();
    alone.restore();
    assert_eq!(polled.unwrap(), 1);
    assert_eq!(received.unwrap(), "Hello");
}

/// libzmq itself ends the process if the system refuses the list.
#[test]
fn more_items_to_poll_than_descriptors_are_refused() {
    let alone = Alone::new();
    let context = context();
    let socket = socket(&context, Pair);
    alone.set(libc::rlimit { rlim_cur: 200, ..alone.limit });
    let mut items: Vec<_> = (0..201).map(|_| PollItem::new(&socket, POLLIN)).collect();
    let too_many = zmq::poll(&mut items, common::MOMENT);
    let just_enough = zmq::poll(&mut items[..200], std::time::Duration::ZERO);
    alone.restore();
    let names = ["poll", "201 items", "200 descriptors"];
    assert_error(too_many.unwrap_err(), ErrorKind::InvalidInput, libc::EINVAL, &names);
    assert_eq!(just_enough.unwrap(), 0);
}

#[test]
fn a_poller_with_more_sockets_than_descriptors_is_refused() {
    let alone = Alone::new();
    let context = context();
    let sockets: Vec<_> = (0..40).map(|_| std::rc::Rc::new(socket(&context, Pair))).collect();
    // Before sockets are added, so that there is no descriptor for watching them, and libzmq polls them.
    alone.set(libc::rlimit { rlim_cur: 39, ..alone.limit });
    let poller = zmq::Poller::new();
    for socket in &sockets {
        poller.add(socket.clone(), (), POLLIN).unwrap();
    }
    let too_many = poller.wait(common::MOMENT).map(drop);
    poller.remove(&sockets[20]).unwrap();
    let just_enough = poller.wait(std::time::Duration::ZERO).map(|ready| ready.is_empty());
    alone.restore();
    let names = ["poll", "40 items", "39 descriptors"];
    assert_error(too_many.unwrap_err(), ErrorKind::InvalidInput, libc::EINVAL, &names);
    assert!(just_enough.unwrap());
}

/// Watched sockets are not part of a list that the system could refuse.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[test]
fn watched_sockets_do_not_count_against_the_descriptors() {
    let alone = Alone::new();
    let context = context();
    let sockets: Vec<_> = (0..40).map(|_| std::rc::Rc::new(socket(&context, Pair))).collect();
    let poller = zmq::Poller::new();
    for (number, socket) in sockets.iter().enumerate() {
        poller.add(socket.clone(), number, POLLIN).unwrap();
    }
    sockets[1].connect(sockets[39].bind("inproc://pair").unwrap()).unwrap();
    sockets[1].send("Hello").unwrap();
    alone.set(libc::rlimit { rlim_cur: 39, ..alone.limit });
    let ready = poller.wait(common::LIMIT).map(|ready| ready.map(|(number, _)| number).collect::<Vec<_>>());
    alone.restore();
    assert_eq!(ready.unwrap(), [39]);
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[cfg(any(target_os = "linux", target_os = "android"))]
#[test]
fn no_failure_leaks_a_descriptor() {
    let _alone = Alone::new();
    let directory = Directory::new();
    std::fs::write(directory.path("file"), "").unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoints = [
        "tcp://*".to_owned(),
        NO_INTERFACE.to_owned(),
        "tcp://192.0.2.1:*".to_owned(),
        "nothing".to_owned(),
        "no-transport://x".to_owned(),
        "udp://127.0.0.1:5555".to_owned(),
        "inproc://".to_owned(),
        directory.ipc("missing/socket"),
        directory.ipc("file/socket"),
        directory.ipc("file"),
        directory.ipc(&"x".repeat(200)),
        format!("tcp://{}", listener.local_addr().unwrap()),
    ];
    let context = context();
    let socket = socket(&context, Push);
    let before = open_descriptors();
    for _ in 0..50 {
        for endpoint in &endpoints {
            socket.bind(endpoint).unwrap_err();
        }
        socket.try_send(Message::from_static(b"nobody is there")).unwrap_err();
    }
    // libzmq may close the descriptors of an abandoned connection a little later.
    wait_until(|| open_descriptors() <= before);
}

#[cfg(any(target_os = "linux", target_os = "android"))]
#[test]
fn contexts_and_sockets_release_all_descriptors() {
    let _alone = Alone::new();
    let before = open_descriptors();
    must_end(|| {
        for round in 0..20 {
            let context = Context::new().unwrap();
            let sockets: Vec<_> = (0..10).map(|_| socket(&context, Push)).collect();
            for socket in &sockets {
                socket.connect("inproc://nobody").unwrap();
                socket.bind("tcp://127.0.0.1:*").unwrap();
            }
            if round % 2 == 0 {
                context.shutdown().unwrap();
            }
        }
    });
    wait_until(|| open_descriptors() <= before);
}
