//! Options about messages on meeting a peer and on losing one (draft).

use crate::error::Result;
use crate::kind::{CanRecvDisconnect, CanRecvHiccup, CanSendHello, Kind};
use crate::option::define::{ability, needs, options};
use crate::option::value::Bytes;
use crate::option::{Needs, Row, When};
use crate::socket::Socket;

options! {
    ZMQ_HELLO_MSG "ZMQ_HELLO_MSG", CanSendHello, AnyTime {
        set {
            /// Sets a message that is sent to every new peer before any other; an empty one, the default, is none. (Draft.)
            /// It holds for later binds and connects.
            set_hello_message(message: impl AsRef<[u8]>): Bytes = message.as_ref()
        }
        test |socket| {
            socket.set_hello_message("hello")?;
            socket.set_hello_message("")?;
        }
    }
    ZMQ_DISCONNECT_MSG "ZMQ_DISCONNECT_MSG", CanRecvDisconnect, AnyTime {
        set {
            /// Sets a message that the socket itself receives when a peer that connected to it is gone, as if that peer had
            /// sent it; an empty one, the default, is none. (Draft.)
            ///
            /// A peer may send the same bytes. It holds for later binds and connects.
            set_disconnect_message(message: impl AsRef<[u8]>): Bytes = message.as_ref()
        }
        test |socket| {
            socket.set_disconnect_message("gone")?;
            socket.set_disconnect_message("")?;
        }
    }
    ZMQ_HICCUP_MSG "ZMQ_HICCUP_MSG", CanRecvHiccup, AnyTime {
        set {
            /// Sets a message that the socket itself receives when a connection that it made is lost, as if the peer had sent
            /// it; an empty one, the default, is none. (Draft.)
            ///
            /// A peer may send the same bytes. It holds for later binds and connects.
            set_hiccup_message(message: impl AsRef<[u8]>): Bytes = message.as_ref()
        }
        test |socket| {
            socket.set_hiccup_message("lost")?;
            socket.set_hiccup_message("")?;
        }
    }
}
