//! Options about connecting through a proxy.

use crate::error::Result;
use crate::kind::Kind;
use crate::option::Needs;
use crate::option::define::options;
#[cfg(zmq_draft)]
use crate::option::value::Credential;
use crate::option::value::Proxy;
use crate::socket::Socket;

options! {
    /// # Options: SOCKS proxy
    ZMQ_SOCKS_PROXY "ZMQ_SOCKS_PROXY", Kind, NextConnect {
        with { needs: Needs::Bundled }
        get {
            /// Returns the SOCKS5 proxy for TCP connections. `None` means that the socket connects directly.
            socks_proxy: Proxy -> Option<String>
        }
        set {
            /// Sets the SOCKS5 proxy for TCP connections, as `host:port`. The proxy looks up host names.
            /// `None` means that the socket connects directly.
            ///
            /// Default: `None`. This option needs the bundled libzmq, because the answers of a proxy can make
            /// another libzmq abort or corrupt memory. With another libzmq, the call fails with
            /// [`Unsupported`](crate::ErrorKind::Unsupported).
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
}

options! {
    draft
    /// # Options: SOCKS proxy (draft)
    ZMQ_SOCKS_USERNAME "ZMQ_SOCKS_USERNAME", Kind, NextConnect {
        get {
            /// Returns the user name for the SOCKS5 proxy. `None` means no authentication.
            socks_username: Credential -> Option<String>
        }
        set {
            /// Sets the user name for the [SOCKS5 proxy](Self::set_socks_proxy), of up to 255 bytes. It is
            /// sent without encryption. `None` means no authentication.
            ///
            /// Default: `None`.
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
    ZMQ_SOCKS_PASSWORD "ZMQ_SOCKS_PASSWORD", Kind, NextConnect {
        with { secret: true }
        get {
            /// Returns the password for the SOCKS5 proxy. `None` means an empty password.
            socks_password: Credential -> Option<String>
        }
        set {
            /// Sets the password for the [SOCKS5 proxy](Self::set_socks_proxy), of up to 255 bytes. It is
            /// sent without encryption. `None` means an empty password.
            ///
            /// Default: `None`.
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
