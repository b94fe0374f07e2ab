//! Options about noticing a peer that is gone.

use core::time::Duration;

use crate::error::Result;
use crate::kind::Kind;
use crate::option::define::{ability, needs, options};
use crate::option::value::{HeartbeatTimeout, TenthsOfSecond, TimeOrNone};
use crate::option::{Needs, Row, When};
use crate::socket::Socket;
use crate::timeout::IntoTimeout;

options! {
    ZMQ_HEARTBEAT_IVL "ZMQ_HEARTBEAT_IVL", Kind, AnyTime {
        get {
            /// How often an idle connection is asked whether its peer is still there; `None` is never.
            heartbeat_interval: TimeOrNone -> Option<Duration>
        }
        set {
            /// Sets how often an idle connection is asked whether its peer is still there, so that one which vanished without a word is
            /// noticed. `None`, the default, is never.
            ///
            /// A peer that does not answer within the [heartbeat timeout](Self::set_heartbeat_timeout) is disconnected. It holds for later binds and connects.
            set_heartbeat_interval(interval: impl IntoTimeout): TimeOrNone = interval.into_timeout()
        }
        test |socket| {
            assert_eq!(socket.heartbeat_interval()?, None);
            for value in [Some(Duration::from_millis(250)), None] {
                socket.set_heartbeat_interval(value)?;
                assert_eq!(socket.heartbeat_interval()?, value);
            }
            assert_refused(socket.set_heartbeat_interval(Duration::ZERO));
        }
    }
    ZMQ_HEARTBEAT_TTL "ZMQ_HEARTBEAT_TTL", Kind, AnyTime {
        get {
            /// How long the peer waits for traffic before it disconnects; `None` if it is not told.
            heartbeat_ttl: TenthsOfSecond -> Option<Duration>
        }
        set {
            /// Sets how long the peer is to wait for traffic before it disconnects; up to 65.5 seconds, rounded up to tenths of one.
            /// `None`, the default, tells it nothing. It goes along with the [heartbeats](Self::set_heartbeat_interval). It holds for later binds and connects.
            set_heartbeat_ttl(time: impl IntoTimeout): TenthsOfSecond = time.into_timeout()
        }
        test |socket| {
            assert_eq!(socket.heartbeat_ttl()?, None);
            for value in [Some(Duration::from_millis(100)), Some(Duration::from_millis(65_500)), None] {
                socket.set_heartbeat_ttl(value)?;
                assert_eq!(socket.heartbeat_ttl()?, value);
            }
            assert_refused(socket.set_heartbeat_ttl(Duration::ZERO));
            assert_refused(socket.set_heartbeat_ttl(Duration::from_millis(65_501)));
            socket.set_heartbeat_ttl(Duration::from_millis(101))?;
            assert_eq!(socket.heartbeat_ttl()?, Some(Duration::from_millis(200)));
        }
    }
    ZMQ_HEARTBEAT_TIMEOUT "ZMQ_HEARTBEAT_TIMEOUT", Kind, AnyTime {
        get {
            /// How long the answer to a heartbeat may take; `None` is for ever. It is the [interval](Self::heartbeat_interval) unless set.
            heartbeat_timeout: HeartbeatTimeout -> Option<Duration>
        }
        set {
            /// Sets how long the answer to a [heartbeat](Self::set_heartbeat_interval) may take before the peer is disconnected. `None` is
            /// for ever. It is the interval unless set. It holds for later binds and connects.
            ///
            /// Whatever the peer sends counts as an answer, also a part of a message. While this socket's own queue is full, so that it
            /// does not read, nobody is given up. But a peer that does not read for so long cannot be told from one that has gone: let a
            /// sender wait longer than its receivers may pause. (With another libzmq than the bundled one only whole messages count,
            /// and a receiver whose queue is full disconnects its peers.)
            set_heartbeat_timeout(timeout: impl IntoTimeout): HeartbeatTimeout = timeout.into_timeout()
        }
        test |socket| {
            socket.set_heartbeat_interval(Duration::from_millis(70))?;
            assert_eq!(socket.heartbeat_timeout()?, Some(Duration::from_millis(70)));
            for value in [Some(Duration::from_millis(250)), None] {
                socket.set_heartbeat_timeout(value)?;
                assert_eq!(socket.heartbeat_timeout()?, value);
            }
            assert_refused(socket.set_heartbeat_timeout(Duration::ZERO));
        }
    }
}
