//! Each sending call is polled several times and dropped. Then each other sending call sends the message.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use zmq::{ErrorKind, Multipart, Pull, Push};

use super::{Socket, in_each_runtime, registered, yield_now};
use crate::common::{context, socket, transports};

#[derive(Clone, Copy, Debug)]
enum Call {
    Send,
    SendMultipart,
    SendFrom,
    Writable,
    PollSend,
}

const CALLS: [Call; 5] = [Call::Send, Call::SendMultipart, Call::SendFrom, Call::Writable, Call::PollSend];

impl Call {
    fn message(self, number: usize) -> Multipart {
        match self {
            Call::Send => Multipart::from([number.to_string()]),
            _ => Multipart::from([number.to_string(), "content".to_owned()]),
        }
    }
}

async fn send(push: &mut Socket<Push>, call: Call, number: usize) {
    let message = call.message(number);
    match call {
        Call::Send => push.send(number.to_string()).await.unwrap(),
        Call::SendMultipart => push.send_multipart(message).await.unwrap(),
        Call::SendFrom => {
            let mut kept = Some(message);
            push.send_from(&mut kept).await.unwrap();
            assert!(kept.is_none());
        }
        Call::Writable => loop {
            // A hint.
            push.writable().await.unwrap();
            match push.inner().try_send_multipart(message.clone()) {
                Err(failure) if failure.kind() == ErrorKind::WouldBlock => {}
                sent => break sent.unwrap(),
            }
        },
        Call::PollSend => {
            let mut kept = Some(message);
            poll_fn(|task| push.poll_send(task, &mut kept)).await.unwrap();
            assert!(kept.is_none());
        }
    }
}

#[test]
fn a_dropped_call_leaves_the_message_to_the_next_call() {
    for endpoint in transports("every-send") {
        in_each_runtime(|| {
            let endpoint = endpoint.clone();
            async move {
                let context = context();
                let push = socket(&context, Push);
                push.set_send_hwm(1).unwrap();
                push.set_send_buffer(4096).unwrap();
                let endpoint = push.bind(&endpoint).unwrap();
                let pull = socket(&context, Pull);
                pull.set_recv_hwm(1).unwrap();
                pull.set_recv_buffer(4096).unwrap();
                pull.connect(&endpoint).unwrap();
                let (mut push, mut pull) = (registered(push), registered(pull));
                push.send("first").await.unwrap();
                assert_eq!(pull.recv().await.unwrap(), "first");
                let mut number = 0;
                for (call, next) in CALLS.into_iter().flat_map(|call| CALLS.map(|next| (call, next))) {
                    for (polls, room) in (0..4).flat_map(|polls| (0..=polls).map(move |at| (polls, at))) {
                        // Only inproc is full at once. Elsewhere it does not matter where a message is.
                        for _ in 0..8 {
                            if push.inner().try_send(FILLER).is_err() {
                                break;
                            }
                        }
                        number += 1;
                        let mut is_sent = false;
                        let mut received = Vec::new();
                        let mut make_room = || received.extend(pull.inner().try_recv_multipart());
                        {
                            let mut sending = pin!(send(&mut push, call, number));
                            for poll in 0..polls {
                                if poll == room {
                                    make_room();
                                }
                                let polled = poll_fn(|task| Poll::Ready(sending.as_mut().poll(task))).await;
                                is_sent = polled.is_ready();
                                if is_sent {
                                    break;
                                }
                                yield_now().await;
                            }
                        }
                        let mut expected = call.message(number);
                        if !is_sent {
                            expected = next.message(number);
                            let mut sending = pin!(send(&mut push, next, number));
                            poll_fn(|task| {
                                make_room();
                                let polled = sending.as_mut().poll(task);
                                // There may be a message that makes room, but has not arrived yet.
                                if polled.is_pending() {
                                    task.waker().wake_by_ref();
                                }
                                polled
                            })
                            .await;
                        }
                        while received.last() != Some(&expected) {
                            received.push(pull.recv_multipart().await.unwrap());
                        }
                        let wrong = received.iter().filter(|message| **message != [FILLER]).count() != 1;
                        assert!(!wrong, "{call:?}, {polls} polls, then {next:?}: {received:?}");
                    }
                }
                assert!(pull.inner().try_recv().is_err());
            }
        });
    }
}

const FILLER: &str = "filler";
