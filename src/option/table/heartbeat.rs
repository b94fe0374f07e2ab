//! Options about detecting a peer that is gone.

use core::time::Duration;

use crate::error::Result;
use crate::kind::Kind;
use crate::option::define::options;
use crate::option::value::{HeartbeatTimeout, TenthsOfSecond, TimeOrNone};
use crate::socket::Socket;
use crate::timeout::IntoTimeout;

options! {
    /// # Options: heartbeats
    ///
    /// Heartbeats detect a peer that vanished without closing its connection, for example after a power failure.
    ZMQ_HEARTBEAT_IVL "ZMQ_HEARTBEAT_IVL", Kind, Next {
        get {
            /// Returns how often the socket checks that the peer of an idle connection still answers. `None`
            /// means never.
            heartbeat_interval: TimeOrNone -> Option<Duration>
        }
        set {
            /// Sets how often the socket checks that the peer of an idle connection still answers. `None`
            /// means never.
            ///
            /// Default: `None`. A peer that does not answer within the [heartbeat
            /// timeout](Self::set_heartbeat_timeout) is disconnected.
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
    ZMQ_HEARTBEAT_TTL "ZMQ_HEARTBEAT_TTL", Kind, Next {
        get {
            /// Returns how long the peer waits for traffic before it disconnects. `None` means that the peer
            /// decides.
            heartbeat_ttl: TenthsOfSecond -> Option<Duration>
        }
        set {
            /// Sets how long the peer waits for traffic before it disconnects, up to 65.5 seconds. The time
            /// is rounded up to tenths of a second. With `None`, the peer decides.
            ///
            /// Default: `None`. The [heartbeats](Self::set_heartbeat_interval) carry the time to the peer, so
            /// the option has no effect without heartbeats.
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
    ZMQ_HEARTBEAT_TIMEOUT "ZMQ_HEARTBEAT_TIMEOUT", Kind, Next {
        get {
            /// Returns how long the answer to a heartbeat may take. `None` means forever.
            ///
            /// By default, this is the [heartbeat interval](Self::heartbeat_interval).
            heartbeat_timeout: HeartbeatTimeout -> Option<Duration>
        }
        set {
            /// Sets how long the answer to a [heartbeat](Self::set_heartbeat_interval) may take. After this
            /// time, the peer is disconnected. `None` means forever.
            ///
            /// Default: the heartbeat interval.
            ///
            /// Everything that the peer sends counts as an answer, even a part of a message. While the
            /// receive queue of this socket is full, the socket does not read, and disconnects no peer. A
            /// peer that does not read for this time is treated as a peer that is gone. So the timeout of a
            /// sender must be longer than any pause of its receivers.
            ///
            /// With a libzmq other than the bundled one, only whole messages count as answers, and a receiver
            /// with a full queue disconnects its peers.
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
