//! Values that are several bits.

use core::ffi::c_int;

use crate::bits::bit_set;

macro_rules! flags {
    ($($(#[$docs:meta])* $name:ident { $($(#[$flag_docs:meta])* $flag:ident = $constant:ident $alias:literal;)+ })+) => {$(
        $(#[$docs])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
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
    /// After what a socket no longer tries to connect again: see [`set_reconnect_stop`](crate::Socket::set_reconnect_stop).
    ///
    /// ```
    /// use zmq::ReconnectStop;
    ///
    /// let both = ReconnectStop::CONNECTION_REFUSED | ReconnectStop::HANDSHAKE_FAILED;
    /// assert!(both.contains(ReconnectStop::HANDSHAKE_FAILED));
    /// ```
    #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
    ReconnectStop {
        /// Nobody listens there.
        CONNECTION_REFUSED = ZMQ_RECONNECT_STOP_CONN_REFUSED "ZMQ_RECONNECT_STOP_CONN_REFUSED";
        /// The peer is not a ZeroMQ socket of a kind that fits, or is not let in.
        HANDSHAKE_FAILED = ZMQ_RECONNECT_STOP_HANDSHAKE_FAILED "ZMQ_RECONNECT_STOP_HANDSHAKE_FAILED";
        /// The socket was told to [disconnect](crate::Socket::disconnect) from something, and nobody listens at the path: of ipc
        /// alone. It needs the bundled libzmq.
        AFTER_DISCONNECT = ZMQ_RECONNECT_STOP_AFTER_DISCONNECT "ZMQ_RECONNECT_STOP_AFTER_DISCONNECT";
    }
    /// Of which events of its peers a ROUTER receives a notice: see [`set_router_notify`](crate::Socket::set_router_notify).
    #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
    RouterNotify {
        /// A peer has connected.
        CONNECT = ZMQ_NOTIFY_CONNECT "ZMQ_NOTIFY_CONNECT";
        /// A peer has gone.
        DISCONNECT = ZMQ_NOTIFY_DISCONNECT "ZMQ_NOTIFY_DISCONNECT";
    }
}

impl ReconnectStop {
    /// Whether nothing else is in it: with other bits, libzmq may look at memory that was never set.
    pub(super) fn is_known(self) -> bool {
        let known = ReconnectStop::CONNECTION_REFUSED
            | ReconnectStop::HANDSHAKE_FAILED
            | ReconnectStop::AFTER_DISCONNECT;
        known.contains(self)
    }
}
