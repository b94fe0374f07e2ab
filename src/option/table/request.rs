//! Options about requests.

use crate::error::Result;
use crate::kind::{Is, Kind, Req};
use crate::option::define::options;
use crate::option::value::Flag;
use crate::socket::{Core, Socket};

options! {
    /// # Options: requests
    ZMQ_REQ_CORRELATE "ZMQ_REQ_CORRELATE", Is<Req>, Now {
        with { remember: Some(Core::note_correlate) }
        set {
            /// Sets whether each request carries a number, so that a late reply to an earlier request is
            /// ignored.
            ///
            /// Default: `false`. The number is one more frame of 4 bytes in the envelope. REP and ROUTER
            /// peers send it back.
            set_req_correlate(correlate: bool): Flag = correlate
        }
        test |socket| {
            socket.set_req_correlate(true)?;
            socket.set_req_correlate(false)?;
        }
    }
    ZMQ_REQ_RELAXED "ZMQ_REQ_RELAXED", Is<Req>, Now {
        with { remember: Some(Core::note_relaxed) }
        set {
            /// Sets whether a new request can be sent before the reply to the last request arrives. The reply
            /// to the last request is then ignored.
            ///
            /// Default: `false`. Together with [`set_req_correlate`](Self::set_req_correlate) and a [receive
            /// timeout](Socket::set_recv_timeout), this option lets a client continue after a lost reply:
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
