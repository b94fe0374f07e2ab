//! Options about connecting again.

use core::time::Duration;

use crate::error::Result;
use crate::kind::Kind;
use crate::option::define::options;
#[cfg(zmq_draft)]
use crate::option::types::ReconnectStop;
#[cfg(zmq_draft)]
use crate::option::value::Stop;
use crate::option::value::{TimeOrNever, TimeOrZero};
use crate::socket::Socket;
use crate::timeout::IntoTimeout;

options! {
    /// # Options: reconnecting
    ZMQ_RECONNECT_IVL "ZMQ_RECONNECT_IVL", Kind, NextConnect {
        get {
            /// Returns how long the socket waits before it connects again. `None` means that it never
            /// connects again.
            reconnect_interval: TimeOrNever -> Option<Duration>
        }
        set {
            /// Sets how long the socket waits before it connects again after it has lost a connection. `None`
            /// means that it never connects again, and [forgets](Self::connect) the endpoint.
            ///
            /// Default: 100 ms. The socket adds a random time of up to one more interval.
            set_reconnect_interval(interval: impl IntoTimeout): TimeOrNever = interval.into_timeout()
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
    ZMQ_RECONNECT_IVL_MAX "ZMQ_RECONNECT_IVL_MAX", Kind, NextConnect {
        get {
            /// Returns the maximum wait before the socket connects again. `None` means that the wait does not
            /// grow.
            reconnect_interval_max: TimeOrZero -> Option<Duration>
        }
        set {
            /// Sets the maximum wait before the socket connects again. The wait starts with the [reconnect
            /// interval](Self::set_reconnect_interval), and doubles with each attempt until it reaches this
            /// maximum. `None` means that the wait does not grow.
            ///
            /// Default: `None`. After a successful handshake, the wait starts with the interval again.
            set_reconnect_interval_max(interval: impl IntoTimeout): TimeOrZero = interval.into_timeout()
        }
        test |socket| {
            for interval in [Some(Duration::from_secs(5)), None] {
                socket.set_reconnect_interval_max(interval)?;
                assert_eq!(socket.reconnect_interval_max()?, interval);
            }
        }
    }
}

options! {
    draft
    /// # Options: reconnecting (draft)
    ZMQ_RECONNECT_STOP "ZMQ_RECONNECT_STOP", Kind, NextConnect {
        get {
            /// Returns the conditions under which the socket stops reconnecting.
            reconnect_stop: Stop -> ReconnectStop
        }
        set {
            /// Sets the conditions under which the socket stops reconnecting.
            ///
            /// Default: none.
            set_reconnect_stop(conditions: ReconnectStop): Stop = conditions
        }
        test |socket| {
            assert_eq!(socket.reconnect_stop()?, ReconnectStop::NONE);
            for value in [ReconnectStop::CONNECTION_REFUSED, ReconnectStop::CONNECTION_REFUSED | ReconnectStop::HANDSHAKE_FAILED, ReconnectStop::NONE] {
                socket.set_reconnect_stop(value)?;
                assert_eq!(socket.reconnect_stop()?, value);
            }
            for bits in [1 << 5, -1] {
                assert_refused(socket.set_reconnect_stop(ReconnectStop::from_bits(bits)));
            }
            // With this condition, a libzmq other than the bundled one reads uninitialized memory.
            let after_disconnect = socket.set_reconnect_stop(ReconnectStop::from_bits(4));
            if crate::version::has(crate::version::Feature::Bundled) {
                after_disconnect?;
            } else {
                assert_refused(after_disconnect);
            }
        }
    }
}
