//! Misuse, and peers that misbehave: each gets a typed error or nothing, and no message is lost.

use std::future::poll_fn;
use std::io::Write;
use std::net::TcpStream;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use zmq::monitor::Events;
use zmq::{Dealer, ErrorKind, Message, Multipart, Pair, Pull, Push, Rep, Stream};

use super::{in_each_runtime, monitored, registered, spawn, timeout, yield_now};
use crate::common::{TCP, bound, connected, context, socket};

const MOMENT: Duration = Duration::from_millis(10);

/// Polls a future until it is ready, and then once more.
pub(super) async fn twice<F: Future + Unpin>(mut future: F) -> (F::Output, Poll<F::Output>) {
    let first = poll_fn(|task| Pin::new(&mut future).poll(task)).await;
    let again = poll_fn(|task| Poll::Ready(Pin::new(&mut future).poll(task))).await;
    (first, again)
}

#[test]
fn a_receive_that_is_polled_after_it_was_ready_receives_again() {
    in_each_runtime(|| async {
        let context = context();
        let (peer, endpoint) = bound(&context, Pair, "inproc://polled-again");
        let mut pair = registered(connected(&context, Pair, &endpoint));
        let mut parts = Vec::new();
        let mut message = Message::new();

        peer.send("one").unwrap();
        let (first, again) = twice(pair.recv()).await;
        assert_eq!(first.unwrap(), "one");
        assert!(again.is_pending());
        peer.send("two").unwrap();
        peer.send("three").unwrap();
        let (first, again) = twice(pair.recv_multipart()).await;
        assert_eq!(first.unwrap(), ["two"]);
        assert!(matches!(again, Poll::Ready(Ok(message)) if message == ["three"]));
        peer.send("four").unwrap();
        assert!(twice(pair.recv_to(&mut message)).await.1.is_pending());
        assert_eq!(message, "");
        peer.send("five").unwrap();
        assert!(twice(pair.recv_many(&mut parts, 10)).await.1.is_pending());
        assert_eq!(parts, ["five"]);
        peer.send("six").unwrap();
        assert!(matches!(twice(pair.readable()).await, (Ok(()), Poll::Ready(Ok(())))));
        assert!(matches!(twice(pair.writable()).await, (Ok(()), Poll::Ready(Ok(())))));

        let (sender, mut receiver) = pair.split();
        assert!(matches!(twice(receiver.readable()).await, (Ok(()), Poll::Ready(Ok(())))));
        assert!(matches!(twice(sender.writable()).await, (Ok(()), Poll::Ready(Ok(())))));
        let (first, again) = twice(receiver.recv()).await;
        assert_eq!(first.unwrap(), "six");
        assert!(again.is_pending());
        peer.send("seven").unwrap();
        assert!(twice(receiver.recv_multipart()).await.1.is_pending());
        peer.send("eight").unwrap();
        assert!(twice(receiver.recv_many(&mut parts, 10)).await.1.is_pending());
        assert_eq!(parts, ["five", "eight"]);
        peer.send("nine").unwrap();
        assert_eq!(timeout(crate::limit(), receiver.recv()).await.unwrap().unwrap(), "nine");
    });
}

#[test]
fn a_send_that_is_polled_after_it_was_ready_fails() {
    in_each_runtime(|| async {
        let context = context();
        let (peer, endpoint) = bound(&context, Pair, "inproc://sent-again");
        let mut pair = registered(connected(&context, Pair, &endpoint));
        let is_refused = |kind: ErrorKind| assert_eq!(kind, ErrorKind::InvalidInput);

        let (first, again) = twice(pair.send("one")).await;
        first.unwrap();
        assert!(matches!(again, Poll::Ready(Err(failure)) if failure.kind() == ErrorKind::InvalidInput));
        let (first, again) = twice(pair.send_multipart(["two", "parts"])).await;
        first.unwrap();
        assert!(matches!(again, Poll::Ready(Err(failure)) if failure.kind() == ErrorKind::InvalidInput));
        let mut message = Some(Multipart::from(["three"]));
        let (first, again) = twice(pair.send_from(&mut message)).await;
        first.unwrap();
        assert!(matches!(again, Poll::Ready(Err(error)) if error.kind() == ErrorKind::InvalidInput));
        is_refused(pair.send_from(&mut None).await.unwrap_err().kind());

        let (sender, receiver) = pair.split();
        let (first, again) = twice(sender.send("four")).await;
        first.unwrap();
        assert!(matches!(again, Poll::Ready(Err(failure)) if failure.kind() == ErrorKind::InvalidInput));
        let (first, again) = twice(sender.send_multipart(["five"])).await;
        first.unwrap();
        assert!(matches!(again, Poll::Ready(Err(failure)) if failure.kind() == ErrorKind::InvalidInput));
        let mut message = Some(Multipart::from(["six"]));
        let (first, again) = twice(sender.send_from(&mut message)).await;
        first.unwrap();
        assert!(matches!(again, Poll::Ready(Err(error)) if error.kind() == ErrorKind::InvalidInput));
        is_refused(sender.send_from(&mut None).await.unwrap_err().kind());
        drop(receiver);

        for expected in [&["one"][..], &["two", "parts"], &["three"], &["four"], &["five"], &["six"]] {
            assert_eq!(peer.recv_multipart().unwrap(), *expected);
        }
        assert!(peer.try_recv().is_err());
    });
}

#[test]
fn a_request_that_is_polled_after_it_was_ready_fails() {
    in_each_runtime(|| async {
        let context = context();
        let (rep, endpoint) = bound(&context, Rep, TCP);
        let mut rep = registered(rep);
        let serving = spawn(async move {
            let request = rep.recv().await.unwrap();
            rep.send(request).await.unwrap();
            rep
        });
        let requester = registered(connected(&context, Dealer, &endpoint)).into_requester().unwrap();
        let (first, again) = twice(requester.request("Hello")).await;
        assert_eq!(first.unwrap(), ["Hello"]);
        assert!(matches!(again, Poll::Ready(Err(error)) if error.kind() == ErrorKind::InvalidInput));
        drop(serving.await);
    });
}

#[test]
fn a_message_with_too_many_parts_is_returned() {
    in_each_runtime(|| async {
        let context = context();
        let many = || Multipart::from_frames((0..10_000).map(|part| part.to_string())).unwrap();
        // A STREAM sends the id of a peer and some bytes.
        let mut stream = registered(socket(&context, Stream));
        let failure = stream.send_multipart(many()).await.unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::InvalidInput);
        assert_eq!(failure.into_message(), many());
        let mut kept = Some(many());
        assert_eq!(stream.send_from(&mut kept).await.unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(kept, Some(many()));
        // A conflating socket keeps one part.
        let push = socket(&context, Push);
        push.set_conflate(true).unwrap();
        let sender = registered(push).into_sender();
        let failure = sender.send_multipart(many()).await.unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::InvalidInput);
        assert_eq!(failure.into_message(), many());
        // Other sockets deliver all parts.
        let (pull, endpoint) = bound(&context, Pull, TCP);
        let mut push = registered(connected(&context, Push, &endpoint));
        let mut pull = registered(pull);
        push.send_multipart(many()).await.unwrap();
        assert_eq!(pull.recv_multipart().await.unwrap(), many());
    });
}

#[test]
fn an_option_that_comes_too_late_is_refused() {
    in_each_runtime(|| async {
        let context = context();
        let (pair, endpoint) = bound(&context, Pair, TCP);
        let mut pair = registered(pair);
        let error = pair.inner().set_send_hwm(1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongState);
        let (sender, mut receiver) = pair.split();
        let error = sender.with_inner(|socket| socket.set_recv_hwm(1)).unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongState);
        let peer = connected(&context, Pair, &endpoint);
        peer.send("still works").unwrap();
        assert_eq!(receiver.recv().await.unwrap(), "still works");
    });
}

/// What a peer of ZMTP 3 sends first: a greeting without security, and the announcement that it is a PUSH.
fn handshake() -> Vec<u8> {
    let mut bytes = vec![0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0];
    bytes.extend(b"NULL");
    bytes.resize(64, 0);
    bytes.extend([4, 26]);
    bytes.extend(b"\x05READY\x0bSocket-Type\0\0\0\x04PUSH");
    bytes
}

/// The peers stay connected, except those that die.
#[test]
fn peers_that_lie_stall_or_die_keep_no_message_of_others_from_arriving() {
    in_each_runtime(|| async {
        let context = context();
        let (pull, endpoint) = bound(&context, Pull, TCP);
        let address = endpoint.as_str().strip_prefix("tcp://").unwrap().to_owned();
        let mut push = registered(connected(&context, Push, &endpoint));
        let mut pull = registered(pull);
        let mut peers = Vec::new();
        let bad_peer = |bytes: &[u8]| {
            let mut peer = TcpStream::connect(&address).unwrap();
            peer.write_all(bytes).unwrap();
            peer
        };
        for number in 0..20 {
            let receiving = spawn(async move {
                let received = pull.recv_multipart().await;
                (received, pull)
            });
            // These lie: no protocol at all, and a part that is longer than all memory.
            peers.push(bad_peer(b"GET / HTTP/1.1\r\n\r\n"));
            let mut bytes = handshake();
            bytes.extend([2, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
            peers.push(bad_peer(&bytes));
            // These stall: in the greeting, and within a message.
            peers.push(bad_peer(&handshake()[..20]));
            let mut bytes = handshake();
            bytes.extend(b"\x01\x05first\x00\x64the rest never comes");
            peers.push(bad_peer(&bytes));
            // This one dies within a message.
            drop(bad_peer(&bytes));
            yield_now().await;
            push.send_multipart([number.to_string(), "whole".to_owned()]).await.unwrap();
            let (received, back) = receiving.await;
            pull = back;
            assert_eq!(received.unwrap(), [number.to_string(), "whole".to_owned()]);
        }
        assert!(timeout(MOMENT, pull.recv()).await.is_none());
    });
}

/// The peer sends as fast as it can.
#[test]
fn a_peer_that_floods_keeps_no_other_task_from_running() {
    in_each_runtime(|| async {
        let context = context();
        let (pull, endpoint) = bound(&context, Pull, TCP);
        let mut push = registered(connected(&context, Push, &endpoint));
        let mut pull = registered(pull);
        let flood = spawn(async move { while push.send("flood").await.is_ok() {} });
        let received = Arc::new(AtomicUsize::new(0));
        let receiving = spawn({
            let received = Arc::clone(&received);
            async move {
                while pull.recv().await.is_ok() {
                    received.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        // This is another task, whose timers end.
        let mut rounds = 0;
        while rounds < 20 || received.load(Ordering::Relaxed) < 1_000 {
            timeout(Duration::from_millis(1), std::future::pending::<()>()).await;
            rounds += 1;
        }
        context.shutdown().unwrap();
        flood.await;
        receiving.await;
    });
}

#[test]
fn shutdown_in_the_midst_of_everything_ends_everything() {
    in_each_runtime(|| async {
        let context = context();
        let mut tasks = Vec::new();
        let busy = Arc::new(AtomicUsize::new(0));
        for number in 0..4 {
            let (left, endpoint) = bound(&context, Dealer, &format!("inproc://midst-{number}"));
            let mut monitor = monitored(left.monitor(Events::ALL).unwrap());
            tasks.push(spawn(async move {
                loop {
                    match monitor.recv().await {
                        Ok(_) => {}
                        // Another task has closed the socket after the shutdown.
                        Err(error) if error.kind() == ErrorKind::NotConnected => break ErrorKind::Terminated,
                        Err(error) => break error.kind(),
                    }
                }
            }));
            for dealer in [left, connected(&context, Dealer, &endpoint)] {
                let (sender, mut receiver) = registered(dealer).split();
                let busy = Arc::clone(&busy);
                tasks.push(spawn(async move {
                    loop {
                        match receiver.recv_multipart().await {
                            Ok(_) => busy.fetch_add(1, Ordering::Relaxed),
                            Err(error) => break error.kind(),
                        };
                    }
                }));
                for _ in 0..2 {
                    let sender = sender.clone();
                    tasks.push(spawn(async move {
                        loop {
                            if let Err(failure) = sender.send_multipart(["some", "parts"]).await {
                                break failure.kind();
                            }
                        }
                    }));
                }
            }
        }
        let (rep, endpoint) = bound(&context, Rep, TCP);
        let requester = registered(connected(&context, Dealer, &endpoint)).into_requester().unwrap();
        tasks.push(spawn(async move { requester.request("no reply").await.unwrap_err().kind() }));
        let mut idle = registered(socket(&context, Pull));
        tasks.push(spawn(async move { idle.readable().await.unwrap_err().kind() }));
        while busy.load(Ordering::Relaxed) < 1_000 {
            yield_now().await;
        }
        context.shutdown().unwrap();
        for task in tasks {
            assert_eq!(task.await, ErrorKind::Terminated);
        }
        drop(rep);
        timeout(crate::limit(), context.close()).await.expect("it hangs").unwrap();
    });
}
