//! Requesters: each request gets its own reply, whatever the server does.

use crate::common;

use std::thread;
use std::time::{Duration, Instant};

use common::random::Random;
use common::{
    LIMIT, MOMENT, TCP, bound, connected, context, eventually, free_endpoint, kind_of, must_end_within,
    socket, transports, wait_until,
};
use zmq::{Context, Dealer, ErrorKind, Message, Multipart, Rep, Requester, Router, Socket};

fn requester(context: &Context, endpoint: impl AsRef<str>) -> Requester {
    connected(context, Dealer, endpoint).into_requester().unwrap()
}

/// The envelope of a message that a ROUTER received, with the routing id, and the text of its content.
fn open(message: Multipart) -> ([Message; 3], String) {
    let (envelope, content) = message.split_first_chunk().unwrap();
    let [content] = content.unwrap().into_array().unwrap();
    (envelope, content.into_string().unwrap())
}

/// Answers with the same content.
fn answer(router: &Socket<Router>, envelope: &[Message; 3], content: &str) {
    let frames = envelope.iter().cloned().chain([Message::from(content)]);
    router.send_multipart(Multipart::from_frames(frames).unwrap()).unwrap();
}

/// Serves until the context is shut down.
fn echo(server: &Socket<Rep>) {
    while let Ok(request) = server.recv_multipart() {
        if server.send_multipart(request).is_err() {
            return;
        }
    }
}

#[test]
fn replies_find_their_requests_in_any_order() {
    const REQUESTS: usize = 8;
    let context = context();
    for transport in transports("requester-order") {
        let (router, endpoint) = bound(&context, Router, &transport);
        let requester = requester(&context, endpoint);
        thread::scope(|threads| {
            for number in 0..REQUESTS {
                let requester = requester.clone();
                threads.spawn(move || {
                    let request = format!("request {number}");
                    assert_eq!(requester.request([request.as_str()]).unwrap(), [request]);
                });
            }
            let requests: Vec<_> = (0..REQUESTS).map(|_| open(router.recv_multipart().unwrap())).collect();
            wait_until(|| requester.pending() == REQUESTS);
            for (envelope, content) in requests.iter().rev() {
                assert_eq!((envelope[1].len(), envelope[2].len()), (8, 0));
                answer(&router, envelope, content);
            }
        });
        assert_eq!((requester.pending(), requester.dropped()), (0, 0));
    }
}

#[test]
fn many_threads_get_their_replies_from_a_server_that_answers_in_any_order() {
    const THREADS: usize = 64;
    const REQUESTS: usize = 1000;
    must_end_within(6 * LIMIT, || {
        let context = context();
        let (router, endpoint) = bound(&context, Router, TCP);
        let server = thread::spawn(move || {
            let mut random = Random::new(1, 1);
            let mut held = Vec::new();
            let mut answered = 0;
            while answered < THREADS * REQUESTS {
                if held.is_empty() {
                    held.push(open(router.recv_multipart().unwrap()));
                }
                while let Ok(request) = router.try_recv_multipart() {
                    held.push(open(request));
                }
                let (envelope, content) = held.swap_remove(random.below(held.len()));
                answer(&router, &envelope, &content);
                answered += 1;
            }
        });
        let requester = requester(&context, endpoint);
        thread::scope(|threads| {
            for thread in 0..THREADS {
                let requester = &requester;
                threads.spawn(move || {
                    for request in 0..REQUESTS {
                        let request = format!("{thread} {request}");
                        let reply = requester.request_within(request.as_str(), LIMIT).unwrap();
                        assert_eq!(reply, [request]);
                    }
                });
            }
        });
        server.join().unwrap();
        assert_eq!((requester.pending(), requester.dropped()), (0, 0));
    });
}

#[test]
fn rep_sockets_serve_a_requester_in_turn() {
    let context = context();
    let dealer = socket(&context, Dealer);
    let mut servers = Vec::new();
    for number in 0..3 {
        let (server, endpoint) = bound(&context, Rep, TCP);
        dealer.connect(endpoint).unwrap();
        servers.push(thread::spawn(move || {
            let mut count = 0;
            while let Ok(request) = server.recv_multipart() {
                let reply = request.into_iter().chain([Message::from(format!("server {number}"))]);
                server.send_multipart(Multipart::from_frames(reply).unwrap()).unwrap();
                count += 1;
            }
            count
        }));
    }
    let requester = dealer.into_requester().unwrap();
    for number in 0..30 {
        let [content, part, server] =
            requester.request([&*number.to_string(), "part"]).unwrap().into_array().unwrap();
        assert_eq!((content, part), (Message::from(number.to_string()), Message::from("part")));
        assert!(server.starts_with(b"server "));
    }
    context.shutdown().unwrap();
    for server in servers {
        assert_eq!(server.join().unwrap(), 10);
    }
}

#[test]
fn a_reply_to_no_waiting_request_is_dropped_and_counted() {
    let context = context();
    let (router, endpoint) = bound(&context, Router, TCP);
    let requester = requester(&context, endpoint);

    assert_eq!(kind_of(requester.request_within("late", MOMENT)), ErrorKind::WouldBlock);
    let (late, _) = open(router.recv_multipart().unwrap());
    answer(&router, &late, "late");

    thread::scope(|threads| {
        let request = threads.spawn(|| requester.request("now"));
        let (envelope, _) = open(router.recv_multipart().unwrap());
        let [id, number, empty] = envelope.clone();
        let foreign = Message::from([7; 8]);
        let malformed: [Multipart; 7] = [
            (id.clone(), "").into(),
            (id.clone(), number.clone()).into(),
            // An envelope without content.
            (id.clone(), number.clone(), "").into(),
            (id.clone(), number.clone(), "no delimiter", "content").into(),
            (id.clone(), "short", "", "content").into(),
            (id.clone(), "longer than eight bytes", "", "content").into(),
            (id, foreign, empty, "content").into(),
        ];
        for message in malformed {
            router.send_multipart(message).unwrap();
        }
        answer(&router, &late, "again");
        answer(&router, &envelope, "its reply");
        answer(&router, &envelope, "a second reply");
        assert_eq!(request.join().unwrap().unwrap(), ["its reply"]);
    });
    let before = requester.dropped();
    assert!(before == 9 || before == 10, "{before}");
    // The second reply comes before this one.
    thread::scope(|threads| {
        let request = threads.spawn(|| requester.request("the last"));
        let (envelope, _) = open(router.recv_multipart().unwrap());
        answer(&router, &envelope, "the last reply");
        assert_eq!(request.join().unwrap().unwrap(), ["the last reply"]);
    });
    assert_eq!(requester.dropped(), 10);
}

#[test]
fn a_request_waits_no_longer_than_its_time_limit() {
    let context = context();
    let (router, endpoint) = bound(&context, Router, TCP);
    let dealer = connected(&context, Dealer, endpoint);
    dealer.set_recv_timeout(MOMENT).unwrap();
    let requester = dealer.into_requester().unwrap();
    thread::scope(|threads| {
        for number in 0_u32..6 {
            let requester = &requester;
            threads.spawn(move || {
                let limit = MOMENT * (number % 3 + 1);
                let start = Instant::now();
                let result = match number {
                    0 => requester.request("nobody answers"),
                    _ => requester.request_within("nobody answers", limit),
                };
                let error = result.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                assert!(error.to_string().ends_with("(no reply arrived in time)"), "{error}");
                assert!(start.elapsed() >= limit, "{:?} of {limit:?}", start.elapsed());
            });
        }
    });
    assert_eq!(requester.pending(), 0);
    for _ in 0..6 {
        router.recv_multipart().unwrap();
    }
    assert_eq!(kind_of(requester.request_within("not at all", Duration::ZERO)), ErrorKind::WouldBlock);
    assert_eq!(open(router.recv_multipart().unwrap()).1, "not at all");
}

#[test]
fn requests_that_find_no_room_wait_and_are_sent_in_turn() {
    const REQUESTS: usize = 20;
    let context = context();
    let dealer = socket(&context, Dealer);
    let endpoint = dealer.bind("inproc://requester-room").unwrap();
    let requester = dealer.into_requester().unwrap();

    // Nobody is there.
    let error = requester.request_within("unsent", MOMENT).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    assert!(error.to_string().contains("the request was not sent"), "{error}");

    thread::scope(|threads| {
        for number in 0..REQUESTS {
            let waiting = &requester;
            threads.spawn(move || {
                let request = number.to_string();
                assert_eq!(waiting.request([request.as_str()]).unwrap(), [request]);
            });
            // In this order.
            wait_until(|| requester.pending() == number + 1);
        }
        let server = socket(&context, Router);
        server.set_recv_hwm(1).unwrap();
        server.connect(&endpoint).unwrap();
        for number in 0..REQUESTS {
            let (envelope, content) = open(server.recv_multipart().unwrap());
            assert_eq!(content, number.to_string());
            answer(&server, &envelope, &content);
        }
    });
    assert_eq!((requester.pending(), requester.dropped()), (0, 0));
}

#[test]
fn a_queue_of_one_message_serves_many_threads() {
    must_end_within(6 * LIMIT, || {
        let context = context();
        let server = socket(&context, Rep);
        server.set_recv_hwm(1).unwrap();
        server.set_send_hwm(1).unwrap();
        let endpoint = server.bind("inproc://requester-hwm").unwrap();
        let server = thread::spawn(move || echo(&server));
        let dealer = socket(&context, Dealer);
        dealer.set_recv_hwm(1).unwrap();
        dealer.set_send_hwm(1).unwrap();
        dealer.connect(endpoint).unwrap();
        let requester = dealer.into_requester().unwrap();
        thread::scope(|threads| {
            for thread in 0..8 {
                let requester = &requester;
                threads.spawn(move || {
                    for request in 0..500 {
                        let request = format!("{thread} {request}");
                        // REP drops a reply for which there is no room.
                        match requester.request_within(request.as_str(), MOMENT * 5) {
                            Ok(reply) => assert_eq!(reply, [request]),
                            Err(error) => assert!(error.is_would_block(), "{error}"),
                        }
                    }
                });
            }
        });
        context.shutdown().unwrap();
        server.join().unwrap();
    });
}

#[test]
fn a_requester_continues_when_its_server_restarts() {
    let context = context();
    let endpoint = free_endpoint();
    let (router, _) = bound(&context, Router, &endpoint);
    let dealer = socket(&context, Dealer);
    dealer.set_reconnect_interval(Duration::from_millis(5)).unwrap();
    dealer.connect(&endpoint).unwrap();
    let requester = dealer.into_requester().unwrap();
    thread::scope(|threads| {
        let lost = threads.spawn(|| requester.request_within("lost", MOMENT * 5));
        router.recv_multipart().unwrap();
        drop(router);
        assert_eq!(kind_of(lost.join().unwrap()), ErrorKind::WouldBlock);
    });
    let server = eventually("the endpoint is free", || {
        let server = socket(&context, Rep);
        server.bind(&endpoint).is_ok().then_some(server)
    });
    let server = thread::spawn(move || echo(&server));
    eventually("the server answers again", || requester.request_within("again", MOMENT).ok());
    context.shutdown().unwrap();
    server.join().unwrap();
}

#[test]
fn two_requesters_number_their_requests_differently() {
    let context = context();
    let (router, endpoint) = bound(&context, Router, TCP);
    let numbers: Vec<u64> = (0..2)
        .map(|_| {
            let requester = requester(&context, &endpoint);
            let _ = requester.request_within("", Duration::ZERO);
            let [_, number, ..] = router.recv_multipart().unwrap().split_first_chunk::<3>().unwrap().0;
            u64::from_be_bytes(number.try_into().unwrap())
        })
        .collect();
    assert!(numbers[0].abs_diff(numbers[1]) > 1000, "{numbers:?}");
}
