//! Each receiving call is polled several times and dropped. Then each other receiving call receives the message.

use std::future::poll_fn;

use zmq::{Message, Pair};

use super::{Reactor, Socket, in_each_runtime, registered};
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

/// The calls of a half.
const CALLS: [Call; 5] = [Call::Recv, Call::RecvTo, Call::RecvMultipart, Call::RecvMany, Call::Readable];

/// The calls of a socket that is not split.
const CALLS_UNSPLIT: [Call; 7] = [
    Call::Recv,
    Call::RecvTo,
    Call::RecvMultipart,
    Call::RecvMany,
    Call::Readable,
    Call::PollRecv,
    Call::PollRecvMultipart,
];

/// A socket or a half that receives.
enum Receiving {
    Unsplit(Box<Socket<Pair>>),
    Half(zmq::aio::Receiver<Pair, Reactor>),
}

/// Makes a call that sockets and halves have.
macro_rules! either {
    ($receiving:expr, $receiver:ident => $call:expr) => {
        match $receiving {
            Receiving::Unsplit($receiver) => $call,
            Receiving::Half($receiver) => $call,
        }
    };
}

impl Receiving {
    fn try_recv(&mut self) -> zmq::Result<Message> {
        match self {
            Receiving::Unsplit(socket) => socket.inner().try_recv(),
            Receiving::Half(receiver) => receiver.try_recv(),
        }
    }

    /// Receives a message, of which only the first part waits.
    async fn receive(&mut self, call: Call) -> Vec<Message> {
        let mut parts = Vec::new();
        match (call, &mut *self) {
            (Call::PollRecv, Receiving::Unsplit(socket)) => {
                parts.push(poll_fn(|task| socket.poll_recv(task)).await.unwrap());
            }
            (Call::PollRecvMultipart, Receiving::Unsplit(socket)) => {
                parts.extend(poll_fn(|task| socket.poll_recv_multipart(task)).await.unwrap());
            }
            (Call::RecvTo, receiving) => {
                let mut part = Message::from("old");
                either!(receiving, receiver => receiver.recv_to(&mut part).await).unwrap();
                parts.push(part);
            }
            (Call::RecvMultipart, receiving) => {
                parts.extend(either!(receiving, receiver => receiver.recv_multipart().await).unwrap());
            }
            (Call::RecvMany, receiving) => {
                let count = either!(receiving, receiver => receiver.recv_many(&mut parts, 1).await);
                assert_eq!(count.unwrap(), 2);
            }
            (Call::Readable, receiving) => {
                // `readable` can return although there is no message.
                while parts.is_empty() {
                    either!(receiving, receiver => receiver.readable().await).unwrap();
                    parts.extend(receiving.try_recv());
                }
            }
            (_, receiving) => parts.push(either!(receiving, receiver => receiver.recv().await).unwrap()),
        }
        while parts.last().unwrap().has_more() {
            parts.push(self.try_recv().unwrap());
        }
        parts
    }
}

/// Drops each call before it is ready, and then makes each other call.
fn drop_each(calls: &'static [Call], is_split: bool) {
    for endpoint in transports("every-receive") {
        in_each_runtime(|| {
            let endpoint = endpoint.clone();
            async move {
                let context = context();
                let (mut peer, endpoint) = bound(&context, Pair, &endpoint);
                let pair = registered(connected(&context, Pair, &endpoint));
                let mut receiving = if is_split {
                    Receiving::Half(pair.split().1)
                } else {
                    Receiving::Unsplit(Box::new(pair))
                };
                let mut number = 0;
                for pair in 0..calls.len() * calls.len() {
                    let (call, next) = (calls[pair / calls.len()], calls[pair % calls.len()]);
                    for (polls, arrival) in (0..4).flat_map(|polls| (0..=polls).map(move |at| (polls, at))) {
                        number += 1;
                        let message = [number.to_string(), "content".to_owned()];
                        let received =
                            dropped_after(receiving.receive(call), polls, arrival, &mut peer, &message).await;
                        let received = match received {
                            Some(received) => received,
                            None => receiving.receive(next).await,
                        };
                        assert_eq!(received, message, "{call:?}, {polls} polls, then {next:?}");
                    }
                }
                assert!(receiving.try_recv().is_err());
            }
        });
    }
}

#[test]
fn a_dropped_call_takes_no_message_from_the_next_call() {
    drop_each(&CALLS_UNSPLIT, false);
}

#[test]
fn a_dropped_call_of_a_receiver_took_nothing_from_the_next() {
    drop_each(&CALLS, true);
}
