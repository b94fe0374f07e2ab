//! Linux: an edge-triggered epoll.

use core::ffi::c_int;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use crate::sys::descriptors::RawDescriptor;
use crate::sys::fork::Origin;
use crate::sys::{Errno, cvt};

/// The maximum number of edges that one system call returns.
const AT_ONCE: usize = 128;

/// A set of descriptors that reports which of them have become readable.
///
/// A forked child has the same epoll as its parent, so a change in the child would also affect the parent. The child
/// may only drop the epoll.
pub(crate) struct Edges {
    epoll: OwnedFd,
    origin: Origin,
    seen: Vec<libc::epoll_event>,
}

impl Edges {
    pub(crate) fn new() -> Result<Edges, Errno> {
        // SAFETY: no pointers.
        let epoll = cvt(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        // SAFETY: a descriptor that was just opened and that nobody else owns.
        let epoll = unsafe { OwnedFd::from_raw_fd(epoll) };
        Ok(Edges {
            epoll,
            origin: Origin::here(),
            seen: vec![libc::epoll_event { events: 0, u64: 0 }; AT_ONCE],
        })
    }

    /// Whether this process created the epoll.
    pub(crate) fn is_here(&self) -> bool {
        self.origin.is_here()
    }

    /// A descriptor that is readable while edges wait to be collected.
    pub(crate) fn descriptor(&self) -> RawDescriptor {
        self.epoll.as_raw_fd()
    }

    /// Adds a descriptor. If it is readable, it has an edge at once.
    pub(crate) fn add(&self, descriptor: RawDescriptor, place: usize) -> Result<(), Errno> {
        let events = u32::try_from(libc::EPOLLIN).unwrap_or_default() | EDGE;
        let mut event = libc::epoll_event { events, u64: u64::try_from(place).unwrap_or(u64::MAX) };
        // SAFETY: a live epoll; the event is only read. A number that is not a descriptor is an error.
        cvt(unsafe { libc::epoll_ctl(self.descriptor(), libc::EPOLL_CTL_ADD, descriptor, &raw mut event) })?;
        Ok(())
    }

    /// Removes a descriptor that is still open.
    pub(crate) fn remove(&self, descriptor: RawDescriptor) {
        if self.origin.is_here_exactly() {
            let no_event = core::ptr::null_mut();
            // SAFETY: a live epoll; no event is read for a removal.
            unsafe { libc::epoll_ctl(self.descriptor(), libc::EPOLL_CTL_DEL, descriptor, no_event) };
        }
    }

    /// Waits for `milliseconds` (negative: forever) until there is an edge. Returns the places of all descriptors that
    /// have had an edge since they were last returned, and are still readable.
    pub(crate) fn wait(&mut self, milliseconds: c_int, mut each: impl FnMut(usize)) -> Result<(), Errno> {
        let mut milliseconds = milliseconds;
        let room = c_int::try_from(self.seen.len()).unwrap_or(1);
        loop {
            let seen = self.seen.as_mut_ptr();
            // SAFETY: a live epoll, and room for this many events.
            let count = cvt(unsafe { libc::epoll_wait(self.epoll.as_raw_fd(), seen, room, milliseconds) })?;
            for event in self.seen.iter().take(usize::try_from(count).unwrap_or_default()) {
                each(usize::try_from(event.u64).unwrap_or(usize::MAX));
            }
            if count < room {
                return Ok(());
            }
            milliseconds = 0;
        }
    }
}

/// `EPOLLET`, which in C is the highest bit of an `int`.
const EDGE: u32 = 1 << 31;
