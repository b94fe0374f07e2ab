//! The table of the options that are about draft kinds; see [`table`](super::table).

use super::define::{ability, options};
use super::value::{Bytes, Flag};
use super::{Row, When};
use crate::error::Result;
use crate::socket::{Ability, CanMulticast, CanRecvDisconnect, CanRecvHiccup, CanSendHello, Kind, Socket};

options! {
    ZMQ_THREAD_SAFE "ZMQ_THREAD_SAFE", Kind, AnyTime {
        get {
            /// Whether several threads may use the socket at once, as its kind allows. (Draft.)
            ///
            /// In a type that is [`ThreadSafe`](crate::ThreadSafe).
            is_thread_safe: Flag -> bool
        }
        test |socket| {
            assert_eq!(socket.is_thread_safe()?, socket.kind().is_thread_safe());
        }
    }
    ZMQ_MULTICAST_LOOP "ZMQ_MULTICAST_LOOP", CanMulticast, AnyTime {
        get {
            /// Whether what is sent to a multicast group over udp is also delivered on this machine. (Draft.)
            multicast_loop: Flag -> bool
        }
        set {
            /// Sets whether what is sent to a multicast group over udp is also delivered on this machine; it is unless set.
            /// (Draft.) It holds for later connects.
            set_multicast_loop(multicast_loop: bool): Flag = multicast_loop
        }
        test |socket| {
            assert!(socket.multicast_loop()?);
            socket.set_multicast_loop(false)?;
            assert!(!socket.multicast_loop()?);
        }
    }
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
