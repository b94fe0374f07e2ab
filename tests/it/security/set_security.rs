//! Setting the security of a socket: some values are refused, and a refused call changes no setting.

use crate::common;

use common::security::{bounce_fails, secure_pair};
use common::{TCP, assert_error, bounce, context, wait_until};
use zmq::security::{
    CurveClient, CurveServer, GssapiNameType, GssapiServer, KeyPair, Mechanism, Null, PlainClient,
    PlainServer, PublicKey, Security,
};
use zmq::{Any, Context, Dealer, ErrorKind, Feature, Rep, Req, SocketKind, Stream, Version};

fn key() -> PublicKey {
    PublicKey::from_bytes([7; 32])
}

/// Conformance: SE-13.
#[test]
fn the_library_has_the_features_it_was_built_with() {
    if cfg!(zmq_curve) {
        assert!(zmq::has(Feature::Curve), "the bundled libzmq was built with CURVE");
    }
    assert_eq!(KeyPair::generate().is_ok(), zmq::has(Feature::Curve));
    // On Windows, libzmq supports ipc only with Visual C++.
    assert_eq!(zmq::has(Feature::Ipc), cfg!(any(unix, target_env = "msvc")));
    if cfg!(zmq_vendored) {
        assert_eq!(zmq::has(Feature::Draft), cfg!(zmq_draft));
        assert!(zmq::has(Feature::Bundled));
        assert_eq!(zmq::version(), Version::new(4, 3, 5));
    } else {
        assert!(!zmq::has(Feature::Bundled));
    }
    // The bundled libzmq is always part of the program.
    #[cfg(target_os = "linux")]
    if zmq::has(Feature::Bundled) {
        let maps =
            std::fs::read_to_string("/proc/self/maps").expect("the memory map of the process can be read");
        assert!(!maps.contains("libzmq.so"), "the system's libzmq was loaded:\n{maps}");
    }
}

#[test]
fn the_mechanism_reports_the_security_that_was_set() {
    let context = context();
    let socket = context.socket(Dealer).unwrap();
    assert_eq!(socket.mechanism().unwrap(), Mechanism::NULL);
    assert_eq!(socket.zap_domain().unwrap(), None);
    socket.set_security(PlainServer::new()).unwrap();
    assert_eq!(socket.mechanism().unwrap(), Mechanism::PLAIN);
    socket.set_security(PlainClient::new("user", "password")).unwrap();
    assert_eq!(socket.mechanism().unwrap(), Mechanism::PLAIN);
    socket.set_security(Null::new()).unwrap();
    assert_eq!(socket.mechanism().unwrap(), Mechanism::NULL);
    socket.set_security(PlainServer::new().zap_domain("global")).unwrap();
    assert_eq!(socket.zap_domain().unwrap().as_deref(), Some("global"));
    assert_eq!(Mechanism::PLAIN.to_string(), "PLAIN");
    assert_eq!(Mechanism::PLAIN.number(), 1);
    if zmq::has(Feature::Curve) {
        let keys = KeyPair::generate().unwrap();
        socket.set_security(CurveServer::new(&keys).zap_domain("other")).unwrap();
        assert_eq!(socket.mechanism().unwrap(), Mechanism::CURVE);
        assert_eq!(socket.zap_domain().unwrap().as_deref(), Some("other"));
    }
}

#[test]
fn security_is_set_before_the_first_bind_or_connect() {
    let context = context();
    let (bound, connected) = (context.socket(Rep).unwrap(), context.socket(Req).unwrap());
    connected.connect(bound.bind(TCP).unwrap()).unwrap();
    for result in [bound.set_security(PlainServer::new()), connected.set_security(PlainClient::new("a", "b"))]
    {
        let names = ["set security Plain", "before the first bind or connect"];
        assert_error(result.unwrap_err(), ErrorKind::WrongState, zmq::zmq_sys::EFSM, &names);
    }
    assert_eq!(bound.mechanism().unwrap(), Mechanism::NULL);
}

#[test]
fn a_domain_cannot_be_removed() {
    let context = context();
    let socket = context.socket(Dealer).unwrap();
    socket.set_security(PlainServer::new().zap_domain("global")).unwrap();
    for without in [Security::from(Null::new()), PlainServer::new().into(), PlainClient::new("a", "b").into()]
    {
        let error = socket.set_security(without).unwrap_err();
        assert_error(error, ErrorKind::WrongState, zmq::zmq_sys::EFSM, &["cannot remove"]);
        assert_eq!(socket.mechanism().unwrap(), Mechanism::PLAIN);
        assert_eq!(socket.zap_domain().unwrap().as_deref(), Some("global"));
    }
}

#[test]
fn a_refused_security_changes_nothing() {
    let context = context();
    let socket = context.socket(Dealer).unwrap();
    socket.set_security(PlainServer::new()).unwrap();
    let long = "x".repeat(256);
    for text in ["", "with\0NUL", &long] {
        let refused: [Security; 4] = [
            PlainClient::new(text, "password").into(),
            PlainClient::new("user", text).into(),
            Null::new().zap_domain(text).into(),
            PlainServer::new().zap_domain(text).into(),
        ];
        for security in refused {
            let error = socket.set_security(&security).unwrap_err();
            assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &["set security"]);
            assert_eq!(socket.mechanism().unwrap(), Mechanism::PLAIN);
            assert_eq!(socket.zap_domain().unwrap(), None);
        }
    }
    let longest = "x".repeat(255);
    socket.set_security(PlainClient::new(&longest, &longest)).unwrap();
    socket.set_security(PlainServer::new().zap_domain(&longest)).unwrap();
    assert_eq!(socket.zap_domain().unwrap(), Some(longest));
}

#[test]
fn a_missing_mechanism_is_unsupported_and_changes_nothing() {
    let context = context();
    let socket = context.socket(Dealer).unwrap();
    socket.set_security(PlainServer::new()).unwrap();
    if !zmq::has(Feature::Gssapi) {
        let server =
            GssapiServer::new().principal("zmq@host", GssapiNameType::HostBased).zap_domain("global");
        let error = socket.set_security(server).unwrap_err();
        assert_error(error, ErrorKind::Unsupported, libc::ENOTSUP, &["GssapiServer", "without GSSAPI"]);
    }
    if !zmq::has(Feature::Curve) {
        let secret = zmq::security::SecretKey::from_bytes([1; 32]);
        let errors = [
            socket.set_security(CurveServer::new(&secret).zap_domain("global")).unwrap_err(),
            secret.public_key().unwrap_err(),
            KeyPair::generate().unwrap_err(),
        ];
        for error in errors {
            assert_error(error, ErrorKind::Unsupported, libc::ENOTSUP, &["without CURVE", "feature `curve`"]);
        }
    }
    assert_eq!(socket.mechanism().unwrap(), Mechanism::PLAIN);
    assert_eq!(socket.zap_domain().unwrap(), None);
}

#[test]
fn stream_sockets_have_no_security() {
    let context = context();
    for error in [
        context.socket(Stream).unwrap().set_security(PlainServer::new()).unwrap_err(),
        context
            .socket(Any(SocketKind::Stream))
            .unwrap()
            .set_security(Null::new().zap_domain("global"))
            .unwrap_err(),
    ] {
        assert_error(error, ErrorKind::Unsupported, libc::EINVAL, &["plain TCP"]);
    }
}

#[test]
fn transports_without_security_are_refused_with_it() {
    let context = context();
    let socket = context.socket(zmq::Pub).unwrap();
    socket.set_security(PlainServer::new()).unwrap();
    for endpoint in ["epgm://lo;239.192.1.1:5555", "pgm://lo;239.192.1.1:5555", "norm://127.0.0.1:5555"] {
        for error in [socket.bind(endpoint).unwrap_err(), socket.connect(endpoint).unwrap_err()] {
            let kind = ErrorKind::IncompatibleProtocol;
            assert_error(error, kind, zmq::zmq_sys::ENOCOMPATPROTO, &[endpoint, "no security"]);
        }
    }
}

#[test]
fn set_security_fails_after_a_shutdown() {
    let context = Context::new().unwrap();
    let socket = context.socket(Dealer).unwrap();
    context.shutdown().unwrap();
    wait_until(|| socket.events().is_err());
    assert_eq!(socket.set_security(PlainServer::new()).unwrap_err().kind(), ErrorKind::Terminated);
    assert_eq!(socket.mechanism().unwrap_err().kind(), ErrorKind::Terminated);
}

#[test]
fn secrets_are_not_printed() {
    let client = Security::from(PlainClient::new("admin", "s3cr3t"));
    assert!(!format!("{client:?}").contains("s3cr3t"));
    assert!(format!("{client:?}").contains("admin"));
    if zmq::has(Feature::Curve) {
        let keys = KeyPair::generate().unwrap();
        let secret = keys.secret_key().expose_z85();
        let bytes = format!("{:?}", keys.secret_key().expose_bytes());
        for text in [
            format!("{keys:?}"),
            format!("{:?}", keys.secret_key()),
            format!("{:?}", CurveClient::new(&keys, key())),
            format!("{:?}", CurveServer::new(&keys)),
            format!("{:?}", zmq::security::Certificate::new(keys.clone())),
            zmq::security::Certificate::new(keys.clone()).to_string(),
        ] {
            assert!(!text.contains(&secret) && !text.contains(&bytes), "{text}");
        }
    }
}

/// Any two settings that do not belong together reject each other: none of them accepts a stranger.
#[test]
fn different_mechanisms_reject_each_other() {
    let context = context();
    common::security::ZapHandler::start(&context, |request| {
        Some(common::security::reply("1.0", &request[1], "200"))
    });
    let mut sides: Vec<(&str, Security)> = vec![
        ("null", Null::new().into()),
        ("null with domain", Null::new().zap_domain("global").into()),
        ("plain server", PlainServer::new().into()),
        ("plain client", PlainClient::new("user", "password").into()),
    ];
    if zmq::has(Feature::Curve) {
        let keys = KeyPair::generate().unwrap();
        sides.push(("curve server", CurveServer::new(&keys).into()));
        sides.push(("curve client", CurveClient::new(&keys, keys.public_key()).into()));
    }
    for (bound, one) in &sides {
        for (connected, other) in &sides {
            let (server, client) = secure_pair(&context, one, other);
            let mut both = [*bound, *connected];
            both.sort_unstable();
            let fits = match both {
                [a, b] if a.starts_with("null") && b.starts_with("null") => true,
                pair => pair == ["plain client", "plain server"] || pair == ["curve client", "curve server"],
            };
            if fits { bounce(&server, &client) } else { bounce_fails(&server, &client) }
        }
    }
}
