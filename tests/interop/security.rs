//! Conversations with pyzmq that are encrypted or authenticated. Either side runs the authenticator, and each side reads
//! the certificate files of the other side.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{env, fs, process};

use zmq::security::{
    Authenticator, Certificate, CurveClient, CurveClients, CurveServer, KeyPair, PlainClient, PlainServer,
    Security,
};
use zmq::{Context, ErrorKind, Feature, Rep, Req};

use crate::harness::{Outcome, Test};
use crate::language::{LANGUAGES, Language, PeerCommand};
use crate::peer::{Link, Side, Transport};

/// The time to watch for something that must not arrive.
const MOMENT: Duration = Duration::from_millis(300);

/// An attempt: its name, the peer's role, whether it is encrypted, and our role.
type Attempt = (&'static str, &'static str, bool, fn(&Link<'_>, &Keys));

const ATTEMPTS: &[Attempt] = &[
    ("our_curve_client_and_their_authenticator", "curve-server", true, curve_client),
    ("our_curve_stranger_and_their_authenticator", "curve-server-of-stranger", true, curve_stranger),
    ("their_curve_client_and_our_authenticator", "curve-client", true, curve_server),
    ("their_curve_stranger_and_our_authenticator", "curve-stranger", true, curve_server_of_stranger),
    ("our_plain_client_and_their_authenticator", "plain-server", false, plain_client),
    ("our_plain_stranger_and_their_authenticator", "plain-server-of-stranger", false, plain_stranger),
    ("their_plain_client_and_our_authenticator", "plain-client", false, plain_server),
    ("their_plain_stranger_and_our_authenticator", "plain-stranger", false, plain_server_of_stranger),
];

pub(crate) fn tests() -> Vec<Test> {
    let Some(python) = LANGUAGES.iter().find(|language| language.name == "python") else { return Vec::new() };
    let test = |&(name, role, encrypted, ours): &Attempt| {
        Test::new(format!("python::security::{name}"), move || attempt(python, role, encrypted, ours))
    };
    ATTEMPTS.iter().map(test).collect()
}

fn attempt(python: &Language, role: &'static str, encrypted: bool, ours: fn(&Link<'_>, &Keys)) -> Outcome {
    if encrypted && !zmq::has(Feature::Curve) {
        return Outcome::Ignored("the linked libzmq has no CURVE".to_owned());
    }
    crate::with_command(python, |installed| {
        let keys = Keys::new();
        let command = PeerCommand {
            program: installed.program.clone(),
            arguments: vec![crate::language::script("security.py")],
            environment: vec![("ZMQ_TEST_KEYS", keys.directory.clone().into_os_string())],
        };
        let side = if role.contains("server") { Side::Theirs } else { Side::Ours };
        ours(&Link { command: &command, role, transport: Transport::Tcp, side }, &keys);
    })
}

/// A directory of certificates, removed when dropped.
struct Keys {
    directory: PathBuf,
}

impl Keys {
    fn new() -> Keys {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("zmq-interop-keys-{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let keys = Keys { directory: env::temp_dir().join(name) };
        fs::create_dir_all(keys.clients()).unwrap();
        if zmq::has(Feature::Curve) {
            for name in ["ours.key", "theirs.key", "clients/rust.key"] {
                let mut certificate = Certificate::new(KeyPair::generate().unwrap());
                certificate.set_metadata("email", "me@example.com # not a comment").unwrap();
                certificate.save(keys.directory.join(name)).unwrap();
            }
        }
        keys
    }

    fn clients(&self) -> PathBuf {
        self.directory.join("clients")
    }

    fn read(&self, name: impl AsRef<Path>) -> Certificate {
        Certificate::read(self.directory.join(name)).unwrap()
    }

    fn pair(&self, name: &str) -> KeyPair {
        self.read(format!("{name}_secret")).key_pair().unwrap().clone()
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// Our client asks, and receives an answer or not.
fn ask(link: &Link<'_>, security: impl Into<Security>, is_heard: bool) {
    let context = Context::new().unwrap();
    let socket = link.socket(&context, Req);
    socket.set_security(security).unwrap();
    let peer = link.establish(&socket);
    if is_heard {
        socket.send("Hello").unwrap();
        assert_eq!(socket.recv().unwrap(), "World");
    } else {
        socket.set_linger(Duration::ZERO).unwrap();
        let _ = socket.try_send("Hello");
        assert_eq!(socket.recv_within(MOMENT).unwrap_err().kind(), ErrorKind::WouldBlock);
    }
    peer.finish();
}

/// Our server answers, if it is asked. Returns what it learned about the client.
fn answer(link: &Link<'_>, keys: &Keys, security: impl Into<Security>, is_heard: bool) -> Option<String> {
    let context = Context::new().unwrap();
    let authenticator = Authenticator::new(&context).unwrap();
    authenticator.allow("127.0.0.0/8").unwrap();
    authenticator.set_plain_passwords("*", [("admin", "secret")]).unwrap();
    authenticator.set_curve_clients("*", CurveClients::directory(keys.clients()).unwrap()).unwrap();
    let socket = link.socket(&context, Rep);
    socket.set_security(security).unwrap();
    let peer = link.establish(&socket);
    if !is_heard {
        peer.finish();
        assert_eq!(socket.try_recv().unwrap_err().kind(), ErrorKind::WouldBlock);
        return None;
    }
    let message = socket.recv().unwrap();
    assert_eq!(message, "Hello");
    socket.send("World").unwrap();
    peer.finish();
    Some(message.property("User-Id").unwrap().unwrap_or_default().to_owned())
}

fn curve_client(link: &Link<'_>, keys: &Keys) {
    let server = keys.read("theirs.key").public_key();
    ask(link, CurveClient::new(&keys.pair("clients/rust.key"), server), true);
}

fn curve_stranger(link: &Link<'_>, keys: &Keys) {
    let server = keys.read("theirs.key").public_key();
    ask(link, CurveClient::new(&KeyPair::generate().unwrap(), server), false);
}

fn curve_server(link: &Link<'_>, keys: &Keys) {
    let server = CurveServer::new(keys.pair("ours.key")).zap_domain("global");
    let user = answer(link, keys, server, true).unwrap();
    assert_eq!(user, keys.read("clients/pyzmq.key").public_key().to_string());
    assert_eq!(user, keys.pair("clients/pyzmq.key").public_key().to_string());
    // pyzmq writes it only to the secret certificate.
    assert_eq!(keys.read("clients/pyzmq.key_secret").metadata("name"), Some("pyzmq"));
}

fn curve_server_of_stranger(link: &Link<'_>, keys: &Keys) {
    answer(link, keys, CurveServer::new(keys.pair("ours.key")).zap_domain("global"), false);
}

fn plain_client(link: &Link<'_>, _: &Keys) {
    ask(link, PlainClient::new("admin", "secret"), true);
}

fn plain_stranger(link: &Link<'_>, _: &Keys) {
    ask(link, PlainClient::new("admin", "guess"), false);
}

fn plain_server(link: &Link<'_>, keys: &Keys) {
    assert_eq!(answer(link, keys, PlainServer::new(), true).as_deref(), Some("admin"));
}

fn plain_server_of_stranger(link: &Link<'_>, keys: &Keys) {
    answer(link, keys, PlainServer::new(), false);
}
