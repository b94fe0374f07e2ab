//! The NULL mechanism.

use super::domain::{Domain, with_domain};
use super::{Settings, Value};

/// No encryption and no credentials. This is the default.
///
/// With a [domain](Self::zap_domain), a ZAP handler accepts or rejects peers by their addresses. Both the binding and the
/// connecting socket can have a domain.
///
/// ```
/// use zmq::security::{Authenticator, Null};
/// use zmq::{Context, Pull};
///
/// let context = Context::new()?;
/// let authenticator = Authenticator::new(&context)?;
/// authenticator.allow("192.168.0.0/16")?;
///
/// let server = context.socket(Pull)?;
/// server.set_security(Null::new().zap_domain("global"))?;
/// server.bind("tcp://127.0.0.1:*")?;
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// Follows [zmq_null(7)](https://libzmq.readthedocs.io/en/latest/zmq_null.html).
#[derive(Clone, Debug)]
#[doc(alias = "ZMQ_NULL")]
pub struct Null {
    pub(super) domain: Domain,
}

impl Null {
    /// Creates the mechanism without a domain. It accepts every peer.
    #[must_use]
    pub const fn new() -> Null {
        Null { domain: Domain::none() }
    }
}

impl Default for Null {
    fn default() -> Null {
        Null::new()
    }
}

with_domain!(Null);

pub(super) fn settings<'a>() -> Settings<'a> {
    // Resets every mechanism to NULL (O8).
    vec![(zmq_sys::ZMQ_PLAIN_SERVER, Value::Number(0))]
}
