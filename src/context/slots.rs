//! Counting sockets that are not a [`Socket`](crate::Socket).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Places taken in a context's number of sockets, given back when dropped. It does not keep the context alive.
#[derive(Debug)]
pub(crate) struct Slots {
    open: Arc<AtomicUsize>,
    count: usize,
}

impl Slots {
    /// One that was counted already.
    pub(super) fn counted(open: Arc<AtomicUsize>) -> Slots {
        Slots { open, count: 1 }
    }

    /// Takes one more, beyond the limit if need be: for a socket that changes hands.
    pub(crate) fn grow(&mut self) {
        self.open.fetch_add(1, Ordering::Relaxed);
        self.count += 1;
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        self.open.fetch_sub(self.count, Ordering::Relaxed);
    }
}
