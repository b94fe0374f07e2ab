//! Options about the transport wss: WebSockets over TLS.

use crate::error::Result;
use crate::kind::Kind;
use crate::option::define::{ability, needs, options};
use crate::option::value::{Bytes, Flag};
use crate::option::{Needs, Row, When};
use crate::socket::Socket;

options! {
    #[cfg(zmq_draft)]
    ZMQ_WSS_KEY_PEM "ZMQ_WSS_KEY_PEM", Kind, AnyTime {
        set needs Wss {
            /// Sets the secret key of a wss server, as PEM text. It holds for later binds, and a bind without a key and its
            /// [certificate](Self::set_wss_cert_pem) fails.
            ///
            /// Without the transport `wss` (the feature of that name), this is [`Unsupported`](crate::ErrorKind::Unsupported).
            set_wss_key_pem(pem: impl AsRef<[u8]>): Bytes = pem.as_ref()
        }
        test |socket| {
            supported_or_not(socket.set_wss_key_pem(b"-----BEGIN"))?;
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_WSS_CERT_PEM "ZMQ_WSS_CERT_PEM", Kind, AnyTime {
        set needs Wss {
            /// Sets the certificate of a wss server, as PEM text: its own first, then those that vouch for it. It holds for later
            /// binds.
            ///
            /// Without the transport `wss` (the feature of that name), this is [`Unsupported`](crate::ErrorKind::Unsupported).
            set_wss_cert_pem(pem: impl AsRef<[u8]>): Bytes = pem.as_ref()
        }
        test |socket| {
            supported_or_not(socket.set_wss_cert_pem(b"-----BEGIN"))?;
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_WSS_TRUST_PEM "ZMQ_WSS_TRUST_PEM", Kind, AnyTime {
        set needs Wss {
            /// Sets the certificates that a wss client trusts, as PEM text. It holds for later connects; a server that none of them
            /// vouches for is not connected to.
            ///
            /// Without the transport `wss` (the feature of that name), this is [`Unsupported`](crate::ErrorKind::Unsupported).
            set_wss_trust_pem(pem: impl AsRef<[u8]>): Bytes = pem.as_ref()
        }
        test |socket| {
            supported_or_not(socket.set_wss_trust_pem(b"-----BEGIN"))?;
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_WSS_HOSTNAME "ZMQ_WSS_HOSTNAME", Kind, AnyTime {
        set needs Wss {
            /// Sets the name that a wss server's certificate has to have. It holds for later connects. Unless it is set, a certificate
            /// for **any** name will do.
            ///
            /// Without the transport `wss` (the feature of that name), this is [`Unsupported`](crate::ErrorKind::Unsupported).
            set_wss_hostname(name: impl AsRef<str>): Bytes = name.as_ref().as_bytes()
        }
        test |socket| {
            supported_or_not(socket.set_wss_hostname("localhost"))?;
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_WSS_TRUST_SYSTEM "ZMQ_WSS_TRUST_SYSTEM", Kind, AnyTime {
        set needs Wss {
            /// Sets whether a wss client trusts the certificates that the system does, too. Not unless set. It holds for later
            /// connects.
            ///
            /// Without the transport `wss` (the feature of that name), this is [`Unsupported`](crate::ErrorKind::Unsupported).
            set_wss_trust_system(yes: bool): Flag = yes
        }
        test |socket| {
            supported_or_not(socket.set_wss_trust_system(true))?;
        }
    }
}
