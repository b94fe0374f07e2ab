//! The ZAP domain of a server.

use core::ffi::c_int;

use super::check_text;
use crate::error::Result;
use crate::raw::Errno;
use crate::socket::Core;

/// `ZMQ_ZAP_ENFORCE_DOMAIN`: declared as draft, but known to every libzmq 4.3 (O14).
const ZMQ_ZAP_ENFORCE_DOMAIN: c_int = 93;

/// The ZAP domain of a server, and whether clients are rejected while there is no ZAP handler.
#[derive(Clone, Debug)]
pub(super) struct Domain {
    name: Option<String>,
    enforced: bool,
}

impl Domain {
    pub(super) const fn none() -> Domain {
        Domain { name: None, enforced: true }
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(super) fn set_name(&mut self, name: String) {
        self.name = Some(name);
    }

    pub(super) fn set_enforced(&mut self, enforced: bool) {
        self.enforced = enforced;
    }

    pub(super) fn check(&self, security: &str) -> Result<()> {
        self.name().map_or(Ok(()), |name| check_text(security, "zap_domain", name.as_bytes()))
    }

    pub(super) fn apply(&self, socket: &Core) -> Result<(), Errno> {
        let Some(name) = self.name() else { return let_anyone(socket) };
        socket.raw().set_bytes(zmq_sys::ZMQ_ZAP_DOMAIN, name.as_bytes())?;
        socket.raw().set(ZMQ_ZAP_ENFORCE_DOMAIN, c_int::from(self.enforced))
    }
}

/// Turns enforcement off for a socket without a domain. Otherwise a PLAIN server aborts the process at the first handshake
/// (A72).
pub(super) fn let_anyone(socket: &Core) -> Result<(), Errno> {
    socket.raw().set(ZMQ_ZAP_ENFORCE_DOMAIN, 0)
}

/// The methods of the mechanisms that have a domain.
macro_rules! with_domain {
    ($name:ident) => {
        impl $name {
            /// Sets the ZAP domain: a name of 1 to 255 bytes, without a NUL. Default: none.
            ///
            /// With a domain, the socket asks the [`Authenticator`](crate::security::Authenticator) of the context, or another
            /// ZAP handler, about every peer. While the context has no ZAP handler, the socket rejects every peer.
            ///
            /// The handler uses the domain to choose its rules. Rules are set for one domain, or for all domains.
            #[must_use]
            #[doc(alias = "ZMQ_ZAP_DOMAIN")]
            pub fn zap_domain(mut self, name: impl Into<String>) -> $name {
                self.domain.set_name(name.into());
                self
            }

            /// Sets whether the socket rejects every peer while the context has no ZAP handler. Default: `true`, unlike in C.
            /// Has no effect without a [domain](Self::zap_domain).
            ///
            /// With `false`, the socket accepts every peer while there is no ZAP handler. A
            /// [`PlainServer`](crate::security::PlainServer) still rejects every peer.
            #[must_use]
            #[doc(alias = "ZMQ_ZAP_ENFORCE_DOMAIN")]
            pub fn enforce_zap_domain(mut self, enforce: bool) -> $name {
                self.domain.set_enforced(enforce);
                self
            }
        }
    };
}

pub(super) use with_domain;
