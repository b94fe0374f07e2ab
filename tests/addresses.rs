//! Addresses and names of hosts in endpoints: those that cannot work are refused.

mod common;

use common::{assert_error, context, socket};
use zmq::{ErrorKind, Pull, Push};

#[test]
fn an_address_of_ipv6_is_refused_while_that_is_off() {
    let context = context();
    let client = socket(&context, Push);
    for endpoint in ["tcp://[::1]:5555", "tcp://::1:5555", "tcp://[2001:db8::1]:5555"] {
        let error = client.connect(endpoint).unwrap_err();
        assert_error(error, ErrorKind::InvalidInput, libc::EINVAL, &["connect", endpoint, "set_ipv6(true)"]);
    }
    // An IPv4 address may be written as one of IPv6.
    let nobody = common::free_endpoint();
    let port = nobody.rsplit(':').next().unwrap();
    client.connect(format!("tcp://[::ffff:127.0.0.1]:{port}")).unwrap();
    client.set_ipv6(true).unwrap();
    client.connect(format!("tcp://[::1]:{port}")).unwrap();
}

#[test]
fn binding_an_address_of_ipv6_tells_what_to_do() {
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
