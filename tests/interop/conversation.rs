//! The conversations: the messages that each side sends. `peer.py` and `peer.js` implement the other side.

use std::thread;
use std::time::Instant;

use zmq::capability::Kind;
use zmq::{Context, Dealer, Multipart, Pair, Pub, Pull, Push, Rep, Req, Requester, Router, Socket, Sub};

use crate::patience;
use crate::peer::{Link, Peer};

pub(crate) struct Conversation {
    pub(crate) name: &'static str,
    /// Our role.
    pub(crate) ours: fn(&Link<'_>),
    /// The peer's role.
    pub(crate) theirs: &'static str,
}

pub(crate) const fn conversation(
    name: &'static str,
    ours: fn(&Link<'_>),
    theirs: &'static str,
) -> Conversation {
    Conversation { name, ours, theirs }
}

pub(crate) const CONVERSATIONS: &[Conversation] = &[
    conversation("req_to_their_rep", req, "rep"),
    conversation("rep_to_their_req", rep, "req"),
    conversation("req_to_their_router", req, "router-of-req"),
    conversation("router_to_their_req", router_of_req, "req"),
    conversation("dealer_to_their_rep", dealer_of_rep, "rep"),
    conversation("rep_to_their_dealer", rep, "dealer-of-rep"),
    conversation("dealer_to_their_router", dealer_of_router, "router-of-dealer"),
    conversation("router_to_their_dealer", router_of_dealer, "dealer-of-router"),
    conversation("requester_to_their_rep", requester_of_rep, "rep"),
    conversation("requester_to_their_router", requester_of_router, "router-of-requester"),
    conversation("pub_to_their_sub", publish, "sub"),
    conversation("sub_to_their_pub", subscribe, "pub"),
    conversation("push_to_their_pull", push, "pull"),
    conversation("pull_from_their_push", pull, "push"),
    conversation("pair_with_their_pair", pair, "pair"),
];

/// The conversations with CZMQ.
#[cfg(target_os = "linux")]
pub(crate) const CZMQ_CONVERSATIONS: &[Conversation] = &[
    conversation("requester_to_their_rep", requester_of_rep, "rep"),
    conversation("requester_to_their_router", requester_of_router, "router-of-requester"),
    conversation("encoded_messages_to_their_decoder", req_of_decoder, "decoder"),
    conversation("messages_to_their_encoder", req_of_encoder, "encoder"),
];

pub(crate) const TOPIC: &[u8] = b"\0topic\xff";
pub(crate) const OTHER_TOPIC: &[u8] = b"\0topic\xfe";
pub(crate) const SYNC: &[u8] = b"\0topic\xffsync";

pub(crate) const DEALER_ID: &[u8] = b"\x01dealer\0\xc3\xbf";

pub(crate) type Frames = Vec<Vec<u8>>;

pub(crate) fn messages() -> Vec<Frames> {
    let text = |frames: &[&str]| frames.iter().map(|frame| frame.as_bytes().to_vec()).collect();
    vec![
        text(&["Hello"]),
        text(&[""]),
        vec![(0..=255).collect()],
        text(&["", "", ""]),
        text(&["", "between empty frames", ""]),
        // Lengths at which frames get a long header, and at which they outgrow the receive buffer.
        [33, 34, 254, 255, 256, 8191, 8192, 8193].into_iter().map(pattern).collect(),
        (0..=255).map(|byte| vec![byte]).collect(),
        vec![pattern(1 << 20), b"tail".to_vec()],
    ]
}

/// The period of the pattern differs from the size of any buffer, so that a wrong piece is detected.
fn pattern(size: usize) -> Vec<u8> {
    (0..251).cycle().take(size).collect()
}

/// The same frames in the opposite order.
pub(crate) fn answer(message: &Frames) -> Frames {
    message.iter().rev().cloned().collect()
}

pub(crate) fn with_front(front: &[&[u8]], message: &Frames) -> Frames {
    front.iter().map(|frame| frame.to_vec()).chain(message.iter().cloned()).collect()
}

pub(crate) fn multipart(frames: Frames) -> Multipart {
    frames.try_into().unwrap()
}

/// Not `assert_eq`, whose output would have megabytes.
#[track_caller]
pub(crate) fn expect(got: &Multipart, wanted: &Frames) {
    let shorten = |frames: &mut dyn Iterator<Item = &[u8]>| {
        frames
            .map(|frame| (frame.len(), frame.iter().take(40).copied().collect::<Vec<_>>()))
            .take(10)
            .collect::<Vec<_>>()
    };
    assert!(
        *got == wanted[..],
        "received {:?}, not {:?}",
        shorten(&mut got.iter().map(|frame| &**frame)),
        shorten(&mut wanted.iter().map(Vec::as_slice)),
    );
}

/// A conversation that needs no preparation before the two sockets are connected.
fn talk<K: Kind>(link: &Link<'_>, kind: K, conversation: impl FnOnce(&Socket<K>, &mut Peer)) {
    talk_prepared(link, kind, |_| {}, conversation);
}

fn talk_prepared<K: Kind>(
    link: &Link<'_>,
    kind: K,
    prepare: impl FnOnce(&Socket<K>),
    conversation: impl FnOnce(&Socket<K>, &mut Peer),
) {
    let context = Context::new().unwrap();
    let socket = link.socket(&context, kind);
    prepare(&socket);
    let mut peer = link.establish(&socket);
    conversation(&socket, &mut peer);
    peer.finish();
}

fn req(link: &Link<'_>) {
    talk(link, Req, |socket, _| {
        for message in messages() {
            socket.send_multipart(multipart(message.clone())).unwrap();
            expect(&socket.recv_multipart().unwrap(), &answer(&message));
        }
    });
}

/// Encodes each message. The peer replies with what it decodes.
#[cfg(target_os = "linux")]
fn req_of_decoder(link: &Link<'_>) {
    talk(link, Req, |socket, _| {
        for message in messages() {
            socket.send(multipart(message.clone()).encode().unwrap()).unwrap();
            expect(&socket.recv_multipart().unwrap(), &message);
        }
    });
}

/// Decodes what the peer replies, which is the encoded message.
#[cfg(target_os = "linux")]
fn req_of_encoder(link: &Link<'_>) {
    talk(link, Req, |socket, _| {
        for message in messages() {
            socket.send_multipart(multipart(message.clone())).unwrap();
            let encoded = socket.recv().unwrap();
            assert_eq!(encoded, multipart(message.clone()).encode().unwrap(), "{} frames", message.len());
            expect(&Multipart::decode(&encoded).unwrap(), &message);
        }
    });
}

/// Turns the socket of a conversation into a requester.
fn ask(link: &Link<'_>, conversation: impl FnOnce(&Requester)) {
    let context = Context::new().unwrap();
    let socket = link.socket(&context, Dealer);
    let peer = link.establish(&socket);
    conversation(&socket.into_requester().unwrap());
    peer.finish();
}

fn requester_of_rep(link: &Link<'_>) {
    ask(link, |requester| {
        for message in messages() {
            let reply = requester.request(multipart(message.clone())).unwrap();
            expect(&reply, &answer(&message));
        }
    });
}

/// Asks from a thread for each message. The peer answers the last request first.
fn requester_of_router(link: &Link<'_>) {
    ask(link, |requester| {
        thread::scope(|threads| {
            for message in messages() {
                threads.spawn(move || {
                    let reply = requester.request(multipart(message.clone())).unwrap();
                    expect(&reply, &answer(&message));
                });
            }
        });
    });
}

fn rep(link: &Link<'_>) {
    talk(link, Rep, |socket, _| {
        for message in messages() {
            expect(&socket.recv_multipart().unwrap(), &message);
            socket.send_multipart(multipart(answer(&message))).unwrap();
        }
    });
}

fn router_of_req(link: &Link<'_>) {
    talk(link, Router, |socket, _| {
        for message in messages() {
            let (id, request) = socket.recv_multipart().unwrap().split_first();
            expect(&request.unwrap(), &with_front(&[b""], &message));
            let reply = with_front(&[&id, b""], &answer(&message));
            socket.send_multipart(multipart(reply)).unwrap();
        }
    });
}

/// Answers the last request first.
fn router_of_dealer(link: &Link<'_>) {
    talk(link, Router, |socket, _| {
        for message in messages() {
            expect(&socket.recv_multipart().unwrap(), &with_front(&[DEALER_ID], &message));
        }
        for message in messages().iter().rev() {
            let reply = with_front(&[DEALER_ID], &answer(message));
            socket.send_multipart(multipart(reply)).unwrap();
        }
    });
}

fn dealer_of_rep(link: &Link<'_>) {
    talk(link, Dealer, |socket, _| {
        for message in messages() {
            socket.send_multipart(multipart(with_front(&[b""], &message))).unwrap();
        }
        for message in messages() {
            expect(&socket.recv_multipart().unwrap(), &with_front(&[b""], &answer(&message)));
        }
    });
}

fn dealer_of_router(link: &Link<'_>) {
    let prepare = |socket: &Socket<Dealer>| socket.set_routing_id(DEALER_ID).unwrap();
    talk_prepared(link, Dealer, prepare, |socket, _| {
        for message in messages() {
            socket.send_multipart(multipart(message)).unwrap();
        }
        for message in messages().iter().rev() {
            expect(&socket.recv_multipart().unwrap(), &answer(message));
        }
    });
}

fn publish(link: &Link<'_>) {
    talk(link, Pub, |socket, peer| {
        // A publisher cannot tell when its subscriber is there, so the subscriber reports it.
        let start = Instant::now();
        while !peer.has_said("synced") {
            assert!(start.elapsed() < patience(), "no subscription has arrived");
            socket.send(SYNC).unwrap();
        }
        for message in messages() {
            socket.send_multipart(multipart(with_front(&[OTHER_TOPIC], &message))).unwrap();
            socket.send_multipart(multipart(with_front(&[TOPIC], &message))).unwrap();
        }
    });
}

fn subscribe(link: &Link<'_>) {
    talk(link, Sub, |socket, peer| {
        socket.subscribe(TOPIC).unwrap();
        expect(&socket.recv_multipart().unwrap(), &vec![SYNC.to_vec()]);
        peer.say("begin");
        for message in messages() {
            let mut got = socket.recv_multipart().unwrap();
            while got == [SYNC] {
                got = socket.recv_multipart().unwrap();
            }
            expect(&got, &with_front(&[TOPIC], &message));
        }
    });
}

fn push(link: &Link<'_>) {
    talk(link, Push, |socket, _| send_all(socket));
}

fn pull(link: &Link<'_>) {
    talk(link, Pull, |socket, _| receive_all(socket));
}

fn pair(link: &Link<'_>) {
    talk(link, Pair, |socket, _| {
        send_all(socket);
        receive_all(socket);
    });
}

fn send_all<K: zmq::capability::CanSend + zmq::capability::CanMultipart>(socket: &Socket<K>) {
    for message in messages() {
        socket.send_multipart(multipart(message)).unwrap();
    }
}

fn receive_all<K: zmq::capability::CanRecv + zmq::capability::CanMultipart>(socket: &Socket<K>) {
    for message in messages() {
        expect(&socket.recv_multipart().unwrap(), &message);
    }
}
