//! Messages: conversions, comparisons, and when their bytes are not copied.

use crate::common;

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use common::{assert_empty, bound, connected, context, socket, transports};
use zmq::{Dealer, ErrorKind, Message, MessageMut, Pair, Pull, Push, Router, Socket, Sub, XPub};

/// Too long to lie inside a message on any platform.
const LONG: usize = 64;

/// Two connected PAIRs over inproc, where nothing is copied.
fn pair(name: &str) -> (Socket<Pair>, Socket<Pair>) {
    let context = context();
    let (left, endpoint) = bound(&context, Pair, &format!("inproc://{name}"));
    let right = connected(&context, Pair, endpoint);
    (left, right)
}

/// Conformance: ME-1.
#[test]
fn every_frame_reports_whether_more_follow() {
    let context = context();
    for transport in transports("me-1") {
        let (router, endpoint) = bound(&context, Router, &transport);
        let dealer = connected(&context, Dealer, endpoint);
        dealer.send_multipart(["A", "B"]).unwrap();
        let id = router.recv().unwrap();
        assert!(id.has_more() && router.has_more().unwrap());
        let first = router.recv().unwrap();
        assert!(first.has_more() && router.has_more().unwrap());
        let second = router.recv().unwrap();
        assert!(!second.has_more() && !router.has_more().unwrap());

        router.send_more(id).unwrap();
        router.send_more(first).unwrap();
        router.send(second).unwrap();
        assert!(dealer.recv().unwrap().has_more());
        assert!(!dealer.recv().unwrap().has_more());
    }
}

/// Conformance: ME-3.
#[test]
fn a_clone_shares_the_bytes() {
    let message = Message::from(vec![7; 1024]);
    assert!(!message.is_shared());
    let clone = message.clone();
    assert!(clone.is_shared() && message.is_shared());
    assert_eq!(clone.as_ptr(), message.as_ptr());
    drop(message);
    assert_eq!(clone, vec![7; 1024]);

    static CONSTANT: [u8; 1024] = [7; 1024];
    let message = Message::from_static(&CONSTANT);
    assert!(message.is_shared());
    assert_eq!(message.as_ptr(), CONSTANT.as_ptr());

    let small = Message::from("small");
    let clone = small.clone();
    assert_ne!(clone.as_ptr(), small.as_ptr());
    assert_eq!(clone, small);
}

/// Conformance: ME-4.
#[test]
fn messages_of_any_size_keep_their_bytes() {
    assert_eq!(Message::new().len(), 0);
    assert_eq!(Message::default(), "");
    assert_eq!(MessageMut::try_zeroed(0).unwrap().len(), 0);

    let (left, right) = pair("sizes");
    // Sizes around the limit of what fits inside a message, and around libzmq's receive buffer.
    for size in [0, 1, 29, 30, 33, 34, 37, 38, 255, 256, 8191, 8192, 8193, 1 << 20] {
        let bytes: Vec<u8> = (0..=255).cycle().take(size).collect();
        let mut built = MessageMut::try_zeroed(size).unwrap();
        assert!(built.iter().all(|&byte| byte == 0));
        built.copy_from_slice(&bytes);
        for message in [
            Message::from(bytes.as_slice()),
            Message::from(bytes.clone()),
            Message::from_owner(bytes.clone()),
            Message::try_from_slice(&bytes).unwrap(),
            Message::from(built),
        ] {
            assert_eq!(message, bytes);
            left.send(message).unwrap();
            assert_eq!(right.recv().unwrap(), bytes);
        }
    }
}

#[test]
fn messages_of_every_size_arrive_over_every_transport() {
    let context = context();
    for transport in transports("all-sizes") {
        let (pull, endpoint) = bound(&context, Pull, &transport);
        let push = connected(&context, Push, endpoint);
        for size in [0, 1, 33, 34, 255, 256, 8192, 1 << 20] {
            let bytes: Vec<u8> = (0..=255).cycle().take(size).collect();
            push.send(bytes.as_slice()).unwrap();
            assert_eq!(pull.recv().unwrap(), bytes);
        }
    }
}

#[test]
fn bytes_of_every_type_become_a_message() {
    let text = "a text that is too long to lie inside a message itself";
    let bytes = text.as_bytes();
    let array: [u8; 54] = bytes.try_into().unwrap();
    let owned = bytes.to_vec();
    let string = text.to_owned();
    let message = Message::from(text);
    for message in [
        Message::from(text),
        Message::from(bytes),
        Message::from(array),
        Message::from(&array),
        Message::from(&owned),
        Message::from(owned.clone()),
        Message::from(&string),
        Message::from(string.clone()),
        Message::from(owned.clone().into_boxed_slice()),
        Message::from(Arc::<[u8]>::from(bytes)),
        Message::from(&message),
        Message::from_static(text.as_bytes()),
        Message::from_owner(owned.clone()),
    ] {
        assert_eq!(message, text);
    }
}

#[test]
fn a_message_compares_with_bytes_of_every_type() {
    let message = Message::from("abc");
    assert_eq!(message, "abc");
    assert_eq!(message, *"abc");
    assert_eq!(message, String::from("abc"));
    assert_eq!(message, b"abc");
    assert_eq!(message, *b"abc");
    assert_eq!(message, b"abc"[..]);
    assert_eq!(message, &b"abc"[..]);
    assert_eq!(message, b"abc".to_vec());
    assert_eq!(message, Message::from(vec![b'a', b'b', b'c']));
    assert_ne!(message, "abd");
    assert_ne!(message, "ab");
    assert_ne!(message, "abcd");

    #[expect(clippy::mutable_key_type, reason = "the bytes never change, only the number of their owners")]
    let set = HashSet::from([Message::from("abc"), Message::from_static(b"abc"), Message::from("x")]);
    assert_eq!(set.len(), 2);
}

#[test]
fn a_message_of_text_converts_to_a_string() {
    let message = Message::from("grüß dich");
    assert_eq!(message.to_str().unwrap(), "grüß dich");
    assert_eq!(message.clone().into_string().unwrap(), "grüß dich");
    assert_eq!(String::try_from(message.clone()).unwrap(), "grüß dich");
    assert_eq!(Vec::<u8>::from(message.clone()), "grüß dich".as_bytes());
    assert_eq!(message.as_ref(), "grüß dich".as_bytes());

    let no_text = Message::from([b'a', 0xff]);
    assert_eq!(no_text.to_str().unwrap_err().kind(), ErrorKind::InvalidData);
    let error = no_text.into_string().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert_eq!(error.into_message().unwrap(), [b'a', 0xff]);
}

#[test]
fn a_message_of_the_right_length_converts_to_an_array() {
    let message = Message::from([1, 2, 3, 4]);
    assert_eq!(<[u8; 4]>::try_from(&message).unwrap(), [1, 2, 3, 4]);
    assert_eq!(<[u8; 4]>::try_from(message.clone()).unwrap(), [1, 2, 3, 4]);
    assert_eq!(<[u8; 0]>::try_from(Message::new()).unwrap(), []);
    let error = <[u8; 8]>::try_from(message).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert_eq!(error.to_string(), "convert 4 bytes: expected 8 bytes");
}

#[test]
fn bytes_that_are_not_text_can_be_printed() {
    let message = Message::from("text");
    assert!(matches!(message.to_string_lossy(), Cow::Borrowed("text")));
    assert_eq!(Message::from(b"a\xff\xfeb").to_string_lossy(), "a\u{fffd}\u{fffd}b");
}

#[test]
fn a_received_message_that_is_not_text_is_returned() {
    let (left, right) = pair("no-text");
    left.send([0xff, 0xfe]).unwrap();
    let error = right.recv_string().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert_eq!(error.into_message().unwrap(), [0xff, 0xfe]);
}

#[test]
fn debug_prints_a_limited_number_of_bytes() {
    assert_eq!(format!("{:?}", Message::from("a\n\"\u{ff}")), r#"Message(5 bytes, "a\n\"\xc3\xbf")"#);
    assert_eq!(format!("{:?}", Message::new()), r#"Message(0 bytes, "")"#);
    let long = format!("{:?}", Message::from(vec![b'x'; 1000]));
    assert_eq!(long, format!("Message(1000 bytes, \"{}\"...)", "x".repeat(64)));
    assert_eq!(format!("{:?}", MessageMut::try_zeroed(1).unwrap()), r#"MessageMut(1 bytes, "\x00")"#);
}

#[test]
fn a_buffer_arrives_over_inproc_uncopied() {
    let (left, right) = pair("uncopied");
    let send = |message: Message| {
        let sent = message.as_ptr();
        left.send(message).unwrap();
        let received = right.recv().unwrap();
        assert_eq!(received.as_ptr(), sent);
        sent
    };

    let bytes = vec![1; LONG];
    let address = bytes.as_ptr();
    assert_eq!(send(Message::from(bytes)), address);

    let text = "x".repeat(LONG);
    let address = text.as_ptr();
    assert_eq!(send(Message::from(text)), address);

    let slice = vec![1; LONG].into_boxed_slice();
    let address = slice.as_ptr();
    assert_eq!(send(Message::from(slice)), address);

    let shared = Arc::<[u8]>::from(vec![1; LONG]);
    assert_eq!(send(Message::from(shared.clone())), shared.as_ptr());

    static CONSTANT: &[u8] = b"short";
    assert_eq!(send(Message::from_static(CONSTANT)), CONSTANT.as_ptr());

    let built = MessageMut::try_zeroed(LONG).unwrap();
    let address = built.as_ptr();
    assert_eq!(send(Message::from(built)), address);
}

#[test]
fn a_vector_with_spare_capacity_is_not_copied() {
    let mut bytes = Vec::with_capacity(1000);
    bytes.resize(LONG, 3);
    let address = bytes.as_ptr();
    let message = Message::from(bytes);
    assert_eq!(message.as_ptr(), address);
    assert_eq!(message, [3; LONG]);
}

#[test]
fn all_subscribers_receive_the_same_memory() {
    let context = context();
    let (publisher, endpoint) = bound(&context, XPub, "inproc://same-memory");
    let subscribers: Vec<_> = (0..2)
        .map(|_| {
            let subscriber = connected(&context, Sub, &endpoint);
            subscriber.subscribe("").unwrap();
            subscriber
        })
        .collect();
    assert_eq!(publisher.recv().unwrap(), [1]);
    publisher.events().unwrap();
    publisher.send(vec![9; LONG]).unwrap();
    let received: Vec<_> = subscribers.iter().map(|subscriber| subscriber.recv().unwrap()).collect();
    assert_eq!(received[0].as_ptr(), received[1].as_ptr());
    assert!(received.iter().all(Message::is_shared));
}

/// Conformance: G-5.
#[test]
fn a_failed_send_returns_the_same_allocation() {
    let push = socket(&context(), Push);
    let bytes = vec![5; LONG];
    let address = bytes.as_ptr();
    let failure = push.try_send(bytes).unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::WouldBlock);
    let message = failure.into_message();
    assert_eq!(message.as_ptr(), address);

    let failure = push.try_send_more(message).unwrap_err();
    let (error, message) = failure.into_parts();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    assert_eq!(message.as_ptr(), address);

    let failure = push.try_send_multipart([message, Message::from("second")]).unwrap_err();
    let message = failure.into_message();
    assert_eq!(message[0].as_ptr(), address);
    assert_eq!(message[1], "second");
    push.bind("inproc://given-back").unwrap();
    let pull = connected(&push.context(), Pull, "inproc://given-back");
    push.send_multipart(message).unwrap();
    assert_eq!(pull.recv().unwrap().as_ptr(), address);
    assert_eq!(pull.recv().unwrap(), "second");
}

/// Conformance: G-5.
#[test]
fn a_short_buffer_reports_truncation() {
    let (left, right) = pair("short");
    left.send_more([1; 100]).unwrap();
    left.send([2; 10]).unwrap();
    let mut buffer = [0; 10];
    let received = right.recv_into(&mut buffer).unwrap();
    assert_eq!((received.len(), received.message_len()), (10, 100));
    assert!(received.is_truncated() && received.has_more());
    assert_eq!(buffer, [1; 10]);
    let received = right.recv_into(&mut buffer).unwrap();
    assert_eq!((received.len(), received.message_len()), (10, 10));
    assert!(!received.is_truncated() && !received.has_more());
    assert_eq!(buffer, [2; 10]);

    left.send("not a byte of room").unwrap();
    let received = right.recv_into(&mut []).unwrap();
    assert_eq!((received.len(), received.message_len()), (0, 18));
    left.send("").unwrap();
    assert!(!right.recv_into(&mut buffer).unwrap().is_truncated());
}

#[test]
fn a_receive_fills_the_buffer_only_on_success() {
    let (left, right) = pair("at-once");
    let mut buffer = [0; 10];
    assert_eq!(right.try_recv_into(&mut buffer).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(buffer, [0; 10]);
    left.send_more("Hello").unwrap();
    left.send("and more than ten").unwrap();
    let received = right.try_recv_into(&mut buffer).unwrap();
    assert_eq!(received.to_str().unwrap(), "Hello");
    assert!(received.has_more() && !received.is_truncated());
    let received = right.try_recv_into(&mut buffer).unwrap();
    assert_eq!((received.to_str().unwrap(), received.message_len()), ("and more t", 17));
}

#[test]
fn one_message_can_be_reused_for_every_receive() {
    let (left, right) = pair("again");
    let owner = Arc::<[u8]>::from(vec![1; LONG]);
    let mut message = Message::from(owner.clone());
    for size in [3, 100, 0, 1 << 16, 3] {
        left.send(vec![7; size]).unwrap();
        right.recv_to(&mut message).unwrap();
        assert_eq!(message, vec![7; size]);
    }
    assert_eq!(Arc::strong_count(&owner), 1, "what the message held is still there");
    left.send("the last").unwrap();
    right.recv_to(&mut message).unwrap();
    assert_eq!(message, "the last");
    right.set_recv_timeout(std::time::Duration::ZERO).unwrap();
    assert_eq!(right.recv_to(&mut message).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_empty(&right);
}

#[test]
fn a_forwarded_message_loses_its_more_flag() {
    let (left, right) = pair("sent-on");
    left.send_multipart(["first", "second"]).unwrap();
    let first = right.recv().unwrap();
    assert!(first.has_more());
    right.recv().unwrap();
    right.send(first).unwrap();
    assert!(!left.recv().unwrap().has_more());
}

#[test]
fn a_message_moves_to_another_thread() {
    let message = Message::from(vec![4; LONG]);
    let clone = message.clone();
    let thread = std::thread::spawn(move || clone.iter().map(|&byte| usize::from(byte)).sum::<usize>());
    assert_eq!(thread.join().unwrap(), 4 * LONG);
    assert_eq!(message, [4; LONG]);
}

#[test]
fn fallible_constructors_report_a_huge_message() {
    assert_eq!(MessageMut::try_zeroed(usize::MAX).unwrap_err().kind(), ErrorKind::OutOfMemory);
    assert_eq!(
        MessageMut::try_zeroed(isize::MAX.unsigned_abs() - 64).unwrap_err().kind(),
        ErrorKind::OutOfMemory
    );
}

#[cfg(feature = "bytes")]
mod bytes {
    use bytes::Bytes;
    use zmq::Message;

    use super::{LONG, pair};

    #[test]
    fn bytes_are_shared_in_both_directions() {
        let bytes = Bytes::from(vec![6; LONG]);
        let address = bytes.as_ptr();
        let (left, right) = pair("bytes");
        left.send(bytes.clone()).unwrap();
        let received = Bytes::from(right.recv().unwrap());
        assert_eq!(received.as_ptr(), address);
        assert_eq!(received, bytes);
        drop(bytes);
        assert_eq!(received.slice(LONG / 2..), [6; LONG / 2][..]);
    }

    #[test]
    fn small_bytes_buffers_survive_moves() {
        let made: Vec<Bytes> = (0..100_u8).map(|byte| Bytes::from(Message::from([byte; 33]))).collect();
        let moved: Vec<Bytes> = made.into_iter().rev().collect();
        for (byte, bytes) in (0..100_u8).rev().zip(moved) {
            assert_eq!(bytes, [byte; 33][..]);
        }
        assert_eq!(Message::from(Bytes::from_static(b"small")), "small");
    }

    #[test]
    fn bytes_buffers_can_be_read_by_several_threads() {
        let bytes = Bytes::from(Message::from(vec![1; LONG]));
        std::thread::scope(|threads| {
            for _ in 0..4 {
                let bytes = bytes.clone();
                threads.spawn(move || assert_eq!(bytes, [1; LONG][..]));
            }
        });
    }
}
