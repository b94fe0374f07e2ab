//! Each receiving call is polled several times and dropped. Then each other receiving call receives the message.

use std::future::poll_fn;

use zmq::{Message, Pull, Push};

use super::{Socket, in_each_runtime, registered};
use crate::common::{bound, connected, context, transports};
use crate::dropped_after;

#[derive(Clone, Copy, Debug)]
enum Call {
    Recv,
    RecvTo,
    RecvMultipart,
    RecvMany,
    Readable,
    PollRecv,
    PollRecvMultipart,
}

const CALLS: [Call; 7] = [
    Call::Recv,
    Call::RecvTo,
    Call::RecvMultipart,
    Call::RecvMany,
    Call::Readable,
    Call::PollRecv,
    Call::PollRecvMultipart,
];

/// Receives a message, of which only the first part waits.
async fn receive(pull: &mut Socket<Pull>, call: Call) -> Vec<Message> {
    let mut parts = Vec::new();
    match call {
        Call::Recv => parts.push(pull.recv().await.unwrap()),
        Call::RecvTo => {
            let mut part = Message::from("old");
            pull.recv_to(&mut part).await.unwrap();
            parts.push(part);
        }
        Call::RecvMultipart => parts.extend(pull.recv_multipart().await.unwrap()),
        Call::RecvMany => assert_eq!(pull.recv_many(&mut parts, 1).await.unwrap(), 2),
        Call::Readable => {
            // A hint.
            while parts.is_empty() {
                pull.readable().await.unwrap();
                parts.extend(pull.inner().try_recv());
            }
        }
        Call::PollRecv => parts.push(poll_fn(|task| pull.poll_recv(task)).await.unwrap()),
        Call::PollRecvMultipart => {
            parts.extend(poll_fn(|task| pull.poll_recv_multipart(task)).await.unwrap());
        }
    }
    while parts.last().unwrap().has_more() {
        parts.push(pull.inner().try_recv().unwrap());
    }
    parts
}

#[test]
fn a_dropped_call_takes_no_message_from_the_next_call() {
    for endpoint in transports("every-receive") {
        in_each_runtime(|| {
            let endpoint = endpoint.clone();
            async move {
                let context = context();
                let (mut push, endpoint) = bound(&context, Push, &endpoint);
                let mut pull = registered(connected(&context, Pull, &endpoint));
                let mut number = 0;
                for (call, next) in CALLS.into_iter().flat_map(|call| CALLS.map(|next| (call, next))) {
                    for (polls, arrival) in (0..4).flat_map(|polls| (0..=polls).map(move |at| (polls, at))) {
                        number += 1;
                        let message = [number.to_string(), "content".to_owned()];
                        let receiving = receive(&mut pull, call);
                        let received = dropped_after(receiving, polls, arrival, &mut push, &message).await;
                        let received = match received {
                            Some(received) => received,
                            None => receive(&mut pull, next).await,
                        };
                        assert_eq!(received, message, "{call:?}, {polls} polls, then {next:?}");
                    }
                }
                assert!(pull.inner().try_recv().is_err());
            }
        });
    }
}
