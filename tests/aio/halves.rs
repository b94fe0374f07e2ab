//! Halves of a socket: how calls on one half affect the calls on the other half.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context as Task, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use zmq::{Context, Dealer, ErrorKind, Message, Pair, Pub, Pull, Push, Router};

use super::waiting::counted;
use super::{Reactor, in_each_runtime, registered, runtimes, spawn, timeout, yield_now};
use crate::common::process::rounds;
use crate::common::{TCP, bound, connected, context, meet, socket, transports};
use crate::full_and_free;

type Sender<K> = zmq::aio::Sender<K, Reactor>;
type Receiver<K> = zmq::aio::Receiver<K, Reactor>;

/// How long a message that is there may take to be received, on a busy machine.
const SOON: Duration = Duration::from_secs(10);

/// A DEALER that is full, and its peer, from which it has room for one more message after each message that is received.
fn full(context: &Context, name: &str) -> (zmq::Socket<Dealer>, zmq::Socket<Dealer>) {
    let (peer, dealer) = (socket(context, Dealer), socket(context, Dealer));
    peer.set_recv_hwm(1).unwrap();
    dealer.set_send_hwm(1).unwrap();
    peer.bind(name).unwrap();
    dealer.connect(name).unwrap();
    while dealer.try_send("full").is_ok() {}
    (dealer, peer)
}

/// Polls a future once. It must not be ready.
async fn begins_to_wait<F: Future + Unpin>(future: &mut F) {
    poll_fn(|task| {
        assert!(std::pin::Pin::new(&mut *future).poll(task).is_pending());
        Poll::Ready(())
    })
    .await;
}

#[test]
fn one_task_receives_and_another_one_sends() {
    for endpoint in transports("halves") {
        in_each_runtime(|| {
            let endpoint = endpoint.clone();
            async move {
                let context = context();
                let (left, endpoint) = bound(&context, Pair, &endpoint);
                let right = connected(&context, Pair, &endpoint);
                meet(&left, &right);
                let (sender, mut receiver) = registered(left).split();
                let (other_sender, mut other_receiver) = registered(right).split();
                let task = spawn(async move {
                    assert_eq!(other_receiver.recv_multipart().await.unwrap(), ["to", "the right"]);
                    other_receiver
                });
                let mut receiving = pin!(receiver.recv());
                begins_to_wait(&mut receiving).await;
                sender.send_multipart(["to", "the right"]).await.unwrap();
                drop(task.await);
                other_sender.send("to the left").await.unwrap();
                assert_eq!(receiving.await.unwrap(), "to the left");
            }
        });
    }
}

#[test]
fn halves_can_be_joined_again() {
    in_each_runtime(|| async {
        let context = context();
        let (left, endpoint) = bound(&context, Dealer, TCP);
        let mut right = registered(connected(&context, Dealer, &endpoint));
        let (sender, receiver) = registered(left).split();
        let (stranger, mut other_receiver) = registered(socket(&context, Dealer)).split();
        let error = receiver.reunite(stranger).unwrap_err();
        assert!(error.is_other_socket());
        assert_eq!(error.to_string(), "the sender and the receiver are halves of different sockets");
        let (stranger, receiver) = error.into_halves();
        let clone = sender.clone();
        let error = receiver.reunite(sender).unwrap_err();
        assert!(!error.is_other_socket());
        assert_eq!(error.to_string(), "other clones of the sender still exist");
        let (sender, mut receiver) = error.into_halves();
        assert_eq!(sender.kind(), receiver.kind());

        // A call that waits and is dropped leaves nothing behind.
        let mut receiving = receiver.recv();
        begins_to_wait(&mut receiving).await;
        drop(receiving);
        drop(clone);
        let mut left = receiver.reunite(sender).unwrap();
        right.send("still here").await.unwrap();
        assert_eq!(left.recv().await.unwrap(), "still here");
        left.into_inner().send("as before").unwrap();
        assert_eq!(right.recv().await.unwrap(), "as before");
        assert_eq!(stranger.try_send("").unwrap_err().kind(), ErrorKind::WouldBlock);
        assert_eq!(other_receiver.try_recv().unwrap_err().kind(), ErrorKind::WouldBlock);
        assert_eq!(other_receiver.try_recv_multipart().unwrap_err().kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn each_half_works_after_the_other_one_is_dropped() {
    in_each_runtime(|| async {
        let context = context();
        let (left, endpoint) = bound(&context, Dealer, TCP);
        let (sender, receiver) = registered(left).split();
        let (other_sender, mut other_receiver) = registered(connected(&context, Dealer, &endpoint)).split();
        drop((receiver, other_sender));
        let clone = sender.clone();
        drop(sender);
        clone.send_multipart(["one", "two"]).await.unwrap();
        assert_eq!(other_receiver.recv_multipart().await.unwrap(), ["one", "two"]);
    });
}

#[test]
fn shutdown_ends_calls_of_all_halves() {
    in_each_runtime(|| async {
        let context = context();
        let (dealer, _peer) = full(&context, "inproc://shutdown-of-halves");
        let (sender, mut receiver) = registered(dealer).split();
        let waiting = Arc::new(AtomicUsize::new(0));
        let mut tasks = Vec::new();
        for _ in 0..2 {
            let (sender, waiting) = (sender.clone(), Arc::clone(&waiting));
            tasks.push(spawn(async move {
                let mut sending = sender.send("more");
                begins_to_wait(&mut sending).await;
                waiting.fetch_add(1, Ordering::Relaxed);
                sending.await.unwrap_err().kind()
            }));
        }
        tasks.push({
            let waiting = Arc::clone(&waiting);
            spawn(async move {
                let mut receiving = receiver.recv();
                begins_to_wait(&mut receiving).await;
                waiting.fetch_add(1, Ordering::Relaxed);
                receiving.await.unwrap_err().kind()
            })
        });
        while waiting.load(Ordering::Relaxed) < tasks.len() {
            yield_now().await;
        }
        context.shutdown().unwrap();
        for task in tasks {
            assert_eq!(task.await, ErrorKind::Terminated);
        }
        assert_eq!(sender.try_send("").unwrap_err().kind(), ErrorKind::Terminated);
    });
}

/// If the sender that is woken gives up, the other sender continues.
#[test]
fn a_sender_that_gives_up_does_not_delay_another_sender() {
    in_each_runtime(|| async {
        for round in 0..50 {
            let context = context();
            let (dealer, peer) = full(&context, "inproc://giving-up");
            let sender = registered(dealer).into_sender();
            let waiting = Arc::new(AtomicUsize::new(0));
            let first_sent = Arc::new(AtomicBool::new(false));
            let tasks = ["first", "second"].map(|content| {
                let (sender, waiting) = (sender.clone(), Arc::clone(&waiting));
                let first_sent = Arc::clone(&first_sent);
                spawn(async move {
                    let mut sending = sender.send(content);
                    begins_to_wait(&mut sending).await;
                    waiting.fetch_add(1, Ordering::Relaxed);
                    sending.await.unwrap();
                    first_sent.fetch_or(content == "first", Ordering::Relaxed);
                })
            });
            while waiting.load(Ordering::Relaxed) < 2 {
                yield_now().await;
            }
            assert_eq!(peer.recv().unwrap(), "full");
            for _ in 0..round % 5 {
                yield_now().await;
            }
            let [first, second] = tasks;
            first.abort();
            // Unless the first one was faster.
            while !second.is_finished() && !first_sent.load(Ordering::Relaxed) {
                yield_now().await;
            }
            if first_sent.load(Ordering::Relaxed) {
                peer.recv().unwrap();
            }
            timeout(SOON, second).await.expect("the second sender is never woken");
        }
    });
}

/// libzmq looks for commands at most once in a millisecond, so each of these pauses has its own way to miss one.
#[test]
fn a_send_does_not_take_the_wake_up_of_the_receiver() {
    const PAUSES: [u64; 5] = [0, 10, 100, 900, 1100];
    let times = rounds(200);
    in_each_runtime(move || async move {
        let context = context();
        let (echo, endpoint) = bound(&context, Dealer, TCP);
        let (sender, mut receiver) = registered(connected(&context, Dealer, &endpoint)).split();
        let echoes = thread::spawn(move || {
            for _ in 0..2 * times * PAUSES.len() {
                echo.send(echo.recv().unwrap()).unwrap();
            }
            echo
        });
        let received = Arc::new(AtomicUsize::new(0));
        let reader = spawn({
            let received = Arc::clone(&received);
            async move {
                for number in 0..2 * times * PAUSES.len() {
                    let message = timeout(SOON, receiver.recv()).await.expect("no reply");
                    assert_eq!(message.unwrap(), number.to_string());
                    received.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        let mut number = 0;
        for pause in PAUSES {
            for _ in 0..times {
                sender.send(number.to_string()).await.unwrap();
                // The reply comes, while the next message is sent.
                let start = Instant::now();
                while start.elapsed() < Duration::from_micros(pause) {
                    std::hint::spin_loop();
                }
                sender.send((number + 1).to_string()).await.unwrap();
                number += 2;
                while received.load(Ordering::Relaxed) < number && !reader.is_finished() {
                    yield_now().await;
                }
            }
        }
        reader.await;
        drop(echoes.join().unwrap());
    });
}

/// The blocking socket that is lent may take the wake-up of a task, even of the same one.
#[test]
fn lending_the_socket_wakes_waiting_calls() {
    in_each_runtime(|| async {
        let context = context();
        let (peer, endpoint) = bound(&context, Dealer, "inproc://lent");
        let (sender, mut receiver) = registered(connected(&context, Dealer, &endpoint)).split();
        for number in 0..100 {
            let mut receiving = receiver.recv();
            begins_to_wait(&mut receiving).await;
            peer.send(number.to_string()).unwrap();
            let events = sender.with_inner(|socket| socket.events()).unwrap().unwrap();
            assert!(events.contains(zmq::POLLIN));
            assert_eq!(timeout(SOON, receiving).await.expect("nobody woke it").unwrap(), number.to_string());
        }
        let receiving = async { receiver.recv().await.unwrap() };
        let sending = async { sender.send("to the peer").await.unwrap() };
        peer.send("from the peer").unwrap();
        let mut both = pin!(async {
            sending.await;
            receiving.await
        });
        assert_eq!(poll_fn(|task| both.as_mut().poll(task)).await, "from the peer");
        assert_eq!(peer.recv().unwrap(), "to the peer");
    });
}

/// A panic of the program while the socket is lent leaves the halves as they were.
#[test]
fn a_panic_while_the_socket_is_lent_is_survived() {
    in_each_runtime(|| async {
        let context = context();
        let (peer, endpoint) = bound(&context, Dealer, "inproc://panic-of-lent");
        let (sender, mut receiver) = registered(connected(&context, Dealer, &endpoint)).split();
        let lent = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            sender.with_inner(|_| std::panic::resume_unwind(Box::new("on purpose")))
        }));
        assert!(lent.is_err());
        sender.send("one").await.unwrap();
        assert_eq!(peer.recv().unwrap(), "one");
        peer.send("two").unwrap();
        assert_eq!(receiver.recv().await.unwrap(), "two");
    });
}

/// The calls would wait for the lock that their own thread holds.
#[test]
fn calls_of_halves_fail_while_their_thread_has_the_socket() {
    in_each_runtime(|| async {
        let context = context();
        let (peer, endpoint) = bound(&context, Dealer, "inproc://calls-of-lent");
        let (sender, mut receiver) = registered(connected(&context, Dealer, &endpoint)).split();
        let other = sender.clone();
        {
            let mut waiting = Some(Box::pin(receiver.recv()));
            poll_fn(|task| {
                assert!(waiting.as_mut().unwrap().as_mut().poll(task).is_pending());
                Poll::Ready(())
            })
            .await;
            sender
                .with_inner(|_| {
                    let refused = other.try_send("in vain").unwrap_err();
                    assert_eq!(
                        (refused.kind(), refused.into_message().to_vec()),
                        (ErrorKind::WrongState, b"in vain".to_vec())
                    );
                    assert_eq!(other.with_inner(|_| ()).unwrap_err().kind(), ErrorKind::WrongState);
                    let sent = pin!(other.send("in vain")).poll(&mut Task::from_waker(Waker::noop()));
                    assert!(matches!(sent, Poll::Ready(Err(error)) if error.kind() == ErrorKind::WrongState));
                    // Dropping a call that waits is possible.
                    waiting.take();
                })
                .unwrap();
        }
        other.send("one").await.unwrap();
        assert_eq!(peer.recv().unwrap(), "one");
        peer.send("two").unwrap();
        assert_eq!(receiver.recv().await.unwrap(), "two");
    });
}

/// Otherwise the message of the next task would become a part of the message that has begun.
#[test]
fn a_call_that_borrows_the_socket_begins_no_message() {
    in_each_runtime(|| async {
        let context = context();
        let (peer, endpoint) = bound(&context, Dealer, "inproc://begins-none");
        let (sender, receiver) = registered(connected(&context, Dealer, &endpoint)).split();
        let failure = sender.with_inner(|socket| socket.send_more("half")).unwrap().unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::WrongState);
        assert_eq!(failure.into_message(), "half");
        let failure = receiver.with_inner(|socket| socket.try_send_more("half")).unwrap().unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::WrongState);
        sender.with_inner(|socket| socket.send_multipart(["two", "parts"])).unwrap().unwrap();
        sender.send("one").await.unwrap();
        assert_eq!(peer.recv_multipart().unwrap(), ["two", "parts"]);
        assert_eq!(peer.recv_multipart().unwrap(), ["one"]);
        // The socket itself may send part by part.
        let mut dealer = receiver.reunite(sender).unwrap();
        dealer.inner().send_more("first").unwrap();
        dealer.inner().send("last").unwrap();
        assert_eq!(peer.recv_multipart().unwrap(), ["first", "last"]);
    });
}

/// The bytes of a message. Their destructor sends with the socket that releases them.
struct Bytes<K: zmq::capability::CanSend>(Sender<K>, Arc<AtomicUsize>);

impl<K: zmq::capability::CanSend> AsRef<[u8]> for Bytes<K> {
    fn as_ref(&self) -> &[u8] {
        &[7; 100]
    }
}

impl<K: zmq::capability::CanSend> Drop for Bytes<K> {
    fn drop(&mut self) {
        self.0.try_send("dropped").unwrap();
        self.1.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn destructors_of_messages_can_use_the_halves() {
    in_each_runtime(|| async {
        let context = context();
        let dropped = Arc::new(AtomicUsize::new(0));
        // Released by a message that is received into it.
        let (peer, endpoint) = bound(&context, Dealer, "inproc://destructors");
        let (sender, mut receiver) = registered(connected(&context, Dealer, &endpoint)).split();
        let mut message = Message::from_owner(Bytes(sender.clone(), Arc::clone(&dropped)));
        peer.send("received").unwrap();
        receiver.recv_to(&mut message).await.unwrap();
        assert_eq!(message, "received");
        assert_eq!(peer.recv().unwrap(), "dropped");
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
        // Released by the program, while the socket is lent.
        let message = Message::from_owner(Bytes(sender.clone(), Arc::clone(&dropped)));
        sender.with_inner(|_| drop(message)).unwrap();
        assert_eq!(peer.recv().unwrap(), "dropped");
        assert_eq!(dropped.load(Ordering::Relaxed), 2);
        // Released by libzmq, because nobody has subscribed.
        let publisher = registered(socket(&context, Pub)).into_sender();
        let message = Message::from_owner(Bytes(publisher.clone(), Arc::clone(&dropped)));
        publisher.send(message).await.unwrap();
        assert_eq!(dropped.load(Ordering::Relaxed), 3);
    });
}

/// A waker that owns a half.
struct Owner {
    _half: Sender<Dealer>,
}

impl Wake for Owner {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn the_waker_of_a_half_can_drop_the_other_half() {
    in_each_runtime(|| async {
        let context = context();
        let (peer, endpoint) = bound(&context, Dealer, "inproc://owning-wakers");
        for is_woken in [false, true] {
            let (sender, mut receiver) = registered(connected(&context, Dealer, &endpoint)).split();
            let waker = Waker::from(Arc::new(Owner { _half: sender.clone() }));
            let mut receiving = receiver.recv();
            let polled = std::pin::Pin::new(&mut receiving).poll(&mut Task::from_waker(&waker));
            assert!(polled.is_pending());
            drop(waker);
            if is_woken {
                peer.send("wake up").unwrap();
                sender.with_inner(|_| ()).unwrap();
            }
            drop(receiving);
            // The waker is gone, so this one is the last.
            assert!(receiver.reunite(sender).is_ok());
        }
    });
}

/// Tasks that send to the same PUSH, and a receiver of another runtime.
#[test]
fn halves_work_in_different_runtimes() {
    let [one, other] = runtimes();
    let context = context();
    let (pull, endpoint) = bound(&context, Pull, TCP);
    let sender = one.block_on(async { registered(connected(&context, Push, &endpoint)).into_sender() });
    other.block_on(async {
        for number in 0..100 {
            sender.send(number.to_string()).await.unwrap();
        }
    });
    for number in 0..100 {
        assert_eq!(pull.recv().unwrap(), number.to_string());
    }
}

/// A mandatory ROUTER reports room as long as any peer has some.
#[test]
fn a_full_peer_delays_no_other_peer() {
    in_each_runtime(|| async {
        let context = context();
        let (router, peers, _) = full_and_free(&context, "inproc://one-of-two-is-full");
        let (sender, mut receiver): (Sender<Router>, Receiver<Router>) = registered(router).split();
        let polls = Arc::new(AtomicUsize::new(0));
        let waiting = ["last", "last"].map(|content| {
            let (sender, polls) = (sender.clone(), Arc::clone(&polls));
            spawn(async move {
                counted(&polls, sender.send_multipart(["full", content])).await.unwrap();
            })
        });
        let receiving = spawn(async move {
            for number in 0..1_000 {
                assert_eq!(receiver.recv_multipart().await.unwrap(), ["free".to_owned(), number.to_string()]);
            }
        });
        while polls.load(Ordering::Relaxed) < 2 {
            yield_now().await;
        }
        for _ in 0..1_000 {
            yield_now().await;
        }
        // Another libzmq does not say whether there may be room, so the tasks try in turns.
        if cfg!(zmq_vendored) {
            assert!(polls.load(Ordering::Relaxed) < 20, "{polls:?} polls");
        }
        for number in 0..1_000 {
            sender.send_multipart(["free".to_owned(), number.to_string()]).await.unwrap();
            assert_eq!(peers[1].recv().unwrap(), number.to_string());
            peers[1].send(number.to_string()).unwrap();
        }
        receiving.await;
        assert!(waiting.iter().all(|task| !task.is_finished()));
        let mut last = 0;
        while last < 2 {
            match peers[0].try_recv() {
                Ok(message) => last += usize::from(message == "last"),
                Err(_) => yield_now().await,
            }
        }
        for task in waiting {
            task.await;
        }
    });
}
