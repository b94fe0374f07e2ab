//! Counts the sockets of libzmq that have no [`Socket`](crate::Socket).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Places in a context's limit of sockets, released on drop. They do not keep the context alive.
#[derive(Debug)]
pub(crate) struct Slots {
    open: Arc<AtomicUsize>,
    count: usize,
}

impl Slots {
    /// Takes over a place that was already counted.
    pub(super) fn counted(open: Arc<AtomicUsize>) -> Slots {
        Slots { open, count: 1 }
    }

    /// Takes another place, even beyond the limit, for a socket that is handed over.
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
