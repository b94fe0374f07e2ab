//! Each sending call is polled several times and dropped. Then each other sending call sends the message.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use zmq::error::SendError;
use zmq::{ErrorKind, Multipart, Pull, Push};

use super::{Reactor, Socket, in_each_runtime, registered, yield_now};
use crate::common::{context, socket, transports};

#[derive(Clone, Copy, Debug)]
enum Call {
    Send,
    SendMultipart,
    SendFrom,
    Writable,
    PollSend,
}

/// The calls of a half.
const CALLS: [Call; 4] = [Call::Send, Call::SendMultipart, Call::SendFrom, Call::Writable];

/// The calls of a socket that is not split.
const CALLS_UNSPLIT: [Call; 5] =
    [Call::Send, Call::SendMultipart, Call::SendFrom, Call::Writable, Call::PollSend];

/// A socket or a half that sends.
enum Sending {
    Unsplit(Box<Socket<Push>>),
    Half(zmq::aio::Sender<Push, Reactor>),
}

/// Makes a call that sockets and halves have.
macro_rules! either {
    ($sending:expr, $sender:ident => $call:expr) => {
        match $sending {
            Sending::Unsplit($sender) => $call,
            Sending::Half($sender) => $call,
        }
    };
}

impl Call {
    fn message(self, number: usize) -> Multipart {
        match self {
            Call::Send => Multipart::from([number.to_string()]),
            _ => Multipart::from([number.to_string(), "content".to_owned()]),
        }
    }
}

impl Sending {
    fn try_send(&mut self, message: Multipart) -> Result<(), SendError<Multipart>> {
        match self {
            Sending::Unsplit(socket) => socket.inner().try_send_multipart(message),
            Sending::Half(sender) => sender.try_send_multipart(message),
        }
    }

    async fn send(&mut self, call: Call, number: usize) {
        let message = call.message(number);
        match (call, self) {
            (Call::PollSend, Sending::Unsplit(socket)) => {
                let mut kept = Some(message);
                poll_fn(|task| socket.poll_send(task, &mut kept)).await.unwrap();
                assert!(kept.is_none());
            }
            (Call::SendMultipart, sending) => {
                either!(sending, sender => sender.send_multipart(message).await).unwrap();
            }
            (Call::SendFrom, sending) => {
                let mut kept = Some(message);
                either!(sending, sender => sender.send_from(&mut kept).await).unwrap();
                assert!(kept.is_none());
            }
            (Call::Writable, sending) => loop {
                // `writable` can return although there is no room.
                either!(sending, sender => sender.writable().await).unwrap();
                match sending.try_send(message.clone()) {
                    Err(failure) if failure.kind() == ErrorKind::WouldBlock => {}
                    sent => break sent.unwrap(),
                }
            },
            (_, sending) => either!(sending, sender => sender.send(number.to_string()).await).unwrap(),
        }
    }
}

/// Drops each call before it is ready, and then makes each other call.
fn drop_each(calls: &'static [Call], is_split: bool) {
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
                let (push, mut pull) = (registered(push), registered(pull));
                let mut sending = if is_split {
                    Sending::Half(push.into_sender())
                } else {
                    Sending::Unsplit(Box::new(push))
                };
                either!(&mut sending, sender => sender.send("first").await).unwrap();
                assert_eq!(pull.recv().await.unwrap(), "first");
                let mut number = 0;
                for pair in 0..calls.len() * calls.len() {
                    let (call, next) = (calls[pair / calls.len()], calls[pair % calls.len()]);
                    for (polls, room) in (0..4).flat_map(|polls| (0..=polls).map(move |at| (polls, at))) {
                        // Only inproc is full at once. Elsewhere it does not matter where a message is.
                        for _ in 0..8 {
                            if sending.try_send(FILLER.into()).is_err() {
                                break;
                            }
                        }
                        number += 1;
                        let mut is_sent = false;
                        let mut received = Vec::new();
                        let mut make_room = || received.extend(pull.inner().try_recv_multipart());
                        {
                            let mut call = pin!(sending.send(call, number));
                            for poll in 0..polls {
                                if poll == room {
                                    make_room();
                                }
                                let polled = poll_fn(|task| Poll::Ready(call.as_mut().poll(task))).await;
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
                            let mut call = pin!(sending.send(next, number));
                            poll_fn(|task| {
                                make_room();
                                let polled = call.as_mut().poll(task);
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

#[test]
fn a_dropped_call_leaves_the_message_to_the_next_call() {
    drop_each(&CALLS_UNSPLIT, false);
}

#[test]
fn a_dropped_call_of_a_sender_leaves_the_message_to_the_next_call() {
    drop_each(&CALLS, true);
}

const FILLER: &str = "filler";
