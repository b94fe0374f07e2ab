//! `recv_many` and `try_recv_many` receive many messages with one call.

use std::time::Duration;

use zmq::{ErrorKind, Message, Multipart, Pull, Push, Rep, Req};

use super::{in_each_runtime, registered, spawn, timeout};
use crate::common::process::rounds;
use crate::common::{TCP, bound, connected, context, meet, transports};

#[test]
fn many_parts_arrive_in_order_and_messages_are_never_split() {
    let messages = rounds(20_000);
    for endpoint in transports("many") {
        in_each_runtime(|| {
            let endpoint = endpoint.clone();
            async move {
                let context = context();
                let (push, endpoint) = bound(&context, Push, &endpoint);
                let (mut push, mut pull) =
                    (registered(push), registered(connected(&context, Pull, &endpoint)));
                let sender = spawn(async move {
                    for number in 0..messages {
                        let parts = (0..=number % 3).map(|part| format!("{number}.{part}"));
                        push.send_multipart(Multipart::from_frames(parts).unwrap()).await.unwrap();
                    }
                    push
                });
                let mut expected =
                    (0..messages).flat_map(|number| (0..=number % 3).map(move |part| (number, part)));
                let mut parts = Vec::new();
                let mut limit = 0;
                let mut received = 0;
                while received < messages {
                    limit = limit % 10 + 1;
                    let count = pull.recv_many(&mut parts, limit).await.unwrap();
                    assert_eq!(count, parts.len());
                    assert!((1..limit + 3).contains(&count), "{count} parts with a limit of {limit}");
                    assert!(!parts.last().unwrap().has_more());
                    for part in parts.drain(..) {
                        let (number, index) = expected.next().unwrap();
                        assert_eq!(part, format!("{number}.{index}"));
                        assert_eq!(part.has_more(), index < number % 3);
                        received += usize::from(!part.has_more());
                    }
                }
                assert!(expected.next().is_none());
                drop(sender.await);
            }
        });
    }
}

#[test]
fn a_call_receives_the_arrived_messages_up_to_a_limit() {
    in_each_runtime(|| async {
        let context = context();
        let pull = crate::common::socket(&context, Pull);
        pull.set_recv_hwm(0).unwrap();
        let endpoint = pull.bind("inproc://limits").unwrap();
        let push = crate::common::socket(&context, Push);
        push.set_send_hwm(0).unwrap();
        push.connect(&endpoint).unwrap();
        meet(&push, &pull);
        for _ in 0..600 {
            push.send("part").unwrap();
        }
        let mut pull = registered(pull);
        let mut parts = vec![Message::from("what was there")];
        assert_eq!(pull.recv_many(&mut parts, 0).await.unwrap(), 0);
        assert_eq!(pull.recv_many(&mut parts, 10).await.unwrap(), 10);
        assert_eq!(parts[0], "what was there");
        assert_eq!(parts.len(), 11);
        assert_eq!(pull.recv_many(&mut parts, usize::MAX).await.unwrap(), 256);
        assert_eq!(pull.recv_many(&mut parts, usize::MAX).await.unwrap(), 256);
        assert_eq!(pull.recv_many(&mut parts, usize::MAX).await.unwrap(), 78);
        assert!(timeout(Duration::from_millis(10), pull.recv_many(&mut parts, 10)).await.is_none());
        assert_eq!(parts.len(), 601);

        // The rest of a message whose first part was received before.
        push.send_multipart(["one", "two", "three"]).unwrap();
        push.send("four").unwrap();
        assert_eq!(pull.recv().await.unwrap(), "one");
        parts.clear();
        assert_eq!(pull.recv_many(&mut parts, 1).await.unwrap(), 2);
        assert_eq!(parts, ["two", "three"]);
        assert_eq!(pull.recv_many(&mut parts, 1).await.unwrap(), 1);
    });
}

#[test]
fn an_error_after_messages_is_returned_by_the_next_call() {
    in_each_runtime(|| async {
        let context = context();
        let (rep, endpoint) = bound(&context, Rep, TCP);
        let (mut rep, mut req) = (registered(rep), registered(connected(&context, Req, &endpoint)));
        req.send("Hello").await.unwrap();
        let mut parts = Vec::new();
        assert_eq!(rep.recv_many(&mut parts, 10).await.unwrap(), 1);
        assert_eq!(rep.recv_many(&mut parts, 10).await.unwrap_err().kind(), ErrorKind::WrongState);
        assert_eq!(parts, ["Hello"]);
        context.shutdown().unwrap();
        assert_eq!(req.recv_many(&mut parts, 10).await.unwrap_err().kind(), ErrorKind::Terminated);
    });
}
