//! The orders of a proxy, and how it receives them.

use super::handle::{Attached, Handle};
use super::statistics::Statistics;
use crate::context::Context;
use crate::error::{ErrorKind, Result};
use crate::kind::Ability;
use crate::message::{Message, Multipart};
use crate::socket::Core;

/// The state of a proxy, or the state that an order requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Course {
    Running,
    Paused,
    Terminated,
}

/// The source of a proxy's orders.
pub(super) struct Steering<'a>(Orders<'a>);

enum Orders<'a> {
    None,
    Socket(&'a Core),
    Handle(Attached<'a>),
}

impl<'a> Steering<'a> {
    pub(super) const NONE: Self = Steering(Orders::None);

    pub(super) fn by_socket(socket: &'a Core) -> Steering<'a> {
        Steering(Orders::Socket(socket))
    }

    pub(super) fn by_handle(handle: &'a Handle, context: &Context) -> Result<Steering<'a>> {
        Ok(Steering(Orders::Handle(Attached::new(handle, context)?)))
    }

    /// The socket on which orders arrive.
    pub(super) fn socket(&self) -> Option<&Core> {
        match &self.0 {
            Orders::None => None,
            Orders::Socket(control) => Some(control),
            Orders::Handle(handle) => Some(handle.bell()),
        }
    }

    /// Executes new orders and publishes the statistics. `rung` is true if a message may have arrived on the socket.
    pub(super) fn obey(&mut self, rung: bool, course: &mut Course, statistics: &Statistics) -> Result<()> {
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

fn obey_socket(control: &Core, course: &mut Course, statistics: &Statistics) -> Result<()> {
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
                // The sender of the command has disappeared, or does not receive.
                Err(failure) if failure.kind() == ErrorKind::WouldBlock => {}
                sent => sent?,
            }
        }
    }
    Ok(())
}
