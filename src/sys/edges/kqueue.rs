//! macOS and the BSDs: a kqueue whose events are cleared when they are returned.

use core::ffi::c_int;
use core::mem;
use core::ptr;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd};

use crate::sys::descriptors::RawDescriptor;
use crate::sys::fork::Origin;
use crate::sys::{Errno, cvt};

/// The maximum number of edges that one system call returns.
const AT_ONCE: usize = 128;

/// A set of descriptors that reports which of them have become readable.
///
/// A forked child does not inherit the kqueue. In the child, its number may belong to another file.
pub(crate) struct Edges {
    kqueue: Option<OwnedFd>,
    origin: Origin,
    seen: Vec<libc::kevent>,
}

/// An event without content.
fn nothing() -> libc::kevent {
    // SAFETY: numbers and a pointer, all of which may be zero.
    unsafe { mem::zeroed() }
}

impl Edges {
    pub(crate) fn new() -> Result<Edges, Errno> {
        // SAFETY: no arguments.
        let kqueue = cvt(unsafe { libc::kqueue() })?;
        // SAFETY: a descriptor that was just opened and that nobody else owns.
        let kqueue = unsafe { OwnedFd::from_raw_fd(kqueue) };
        // SAFETY: a live descriptor; flags without pointers.
        unsafe { libc::fcntl(kqueue.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) };
        let seen = (0..AT_ONCE).map(|_| nothing()).collect();
        Ok(Edges { kqueue: Some(kqueue), origin: Origin::here(), seen })
    }

    /// Whether this process created the kqueue.
    pub(crate) fn is_here(&self) -> bool {
        self.origin.is_here()
    }

    /// A descriptor that is readable while edges wait to be collected.
    pub(crate) fn descriptor(&self) -> RawDescriptor {
        self.kqueue.as_ref().map_or(-1, AsRawFd::as_raw_fd)
    }

    /// Adds a descriptor. If it is readable, it has an edge at once.
    pub(crate) fn add(&self, descriptor: RawDescriptor, place: usize) -> Result<(), Errno> {
        let mut change = nothing();
        change.ident = usize::try_from(descriptor).map_err(|_| Errno(libc::EBADF))?;
        change.filter = libc::EVFILT_READ;
        change.flags = libc::EV_ADD | libc::EV_CLEAR;
        change.udata = ptr::without_provenance_mut(place);
        self.change(&change)
    }

    /// Removes a descriptor that is still open.
    pub(crate) fn remove(&self, descriptor: RawDescriptor) {
        if self.origin.is_here_exactly() {
            let mut change = nothing();
            change.ident = usize::try_from(descriptor).unwrap_or_default();
            change.filter = libc::EVFILT_READ;
            change.flags = libc::EV_DELETE;
            // This fails only if the kqueue does not contain the descriptor.
            let _ = self.change(&change);
        }
    }

    fn change(&self, change: &libc::kevent) -> Result<(), Errno> {
        // SAFETY: a live kqueue, one change that is only read, and no room for events.
        cvt(unsafe { libc::kevent(self.descriptor(), change, 1, ptr::null_mut(), 0, ptr::null()) })?;
        Ok(())
    }

    /// Waits for `milliseconds` (negative: forever) until there is an edge. Returns the places of all descriptors that
    /// have had an edge since they were last returned, and are still readable.
    pub(crate) fn wait(&mut self, milliseconds: c_int, mut each: impl FnMut(usize)) -> Result<(), Errno> {
        let mut milliseconds = milliseconds;
        loop {
            let mut limit = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            limit.tv_sec = (milliseconds.max(0) / 1000).into();
            limit.tv_nsec = (milliseconds.max(0) % 1000 * 1_000_000).into();
            let limit = if milliseconds < 0 { ptr::null() } else { &raw const limit };
            #[allow(clippy::useless_conversion, reason = "its type differs from system to system")]
            let room = AT_ONCE.try_into().unwrap_or(1);
            let seen = self.seen.as_mut_ptr();
            // SAFETY: a live kqueue, no changes, room for this many events, and a time that is only read.
            let count = cvt(unsafe { libc::kevent(self.descriptor(), ptr::null(), 0, seen, room, limit) })?;
            let count = usize::try_from(count).unwrap_or_default();
            for event in self.seen.iter().take(count) {
                each(event.udata.addr());
            }
            if count < AT_ONCE {
                return Ok(());
            }
            milliseconds = 0;
        }
    }
}

impl Drop for Edges {
    fn drop(&mut self) {
        if !self.origin.is_here_exactly() {
            if let Some(kqueue) = self.kqueue.take() {
                let _: c_int = kqueue.into_raw_fd();
            }
        }
    }
}
