//! Endpoints that cannot work are refused, and the error says what to write instead.

use crate::common;

use common::{assert_error, context, socket};
use zmq::{Any, ErrorKind, Pull, Push, SocketKind};

#[test]
fn an_ipv6_address_is_refused_without_set_ipv6() {
    let context = context();
    let client = socket(&context, Push);
    for endpoint in ["tcp://[::1]:5555", "tcp://::1:5555", "tcp://[2001:db8::1]:5555"] {
        let error = client.connect(endpoint).unwrap_err();
        assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &["connect", endpoint, "set_ipv6(true)"]);
    }
    // An IPv4 address may be written as an IPv6 address.
    let nobody = common::free_endpoint();
    let port = nobody.rsplit(':').next().unwrap();
    client.connect(format!("tcp://[::ffff:127.0.0.1]:{port}")).unwrap();
    client.set_ipv6(true).unwrap();
    client.connect(format!("tcp://[::1]:{port}")).unwrap();
}

#[test]
fn binding_an_ipv6_address_suggests_set_ipv6() {
    let context = context();
    let error = socket(&context, Pull).bind("tcp://[::1]:*").unwrap_err();
    assert_error(error, ErrorKind::NoSuchDevice, libc::ENODEV, &["bind", "tcp://[::1]:*", "set_ipv6(true)"]);
}

#[test]
fn bind_takes_no_source_address() {
    let context = context();
    let server = socket(&context, Pull);
    for endpoint in ["tcp://127.0.0.1:*;127.0.0.1:5", "tcp://*:*;*:*"] {
        let error = server.bind(endpoint).unwrap_err();
        assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &["bind", endpoint, "source"]);
    }
    assert_eq!(server.last_endpoint().unwrap(), None);
}

/// libzmq would try forever.
#[test]
fn connecting_to_port_0_suggests_a_remedy() {
    let context = context();
    let client = socket(&context, Push);
    for endpoint in
        ["tcp://127.0.0.1:0", "tcp://localhost:00", "tcp://127.0.0.1:5;localhost:0", "ws://127.0.0.1:0/path"]
    {
        let error = client.connect(endpoint).unwrap_err();
        let names = ["connect", endpoint, "port 0", "connect to the endpoint that bind returns"];
        assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &names);
    }
    // For bind, and as the port of a source address, it means any free port.
    let endpoint = socket(&context, Pull).bind("tcp://127.0.0.1:0").unwrap();
    client.connect(format!("tcp://127.0.0.1:0;{}", endpoint.address())).unwrap();
}

/// libzmq would look up a host with this name, and try forever.
#[test]
fn connecting_to_two_ports_suggests_a_remedy() {
    let context = context();
    let client = socket(&context, Push);
    for endpoint in ["tcp://example.com:80:90", "tcp://1::2::3:5555", "ws://example.com:80:90/path"] {
        let error = client.connect(endpoint).unwrap_err();
        let names = ["connect", endpoint, "contains a colon", "one port", "IPv6 address in brackets"];
        assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &names);
    }
    for endpoint in ["tcp://127.0.0.1:80:http", "tcp://127.0.0.1:80/path"] {
        let error = client.connect(endpoint).unwrap_err();
        assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &["connect", endpoint, "from 0 to 65535"]);
    }
}

#[test]
fn a_transport_in_capital_letters_suggests_a_remedy() {
    let context = context();
    let server = socket(&context, Pull);
    for (endpoint, meant) in [
        ("TCP://127.0.0.1:5555", "write tcp://127.0.0.1:5555"),
        ("Inproc://Name", "write inproc://Name"),
        ("UDP://127.0.0.1:5555", "write udp://127.0.0.1:5555"),
    ] {
        for (operation, result) in [
            ("bind", server.bind(endpoint).map(drop)),
            ("connect", server.connect(endpoint)),
            ("unbind", server.unbind(endpoint)),
            ("disconnect", server.disconnect(endpoint)),
        ] {
            let (kind, errno) = (ErrorKind::ProtocolNotSupported, libc::EPROTONOSUPPORT);
            assert_error(result.unwrap_err(), kind, errno, &[operation, endpoint, "lower case", meant]);
        }
    }
}

#[test]
fn white_space_before_a_transport_is_shown() {
    let context = context();
    let client = socket(&context, Push);
    for (endpoint, shown) in [
        (" tcp://127.0.0.1:5555", r#"" tcp://127.0.0.1:5555""#),
        ("\ttcp://127.0.0.1:5555", r#""\ttcp://127.0.0.1:5555""#),
    ] {
        let error = client.connect(endpoint).unwrap_err();
        let (kind, errno) = (ErrorKind::ProtocolNotSupported, libc::EPROTONOSUPPORT);
        assert_error(error, kind, errno, &["connect", shown, "begins with its transport", "write tcp://"]);
    }
    let error = client.connect("tcp://127.0.0.1:5555\n").unwrap_err();
    assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &[r#""tcp://127.0.0.1:5555\n""#, "65535"]);
}

/// Each socket type, and the transports that it does not use.
#[test]
fn a_refused_transport_names_the_supported_ones() {
    let context = context();
    let incompatible = |result: zmq::Result<()>, words: &[&str]| {
        let kind = ErrorKind::IncompatibleProtocol;
        assert_error(result.unwrap_err(), kind, zmq::zmq_sys::ENOCOMPATPROTO, words);
    };
    for &kind in SocketKind::ALL {
        let socket = socket(&context, Any(kind));
        for endpoint in ["inproc://name", "ws://127.0.0.1:5555", "tipc://{5560,0}", "vmci://2:5555"] {
            if kind == SocketKind::Stream {
                incompatible(
                    socket.connect(endpoint),
                    &["connect", endpoint, "STREAM sockets use only tcp and ipc"],
                );
                incompatible(
                    socket.bind(endpoint).map(drop),
                    &["bind", "STREAM sockets use only tcp and ipc"],
                );
            }
        }
        for endpoint in ["norm://239.192.1.1:5555", "pgm://lo;239.192.1.1:5555", "epgm://lo;239.192.1.1:5555"]
        {
            if !["PUB", "XPUB", "SUB", "XSUB"].contains(&kind.name()) {
                let words = [endpoint, "use"];
                incompatible(socket.connect(endpoint), &words);
                incompatible(socket.bind(endpoint).map(drop), &words);
            }
        }
        if !["RADIO", "DISH", "DGRAM"].contains(&kind.name()) {
            incompatible(socket.connect("udp://127.0.0.1:5555"), &["connect", "udp"]);
            incompatible(socket.bind("udp://127.0.0.1:5555").map(drop), &["bind", "udp"]);
        }
    }
}
