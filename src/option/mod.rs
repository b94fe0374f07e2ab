//! Socket options: [one table](table), and [how their values look in C](value).

mod define;
#[cfg(zmq_draft)]
mod flags;
#[cfg(zmq_draft)]
mod norm;
mod table;
mod value;

use core::ffi::c_int;

use crate::context::Context;
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::foreign;
use crate::kind::{Ability, SocketKind};
use crate::raw::Errno;
use crate::socket::Core;
#[cfg(zmq_draft)]
use crate::version::{Feature, has};
#[cfg(zmq_draft)]
pub use flags::{ReconnectStop, RouterNotify};
#[cfg(zmq_draft)]
pub use norm::NormMode;
pub(crate) use value::Encoded;
use value::{Get, Set};

/// When an option may be set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum When {
    AnyTime,
    /// Not once the socket was bound or connected.
    Before,
}

/// What setting an option needs of the linked library.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Needs {
    Nothing,
    /// Our patches of it: what other libraries do with the option ends the process too easily (A49).
    Bundled,
    /// The transport vmci; without it libzmq calls the option invalid.
    Vmci,
    /// The transport wss.
    #[cfg(zmq_draft)]
    Wss,
    /// The transport norm.
    #[cfg(zmq_draft)]
    Norm,
}

/// What the table says of an option besides its type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) constant: c_int,
    /// What a socket's kind must be able to, to have the option.
    pub(crate) ability: Option<Ability>,
    pub(crate) when: When,
    pub(crate) needs: Needs,
}

impl Core {
    pub(crate) fn set_option<S: Set>(&self, row: Row, value: S::Value<'_>) -> Result<()> {
        self.check_option(Operation::SetOption, row)?;
        let shown = || shown(row, &value);
        // Kept, so that no other thread binds or connects meanwhile.
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
        self.check_value(row, &encoded).map_err(|error| error.on(shown()))?;
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
                if let Some(value) = encoded.summary() {
                    self.note_option(row.constant, value);
                }
                Ok(())
            }
            Err(Errno(libc::EINVAL)) if row.needs == Needs::Vmci => {
                Err(unsupported(shown(), "the linked libzmq has no vmci"))
            }
            Err(Errno(libc::EINVAL)) if self.is_subscription(row.constant) => Err(Error::refused(
                Operation::SetOption,
                ErrorKind::WrongState,
                libc::EINVAL,
                shown(),
                "an XPUB socket subscribes only if it is set to manual",
            )),
            Err(errno) => Err(Error::new(Operation::SetOption, errno).on(shown())),
        }
    }

    /// Whether it is for an XPUB to subscribe by, which only a manual one can.
    fn is_subscription(&self, option: c_int) -> bool {
        self.socket_kind() == SocketKind::XPub
            && matches!(option, zmq_sys::ZMQ_SUBSCRIBE | zmq_sys::ZMQ_UNSUBSCRIBE)
    }

    /// What a value alone does not tell. libzmq shifts one bit for each I/O thread, and there are 64.
    fn check_value(&self, row: Row, value: &Encoded<'_>) -> Result<()> {
        if row.constant == zmq_sys::ZMQ_CONFLATE && !matches!(value, Encoded::Int(0)) {
            foreign::check_conflate(self.socket_kind())?;
        }
        if row.constant == zmq_sys::ZMQ_AFFINITY && !matches!(value, Encoded::Bits(0)) {
            let threads = Context::from_inner(self.context().clone()).io_threads()?;
            if threads > 64 {
                return Err(Error::invalid(
                    Operation::SetOption,
                    row.name,
                    format!("the context has {threads} I/O threads, and there are bits for 64"),
                ));
            }
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
        #[cfg(zmq_draft)]
        for (needs, capability, reason) in [
            (Needs::Wss, Feature::Wss, "the linked libzmq has no wss"),
            (Needs::Norm, Feature::Norm, "the linked libzmq has no norm"),
        ] {
            if row.needs == needs && !has(capability) {
                return Err(Error::refused(
                    operation,
                    ErrorKind::Unsupported,
                    libc::ENOTSUP,
                    row.name,
                    reason,
                ));
            }
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

/// The option and its value, for the text of an error: what is secret is not shown, and what is long is cut.
#[cold]
fn shown(row: Row, value: &impl core::fmt::Debug) -> String {
    let name = row.name.trim_start_matches("set_");
    if is_secret(row.constant) {
        return format!("{name} [redacted]");
    }
    let mut text = format!("{name} {value:?}");
    if let Some((end, _)) = text.char_indices().nth(LONGEST_SHOWN) {
        text.truncate(end);
        text.push_str("...");
    }
    text
}

/// How many characters are shown.
const LONGEST_SHOWN: usize = 120;

fn is_secret(option: c_int) -> bool {
    #[cfg(zmq_draft)]
    return matches!(option, zmq_sys::ZMQ_SOCKS_PASSWORD | zmq_sys::ZMQ_WSS_KEY_PEM);
    #[cfg(not(zmq_draft))]
    {
        let _ = option;
        false
    }
}

fn unsupported(subject: String, reason: &'static str) -> Error {
    Error::refused(Operation::SetOption, ErrorKind::Unsupported, libc::ENOTSUP, subject, reason)
}
