//! Halves that do not belong together.

use core::fmt;

use super::{Receiver, Sender};
use crate::aio::Reactor;
use crate::kind::Kind;

/// A failed [`Receiver::reunite`], with both halves.
#[derive(thiserror::Error)]
#[error("{}", if *.is_other_socket {
    "the sender and the receiver are halves of different sockets"
} else {
    "there are other senders of the socket: clones of this one"
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

    /// Returns whether the halves belong to different sockets. Otherwise, other senders of the socket are left.
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
