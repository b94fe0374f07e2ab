//! A message for a full queue is sent with its original meaning when there is room.

#![cfg(zmq_vendored)]

use crate::common;

use common::{context, socket, transports};
use zmq::{Req, Router};

/// A163: the number of the request was mistaken for something else, and the connection ended.
#[test]
fn replies_to_earlier_requests_are_ignored_after_a_full_queue() {
    const REQUESTS: usize = 5;
    let context = context();
    for endpoint in transports("replies wait") {
        let server = socket(&context, Router);
        let endpoint = server.bind(endpoint).unwrap();
        let client = socket(&context, Req);
        client.set_req_relaxed(true).unwrap();
        client.set_req_correlate(true).unwrap();
        client.set_recv_hwm(1).unwrap();
        client.connect(&endpoint).unwrap();
        for number in 0..REQUESTS {
            client.send(number.to_string()).unwrap();
        }
        let requests: Vec<_> = (0..REQUESTS).map(|_| server.recv_multipart().unwrap()).collect();
        for request in requests {
            server.send_multipart(request).unwrap();
        }
        assert_eq!(client.recv().unwrap(), (REQUESTS - 1).to_string(), "{endpoint}");
    }
}

/// A162: a message to the empty group ended the process.
#[cfg(zmq_draft)]
#[test]
fn messages_to_any_group_wait_for_room() {
    use zmq::{Dish, Radio};

    const MESSAGES: usize = 50;
    let context = context();
    for group in ["", "news", "a group with a name that is not short"] {
        for endpoint in transports(&format!("groups wait {}", group.len())) {
            let dish = socket(&context, Dish);
            dish.set_recv_hwm(1).unwrap();
            dish.join(group).unwrap();
            let endpoint = dish.bind(&endpoint).unwrap();
            let radio = socket(&context, Radio);
            radio.set_send_hwm(0).unwrap();
            radio.connect(&endpoint).unwrap();
            // The socket learns from its peer what the peer subscribes to.
            common::wait_until(|| {
                radio.send_to(group, "first").unwrap();
                dish.recv_within(std::time::Duration::from_millis(20)).is_ok()
            });
            for number in 0..MESSAGES {
                radio.send_to(group, number.to_string()).unwrap();
            }
            let mut next = 0;
            while next < MESSAGES {
                let message = dish.recv().unwrap();
                if message != "first" {
                    assert_eq!(message, next.to_string(), "{endpoint}");
                    next += 1;
                }
            }
        }
    }
}
