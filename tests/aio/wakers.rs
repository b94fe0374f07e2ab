//! Wakers that panic. The task that calls such a waker loses no message, and the other tasks are woken.

use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll, Wake, Waker};

use zmq::{Dealer, Router};

use super::{in_each_runtime, registered, spawn, yield_now};
use crate::common::{context, socket};
use crate::narrow_dealers;

struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        resume_unwind(Box::new("on purpose"));
    }
}

/// Polls the future once, with a waker that panics.
macro_rules! wait_with_panic {
    ($future:expr) => {
        let waker = Waker::from(Arc::new(Panics));
        assert!($future.as_mut().poll(&mut Task::from_waker(&waker)).is_pending());
    };
}

#[test]
fn a_receiver_wakes_all_senders_and_keeps_its_message() {
    in_each_runtime(|| async {
        for is_async in [false, true] {
            let context = context();
            let [peer, dealer] = narrow_dealers(&context, "panics-in-send");
            let (sender, mut receiver) = registered(dealer).split();
            let mut fills = 0;
            while sender.try_send("fills").is_ok() {
                fills += 1;
            }
            let mut first = pin!(sender.send("first"));
            wait_with_panic!(first);
            let second = sender.clone();
            let second = spawn(async move { second.send("second").await });
            yield_now().await;
            for _ in 0..fills {
                assert_eq!(peer.recv().unwrap(), "fills");
            }
            peer.send("to the receiver").unwrap();
            let received =
                if is_async { receiver.recv().await.unwrap() } else { receiver.try_recv().unwrap() };
            assert_eq!(received, "to the receiver");
            second.await.unwrap();
            assert_eq!(peer.recv().unwrap(), "second");
            first.await.unwrap();
            assert_eq!(peer.recv().unwrap(), "first");
        }
    });
}

#[test]
fn a_request_wakes_all_other_requests_and_keeps_its_reply() {
    in_each_runtime(|| async {
        let context = context();
        let (server, dealer) = (socket(&context, Router), socket(&context, Dealer));
        dealer.connect(server.bind("inproc://panics-in-request").unwrap()).unwrap();
        let requester = registered(dealer).into_requester().unwrap();
        let mut watching = pin!(requester.request("watching"));
        let polled = std::future::poll_fn(|task| Poll::Ready(watching.as_mut().poll(task))).await;
        assert!(polled.is_pending());
        let mut first = pin!(requester.request("first"));
        wait_with_panic!(first);
        let second = requester.clone();
        let second = spawn(async move { second.request("second").await });
        yield_now().await;
        let mut requests: Vec<_> = (0..3).map(|_| server.recv_multipart().unwrap()).collect();
        // The reply of the task that receives for the others comes last.
        requests.rotate_left(1);
        for request in requests {
            server.send_multipart(request).unwrap();
        }
        assert_eq!(watching.await.unwrap(), ["watching"]);
        assert_eq!(second.await.unwrap(), ["second"]);
        assert_eq!(first.await.unwrap(), ["first"]);
    });
}

#[test]
fn the_end_of_a_context_wakes_all_that_wait() {
    in_each_runtime(|| async {
        let context = context();
        let owner = socket(&context, Dealer);
        let mut first = pin!(context.clone().close());
        wait_with_panic!(first);
        let second = context.close();
        let second = spawn(async move { second.await.unwrap() });
        yield_now().await;
        drop(owner);
        second.await;
        first.await.unwrap();
    });
}
