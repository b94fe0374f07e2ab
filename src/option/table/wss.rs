//! Options about the transport wss: WebSockets over TLS.

use crate::error::Result;
use crate::kind::Kind;
use crate::option::Needs;
use crate::option::define::options;
use crate::option::value::{Bytes, Flag};
use crate::socket::Socket;
use crate::version::Feature;

/// The transport wss, which the linked libzmq may not have.
const WSS: Needs = Needs::Feature(Feature::Wss, "the linked libzmq has no wss");

options! {
    draft
    /// # Options: WebSockets over TLS (draft)
    ///
    /// These options need the transport wss, which the feature `wss` adds to the bundled libzmq. Without it, they fail with
    /// [`Unsupported`](crate::ErrorKind::Unsupported).
    ZMQ_WSS_KEY_PEM "ZMQ_WSS_KEY_PEM", Kind, NextBind {
        with { needs: WSS, secret: true }
        set {
            /// Sets the secret key of a wss server, as PEM text.
            ///
            /// A bind fails without a key and its [certificate](Self::set_wss_cert_pem).
            set_wss_key_pem(pem: impl AsRef<[u8]>): Bytes = pem.as_ref()
        }
        test |socket| {
            supported_or_not(socket.set_wss_key_pem(b"-----BEGIN"))?;
        }
    }
    ZMQ_WSS_CERT_PEM "ZMQ_WSS_CERT_PEM", Kind, NextBind {
        with { needs: WSS }
        set {
            /// Sets the certificate chain of a wss server, as PEM text. The server's own certificate comes
            /// first.
            set_wss_cert_pem(pem: impl AsRef<[u8]>): Bytes = pem.as_ref()
        }
        test |socket| {
            supported_or_not(socket.set_wss_cert_pem(b"-----BEGIN"))?;
        }
    }
    ZMQ_WSS_TRUST_PEM "ZMQ_WSS_TRUST_PEM", Kind, NextConnect {
        with { needs: WSS }
        set {
            /// Sets the certificates that a wss client trusts, as PEM text. The client does not connect to a
            /// server unless one of them has signed the server's certificate.
            set_wss_trust_pem(pem: impl AsRef<[u8]>): Bytes = pem.as_ref()
        }
        test |socket| {
            supported_or_not(socket.set_wss_trust_pem(b"-----BEGIN"))?;
        }
    }
    ZMQ_WSS_HOSTNAME "ZMQ_WSS_HOSTNAME", Kind, NextConnect {
        with { needs: WSS }
        set {
            /// Sets the host name that the certificate of a wss server must contain.
            ///
            /// Without this option, the client accepts a certificate for **any** host name.
            set_wss_hostname(name: impl AsRef<str>): Bytes = name.as_ref().as_bytes()
        }
        test |socket| {
            supported_or_not(socket.set_wss_hostname("localhost"))?;
        }
    }
    ZMQ_WSS_TRUST_SYSTEM "ZMQ_WSS_TRUST_SYSTEM", Kind, NextConnect {
        with { needs: WSS }
        set {
            /// Sets whether a wss client also trusts the certificates that the system trusts.
            ///
            /// Default: `false`.
            set_wss_trust_system(yes: bool): Flag = yes
        }
        test |socket| {
            supported_or_not(socket.set_wss_trust_system(true))?;
        }
    }
}
