//! Async sockets, in each supported runtime.
//!
//! `with_tokio` and `with_smol` define the same helper functions, each for its own runtime. Each test runs with both.

#![cfg(any(feature = "smol", feature = "tokio"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::duplicate_mod,
    reason = "a test fails by panicking, and the tests of each runtime are the same"
)]

#[path = "../common/mod.rs"]
mod common;
#[cfg(feature = "smol")]
mod with_smol;
#[cfg(feature = "tokio")]
mod with_tokio;

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use zmq::capability::{CanMultipart, CanSend};
use zmq::{Context, Dealer, Pull, Push, Router, Socket};

/// How long a test may take that has much to do, on a busy machine. `ZMQ_TEST_SECONDS` sets it, for tests that have
/// more to do than usual.
fn limit() -> Duration {
    Duration::from_secs(common::process::setting("ZMQ_TEST_SECONDS", 120))
}

/// Polls a future so many times, and drops it if it is not ready then.
async fn poll_times<F: Future>(times: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..times {
        let polled = poll_fn(|task| Poll::Ready(future.as_mut().poll(task))).await;
        if let Poll::Ready(output) = polled {
            return Some(output);
        }
        smol::future::yield_now().await;
    }
    None
}

/// Polls a call so many times, and drops it if it is not ready then. The peer sends the message before the poll number `arrival`,
/// counted from 0, or after the call was dropped.
async fn dropped_after<F: Future, K: CanSend + CanMultipart>(
    call: F,
    polls: usize,
    arrival: usize,
    peer: &mut Socket<K>,
    message: &[String; 2],
) -> Option<F::Output> {
    let mut received = None;
    {
        let mut call = pin!(call);
        for poll in 0..polls {
            if poll == arrival {
                peer.send_multipart(message.clone()).unwrap();
            }
            if let Poll::Ready(output) = poll_fn(|task| Poll::Ready(call.as_mut().poll(task))).await {
                received = Some(output);
                break;
            }
            smol::future::yield_now().await;
        }
    }
    if arrival == polls {
        peer.send_multipart(message.clone()).unwrap();
    }
    received
}

/// A mandatory ROUTER and two DEALERs that are its peers. For the first peer, it has no more room, but this many messages.
fn full_and_free(context: &Context, endpoint: &str) -> (Socket<Router>, [Socket<Dealer>; 2], usize) {
    let router = common::socket(context, Router);
    router.set_router_mandatory(true).unwrap();
    router.set_send_hwm(1).unwrap();
    let endpoint = router.bind(endpoint).unwrap();
    let peers = ["full", "free"].map(|id| {
        let peer = common::socket(context, Dealer);
        peer.set_routing_id(id).unwrap();
        peer.set_recv_hwm(1).unwrap();
        peer.connect(&endpoint).unwrap();
        peer.send("here").unwrap();
        router.recv_multipart().unwrap();
        peer
    });
    let mut sent = 0;
    while router.try_send_multipart(["full", "content"]).is_ok() {
        sent += 1;
    }
    (router, peers, sent)
}

/// Two DEALERs within the process, each with room for one message in each direction.
fn narrow_dealers(context: &Context, name: &str) -> [Socket<Dealer>; 2] {
    let [left, right] = [(), ()].map(|()| {
        let dealer = common::socket(context, Dealer);
        dealer.set_send_hwm(1).unwrap();
        dealer.set_recv_hwm(1).unwrap();
        dealer
    });
    right.connect(left.bind(format!("inproc://{name}")).unwrap()).unwrap();
    [left, right]
}

/// Connected sockets without high-water marks, within the process.
fn unlimited(context: &Context, name: &str) -> (Socket<Push>, Socket<Pull>) {
    let (push, pull) = (common::socket(context, Push), common::socket(context, Pull));
    push.set_send_hwm(0).unwrap();
    pull.set_recv_hwm(0).unwrap();
    pull.connect(push.bind(format!("inproc://{name}")).unwrap()).unwrap();
    (push, pull)
}
