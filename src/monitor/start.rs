//! Starting and stopping a socket's monitor.

use core::cell::Cell;
use core::ffi::{CStr, c_int};
use std::ffi::CString;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Events, Monitor};
#[cfg(zmq_draft)]
use crate::error::ErrorKind;
use crate::error::{Error, Operation, Result};
use crate::foreign;
use crate::kind::{Kind, SocketKind};
use crate::raw::{self, Errno};
use crate::socket::Abandoned;
use crate::socket::{Core, Socket};

/// # Monitoring
impl<K: Kind> Socket<K> {
    /// Starts monitoring the socket's connections, and returns the [`Monitor`](crate::Monitor) that receives the events.
    ///
    /// Call this method before `bind` and `connect`, so that no event is missed. A socket has at most one monitor, so this call
    /// stops a previous monitor. A monitor uses two of the context's [sockets](crate::option::ContextBuilder::max_sockets).
    ///
    /// ```
    /// use zmq::monitor::{EventKind, Events};
    /// use zmq::{Context, Pull, Push};
    ///
    /// let context = Context::new()?;
    /// let server = context.socket(Pull)?;
    /// let monitor = server.monitor(Events::LISTENING | Events::ACCEPTED)?;
    /// let endpoint = server.bind("tcp://127.0.0.1:*")?;
    /// let client = context.socket(Push)?;
    /// client.connect(&endpoint)?;
    ///
    /// assert!(matches!(monitor.recv()?.kind(), EventKind::Listening { .. }));
    /// let event = monitor.recv()?;
    /// assert!(matches!(event.kind(), EventKind::Accepted { .. }));
    /// assert_eq!(event.endpoint(), endpoint.as_str());
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// The transports `tcp`, `ipc`, `tipc`, `vmci` and `ws` have events. `inproc` and `udp` have no events.
    ///
    /// # Errors
    ///
    /// * [`InvalidInput`](crate::ErrorKind::InvalidInput) for events that only `monitor_v2` of the draft API supports
    /// * [`TooManySockets`](crate::ErrorKind::TooManySockets) or [`TooManyOpenFiles`](crate::ErrorKind::TooManyOpenFiles) if
    ///   the monitor's two sockets cannot be created
    /// * [`Terminated`](crate::ErrorKind::Terminated) if the context is shut down
    /// * [`Forked`](crate::ErrorKind::Forked) in a forked child process
    ///
    /// Follows [zmq_socket_monitor(3)](https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor.html).
    #[doc(alias = "zmq_socket_monitor")]
    pub fn monitor(&self, events: Events) -> Result<Monitor> {
        if !Events::ALL.contains(events) {
            let range = "only `monitor_v2` supports events beyond 16 bits";
            return Err(Error::invalid(Operation::Monitor, format!("{events:?}"), range));
        }
        let events = c_int::try_from(with_the_rest(events)).unwrap_or_default();
        start(self.core(), |socket, endpoint| socket.monitor(endpoint, events))
    }

    /// Starts monitoring like [`monitor`](Self::monitor). In addition, the events name both endpoints of a connection, and the
    /// monitor can receive pipe statistics.
    ///
    /// ```
    /// use zmq::monitor::Events;
    /// use zmq::{Context, Pull, Push};
    ///
    /// let context = Context::new()?;
    /// let server = context.socket(Pull)?;
    /// let endpoint = server.bind("tcp://127.0.0.1:*")?;
    /// let client = context.socket(Push)?;
    /// let monitor = client.monitor_v2(Events::CONNECTED)?;
    /// client.connect(&endpoint)?;
    ///
    /// let event = monitor.recv()?;
    /// assert_eq!(event.remote_endpoint(), Some(endpoint.as_str()));
    /// assert!(event.local_endpoint().is_some_and(|local| local.starts_with("tcp://127.0.0.1:")));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// See [`monitor`](Self::monitor) for the errors.
    #[cfg(zmq_draft)]
    #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
    #[doc(alias = "zmq_socket_monitor_versioned")]
    pub fn monitor_v2(&self, events: Events) -> Result<Monitor> {
        let events = with_the_rest(events);
        start(self.core(), |socket, endpoint| socket.monitor_v2(endpoint, events))
    }

    /// Requests the fill levels of the queues: the monitor receives one [`PipesStats`](crate::monitor::EventKind::PipesStats)
    /// event for each connection.
    ///
    /// libzmq sends the events during the next call on the socket. A call of [`events`](Self::events) is enough.
    ///
    /// # Errors
    ///
    /// * [`InvalidInput`](crate::ErrorKind::InvalidInput) if the socket has no monitor for [`PIPES_STATS`](Events::PIPES_STATS)
    /// * [`WouldBlock`](crate::ErrorKind::WouldBlock) if there are no connections
    /// * [`Unsupported`](crate::ErrorKind::Unsupported) for the [thread-safe](crate::capability::ThreadSafe) socket types, and
    ///   with a libzmq other than the bundled one, which may use freed memory while a connection ends
    /// * [`Forked`](crate::ErrorKind::Forked) in a forked child process
    #[cfg(zmq_draft)]
    #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
    #[doc(alias = "zmq_socket_monitor_pipes_stats")]
    pub fn monitor_pipes_stats(&self) -> Result<()> {
        let operation = Operation::PipesStats;
        self.core().check_process(operation)?;
        if self.core().socket_kind().is_thread_safe() {
            // The call does not take the lock of thread-safe sockets (T2).
            return Err(Error::new(operation, Errno(libc::ENOTSUP))
                .hint("not available for thread-safe socket types"));
        }
        foreign::check_pipes_stats()?;
        self.core().raw().monitor_pipes_stats().map_err(|errno| {
            let error = Error::new(operation, errno);
            match errno {
                Errno(libc::EINVAL) => error.meaning(
                    ErrorKind::InvalidInput,
                    "the socket has no monitor for PIPES_STATS; start one with `monitor_v2`",
                ),
                _ => error,
            }
        })
    }

    /// Stops the socket's monitor, if it has one. The monitor receives
    /// [`MonitorStopped`](crate::monitor::EventKind::MonitorStopped) as its last event.
    ///
    /// # Errors
    ///
    /// [`Forked`](crate::ErrorKind::Forked) in a forked child process.
    ///
    /// Follows [zmq_socket_monitor(3)](https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor.html), with a null
    /// endpoint.
    #[doc(alias = "zmq_socket_monitor")]
    pub fn stop_monitor(&self) -> Result<()> {
        let operation = Operation::StopMonitor;
        self.core().check_process(operation)?;
        let mut tether = self.core().tether().lock();
        *tether = None;
        match self.core().raw().stop_monitor() {
            // The shutdown of the context has stopped the monitor.
            Ok(()) | Err(Errno(zmq_sys::ETERM)) => Ok(()),
            Err(errno) => Err(Error::new(operation, errno)),
        }
    }
}

/// Adds the events that every monitor reports, even if they are not requested.
fn with_the_rest(events: Events) -> u64 {
    (events | Events::MONITOR_STOPPED).bits() | TELLS_LOST
}

/// Creates a monitor. The reader exists before any other call on the socket, so no event waits for a reader.
fn start(
    socket: &Core,
    monitor: impl Fn(&raw::socket::Socket, &CStr) -> Result<(), Errno>,
) -> Result<Monitor> {
    let operation = Operation::Monitor;
    socket.check_process(operation)?;
    let context = socket.context();
    let within = |error: Error| error.within(operation);
    let slots = context.slot().map_err(within)?;
    let raw = context.new_socket(SocketKind::Pair.constant()).map_err(within)?;
    let reader = Core::new(raw, SocketKind::Pair, context.clone()).map_err(within)?;
    let failed = |errno| Error::new(operation, errno);
    reader.raw().set(zmq_sys::ZMQ_RCVHWM, foreign::events_limit(OWN_LIMIT)).map_err(failed)?;
    let mut tether = socket.tether().lock();
    let endpoint = loop {
        let endpoint = unused_endpoint();
        match monitor(socket.raw(), &endpoint) {
            Ok(()) => break endpoint,
            Err(Errno(libc::EINTR | libc::EADDRINUSE)) => {}
            Err(errno) => return Err(context.no_socket(operation, errno)),
        }
    };
    loop {
        match reader.raw().connect(&endpoint) {
            Ok(()) => break,
            Err(Errno(libc::EINTR)) => {}
            // The context was shut down, so no event waits for the reader.
            Err(errno) => return Err(failed(errno)),
        }
    }
    let abandoned = Abandoned::default();
    *tether = Some(abandoned.clone());
    drop(tether);
    Ok(Monitor { reader, slots: Some(slots), abandoned, has_ended: Cell::new(false) })
}

/// The bit that makes the bundled libzmq report lost events.
const TELLS_LOST: u64 = foreign::known_event(0x4000_0000);

/// The reader's share of the limit. libzmq's end holds 1000 events, and reserves three for events that must not be lost.
const OWN_LIMIT: c_int = 10_000 - 1000 + 3;

/// Returns an `inproc` endpoint that no other code has a reason to use.
fn unused_endpoint() -> CString {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    CString::new(format!("inproc://zmq.monitor.{}.{number}", std::process::id())).unwrap_or_default()
}
