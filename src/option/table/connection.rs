//! Options about making connections and ending them.

use core::time::Duration;

use crate::error::Result;
use crate::kind::Kind;
use crate::option::define::{ability, needs, options};
#[cfg(zmq_draft)]
use crate::option::value::Property;
use crate::option::value::{Affinity, Count, Flag, RoutingId, TimeOrForever, TimeOrNone};
use crate::option::{Needs, Row, When};
use crate::socket::Socket;
use crate::timeout::IntoTimeout;

options! {
    ZMQ_ROUTING_ID "ZMQ_ROUTING_ID", Kind, AnyTime {
        get {
            /// The routing id that a ROUTER peer knows the socket by; empty if it makes one up.
            routing_id: RoutingId -> Vec<u8>
        }
        set {
            /// Sets the routing id that a ROUTER peer is to know the socket by: 1 to 255 bytes, the first not zero.
            ///
            /// It holds for connections made afterwards. Two peers of one ROUTER must not have the same: the second is ignored.
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
    ZMQ_LINGER "ZMQ_LINGER", Kind, AnyTime {
        get {
            /// How long messages still to be sent are kept once the socket is closed; `None` is for ever.
            linger: TimeOrForever -> Option<Duration>
        }
        set {
            /// Sets how long messages still to be sent are kept once the socket is closed. `None`, the default, is for ever;
            /// zero drops them. (SUB and XSUB sockets have a default of zero.)
            ///
            /// It is dropping the context that waits. Set it before the context is shut down; afterwards it cannot be changed.
            /// Over inproc, what was sent to a name that is bound is delivered, whatever this is. What waits for the name to be
            /// bound is kept as long as this says; of a name that was left with [`disconnect`](Socket::disconnect), that time begins
            /// when the socket is closed, unless it is zero. With another libzmq than the bundled one it is always kept.
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
    ZMQ_AFFINITY "ZMQ_AFFINITY", Kind, AnyTime {
        get {
            /// Which I/O threads the socket's connections may use, one bit each; 0 is any.
            affinity: Affinity -> u64
        }
        set {
            /// Sets which of the context's [I/O threads](crate::Context::set_io_threads) the socket's connections may use: bit 0 is the
            /// first thread. 0, the default, is any.
            ///
            /// It holds for later binds and connects. Those fail with
            /// [`NoIoThread`](crate::ErrorKind::NoIoThread) if the context has none of the threads. With more than 64 I/O threads it
            /// cannot be set.
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
    ZMQ_BACKLOG "ZMQ_BACKLOG", Kind, AnyTime {
        get {
            /// How many connections may wait to be accepted.
            backlog: Count -> u32
        }
        set {
            /// Sets how many connections may wait to be accepted; 100 unless set. It holds for later binds.
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
            /// Whether messages are queued only for peers that are connected.
            immediate: Flag -> bool
        }
        set {
            /// Sets whether messages are queued only for peers that are connected. By default they are queued from `connect` on,
            /// though the peer may not be there.
            ///
            /// It must be set before the first bind or connect. (libzmq takes it later too, and may then abort when a peer is lost.)
            set_immediate(immediate: bool): Flag = immediate
        }
        test |socket| {
            for immediate in [true, false] {
                socket.set_immediate(immediate)?;
                assert_eq!(socket.immediate()?, immediate);
            }
        }
    }
    ZMQ_HANDSHAKE_IVL "ZMQ_HANDSHAKE_IVL", Kind, AnyTime {
        get {
            /// How long a new connection may take over the ZeroMQ handshake; `None` is no limit.
            handshake_interval: TimeOrNone -> Option<Duration>
        }
        set {
            /// Sets how long a new connection may take over the ZeroMQ handshake before it is closed; 30 seconds unless set. `None` is
            /// no limit. It holds for later binds and connects.
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
    ZMQ_CONNECT_TIMEOUT "ZMQ_CONNECT_TIMEOUT", Kind, AnyTime {
        get {
            /// How long a TCP connection may take to be made; `None` is as the system has it.
            connect_timeout: TimeOrNone -> Option<Duration>
        }
        set {
            /// Sets how long a TCP connection may take to be made before the socket tries again. `None`, the default, is as the system has
            /// it: some minutes. It holds for later connects.
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
    #[cfg(zmq_draft)]
    ZMQ_METADATA "ZMQ_METADATA", Kind, AnyTime {
        set {
            /// Adds a property that peers can read from the messages they receive: a name of 3 to 255 bytes that begins with `X-` and has no
            /// colon, and a value. Of several with one name the first holds. It holds for later binds and connects.
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
