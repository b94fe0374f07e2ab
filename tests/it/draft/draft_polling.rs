//! Waiting for thread-safe sockets together with other sockets and descriptors.

use crate::common;

use common::{LIMIT, bound, connected, context};
use zmq::{Client, ErrorKind, POLLIN, PollItem, Poller, Pull, Push, Server};

/// With a libzmq other than the bundled one, such a list is refused.
#[test]
fn thread_safe_and_other_sockets_are_polled_together() {
    let context = context();
    let (server, endpoint) = bound(&context, Server, "inproc://server");
    let client = connected(&context, Client, endpoint);
    let (pull, endpoint) = bound(&context, Pull, "inproc://pull");
    let push = connected(&context, Push, endpoint);
    let mut items = [PollItem::new(&server, POLLIN), PollItem::new(&pull, POLLIN)];
    let poller = Poller::new();
    poller.add(&server, "server", POLLIN).unwrap();
    poller.add(&pull, "pull", POLLIN).unwrap();
    if cfg!(not(zmq_vendored)) {
        assert_eq!(zmq::poll(&mut items, LIMIT).unwrap_err().kind(), ErrorKind::Unsupported);
        assert_eq!(poller.wait(LIMIT).unwrap_err().kind(), ErrorKind::Unsupported);
        return;
    }

    client.send("Hello").unwrap();
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 1);
    assert!(items[0].is_readable() && !items[1].is_readable());
    assert_eq!(poller.wait(LIMIT).unwrap().collect::<Vec<_>>(), [("server", POLLIN)]);
    assert_eq!(server.recv_from().unwrap().1, "Hello");

    push.send("work").unwrap();
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap(), 1);
    assert!(!items[0].is_readable() && items[1].is_readable());
    assert_eq!(poller.wait(LIMIT).unwrap().collect::<Vec<_>>(), [("pull", POLLIN)]);

    context.shutdown().unwrap();
    assert_eq!(zmq::poll(&mut items, LIMIT).unwrap_err().kind(), ErrorKind::Terminated);
    assert_eq!(poller.wait(LIMIT).unwrap_err().kind(), ErrorKind::Terminated);
}

#[cfg(unix)]
#[test]
fn items_without_events_do_not_disturb_others() {
    use std::io::Write;
    use std::os::unix::net::UnixStream;
    use std::time::Duration;
    use zmq::PollEvents;

    let context = context();
    let (server, endpoint) = bound(&context, Server, "inproc://server");
    let client = connected(&context, Client, endpoint);
    let silent = common::socket(&context, Server);
    let (mut near, far) = UnixStream::pair().unwrap();
    let (_other, idle) = UnixStream::pair().unwrap();
    let poller = Poller::new();
    poller.add_fd(&idle, "idle", PollEvents::NONE).unwrap();
    poller.add_fd(&far, "far", PollEvents::NONE).unwrap();
    poller.add(&silent, "silent", PollEvents::NONE).unwrap();
    poller.add(&server, "server", POLLIN).unwrap();
    assert!(poller.wait(Duration::ZERO).unwrap().is_empty());

    client.send("Hello").unwrap();
    near.write_all(b"!").unwrap();
    assert_eq!(poller.wait(LIMIT).unwrap().collect::<Vec<_>>(), [("server", POLLIN)]);

    poller.modify_fd(&far, POLLIN).unwrap();
    let mut ready: Vec<_> = poller.wait(LIMIT).unwrap().collect();
    ready.sort_by_key(|&(key, _)| key);
    assert_eq!(ready, [("far", POLLIN), ("server", POLLIN)]);
}
