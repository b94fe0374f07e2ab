//! Contexts, sockets and messages in a child created by `fork`: the child cannot use them, and does not affect its parent.
//!
//! The tests run one at a time. A child must not unwind into the test harness, and must not print. It reports the line
//! of a failed check through a pipe, and fails with its exit code.

#[cfg(all(feature = "futures", any(feature = "smol", feature = "tokio")))]
mod streams;

use crate::common;

use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::Duration;

use crate::one_at_a_time;
use common::{LIMIT, bounce, context, socket};
use zmq::monitor::{EventKind, Events};
use zmq::proxy::{Handle, Proxy};
use zmq::security::{Authenticator, Decision, Null};
use zmq::{
    Context, Dealer, Error, ErrorKind, Message, POLLIN, Pair, PollEvents, PollItem, Poller, Pull, Push, Rep,
    Req, Result, Socket,
};

/// The result of a child: the line of the check that failed.
type Found = std::result::Result<(), u32>;

macro_rules! check {
    ($condition:expr) => {
        if !$condition {
            return Err(line!());
        }
    };
}
#[cfg(all(feature = "futures", any(feature = "smol", feature = "tokio")))]
use check;

/// A child, and the stream of its report.
struct Child {
    pid: libc::pid_t,
    report: UnixStream,
}

impl Child {
    /// Runs `program` in a child, which is killed if it takes long (valgrind makes it slow).
    fn new(program: impl FnOnce() -> Found) -> Child {
        let (report, mut to_parent) = UnixStream::pair().unwrap();
        // SAFETY: the child makes only calls that are meant to work there, and ends with `_exit`.
        let pid = unsafe { libc::fork() };
        if pid != 0 {
            assert!(pid > 0);
            return Child { pid, report };
        }
        // SAFETY: by default, an alarm ends the process.
        unsafe { libc::signal(libc::SIGALRM, libc::SIG_DFL) };
        // SAFETY: takes a number.
        unsafe { libc::alarm(30) };
        let line = match std::panic::catch_unwind(std::panic::AssertUnwindSafe(program)) {
            Ok(Ok(())) => 0,
            Ok(Err(line)) => line,
            Err(_) => u32::MAX,
        };
        let _ = std::io::Write::write_all(&mut to_parent, &line.to_ne_bytes());
        // SAFETY: ends the process without running any code of the harness.
        unsafe { libc::_exit(i32::from(line != 0)) }
    }

    #[track_caller]
    fn assert_ends_well(mut self) {
        // The alarm does not end a child that hangs within an emulator.
        self.report.set_read_timeout(Some(LIMIT.max(Duration::from_secs(60)))).unwrap();
        let mut line = [0; 4];
        let reported = std::io::Read::read_exact(&mut self.report, &mut line).is_ok();
        if !reported {
            // SAFETY: a child of this process that was not waited for.
            unsafe { libc::kill(self.pid, libc::SIGKILL) };
        }
        let mut status = 0;
        // SAFETY: a child of this process, waited for once; a valid place to write to.
        assert_eq!(unsafe { libc::waitpid(self.pid, &raw mut status, 0) }, self.pid);
        assert!(reported, "the child was killed, or hung: status {status:#x}");
        assert_eq!(u32::from_ne_bytes(line), 0, "the child failed at this line");
        assert_eq!(status, 0);
    }
}

fn is_forked<T>(result: Result<T, impl Into<Error>>) -> bool {
    result.is_err_and(|error| error.into().kind() == ErrorKind::Forked)
}

/// Sockets with which the parent checks that a fork did no harm.
fn pair(context: &Context) -> (Socket<Rep>, Socket<Req>) {
    let (server, client) = (socket(context, Rep), socket(context, Req));
    client.connect(server.bind("tcp://127.0.0.1:*").unwrap()).unwrap();
    bounce(&client, &server);
    (server, client)
}

/// Conformance: CTX-14.
#[test]
fn a_child_can_drop_inherited_values_and_create_new_ones() {
    let _alone = one_at_a_time();
    let context = context();
    let receiver = socket(&context, Pull);
    let endpoint = receiver.bind("tcp://127.0.0.1:*").unwrap();
    let mut inherited = Some((receiver, context));
    let child = Child::new(|| {
        drop(inherited.take());
        let Ok(context) = Context::new() else { return Err(line!()) };
        let Ok(sender) = context.socket(Push) else { return Err(line!()) };
        check!(sender.connect(&endpoint).is_ok());
        for _ in 0..5 {
            check!(sender.send("from the child").is_ok());
        }
        // Waits until the messages are sent.
        drop((sender, context));
        Ok(())
    });
    let (receiver, _context) = inherited.unwrap();
    for _ in 0..5 {
        assert_eq!(receiver.recv().unwrap(), "from the child");
    }
    child.assert_ends_well();
}

#[test]
fn every_call_on_inherited_values_is_refused_at_once() {
    let _alone = one_at_a_time();
    let context = context();
    let (server, client) = pair(&context);
    let socket = context.socket(Pair).unwrap();
    let unused = common::context();
    client.send("in flight").unwrap();
    let child = Child::new(|| {
        check!(is_forked(socket.recv()));
        check!(is_forked(socket.try_recv()));
        check!(is_forked(socket.recv_within(Duration::from_secs(60))));
        check!(is_forked(socket.recv_to(&mut Message::new())));
        check!(is_forked(socket.recv_into(&mut [0; 9])));
        check!(is_forked(socket.try_recv_into(&mut [0; 9])));
        check!(is_forked(socket.poll(POLLIN, None)));
        check!(is_forked(socket.poll(POLLIN, Duration::ZERO)));
        check!(is_forked(socket.recv_string()));
        check!(is_forked(socket.recv_multipart()));
        check!(is_forked(socket.send("Hello")));
        check!(is_forked(socket.try_send("Hello")));
        check!(is_forked(socket.send_more("Hello")));
        check!(is_forked(socket.send_multipart(["Hello", "World"])));
        check!(socket.send("kept").is_err_and(|failure| failure.into_message() == "kept"));
        check!(is_forked(socket.bind("inproc://child")));
        check!(is_forked(socket.bind("tcp://127.0.0.1:*")));
        check!(is_forked(socket.connect("inproc://child")));
        check!(is_forked(socket.connect("tcp://127.0.0.1:1")));
        check!(is_forked(socket.unbind("inproc://child")));
        check!(is_forked(socket.disconnect("inproc://child")));
        check!(is_forked(socket.linger()));
        check!(is_forked(socket.set_linger(None)));
        check!(is_forked(socket.events()));
        check!(is_forked(socket.has_more()));
        check!(is_forked(socket.last_endpoint()));
        check!(is_forked(server.recv()));
        check!(is_forked(zmq::proxy(&server, &client)));
        check!(is_forked(Proxy::new(&server, &client).capture(&socket).run()));
        check!(is_forked(Proxy::new(&server, &client).control_socket(&socket).run()));
        check!(is_forked(Proxy::new(&server, &client).control(&Handle::new()).run()));
        check!(is_forked(context.socket(Pair)));
        check!(is_forked(context.shutdown()));
        check!(is_forked(context.io_threads()));
        check!(is_forked(unused.set_blocky(false)));
        check!(is_forked(context.max_sockets()));
        check!(is_forked(context.set_ipv6(true)));
        check!(is_forked(context.thread_scheduling_policy()));
        // Calls that do not need libzmq work.
        check!(socket.kind() == zmq::SocketKind::Pair);
        check!(is_forked(socket.context().socket(Pair)));
        Ok(())
    });
    child.assert_ends_well();
    assert_eq!(server.recv().unwrap(), "in flight");
    server.send("reply").unwrap();
    assert_eq!(client.recv().unwrap(), "reply");
    bounce(&client, &server);
}

#[test]
fn monitors_of_the_parent_are_refused_and_harmless() {
    let _alone = one_at_a_time();
    let context = context();
    let [server, other] = [(); 2].map(|()| socket(&context, Pull));
    let monitor = server.monitor(Events::ALL).unwrap();
    let bounded = other.monitor(Events::ALL).unwrap().bounded(10).unwrap();
    let abandoned = socket(&context, Pull);
    drop(abandoned.monitor(Events::ALL).unwrap());
    let mut inherited = Some((monitor, bounded, server, other, abandoned));
    let child = Child::new(|| {
        let (monitor, bounded, server, other, abandoned) = inherited.take().ok_or(line!())?;
        check!(is_forked(monitor.recv()));
        check!(is_forked(monitor.try_recv()));
        check!(is_forked(monitor.recv_within(Duration::from_secs(60))));
        check!(monitor.iter().count() == 1);
        check!(is_forked(bounded.recv()));
        check!(is_forked(bounded.try_recv()));
        check!(bounded.lost() == 0);
        check!(is_forked(server.monitor(Events::ALL)));
        check!(is_forked(server.stop_monitor()));
        check!(is_forked(zmq::poll(&mut [PollItem::from_monitor(&monitor)], None)));
        check!(is_forked(monitor.bounded(1)));
        drop((bounded, server, other, abandoned));
        Ok(())
    });
    child.assert_ends_well();
    let (monitor, bounded, server, other, abandoned) = inherited.unwrap();
    for server in [&server, &other, &abandoned] {
        server.bind("tcp://127.0.0.1:*").unwrap();
    }
    assert!(matches!(monitor.recv().unwrap().kind(), EventKind::Listening { .. }));
    assert!(matches!(bounded.recv().unwrap().kind(), EventKind::Listening { .. }));
}

#[test]
fn close_with_a_linger_period_is_refused_and_harmless() {
    let _alone = one_at_a_time();
    let context = context();
    let (server, client) = pair(&context);
    let mut inherited = Some(client);
    let child = Child::new(|| {
        let client = inherited.take().ok_or(line!())?;
        check!(is_forked(client.close(Duration::ZERO)));
        Ok(())
    });
    child.assert_ends_well();
    bounce(&inherited.unwrap(), &server);
}

/// A child has neither the authenticator's thread nor the threads that hold its locks.
#[test]
fn an_authenticator_works_only_in_its_parent() {
    let _alone = one_at_a_time();
    let context = context();
    let mut authenticator = Some(Authenticator::new(&context).unwrap());
    let server = socket(&context, Rep);
    server.set_security(Null::new().zap_domain("test")).unwrap();
    let endpoint = server.bind("tcp://127.0.0.1:*").unwrap();
    let socket_of_parent = context.socket(Pair).unwrap();
    let child = Child::new(|| {
        let authenticator = authenticator.take().ok_or(line!())?;
        check!(is_forked(authenticator.allow("127.0.0.1")));
        check!(is_forked(authenticator.set_handler("*", |_| Decision::accept())));
        check!(is_forked(Authenticator::new(&context)));
        check!(is_forked(socket_of_parent.set_security(Null::new())));
        check!(is_forked(socket_of_parent.mechanism()));
        check!(is_forked(socket_of_parent.zap_domain()));
        drop(authenticator);
        Ok(())
    });
    child.assert_ends_well();
    let client = socket(&context, Req);
    client.connect(endpoint).unwrap();
    bounce(&client, &server);
    drop(authenticator);
}

#[test]
fn polls_of_inherited_sockets_do_not_wait() {
    let _alone = one_at_a_time();
    let context = context();
    let (server, client) = pair(&context);
    let mut items = [PollItem::new(&server, POLLIN), PollItem::new(&client, POLLIN)];
    #[cfg(zmq_draft)]
    let shared = socket(&context, zmq::Server);
    #[cfg(zmq_draft)]
    let mut shared_items = [PollItem::new(&shared, POLLIN)];
    let child = Child::new(|| {
        // Items made before the fork, and items made in the child.
        #[cfg(zmq_draft)]
        for timeout in [Some(Duration::from_secs(60)), None, Some(Duration::ZERO)] {
            check!(is_forked(zmq::poll(&mut shared_items, timeout)));
        }
        check!(is_forked(zmq::poll(&mut items, Duration::from_secs(60))));
        check!(is_forked(zmq::poll(&mut items, None)));
        check!(is_forked(zmq::poll(&mut items, Duration::ZERO)));
        let mut items = [PollItem::new(&server, POLLIN)];
        match zmq::poll(&mut items, Duration::from_secs(60)) {
            Ok(_) => check!(items[0].is_error() && !items[0].is_readable()),
            Err(error) => check!(error.kind() == ErrorKind::Forked),
        }
        Ok(())
    });
    child.assert_ends_well();
    client.send("Hello").unwrap();
    assert_eq!(zmq::poll(&mut items, common::LIMIT).unwrap(), 1);
    assert!(items[0].is_readable());
    assert_eq!(server.recv().unwrap(), "Hello");
}

/// A poller with many sockets watches them through an object of the system that parent and child share.
#[test]
fn a_child_does_not_change_its_parent_s_poller() {
    let _alone = one_at_a_time();
    let context = context();
    let poller = Poller::new();
    let sockets: Vec<_> = (0..20).map(|_| Rc::new(socket(&context, Pull))).collect();
    for (number, socket) in sockets.iter().enumerate() {
        poller.add(Rc::clone(socket), number, POLLIN).unwrap();
    }
    let endpoint = sockets[7].bind("inproc://many").unwrap();
    let sender = common::connected(&context, Push, endpoint);
    assert!(poller.wait(Duration::ZERO).unwrap().is_empty());
    let child = Child::new(|| {
        for socket in &sockets[5..10] {
            check!(poller.remove(socket).is_ok());
        }
        check!(is_forked(poller.wait(Duration::ZERO)));
        for socket in sockets[..5].iter().chain(&sockets[10..]) {
            check!(poller.remove(socket).is_ok());
        }
        // The child creates its own context with its own sockets.
        let context = Context::new().map_err(|_| line!())?;
        let mut own = Vec::new();
        for number in 0..20 {
            let socket = Rc::new(context.socket(Pull).map_err(|_| line!())?);
            check!(poller.add(Rc::clone(&socket), number, POLLIN).is_ok());
            own.push(socket);
        }
        let endpoint = own[3].bind("inproc://own").map_err(|_| line!())?;
        let sender = context.socket(Push).map_err(|_| line!())?;
        check!(sender.connect(endpoint).is_ok());
        check!(poller.wait(Duration::ZERO).is_ok_and(|ready| ready.is_empty()));
        check!(sender.send("Hello").is_ok());
        check!(poller.wait(Duration::from_secs(5)).is_ok_and(|ready| ready.eq([(3, POLLIN)])));
        Ok(())
    });
    child.assert_ends_well();
    sender.send("Hello").unwrap();
    assert!(poller.wait(common::LIMIT).unwrap().eq([(7, POLLIN)]));
}

#[test]
fn waits_of_an_inherited_poller_do_not_wait() {
    let _alone = one_at_a_time();
    let context = context();
    let (server, client) = pair(&context);
    let poller = Poller::new();
    poller.add(&server, "server", POLLIN).unwrap();
    let (mut left, right) = UnixStream::pair().unwrap();
    poller.add_fd(&right, "stream", POLLIN).unwrap();
    let child = Child::new(|| {
        for timeout in [None, Some(Duration::ZERO), Some(Duration::from_secs(60))] {
            check!(is_forked(poller.wait(timeout)));
        }
        check!(is_forked(poller.add(&client, "client", POLLIN)));
        check!(poller.modify(&server, PollEvents::NONE).is_ok());
        check!(is_forked(poller.wait(None)));
        // The remaining entries belong to the child as well.
        check!(poller.remove(&server).is_ok_and(|key| key == "server"));
        check!(std::io::Write::write_all(&mut left, b"x").is_ok());
        let mut ready = poller.wait(Duration::from_secs(5)).map_err(|_| line!())?;
        check!(ready.next() == Some(("stream", POLLIN)));
        let context = Context::new().map_err(|_| line!())?;
        let own = context.socket(Pair).map_err(|_| line!())?;
        let poller = Poller::new();
        check!(poller.add(&own, (), POLLIN).is_ok());
        check!(poller.wait(Duration::ZERO).is_ok_and(|ready| ready.is_empty()));
        Ok(())
    });
    child.assert_ends_well();
    client.send("Hello").unwrap();
    // The child's write is visible at once, and may be the only event.
    common::wait_until(|| poller.wait(common::LIMIT).unwrap().any(|(key, _)| key == "server"));
    assert_eq!(server.recv().unwrap(), "Hello");
}

#[test]
fn a_handle_of_the_parents_proxy_is_refused_and_harmless() {
    let _alone = one_at_a_time();
    let context = context();
    let (frontend, backend) = (socket(&context, Pull), socket(&context, Push));
    let from = frontend.bind("inproc://frontend").unwrap();
    let to = backend.bind("inproc://backend").unwrap();
    let (source, sink) = (socket(&context, Push), socket(&context, Pull));
    source.connect(from).unwrap();
    sink.connect(to).unwrap();
    let handle = Handle::new();
    let control = handle.clone();
    let proxy = std::thread::spawn(move || Proxy::new(&frontend, &backend).control(&control).run());
    source.send("before").unwrap();
    assert_eq!(sink.recv().unwrap(), "before");
    let unused = Handle::new();
    let child = Child::new(|| {
        for handle in [&handle, &unused] {
            check!(is_forked(handle.resume()));
            check!(is_forked(handle.pause()));
            check!(is_forked(handle.statistics()));
            check!(is_forked(handle.terminate()));
            check!(!format!("{handle:?}").is_empty());
        }
        let context = Context::new().map_err(|_| line!())?;
        let (frontend, backend) = (context.socket(Pull), context.socket(Push));
        let (frontend, backend) = (frontend.map_err(|_| line!())?, backend.map_err(|_| line!())?);
        check!(is_forked(Proxy::new(&frontend, &backend).control(&unused).run()));
        let own = Handle::new();
        check!(own.terminate().is_ok());
        check!(Proxy::new(&frontend, &backend).control(&own).run().is_ok_and(|left| left.is_empty()));
        Ok(())
    });
    child.assert_ends_well();
    handle.pause().unwrap();
    assert_eq!(handle.statistics().unwrap().backend.messages_sent, 1);
    handle.resume().unwrap();
    source.send("after").unwrap();
    assert_eq!(sink.recv().unwrap(), "after");
    handle.terminate().unwrap();
    assert!(proxy.join().unwrap().unwrap().is_empty());
}

/// Another thread holds the lock of a handle at the moment of the fork, and never releases it in the child.
#[test]
fn a_lock_that_was_held_does_not_block_the_child() {
    let _alone = one_at_a_time();
    let handle = Handle::new();
    let in_use = handle.clone();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::spawn(move || {
        while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
            in_use.statistics().unwrap();
        }
    });
    for _ in 0..50 {
        let child = Child::new(|| {
            check!(is_forked(handle.statistics()));
            Ok(())
        });
        child.assert_ends_well();
    }
    drop(stop);
    thread.join().unwrap();
}

#[test]
fn messages_may_be_used_and_dropped_on_both_sides() {
    let _alone = one_at_a_time();
    let context = context();
    let (left, right) = (socket(&context, Pair), socket(&context, Pair));
    right.connect(left.bind("tcp://127.0.0.1:*").unwrap()).unwrap();
    for len in [1, 100, 100_000] {
        right.send(vec![7; len]).unwrap();
        let mut message = Some(left.recv().unwrap());
        let child = Child::new(|| {
            let message = message.take().ok_or(line!())?;
            check!(message.clone()[..] == vec![7; len]);
            Ok(())
        });
        child.assert_ends_well();
        assert_eq!(message.unwrap()[..], vec![7; len]);
    }
    bounce(&right, &left);
}

#[test]
fn lingering_messages_of_the_parent_do_not_block_the_child() {
    let _alone = one_at_a_time();
    let context = Context::new().unwrap();
    let sender = context.socket(Push).unwrap();
    sender.connect(common::free_endpoint()).unwrap();
    sender.send("to nobody").unwrap();
    sender.connect("inproc://nobody").unwrap();
    let mut inherited = Some((sender, context));
    let child = Child::new(|| {
        drop(inherited.take());
        Ok(())
    });
    child.assert_ends_well();
    inherited.unwrap().0.close(Duration::ZERO).unwrap();
}

#[test]
fn a_child_uses_a_context_of_its_own() {
    let _alone = one_at_a_time();
    let parents = context();
    let (server, client) = pair(&parents);
    let child = Child::new(|| {
        let context = Context::new().map_err(|_| line!())?;
        let (server, client) = (context.socket(Rep), context.socket(Req));
        let (server, client) = (server.map_err(|_| line!())?, client.map_err(|_| line!())?);
        let endpoint = server.bind("tcp://127.0.0.1:*").map_err(|_| line!())?;
        check!(client.connect(&endpoint).is_ok());
        check!(client.send("Hello").is_ok());
        let mut items = [PollItem::new(&server, POLLIN)];
        check!(zmq::poll(&mut items, None).is_ok_and(|count| count == 1));
        check!(server.recv().is_ok_and(|message| message == "Hello"));
        check!(server.send("World").is_ok());
        check!(client.recv().is_ok_and(|message| message == "World"));
        // Its own socket and its parent's socket, side by side.
        let mut items = [PollItem::new(&server, POLLIN)];
        check!(zmq::poll(&mut items, Duration::from_millis(10)).is_ok_and(|count| count == 0));
        // And in a child of the child.
        let grandchild = Child::new(|| {
            check!(is_forked(server.recv()));
            check!(Context::new().is_ok_and(|context| context.socket(Pair).is_ok()));
            Ok(())
        });
        grandchild.assert_ends_well();
        check!(client.send("again").is_ok());
        check!(server.recv().is_ok());
        Ok(())
    });
    child.assert_ends_well();
    bounce(&client, &server);
}

#[cfg(feature = "smol")]
#[test]
fn an_async_socket_of_smol_dropped_in_a_child_still_wakes_its_parent() {
    let _lock = one_at_a_time();
    smol::block_on(still_wakes_its_parent((Push, Pull), zmq::Socket::into_smol));
    #[cfg(zmq_draft)]
    smol::block_on(still_wakes_its_parent((zmq::Scatter, zmq::Gather), zmq::Socket::into_smol));
}

#[cfg(feature = "tokio")]
#[test]
fn an_async_socket_of_tokio_dropped_in_a_child_still_wakes_its_parent() {
    let _lock = one_at_a_time();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(still_wakes_its_parent((Push, Pull), zmq::Socket::into_tokio));
    #[cfg(zmq_draft)]
    runtime.block_on(still_wakes_its_parent((zmq::Scatter, zmq::Gather), zmq::Socket::into_tokio));
}

/// The child shares the reactor's epoll with its parent: if it removed the descriptor there, the parent would wait forever.
#[cfg(any(feature = "smol", feature = "tokio"))]
async fn still_wakes_its_parent<S, K, R>(
    (sender, receiver): (S, K),
    registered: impl Fn(
        zmq::Socket<K>,
    ) -> Result<zmq::aio::Socket<K, R>, zmq::error::ConvertError<zmq::Socket<K>>>,
) where
    S: zmq::capability::CanSend,
    K: zmq::capability::CanRecv,
    R: zmq::aio::Reactor,
{
    use std::future::poll_fn;
    use std::task::Poll;

    let context = context();
    let push = socket(&context, sender);
    let endpoint = push.bind("tcp://127.0.0.1:*").unwrap();
    let pull = socket(&context, receiver);
    pull.connect(&endpoint).unwrap();
    let mut pull = Some(registered(pull).unwrap());
    for content in ["one", "two"] {
        let mut receiving = Some(Box::pin(pull.as_mut().unwrap().recv()));
        poll_fn(|task| {
            assert!(receiving.as_mut().unwrap().as_mut().poll(task).is_pending());
            Poll::Ready(())
        })
        .await;
        let child = Child::new(|| {
            drop(receiving.take());
            Ok(())
        });
        child.assert_ends_well();
        push.send(content).unwrap();
        assert_eq!(receiving.take().unwrap().await.unwrap(), content);
        drop(receiving);
        let child = Child::new(|| {
            let Some(mut pull) = pull.take() else { return Err(line!()) };
            check!(is_forked(pull.inner().try_recv()));
            check!(is_forked(registered(pull.into_inner())));
            Ok(())
        });
        child.assert_ends_well();
        let child = Child::new(|| {
            drop(pull.take());
            Ok(())
        });
        child.assert_ends_well();
    }
}

#[test]
fn a_requester_of_the_parent_is_refused_and_harmless() {
    let _alone = one_at_a_time();
    let context = context();
    let server = socket(&context, Rep);
    let endpoint = server.bind("tcp://127.0.0.1:*").unwrap();
    let dealer = socket(&context, Dealer);
    dealer.connect(endpoint).unwrap();
    let requester = dealer.into_requester().unwrap();
    std::thread::scope(|threads| {
        let waiting = threads.spawn(|| requester.request("Hello"));
        common::wait_until(|| requester.pending() == 1);
        let inherited = requester.clone();
        Child::new(move || {
            check!(is_forked(inherited.request("from the child")));
            check!(is_forked(inherited.with_inner(|_| ())));
            check!(inherited.dropped() == 0);
            drop(inherited);
            Ok(())
        })
        .assert_ends_well();
        assert_eq!(server.recv().unwrap(), "Hello");
        server.send("World").unwrap();
        assert_eq!(waiting.join().unwrap().unwrap(), ["World"]);
    });
    // In a call that lends the socket, the lock is held.
    requester
        .with_inner(|_| {
            let inherited = requester.clone();
            Child::new(move || {
                check!(is_forked(inherited.request("from the child")));
                Ok(())
            })
            .assert_ends_well();
        })
        .unwrap();
}

/// A future from before the fork, and one from after it.
#[test]
fn the_end_of_a_context_of_the_parent_cannot_be_awaited() {
    let _alone = one_at_a_time();
    let context = context();
    let pull = socket(&context, Pull);
    let mut closed = context.clone().close();
    let poll = |closed: &mut zmq::Closed| {
        std::pin::pin!(closed).poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
    };
    assert!(poll(&mut closed).is_pending());
    let child = Child::new(|| {
        for closed in [&mut closed, &mut context.clone().close()] {
            let std::task::Poll::Ready(ended) = poll(closed) else { return Err(line!()) };
            check!(is_forked(ended));
        }
        Ok(())
    });
    child.assert_ends_well();
    assert!(poll(&mut closed).is_pending());
    drop((context, pull));
    common::wait_until(|| poll(&mut closed).is_ready());
}

#[cfg(feature = "smol")]
#[test]
fn a_ready_call_of_smol_is_refused_in_a_child() {
    let _lock = one_at_a_time();
    smol::block_on(refuses_ready_calls(zmq::Socket::into_smol));
}

#[cfg(feature = "tokio")]
#[test]
fn a_ready_call_of_tokio_is_refused_in_a_child() {
    let _lock = one_at_a_time();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(refuses_ready_calls(zmq::Socket::into_tokio));
}

/// In the parent, both calls would succeed without waiting.
#[cfg(any(feature = "smol", feature = "tokio"))]
async fn refuses_ready_calls<R: zmq::aio::Reactor>(
    registered: impl Fn(
        zmq::Socket<Dealer>,
    ) -> Result<zmq::aio::Socket<Dealer, R>, zmq::error::ConvertError<zmq::Socket<Dealer>>>,
) {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn refused<T, E: Into<Error>>(call: impl Future<Output = Result<T, E>>) -> bool {
        match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => is_forked(result),
            Poll::Pending => false,
        }
    }

    let context = context();
    let peer = socket(&context, Dealer);
    let endpoint = peer.bind("inproc://ready-calls").unwrap();
    let dealer = socket(&context, Dealer);
    dealer.connect(&endpoint).unwrap();
    peer.send("to the parent").unwrap();
    let mut dealer = Some(registered(dealer).unwrap());
    let child = Child::new(|| {
        let Some(mut dealer) = dealer.take() else { return Err(line!()) };
        check!(refused(dealer.recv()));
        check!(refused(dealer.send("from the child")));
        Ok(())
    });
    child.assert_ends_well();
    let dealer = dealer.as_mut().unwrap();
    assert_eq!(dealer.recv().await.unwrap(), "to the parent");
    dealer.send("from the parent").await.unwrap();
    assert_eq!(peer.recv().unwrap(), "from the parent");
}

#[cfg(feature = "smol")]
#[test]
fn a_half_of_smol_in_a_child_waits_for_no_lock_of_its_parent() {
    let _lock = one_at_a_time();
    smol::block_on(waits_for_no_lock(zmq::Socket::into_smol));
}

#[cfg(feature = "tokio")]
#[test]
fn a_half_of_tokio_in_a_child_waits_for_no_lock_of_its_parent() {
    let _lock = one_at_a_time();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(waits_for_no_lock(zmq::Socket::into_tokio));
}

/// Another thread has locked the socket at the fork, and is not there in the child.
#[cfg(any(feature = "smol", feature = "tokio"))]
async fn waits_for_no_lock<R: zmq::aio::Reactor>(
    registered: impl Fn(
        zmq::Socket<Dealer>,
    ) -> Result<zmq::aio::Socket<Dealer, R>, zmq::error::ConvertError<zmq::Socket<Dealer>>>,
) {
    use std::future::poll_fn;
    use std::pin::Pin;
    use std::sync::mpsc;
    use std::task::Poll;

    let context = context();
    let peer = socket(&context, Dealer);
    let endpoint = peer.bind("tcp://127.0.0.1:*").unwrap();
    let dealer = socket(&context, Dealer);
    dealer.connect(&endpoint).unwrap();
    let (sender, mut receiver) = registered(dealer).unwrap().split();
    let mut receiving = receiver.recv();
    poll_fn(|task| {
        assert!(Pin::new(&mut receiving).poll(task).is_pending());
        Poll::Ready(())
    })
    .await;
    let (locked, is_locked) = mpsc::channel();
    let (unlock, may_unlock) = mpsc::channel::<()>();
    let lender = sender.clone();
    let lent = std::thread::spawn(move || {
        lender.with_inner(|_| {
            locked.send(()).unwrap();
            may_unlock.recv().unwrap();
        })
    });
    is_locked.recv().unwrap();
    let mut halves = Some((sender, receiving));
    let child = Child::new(|| {
        let Some((sender, receiving)) = halves.take() else { return Err(line!()) };
        check!(is_forked(sender.with_inner(|_| ())));
        check!(is_forked(sender.try_send("from the child")));
        drop((sender, receiving));
        Ok(())
    });
    child.assert_ends_well();
    unlock.send(()).unwrap();
    lent.join().unwrap().unwrap();
    let (sender, receiving) = halves.take().unwrap();
    peer.send("to the parent").unwrap();
    assert_eq!(receiving.await.unwrap(), "to the parent");
    sender.send("from the parent").await.unwrap();
    assert_eq!(peer.recv().unwrap(), "from the parent");
}
