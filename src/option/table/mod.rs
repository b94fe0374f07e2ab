//! The table of socket options: one row per option, and one file per topic.
//!
//! [`options!`](super::define) expands a row to a getter and a setter with their documentation, to the checks at run time,
//! and to a test. The options of the draft API are in a second invocation, which begins with `draft`.

// The page of `Socket` shows the topics in this order.
mod queue;

mod connection;

mod reconnect;

mod heartbeat;

mod publish_subscribe;

mod request;

mod router;

#[cfg(zmq_draft)]
mod peers;

mod state;

mod network;

mod tcp;

mod socks;

mod multicast;

#[cfg(zmq_draft)]
mod norm;

mod vmci;

#[cfg(zmq_draft)]
mod wss;

/// What the tests of all rows share.
#[cfg(test)]
mod harness {
    use core::cell::Cell;
    use core::time::Duration;
    use std::thread;
    use std::time::Instant;

    use crate::context::Context;
    use crate::error::ErrorKind;
    use crate::error::Result;
    use crate::kind::Ability;
    use crate::kind::{Any, SocketKind};
    use crate::socket::Socket;

    thread_local! {
        /// Whether the test met an option that the linked libzmq does not have.
        static IS_ABSENT: Cell<bool> = const { Cell::new(false) };
    }

    /// Runs a row's test on a new socket of every type. Checks that types without the option refuse it, and that all
    /// types refuse it after the context is shut down.
    pub(crate) fn on_every_kind(ability: Option<Ability>, test: impl Fn(&Socket<Any>) -> Result<()>) {
        let (context, ended) = (Context::new().unwrap(), Context::new().unwrap());
        let sockets: Vec<_> = SocketKind::ALL.iter().map(|&kind| ended.socket(Any(kind)).unwrap()).collect();
        ended.shutdown().unwrap();
        for socket in sockets {
            let kind = socket.kind();
            let has_it = ability.is_none_or(|ability| kind.has(ability));
            let result = test(&context.socket(Any(kind)).unwrap());
            if !has_it {
                assert_eq!(result.unwrap_err().kind(), ErrorKind::Unsupported, "{kind}");
                continue;
            }
            result.unwrap_or_else(|error| panic!("{kind}: {error}"));
            // The socket notices the shutdown in the first call that processes libzmq's commands.
            let start = Instant::now();
            while socket.events().is_ok() {
                assert!(start.elapsed() < Duration::from_secs(10), "{kind}");
                thread::yield_now();
            }
            IS_ABSENT.set(false);
            match test(&socket) {
                Err(error) => assert_eq!(error.kind(), ErrorKind::Terminated, "{kind}"),
                // A missing feature of libzmq is reported first.
                Ok(()) => assert!(IS_ABSENT.get(), "{kind}"),
            }
        }
    }

    pub(crate) fn assert_refused(result: Result<()>) {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    /// For options that not every libzmq has.
    #[cfg(zmq_draft)]
    pub(crate) fn has_norm() -> bool {
        let has = crate::version::has(crate::version::Feature::Norm);
        IS_ABSENT.set(!has);
        has
    }

    /// For a value that is refused, or for an option of norm if the linked libzmq does not have norm.
    #[cfg(zmq_draft)]
    pub(crate) fn assert_refused_or_no_norm(result: Result<()>) {
        let expected = if has_norm() { ErrorKind::InvalidInput } else { ErrorKind::Unsupported };
        assert_eq!(result.unwrap_err().kind(), expected);
    }

    pub(crate) fn supported_or_not(result: Result<()>) -> Result<()> {
        match result {
            Err(error) if error.kind() == ErrorKind::Unsupported && error.errno() == libc::ENOTSUP => {
                IS_ABSENT.set(true);
                Ok(())
            }
            result => result,
        }
    }
}
