//! Async sockets as streams and sinks.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use futures::stream::FusedStream;
use futures::{Sink, SinkExt, Stream, StreamExt, TryStreamExt};
use zmq::{Any, Dealer, ErrorKind, Multipart, Pull, Push, Rep, Req, SocketKind};

use super::{in_each_runtime, registered, spawn, yield_now};
use crate::common::process::rounds;
use crate::common::{TCP, bound, connected, context, socket, transports};
use crate::poll_times;

fn numbered(number: usize) -> Multipart {
    Multipart::from([number.to_string(), "content".to_owned()])
}

#[test]
fn a_stream_forwards_to_a_sink_in_order() {
    let count = rounds(5_000);
    for endpoint in transports("forwards") {
        in_each_runtime(|| {
            let endpoint = endpoint.clone();
            async move {
                let context = context();
                let (push, endpoint) = bound(&context, Push, &endpoint);
                let mut pull = registered(connected(&context, Pull, &endpoint));
                let sender = spawn(async move {
                    let mut sink = registered(push).into_sink();
                    for number in 0..count {
                        sink.feed(numbered(number)).await.unwrap();
                    }
                    sink.close().await.unwrap();
                    sink.into_inner()
                });
                let (out, endpoint) = bound(&context, Push, TCP);
                let mut last = registered(connected(&context, Pull, &endpoint)).into_stream();
                let forwarder = spawn(async move {
                    let mut out = registered(out);
                    let messages = pull.stream().take(count).map_err(|error| panic!("{error}"));
                    messages.forward(out.sink()).await.unwrap();
                    (pull, out)
                });
                for number in 0..count {
                    assert_eq!(last.next().await.unwrap().unwrap(), numbered(number));
                }
                let ((_, message), _) = (sender.await, forwarder.await);
                assert!(message.is_none());
            }
        });
    }
}

#[test]
fn streams_end_when_the_context_is_shut_down() {
    in_each_runtime(|| async {
        let context = context();
        let (mut borrowed, owned) =
            (registered(context.socket(Dealer).unwrap()), registered(context.socket(Dealer).unwrap()));
        let waiting = [
            spawn(async move {
                let mut stream = borrowed.stream();
                assert!(stream.next().await.is_none());
                assert!(stream.next().await.is_none());
            }),
            spawn(async move {
                let mut stream = owned.into_stream();
                assert!(stream.next().await.is_none());
                assert!(stream.next().await.is_none());
                let error = stream.into_inner().recv().await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Terminated);
            }),
        ];
        yield_now().await;
        context.shutdown().unwrap();
        for stream in waiting {
            stream.await;
        }
    });
}

/// A PUB never receives, so there is nothing to wait for after the error.
#[test]
fn a_stream_ends_after_an_error_that_cannot_go_away() {
    in_each_runtime(|| async {
        let context = context();
        let mut publisher = registered(context.socket(Any(SocketKind::Pub)).unwrap());
        {
            let mut stream = publisher.stream();
            assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::Unsupported);
            assert!(stream.is_terminated());
            assert!(stream.next().await.is_none());
        }
        let mut stream = publisher.into_stream();
        let items: Vec<_> = stream.by_ref().map(|item| item.unwrap_err().kind()).collect().await;
        assert_eq!(items, [ErrorKind::Unsupported]);
        assert!(stream.is_terminated());
    });
}

/// A REQ that must send first can receive later.
#[test]
fn a_stream_continues_after_an_error_that_can_go_away() {
    in_each_runtime(|| async {
        let context = context();
        let (rep, endpoint) = bound(&context, Rep, "inproc://goes-away");
        let mut stream = registered(connected(&context, Req, &endpoint)).into_stream();
        for _ in 0..2 {
            assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::WrongState);
        }
        stream.get_mut().send("request").await.unwrap();
        let reply = rep.recv().unwrap();
        rep.send(reply).unwrap();
        assert_eq!(stream.next().await.unwrap().unwrap(), ["request"]);
    });
}

#[test]
fn a_dropped_stream_takes_no_message() {
    in_each_runtime(|| async {
        let context = context();
        let (push, endpoint) = bound(&context, Push, TCP);
        let mut pull = registered(connected(&context, Pull, &endpoint));
        let sender = std::thread::spawn(move || {
            for number in 0..5_000 {
                push.send_multipart(numbered(number)).unwrap();
            }
            push
        });
        let mut number = 0;
        for round in 0.. {
            if number == 5_000 {
                break;
            }
            let mut stream = pull.stream();
            if let Some(received) = poll_times(round % 4, stream.next()).await {
                assert_eq!(received.unwrap().unwrap(), numbered(number));
                number += 1;
            }
        }
        drop(sender.join().unwrap());
    });
}

#[test]
fn a_sink_keeps_one_message_until_there_is_room() {
    in_each_runtime(|| async {
        let context = context();
        let push = socket(&context, Push);
        push.set_send_hwm(1).unwrap();
        push.bind("inproc://one").unwrap();
        let mut push = registered(push);
        {
            // There is no peer.
            let mut sink = push.sink();
            assert!(poll_times(3, sink.send(numbered(0))).await.is_none());
            assert!(poll_times(3, sink.send(numbered(7))).await.is_none());
            assert_eq!(sink.take().unwrap(), numbered(0));
            assert!(sink.take().is_none());
            assert!(poll_times(3, sink.send(numbered(1))).await.is_none());
        }
        let mut sink = push.into_sink();
        assert!(poll_times(3, sink.send(numbered(2))).await.is_none());
        let (push, message) = sink.into_inner();
        assert_eq!(message.unwrap(), numbered(2));
        let mut sink = push.into_sink();
        assert!(poll_times(3, sink.send(numbered(3))).await.is_none());
        let pull = socket(&context, Pull);
        pull.set_recv_hwm(1).unwrap();
        pull.connect("inproc://one").unwrap();
        let mut pull = registered(pull);
        let sending = spawn(async move {
            for number in 4..100 {
                sink.send(numbered(number)).await.unwrap();
            }
            sink
        });
        for number in 3..100 {
            assert_eq!(pull.recv_multipart().await.unwrap(), numbered(number));
        }
        drop(sending.await);
        assert!(pull.inner().try_recv().is_err());
    });
}

#[test]
fn errors_of_a_sink_return_the_message() {
    in_each_runtime(|| async {
        let context = context();
        let mut sink = registered(socket(&context, Push)).into_sink();
        Pin::new(&mut sink).start_send(numbered(0)).unwrap();
        let error = Pin::new(&mut sink).start_send(numbered(1)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.into_message(), numbered(1));
        context.shutdown().unwrap();
        let error = sink.flush().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Terminated);
        assert_eq!(error.into_message(), numbered(0));
        sink.flush().await.unwrap();
    });
}

#[test]
fn streams_and_sinks_can_move_between_threads() {
    fn is_stream<T: Stream + Send + Unpin>(_: &T) {}
    fn is_sink<T: Sink<Multipart> + Send + Unpin>(_: &T) {}

    in_each_runtime(|| async {
        let context = context();
        let mut dealer = registered(context.socket(Dealer).unwrap());
        is_stream(&dealer.stream());
        is_sink(&dealer.sink());
        let mut stream = dealer.into_stream();
        is_stream(&stream);
        stream.get_mut().inner().set_linger(None).unwrap();
        let mut sink = stream.into_inner().into_sink();
        is_sink(&sink);
        assert_eq!(sink.get_mut().inner().linger().unwrap(), None);
        poll_fn(|task| {
            assert!(Pin::new(&mut sink).poll_ready(task).is_ready());
            Poll::Ready(())
        })
        .await;
    });
}
