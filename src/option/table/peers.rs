//! Options for messages about peers that connect or disconnect.

use crate::error::Result;
use crate::foreign;
use crate::kind::{CanRecvDisconnect, CanRecvHiccup, CanSendHello, Kind};
use crate::option::define::options;
use crate::option::value::Bytes;
use crate::socket::Socket;

options! {
    draft
    /// # Options: messages about peers (draft)
    ZMQ_HELLO_MSG "ZMQ_HELLO_MSG", CanSendHello, Next {
        with { remember: Some(foreign::inproc::note_hello) }
        set {
            /// Sets a message that is sent to every new peer before any other message. An empty message turns
            /// this option off.
            ///
            /// Default: empty.
            set_hello_message(message: impl AsRef<[u8]>): Bytes = message.as_ref()
        }
        test |socket| {
            socket.set_hello_message("hello")?;
            socket.set_hello_message("")?;
        }
    }
    ZMQ_DISCONNECT_MSG "ZMQ_DISCONNECT_MSG", CanRecvDisconnect, Next {
        set {
            /// Sets a message that this socket receives when a peer that connected to it is gone. The message
            /// seems to come from that peer. An empty message turns this option off.
            ///
            /// Default: empty. A peer can send the same bytes as an ordinary message.
            set_disconnect_message(message: impl AsRef<[u8]>): Bytes = message.as_ref()
        }
        test |socket| {
            socket.set_disconnect_message("gone")?;
            socket.set_disconnect_message("")?;
        }
    }
    ZMQ_HICCUP_MSG "ZMQ_HICCUP_MSG", CanRecvHiccup, Next {
        set {
            /// Sets a message that this socket receives when it loses a connection that it made. The message
            /// seems to come from the peer. An empty message turns this option off.
            ///
            /// Default: empty. A peer can send the same bytes as an ordinary message.
            set_hiccup_message(message: impl AsRef<[u8]>): Bytes = message.as_ref()
        }
        test |socket| {
            socket.set_hiccup_message("lost")?;
            socket.set_hiccup_message("")?;
        }
    }
}
