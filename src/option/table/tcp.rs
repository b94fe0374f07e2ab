//! Options about idle and stalled TCP connections.

use core::time::Duration;

use crate::error::Result;
use crate::kind::Kind;
use crate::option::define::options;
use crate::option::value::{CountOrDefault, FlagOrDefault, SecondsOrDefault, TimeOrNone};
use crate::socket::Socket;
use crate::timeout::IntoTimeout;

options! {
    /// # Options: TCP
    ZMQ_TCP_KEEPALIVE "ZMQ_TCP_KEEPALIVE", Kind, Next {
        get {
            /// Returns whether idle TCP connections are probed. `None` is the system default.
            tcp_keepalive: FlagOrDefault -> Option<bool>
        }
        set {
            /// Sets whether idle TCP connections are probed. Probes detect peers that vanish without closing
            /// the connection.
            ///
            /// Default: `None`, the system default.
            set_tcp_keepalive(keepalive: impl Into<Option<bool>>): FlagOrDefault = keepalive.into()
        }
        test |socket| {
            for keepalive in [Some(true), Some(false), None] {
                socket.set_tcp_keepalive(keepalive)?;
                assert_eq!(socket.tcp_keepalive()?, keepalive);
            }
        }
    }
    ZMQ_TCP_KEEPALIVE_CNT "ZMQ_TCP_KEEPALIVE_CNT", Kind, Next {
        get {
            /// Returns how many probes can remain unanswered. `None` is the system default.
            tcp_keepalive_count: CountOrDefault -> Option<u32>
        }
        set {
            /// Sets how many probes can remain unanswered before a TCP connection is closed, from 1 to 127.
            ///
            /// Default: `None`, the system default. The option has an effect only with
            /// [`set_tcp_keepalive`](Self::set_tcp_keepalive).
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
    ZMQ_TCP_KEEPALIVE_IDLE "ZMQ_TCP_KEEPALIVE_IDLE", Kind, Next {
        get {
            /// Returns how long a TCP connection is idle before it is probed. `None` is the system default.
            tcp_keepalive_idle: SecondsOrDefault -> Option<Duration>
        }
        set {
            /// Sets how long a TCP connection is idle before it is probed, from 1 to 32767 whole seconds.
            ///
            /// Default: `None`, the system default. The option has an effect only with
            /// [`set_tcp_keepalive`](Self::set_tcp_keepalive).
            set_tcp_keepalive_idle(time: impl IntoTimeout): SecondsOrDefault = time.into_timeout()
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
    ZMQ_TCP_KEEPALIVE_INTVL "ZMQ_TCP_KEEPALIVE_INTVL", Kind, Next {
        get {
            /// Returns the time between two probes. `None` is the system default.
            tcp_keepalive_interval: SecondsOrDefault -> Option<Duration>
        }
        set {
            /// Sets the time between two probes, from 1 to 32767 whole seconds.
            ///
            /// Default: `None`, the system default. The option has an effect only with
            /// [`set_tcp_keepalive`](Self::set_tcp_keepalive).
            set_tcp_keepalive_interval(time: impl IntoTimeout): SecondsOrDefault = time.into_timeout()
        }
        test |socket| {
            for time in [Some(Duration::from_secs(5)), None] {
                socket.set_tcp_keepalive_interval(time)?;
                assert_eq!(socket.tcp_keepalive_interval()?, time);
            }
            assert_refused(socket.set_tcp_keepalive_interval(Duration::ZERO));
        }
    }
    ZMQ_TCP_MAXRT "ZMQ_TCP_MAXRT", Kind, Next {
        get {
            /// Returns how long data on a TCP connection can remain unacknowledged. `None` is the system
            /// default.
            tcp_max_retransmit_timeout: TimeOrNone -> Option<Duration>
        }
        set {
            /// Sets how long data on a TCP connection can remain unacknowledged. After this time, the
            /// connection is closed.
            ///
            /// Default: `None`, the system default. Only Linux and Windows support this option; Windows
            /// rounds to whole seconds.
            set_tcp_max_retransmit_timeout(timeout: impl IntoTimeout): TimeOrNone = timeout.into_timeout()
        }
        test |socket| {
            assert_eq!(socket.tcp_max_retransmit_timeout()?, None);
            for value in [Some(Duration::from_secs(5)), None] {
                socket.set_tcp_max_retransmit_timeout(value)?;
                assert_eq!(socket.tcp_max_retransmit_timeout()?, value);
            }
            assert_refused(socket.set_tcp_max_retransmit_timeout(Duration::ZERO));
        }
    }
}
