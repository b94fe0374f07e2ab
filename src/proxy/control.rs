//! How a proxy is told what to do.

use super::handle::{Attached, ProxyHandle};
use super::statistics::ProxyStatistics;
use crate::context::Context;
use crate::error::{ErrorKind, Result};
use crate::kind::{Ability, CanRecv};
use crate::message::{Message, Multipart};
use crate::socket::{Core, Socket};

/// What steers a [steerable proxy](crate::proxy_steerable): a [`ProxyHandle`], or a socket that receives commands.
///
/// The socket is best a REP, so that a REQ of any program and language can steer the proxy, or a PAIR. The commands are
/// those of C, and so are the replies:
///
/// | command | reply | |
/// |---|---|---|
/// | `PAUSE` | empty | stops forwarding |
/// | `RESUME` | empty | goes on |
/// | `TERMINATE` | empty | ends the proxy |
/// | `STATISTICS` | eight frames | each a `u64` in the machine's order: see [`ProxyStatistics`] |
/// | anything else | empty | is ignored |
///
/// PAUSE and RESUME do what they say; in libzmq 4.3.5 itself they are the wrong way round. A socket that cannot send, such as a
/// SUB, gets no reply. Of a command of several frames, the last one counts, and the reply comes behind the others, as a
/// ROUTER needs it.
///
/// ```
/// use std::thread;
/// use zmq::{Context, ProxyStatistics, Pull, Push, Rep, Req};
///
/// let context = Context::new()?;
/// let (frontend, backend) = (context.socket(Pull)?, context.socket(Push)?);
/// frontend.bind("inproc://frontend")?;
/// backend.bind("inproc://backend")?;
/// let control = context.socket(Rep)?;
/// control.bind("inproc://control")?;
/// let streamer = thread::spawn(move || zmq::proxy_steerable(&frontend, &backend, None, &control));
///
/// let commands = context.socket(Req)?;
/// commands.connect("inproc://control")?;
/// commands.send("STATISTICS")?;
/// let statistics = ProxyStatistics::try_from(commands.recv_multipart()?)?;
/// assert_eq!(statistics.frontend.messages_received, 0);
/// commands.send("TERMINATE")?;
/// commands.recv()?;
/// streamer.join().unwrap()?;
/// # Ok::<(), zmq::Error>(())
/// ```
pub trait ProxyControl: sealed::Sealed {}

impl<K: CanRecv> ProxyControl for Socket<K> {}
impl ProxyControl for ProxyHandle {}

mod sealed {
    use super::{Attached, CanRecv, Context, Orders, ProxyHandle, Result, Socket, Steering};

    #[expect(unnameable_types, reason = "what seals the trait")]
    pub trait Sealed {
        #[doc(hidden)]
        fn steer(&self, context: &Context) -> Result<Steering<'_>>;
    }

    impl<K: CanRecv> Sealed for Socket<K> {
        fn steer(&self, _context: &Context) -> Result<Steering<'_>> {
            Ok(Steering(Orders::Socket(self.core())))
        }
    }

    impl Sealed for ProxyHandle {
        fn steer(&self, context: &Context) -> Result<Steering<'_>> {
            Ok(Steering(Orders::Handle(Attached::new(self, context)?)))
        }
    }
}

/// What a proxy is doing, or to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Course {
    Running,
    Paused,
    Terminated,
}

/// Where a proxy gets its orders from.
#[expect(unnameable_types, reason = "the method of a sealed trait makes it")]
#[expect(missing_debug_implementations, reason = "nobody sees it")]
pub struct Steering<'a>(Orders<'a>);

enum Orders<'a> {
    None,
    Socket(&'a Core),
    Handle(Attached<'a>),
}

impl Steering<'_> {
    pub(super) const NONE: Self = Steering(Orders::None);

    /// The socket at which orders arrive.
    pub(super) fn socket(&self) -> Option<&Core> {
        match &self.0 {
            Orders::None => None,
            Orders::Socket(control) => Some(control),
            Orders::Handle(handle) => Some(handle.bell()),
        }
    }

    /// Obeys what has come in, and tells what there is to tell. `rung`: whether something arrived at the socket.
    pub(super) fn obey(
        &mut self,
        rung: bool,
        course: &mut Course,
        statistics: &ProxyStatistics,
    ) -> Result<()> {
        match &mut self.0 {
            Orders::None => {}
            Orders::Socket(control) if rung => obey_socket(control, course, statistics)?,
            Orders::Socket(_) => {}
            Orders::Handle(handle) => {
                if rung {
                    handle.listen()?;
                }
                *course = handle.obey(statistics)?;
            }
        }
        Ok(())
    }
}

fn obey_socket(control: &Core, course: &mut Course, statistics: &ProxyStatistics) -> Result<()> {
    while *course != Course::Terminated {
        let command = match control.try_recv_all() {
            Ok(command) => command,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut envelope = command.into_frames();
        let command = envelope.pop().unwrap_or_default();
        let mut reply = Multipart::new(Message::new());
        match &command[..] {
            b"PAUSE" => *course = Course::Paused,
            b"RESUME" => *course = Course::Running,
            b"TERMINATE" => *course = Course::Terminated,
            b"STATISTICS" => reply = Multipart::from(statistics.counters().map(u64::to_ne_bytes)),
            _ => {}
        }
        if let Some(envelope) = Multipart::from_frames(envelope) {
            reply.wrap(envelope);
        }
        if control.socket_kind().has(Ability::Send) {
            match control.try_send_all(reply) {
                // Who asked is gone, or does not listen.
                Err(failure) if failure.kind() == ErrorKind::WouldBlock => {}
                sent => sent?,
            }
        }
    }
    Ok(())
}
