//! Sends requests to an authenticator, as any socket of its context can do.

use std::net::Ipv4Addr;
use std::time::Duration;

use zmq::security::Authenticator;
use zmq::{Context, Message, Multipart, Req, Socket};

use crate::pieces::pieces;

const DOMAIN: &str = "domain";

thread_local! {
    static ASKING: (Authenticator, Socket<Req>) = {
        let context = Context::new().unwrap();
        let authenticator = Authenticator::new(&context).unwrap();
        authenticator.deny("10.0.0.0/8").unwrap();
        authenticator.set_plain_passwords(DOMAIN, [("admin", "secret")]).unwrap();
        let socket = context.socket(Req).unwrap();
        socket.set_recv_timeout(Duration::from_secs(10)).unwrap();
        socket.connect("inproc://zeromq.zap.01").unwrap();
        (authenticator, socket)
    };
}

/// Every request gets a reply. The reply has the status 200 only if the rules accept the request.
pub fn run(data: &[u8]) {
    let frames = pieces(data);
    let Ok(request) = Multipart::try_from(frames.clone()) else { return };
    let answer = ASKING.with(|(_, socket)| {
        socket.send_multipart(request).unwrap();
        socket.recv_multipart().unwrap()
    });
    let answer: Vec<Vec<u8>> = answer.into_iter().map(|frame: Message| frame.into()).collect();
    let [version, id, status, _, user, _] = &answer[..] else { panic!("{answer:?}") };
    assert_eq!(version, b"1.0");
    assert_eq!(id, frames.get(1).unwrap_or(&Vec::new()));
    if status == b"200" {
        assert_eq!(frames[0], b"1.0");
        let address = String::from_utf8_lossy(&frames[3]).parse::<Ipv4Addr>();
        assert!(!address.is_ok_and(|address| address.octets()[0] == 10));
        match &frames[5..] {
            // There are no rules for NULL in this domain.
            [mechanism] => assert_eq!(mechanism, b"NULL"),
            rest => {
                assert_eq!(rest, [&b"PLAIN"[..], b"admin", b"secret"]);
                assert_eq!((&frames[2][..], &user[..]), (DOMAIN.as_bytes(), &b"admin"[..]));
            }
        }
    } else {
        assert!([&b"300"[..], b"400", b"500"].contains(&&status[..]));
    }
}
