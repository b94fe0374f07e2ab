//! The error of halves that cannot be joined.

use core::fmt;

use super::{Receiver, Sender};
use crate::aio::Reactor;
use crate::kind::Kind;

/// The error of a failed [`Receiver::reunite`]. [`into_halves`](Self::into_halves) returns both halves.
#[derive(thiserror::Error)]
#[error("{}", if *.is_other_socket {
    "the sender and the receiver are halves of different sockets"
} else {
    "other clones of the sender still exist"
})]
pub struct ReuniteError<K: Kind, R: Reactor> {
    sender: Sender<K, R>,
    receiver: Receiver<K, R>,
    is_other_socket: bool,
}

impl<K: Kind, R: Reactor> ReuniteError<K, R> {
    pub(super) fn new(sender: Sender<K, R>, receiver: Receiver<K, R>, is_other_socket: bool) -> Self {
        ReuniteError { sender, receiver, is_other_socket }
    }

    /// Returns whether the halves belong to different sockets. Otherwise, other clones of the sender still exist.
    #[must_use]
    pub fn is_other_socket(&self) -> bool {
        self.is_other_socket
    }

    /// Returns both halves.
    #[must_use]
    pub fn into_halves(self) -> (Sender<K, R>, Receiver<K, R>) {
        (self.sender, self.receiver)
    }
}

impl<K: Kind, R: Reactor> fmt::Debug for ReuniteError<K, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReuniteError").field("is_other_socket", &self.is_other_socket).finish_non_exhaustive()
    }
}
