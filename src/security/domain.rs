//! The ZAP domain of a server.

use core::ffi::c_int;

use super::check_text;
use crate::error::Result;
use crate::raw::Errno;
use crate::socket::Core;

/// `ZMQ_ZAP_ENFORCE_DOMAIN`: declared as draft, but known to every libzmq 4.3 (O14).
const ZMQ_ZAP_ENFORCE_DOMAIN: c_int = 93;

/// Where a server asks about its clients, and what if nobody answers.
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

/// Does not enforce a domain where there is none: a PLAIN server would abort the process at the first handshake (A72).
pub(super) fn let_anyone(socket: &Core) -> Result<(), Errno> {
    socket.raw().set(ZMQ_ZAP_ENFORCE_DOMAIN, 0)
}

/// The methods of those that have a domain.
macro_rules! with_domain {
    ($name:ident) => {
        impl $name {
            /// Asks the [`Authenticator`](crate::security::Authenticator) of the context, or another ZAP handler, about every
            /// peer, in the domain of this name: 1 to 255 bytes. While there is none, nobody is let in.
            ///
            /// The name tells the handler which socket asks; rules may be given for one domain or for all.
            #[must_use]
            #[doc(alias = "ZMQ_ZAP_DOMAIN")]
            pub fn zap_domain(mut self, name: impl Into<String>) -> $name {
                self.domain.set_name(name.into());
                self
            }

            /// Whether nobody is let in while the context has no ZAP handler: `true`, unlike in C. It needs a
            /// [domain](Self::zap_domain).
            ///
            /// With `false`, everybody is let in then, except by a [`PlainServer`](crate::security::PlainServer).
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
