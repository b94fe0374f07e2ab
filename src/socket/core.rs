//! `Core`: everything in a socket except its type, so that one copy of the code serves all socket types.

use core::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use super::Socket;
use super::attach::Attached;
use super::outgoing::Outgoing;
use super::tether::Tether;
use crate::context::{Inner, forked};
use crate::error::{Error, Operation, Result};
use crate::foreign;
use crate::kind::{Ability, Kind, SocketKind};
use crate::raw::{self, Errno};
use crate::sys::descriptors::BorrowedDescriptor;
use crate::timeout::{FOREVER, Wait};

/// Everything in a socket except its type.
pub(crate) struct Core {
    /// Closed before the context can be dropped.
    pub(super) raw: raw::socket::Socket,
    pub(super) context: Arc<Inner>,
    pub(super) kind: SocketKind,
    /// The notification descriptor, which stays the same as long as the socket lives. Sockets of some types have none
    /// (L2).
    pub(super) descriptor: Option<raw::poll::RawDescriptor>,
    pub(super) attached: Attached,
    pub(super) outgoing: Outgoing,
    pub(super) recv_timeout: AtomicI32,
    pub(super) send_timeout: AtomicI32,
    /// Whether the socket has subscribed, or needs no subscription.
    pub(super) subscribed: AtomicBool,
    inproc: foreign::inproc::OfSocket,
    /// The monitor, which must be stopped before its reader ends.
    pub(super) tether: Tether,
}

/// Threads may share sockets of some types: see `Socket`. So each new field must be named here, and must be safe to
/// share.
const _: fn(&Core) = |core| {
    fn is_sync<T: Sync>(_: &T) {}
    // The libzmq socket is the exception: it must not be shared without further rules.
    let Core {
        raw: _,
        context,
        kind,
        descriptor,
        attached,
        outgoing,
        recv_timeout,
        send_timeout,
        subscribed,
        inproc,
        tether,
    } = core;
    is_sync(context);
    is_sync(kind);
    is_sync(descriptor);
    is_sync(attached);
    is_sync(outgoing);
    is_sync(recv_timeout);
    is_sync(send_timeout);
    is_sync(subscribed);
    is_sync(inproc);
    is_sync(tether);
};

impl Core {
    pub(crate) fn new(raw: raw::socket::Socket, kind: SocketKind, context: Arc<Inner>) -> Result<Core> {
        let mut core = Core {
            raw,
            context,
            kind,
            descriptor: None,
            attached: Attached::default(),
            outgoing: Outgoing::of(kind),
            recv_timeout: AtomicI32::new(FOREVER),
            send_timeout: AtomicI32::new(FOREVER),
            subscribed: AtomicBool::new(!kind.behavior().needs_subscription),
            inproc: foreign::inproc::OfSocket::default(),
            tether: Tether::default(),
        };
        if kind.has(Ability::Descriptor) {
            let descriptor = core.raw.descriptor();
            core.descriptor =
                Some(descriptor.map_err(|errno| Error::new(Operation::NewSocket, errno).on(kind.name()))?);
        }
        Ok(core)
    }

    /// Wraps a socket that was used outside the crate before. `raw` does not own the socket yet, so if this fails, it
    /// still belongs to the caller.
    pub(crate) fn adopt(raw: raw::socket::Socket, kind: SocketKind, context: Arc<Inner>) -> Result<Core> {
        // The code that created the socket may still use it.
        raw.share();
        // Dropping the `Core` decrements the count again.
        context.adopt_socket();
        let core = Core::new(raw, kind, context).map_err(|error| error.within(Operation::Adopt))?;
        core.attached.note_adopted();
        for (option, known) in
            [(zmq_sys::ZMQ_RCVTIMEO, &core.recv_timeout), (zmq_sys::ZMQ_SNDTIMEO, &core.send_timeout)]
        {
            if let Ok(milliseconds) = core.raw.get(option) {
                known.store(milliseconds, Ordering::Relaxed);
            }
        }
        let conflate = core.raw.get::<c_int>(zmq_sys::ZMQ_CONFLATE);
        core.outgoing.set_conflate(conflate.is_ok_and(|on| on != 0));
        // libzmq cannot report subscriptions.
        core.subscribed.store(true, Ordering::Relaxed);
        Ok(core)
    }

    pub(crate) fn with_kind<K: Kind>(self, kind: K) -> Socket<K> {
        Socket { core: self, kind }
    }

    #[inline]
    pub(crate) fn raw(&self) -> &raw::socket::Socket {
        &self.raw
    }

    pub(crate) fn raw_mut(&mut self) -> &mut raw::socket::Socket {
        &mut self.raw
    }

    pub(crate) fn context(&self) -> &Arc<Inner> {
        &self.context
    }

    #[cfg(not(zmq_vendored))]
    pub(crate) fn inproc(&self) -> &foreign::inproc::OfSocket {
        &self.inproc
    }

    /// How long a call that receives may wait. `None` means forever.
    pub(crate) fn recv_limit(&self) -> Option<core::time::Duration> {
        Wait::AsSet.limit(self.recv_timeout.load(Ordering::Relaxed))
    }

    /// Whether a message has begun whose last part is not sent yet.
    pub(crate) fn is_mid_message(&self) -> bool {
        self.outgoing.is_mid_message()
    }

    /// Whether the socket keeps only the latest message.
    #[inline]
    pub(crate) fn conflates(&self) -> bool {
        self.outgoing.conflates()
    }

    pub(crate) fn tether(&self) -> &Tether {
        &self.tether
    }

    /// The notification descriptor, if the socket type has one.
    pub(crate) fn notification(&self) -> Option<raw::poll::RawDescriptor> {
        self.descriptor
    }

    /// Lends the notification descriptor.
    pub(crate) fn borrow_descriptor(&self) -> BorrowedDescriptor<'_> {
        self.raw.borrow_descriptor(self.descriptor.unwrap_or_default())
    }

    /// Takes the raw socket out. After that, this `Core` can only be dropped.
    pub(crate) fn take_raw(&mut self) -> raw::socket::Socket {
        self.raw.take()
    }

    pub(crate) fn disown(&mut self) -> core::ptr::NonNull<core::ffi::c_void> {
        self.raw.disown()
    }

    pub(crate) fn socket_kind(&self) -> SocketKind {
        self.kind
    }

    /// Whether the socket belongs to this process, and not to its parent.
    #[cfg(any(feature = "smol", feature = "tokio"))]
    #[inline]
    pub(crate) fn is_in_its_process(&self) -> bool {
        self.raw.origin.is_here()
    }

    /// Refuses to touch the parent's socket in a forked child.
    #[inline]
    pub(crate) fn check_process(&self, operation: Operation) -> Result<()> {
        if self.raw.origin.is_here() { Ok(()) } else { Err(forked(operation)) }
    }

    pub(super) fn is_interruptible(&self) -> bool {
        self.context.is_interruptible()
    }

    /// Repeats a call until no signal interrupts it.
    pub(super) fn retry<T>(&self, operation: Operation, call: impl Fn() -> Result<T, Errno>) -> Result<T> {
        loop {
            match call() {
                Err(Errno(libc::EINTR)) if !self.is_interruptible() => {}
                result => return result.map_err(|errno| Error::new(operation, errno)),
            }
        }
    }

    /// Remembers the receive timeout, in milliseconds.
    pub(crate) fn note_recv_timeout(&self, milliseconds: c_int) {
        self.recv_timeout.store(milliseconds, Ordering::Relaxed);
    }

    /// Remembers the send timeout, in milliseconds.
    pub(crate) fn note_send_timeout(&self, milliseconds: c_int) {
        self.send_timeout.store(milliseconds, Ordering::Relaxed);
    }

    /// Remembers whether the socket keeps only the latest message.
    pub(crate) fn note_conflate(&self, on: c_int) {
        self.outgoing.set_conflate(on != 0);
    }

    /// Remembers whether a REQ can send before it has received.
    pub(crate) fn note_relaxed(&self, on: c_int) {
        self.outgoing.set_relaxed(on != 0);
    }

    /// Remembers whether the requests of a REQ carry a number.
    pub(crate) fn note_correlate(&self, on: c_int) {
        self.outgoing.set_correlate(on != 0);
    }

    /// Remembers that the socket has subscribed.
    pub(crate) fn note_subscription(&self, _: c_int) {
        self.subscribed.store(true, Ordering::Relaxed);
    }

    /// Runs a blocking call with a timeout other than the configured one.
    pub(super) fn with_timeout<T>(
        &self,
        option: c_int,
        normal: &AtomicI32,
        milliseconds: c_int,
        call: impl FnOnce() -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        self.raw.set(option, milliseconds)?;
        let result = call();
        // This fails only after the context was shut down, and then nothing waits any more.
        let _ = self.raw.set(option, normal.load(Ordering::Relaxed));
        result
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        // In a forked child, a thread that does not exist there may hold a lock.
        if self.raw.origin.is_here_exactly() {
            self.tether.stop_if_abandoned(&self.raw);
            foreign::inproc::close(self);
            self.context.release_socket();
        }
    }
}
