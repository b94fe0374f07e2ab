//! Values of socket options, and the builder that sets options of a context.
//!
//! The options of a socket are methods of [`Socket`](crate::Socket). The options of a context that can be set at any time
//! are methods of [`Context`](crate::Context).

mod define;
mod table;
#[cfg(zmq_draft)]
mod types;
mod value;

use core::ffi::c_int;

#[doc(inline)]
pub use crate::context::ContextBuilder;
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::foreign;
use crate::kind::Ability;
use crate::raw::Errno;
use crate::socket::Core;
#[cfg(zmq_draft)]
use crate::version::{Feature, has};
#[cfg(zmq_draft)]
pub use types::{NormMode, ReconnectStop, RouterNotify};
pub(crate) use value::Encoded;
use value::{Get, Set};

/// When an option can be set, and when it takes effect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum When {
    /// At any time; the option takes effect at once.
    Now,
    /// At any time; the option takes effect for later binds and connects.
    Next,
    /// At any time; the option takes effect for later binds.
    NextBind,
    /// At any time; the option takes effect for later connects.
    NextConnect,
    /// Only before the first bind or connect.
    Before,
}

/// What an option needs of the linked libzmq.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Needs {
    Nothing,
    /// The bundled libzmq: with another libzmq, the option can easily end the process (A49).
    Bundled,
    /// The bundled libzmq: another libzmq does not know the option.
    Addition,
    /// A feature, and the reason that an error gives if it is missing.
    #[cfg(zmq_draft)]
    Feature(Feature, &'static str),
}

/// The meaning of `EINVAL` if libzmq returns it for a valid value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    pub(crate) kind: ErrorKind,
    pub(crate) errno: c_int,
    pub(crate) reason: &'static str,
}

/// A row of the table, for one of its methods. It contains everything that the crate knows about an option.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// The name of the method.
    pub(crate) name: &'static str,
    pub(crate) constant: c_int,
    /// The ability that a socket type needs to have the option.
    pub(crate) ability: Option<Ability>,
    pub(crate) when: When,
    pub(crate) needs: Needs,
    /// Whether errors must not show the value.
    pub(crate) secret: bool,
    /// Checks a value against the state of the socket.
    pub(crate) check: Option<fn(&Core, &Encoded<'_>) -> Result<()>>,
    /// Stores what the socket itself must know of the value: the number, or whether there are any bytes.
    pub(crate) remember: Option<fn(&Core, c_int)>,
    /// Returns the meaning of the error `EINVAL`.
    pub(crate) invalid_means: Option<fn(&Core) -> Option<Refusal>>,
}

impl Row {
    /// A row with default values.
    pub(crate) const fn new(
        name: &'static str,
        constant: c_int,
        ability: Option<Ability>,
        when: When,
    ) -> Row {
        Row {
            name,
            constant,
            ability,
            when,
            needs: Needs::Nothing,
            secret: false,
            check: None,
            remember: None,
            invalid_means: None,
        }
    }
}

impl Core {
    pub(crate) fn set_option<S: Set>(&self, row: &Row, value: S::Value<'_>) -> Result<()> {
        self.check_option(Operation::SetOption, row)?;
        let shown = || shown(row, || S::show(value));
        // Kept to the end of the call, so that no other thread binds or connects meanwhile.
        let attached = (row.when == When::Before).then(|| self.attached());
        if attached.as_ref().is_some_and(|attached| attached.ever()) {
            return Err(Error::refused(
                Operation::SetOption,
                ErrorKind::WrongState,
                zmq_sys::EFSM,
                shown(),
                "must be set before the first bind or connect",
            ));
        }
        if row.needs == Needs::Bundled {
            foreign::check_option(shown)?;
        }
        let encoded = match S::encode(value) {
            Ok(encoded) => encoded,
            Err(range) => return Err(Error::invalid(Operation::SetOption, shown(), range)),
        };
        if let Some(check) = row.check {
            check(self, &encoded).map_err(|error| error.on(shown()))?;
        }
        let set = match &encoded {
            Encoded::Int(value) => self.raw().set(row.constant, *value),
            Encoded::Int64(value) => self.raw().set(row.constant, *value),
            Encoded::Bits(value) => self.raw().set(row.constant, *value),
            Encoded::Bytes(value) => self.raw().set_bytes(row.constant, value),
            #[cfg(zmq_draft)]
            Encoded::Text(value) => self.raw().set_bytes(row.constant, value.as_bytes()),
            Encoded::Nothing => self.raw().set_nothing(row.constant),
        };
        match set {
            Ok(()) => {
                if let (Some(remember), Some(value)) = (row.remember, encoded.summary()) {
                    remember(self, value);
                }
                Ok(())
            }
            Err(errno) => {
                let invalid_means = row.invalid_means.filter(|_| errno == Errno(libc::EINVAL));
                Err(match invalid_means.and_then(|meaning| meaning(self)) {
                    Some(Refusal { kind, errno, reason }) => {
                        Error::refused(Operation::SetOption, kind, errno, shown(), reason)
                    }
                    None => Error::new(Operation::SetOption, errno).on(shown()),
                })
            }
        }
    }

    pub(crate) fn get_option<G: Get>(&self, row: &Row) -> Result<G::Value> {
        self.check_option(Operation::GetOption, row)?;
        loop {
            match G::get(self.raw(), row.constant) {
                // libzmq does pending work when it reads the events, and a signal can interrupt that.
                Err(Errno(libc::EINTR)) => {}
                Err(errno) => return Err(Error::new(Operation::GetOption, errno).on(row.name)),
                Ok(value) => return Ok(value),
            }
        }
    }

    fn check_option(&self, operation: Operation, row: &Row) -> Result<()> {
        self.check_process(operation)?;
        #[cfg(zmq_draft)]
        if let Needs::Feature(feature, reason) = row.needs {
            if !has(feature) {
                let kind = ErrorKind::Unsupported;
                return Err(Error::refused(operation, kind, libc::ENOTSUP, row.name, reason));
            }
        }
        if row.needs == Needs::Addition {
            foreign::check_addition(operation, row.name)?;
        }
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

/// The option and its value, for the text of an error. A secret value is not shown, and a long value is truncated.
#[cold]
fn shown(row: &Row, value: impl FnOnce() -> String) -> String {
    let name = row.name.trim_start_matches("set_");
    if row.secret {
        return format!("{name} [redacted]");
    }
    let mut text = format!("{name} {}", value());
    if let Some((end, _)) = text.char_indices().nth(LONGEST_SHOWN) {
        text.truncate(end);
        text.push_str("...");
    }
    text
}

/// The maximum number of characters to show.
const LONGEST_SHOWN: usize = 120;
