//! Guards for a libzmq other than the bundled one: calls that the crate must avoid, and work that it must do for such a
//! libzmq.
//!
//! Each guard is one function, and names the entry of `docs/security.md` that it closes. The rest of the crate only
//! calls the guards. The bundled libzmq has these defects fixed, so with it the guards do nothing.

#[cfg_attr(zmq_vendored, path = "bundled.rs")]
pub(crate) mod inproc;

use core::ffi::c_int;

use crate::context::{can_open, no_thread};
use crate::endpoint::{Target, Transport};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::kind::{Ability, SocketKind};
use crate::message::Message;
#[cfg(zmq_draft)]
use crate::option::ReconnectStop;
use crate::raw::{self, Errno};
use crate::socket::Core;
use crate::socket::limits::LONGEST_PREFIX;
use crate::wait::{self, SURELY_WITHIN_LIMIT};

/// Whether a libzmq other than the bundled one is linked.
pub(crate) const IS_LINKED: bool = cfg!(not(zmq_vendored));

/// Whether a PAIR drops the rest of a message when its peer is gone (A193).
pub(crate) const DROPS_REST_OF_PAIR: bool = !IS_LINKED;

/// Makes sure that there are descriptors for the threads that the first socket starts (A38).
///
/// The bundled libzmq checks this itself where it has eventfd.
pub(crate) fn check_descriptors(context: &raw::context::Context) -> Result<()> {
    if !IS_LINKED && cfg!(any(target_os = "linux", target_os = "android")) {
        return Ok(());
    }
    let threads = context.get(zmq_sys::ZMQ_IO_THREADS).unwrap_or(1);
    // Each I/O thread, the reaper and the socket itself need two descriptors for signals and one for a poller.
    let needed = 3 * (usize::try_from(threads).unwrap_or_default() + 2);
    if can_open(needed) { Ok(()) } else { Err(Error::new(Operation::NewSocket, Errno(libc::EMFILE))) }
}

/// Makes sure that the system can start the threads of the first socket.
pub(crate) fn check_threads(context: &raw::context::Context) -> Result<()> {
    if !IS_LINKED {
        return Ok(());
    }
    let threads = context.get(zmq_sys::ZMQ_IO_THREADS).unwrap_or(1);
    // The I/O threads and the reaper.
    let needed = 1 + usize::try_from(threads).unwrap_or_default();
    crate::sys::threads::can_start(needed).map_err(|errno| no_thread(Operation::NewSocket, errno))
}

/// Makes sure that there is a descriptor for looking up a network interface (A46).
pub(crate) fn check_descriptor(target: &Target<'_>) -> Result<()> {
    if !IS_LINKED || can_open(1) {
        return Ok(());
    }
    Err(Error::new(target.operation(), Errno(libc::EMFILE)).on(target.shown()))
}

/// Refuses to disconnect between two parts of a message, because the next receive would abort the process (A94).
pub(crate) fn check_disconnect(core: &Core, target: &Target<'_>) -> Result<()> {
    if IS_LINKED && core.raw().get::<c_int>(zmq_sys::ZMQ_RCVMORE).is_ok_and(|more| more != 0) {
        let reason = "some parts of a message were not received yet";
        return Err(target.refused(ErrorKind::WrongState, zmq_sys::EFSM, reason));
    }
    Ok(())
}

/// Refuses inproc for sockets that threads share. Two such sockets that send to each other may block each other forever
/// (A78).
pub(crate) fn check_shared_inproc(target: &Target<'_>, kind: SocketKind) -> Result<()> {
    if IS_LINKED && kind.is_thread_safe() && target.transport() == Transport::Inproc {
        let reason = "sockets of this type can use inproc only with the bundled libzmq";
        return Err(target.refused(ErrorKind::Unsupported, libc::ENOTSUP, reason));
    }
    Ok(())
}

/// Refuses to poll more items than the process may have descriptors, because libzmq would abort (A29).
#[inline]
pub(crate) fn check_limit(count: usize) -> Result<()> {
    if !IS_LINKED || count <= SURELY_WITHIN_LIMIT { Ok(()) } else { wait::is_within_limit(count) }
}

/// Refuses a poll of both sockets that threads share and other sockets, because libzmq aborts if the context is shut
/// down during the poll (A32).
#[inline]
pub(crate) fn check_sorts(items: &(impl wait::Items + ?Sized)) -> Result<()> {
    if IS_LINKED && cfg!(zmq_draft) && items.is_mixed() {
        let hint = "only the bundled libzmq can poll thread-safe sockets together with other sockets";
        return Err(Error::new(Operation::Poll, Errno(libc::ENOTSUP)).hint(hint));
    }
    Ok(())
}

/// Refuses to give a routing id to the peer of a connection. libzmq aborts if another peer has this id (A8), and no
/// caller can know which ids peers have chosen.
pub(crate) fn check_peer_id(shown: impl FnOnce() -> String) -> Result<()> {
    if IS_LINKED {
        let reason =
            "only the bundled libzmq refuses a routing id that is taken; another libzmq aborts the process";
        return Err(Error::refused(
            Operation::Connect,
            ErrorKind::Unsupported,
            libc::ENOTSUP,
            shown(),
            reason,
        ));
    }
    Ok(())
}

/// Counts a reference to the bytes that an XPUB socket has received over inproc, because libzmq does not count it
/// (A101). These bytes are always a copy to which no other message refers.
#[inline]
pub(crate) fn count_in(kind: SocketKind, part: &raw::message::Message) {
    if IS_LINKED && kind == SocketKind::XPub && part.is_shared() {
        part.count_in();
    }
}

/// Refuses a subscription of an XSUB to a prefix so long that libzmq may overflow its stack (A70).
#[inline]
pub(crate) fn check_subscriptions(kind: SocketKind, parts: &[Message]) -> Result<()> {
    let is_long = |part: &Message| part.len() > LONGEST_PREFIX + 1 && matches!(part.first(), Some(0 | 1));
    if IS_LINKED && kind == SocketKind::XSub && parts.iter().any(is_long) {
        let reason = "with a libzmq other than the bundled one, it must have at most 16384 bytes";
        return Err(Error::invalid(Operation::Send, "a subscription", reason));
    }
    Ok(())
}

/// Refuses to bind an abstract ipc name, `@name`, if there is a file `@name`, because libzmq would delete the file.
#[cfg(unix)]
pub(crate) fn check_abstract_name(target: &Target<'_>) -> Result<()> {
    if IS_LINKED && std::path::Path::new(target.address()).symlink_metadata().is_ok() {
        let reason = "libzmq would delete the file of this name in the current directory";
        return Err(target.refused(ErrorKind::AlreadyExists, libc::EEXIST, reason));
    }
    Ok(())
}

/// The maximum number of events that the reader of a monitor keeps. libzmq must never find the queue full, because it
/// waits for room (N4). 0 means no limit.
pub(crate) const fn events_limit(limit: c_int) -> c_int {
    if IS_LINKED { 0 } else { limit }
}

/// Returns the bit of an event that only the bundled libzmq emits, or 0 if another libzmq is linked.
pub(crate) const fn known_event(bit: u64) -> u64 {
    if IS_LINKED { 0 } else { bit }
}

/// Refuses to request the statistics of pipes, because libzmq may use freed memory while a connection ends (A7).
#[cfg(zmq_draft)]
pub(crate) fn check_pipes_stats() -> Result<()> {
    if IS_LINKED {
        return Err(Error::new(Operation::PipesStats, Errno(libc::ENOTSUP))
            .hint("only the bundled libzmq supports this safely"));
    }
    Ok(())
}

/// Whether the receive buffer may have this size. With a small buffer, libzmq uses the wrong memory. With a size that
/// is not a multiple of 8, it uses unaligned memory (A50).
#[cfg(zmq_draft)]
pub(crate) fn is_in_batch_size(size: u32) -> bool {
    !IS_LINKED || (size >= 16 && size % 8 == 0)
}

/// The sizes that are allowed.
#[cfg(zmq_draft)]
pub(crate) const IN_BATCH_SIZES: &str =
    if IS_LINKED { "must be a multiple of 8 from 16 to 16777216" } else { "must be from 1 to 16777216" };

/// Refuses an option that libzmq handles in a way that can easily end the process (A49).
pub(crate) fn check_option(subject: impl FnOnce() -> String) -> Result<()> {
    if IS_LINKED {
        return Err(unsupported(subject(), "only the bundled libzmq supports this option safely"));
    }
    Ok(())
}

/// Refuses an option that only the bundled libzmq has.
pub(crate) fn check_addition(operation: Operation, option: &str) -> Result<()> {
    if IS_LINKED {
        let reason = "only the bundled libzmq has this option";
        return Err(Error::refused(operation, ErrorKind::Unsupported, libc::ENOTSUP, option, reason));
    }
    Ok(())
}

/// Refuses to conflate received messages, because a peer that sends several parts would end the process (A10).
pub(crate) fn check_conflate(kind: SocketKind) -> Result<()> {
    if IS_LINKED && kind.has(Ability::Receive) {
        let reason = "on a socket that receives, only the bundled libzmq supports this option safely";
        return Err(unsupported(String::new(), reason));
    }
    Ok(())
}

/// Refuses a condition for which libzmq reads memory that was never set.
#[cfg(zmq_draft)]
pub(crate) fn check_reconnect_stop(conditions: ReconnectStop) -> core::result::Result<(), &'static str> {
    if IS_LINKED && conditions.intersects(ReconnectStop::AFTER_DISCONNECT) {
        return Err("AFTER_DISCONNECT needs the bundled libzmq");
    }
    Ok(())
}

fn unsupported(subject: String, reason: &'static str) -> Error {
    Error::refused(Operation::SetOption, ErrorKind::Unsupported, libc::ENOTSUP, subject, reason)
}
