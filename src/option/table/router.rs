//! Options about routing by id: ROUTER and STREAM, and those that announce themselves to a ROUTER.

use crate::error::Result;
use crate::kind::{CanProbe, CanRoute, CanStream, Kind};
use crate::option::define::{ability, needs, options};
#[cfg(zmq_draft)]
use crate::option::flags::RouterNotify;
use crate::option::value::Flag;
#[cfg(zmq_draft)]
use crate::option::value::Notify;
use crate::option::{Needs, Row, When};
use crate::socket::Socket;

options! {
    ZMQ_ROUTER_MANDATORY "ZMQ_ROUTER_MANDATORY", CanRoute, AnyTime {
        set {
            /// Sets whether a message to a peer that is not there fails with
            /// [`HostUnreachable`](crate::ErrorKind::HostUnreachable), and one to a peer that cannot keep up waits. By default
            /// both are dropped, and nobody is told.
            set_router_mandatory(mandatory: bool): Flag = mandatory
        }
        test |socket| {
            socket.set_router_mandatory(true)?;
            let failure = socket.send_more("nobody").unwrap_err();
            assert_eq!(failure.kind(), ErrorKind::HostUnreachable);
            socket.set_router_mandatory(false)?;
        }
    }
    ZMQ_PROBE_ROUTER "ZMQ_PROBE_ROUTER", CanProbe, AnyTime {
        set {
            /// Sets whether the socket sends an empty message to every new peer, so that a ROUTER there learns of it at once.
            /// It holds for later binds and connects.
            set_probe_router(probe: bool): Flag = probe
        }
        test |socket| {
            socket.set_probe_router(true)?;
            socket.set_probe_router(false)?;
        }
    }
    ZMQ_ROUTER_HANDOVER "ZMQ_ROUTER_HANDOVER", CanRoute, AnyTime {
        set {
            /// Sets whether a new peer with the routing id of another takes its place, and the other is disconnected. By default the new
            /// one is ignored without a word.
            ///
            /// What the other one had sent and was not received yet is dropped. So clients that send, leave and come back under the same
            /// id can lose messages; give each connection an id of its own, or have every message answered.
            set_router_handover(handover: bool): Flag = handover
        }
        test |socket| {
            socket.set_router_handover(true)?;
            socket.set_router_handover(false)?;
        }
    }
    ZMQ_STREAM_NOTIFY "ZMQ_STREAM_NOTIFY", CanStream, AnyTime {
        set {
            /// Sets whether the socket receives a pair of routing id and empty frame when a connection is made and when it ends; it does
            /// unless this is set. It holds for later binds and connects.
            set_stream_notify(notify: bool): Flag = notify
        }
        test |socket| {
            socket.set_stream_notify(true)?;
            socket.set_stream_notify(false)?;
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_ROUTER_NOTIFY "ZMQ_ROUTER_NOTIFY", CanRoute, AnyTime {
        get {
            /// Of which events of its peers the socket receives a notice.
            router_notify: Notify -> RouterNotify
        }
        set {
            /// Sets of which events of its peers the socket receives a notice: a message of the routing id and an empty frame. None unless
            /// set. It holds for later binds and connects.
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
