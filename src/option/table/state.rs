//! Options that report the state of a socket.

use crate::endpoint::Endpoint;
use crate::error::{Operation, Result};
use crate::events::PollEvents;
use crate::kind::Kind;
use crate::option::define::options;
use crate::option::value::{Flag, Polled};
use crate::socket::Socket;

options! {
    /// # Options: state
    ZMQ_RCVMORE "ZMQ_RCVMORE", Kind, Now {
        get {
            /// Returns whether another part follows the message part that was received last.
            ///
            /// Use [`Message::has_more`](crate::Message::has_more) instead, which belongs to the part itself.
            has_more: Flag -> bool
        }
        test |socket| {
            assert!(!socket.has_more()?);
        }
    }
    ZMQ_EVENTS "ZMQ_EVENTS", Kind, Now {
        get {
            /// Returns whether the socket is ready to receive ([`PollEvents::IN`](crate::PollEvents::IN)) and to send
            /// ([`PollEvents::OUT`](crate::PollEvents::OUT)).
            ///
            /// `PollEvents::OUT` is always set for PUB, XPUB, XSUB, STREAM and
            /// non-[mandatory](Socket::set_router_mandatory) ROUTER sockets. The same is true for the draft
            /// types RADIO, DISH, SERVER and PEER. If several threads share a socket, the result may be
            /// outdated when it is returned.
            events: Polled -> PollEvents
        }
        test |socket| {
            assert!(!socket.events()?.contains(crate::events::POLLIN));
        }
    }
    ZMQ_THREAD_SAFE "ZMQ_THREAD_SAFE", Kind, Now {
        get {
            /// Returns whether several threads can use the socket at the same time. This is true only for
            /// some draft socket types.
            thread_safe: Flag -> bool
        }
        test |socket| {
            assert_eq!(socket.thread_safe()?, socket.kind().is_thread_safe());
        }
    }
}

/// # Options: last endpoint
impl<K: Kind> Socket<K> {
    /// Returns the endpoint that was bound or connected last, with wildcards resolved. Returns `None` before the first
    /// bind or connect.
    ///
    /// `unbind` and `disconnect` do not change the result.
    ///
    /// # Errors
    ///
    /// See the [errors of all options](Socket#options).
    #[doc(alias = "ZMQ_LAST_ENDPOINT")]
    pub fn last_endpoint(&self) -> Result<Option<Endpoint>> {
        self.core().check_process(Operation::GetOption)?;
        let endpoint = self.core().last_endpoint(Operation::GetOption)?;
        Ok(if endpoint.as_str().is_empty() { None } else { Some(endpoint) })
    }
}
