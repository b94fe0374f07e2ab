//! Options about what a socket tells of itself.

use crate::endpoint::Endpoint;
use crate::error::{Operation, Result};
use crate::events::PollEvents;
use crate::kind::Kind;
use crate::option::define::{ability, needs, options};
use crate::option::value::{Events, Flag};
use crate::option::{Needs, Row, When};
use crate::socket::Socket;

options! {
    ZMQ_RCVMORE "ZMQ_RCVMORE", Kind, AnyTime {
        get {
            /// Whether more parts follow the one last received.
            has_more: Flag -> bool
        }
        test |socket| {
            assert!(!socket.has_more()?);
        }
    }
    ZMQ_EVENTS "ZMQ_EVENTS", Kind, AnyTime {
        get {
            /// What the socket is ready for: [`POLLIN`](crate::POLLIN), [`POLLOUT`](crate::POLLOUT), both or neither.
            ///
            /// POLLOUT tells nothing on PUB, XPUB, XSUB, STREAM and, unless [mandatory](Socket::set_router_mandatory), ROUTER:
            /// they never wait. Nor does it on the draft kinds RADIO, DISH, SERVER and PEER. What another thread does with a
            /// socket that threads share may have changed the answer before it is there.
            events: Events -> PollEvents
        }
        test |socket| {
            assert!(!socket.events()?.contains(crate::events::POLLIN));
        }
    }
    ZMQ_THREAD_SAFE "ZMQ_THREAD_SAFE", Kind, AnyTime {
        get {
            /// Whether several threads may use the socket at once, as its kind allows: some draft ones do, none of the stable ones.
            thread_safe: Flag -> bool
        }
        test |socket| {
            assert_eq!(socket.thread_safe()?, socket.kind().is_thread_safe());
        }
    }
}

impl<K: Kind> Socket<K> {
    /// The endpoint last bound or connected to, wildcards resolved; `None` before the first.
    ///
    /// It stays the same after `unbind` or `disconnect`.
    ///
    /// # Errors
    ///
    /// [`Terminated`](crate::ErrorKind::Terminated) once the context is shut down;
    /// [`Forked`](crate::ErrorKind::Forked) in a child process.
    #[doc(alias = "ZMQ_LAST_ENDPOINT")]
    pub fn last_endpoint(&self) -> Result<Option<Endpoint>> {
        self.core().check_process(Operation::GetOption)?;
        let endpoint = self.core().last_endpoint(Operation::GetOption)?;
        Ok(if endpoint.as_str().is_empty() { None } else { Some(endpoint) })
    }
}
