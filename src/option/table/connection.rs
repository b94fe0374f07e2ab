//! Options about connections.

use core::time::Duration;

use crate::context::Context;
use crate::error::{Error, Operation, Result};
use crate::kind::Kind;
use crate::option::Encoded;
use crate::option::define::options;
#[cfg(zmq_draft)]
use crate::option::value::Property;
use crate::option::value::{Affinity, Count, Flag, RoutingId, TimeOrForever, TimeOrNone};
use crate::socket::{Core, Socket};
use crate::timeout::IntoTimeout;

/// Refuses an affinity if the context has more threads than bits, because libzmq shifts one bit for each thread.
fn has_bits_for_threads(core: &Core, threads: &Encoded<'_>) -> Result<()> {
    if matches!(threads, Encoded::Bits(0)) {
        return Ok(());
    }
    let threads = Context::from_inner(core.context().clone()).io_threads()?;
    if threads > u64::BITS {
        let reason = format!(
            "the context has {threads} I/O threads, so it must be 0; there are bits for only 64 threads"
        );
        return Err(Error::invalid(Operation::SetOption, "", reason));
    }
    Ok(())
}

options! {
    /// # Options: connections
    ZMQ_ROUTING_ID "ZMQ_ROUTING_ID", Kind, Next {
        get {
            /// Returns the routing id that ROUTER peers use for this socket. The id is empty if each peer
            /// chooses one.
            #[doc(alias = "get_identity")]
            routing_id: RoutingId -> Vec<u8>
        }
        set {
            /// Sets the routing id that ROUTER peers use for this socket: 1 to 255 bytes, of which the first
            /// is not zero.
            ///
            /// Default: each ROUTER chooses an id. Two peers of a ROUTER must not have the same id: the
            /// ROUTER silently ignores the second one.
            #[doc(alias = "set_identity")]
            set_routing_id(id: impl AsRef<[u8]>): RoutingId = id.as_ref()
        }
        test |socket| {
            assert_eq!(socket.routing_id()?, b"");
            for id in [&b"A"[..], b"A\0B", &[255; 255]] {
                socket.set_routing_id(id)?;
                assert_eq!(socket.routing_id()?, id);
            }
            for id in [&b""[..], b"\0id", &[1; 256]] {
                assert_refused(socket.set_routing_id(id));
            }
        }
    }
    ZMQ_LINGER "ZMQ_LINGER", Kind, Now {
        get {
            /// Returns how long unsent messages are kept after the socket is closed. `None` means forever.
            linger: TimeOrForever -> Option<Duration>
        }
        set {
            /// Sets how long unsent messages are kept after the socket is closed. Zero drops them at once;
            /// `None` keeps them forever.
            ///
            /// Default: zero for SUB, XSUB and DISH sockets, and for sockets of a context that is not
            /// [blocky](crate::Context::set_blocky); `None` for all other sockets.
            ///
            /// Closing the socket does not wait. Dropping the context waits until the messages are sent, or the time
            /// has passed. Set the linger period before the context is shut down; it cannot be changed afterwards.
            ///
            /// Over inproc, messages to a bound name are delivered regardless of the linger period. Messages to a name
            /// that is not yet bound are kept for the linger period. If the socket has
            /// [disconnected](Socket::disconnect) from the name, this period starts when the socket is closed. A linger
            /// period of zero drops the messages at once. With a libzmq other than the bundled one, messages to a name
            /// that is not bound are always kept.
            set_linger(linger: impl IntoTimeout): TimeOrForever = linger.into_timeout()
        }
        test |socket| {
            for linger in [Some(Duration::from_millis(250)), Some(Duration::ZERO), None] {
                socket.set_linger(linger)?;
                assert_eq!(socket.linger()?, linger);
            }
            socket.set_linger(Duration::from_micros(1))?;
            assert_eq!(socket.linger()?, Some(Duration::from_millis(1)));
        }
    }
    ZMQ_AFFINITY "ZMQ_AFFINITY", Kind, Next {
        with { check: Some(has_bits_for_threads) }
        get {
            /// Returns the I/O threads that the socket's connections may use, as one bit per thread. 0 means
            /// any thread.
            affinity: Affinity -> u64
        }
        set {
            /// Sets the [I/O threads](crate::option::ContextBuilder::io_threads) that the socket's connections may use,
            /// as one bit per thread. Bit 0 is the first thread.
            ///
            /// Default: 0, which means any thread. If the context has none of the selected threads, the
            /// next bind or connect fails with [`NoIoThread`](crate::ErrorKind::NoIoThread). In a context
            /// with more than 64 I/O threads, only 0 can be set.
            set_affinity(threads: u64): Affinity = threads
        }
        test |socket| {
            assert_eq!(socket.affinity()?, 0);
            for value in [1, 1 << 63, u64::MAX, 0] {
                socket.set_affinity(value)?;
                assert_eq!(socket.affinity()?, value);
            }
        }
    }
    ZMQ_BACKLOG "ZMQ_BACKLOG", Kind, NextBind {
        get {
            /// Returns how many connections can wait to be accepted.
            backlog: Count -> u32
        }
        set {
            /// Sets how many connections can wait to be accepted.
            ///
            /// Default: 100.
            set_backlog(connections: u32): Count = connections
        }
        test |socket| {
            assert_eq!(socket.backlog()?, 100);
            socket.set_backlog(7)?;
            assert_eq!(socket.backlog()?, 7);
            assert_refused(socket.set_backlog(1 << 31));
        }
    }
    ZMQ_IMMEDIATE "ZMQ_IMMEDIATE", Kind, Before {
        get {
            /// Returns whether messages are queued only for connected peers.
            immediate: Flag -> bool
        }
        set {
            /// Sets whether messages are queued only for connected peers.
            ///
            /// Default: `false`. With `false`, the socket queues messages as soon as `connect` was called,
            /// even if the peer does not exist yet.
            set_immediate(immediate: bool): Flag = immediate
        }
        test |socket| {
            for immediate in [true, false] {
                socket.set_immediate(immediate)?;
                assert_eq!(socket.immediate()?, immediate);
            }
        }
    }
    ZMQ_HANDSHAKE_IVL "ZMQ_HANDSHAKE_IVL", Kind, Next {
        get {
            /// Returns how long the ZeroMQ handshake of a new connection may take. `None` means no limit.
            handshake_interval: TimeOrNone -> Option<Duration>
        }
        set {
            /// Sets how long the ZeroMQ handshake of a new connection may take. After this time, the
            /// connection is closed. `None` means no limit.
            ///
            /// Default: 30 seconds.
            set_handshake_interval(interval: impl IntoTimeout): TimeOrNone = interval.into_timeout()
        }
        test |socket| {
            assert_eq!(socket.handshake_interval()?, Some(Duration::from_secs(30)));
            for value in [Some(Duration::from_millis(100)), None] {
                socket.set_handshake_interval(value)?;
                assert_eq!(socket.handshake_interval()?, value);
            }
            assert_refused(socket.set_handshake_interval(Duration::ZERO));
        }
    }
    ZMQ_CONNECT_TIMEOUT "ZMQ_CONNECT_TIMEOUT", Kind, NextConnect {
        get {
            /// Returns how long an attempt to connect over TCP may take. `None` is the system default.
            connect_timeout: TimeOrNone -> Option<Duration>
        }
        set {
            /// Sets how long an attempt to connect over TCP may take. After this time, the socket starts the
            /// next attempt.
            ///
            /// Default: `None`, the system default, which is some minutes.
            set_connect_timeout(timeout: impl IntoTimeout): TimeOrNone = timeout.into_timeout()
        }
        test |socket| {
            assert_eq!(socket.connect_timeout()?, None);
            for value in [Some(Duration::from_millis(250)), None] {
                socket.set_connect_timeout(value)?;
                assert_eq!(socket.connect_timeout()?, value);
            }
            assert_refused(socket.set_connect_timeout(Duration::ZERO));
        }
    }
}

options! {
    draft
    /// # Options: connections (draft)
    ZMQ_METADATA "ZMQ_METADATA", Kind, Next {
        set {
            /// Adds a property that peers can read from the messages that they receive. If a name is added
            /// several times, peers receive only the first value.
            ///
            /// The name has 3 to 255 bytes, starts with `X-` and contains no colon. The value is not
            /// empty. The name and the value contain no zero byte.
            add_metadata(name: impl AsRef<str>, value: impl AsRef<str>): Property = (name.as_ref(), value.as_ref())
        }
        test |socket| {
            socket.add_metadata("X-key", "value: with a colon")?;
            socket.add_metadata(format!("X-{}", "n".repeat(253)), "v")?;
            let long = format!("X-{}", "n".repeat(254));
            for (name, value) in
                [("X-", "v"), ("key", "v"), ("X-a:b", "v"), ("X-a\0b", "v"), (&long, "v"), ("X-a", ""), ("X-a", "a\0b")]
            {
                assert_refused(socket.add_metadata(name, value));
            }
        }
    }
}
