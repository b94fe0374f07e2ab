//! Streams and sinks of async sockets in a forked child: each ends with an error, and its parent goes on.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use futures::stream::FusedStream;
use futures::{Sink, Stream, StreamExt};
use zmq::aio::Reactor;
use zmq::error::ConvertError;
use zmq::monitor::{EventKind, Events};
use zmq::{Dealer, Error, ErrorKind, Multipart};

use super::{Child, check, is_forked};
use crate::common::{context, socket};
use crate::one_at_a_time;

#[cfg(feature = "smol")]
#[test]
fn streams_of_smol_end_in_a_child() {
    let _alone = one_at_a_time();
    smol::block_on(end_in_a_child(zmq::Socket::into_smol, zmq::Monitor::into_smol));
}

#[cfg(feature = "tokio")]
#[test]
fn streams_of_tokio_end_in_a_child() {
    let _alone = one_at_a_time();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(end_in_a_child(zmq::Socket::into_tokio, zmq::Monitor::into_tokio));
}

/// Whether the stream returns the error once, and then ends, without waiting.
fn ends_with_the_error<T, E: Into<Error>>(mut stream: impl FusedStream<Item = Result<T, E>> + Unpin) -> bool {
    let mut next = || Pin::new(&mut stream).poll_next(&mut Context::from_waker(Waker::noop()));
    let is_error = match next() {
        Poll::Ready(Some(item)) => is_forked(item),
        _ => false,
    };
    is_error && matches!(next(), Poll::Ready(None)) && stream.is_terminated()
}

/// Whether the sink returns the message with the error, without waiting.
fn returns_the_message(sink: impl Sink<Multipart, Error = zmq::error::SendError<Multipart>>) -> bool {
    let mut sink = pin!(sink);
    if sink.as_mut().start_send(Multipart::from("from the child")).is_err() {
        return false;
    }
    match sink.poll_flush(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Err(failure)) => {
            failure.kind() == ErrorKind::Forked && failure.into_message() == ["from the child"]
        }
        _ => false,
    }
}

/// In the parent, each stream has an item at the fork, or waits for one.
async fn end_in_a_child<R: Reactor>(
    registered: impl Fn(
        zmq::Socket<Dealer>,
    ) -> Result<zmq::aio::Socket<Dealer, R>, ConvertError<zmq::Socket<Dealer>>>,
    monitored: impl Fn(zmq::Monitor) -> Result<zmq::aio::Monitor<R>, ConvertError<zmq::Monitor>>,
) {
    let context = context();
    let peer = socket(&context, Dealer);
    let endpoint = peer.bind("inproc://streams-of-a-parent").unwrap();
    let dealer = socket(&context, Dealer);
    let monitor = dealer.monitor(Events::ALL).unwrap();
    dealer.connect(&endpoint).unwrap();
    dealer.bind("tcp://127.0.0.1:*").unwrap();
    peer.send("to the parent").unwrap();
    let mut inherited = Some((registered(dealer).unwrap(), monitored(monitor).unwrap()));
    let child = Child::new(|| {
        let Some((mut dealer, mut monitor)) = inherited.take() else { return Err(line!()) };
        check!(ends_with_the_error(dealer.stream()));
        check!(returns_the_message(dealer.sink()));
        check!(ends_with_the_error(monitor.stream()));
        check!(ends_with_the_error(dealer.into_stream()));
        check!(ends_with_the_error(monitor.into_stream()));
        Ok(())
    });
    child.assert_ends_well();

    let (dealer, monitor) = inherited.unwrap();
    let (mut messages, mut events) = (dealer.into_stream(), monitor.into_stream());
    assert_eq!(messages.next().await.unwrap().unwrap(), ["to the parent"]);
    assert!(matches!(events.next().await.unwrap().unwrap().kind(), EventKind::Listening { .. }));
    let mut task = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut messages).poll_next(&mut task).is_pending());
    assert!(Pin::new(&mut events).poll_next(&mut task).is_pending());
    let mut inherited = Some((messages, events));
    let child = Child::new(|| {
        let Some((messages, events)) = inherited.take() else { return Err(line!()) };
        check!(ends_with_the_error(messages));
        check!(ends_with_the_error(events));
        Ok(())
    });
    child.assert_ends_well();

    let (mut messages, mut events) = inherited.unwrap();
    peer.send("again").unwrap();
    assert_eq!(messages.next().await.unwrap().unwrap(), ["again"]);
    messages.get_mut().inner().bind("tcp://127.0.0.1:*").unwrap();
    assert!(matches!(events.next().await.unwrap().unwrap().kind(), EventKind::Listening { .. }));
    let mut sink = messages.into_inner().into_sink();
    futures::SinkExt::send(&mut sink, Multipart::from("from the parent")).await.unwrap();
    assert_eq!(peer.recv().unwrap(), "from the parent");
}
