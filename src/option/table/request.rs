//! Options about requests: REQ.

use crate::error::Result;
use crate::kind::{CanRequest, Kind};
use crate::option::define::{ability, needs, options};
use crate::option::value::Flag;
use crate::option::{Needs, Row, When};
use crate::socket::Socket;

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
            /// [receive timeout](Socket::set_recv_timeout) it makes a client that survives a lost reply:
            ///
            /// ```
            /// use std::time::Duration;
            /// use zmq::{Context, ErrorKind, Req, Router};
            ///
            /// let context = Context::new()?;
            /// let server = context.socket(Router)?;
            /// server.bind("inproc://server")?;
            ///
            /// let client = context.socket(Req)?;
            /// client.set_req_relaxed(true)?;
            /// client.set_req_correlate(true)?;
            /// client.set_recv_timeout(Duration::from_millis(10))?; // some seconds, over a network
            /// client.connect("inproc://server")?;
            ///
            /// client.send("Hello")?;
            /// let _unanswered = server.recv_multipart()?;
            /// assert_eq!(client.recv().unwrap_err().kind(), ErrorKind::WouldBlock);
            ///
            /// client.send("Hello again")?;
            /// server.send_multipart(server.recv_multipart()?)?;
            /// client.set_recv_timeout(None)?;
            /// assert_eq!(client.recv_string()?, "Hello again");
            /// # Ok::<(), zmq::Error>(())
            /// ```
            set_req_relaxed(relaxed: bool): Flag = relaxed
        }
        test |socket| {
            socket.set_req_relaxed(true)?;
            socket.set_req_relaxed(false)?;
        }
    }
}
