//! The events that sockets and descriptors are polled for.

use core::ffi::c_short;

use crate::bits::bit_set;

/// A set of events that a socket or descriptor is polled for.
///
/// The set is built from [`IN`](Self::IN), [`OUT`](Self::OUT), [`ERR`](Self::ERR) and [`PRI`](Self::PRI). Programs that are
/// ported from C can use the names [`POLLIN`], [`POLLOUT`], [`POLLERR`] and [`POLLPRI`].
///
/// ```
/// use zmq::PollEvents;
///
/// let both = PollEvents::IN | PollEvents::OUT;
/// assert!(both.contains(PollEvents::IN));
/// assert!(PollEvents::NONE.is_empty());
/// assert_eq!(PollEvents::IN, zmq::POLLIN);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(transparent)]
pub struct PollEvents(c_short);

impl PollEvents {
    /// A message can be received, or a descriptor can be read.
    #[doc(alias = "ZMQ_POLLIN")]
    pub const IN: PollEvents = PollEvents(1);

    /// A message can be sent, or a descriptor can be written.
    #[doc(alias = "ZMQ_POLLOUT")]
    pub const OUT: PollEvents = PollEvents(2);

    /// A descriptor has an error, or is not open. Sockets never report this event.
    #[doc(alias = "ZMQ_POLLERR")]
    pub const ERR: PollEvents = PollEvents(4);

    /// A descriptor has urgent data. Sockets never report this event.
    #[doc(alias = "ZMQ_POLLPRI")]
    pub const PRI: PollEvents = PollEvents(8);
}

/// [`PollEvents::IN`], under the name that C uses.
#[doc(alias = "ZMQ_POLLIN")]
pub const POLLIN: PollEvents = PollEvents::IN;
/// [`PollEvents::OUT`], under the name that C uses.
#[doc(alias = "ZMQ_POLLOUT")]
pub const POLLOUT: PollEvents = PollEvents::OUT;
/// [`PollEvents::ERR`], under the name that C uses.
#[doc(alias = "ZMQ_POLLERR")]
pub const POLLERR: PollEvents = PollEvents::ERR;
/// [`PollEvents::PRI`], under the name that C uses.
#[doc(alias = "ZMQ_POLLPRI")]
pub const POLLPRI: PollEvents = PollEvents::PRI;

bit_set!(PollEvents: c_short, &[(POLLIN, "POLLIN"), (POLLOUT, "POLLOUT"), (POLLERR, "POLLERR"), (POLLPRI, "POLLPRI")]);
