//! Random choices: socket types, endpoints, security, options, and ways to make a message.

use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

#[cfg(zmq_curve)]
use zmq::security::{CurveClient, CurveServer, KeyPair, SecretKey};
use zmq::security::{Null, PlainClient, PlainServer, Security};
use zmq::{Any, Feature, Message, Socket, SocketKind};

use super::common::random::Random;
use super::invariants::{NOTICE, Owner};

/// The socket types that talk to one another, and how often each of them is chosen.
const PEERS: &[(&str, &[&str])] = &[
    ("PAIR", &["PAIR"]),
    ("PUB", &["SUB", "XSUB"]),
    ("SUB", &["PUB", "XPUB"]),
    ("REQ", &["REP", "ROUTER"]),
    ("REP", &["REQ", "DEALER"]),
    ("DEALER", &["ROUTER", "REP", "DEALER"]),
    ("ROUTER", &["DEALER", "REQ", "ROUTER"]),
    ("PULL", &["PUSH"]),
    ("PUSH", &["PULL"]),
    ("XPUB", &["SUB", "XSUB"]),
    ("XSUB", &["PUB", "XPUB"]),
    ("STREAM", &["STREAM"]),
    ("SERVER", &["CLIENT"]),
    ("CLIENT", &["SERVER"]),
    ("RADIO", &["DISH"]),
    ("DISH", &["RADIO"]),
    ("GATHER", &["SCATTER"]),
    ("SCATTER", &["GATHER"]),
    ("PEER", &["PEER"]),
    ("CHANNEL", &["CHANNEL"]),
];

pub(crate) fn talk_to_each_other(one: SocketKind, other: SocketKind) -> bool {
    PEERS.iter().any(|(name, peers)| *name == one.name() && peers.contains(&other.name()))
}

pub(crate) fn kind(random: &mut Random) -> SocketKind {
    SocketKind::ALL[random.below(SocketKind::ALL.len())]
}

/// On Linux, all of 127.0.0.0/8 is this machine. Each process has its own address, so that sockets that keep
/// reconnecting to a port of another process do not connect here.
fn host() -> String {
    let [_, a, b, c] = std::process::id().to_be_bytes();
    format!("127.{a}.{b}.{}", c.clamp(1, 254))
}

/// An endpoint that no other socket of the process is bound to.
pub(crate) fn endpoint(random: &mut Random, kind: SocketKind, number: u32) -> String {
    let tcp = format!("tcp://{}:*", host());
    match kind.name() {
        "STREAM" => return tcp,
        "DGRAM" => return format!("udp://{}", free_udp(0)),
        "DISH" if random.once_in(8) => return format!("udp://{}", free_udp(0x40)),
        _ => {}
    }
    match random.below(7) {
        0..3 => format!("inproc://{number}"),
        3 | 4 => tcp,
        5 if zmq::has(Feature::Ws) => format!("ws://{}:*", host()),
        _ => "ipc://*".to_owned(),
    }
}

/// A port that was free a moment ago. A DISH and a DGRAM have different addresses, because neither understands the
/// other's datagrams.
fn free_udp(kind: u8) -> SocketAddrV4 {
    let [first, second, third, fourth] = host().parse::<Ipv4Addr>().unwrap().octets();
    let host = Ipv4Addr::new(first, second | kind, third, fourth);
    let address = UdpSocket::bind((host, 0)).unwrap().local_addr().unwrap();
    address.to_string().parse().unwrap()
}

/// The security of a socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mechanism {
    Null,
    Plain,
    #[cfg(zmq_curve)]
    Curve,
}

impl Mechanism {
    pub(crate) fn draw(random: &mut Random, kind: SocketKind) -> Mechanism {
        if ["STREAM", "DGRAM"].contains(&kind.name()) {
            return Mechanism::Null;
        }
        match random.below(10) {
            0 => Mechanism::Plain,
            #[cfg(zmq_curve)]
            1 => Mechanism::Curve,
            _ => Mechanism::Null,
        }
    }

    pub(crate) fn server(self) -> Security {
        match self {
            Mechanism::Null => Null::new().into(),
            Mechanism::Plain => PlainServer::new().zap_domain("all").into(),
            #[cfg(zmq_curve)]
            Mechanism::Curve => CurveServer::new(keys(1)).zap_domain("all").into(),
        }
    }

    pub(crate) fn client(self, random: &mut Random) -> Security {
        match self {
            Mechanism::Null => Null::new().into(),
            Mechanism::Plain => PlainClient::new("guest", random.pick(&["guest", "guest", "wrong"])).into(),
            #[cfg(zmq_curve)]
            Mechanism::Curve => CurveClient::new(&keys(2), keys(1).public_key()).into(),
        }
    }
}

#[cfg(zmq_curve)]
fn keys(byte: u8) -> KeyPair {
    KeyPair::from_secret_key(SecretKey::from_bytes([byte; 32])).unwrap()
}

/// Some milliseconds, or zero.
pub(crate) fn time(random: &mut Random) -> Duration {
    Duration::from_millis([0, 1, 2, 5][random.below(4)])
}

/// Sets the options that keep the round short.
pub(crate) fn usual_options(random: &mut Random, socket: &Socket<Any>) -> zmq::Result<()> {
    socket.set_linger(Duration::from_millis([0, 0, 10, 50][random.below(4)]))?;
    socket.set_send_timeout(time(random))?;
    socket.set_recv_timeout(time(random))?;
    socket.set_reconnect_interval(Duration::from_millis(5))
}

/// Sets a random option to a random value. This may be refused, because of the socket type or because it is too late.
pub(crate) fn set_option(random: &mut Random, socket: &Socket<Any>) -> zmq::Result<()> {
    let flag = random.once_in(2);
    let milliseconds = Duration::from_millis([1, 20, 200, 2000][random.below(4)]);
    let some_time = flag.then_some(milliseconds);
    let size = [16, 256, 8192, 65_536][random.below(4)];
    let notice = [NOTICE, b'n'];
    match random.below(40) {
        0 => socket.set_linger(Duration::from_millis([0, 10, 50][random.below(3)])),
        1 | 2 => socket.set_send_hwm([0, 1, 2, 10, 1000][random.below(5)]),
        3 | 4 => socket.set_recv_hwm([0, 1, 2, 10, 1000][random.below(5)]),
        5 => socket.set_send_timeout(time(random)),
        6 => socket.set_recv_timeout(time(random)),
        7..10 => socket.set_immediate(flag),
        10 => socket.set_routing_id(random.pick(&["A", "B", "C"])),
        11 => socket.set_affinity(u64::from(flag)),
        12 => socket.set_backlog([1, 100][random.below(2)]),
        13 => socket.set_handshake_interval(some_time),
        14 => socket.set_connect_timeout(some_time),
        15 => socket.set_send_buffer(flag.then_some(size)),
        16 => socket.set_recv_buffer(flag.then_some(size)),
        17 => socket.set_ipv6(flag),
        18 => socket.set_tos(random.byte()),
        19 => socket.set_tcp_keepalive(flag),
        20 => socket.set_tcp_keepalive_idle(Duration::from_secs(1)),
        21 => socket.set_conflate(flag),
        25 => socket.set_reconnect_interval_max(milliseconds),
        26 | 37 => socket.set_req_correlate(flag),
        27 => socket.set_router_mandatory(flag),
        28 => socket.set_probe_router(flag),
        29 => socket.set_stream_notify(flag),
        30 => socket.set_xpub_verbose(flag),
        31 => socket.set_xpub_nodrop(flag),
        32 => socket.set_xpub_manual(flag),
        33 => socket.set_xpub_welcome_message(notice),
        34 => socket.set_invert_matching(flag),
        35 => socket.set_xpub_verboser(flag),
        22..25 | 36 => set_draft_option(random, socket, flag),
        // The time is long enough not to break a connection.
        _ => socket.set_tcp_max_retransmit_timeout(flag.then_some(Duration::from_secs(60))),
    }
}

/// Like [`set_option`], but connections may break and be replaced by others.
pub(crate) fn set_breaking_option(random: &mut Random, socket: &Socket<Any>) -> zmq::Result<()> {
    let flag = random.once_in(2);
    let milliseconds = Duration::from_millis([1, 20, 200][random.below(3)]);
    match random.below(9) {
        0 => socket.set_max_message_size(flag.then_some([30, 300, 30_000][random.below(3)])),
        1 => socket.set_heartbeat_interval(flag.then_some(milliseconds)),
        2 => socket.set_heartbeat_timeout(flag.then_some(milliseconds)),
        3 => socket.set_heartbeat_ttl(flag.then_some(Duration::from_millis(100))),
        4 => socket.set_router_handover(flag),
        // A reply without the delimiter ends the connection of a REQ. A relaxed REQ sends again, over the next
        // connection.
        7 | 8 => socket.set_req_relaxed(flag),
        5 => socket.set_tcp_max_retransmit_timeout(flag.then_some(milliseconds)),
        _ => socket.set_reconnect_interval(flag.then_some(milliseconds)),
    }
}

#[cfg(zmq_draft)]
fn set_draft_option(random: &mut Random, socket: &Socket<Any>, flag: bool) -> zmq::Result<()> {
    let notice = [NOTICE, b'd'];
    let size = [16, 256, 8192, 65_536][random.below(4)];
    match random.below(11) {
        0 => socket.set_hello_message(notice),
        1 => socket.set_disconnect_message(notice),
        2 => socket.set_hiccup_message(notice),
        3 => socket.set_router_notify(if flag {
            zmq::option::RouterNotify::CONNECT
        } else {
            zmq::option::RouterNotify::NONE
        }),
        4 => socket.set_only_first_subscribe(flag),
        5 => socket.set_xsub_verbose_unsubscribe(flag),
        6 => socket.set_xpub_manual_last_value(flag),
        7 => socket.set_in_batch_size(size),
        8 => socket.set_out_batch_size(size),
        9 => socket.set_reconnect_stop(zmq::option::ReconnectStop::CONNECTION_REFUSED),
        _ => socket.topics_count().map(drop),
    }
}

#[cfg(not(zmq_draft))]
fn set_draft_option(_: &mut Random, socket: &Socket<Any>, flag: bool) -> zmq::Result<()> {
    socket.set_immediate(flag)
}

/// A message of these bytes, made in one of the possible ways.
pub(crate) fn message(random: &mut Random, bytes: &[u8], socket: &str) -> Message {
    // Parts without a hash, and without a socket's name, may be constant.
    static CONSTANT: [u8; 4096] = [b'U'; 4096];
    match random.below(9) {
        0 | 1 => Message::from_owner(Owner::new(bytes.to_vec(), socket.to_owned())),
        2 => Message::from(Arc::<[u8]>::from(bytes)),
        3 => Message::try_from_slice(bytes).unwrap(),
        4 if CONSTANT.starts_with(bytes) => Message::from_static(&CONSTANT[..bytes.len()]),
        5 => {
            let mut message = zmq::MessageMut::try_zeroed(bytes.len()).unwrap();
            message.copy_from_slice(bytes);
            message.into()
        }
        #[cfg(feature = "bytes")]
        6 => Message::from(bytes::Bytes::copy_from_slice(bytes)),
        7 => Message::from(bytes.to_vec().into_boxed_slice()),
        _ => Message::from(bytes.to_vec()),
    }
}
