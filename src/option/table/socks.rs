//! Options about connecting through a proxy.

use crate::error::Result;
use crate::kind::Kind;
use crate::option::define::{ability, needs, options};
#[cfg(zmq_draft)]
use crate::option::value::Credential;
use crate::option::value::Proxy;
use crate::option::{Needs, Row, When};
use crate::socket::Socket;

options! {
    ZMQ_SOCKS_PROXY "ZMQ_SOCKS_PROXY", Kind, AnyTime {
        get {
            /// The SOCKS5 proxy that TCP connections are made through; `None` if they are made directly.
            socks_proxy: Proxy -> Option<String>
        }
        set needs Bundled {
            /// Sets the SOCKS5 proxy that TCP connections are made through, as `host:port`. `None`, the default, makes them directly.
            /// It holds for later connects. The proxy looks the host names up.
            ///
            /// It needs the bundled libzmq: others can be brought to abort or to overrun memory by what a proxy answers. With those, setting
            /// one is [`Unsupported`](crate::ErrorKind::Unsupported).
            set_socks_proxy<'a>(address: impl Into<Option<&'a str>>): Proxy = address.into()
        }
        test |socket| {
            assert_eq!(socket.socks_proxy()?, None);
            if crate::version::has(crate::version::Feature::Bundled) {
                for address in [Some("127.0.0.1:1080"), None] {
                    socket.set_socks_proxy(address)?;
                    assert_eq!(socket.socks_proxy()?.as_deref(), address);
                }
                for address in ["", "a\0b", &"x".repeat(1024)] {
                    assert_refused(socket.set_socks_proxy(address));
                }
            }
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_SOCKS_USERNAME "ZMQ_SOCKS_USERNAME", Kind, AnyTime {
        get {
            /// The username for the SOCKS5 proxy; `None` if there is none.
            socks_username: Credential -> Option<String>
        }
        set {
            /// Sets the username for the [SOCKS5 proxy](Self::set_socks_proxy), of up to 255 bytes. `None`, the default, does without
            /// authentication. It is sent as it is. It holds for later connects.
            set_socks_username<'a>(username: impl Into<Option<&'a str>>): Credential = username.into()
        }
        test |socket| {
            assert_eq!(socket.socks_username()?, None);
            for value in [Some("someone"), Some(&*"x".repeat(255)), None] {
                socket.set_socks_username(value)?;
                assert_eq!(socket.socks_username()?.as_deref(), value);
            }
            for value in ["", "a\0b", &"x".repeat(256)] {
                assert_refused(socket.set_socks_username(value));
            }
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_SOCKS_PASSWORD "ZMQ_SOCKS_PASSWORD", Kind, AnyTime {
        get {
            /// The password for the SOCKS5 proxy; `None` if there is none.
            socks_password: Credential -> Option<String>
        }
        set {
            /// Sets the password for the [SOCKS5 proxy](Self::set_socks_proxy), of up to 255 bytes. `None`, the default, is an empty one. It is sent as it is. It holds for later connects.
            set_socks_password<'a>(password: impl Into<Option<&'a str>>): Credential = password.into()
        }
        test |socket| {
            assert_eq!(socket.socks_password()?, None);
            for value in [Some("someone"), Some(&*"x".repeat(255)), None] {
                socket.set_socks_password(value)?;
                assert_eq!(socket.socks_password()?.as_deref(), value);
            }
            for value in ["", "a\0b", &"x".repeat(256)] {
                assert_refused(socket.set_socks_password(value));
            }
        }
    }
}
