//! Options about requests: REQ.

use crate::error::Result;
use crate::option::define::{ability, needs, options};
use crate::option::value::Flag;
use crate::option::{Needs, Row, When};
use crate::socket::{CanRequest, Kind, Socket};

options! {
    ZMQ_REQ_CORRELATE "ZMQ_REQ_CORRELATE", CanRequest, AnyTime {
        set {
            /// Sets whether requests carry a number, so that a reply to an earlier one is ignored.
            ///
            /// The peer sees one more frame, of 4 bytes, in the envelope; REP and ROUTER send it back.
            set_req_correlate(correlate: bool): Flag = correlate
        }
        test |socket| {
            socket.set_req_correlate(true)?;
            socket.set_req_correlate(false)?;
        }
    }
    ZMQ_REQ_RELAXED "ZMQ_REQ_RELAXED", CanRequest, AnyTime {
        set {
            /// Sets whether a request may be sent while the last one is still unanswered; its reply is given up.
            ///
            /// Together with [`set_req_correlate`](Self::set_req_correlate) and a
            /// [receive timeout](Socket::set_receive_timeout) it makes a client that survives a lost reply.
            set_req_relaxed(relaxed: bool): Flag = relaxed
        }
        test |socket| {
            socket.set_req_relaxed(true)?;
            socket.set_req_relaxed(false)?;
        }
    }
}
