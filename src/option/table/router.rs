//! Options about routing by id.

use crate::error::Result;
use crate::kind::{CanProbe, Is, Kind, Router, Stream};
use crate::option::define::options;
#[cfg(zmq_draft)]
use crate::option::types::RouterNotify;
use crate::option::value::Flag;
#[cfg(zmq_draft)]
use crate::option::value::Notify;
use crate::socket::Socket;

options! {
    /// # Options: routing
    ZMQ_ROUTER_MANDATORY "ZMQ_ROUTER_MANDATORY", Is<Router>, Now {
        set {
            /// Sets whether the socket reports messages that it cannot deliver. With `true`, sending to an
            /// unknown peer fails with [`HostUnreachable`](crate::ErrorKind::HostUnreachable). Sending to a
            /// peer whose queue is full waits.
            ///
            /// Default: `false`. The socket then silently drops such messages.
            set_router_mandatory(mandatory: bool): Flag = mandatory
        }
        test |socket| {
            socket.set_router_mandatory(true)?;
            let failure = socket.send_more("nobody").unwrap_err();
            assert_eq!(failure.kind(), ErrorKind::HostUnreachable);
            socket.set_router_mandatory(false)?;
        }
    }
    ZMQ_PROBE_ROUTER "ZMQ_PROBE_ROUTER", CanProbe, Next {
        set {
            /// Sets whether the socket sends an empty message to every new peer. From this message, a ROUTER
            /// immediately learns that the socket exists.
            ///
            /// Default: `false`.
            set_probe_router(probe: bool): Flag = probe
        }
        test |socket| {
            socket.set_probe_router(true)?;
            socket.set_probe_router(false)?;
        }
    }
    ZMQ_ROUTER_HANDOVER "ZMQ_ROUTER_HANDOVER", Is<Router>, Now {
        set {
            /// Sets whether a new peer replaces a connected peer with the same routing id. The old peer is
            /// then disconnected.
            ///
            /// Default: `false`. The socket then silently ignores the new peer.
            ///
            /// Messages from the old peer that were not received yet are dropped. So a client that sends,
            /// leaves and returns with the same id can lose messages. To avoid this, use a new id for each
            /// connection, or answer every message.
            set_router_handover(handover: bool): Flag = handover
        }
        test |socket| {
            socket.set_router_handover(true)?;
            socket.set_router_handover(false)?;
        }
    }
    ZMQ_STREAM_NOTIFY "ZMQ_STREAM_NOTIFY", Is<Stream>, Next {
        set {
            /// Sets whether the socket is notified when a connection is made and when it ends. The
            /// notification is a message of the routing id and an empty frame.
            ///
            /// Default: `true`.
            set_stream_notify(notify: bool): Flag = notify
        }
        test |socket| {
            socket.set_stream_notify(true)?;
            socket.set_stream_notify(false)?;
        }
    }
}

options! {
    draft
    /// # Options: routing (draft)
    ZMQ_ROUTER_NOTIFY "ZMQ_ROUTER_NOTIFY", Is<Router>, Next {
        get {
            /// Returns the peer events for which the socket receives a notification.
            router_notify: Notify -> RouterNotify
        }
        set {
            /// Selects the peer events for which the socket receives a notification. The notification is a
            /// message of the peer's routing id and an empty frame.
            ///
            /// Default: none.
            set_router_notify(events: RouterNotify): Notify = events
        }
        test |socket| {
            assert_eq!(socket.router_notify()?, RouterNotify::NONE);
            for value in [RouterNotify::CONNECT, RouterNotify::DISCONNECT, RouterNotify::CONNECT | RouterNotify::DISCONNECT, RouterNotify::NONE] {
                socket.set_router_notify(value)?;
                assert_eq!(socket.router_notify()?, value);
            }
        }
    }
}
