//! The table of socket options: one row an option.
//!
//! A row has the constant; the kinds that have the option (a capability trait; `Kind` is all of them) and when it may be
//! set; the getter and the setter with their docs and their type in C; and values for the test. From it come the methods,
//! their `doc(alias)`, the run-time checks for `Socket<Any>`, and the tests at the foot of this file.

use core::time::Duration;

use super::define::{ability, options};
use super::value::{
    Count, CountOrDefault, Events, Flag, FlagOrDefault, Prefix, RoutingId, SecondsOrDefault, SizeOrUnlimited,
    TimeOrForever, TimeOrNever, TimeOrZero,
};
use super::{Row, When};
use crate::endpoint::Endpoint;
use crate::error::{Operation, Result};
use crate::poll::PollEvents;
use crate::socket::{Ability, CanProbe, CanRequest, CanRoute, CanSubscribe, Kind, Socket};

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
    ZMQ_SUBSCRIBE "ZMQ_SUBSCRIBE", CanSubscribe, AnyTime {
        set {
            /// Subscribes to messages that begin with `prefix`, of up to 16 KiB; the empty one is all of them.
            ///
            /// May be called for several, and counts: what was subscribed to twice has to be
            /// [unsubscribed](Self::unsubscribe) from twice. A SUB socket receives nothing before it has subscribed.
            ///
            /// ```compile_fail,E0277
            /// # let context = zmq::Context::new()?;
            /// context.socket(zmq::Req)?.subscribe("A")?;
            /// # Ok::<(), zmq::Error>(())
            /// ```
            ///
            /// ```
            /// # let context = zmq::Context::new()?;
            /// context.socket(zmq::Sub)?.subscribe("A")?;
            /// # Ok::<(), zmq::Error>(())
            /// ```
            subscribe(prefix: impl AsRef<[u8]>): Prefix = prefix.as_ref()
        }
        test |socket| {
            socket.subscribe("")?;
            socket.subscribe([0; 300])?;
        }
    }
    ZMQ_UNSUBSCRIBE "ZMQ_UNSUBSCRIBE", CanSubscribe, AnyTime {
        set {
            /// Takes a subscription to `prefix` back. There need not be one.
            unsubscribe(prefix: impl AsRef<[u8]>): Prefix = prefix.as_ref()
        }
        test |socket| {
            socket.unsubscribe("never subscribed to")?;
        }
    }
    ZMQ_RCVMORE "ZMQ_RCVMORE", Kind, AnyTime {
        get {
            /// Whether more parts follow the one last received.
            has_more: Flag -> bool
        }
        test |socket| {
            assert!(!socket.has_more()?);
        }
    }
    ZMQ_EVENTS "ZMQ_EVENTS", Kind, AnyTime {
        get {
            /// What the socket is ready for: [`POLLIN`](crate::POLLIN), [`POLLOUT`](crate::POLLOUT), both or neither.
            ///
            /// POLLOUT tells nothing on PUB, XPUB, XSUB, STREAM and, unless [mandatory](Socket::set_router_mandatory), ROUTER:
            /// they never wait. Nor does it on the draft kinds RADIO, DISH, SERVER and PEER. What another thread does with a
            /// socket that threads share may have changed the answer before it is there.
            events: Events -> PollEvents
        }
        test |socket| {
            assert!(!socket.events()?.contains(crate::POLLIN));
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
            /// Over inproc it has no effect: what was sent is delivered.
            set_linger(linger: impl Into<Option<Duration>>): TimeOrForever = linger.into()
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
    ZMQ_RECONNECT_IVL "ZMQ_RECONNECT_IVL", Kind, AnyTime {
        get {
            /// How long the socket waits before it connects again; `None` is never.
            reconnect_interval: TimeOrNever -> Option<Duration>
        }
        set {
            /// Sets how long the socket waits before it connects again after a connection was lost; 100 ms unless set.
            /// `None` is never.
            ///
            /// Up to one more interval is added at random. It holds for connections made afterwards.
            set_reconnect_interval(interval: impl Into<Option<Duration>>): TimeOrNever = interval.into()
        }
        test |socket| {
            assert_eq!(socket.reconnect_interval()?, Some(Duration::from_millis(100)));
            for interval in [Some(Duration::from_secs(60)), None] {
                socket.set_reconnect_interval(interval)?;
                assert_eq!(socket.reconnect_interval()?, interval);
            }
            assert_refused(socket.set_reconnect_interval(Duration::ZERO));
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
    ZMQ_RECONNECT_IVL_MAX "ZMQ_RECONNECT_IVL_MAX", Kind, AnyTime {
        get {
            /// The longest wait before the socket connects again; `None` if all waits are alike.
            reconnect_interval_max: TimeOrZero -> Option<Duration>
        }
        set {
            /// Sets the longest wait before the socket connects again: it doubles from the
            /// [interval](Self::set_reconnect_interval) up to this. `None`, the default, keeps to the interval.
            ///
            /// It holds for connections made afterwards.
            set_reconnect_interval_max(interval: impl Into<Option<Duration>>): TimeOrZero = interval.into()
        }
        test |socket| {
            for interval in [Some(Duration::from_secs(5)), None] {
                socket.set_reconnect_interval_max(interval)?;
                assert_eq!(socket.reconnect_interval_max()?, interval);
            }
        }
    }
    ZMQ_MAXMSGSIZE "ZMQ_MAXMSGSIZE", Kind, AnyTime {
        get {
            /// The largest frame in bytes that a peer may send; `None` is no limit.
            max_message_size: SizeOrUnlimited -> Option<u64>
        }
        set {
            /// Sets the largest frame in bytes that a peer may send. `None`, the default, is no limit.
            ///
            /// A peer that sends more is disconnected. Set it on every socket that strangers can reach: they could have the
            /// process allocate any amount of memory. It holds for later binds and connects.
            set_max_message_size(bytes: impl Into<Option<u64>>): SizeOrUnlimited = bytes.into()
        }
        test |socket| {
            for size in [Some(1 << 40), Some(0), None] {
                socket.set_max_message_size(size)?;
                assert_eq!(socket.max_message_size()?, size);
            }
            assert_refused(socket.set_max_message_size(u64::MAX));
        }
    }
    ZMQ_SNDHWM "ZMQ_SNDHWM", Kind, Before {
        get {
            /// The high-water mark for sending: how many messages are queued for each peer; 0 is no limit.
            send_hwm: Count -> u32
        }
        set {
            /// Sets the high-water mark for sending: how many messages are queued for each peer. 1000 unless set; 0 is no
            /// limit.
            ///
            /// It must be set before the first bind or connect. (libzmq takes it later too, and may then use memory that is
            /// free already.)
            set_send_hwm(messages: u32): Count = messages
        }
        test |socket| {
            assert_eq!(socket.send_hwm()?, 1000);
            for hwm in [0, 1, i32::MAX.unsigned_abs()] {
                socket.set_send_hwm(hwm)?;
                assert_eq!(socket.send_hwm()?, hwm);
            }
            assert_refused(socket.set_send_hwm(u32::MAX));
        }
    }
    ZMQ_RCVHWM "ZMQ_RCVHWM", Kind, Before {
        get {
            /// The high-water mark for receiving: how many messages are queued from each peer; 0 is no limit.
            receive_hwm: Count -> u32
        }
        set {
            /// Sets the high-water mark for receiving: how many messages are queued from each peer. 1000 unless set; 0 is no
            /// limit.
            ///
            /// It must be set before the first bind or connect. (libzmq takes it later too, and may then use memory that is
            /// free already.)
            set_receive_hwm(messages: u32): Count = messages
        }
        test |socket| {
            assert_eq!(socket.receive_hwm()?, 1000);
            for hwm in [0, 1, i32::MAX.unsigned_abs()] {
                socket.set_receive_hwm(hwm)?;
                assert_eq!(socket.receive_hwm()?, hwm);
            }
            assert_refused(socket.set_receive_hwm(u32::MAX));
        }
    }
    ZMQ_RCVTIMEO "ZMQ_RCVTIMEO", Kind, AnyTime {
        get {
            /// How long receiving waits; `None` is for ever.
            receive_timeout: TimeOrForever -> Option<Duration>
        }
        set {
            /// Sets how long receiving waits before it fails with [`WouldBlock`](crate::ErrorKind::WouldBlock). `None`, the
            /// default, is for ever.
            set_receive_timeout(timeout: impl Into<Option<Duration>>): TimeOrForever = timeout.into()
        }
        test |socket| {
            for timeout in [Some(Duration::ZERO), Some(Duration::from_millis(250)), None] {
                socket.set_receive_timeout(timeout)?;
                assert_eq!(socket.receive_timeout()?, timeout);
            }
        }
    }
    ZMQ_SNDTIMEO "ZMQ_SNDTIMEO", Kind, AnyTime {
        get {
            /// How long sending waits; `None` is for ever.
            send_timeout: TimeOrForever -> Option<Duration>
        }
        set {
            /// Sets how long sending waits before it fails with [`WouldBlock`](crate::ErrorKind::WouldBlock). `None`, the
            /// default, is for ever.
            set_send_timeout(timeout: impl Into<Option<Duration>>): TimeOrForever = timeout.into()
        }
        test |socket| {
            for timeout in [Some(Duration::ZERO), Some(Duration::from_millis(250)), None] {
                socket.set_send_timeout(timeout)?;
                assert_eq!(socket.send_timeout()?, timeout);
            }
        }
    }
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
    ZMQ_TCP_KEEPALIVE "ZMQ_TCP_KEEPALIVE", Kind, AnyTime {
        get {
            /// Whether idle TCP connections are probed; `None` is as the system has it.
            tcp_keepalive: FlagOrDefault -> Option<bool>
        }
        set {
            /// Sets whether idle TCP connections are probed, so that a peer that vanished is noticed. `None`, the default, is
            /// as the system has it. It holds for later binds and connects.
            set_tcp_keepalive(keepalive: impl Into<Option<bool>>): FlagOrDefault = keepalive.into()
        }
        test |socket| {
            for keepalive in [Some(true), Some(false), None] {
                socket.set_tcp_keepalive(keepalive)?;
                assert_eq!(socket.tcp_keepalive()?, keepalive);
            }
        }
    }
    ZMQ_TCP_KEEPALIVE_CNT "ZMQ_TCP_KEEPALIVE_CNT", Kind, AnyTime {
        get {
            /// How many probes may go unanswered; `None` is as the system has it.
            tcp_keepalive_count: CountOrDefault -> Option<u32>
        }
        set {
            /// Sets how many probes may go unanswered before a TCP connection is given up; from 1 to 127. `None`, the default, is as
            /// the system has it. It needs [`set_tcp_keepalive`](Self::set_tcp_keepalive).
            set_tcp_keepalive_count(probes: impl Into<Option<u32>>): CountOrDefault = probes.into()
        }
        test |socket| {
            for count in [Some(3), None] {
                socket.set_tcp_keepalive_count(count)?;
                assert_eq!(socket.tcp_keepalive_count()?, count);
            }
            assert_refused(socket.set_tcp_keepalive_count(0));
            assert_refused(socket.set_tcp_keepalive_count(u32::MAX));
        }
    }
    ZMQ_TCP_KEEPALIVE_IDLE "ZMQ_TCP_KEEPALIVE_IDLE", Kind, AnyTime {
        get {
            /// How long a TCP connection is idle before it is probed; `None` is as the system has it.
            tcp_keepalive_idle: SecondsOrDefault -> Option<Duration>
        }
        set {
            /// Sets how long a TCP connection is idle before it is probed; whole seconds, from 1 to 32767. `None`, the default, is as
            /// the system has it. It needs [`set_tcp_keepalive`](Self::set_tcp_keepalive).
            set_tcp_keepalive_idle(time: impl Into<Option<Duration>>): SecondsOrDefault = time.into()
        }
        test |socket| {
            for time in [Some(Duration::from_secs(60)), None] {
                socket.set_tcp_keepalive_idle(time)?;
                assert_eq!(socket.tcp_keepalive_idle()?, time);
            }
            socket.set_tcp_keepalive_idle(Duration::from_millis(1))?;
            assert_eq!(socket.tcp_keepalive_idle()?, Some(Duration::from_secs(1)));
            assert_refused(socket.set_tcp_keepalive_idle(Duration::ZERO));
            assert_refused(socket.set_tcp_keepalive_idle(Duration::MAX));
        }
    }
    ZMQ_TCP_KEEPALIVE_INTVL "ZMQ_TCP_KEEPALIVE_INTVL", Kind, AnyTime {
        get {
            /// How long after a probe the next one follows; `None` is as the system has it.
            tcp_keepalive_interval: SecondsOrDefault -> Option<Duration>
        }
        set {
            /// Sets how long after a probe the next one follows; whole seconds, from 1 to 32767. `None`, the default, is as the system
            /// has it. It needs [`set_tcp_keepalive`](Self::set_tcp_keepalive).
            set_tcp_keepalive_interval(time: impl Into<Option<Duration>>): SecondsOrDefault = time.into()
        }
        test |socket| {
            for time in [Some(Duration::from_secs(5)), None] {
                socket.set_tcp_keepalive_interval(time)?;
                assert_eq!(socket.tcp_keepalive_interval()?, time);
            }
            assert_refused(socket.set_tcp_keepalive_interval(Duration::ZERO));
        }
    }
    ZMQ_IMMEDIATE "ZMQ_IMMEDIATE", Kind, AnyTime {
        get {
            /// Whether messages are queued only for peers that are connected.
            immediate: Flag -> bool
        }
        set {
            /// Sets whether messages are queued only for peers that are connected. By default they are queued from `connect` on,
            /// though the peer may not be there. It holds for connections made afterwards.
            set_immediate(immediate: bool): Flag = immediate
        }
        test |socket| {
            for immediate in [true, false] {
                socket.set_immediate(immediate)?;
                assert_eq!(socket.immediate()?, immediate);
            }
        }
    }
    ZMQ_IPV6 "ZMQ_IPV6", Kind, AnyTime {
        get {
            /// Whether the socket uses IPv6 along with IPv4.
            ipv6: Flag -> bool
        }
        set {
            /// Sets whether the socket uses IPv6 along with IPv4; it is the [context's](crate::Context::set_ipv6) unless set.
            /// It holds for later binds and connects.
            set_ipv6(ipv6: bool): Flag = ipv6
        }
        test |socket| {
            for ipv6 in [true, false] {
                socket.set_ipv6(ipv6)?;
                assert_eq!(socket.ipv6()?, ipv6);
            }
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

impl<K: Kind> Socket<K> {
    /// The endpoint last bound or connected to, wildcards resolved; `None` before the first.
    ///
    /// It stays the same after `unbind` or `disconnect`.
    ///
    /// # Errors
    ///
    /// [`Terminated`](crate::ErrorKind::Terminated) once the context is shut down;
    /// [`Forked`](crate::ErrorKind::Forked) in a child process.
    #[doc(alias = "ZMQ_LAST_ENDPOINT")]
    pub fn last_endpoint(&self) -> Result<Option<Endpoint>> {
        self.core().check_process(Operation::GetOption)?;
        let endpoint = self.core().last_endpoint(Operation::GetOption)?;
        Ok(if endpoint.as_str().is_empty() { None } else { Some(endpoint) })
    }
}
