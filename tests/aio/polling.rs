//! Waiting until an async socket is readable or writable, and polling it.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use zmq::{Dealer, ErrorKind, Multipart, POLLOUT, Pull, Push, Router};

use super::{Socket, in_each_runtime, registered, spawn, timeout, yield_now};
use crate::common::process::rounds;
use crate::common::{bound, connected, context, socket, transports};
use crate::{full_and_free, narrow_dealers};

/// Sends and receives so many messages in one task, which waits for both at the same time.
async fn exchange(dealer: &mut Socket<Dealer>, count: usize, receives_first: bool) {
    let content = |number: usize| Multipart::from([number.to_string(), "content".to_owned()]);
    let (mut sent, mut received) = (0, 0);
    let mut message = Some(content(0));
    poll_fn(|task| {
        loop {
            let mut is_ready = false;
            for receives in [receives_first, !receives_first] {
                if receives && received < count {
                    if let Poll::Ready(message) = dealer.poll_recv_multipart(task) {
                        assert_eq!(message.unwrap(), content(received));
                        received += 1;
                        is_ready = true;
                    }
                } else if !receives && sent < count {
                    if let Poll::Ready(result) = dealer.poll_send(task, &mut message) {
                        result.unwrap();
                        sent += 1;
                        message = Some(content(sent));
                        is_ready = true;
                    }
                }
            }
            match ((sent, received) == (count, count), is_ready) {
                (true, _) => return Poll::Ready(()),
                (false, true) => {}
                (false, false) => return Poll::Pending,
            }
        }
    })
    .await;
}

#[test]
fn a_task_waits_to_receive_and_to_send_at_the_same_time() {
    let count = rounds(3_000);
    for endpoint in transports("both") {
        for order in [[true, true], [true, false], [false, false]] {
            in_each_runtime(|| {
                let endpoint = endpoint.clone();
                async move {
                    let context = context();
                    let [left, right] = [(), ()].map(|()| {
                        let dealer = socket(&context, Dealer);
                        dealer.set_send_hwm(1).unwrap();
                        dealer.set_recv_hwm(1).unwrap();
                        dealer
                    });
                    let endpoint = left.bind(&endpoint).unwrap();
                    right.connect(&endpoint).unwrap();
                    let (mut left, mut right) = (registered(left), registered(right));
                    let other = spawn(async move {
                        exchange(&mut right, count, order[0]).await;
                        right
                    });
                    exchange(&mut left, count, order[1]).await;
                    drop(other.await);
                }
            });
        }
    }
}

/// Otherwise, the task would be woken again and again, because there is a message.
#[test]
fn another_call_that_succeeds_ends_the_waits() {
    in_each_runtime(|| async {
        let context = context();
        let [dealer, peer] = narrow_dealers(&context, "ended-waits");
        let mut dealer = registered(dealer);
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        assert!(dealer.poll_recv(&mut Context::from_waker(&waker)).is_pending());
        peer.try_send("arrives").unwrap();
        assert_eq!(dealer.recv().await.unwrap(), "arrives");
        while dealer.inner().events().unwrap().contains(POLLOUT) {
            dealer.inner().try_send("fills").unwrap();
        }
        peer.try_send("is not asked for").unwrap();
        woken.0.store(0, Ordering::Relaxed);
        let mut message = Some(Multipart::from(["waits"]));
        for _ in 0..100 {
            assert!(dealer.poll_send(&mut Context::from_waker(&waker), &mut message).is_pending());
        }
        // The reactor may still report the messages.
        let woken = woken.0.load(Ordering::Relaxed);
        assert!(woken < 50, "{woken}");
    });
}

/// Counts how often a task is woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// The call that is made last reads the command that the other one waits for.
#[test]
fn no_call_takes_the_wake_up_of_the_other() {
    for receives_first in [true, false] {
        in_each_runtime(move || async move {
            let context = context();
            let [dealer, peer] = narrow_dealers(&context, "wake-ups");
            let (mut dealer, mut peer) = (registered(dealer), registered(peer));
            for _ in 0..100 {
                while dealer.inner().events().unwrap().contains(POLLOUT) {
                    dealer.inner().try_send("fills").unwrap();
                }
                let mut message = Some(Multipart::from(["last"]));
                let mut polls = 0;
                poll_fn(|task| {
                    polls += 1;
                    if receives_first {
                        let received = dealer.poll_recv(task);
                        if polls == 1 {
                            peer.inner().try_send("arrives").unwrap();
                        }
                        // There is no room.
                        assert!(dealer.poll_send(task, &mut message).is_pending());
                        received.map(|message| assert_eq!(message.unwrap(), "arrives"))
                    } else {
                        let sent = dealer.poll_send(task, &mut message);
                        if polls == 1 {
                            while peer.inner().try_recv().is_ok() {}
                        }
                        // There is no message.
                        assert!(dealer.poll_recv(task).is_pending());
                        sent.map(Result::unwrap)
                    }
                })
                .await;
                assert!(polls < 10, "{polls} polls");
                while peer.inner().try_recv().is_ok() {}
            }
        });
    }
}

/// A mandatory ROUTER reports room as long as any peer has some.
#[test]
fn a_message_for_a_peer_that_is_full_waits_while_others_arrive() {
    for receives_first in [true, false] {
        in_each_runtime(move || async move {
            let context = context();
            let (router, [full, free], sent) = full_and_free(&context, "inproc://full-and-free");
            let mut router = registered(router);
            let waiting = spawn(async move {
                let mut message = Some(Multipart::from(["full", "last"]));
                let mut received = 0;
                poll_fn(|task| {
                    let mut receive = |router: &mut Socket<Router>, task: &mut Context<'_>| {
                        while let Poll::Ready(message) = router.poll_recv_multipart(task) {
                            assert_eq!(message.unwrap(), ["free", "more"]);
                            received += 1;
                        }
                    };
                    if receives_first {
                        receive(&mut router, task);
                    }
                    let polled = router.poll_send(task, &mut message);
                    if !receives_first && polled.is_pending() {
                        receive(&mut router, task);
                    }
                    polled
                })
                .await
                .unwrap();
                while received < 100 {
                    assert_eq!(router.recv_multipart().await.unwrap(), ["free", "more"]);
                    received += 1;
                }
                router
            });
            for _ in 0..100 {
                free.send("more").unwrap();
                yield_now().await;
            }
            for _ in 0..sent {
                assert_eq!(full.recv().unwrap(), "content");
            }
            drop(waiting.await);
            assert_eq!(full.recv().unwrap(), "last");
        });
    }
}

#[test]
fn readable_and_writable_wait_only_until_the_socket_is_ready() {
    const MOMENT: Duration = Duration::from_millis(10);
    in_each_runtime(|| async {
        let context = context();
        let push = socket(&context, Push);
        push.set_send_hwm(1).unwrap();
        let endpoint = push.bind("inproc://ready").unwrap();
        let mut push = registered(push);
        assert!(timeout(MOMENT, push.writable()).await.is_none());
        let pull = socket(&context, Pull);
        pull.set_recv_hwm(1).unwrap();
        pull.connect(&endpoint).unwrap();
        push.writable().await.unwrap();
        let mut pull = registered(pull);
        assert!(timeout(MOMENT, pull.readable()).await.is_none());
        while push.inner().try_send("message").is_ok() {}
        assert!(timeout(MOMENT, push.writable()).await.is_none());
        pull.readable().await.unwrap();
        let waiting = spawn(async move {
            push.writable().await.unwrap();
            push
        });
        yield_now().await;
        assert_eq!(pull.recv().await.unwrap(), "message");
        let mut push = waiting.await;
        push.inner().try_send("message").unwrap();

        while pull.inner().try_recv().is_ok() {}
        let waiting = spawn(async move { pull.readable().await });
        yield_now().await;
        context.shutdown().unwrap();
        assert_eq!(waiting.await.unwrap_err().kind(), ErrorKind::Terminated);
        assert_eq!(push.writable().await.unwrap_err().kind(), ErrorKind::Terminated);
    });
}

#[test]
fn polling_without_a_message_is_refused() {
    in_each_runtime(|| async {
        let context = context();
        let (push, endpoint) = bound(&context, Push, "inproc://no-message");
        let _pull = connected(&context, Pull, &endpoint);
        let mut push = registered(push);
        let error = poll_fn(|task| push.poll_send(task, &mut None)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    });
}
