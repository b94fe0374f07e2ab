//! What sockets and descriptors are polled for.

use core::ffi::c_short;

use crate::bits::bit_set;

/// A set of events: [`POLLIN`], [`POLLOUT`], [`POLLERR`], [`POLLPRI`].
///
/// ```
/// use zmq::{POLLIN, POLLOUT, PollEvents};
///
/// let both = POLLIN | POLLOUT;
/// assert!(both.contains(POLLIN));
/// assert!(PollEvents::NONE.is_empty());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(transparent)]
pub struct PollEvents(c_short);

/// A message can be received, or a descriptor read.
#[doc(alias = "ZMQ_POLLIN")]
pub const POLLIN: PollEvents = PollEvents(1);
/// A message can be sent, or a descriptor written.
#[doc(alias = "ZMQ_POLLOUT")]
pub const POLLOUT: PollEvents = PollEvents(2);
/// A descriptor has an error condition, or is not open.
#[doc(alias = "ZMQ_POLLERR")]
pub const POLLERR: PollEvents = PollEvents(4);
/// A descriptor has urgent data.
#[doc(alias = "ZMQ_POLLPRI")]
pub const POLLPRI: PollEvents = PollEvents(8);

bit_set!(PollEvents: c_short, &[(POLLIN, "POLLIN"), (POLLOUT, "POLLOUT"), (POLLERR, "POLLERR"), (POLLPRI, "POLLPRI")]);
