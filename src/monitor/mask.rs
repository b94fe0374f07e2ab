//! The set of events that a monitor reports.

use crate::bits::bit_set;

/// A set of events that a [`Monitor`](crate::Monitor) reports. [`EventKind`](crate::monitor::EventKind) describes each event.
///
/// ```
/// use zmq::monitor::Events;
///
/// let failures = Events::HANDSHAKE_FAILED_AUTH | Events::HANDSHAKE_FAILED_PROTOCOL;
/// assert!(Events::ALL.contains(failures));
/// ```
///
/// Follows [zmq_socket_monitor(3)](https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor.html).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Events(u64);

macro_rules! events {
    ($($(#[$cfg:meta])? $name:ident = $constant:ident = $value:literal, $alias:literal, $docs:literal;)+) => {
        impl Events {
            $(
                $(#[$cfg] #[cfg_attr(docsrs, doc(cfg(feature = "draft")))])?
                #[doc = $docs]
                #[doc(alias = $alias)]
                pub const $name: Events = Events($value);
            )+

            /// The events, each with its name.
            const NAMES: &[(Events, &str)] =
                &[$($(#[$cfg])? (Events::$name, stringify!($name)),)+];
        }

        #[cfg(test)]
        #[test]
        fn the_numbers_are_those_of_c() {
            $($(#[$cfg])? assert_eq!(u64::try_from(zmq_sys::$constant), Ok(Events::$name.bits()));)+
            assert_eq!(u64::try_from(zmq_sys::ZMQ_EVENT_ALL), Ok(Events::ALL.bits()));
            #[cfg(zmq_draft)]
            assert_eq!(u64::try_from(zmq_sys::ZMQ_EVENT_ALL_V2), Ok(Events::ALL_V2.bits()));
        }
    };
}

events! {
    CONNECTED = ZMQ_EVENT_CONNECTED = 0x1, "ZMQ_EVENT_CONNECTED",
        "The socket has connected to a peer.";
    CONNECT_DELAYED = ZMQ_EVENT_CONNECT_DELAYED = 0x2, "ZMQ_EVENT_CONNECT_DELAYED",
        "An attempt to connect continues in the background.";
    CONNECT_RETRIED = ZMQ_EVENT_CONNECT_RETRIED = 0x4, "ZMQ_EVENT_CONNECT_RETRIED",
        "Another attempt to connect follows.";
    LISTENING = ZMQ_EVENT_LISTENING = 0x8, "ZMQ_EVENT_LISTENING",
        "The socket was bound.";
    BIND_FAILED = ZMQ_EVENT_BIND_FAILED = 0x10, "ZMQ_EVENT_BIND_FAILED",
        "The socket could not be bound.";
    ACCEPTED = ZMQ_EVENT_ACCEPTED = 0x20, "ZMQ_EVENT_ACCEPTED",
        "A connection was accepted.";
    ACCEPT_FAILED = ZMQ_EVENT_ACCEPT_FAILED = 0x40, "ZMQ_EVENT_ACCEPT_FAILED",
        "A connection could not be accepted.";
    CLOSED = ZMQ_EVENT_CLOSED = 0x80, "ZMQ_EVENT_CLOSED",
        "A listening socket was closed, or an attempt to connect was abandoned.";
    CLOSE_FAILED = ZMQ_EVENT_CLOSE_FAILED = 0x100, "ZMQ_EVENT_CLOSE_FAILED",
        "A listening socket could not be closed.";
    DISCONNECTED = ZMQ_EVENT_DISCONNECTED = 0x200, "ZMQ_EVENT_DISCONNECTED",
        "A connection was lost.";
    MONITOR_STOPPED = ZMQ_EVENT_MONITOR_STOPPED = 0x400, "ZMQ_EVENT_MONITOR_STOPPED",
        "Monitoring has ended. Every monitor reports this event, even if the set does not contain it.";
    HANDSHAKE_FAILED_NO_DETAIL = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL = 0x800,
        "ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL",
        "A connection was lost during the handshake.";
    HANDSHAKE_SUCCEEDED = ZMQ_EVENT_HANDSHAKE_SUCCEEDED = 0x1000, "ZMQ_EVENT_HANDSHAKE_SUCCEEDED",
        "The handshake has succeeded, and messages can flow.";
    HANDSHAKE_FAILED_PROTOCOL = ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL = 0x2000,
        "ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL",
        "The peer or the ZAP handler violated the protocol.";
    HANDSHAKE_FAILED_AUTH = ZMQ_EVENT_HANDSHAKE_FAILED_AUTH = 0x4000, "ZMQ_EVENT_HANDSHAKE_FAILED_AUTH",
        "The ZAP handler rejected the peer, or the peer's ZAP handler rejected this socket.";
    #[cfg(zmq_draft)]
    PIPES_STATS = ZMQ_EVENT_PIPES_STATS = 0x1_0000, "ZMQ_EVENT_PIPES_STATS",
        "The fill levels of the queues, which [`Socket::monitor_pipes_stats`](crate::Socket::monitor_pipes_stats) \
         requests. Only for [`Socket::monitor_v2`](crate::Socket::monitor_v2).";
}

impl Events {
    /// All events of [`Socket::monitor`](crate::Socket::monitor), including events that later versions of libzmq may add.
    #[doc(alias = "ZMQ_EVENT_ALL")]
    #[doc(alias = "ZMQ_EVENT_ALL_V1")]
    pub const ALL: Events = Events(0xFFFF);
    /// All events of [`Socket::monitor_v2`](crate::Socket::monitor_v2).
    #[cfg(zmq_draft)]
    #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
    #[doc(alias = "ZMQ_EVENT_ALL_V2")]
    pub const ALL_V2: Events = Events(0x1_FFFF);
}

bit_set!(Events: u64, Events::NAMES);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_show_their_members() {
        let set = Events::CONNECTED | Events::DISCONNECTED | Events::from_bits(0x8000);
        assert_eq!(format!("{set:?}"), "CONNECTED | DISCONNECTED | 0x8000");
        assert_eq!(format!("{:?}", Events::NONE), "NONE");
        assert_eq!(set & Events::CONNECTED, Events::CONNECTED);
        assert!(!set.contains(Events::CONNECTED | Events::CLOSED));
    }
}
