//! TCP connections through a SOCKS5 proxy: the program `microsocks`, where it is installed.
//!
//! Without the program, the tests are skipped. With `ZMQ_TEST_INTEROP=required`, they fail instead.

// Other libraries end the process when a connection through a proxy ends (A49).
#![cfg(all(unix, zmq_vendored))]

use crate::common;

use std::ffi::c_int;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Stdio};

use common::{TCP, bound, context, eventually, free_endpoint, socket};
use zmq::capability::Kind;
use zmq::{Pull, Push, Socket, zmq_sys};

struct Proxy {
    program: Child,
    address: String,
    log: BufReader<ChildStderr>,
}

impl Proxy {
    /// Returns `None` if the program is not installed.
    fn start(arguments: &[&str]) -> Option<Proxy> {
        // Another test may take the port first. Then the program ends.
        eventually("the proxy listens", || Proxy::try_start(arguments))
    }

    /// Returns `Some(None)` if the program is not installed, and `None` if it has ended.
    fn try_start(arguments: &[&str]) -> Option<Option<Proxy>> {
        let endpoint = free_endpoint();
        let address = endpoint.strip_prefix("tcp://").unwrap();
        let (host, port) = address.split_once(':').unwrap();
        let mut command = Command::new("microsocks");
        command.args(["-i", host, "-p", port]).args(arguments);
        let Ok(mut program) = command.stderr(Stdio::piped()).spawn() else {
            let missing = "microsocks is not installed";
            assert!(
                std::env::var_os("ZMQ_TEST_INTEROP").is_none_or(|value| value != "required"),
                "{missing}"
            );
            eprintln!("{missing}");
            return Some(None);
        };
        let log = BufReader::new(program.stderr.take().unwrap());
        let mut proxy = Proxy { program, address: address.to_owned(), log };
        eventually("the proxy listens or ends", || {
            let ended = proxy.program.try_wait().unwrap().is_some();
            (ended || TcpStream::connect(address).is_ok()).then_some(())
        });
        proxy.program.try_wait().unwrap().is_none().then_some(Some(proxy))
    }

    /// Waits until the proxy reports that it has connected a client to this address.
    fn has_connected(&mut self, address: &str) {
        let mut line = String::new();
        while !(line.contains("connected to") && line.trim_end().ends_with(address)) {
            line.clear();
            assert_ne!(self.log.read_line(&mut line).unwrap(), 0, "the proxy has ended");
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn set<K: Kind>(socket: &Socket<K>, option: c_int, text: &str) {
    // SAFETY: a live socket, used only by this thread; a text with its length.
    let set = unsafe { zmq_sys::zmq_setsockopt(socket.as_raw(), option, text.as_ptr().cast(), text.len()) };
    assert_eq!(set, 0, "option {option}");
}

#[test]
fn messages_arrive_through_the_proxy() {
    let Some(mut proxy) = Proxy::start(&[]) else { return };
    let context = context();
    let (server, endpoint) = bound(&context, Pull, TCP);
    let client = socket(&context, Push);
    set(&client, zmq_sys::ZMQ_SOCKS_PROXY, &proxy.address);
    client.connect(&endpoint).unwrap();
    proxy.has_connected(endpoint.address());
    for length in [0, 10, 1_000_000] {
        client.send(vec![b'x'; length]).unwrap();
        assert_eq!(server.recv().unwrap().len(), length);
    }
}

#[test]
fn the_proxy_resolves_names() {
    let Some(mut proxy) = Proxy::start(&[]) else { return };
    let context = context();
    let (server, endpoint) = bound(&context, Pull, TCP);
    let client = socket(&context, Push);
    set(&client, zmq_sys::ZMQ_SOCKS_PROXY, &proxy.address);
    let by_name = endpoint.address().replace("127.0.0.1", "localhost");
    client.connect(format!("tcp://{by_name}")).unwrap();
    proxy.has_connected(&by_name);
    client.send("arrived").unwrap();
    assert_eq!(server.recv().unwrap(), b"arrived");
}

#[cfg(zmq_draft)]
#[test]
fn the_proxy_may_require_a_password() {
    let Some(mut proxy) = Proxy::start(&["-u", "somebody", "-P", "secret"]) else { return };
    let context = context();
    let (server, endpoint) = bound(&context, Pull, TCP);
    let client = socket(&context, Push);
    set(&client, zmq_sys::ZMQ_SOCKS_PROXY, &proxy.address);
    set(&client, zmq_sys::ZMQ_SOCKS_USERNAME, "somebody");
    set(&client, zmq_sys::ZMQ_SOCKS_PASSWORD, "secret");
    client.connect(&endpoint).unwrap();
    proxy.has_connected(endpoint.address());
    client.send("arrived").unwrap();
    assert_eq!(server.recv().unwrap(), b"arrived");
}
