//! The authenticator: which clients it accepts, how its rules change, and how it ends.

use crate::common;

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use common::handshake::{Handshake, Handshakes};
use common::process::rounds;
use common::security::{bounce_fails, secure_client, secure_pair, secure_server};
use common::{Directory, TCP, assert_error, bounce, bound, connected, context, has_ipv6, must_end, socket};
use zmq::security::{
    Authenticator, Credentials, CurveClient, CurveServer, Decision, KeyPair, Null, PlainClient, PlainServer,
    Security,
};
use zmq::{Context, Dealer, ErrorKind, Message, Multipart, Req};

fn domain() -> Null {
    Null::new().zap_domain("test")
}

fn plain(username: &str, password: &str) -> PlainClient {
    PlainClient::new(username, password)
}

/// Whether a client is accepted.
fn lets_in(context: &Context, server: impl Into<Security>, client: impl Into<Security>) -> bool {
    let (server, endpoint) = secure_server(context, server);
    let handshakes = Handshakes::of(&server);
    let client = secure_client(context, client, endpoint);
    let let_in = match handshakes.next_told() {
        Handshake::Succeeded => true,
        Handshake::FailedAuth(400) => false,
        other => panic!("{other:?}"),
    };
    if let_in {
        bounce(&server, &client)
    } else {
        bounce_fails(&server, &client)
    }
    let_in
}

#[test]
fn without_rules_only_null_is_accepted() {
    let context = context();
    let _authenticator = Authenticator::new(&context).unwrap();
    assert!(lets_in(&context, domain(), Null::new()));
    assert!(!lets_in(&context, PlainServer::new(), plain("admin", "secret")));
    if zmq::has(zmq::Feature::Curve) {
        let keys = KeyPair::generate().unwrap();
        let client = CurveClient::new(&KeyPair::generate().unwrap(), keys.public_key());
        assert!(!lets_in(&context, CurveServer::new(&keys), client));
    }
}

#[test]
fn addresses_are_allowed_and_denied_while_it_runs() {
    let context = context();
    let authenticator = Authenticator::new(&context).unwrap();
    let lets_in = || lets_in(&context, domain(), Null::new());
    assert!(lets_in());
    authenticator.deny("127.0.0.1").unwrap();
    assert!(!lets_in());
    authenticator.remove("127.0.0.1").unwrap();
    assert!(lets_in());
    authenticator.allow("10.0.0.0/8").unwrap();
    assert!(!lets_in(), "an address that is not allowed was let in");
    authenticator.allow("127.0.0.0/8").unwrap();
    assert!(lets_in());
    authenticator.deny(Ipv4Addr::LOCALHOST).unwrap();
    assert!(!lets_in(), "a denied address was let in because it is allowed");
    authenticator.remove(IpAddr::from([127, 0, 0, 1])).unwrap();
    assert!(lets_in());
    authenticator.remove("127.0.0.0/8").unwrap();
    authenticator.remove("10.0.0.0/8").unwrap();
    assert!(!lets_in(), "without allowed addresses, every address was let in");
    let error = authenticator.allow("localhost").unwrap_err();
    assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &["network localhost", "not an IPv4"]);
}

#[test]
fn a_network_in_ipv6_notation_is_denied_too() {
    let context = context();
    let authenticator = Authenticator::new(&context).unwrap();
    authenticator.deny("::ffff:127.0.0.0/104").unwrap();
    assert!(!lets_in(&context, domain(), Null::new()));
    authenticator.remove("127.0.0.0/8").unwrap();
    assert!(lets_in(&context, domain(), Null::new()));
}

#[test]
fn an_address_is_checked_before_the_password() {
    let context = context();
    let authenticator = Authenticator::new(&context).unwrap();
    authenticator.set_plain_passwords("*", [("admin", "secret")]).unwrap();
    authenticator.deny("127.0.0.0/8").unwrap();
    assert!(!lets_in(&context, PlainServer::new(), plain("admin", "secret")));
}

/// A server with IPv6 sees IPv4 clients as `::ffff:127.0.0.1`.
#[test]
fn rules_for_ipv4_apply_to_clients_of_an_ipv6_server() {
    if !has_ipv6() {
        return;
    }
    let context = context();
    let authenticator = Authenticator::new(&context).unwrap();
    authenticator.deny("127.0.0.1").unwrap();
    let server = socket(&context, Dealer);
    server.set_ipv6(true).unwrap();
    server.set_security(domain()).unwrap();
    let handshakes = Handshakes::of(&server);
    let endpoint = server.bind("tcp://[::]:*").unwrap();
    let port = endpoint.as_str().rsplit(':').next().unwrap();
    let client = connected(&context, Dealer, format!("tcp://127.0.0.1:{port}"));
    assert_eq!(handshakes.next_told(), Handshake::FailedAuth(400));
    bounce_fails(&server, &client);
}

#[cfg(unix)]
#[test]
fn over_ipc_the_address_is_the_process_id() {
    let context = context();
    let authenticator = Authenticator::new(&context).unwrap();
    let (sender, seen) = mpsc::channel();
    authenticator
        .set_handler("*", move |request| {
            sender.send((request.address().to_owned(), request.ip())).unwrap();
            Decision::accept()
        })
        .unwrap();
    let server = socket(&context, Dealer);
    server.set_security(domain()).unwrap();
    let endpoint = server.bind(common::ipc_endpoint("auth")).unwrap();
    let client = connected(&context, Dealer, &endpoint);
    bounce(&server, &client);
    let (address, ip) = seen.recv().unwrap();
    assert_eq!(ip, None);
    if cfg!(target_os = "linux") {
        assert!(address.ends_with(&format!(":{}", std::process::id())), "{address}");
    }
    authenticator.allow("127.0.0.1").unwrap();
    let (another, handshakes) = common::security::watched_client(&context, Null::new(), &endpoint);
    assert_eq!(handshakes.next_told(), Handshake::FailedAuth(400));
    // It was rejected, and gives up, so soon there is no peer to send to.
    let refused =
        common::eventually("the client has given up", || another.try_send("nobody gets this").err());
    assert_eq!(refused.kind(), ErrorKind::WouldBlock);
    common::assert_silent(&server);
}

#[test]
fn passwords_are_set_for_each_domain() {
    let context = context();
    let authenticator = Authenticator::new(&context).unwrap();
    authenticator.set_plain_passwords("*", [("admin", "secret"), ("guest", "guest")]).unwrap();
    authenticator.set_plain_passwords("inner", [("admin", "other")]).unwrap();
    let outer = || PlainServer::new().zap_domain("outer");
    let inner = || PlainServer::new().zap_domain("inner");
    assert!(lets_in(&context, outer(), plain("admin", "secret")));
    assert!(lets_in(&context, outer(), plain("guest", "guest")));
    assert!(!lets_in(&context, outer(), plain("admin", "other")));
    assert!(!lets_in(&context, outer(), plain("guest", "secret")));
    assert!(lets_in(&context, inner(), plain("admin", "other")));
    assert!(
        !lets_in(&context, inner(), plain("guest", "guest")),
        "the rules for all domains apply to a domain with its own rules"
    );
    let nobody: [(&str, &str); 0] = [];
    authenticator.set_plain_passwords("inner", nobody).unwrap();
    assert!(!lets_in(&context, inner(), plain("admin", "other")));
    let long = "x".repeat(256);
    let error = authenticator.set_plain_passwords("*", [("admin", long.as_str())]).unwrap_err();
    assert_error(error.clone(), ErrorKind::InvalidInput, libc::EINVAL, &["admin", "255"]);
    assert!(!error.to_string().contains(&long));
    assert!(lets_in(&context, outer(), plain("admin", "secret")), "a refused call changed a rule");
}

#[test]
fn passwords_are_read_from_a_file() {
    let directory = Directory::new();
    let path = directory.path("passwords");
    let context = context();
    let authenticator = Authenticator::new(&context).unwrap();
    fs::write(&path, "# who may\nadmin = secret\nguest = \"a # b\"\n").unwrap();
    authenticator.read_plain_passwords("*", &path).unwrap();
    assert!(lets_in(&context, PlainServer::new(), plain("admin", "secret")));
    assert!(lets_in(&context, PlainServer::new(), plain("guest", "a # b")));
    fs::write(&path, "admin = secret\nnobody\n").unwrap();
    let error = authenticator.read_plain_passwords("*", &path).unwrap_err();
    let names = ["authenticator", "passwords", "line 2"];
    assert_error(error, ErrorKind::InvalidData, libc::EINVAL, &names);
    let error = authenticator.read_plain_passwords("*", directory.path("none")).unwrap_err();
    assert_error(error, ErrorKind::NotFound, libc::ENOENT, &["none"]);
}

#[test]
fn messages_have_the_user_id() {
    let context = context();
    let authenticator = Authenticator::new(&context).unwrap();
    authenticator.set_plain_passwords("*", [("admin", "secret")]).unwrap();
    let (server, client) = secure_pair(&context, PlainServer::new(), plain("admin", "secret"));
    client.send_multipart(["one", "two"]).unwrap();
    for part in server.recv_multipart().unwrap() {
        assert_eq!(part.property("User-Id").unwrap(), Some("admin"));
        assert_eq!(part.clone().property("User-Id").unwrap(), Some("admin"));
        assert_eq!(part.property("Peer-Address").unwrap(), Some("127.0.0.1"));
        assert_eq!(part.property("Socket-Type").unwrap(), Some("DEALER"));
        assert_eq!(part.property("Role").unwrap(), None);
        assert!(part.property("with\0NUL").is_err());
    }
    server.send("no authenticator on this side").unwrap();
    assert_eq!(client.recv().unwrap().property("User-Id").unwrap(), None);
    assert_eq!(Message::from("made here").property("User-Id").unwrap(), None);
}

/// For some socket types, libzmq 4.3.5 took the user id for a part of a message.
#[cfg(zmq_vendored)]
#[test]
fn a_req_receives_replies_of_a_peer_with_a_user_id() {
    let context = context();
    let authenticator = Authenticator::new(&context).unwrap();
    authenticator.set_plain_passwords("*", [("admin", "secret")]).unwrap();
    let server = socket(&context, Req);
    server.set_security(PlainServer::new()).unwrap();
    let client = socket(&context, zmq::Rep);
    client.set_security(plain("admin", "secret")).unwrap();
    client.connect(server.bind(TCP).unwrap()).unwrap();
    for number in ["one", "two"] {
        server.send(number).unwrap();
        assert_eq!(client.recv().unwrap(), *number);
        client.send("reply").unwrap();
        let reply = server.recv().unwrap();
        assert_eq!(reply, "reply");
        assert_eq!(reply.user_id().unwrap(), Some("admin"));
    }
}

#[cfg(all(zmq_vendored, zmq_draft))]
#[test]
fn a_dish_joins_a_radio_that_knows_its_user_id() {
    let context = context();
    let authenticator = Authenticator::new(&context).unwrap();
    authenticator.set_plain_passwords("*", [("admin", "secret")]).unwrap();
    let server = socket(&context, zmq::Dish);
    server.join("group").unwrap();
    server.set_security(PlainServer::new()).unwrap();
    let client = socket(&context, zmq::Radio);
    client.set_security(plain("admin", "secret")).unwrap();
    client.connect(server.bind(TCP).unwrap()).unwrap();
    let message = common::eventually("the radio receives the group", || {
        client.send_to("group", "message").unwrap();
        server.recv_within(common::MOMENT).ok()
    });
    assert_eq!(message, "message");
    assert_eq!(message.user_id().unwrap(), Some("admin"));
}

#[test]
fn a_handler_decides_and_adds_properties() {
    let context = context();
    let authenticator = Authenticator::new(&context).unwrap();
    authenticator.set_plain_passwords("*", [("guest", "guest")]).unwrap();
    let mut count = 0;
    authenticator
        .set_handler("asked", move |request| {
            count += 1;
            assert_eq!(request.domain(), "asked");
            assert_eq!(request.routing_id(), b"server");
            assert_eq!(request.ip(), Some(IpAddr::from(Ipv4Addr::LOCALHOST)));
            match request.credentials() {
                Credentials::Plain { username, password, .. } if password == "open sesame" => {
                    let name = format!("{username} {count}");
                    Decision::accept().user_id(name).property("Role", "thief").property("X-Empty", "")
                }
                _ => Decision::deny("no"),
            }
        })
        .unwrap();
    let server = socket(&context, Dealer);
    server.set_routing_id("server").unwrap();
    server.set_security(PlainServer::new().zap_domain("asked")).unwrap();
    let client = secure_client(&context, plain("ali", "open sesame"), server.bind(TCP).unwrap());
    client.send("here I am").unwrap();
    let message = server.recv().unwrap();
    assert_eq!(message.property("User-Id").unwrap(), Some("ali 1"));
    assert_eq!(message.property("Role").unwrap(), Some("thief"));
    assert_eq!(message.property("X-Empty").unwrap(), Some(""));
    // Its domain has no passwords, and another domain has no handler.
    let routed = |domain: &str| PlainServer::new().zap_domain(domain);
    assert!(lets_in(&context, routed("other"), plain("guest", "guest")));
}

#[test]
fn a_handler_that_panics_rejects_and_is_asked_again() {
    let context = context();
    let authenticator = Authenticator::new(&context).unwrap();
    let panics = Arc::new(AtomicBool::new(true));
    let panicking = Arc::clone(&panics);
    authenticator
        .set_handler("*", move |_| {
            // Does not print anything for the expected panic.
            if panicking.load(Ordering::Relaxed) {
                std::panic::resume_unwind(Box::new(()))
            }
            Decision::accept()
        })
        .unwrap();
    let (server, endpoint) = secure_server(&context, domain());
    let handshakes = Handshakes::of(&server);
    let client = secure_client(&context, Null::new(), &endpoint);
    assert_eq!(handshakes.next_told(), Handshake::FailedAuth(500));
    bounce_fails(&server, &client);
    panics.store(false, Ordering::Relaxed);
    let client = secure_client(&context, Null::new(), &endpoint);
    client.send("in").unwrap();
    assert_eq!(server.recv_string().unwrap(), "in");
    drop(authenticator);
}

#[test]
fn a_handler_that_defers_is_asked_again() {
    let context = context();
    let authenticator = Authenticator::new(&context).unwrap();
    let mut asked = 0;
    authenticator
        .set_handler("*", move |_| {
            asked += 1;
            if asked < 3 { Decision::try_later("not yet") } else { Decision::accept() }
        })
        .unwrap();
    let server = socket(&context, Dealer);
    server.set_security(PlainServer::new()).unwrap();
    server.set_handshake_interval(Duration::from_millis(100)).unwrap();
    let client = secure_client(&context, plain("admin", "secret"), server.bind(TCP).unwrap());
    bounce(&server, &client);
}

#[test]
fn a_handler_may_change_the_rules_and_replace_itself() {
    let context = context();
    let authenticator = Arc::new(Authenticator::new(&context).unwrap());
    let changed = Arc::downgrade(&authenticator);
    authenticator
        .set_handler("*", move |_| {
            if let Some(authenticator) = changed.upgrade() {
                authenticator.deny("10.0.0.0/8").unwrap();
                authenticator.set_handler("*", |_| Decision::deny("never again")).unwrap();
            }
            Decision::accept()
        })
        .unwrap();
    assert!(lets_in(&context, domain(), Null::new()));
    assert!(!lets_in(&context, domain(), Null::new()));
}

#[cfg(zmq_curve)]
mod curve {
    use zmq::security::{Certificate, CurveClients, PublicKey};

    use super::*;

    fn keys() -> KeyPair {
        KeyPair::generate().unwrap()
    }

    /// Whether the owner of `keys` is accepted.
    fn lets_in_key(context: &Context, keys: &KeyPair) -> bool {
        let server_keys = self::keys();
        let client = CurveClient::new(keys, server_keys.public_key());
        lets_in(context, CurveServer::new(&server_keys).zap_domain("test"), client)
    }

    #[test]
    fn only_listed_keys_are_accepted() {
        let context = context();
        let authenticator = Authenticator::new(&context).unwrap();
        let (one, other) = (keys(), keys());
        assert!(!lets_in_key(&context, &one));
        authenticator.set_curve_clients("*", CurveClients::any()).unwrap();
        assert!(lets_in_key(&context, &one));
        authenticator.set_curve_clients("test", CurveClients::keys([one.public_key()])).unwrap();
        assert!(lets_in_key(&context, &one));
        assert!(
            !lets_in_key(&context, &other),
            "the keys for all domains apply to a domain with its own keys"
        );
        authenticator.set_curve_clients("test", CurveClients::keys([])).unwrap();
        assert!(!lets_in_key(&context, &one));
    }

    #[test]
    fn the_key_is_the_user_id() {
        let context = context();
        let authenticator = Authenticator::new(&context).unwrap();
        authenticator.set_curve_clients("*", CurveClients::any()).unwrap();
        let (server_keys, client_keys) = (keys(), keys());
        let client = CurveClient::new(&client_keys, server_keys.public_key());
        let (server, client) = secure_pair(&context, CurveServer::new(&server_keys), client);
        client.send("it is me").unwrap();
        let message = server.recv().unwrap();
        let id: PublicKey = message.property("User-Id").unwrap().unwrap().parse().unwrap();
        assert_eq!(id, client_keys.public_key());
    }

    #[test]
    fn a_directory_is_checked_for_each_client() {
        let directory = Directory::new();
        let context = context();
        let authenticator = Authenticator::new(&context).unwrap();
        fs::write(directory.path("README"), "certificates of those who may").unwrap();
        fs::create_dir(directory.path("below")).unwrap();
        authenticator.set_curve_clients("*", CurveClients::directory(directory.path("")).unwrap()).unwrap();
        let (one, other, third) = (keys(), keys(), keys());
        let save = |name: &str, keys: &KeyPair| {
            let mut certificate = Certificate::of(keys.public_key());
            certificate.set_metadata("email", format!("{name}@example.com")).unwrap();
            certificate.set_metadata("not/sent", "a name that ZMTP does not have").unwrap();
            certificate.save(directory.path(name)).unwrap();
        };
        assert!(!lets_in_key(&context, &one));
        save("one.key", &one);
        save("below/other.key", &other);
        assert!(lets_in_key(&context, &one), "added");
        assert!(lets_in_key(&context, &other), "added below");
        fs::remove_file(directory.path("one.key")).unwrap();
        assert!(!lets_in_key(&context, &one), "removed");
        assert!(lets_in_key(&context, &other));
        fs::remove_file(directory.path("below/other.key")).unwrap();
        save("below/other.key", &third);
        assert!(!lets_in_key(&context, &other), "replaced");
        assert!(lets_in_key(&context, &third));
        // In place, and with the same length.
        let text = fs::read_to_string(directory.path("below/other.key")).unwrap();
        let text = text.replace(&third.public_key().to_string(), &one.public_key().to_string());
        fs::write(directory.path("below/other.key"), text).unwrap();
        assert!(!lets_in_key(&context, &third), "overwritten");
        assert!(lets_in_key(&context, &one));
        // A secret certificate does not make its owner accepted.
        Certificate::new(other.clone()).save(directory.path("other.key")).unwrap();
        fs::remove_file(directory.path("other.key")).unwrap();
        assert!(!lets_in_key(&context, &other));

        let server_keys = keys();
        let client = CurveClient::new(&one, server_keys.public_key());
        let (server, client) = secure_pair(&context, CurveServer::new(&server_keys), client);
        client.send("it is me").unwrap();
        let message = server.recv().unwrap();
        assert_eq!(message.property("email").unwrap(), Some("below/other.key@example.com"));
        assert_eq!(message.property("not/sent").unwrap(), None);
    }

    #[test]
    fn a_missing_directory_is_reported() {
        let directory = Directory::new();
        let error = CurveClients::directory(directory.path("none")).unwrap_err();
        assert_error(error, ErrorKind::NotFound, libc::ENOENT, &["authenticator", "none"]);
        fs::write(directory.path("file"), "").unwrap();
        let error = CurveClients::directory(directory.path("file")).unwrap_err();
        assert_error(error, ErrorKind::NotADirectory, libc::ENOTDIR, &["file"]);
    }

    /// Opening a pipe waits for a process that writes.
    #[cfg(unix)]
    #[test]
    fn a_pipe_among_the_certificates_blocks_no_call() {
        use std::os::unix::ffi::OsStrExt;

        must_end(|| {
            let directory = Directory::new();
            let context = context();
            let authenticator = Authenticator::new(&context).unwrap();
            authenticator
                .set_curve_clients("*", CurveClients::directory(directory.path("")).unwrap())
                .unwrap();
            let (one, other) = (keys(), keys());
            Certificate::of(one.public_key()).save(directory.path("one.key")).unwrap();
            assert!(lets_in_key(&context, &one));
            fs::remove_file(directory.path("one.key")).unwrap();
            let path = directory.path("one.key");
            let path = std::ffi::CString::new(path.as_os_str().as_bytes()).unwrap();
            // SAFETY: a path that is only read.
            assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
            assert!(!lets_in_key(&context, &one), "known before");
            assert!(!lets_in_key(&context, &other), "looked for");
            Certificate::of(other.public_key()).save(directory.path("other.key")).unwrap();
            assert!(lets_in_key(&context, &other));
        });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_secret_certificate_accepts_nobody() {
        use std::os::unix::ffi::OsStrExt;

        let directory = Directory::new();
        let context = context();
        let authenticator = Authenticator::new(&context).unwrap();
        authenticator.set_curve_clients("*", CurveClients::directory(directory.path("")).unwrap()).unwrap();
        let one = keys();
        let name = directory.path("").join(std::ffi::OsStr::from_bytes(b"\xff.key"));
        Certificate::new(one.clone()).save(&name).unwrap();
        fs::remove_file(name).unwrap();
        assert!(!lets_in_key(&context, &one));
    }

    /// The promises of the first page about a server with a domain and a server without one.
    #[test]
    fn a_domain_rejects_everybody_after_the_drop() {
        let context = context();
        let authenticator = Authenticator::new(&context).unwrap();
        let server_keys = keys();
        let client = || CurveClient::new(&keys(), server_keys.public_key());
        drop(authenticator);
        let (server, endpoint) = secure_server(&context, CurveServer::new(&server_keys).zap_domain("test"));
        let handshakes = Handshakes::of(&server);
        let closed = secure_client(&context, client(), endpoint);
        assert_eq!(handshakes.next_told(), Handshake::FailedNoDetail(libc::EFAULT));
        bounce_fails(&server, &closed);
        let (server, open) = secure_pair(&context, CurveServer::new(&server_keys), client());
        bounce(&server, &open);
    }
}

#[test]
fn a_context_has_one_authenticator() {
    let context = context();
    let authenticator = Authenticator::new(&context).unwrap();
    let error = Authenticator::new(&context).unwrap_err();
    let names =
        ["authenticator", "inproc://zeromq.zap.01", "already has an authenticator or another ZAP handler"];
    assert_error(error, ErrorKind::AddrInUse, libc::EADDRINUSE, &names);
    // Each time, the name is free as soon as the authenticator is dropped.
    let mut authenticator = Some(authenticator);
    for _ in 0..200 {
        drop(authenticator.take());
        authenticator = Some(Authenticator::new(&context).unwrap());
    }
    drop(authenticator);
    bound(&context, zmq::Rep, "inproc://zeromq.zap.01");
    let another = common::context();
    let _one = Authenticator::new(&another).unwrap();
}

#[test]
fn an_authenticator_can_be_dropped_in_any_order() {
    must_end(|| {
        for order in 0..6 {
            let context = context();
            let mut authenticator = Some(Authenticator::new(&context).unwrap());
            let pair = secure_pair(&context, domain(), Null::new());
            bounce(&pair.0, &pair.1);
            let (mut context, mut pair) = (Some(context), Some(pair));
            for step in [order % 3, (order + 1 + order / 3) % 3, (order + 2 - order / 3) % 3] {
                match step {
                    0 => drop(context.take()),
                    1 => drop(authenticator.take()),
                    _ => drop(pair.take()),
                }
            }
        }
    });
}

#[test]
fn an_authenticator_ends_after_a_shutdown() {
    must_end(|| {
        let context = Context::new().unwrap();
        let authenticator = Authenticator::new(&context).unwrap();
        context.shutdown().unwrap();
        // The rules can still be changed, but nothing uses them.
        authenticator.allow("127.0.0.1").unwrap();
        drop(context);
        drop(authenticator);
        let context = Context::new().unwrap();
        context.shutdown().unwrap();
        assert_eq!(Authenticator::new(&context).unwrap_err().kind(), ErrorKind::Terminated);
    });
}

#[test]
fn an_authenticator_ends_while_clients_wait() {
    must_end(|| {
        for _ in 0..20 {
            let context = context();
            let authenticator = Authenticator::new(&context).unwrap();
            let asked = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&asked);
            authenticator
                .set_handler("*", move |_| {
                    count.fetch_add(1, Ordering::Relaxed);
                    Decision::accept()
                })
                .unwrap();
            let (_server, endpoint) = secure_server(&context, domain());
            let _clients: Vec<_> = (0..10).map(|_| connected(&context, Dealer, &endpoint)).collect();
            common::wait_until(|| asked.load(Ordering::Relaxed) > 0);
            drop(authenticator);
        }
    });
}

/// The authenticator's own thread cannot wait for itself.
#[test]
fn a_handler_may_drop_its_authenticator() {
    must_end(|| {
        let context = context();
        let slot = Arc::new(Mutex::new(None));
        let inside = Arc::clone(&slot);
        let authenticator = Authenticator::new(&context).unwrap();
        let (sender, dropped) = mpsc::channel();
        authenticator
            .set_handler("*", move |_| {
                drop(inside.lock().unwrap().take());
                sender.send(()).unwrap();
                Decision::accept()
            })
            .unwrap();
        *slot.lock().unwrap() = Some(authenticator);
        let _pair = secure_pair(&context, domain(), Null::new());
        dropped.recv().unwrap();
    });
}

#[test]
fn an_authenticator_can_be_used_in_any_thread() {
    let context = context();
    let authenticator = Authenticator::new(&context).unwrap();
    thread::scope(|threads| {
        for number in 0..4_u8 {
            let authenticator = &authenticator;
            threads.spawn(move || {
                for _ in 0..100 {
                    authenticator.deny(Ipv4Addr::new(10, 0, 0, number)).unwrap();
                    authenticator.remove(Ipv4Addr::new(10, 0, 0, number)).unwrap();
                }
            });
        }
        assert!(lets_in(&context, domain(), Null::new()));
    });
    thread::spawn(move || drop(authenticator)).join().unwrap();
}

#[test]
fn invalid_requests_get_a_reply() {
    let context = context();
    let _authenticator = Authenticator::new(&context).unwrap();
    let asker = connected(&context, Req, "inproc://zeromq.zap.01");
    let ask = |frames: &[&str]| -> Vec<Vec<u8>> {
        asker.send_multipart(Multipart::try_from(frames.to_vec()).unwrap()).unwrap();
        asker.recv_multipart().unwrap().iter().map(|frame| frame.to_vec()).collect()
    };
    let good = ["1.0", "7", "test", "127.0.0.1", "", "NULL"];
    let answer = ask(&good);
    assert_eq!(answer[..3], [b"1.0".to_vec(), b"7".to_vec(), b"200".to_vec()]);
    assert_eq!(answer.len(), 6);
    let cases: [&[&str]; 7] = [
        &[""],
        &["1.0"],
        &["1.0", "7", "test", "127.0.0.1", ""],
        &["2.0", "7", "test", "127.0.0.1", "", "NULL"],
        &["1.0", "7", "test", "127.0.0.1", "", "PLAIN", "admin"],
        &["1.0", "7", "test", "127.0.0.1", "", "CURVE", "short"],
        &["1.0", "7", "test", "127.0.0.1", "", "NULL", "too much"],
    ];
    for frames in cases {
        let answer = ask(frames);
        assert_eq!((answer.len(), &answer[2][..]), (6, &b"500"[..]), "{frames:?}");
        assert_eq!(answer[1], frames.get(1).copied().unwrap_or_default().as_bytes());
    }
    assert_eq!(ask(&["1.0", "7", "test", "127.0.0.1", "", "NEW"])[2], b"400");
    assert_eq!(ask(&good)[2], b"200");
}

/// For random frames, the authenticator sends an answer each time, and continues.
#[test]
fn random_frames_get_a_reply() {
    let context = context();
    let _authenticator = Authenticator::new(&context).unwrap();
    let asker = connected(&context, Req, "inproc://zeromq.zap.01");
    let mut state = 1_u64;
    let mut random = |limit: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % limit
    };
    let known: [&[u8]; 6] = [b"1.0", b"1", b"127.0.0.1", b"PLAIN", b"CURVE", &[0xff; 32]];
    for _ in 0..rounds(5_000) {
        let frames: Vec<Vec<u8>> = (0..=random(9))
            .map(|_| match random(8) {
                turn @ 0..6 => known[usize::try_from(turn).unwrap()].to_vec(),
                _ => (0..random(40)).map(|_| u8::try_from(random(256)).unwrap()).collect(),
            })
            .collect();
        asker.send_multipart(Multipart::try_from(frames).unwrap()).unwrap();
        let answer = asker.recv_multipart().unwrap();
        assert_eq!(answer.len(), 6);
        assert!([&b"200"[..], b"400", b"500"].contains(&&answer[2][..]));
    }
}

/// A signal goes to the thread that waits for it, not to the authenticator's thread.
#[cfg(unix)]
#[test]
fn the_authenticator_s_thread_gets_no_signals() {
    let context = context();
    let authenticator = Authenticator::new(&context).unwrap();
    let (sender, blocked) = mpsc::channel();
    authenticator
        .set_handler("*", move |_| {
            // SAFETY: a set of zeros is valid, and only written to.
            let mut mask: libc::sigset_t = unsafe { std::mem::zeroed() };
            // SAFETY: null changes nothing; the set is a valid place to write to.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, std::ptr::null(), &raw mut mask) };
            // SAFETY: a set that was just written.
            sender.send(unsafe { libc::sigismember(&raw const mask, libc::SIGINT) } == 1).unwrap();
            Decision::accept()
        })
        .unwrap();
    assert!(lets_in(&context, domain(), Null::new()));
    assert!(blocked.recv().unwrap());
}
