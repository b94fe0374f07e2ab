//! Socket options: [one table](table), and [how their values look in C](value).

mod define;
#[cfg(zmq_draft)]
mod draft;
mod table;
mod value;

use core::ffi::c_int;

use crate::error::{Error, ErrorKind, Operation, Result};
use crate::raw::Errno;
use crate::socket::{Ability, Core};
use value::{Encoded, Get, Set};

/// When an option may be set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum When {
    AnyTime,
    /// Not once the socket was bound or connected.
    Before,
}

/// What the table says of an option besides its type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) constant: c_int,
    /// What a socket's kind must be able to, to have the option.
    pub(crate) ability: Option<Ability>,
    pub(crate) when: When,
}

impl Core {
    pub(crate) fn set_option<S: Set>(&self, row: Row, value: S::Value<'_>) -> Result<()> {
        self.check_option(Operation::SetOption, row)?;
        let shown = || format!("{} {value:?}", row.name.trim_start_matches("set_"));
        // Kept, so that no other thread binds or connects meanwhile.
        let attached = (row.when == When::Before).then(|| self.attached());
        if attached.as_ref().is_some_and(|attached| attached.ever) {
            return Err(Error::refused(
                Operation::SetOption,
                ErrorKind::WrongState,
                zmq_sys::EFSM,
                shown(),
                "must be set before the first bind or connect",
            ));
        }
        let encoded = match S::encode(value) {
            Ok(encoded) => encoded,
            Err(range) => return Err(Error::invalid(Operation::SetOption, shown(), range)),
        };
        let set = match encoded {
            Encoded::Int(value) => self.raw().set(row.constant, value),
            Encoded::Int64(value) => self.raw().set(row.constant, value),
            Encoded::Bytes(value) => self.raw().set_bytes(row.constant, value),
        };
        set.map_err(|errno| Error::new(Operation::SetOption, errno).on(shown()))?;
        match encoded {
            Encoded::Int(value) => self.note_option(row.constant, value),
            Encoded::Bytes(value) => self.note_bytes(row.constant, value),
            Encoded::Int64(_) => {}
        }
        Ok(())
    }

    pub(crate) fn get_option<G: Get>(&self, row: Row) -> Result<G::Value> {
        self.check_option(Operation::GetOption, row)?;
        loop {
            match G::get(self.raw(), row.constant) {
                // Reading the events runs libzmq's own errands, which a signal may disturb.
                Err(Errno(libc::EINTR)) => {}
                Err(errno) => return Err(Error::new(Operation::GetOption, errno).on(row.name)),
                Ok(value) => return Ok(value),
            }
        }
    }

    fn check_option(&self, operation: Operation, row: Row) -> Result<()> {
        self.check_process(operation)?;
        match row.ability {
            Some(ability) if !self.socket_kind().has(ability) => Err(Error::refused(
                operation,
                ErrorKind::Unsupported,
                libc::EINVAL,
                row.name,
                format!("{} sockets have no such option", self.socket_kind()),
            )),
            _ => Ok(()),
        }
    }
}
