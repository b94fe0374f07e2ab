//! Options about connecting again.

use core::time::Duration;

use crate::error::Result;
use crate::kind::Kind;
use crate::option::define::{ability, needs, options};
#[cfg(zmq_draft)]
use crate::option::flags::ReconnectStop;
#[cfg(zmq_draft)]
use crate::option::value::Stop;
use crate::option::value::{TimeOrNever, TimeOrZero};
use crate::option::{Needs, Row, When};
use crate::socket::Socket;
use crate::timeout::IntoTimeout;

options! {
    ZMQ_RECONNECT_IVL "ZMQ_RECONNECT_IVL", Kind, AnyTime {
        get {
            /// How long the socket waits before it connects again; `None` is never.
            reconnect_interval: TimeOrNever -> Option<Duration>
        }
        set {
            /// Sets how long the socket waits before it connects again after a connection was lost; 100 ms unless set.
            /// `None` is never: the socket [forgets](Self::connect) the endpoint then.
            ///
            /// Up to one more interval is added at random. It holds for connections made afterwards.
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
    ZMQ_RECONNECT_IVL_MAX "ZMQ_RECONNECT_IVL_MAX", Kind, AnyTime {
        get {
            /// The longest wait before the socket connects again; `None` if all waits are alike.
            reconnect_interval_max: TimeOrZero -> Option<Duration>
        }
        set {
            /// Sets the longest wait before the socket connects again: it doubles from the
            /// [interval](Self::set_reconnect_interval) up to this. `None`, the default, keeps to the interval. The first wait
            /// after a handshake is the interval again; a connection that is lost before changes nothing.
            ///
            /// It holds for connections made afterwards.
            set_reconnect_interval_max(interval: impl IntoTimeout): TimeOrZero = interval.into_timeout()
        }
        test |socket| {
            for interval in [Some(Duration::from_secs(5)), None] {
                socket.set_reconnect_interval_max(interval)?;
                assert_eq!(socket.reconnect_interval_max()?, interval);
            }
        }
    }
    #[cfg(zmq_draft)]
    ZMQ_RECONNECT_STOP "ZMQ_RECONNECT_STOP", Kind, AnyTime {
        get {
            /// After what the socket no longer tries to connect again.
            reconnect_stop: Stop -> ReconnectStop
        }
        set {
            /// Sets after what the socket no longer tries to connect again. Nothing stops it unless set. It holds for later connects.
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
            // What looks at memory that other libraries never set.
            let after_disconnect = socket.set_reconnect_stop(ReconnectStop::from_bits(4));
            if crate::version::has(crate::version::Feature::Bundled) {
                after_disconnect?;
            } else {
                assert_refused(after_disconnect);
            }
        }
    }
}
