//! Calls that are dropped before they are ready lose nothing.

use std::collections::VecDeque;
use std::future::ready;
use std::thread;
use std::time::Duration;

use smol::future::race;
use zmq::{ErrorKind, Message, Multipart, Pull, Push, Rep, Req};

use super::{in_each_runtime, registered, spawn, spawn_blocking, timeout, yield_now};
use crate::common::process::rounds;
use crate::common::{TCP, bound, connected, context, transports};
use crate::poll_times;

#[test]
fn a_dropped_receive_received_nothing() {
    let count = rounds(20_000);
    for endpoint in transports("dropped-receive") {
        in_each_runtime(|| {
            let endpoint = endpoint.clone();
            async move {
                let context = context();
                let (push, endpoint) = bound(&context, Push, &endpoint);
                let mut pull = registered(connected(&context, Pull, &endpoint));
                let sender = thread::spawn(move || {
                    for number in 0..count {
                        push.send_multipart([number.to_string(), "content".to_owned()]).unwrap();
                    }
                    push
                });
                let mut number = 0;
                let mut message = Message::new();
                for round in 0.. {
                    if number == count {
                        break;
                    }
                    let expected = [number.to_string(), "content".to_owned()];
                    match round % 3 {
                        0 => {
                            let Some(received) = poll_times(round % 4, pull.recv_multipart()).await else {
                                continue;
                            };
                            assert_eq!(received.unwrap(), expected);
                        }
                        1 => {
                            let Some(received) = poll_times(round % 4, pull.recv()).await else { continue };
                            assert_eq!(received.unwrap(), expected[0]);
                            assert_eq!(pull.recv().await.unwrap(), expected[1]);
                        }
                        _ => {
                            let received = poll_times(round % 4, pull.recv_to(&mut message)).await;
                            let Some(received) = received else { continue };
                            received.unwrap();
                            assert_eq!(message, expected[0]);
                            assert_eq!(pull.recv().await.unwrap(), expected[1]);
                        }
                    }
                    number += 1;
                }
                assert_eq!(number, count);
                assert!(pull.inner().try_recv().is_err());
                sender.join().unwrap();
            }
        });
    }
}

#[test]
fn a_dropped_send_sent_nothing_and_send_from_keeps_the_message() {
    let count = rounds(5_000);
    for endpoint in transports("dropped-send") {
        in_each_runtime(|| {
            let endpoint = endpoint.clone();
            async move {
                let context = context();
                let push = crate::common::socket(&context, Push);
                push.set_send_hwm(1).unwrap();
                let endpoint = push.bind(&endpoint).unwrap();
                let pull = crate::common::socket(&context, Pull);
                pull.set_recv_hwm(1).unwrap();
                pull.connect(&endpoint).unwrap();
                let reader = thread::spawn(move || {
                    let mut received = Vec::new();
                    loop {
                        let message = pull.recv_multipart().unwrap();
                        if message == ["end"] {
                            return received;
                        }
                        received.push(message);
                    }
                });
                let mut push = registered(push);
                let mut sent = VecDeque::new();
                for number in 0..count {
                    let message = Multipart::from([number.to_string(), "content".to_owned()]);
                    match number % 3 {
                        0 => {
                            if let Some(done) = poll_times(number % 4, push.send(number.to_string())).await {
                                done.unwrap();
                                sent.push_back(Multipart::from([number.to_string()]));
                            }
                        }
                        1 => {
                            if let Some(done) =
                                poll_times(number % 4, push.send_multipart(message.clone())).await
                            {
                                done.unwrap();
                                sent.push_back(message);
                            }
                        }
                        _ => {
                            let mut kept = Some(message.clone());
                            while poll_times(number % 4 + 1, push.send_from(&mut kept)).await.is_none() {
                                assert_eq!(kept.as_ref(), Some(&message));
                            }
                            assert!(kept.is_none());
                            sent.push_back(message);
                        }
                    }
                }
                push.send("end").await.unwrap();
                let received = spawn_blocking(|| reader.join().unwrap()).await;
                assert_eq!(received, Vec::from(sent));
            }
        });
    }
}

/// <https://github.com/zeromq/zmq.rs/issues/248>
#[test]
fn many_timeouts_lose_no_message() {
    let count = rounds(20_000);
    in_each_runtime(move || async move {
        let context = context();
        let (push, endpoint) = bound(&context, Push, TCP);
        let (mut push, mut pull) = (registered(push), registered(connected(&context, Pull, &endpoint)));
        let sender = spawn(async move {
            for number in 0..count {
                push.send(number.to_string()).await.unwrap();
                if number % 10 == 0 {
                    yield_now().await;
                }
            }
            push
        });
        let mut number = 0;
        while number < count {
            if let Some(received) = timeout(Duration::from_micros(1), pull.recv()).await {
                assert_eq!(received.unwrap(), number.to_string());
                number += 1;
            }
        }
        drop(sender.await);
    });
}

#[test]
fn a_branch_that_is_always_ready_takes_no_message() {
    let count = rounds(20_000);
    in_each_runtime(move || async move {
        let context = context();
        let (push, endpoint) = bound(&context, Push, TCP);
        let (mut push, mut pull) = (registered(push), registered(connected(&context, Pull, &endpoint)));
        let sender = spawn(async move {
            for number in 0..count {
                push.send(number.to_string()).await.unwrap();
            }
            push
        });
        let mut number = 0;
        while number < count {
            match race(async { Some(pull.recv().await) }, ready(None)).await {
                None => yield_now().await,
                Some(received) => {
                    assert_eq!(received.unwrap(), number.to_string());
                    number += 1;
                }
            }
        }
        drop(sender.await);
    });
}

/// A REQ whose wait for the reply was dropped receives it with the next call.
#[test]
fn a_request_goes_on_after_a_dropped_receive() {
    in_each_runtime(|| async {
        let context = context();
        let (rep, endpoint) = bound(&context, Rep, TCP);
        let (mut rep, mut req) = (registered(rep), registered(connected(&context, Req, &endpoint)));
        req.send("Hello").await.unwrap();
        assert!(poll_times(1, req.recv()).await.is_none());
        let error = req.send("too early").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongState);
        assert_eq!(error.into_message(), "too early");
        assert_eq!(rep.recv().await.unwrap(), "Hello");
        rep.send("World").await.unwrap();
        assert_eq!(req.recv().await.unwrap(), "World");
    });
}

#[test]
fn a_future_that_was_ready_can_be_polled_again() {
    in_each_runtime(|| async {
        let context = context();
        let (push, endpoint) = bound(&context, Push, "inproc://again");
        let (mut push, mut pull) = (registered(push), registered(connected(&context, Pull, &endpoint)));
        {
            let mut sending = push.send("once");
            (&mut sending).await.unwrap();
            assert_eq!(sending.await.unwrap_err().kind(), ErrorKind::InvalidInput);
        }
        {
            let mut sending = push.send_multipart(["once", "more"]);
            (&mut sending).await.unwrap();
            assert_eq!(sending.await.unwrap_err().kind(), ErrorKind::InvalidInput);
        }
        assert_eq!(push.send_from(&mut None).await.unwrap_err().kind(), ErrorKind::InvalidInput);
        {
            let mut receiving = pull.recv();
            assert_eq!((&mut receiving).await.unwrap(), "once");
            assert_eq!(receiving.await.unwrap(), "once");
        }
        assert_eq!(pull.recv().await.unwrap(), "more");
        assert!(pull.inner().try_recv().is_err());
    });
}
