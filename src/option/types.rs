//! Types of option values that are not a number, a flag or a text.

use core::ffi::c_int;

use crate::bits::bit_set;

macro_rules! flags {
    ($($(#[$docs:meta])* $name:ident { $($(#[$flag_docs:meta])* $flag:ident = $constant:ident $alias:literal;)+ })+) => {$(
        $(#[$docs])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
        #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
        pub struct $name(c_int);

        impl $name {
            $(
                $(#[$flag_docs])*
                #[doc(alias = $alias)]
                pub const $flag: $name = $name(zmq_sys::$constant);
            )+

            const NAMES: &[($name, &str)] = &[$(($name::$flag, stringify!($flag))),+];
        }

        bit_set!($name: c_int, $name::NAMES);
    )+};
}

flags! {
    /// The conditions under which a socket stops reconnecting: see [`set_reconnect_stop`](crate::Socket::set_reconnect_stop).
    ///
    /// ```
    /// use zmq::option::ReconnectStop;
    ///
    /// let both = ReconnectStop::CONNECTION_REFUSED | ReconnectStop::HANDSHAKE_FAILED;
    /// assert!(both.contains(ReconnectStop::HANDSHAKE_FAILED));
    /// ```
    ReconnectStop {
        /// No socket listens at the endpoint.
        CONNECTION_REFUSED = ZMQ_RECONNECT_STOP_CONN_REFUSED "ZMQ_RECONNECT_STOP_CONN_REFUSED";
        /// The peer is not a ZeroMQ socket, has a socket type that does not match, or denies access.
        HANDSHAKE_FAILED = ZMQ_RECONNECT_STOP_HANDSHAKE_FAILED "ZMQ_RECONNECT_STOP_HANDSHAKE_FAILED";
        /// The socket was [disconnected](crate::Socket::disconnect) from an endpoint, and no socket listens at the
        /// path.
        ///
        /// This condition exists only for the transport ipc, and needs the bundled libzmq.
        AFTER_DISCONNECT = ZMQ_RECONNECT_STOP_AFTER_DISCONNECT "ZMQ_RECONNECT_STOP_AFTER_DISCONNECT";
    }
    /// The peer events that a ROUTER socket is notified of: see [`set_router_notify`](crate::Socket::set_router_notify).
    RouterNotify {
        /// A peer has connected.
        CONNECT = ZMQ_NOTIFY_CONNECT "ZMQ_NOTIFY_CONNECT";
        /// A peer has disconnected.
        DISCONNECT = ZMQ_NOTIFY_DISCONNECT "ZMQ_NOTIFY_DISCONNECT";
    }
}

impl ReconnectStop {
    /// Whether all conditions have a name. With other bits, libzmq may read uninitialized memory.
    pub(super) fn is_known(self) -> bool {
        let known = ReconnectStop::CONNECTION_REFUSED
            | ReconnectStop::HANDSHAKE_FAILED
            | ReconnectStop::AFTER_DISCONNECT;
        known.contains(self)
    }
}

/// How the transport norm controls its sending rate.
///
/// Follows [zmq_setsockopt(3)](https://libzmq.readthedocs.io/en/latest/zmq_setsockopt.html).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
#[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
pub enum NormMode {
    /// The rate is fixed: it is always [`Socket::rate`](crate::Socket::rate).
    #[doc(alias = "ZMQ_NORM_FIXED")]
    Fixed,
    /// Congestion control adapts the rate.
    #[doc(alias = "ZMQ_NORM_CC")]
    CongestionControl,
    /// Congestion control that tolerates some loss, for example on wireless links.
    #[doc(alias = "ZMQ_NORM_CCL")]
    LossTolerant,
    /// Congestion control that reacts to loss and to the congestion marks of routers (ECN).
    #[doc(alias = "ZMQ_NORM_CCE")]
    Ecn,
    /// Congestion control that reacts only to the congestion marks of routers (ECN).
    #[doc(alias = "ZMQ_NORM_CCE_ECNONLY")]
    EcnOnly,
}

const MODES: [(NormMode, c_int); 5] = [
    (NormMode::Fixed, zmq_sys::ZMQ_NORM_FIXED),
    (NormMode::CongestionControl, zmq_sys::ZMQ_NORM_CC),
    (NormMode::LossTolerant, zmq_sys::ZMQ_NORM_CCL),
    (NormMode::Ecn, zmq_sys::ZMQ_NORM_CCE),
    (NormMode::EcnOnly, zmq_sys::ZMQ_NORM_CCE_ECNONLY),
];

impl NormMode {
    pub(crate) fn constant(self) -> c_int {
        MODES.iter().find(|(mode, _)| *mode == self).map_or(zmq_sys::ZMQ_NORM_CC, |&(_, constant)| constant)
    }

    pub(crate) fn from_constant(constant: c_int) -> NormMode {
        MODES
            .iter()
            .find(|(_, known)| *known == constant)
            .map_or(NormMode::CongestionControl, |&(mode, _)| mode)
    }
}
