//! Multipart messages: splitting and joining them, and sending all or nothing.

use crate::common;

use std::sync::Arc;

#[cfg(zmq_vendored)]
use common::LIMIT;
use common::{
    SENDERS_IN_TURN, TCP, any, assert_empty, bound, connected, context, eventually, socket, texts, transports,
};
#[cfg(zmq_vendored)]
use zmq::monitor::Events;
use zmq::{
    Any, Context, Dealer, ErrorKind, Message, MessageMut, Multipart, Pair, Pull, Push, Req, Router, Socket,
    SocketKind,
};

#[test]
fn parts_of_every_type_become_a_multipart() {
    assert_eq!(Multipart::from(["a", "b"]), ["a", "b"]);
    assert_eq!(Multipart::from(("a", vec![1, 2], [3])), [&b"a"[..], &[1, 2], &[3]]);
    assert_eq!(Multipart::from(("a", "b", "c", "d", "e", "f")).len(), 6);
    assert_eq!(Multipart::from(Message::from("one")), ["one"]);
    assert_eq!(Multipart::new("one"), ["one"]);
    assert_eq!(Multipart::try_from(vec!["a", "b"]).unwrap(), ["a", "b"]);
    assert_eq!(Multipart::from_frames("a b".split(' ')).unwrap(), ["a", "b"]);
}

/// Bytes and text are one frame, whatever type owns them. A `Vec` of frames is several frames.
#[test]
fn one_value_is_a_multipart_of_one_frame() {
    let bytes = vec![b'o', b'n', b'e'];
    let one: [Multipart; 12] = [
        "one".into(),
        String::from("one").into(),
        (&String::from("one")).into(),
        b"one".into(),
        b"one"[..].into(),
        (&bytes).into(),
        bytes.clone().into_boxed_slice().into(),
        Arc::<[u8]>::from(&bytes[..]).into(),
        bytes.into(),
        (&Message::from("one")).into(),
        Message::from("one").into(),
        {
            let mut message = MessageMut::try_zeroed(3).unwrap();
            message.copy_from_slice(b"one");
            message.into()
        },
    ];
    for one in one {
        assert_eq!(one, ["one"]);
    }
    #[cfg(feature = "bytes")]
    assert_eq!(Multipart::from(bytes::Bytes::from_static(b"one")), ["one"]);
    assert_eq!(Multipart::from([b"one", b"two"]), ["one", "two"]);
    assert_eq!(Multipart::try_from(vec![b"one".to_vec(), b"two".to_vec()]).unwrap(), ["one", "two"]);

    let context = context();
    let (sender, endpoint) = bound(&context, Pair, TCP);
    let receiver = connected(&context, Pair, &endpoint);
    sender.send_multipart(vec![1, 2, 3]).unwrap();
    sender.send_multipart("text").unwrap();
    assert_eq!(receiver.recv_multipart().unwrap(), [[1, 2, 3]]);
    assert_eq!(receiver.recv_multipart().unwrap(), ["text"]);
}

#[test]
fn the_first_frames_can_be_split_off() {
    let message = Multipart::from(["id", "", "MDPW01", "a", "b"]);
    let ([id, empty, header], rest) = message.clone().split_first_chunk().unwrap();
    assert_eq!((id, empty, header), ("id".into(), "".into(), "MDPW01".into()));
    assert_eq!(rest.unwrap(), ["a", "b"]);
    let (all, rest) = message.clone().split_first_chunk::<5>().unwrap();
    assert_eq!((Multipart::from(all), rest), (message.clone(), None));
    let ([], rest) = message.clone().split_first_chunk::<0>().unwrap();
    assert_eq!(rest.as_ref(), Some(&message));
    let error = message.clone().split_first_chunk::<6>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert_eq!(error.to_string(), "convert 5 frames: expected at least 6 frames");
    assert_eq!(error.into_multipart(), message);
}

/// CZMQ 4.2.1's `zmsg_encode` returned the bytes on the right for these frames, and its `zmsg_decode` read them.
#[test]
fn a_multipart_is_encoded_as_czmq_encodes_it() {
    let text = Multipart::from(["client", "", "Hello"]);
    assert_eq!(text.encode().unwrap(), b"\x06client\x00\x05Hello");
    assert_eq!(Multipart::decode(b"\x06client\x00\x05Hello").unwrap(), text);
    for (size, head) in [
        (0, &b"\x00"[..]),
        (1, b"\x01"),
        (254, b"\xfe"),
        (255, b"\xff\x00\x00\x00\xff"),
        (256, b"\xff\x00\x00\x01\x00"),
        (65536, b"\xff\x00\x01\x00\x00"),
    ] {
        let content = vec![0xAB; size];
        let encoded = Multipart::from(&content).encode().unwrap();
        assert_eq!(encoded, [head, &content[..]].concat(), "{size} bytes");
        assert_eq!(Multipart::decode(&encoded).unwrap(), [content]);
    }
}

#[test]
fn bytes_that_do_not_encode_a_multipart_are_refused() {
    for (bytes, says) in [
        (&b""[..], "convert 0 bytes to a multipart message: a message has at least one frame"),
        (
            b"\x05abc",
            "convert 4 bytes to a multipart message: the bytes end within the frame that starts at byte 0",
        ),
        (
            b"\x01a\xff\x00\x00",
            "convert 5 bytes to a multipart message: the bytes end within the frame that starts at byte 2",
        ),
        (
            b"\xff\xff\xff\xff\xff",
            "convert 5 bytes to a multipart message: the bytes end within the frame that starts at byte 0",
        ),
    ] {
        let error = Multipart::decode(bytes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert_eq!(error.to_string(), says);
    }
    // Another encoding of a short length, which CZMQ also reads.
    assert_eq!(Multipart::decode(b"\xff\x00\x00\x00\x01a").unwrap(), ["a"]);
}

#[test]
fn there_is_no_multipart_without_frames() {
    let error = Multipart::try_from(Vec::<Message>::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(Multipart::from_frames(Vec::<Message>::new()).is_none());
    let (only, rest) = Multipart::new("only").split_first();
    assert_eq!(only, "only");
    assert!(rest.is_none());
}

#[test]
fn a_multipart_converts_to_an_array() {
    let message = Multipart::from(["id", "", "content"]);
    let [id, empty, content] = message.try_into().unwrap();
    assert_eq!((id, empty, content), ("id".into(), "".into(), "content".into()));
}

#[test]
fn a_multipart_of_another_length_is_not_lost() {
    let error = <[Message; 3]>::try_from(Multipart::from(["a", "b"])).unwrap_err();
    assert_eq!((error.kind(), error.error().kind()), (ErrorKind::InvalidData, ErrorKind::InvalidData));
    assert!(error.to_string().contains("2 frames") && error.to_string().contains('3'), "{error}");
    assert_eq!(error.into_multipart(), ["a", "b"]);
    let error = <[Message; 3]>::try_from(Multipart::from(["a", "b"])).unwrap_err();
    assert_eq!(std::io::Error::from(error).kind(), std::io::ErrorKind::InvalidData);
}

#[test]
fn a_multipart_reads_like_a_slice() {
    let mut message = Multipart::from(["b", "c"]);
    message.push("d");
    message.push_front("a");
    message.extend(["e", "f"]);
    assert_eq!(message.len(), 6);
    assert_eq!(message[1], "b");
    assert_eq!(message.last().unwrap(), &"f");
    message[0] = Message::from("A");
    assert_eq!(message.iter().map(|frame| frame.len()).sum::<usize>(), 6);
    assert_eq!(texts(message.clone()), ["A", "b", "c", "d", "e", "f"]);
    assert_eq!((&message).into_iter().count(), 6);
    assert_eq!(message.clone().into_frames().len(), 6);
    assert_eq!(message, message.clone());
    assert_ne!(message, Multipart::from(["A", "b"]));
    assert_ne!(message, ["A", "b"]);
    assert!(format!("{message:?}").contains("Message(1 bytes, \"A\")"));
}

#[test]
fn an_envelope_can_be_split_off_and_put_back() {
    let request = Multipart::from(["broker", "client", "", "two", "parts"]);
    let (envelope, content) = request.split_envelope();
    let envelope = envelope.unwrap();
    assert_eq!(envelope, ["broker", "client", ""]);
    assert_eq!(content, ["two", "parts"]);
    let mut reply = Multipart::new("reply");
    reply.wrap(envelope);
    assert_eq!(reply, ["broker", "client", "", "reply"]);

    for without in [Multipart::from(["a", "b"]), Multipart::from(["a", ""]), Multipart::new("")] {
        let (envelope, content) = without.clone().split_envelope();
        assert!(envelope.is_none());
        assert_eq!(content, without);
    }
}

/// Conformance: ME-9.
#[test]
fn all_frames_arrive_together() {
    let context = context();
    for transport in common::transports("together") {
        let (left, endpoint) = bound(&context, Pair, &transport);
        let right = connected(&context, Pair, endpoint);
        let frames: Vec<Vec<u8>> = (0..100_u8).map(|index| vec![index; usize::from(index)]).collect();
        left.send_multipart(Multipart::try_from(frames.clone()).unwrap()).unwrap();
        let received = right.recv_multipart().unwrap();
        assert_eq!(received, frames[..]);
        assert!(received.iter().take(99).all(Message::has_more));
        assert!(!received[99].has_more());
        assert_eq!(right.try_recv_multipart().unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}

#[test]
fn nothing_is_delivered_before_the_last_part() {
    let context = context();
    let (left, endpoint) = bound(&context, Pair, "inproc://last-part");
    let right = connected(&context, Pair, endpoint);
    left.send_more("first").unwrap();
    left.try_send_more("second").unwrap();
    assert_empty(&right);
    left.try_send("last").unwrap();
    assert_eq!(right.try_recv_multipart().unwrap(), ["first", "second", "last"]);
}

#[test]
fn the_high_water_mark_refuses_and_returns_a_whole_message() {
    let context = context();
    for (sender, receiver) in [(SocketKind::Push, SocketKind::Pull), (SocketKind::Dealer, SocketKind::Dealer)]
    {
        let (push, pull) = (any(&context, sender), any(&context, receiver));
        push.set_send_hwm(1).unwrap();
        pull.set_recv_hwm(1).unwrap();
        let endpoint = pull.bind(format!("inproc://refused-{sender}")).unwrap();
        push.connect(endpoint).unwrap();

        let mut taken = 0;
        let failure = loop {
            match push.try_send_multipart(["1", "2", "3"]) {
                Ok(()) => taken += 1,
                Err(failure) => break failure,
            }
        };
        // The high-water mark counts messages, not frames.
        assert_eq!(taken, 2);
        assert_eq!(failure.kind(), ErrorKind::WouldBlock);
        let message = failure.into_message();
        assert_eq!(message, ["1", "2", "3"]);
        for _ in 0..taken {
            assert_eq!(pull.recv_multipart().unwrap(), ["1", "2", "3"]);
        }
        push.send_multipart(message).unwrap();
        assert_eq!(pull.recv_multipart().unwrap(), ["1", "2", "3"]);
        assert_empty(&pull);
    }
}

/// A sender and the peer to which it has begun a message, over inproc, where the loss of the peer is noticed at once.
fn begun(
    context: &Context,
    name: &str,
    sender: SocketKind,
    receiver: SocketKind,
) -> (Socket<Any>, Socket<Any>) {
    let endpoint = format!("inproc://{name}-{sender}");
    let (push, pull) = (any(context, sender), any(context, receiver));
    pull.bind(&endpoint).unwrap();
    push.connect(&endpoint).unwrap();
    push.send_more("lost").unwrap();
    push.disconnect(&endpoint).unwrap();
    (push, pull)
}

/// The content of a message, without the frame that a REQ adds.
fn content(pull: &Socket<Any>) -> Multipart {
    let message = pull.recv_multipart().unwrap();
    if pull.kind() == SocketKind::Router { message.split_envelope().1 } else { message }
}

/// M1: the part that fails is followed by others.
#[test]
fn after_a_peer_was_lost_before_a_part_with_more_the_next_message_is_whole() {
    let context = context();
    for (sender, receiver) in SENDERS_IN_TURN {
        for try_only in [false, true] {
            let (push, lost) = begun(&context, &format!("with-more-{try_only}"), sender, receiver);
            let outcome = if try_only { push.try_send_more("more") } else { push.send_more("more") };
            let failure = outcome.unwrap_err();
            assert_eq!(failure.kind(), ErrorKind::MultipartAborted, "{sender}");
            assert_eq!(failure.into_message(), "more");
            next_is_whole(&context, &push, &lost, receiver);
        }
    }
}

/// M1: the part that fails is the last one.
#[test]
fn after_a_peer_was_lost_before_the_last_part_the_next_message_is_whole() {
    let context = context();
    for (sender, receiver) in SENDERS_IN_TURN {
        for try_only in [false, true] {
            let (push, lost) = begun(&context, &format!("last-{try_only}"), sender, receiver);
            let outcome = if try_only { push.try_send("last") } else { push.send("last") };
            let failure = outcome.unwrap_err();
            assert_eq!(failure.kind(), ErrorKind::MultipartAborted, "{sender}");
            assert_eq!(failure.into_message(), "last");
            next_is_whole(&context, &push, &lost, receiver);
        }
    }
}

fn next_is_whole(context: &Context, push: &Socket<Any>, lost: &Socket<Any>, receiver: SocketKind) {
    let pull = any(context, receiver);
    let endpoint = pull.bind(TCP).unwrap();
    push.connect(&endpoint).unwrap();
    push.send_multipart(["1", "2", "3"]).unwrap();
    assert_eq!(content(&pull), ["1", "2", "3"], "{}", push.kind());
    if push.kind() != SocketKind::Req {
        push.send_more("4").unwrap();
        push.send("5").unwrap();
        assert_eq!(content(&pull), ["4", "5"], "{}", push.kind());
    }
    assert_empty(&pull);
    assert_empty(lost);
}

/// M1: without a peer, the whole message comes back. A new peer then receives all of it.
#[test]
fn a_message_without_a_peer_is_returned_whole() {
    let context = context();
    for (sender, receiver) in SENDERS_IN_TURN {
        let push = any(&context, sender);
        let failure = push.try_send_multipart(["1", "2", "3"]).unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::WouldBlock, "{sender}");
        let message = failure.into_message();
        assert_eq!(message, ["1", "2", "3"]);

        push.set_send_timeout(common::MOMENT).unwrap();
        let failure = push.send_multipart(message).unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::WouldBlock, "{sender}");
        let message = failure.into_message();

        let pull = any(&context, receiver);
        push.connect(pull.bind(TCP).unwrap()).unwrap();
        push.send_multipart(message).unwrap();
        assert_eq!(content(&pull), ["1", "2", "3"], "{sender}");
    }
}

/// M1: a message that is begun part by part and continued as a whole is refused as a whole if its peer is lost.
#[test]
fn a_multipart_after_a_part_belongs_to_the_same_message() {
    let context = context();
    let (push, lost) = begun(&context, "behind", SocketKind::Push, SocketKind::Pull);
    let failure = push.send_multipart(["2", "3"]).unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::MultipartAborted);
    assert_eq!(failure.into_message(), ["2", "3"]);
    next_is_whole(&context, &push, &lost, SocketKind::Pull);
}

/// M1: peers come and go while a long message is sent. It goes to another peer, or comes back; it is whole in any case.
#[test]
fn a_message_whose_peer_leaves_in_the_middle_is_sent_again_or_returned() {
    const PARTS: usize = 20_000;
    let context = context();
    let push = socket(&context, Push);
    push.set_send_hwm(1).unwrap();
    push.set_send_timeout(common::MOMENT).unwrap();
    let endpoint = push.bind("inproc://coming-and-going").unwrap();
    let peers = std::thread::spawn(move || {
        for round in 0..40 {
            let peer = socket(&context, Pull);
            peer.set_recv_hwm(1).unwrap();
            peer.connect(&endpoint).unwrap();
            // Every second peer gives up early.
            let patience = if round % 2 == 0 { std::time::Duration::from_millis(2) } else { common::LIMIT };
            match peer.recv_multipart_within(patience) {
                Ok(message) => assert_eq!(message.len(), PARTS),
                Err(error) => assert!(round % 2 == 0 && error.kind() == ErrorKind::WouldBlock, "{error}"),
            }
        }
    });
    let message = Multipart::from_frames((0..PARTS).map(|_| "part")).unwrap();
    while !peers.is_finished() {
        for outcome in [push.send_multipart(message.clone()), push.try_send_multipart(message.clone())] {
            if let Err(failure) = outcome {
                assert_eq!(failure.kind(), ErrorKind::WouldBlock);
                assert_eq!(failure.into_message().len(), PARTS);
            }
        }
    }
    peers.join().unwrap();
}

/// A REQ whose request of several parts was lost half-way, and the peer that was lost.
fn requester_after_loss(
    context: &Context,
    name: &str,
    (correlate, relaxed, had_more): (bool, bool, bool),
) -> (Socket<Req>, Socket<Router>) {
    let (lost, endpoint) = bound(context, Router, name);
    let requester = socket(context, Req);
    requester.set_req_correlate(correlate).unwrap();
    requester.set_req_relaxed(relaxed).unwrap();
    requester.connect(&endpoint).unwrap();
    requester.send_more("lost").unwrap();
    requester.disconnect(&endpoint).unwrap();
    let outcome = if had_more { requester.send_more("part") } else { requester.send("part") };
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::MultipartAborted, "{name}");
    (requester, lost)
}

/// An exchange. Returns how many frames the request's envelope had.
fn exchange(requester: &Socket<Req>, router: &Socket<Router>) -> usize {
    requester.send_multipart(["a", "request"]).unwrap();
    let (envelope, content) = router.recv_multipart().unwrap().split_envelope();
    assert_eq!(content, ["a", "request"]);
    let envelope = envelope.unwrap();
    let frames = envelope.len();
    let mut reply = Multipart::from(["its", "reply"]);
    reply.wrap(envelope);
    router.send_multipart(reply).unwrap();
    assert_eq!(requester.recv_multipart().unwrap(), ["its", "reply"]);
    assert_eq!(requester.try_recv().unwrap_err().kind(), ErrorKind::WrongState);
    frames
}

/// M1 for REQ, whose strict alternation must also be restored: the exchange after a lost one works, and so do all later
/// ones.
#[test]
fn a_requester_recovers_from_an_incomplete_request() {
    let context = context();
    for case in 0..8 {
        let options @ (correlate, relaxed, _) = (case & 1 != 0, case & 2 != 0, case & 4 != 0);
        let name = format!("inproc://req-{case}");
        let (requester, lost) = requester_after_loss(&context, &name, options);
        // The peer releases the connection.
        lost.events().unwrap();
        let (router, endpoint) = bound(&context, Router, TCP);
        requester.connect(&endpoint).unwrap();
        // The request may have no number. All later ones have a number again.
        exchange(&requester, &router);
        for _ in 0..2 {
            assert_eq!(exchange(&requester, &router), if correlate { 3 } else { 2 }, "{name}");
        }
        requester.send("the lock-step").unwrap();
        let again = requester.try_send("is as it was");
        assert_eq!(again.is_ok(), relaxed, "{name}");
    }
}

/// An option that is set between the exchange without a number and the next one keeps its value.
#[test]
fn a_requester_that_recovers_keeps_its_latest_options() {
    let context = context();
    for correlate in [true, false] {
        let name = format!("inproc://told-last-{correlate}");
        let (requester, lost) = requester_after_loss(&context, &name, (true, false, false));
        lost.events().unwrap();
        let (router, endpoint) = bound(&context, Router, TCP);
        requester.connect(&endpoint).unwrap();
        assert_eq!(exchange(&requester, &router), 2);
        requester.set_req_correlate(correlate).unwrap();
        for _ in 0..2 {
            assert_eq!(exchange(&requester, &router), if correlate { 3 } else { 2 });
        }
    }
}

#[test]
fn a_requester_recovers_from_one_loss_after_another() {
    let context = context();
    for case in 0..4 {
        let (first_had_more, second_had_more) = (case & 1 != 0, case & 2 != 0);
        let name = format!("inproc://losses-{case}");
        let (requester, first) = requester_after_loss(&context, &name, (true, false, first_had_more));
        first.events().unwrap();
        let (second, endpoint) = bound(&context, Router, &format!("{name}-again"));
        requester.connect(&endpoint).unwrap();
        requester.send_more("lost").unwrap();
        requester.disconnect(&endpoint).unwrap();
        let outcome = if second_had_more { requester.send_more("part") } else { requester.send("part") };
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::MultipartAborted, "{name}");
        second.events().unwrap();

        let (router, endpoint) = bound(&context, Router, TCP);
        requester.connect(&endpoint).unwrap();
        exchange(&requester, &router);
        for _ in 0..2 {
            assert_eq!(exchange(&requester, &router), 3, "{name}");
        }
    }
}

/// S7: the loss was noticed, and libzmq had released the connection, before the next part.
#[cfg(zmq_vendored)]
#[test]
fn a_peer_lost_for_good_before_the_next_part_is_reported() {
    let context = context();
    for (sender, receiver) in SENDERS_IN_TURN {
        let (push, lost) = begun(&context, "for-good", sender, receiver);
        // Both ends release the connection.
        lost.events().unwrap();
        push.events().unwrap();
        let failure = push.send("last").unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::MultipartAborted, "{sender}");
        next_is_whole(&context, &push, &lost, receiver);
    }
}

/// S7: nothing of the message appears later, and nothing of the next message is lost.
#[test]
fn after_a_peer_was_lost_for_good_within_a_message_the_next_one_is_whole() {
    let context = context();
    for (sender, receiver) in [SENDERS_IN_TURN[0], SENDERS_IN_TURN[1]] {
        let (push, lost) = begun(&context, "next-one", sender, receiver);
        lost.events().unwrap();
        push.events().unwrap();
        let _ = push.send("last");
        next_is_whole(&context, &push, &lost, receiver);
    }
}

/// A bound sender whose only peer leaves over a network transport.
#[test]
fn a_message_whose_peer_goes_away_never_reaches_the_next_peer_in_part() {
    let context = context();
    let (push, endpoint) = bound(&context, Push, TCP);
    let first = connected(&context, Pull, &endpoint);
    common::meet(&push, &first);
    push.send_more("lost").unwrap();
    drop(first);
    let second = connected(&context, Pull, &endpoint);
    let _ = push.send("last");
    // A message that is sent before the loss is noticed may be lost as well.
    let message = eventually("a message arrives", || {
        let _ = push.try_send_multipart(["1", "2"]);
        second.try_recv_multipart().ok()
    });
    let whole = message == ["1", "2"] || message == ["lost", "last"];
    assert!(whole, "{message:?}");
}

#[test]
fn a_router_drops_a_message_whose_peer_leaves_in_the_middle() {
    let context = context();
    let (router, endpoint) = bound(&context, Router, "inproc://half-way");
    let first = socket(&context, Dealer);
    first.set_routing_id("first").unwrap();
    first.connect(&endpoint).unwrap();
    first.send("Hello").unwrap();
    router.recv_multipart().unwrap();
    router.send_more("first").unwrap();
    router.send_more("lost").unwrap();
    first.disconnect(&endpoint).unwrap();
    let _ = router.send("last");

    let second = socket(&context, Dealer);
    second.set_routing_id("second").unwrap();
    second.connect(&endpoint).unwrap();
    second.send("Hello").unwrap();
    assert_eq!(router.recv_multipart().unwrap(), ["second", "Hello"]);
    router.send_multipart(["second", "whole", "message"]).unwrap();
    assert_eq!(second.recv_multipart().unwrap(), ["whole", "message"]);
}

/// libzmq closed the queue that it was reading from, and aborted when it found the queue closed.
#[test]
fn a_message_can_be_received_to_its_end_after_a_disconnect() {
    let context = context();
    for transport in transports("to-its-end") {
        let (push, endpoint) = bound(&context, Push, &transport);
        let pull = connected(&context, Pull, &endpoint);
        push.send_multipart(["one", "two", "three"]).unwrap();
        assert_eq!(pull.recv().unwrap(), "one");
        if !cfg!(zmq_vendored) {
            assert_eq!(pull.disconnect(&endpoint).unwrap_err().kind(), ErrorKind::WrongState);
            assert_eq!(pull.recv_multipart().unwrap(), ["two", "three"]);
            pull.disconnect(&endpoint).unwrap();
            continue;
        }
        pull.disconnect(&endpoint).unwrap();
        pull.events().unwrap();
        assert_eq!(pull.recv_multipart().unwrap(), ["two", "three"]);
        let (other, endpoint) = bound(&context, Push, TCP);
        pull.connect(&endpoint).unwrap();
        other.send("four").unwrap();
        assert_eq!(pull.recv().unwrap(), "four");
    }
}

/// An immediate socket abandons the connection, and makes a new one.
#[cfg(zmq_vendored)]
#[test]
fn a_message_can_be_received_to_its_end_after_its_peer_has_gone() {
    let context = context();
    let (push, endpoint) = bound(&context, Push, TCP);
    let pull = socket(&context, Pull);
    pull.set_immediate(true).unwrap();
    let monitor = pull.monitor(Events::CONNECT_RETRIED).unwrap();
    pull.connect(&endpoint).unwrap();
    push.send_multipart(["one", "two", "three"]).unwrap();
    assert_eq!(pull.recv().unwrap(), "one");
    drop(push);
    monitor.recv_within(LIMIT).unwrap();
    pull.events().unwrap();
    assert_eq!(pull.recv_multipart().unwrap(), ["two", "three"]);
    let push = socket(&context, Push);
    eventually("the port is free", || push.bind(&endpoint).ok());
    push.send("four").unwrap();
    assert_eq!(pull.recv().unwrap(), "four");
}

/// The other peer always has room.
#[test]
fn a_message_whose_peer_is_lost_goes_to_another_peer_at_once() {
    let context = context();
    let push = socket(&context, zmq::Push);
    push.set_send_hwm(0).unwrap();
    push.bind("inproc://another").unwrap();
    let pull = || {
        let pull = socket(&context, zmq::Pull);
        pull.set_recv_hwm(0).unwrap();
        pull.connect("inproc://another").unwrap();
        pull
    };
    let stays = pull();
    let parts = ["part"; 100];
    std::thread::scope(|threads| {
        let leaving = threads.spawn(|| {
            for _ in 0..200 {
                let leaves = pull();
                leaves.recv_multipart().unwrap();
            }
        });
        while !leaving.is_finished() {
            push.try_send_multipart(parts).unwrap();
            while stays.try_recv_multipart().is_ok() {}
        }
    });
}
