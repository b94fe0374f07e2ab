//! No subscription is lost, however many there are: subscriptions do not count against the high-water marks.

#![cfg(zmq_vendored)]

use crate::common;

use std::collections::HashSet;
use std::thread;

use common::process::rounds;
use common::{assert_empty, connected, context, eventually, free_endpoint, ipc_endpoint, socket, transports};
use zmq::capability::CanRecv;
use zmq::{Context, Endpoint, Feature, Socket, Sub, XPub, XSub};

/// The number of subscriptions: five times the high-water mark.
const MANY: u32 = 5000;

fn topic(number: u32) -> String {
    format!("{number:04}")
}

/// A publisher that drops nothing.
fn lossless(context: &Context, endpoint: &str) -> (Socket<XPub>, Endpoint) {
    let publisher = socket(context, XPub);
    publisher.set_send_hwm(0).unwrap();
    let endpoint = eventually("the endpoint is free", || publisher.bind(endpoint).ok());
    (publisher, endpoint)
}

/// Waits until all subscriptions have arrived.
#[track_caller]
fn take_all<K: CanRecv>(publisher: &Socket<K>) {
    take_all_while(publisher, || ());
}

/// Waits until all subscriptions have arrived, and calls the subscriber meanwhile, because its calls subscribe again.
#[track_caller]
fn take_all_while<K: CanRecv>(publisher: &Socket<K>, using: impl Fn()) {
    let mut topics = HashSet::new();
    eventually("all subscriptions arrive", || {
        using();
        while let Ok(message) = publisher.try_recv() {
            assert_eq!(message[0], 1);
            topics.insert(message[1..].to_vec());
        }
        (u32::try_from(topics.len()).unwrap() == MANY).then_some(())
    });
}

/// Sends a message for each topic, or for some of them under an emulator, and receives all messages.
#[track_caller]
fn all_arrive(publisher: &Socket<XPub>, subscriber: &Socket<Sub>) {
    for number in (0..MANY).take(rounds(MANY.try_into().unwrap())) {
        publisher.send(topic(number)).unwrap();
        assert_eq!(subscriber.recv().unwrap(), topic(number));
    }
}

fn subscribe_to_all(subscriber: &Socket<Sub>) {
    for number in 0..MANY {
        subscriber.subscribe(topic(number)).unwrap();
    }
}

#[test]
fn no_subscription_made_before_the_connection_is_lost() {
    for endpoint in transports("before") {
        let context = context();
        let (publisher, endpoint) = lossless(&context, &endpoint);
        let subscriber = socket(&context, Sub);
        subscribe_to_all(&subscriber);
        subscriber.connect(endpoint).unwrap();
        take_all(&publisher);
        all_arrive(&publisher, &subscriber);
    }
}

#[test]
fn no_subscription_made_after_the_connection_is_lost() {
    for endpoint in transports("after") {
        let context = context();
        let (publisher, endpoint) = lossless(&context, &endpoint);
        let subscriber = connected(&context, Sub, endpoint);
        subscribe_to_all(&subscriber);
        take_all(&publisher);
        all_arrive(&publisher, &subscriber);
    }
}

#[test]
fn no_subscription_made_before_the_bind_is_lost() {
    let mut endpoints = vec!["inproc://late".to_owned(), free_endpoint()];
    if zmq::has(Feature::Ipc) {
        endpoints.push(ipc_endpoint("many-late"));
    }
    for endpoint in endpoints {
        let context = context();
        let subscriber = connected(&context, Sub, &endpoint);
        subscribe_to_all(&subscriber);
        let (publisher, _) = lossless(&context, &endpoint);
        take_all(&publisher);
        all_arrive(&publisher, &subscriber);
    }
}

#[test]
fn no_subscription_is_lost_when_a_connection_is_made_again() {
    let mut endpoints = vec![free_endpoint()];
    if zmq::has(Feature::Ipc) {
        endpoints.push(ipc_endpoint("many-again"));
    }
    for endpoint in endpoints {
        let context = context();
        let subscriber = connected(&context, Sub, &endpoint);
        subscribe_to_all(&subscriber);
        for _ in 0..3 {
            let (publisher, _) = lossless(&context, &endpoint);
            take_all_while(&publisher, || assert_empty(&subscriber));
            all_arrive(&publisher, &subscriber);
        }
    }
}

#[test]
fn no_subscription_through_a_proxy_is_lost() {
    let context = context();
    let (publisher, back) = lossless(&context, common::TCP);
    let (frontend, front) = lossless(&context, common::TCP);
    let backend = connected(&context, XSub, back);
    let subscriber = connected(&context, Sub, front);
    let proxy = thread::spawn(move || zmq::proxy(&frontend, &backend));
    subscribe_to_all(&subscriber);
    take_all(&publisher);
    all_arrive(&publisher, &subscriber);
    context.shutdown().unwrap();
    proxy.join().unwrap().unwrap_err();
}

#[test]
fn no_subscription_of_an_xsub_is_lost() {
    for endpoint in transports("xsub") {
        let context = context();
        let (publisher, endpoint) = lossless(&context, &endpoint);
        let subscriber = connected(&context, XSub, endpoint);
        for number in 0..MANY {
            subscriber.send(format!("\x01{}", topic(number))).unwrap();
        }
        take_all(&publisher);
    }
}

/// An XSUB's messages to the publisher are limited by the mark, and its subscriptions are not.
#[test]
fn subscriptions_do_not_wait_for_a_full_queue() {
    let context = context();
    let subscriber = socket(&context, XSub);
    subscriber.set_send_hwm(1).unwrap();
    subscriber.connect("inproc://full").unwrap();
    for _ in 0..3 {
        subscriber.send("to the publisher").unwrap();
    }
    subscriber.send("\x01A").unwrap();
    let publisher = socket(&context, XPub);
    publisher.set_recv_hwm(1).unwrap();
    publisher.bind("inproc://full").unwrap();
    eventually("the subscription arrives", || (publisher.recv().unwrap() == b"\x01A").then_some(()));
}

#[test]
fn high_water_marks_of_one_lose_no_subscription() {
    for endpoint in transports("one") {
        let context = context();
        let publisher = socket(&context, XPub);
        publisher.set_recv_hwm(1).unwrap();
        let endpoint = publisher.bind(&endpoint).unwrap();
        let subscriber = socket(&context, Sub);
        subscriber.set_send_hwm(1).unwrap();
        subscriber.connect(endpoint).unwrap();
        for number in 0..200 {
            subscriber.subscribe(topic(number)).unwrap();
            subscriber.unsubscribe(topic(number)).unwrap();
        }
        subscriber.subscribe("last").unwrap();
        for number in 0..200 {
            for byte in [1, 0] {
                assert_eq!(publisher.recv().unwrap(), [&[byte], topic(number).as_bytes()].concat());
            }
        }
        assert_eq!(publisher.recv().unwrap(), b"\x01last");
    }
}

#[cfg(zmq_draft)]
#[test]
fn no_group_of_a_dish_is_lost() {
    use zmq::{Dish, Radio};

    for endpoint in transports("groups") {
        let context = context();
        let (radio, endpoint) = common::bound(&context, Radio, &endpoint);
        let before = socket(&context, Dish);
        let after = connected(&context, Dish, &endpoint);
        for number in 0..MANY {
            for dish in [&before, &after] {
                dish.join(topic(number)).unwrap();
            }
        }
        before.connect(endpoint).unwrap();
        for dish in [before, after] {
            eventually("a message to the last group arrives", || {
                radio.send_to(topic(MANY - 1), "are you there?").unwrap();
                dish.recv_within(common::MOMENT / 10).ok()
            });
        }
    }
}
