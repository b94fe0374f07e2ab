//! Reports that only ROUTER sockets can give.

use super::Socket;
use crate::error::{Error, Operation, Result};
use crate::events::PollEvents;
use crate::kind::{Is, Kind, Router};

/// # Peers of a ROUTER
impl<K: Kind> Socket<K> {
    /// Returns whether a message can be sent at once to the peer with this routing id:
    /// [`PollEvents::OUT`](crate::PollEvents::OUT) if it can, and no event if the queue of the peer is full.
    ///
    /// # Errors
    ///
    /// [`HostUnreachable`](crate::ErrorKind::HostUnreachable) if the socket has no such peer.
    ///
    /// Follows `zmq_socket_get_peer_state`, which has no manual page.
    #[doc(alias = "zmq_socket_get_peer_state")]
    pub fn peer_state(&self, routing_id: impl AsRef<[u8]>) -> Result<PollEvents>
    where
        K: Is<Router>,
    {
        let operation = Operation::PeerState;
        self.core.check_process(operation)?;
        let events =
            self.core.raw.peer_state(routing_id.as_ref()).map_err(|errno| Error::new(operation, errno))?;
        Ok(PollEvents::from_bits(events.try_into().unwrap_or_default()))
    }
}
