//! The counterparts of the functions in `inproc.rs` for the bundled libzmq. They do nothing, because the bundled
//! libzmq needs no such checks.

use core::ffi::c_int;

#[cfg(zmq_draft)]
use crate::context::{Inner, Turn};
use crate::error::Result;
use crate::socket::Core;

#[derive(Default)]
pub(crate) struct OfContext {}

impl OfContext {
    pub(crate) fn end(&self) {}
}

#[derive(Default, Debug)]
pub(crate) struct OfSocket {}

#[cfg(zmq_draft)]
pub(crate) fn note_hello(_core: &Core, _is_set: c_int) {}

pub(crate) fn note_welcome(_core: &Core, _is_set: c_int) {}

pub(crate) fn bind<T>(_core: &Core, _name: &str, bind: impl FnOnce() -> Result<T>) -> Result<T> {
    bind()
}

pub(crate) fn connect<T>(_core: &Core, _name: &str, connect: impl FnOnce() -> Result<T>) -> Result<T> {
    connect()
}

pub(crate) fn leave(_core: &Core, _name: &str, leave: impl FnOnce() -> Result<()>) -> Result<()> {
    leave()
}

pub(crate) fn close(_core: &Core) {}

#[cfg(zmq_draft)]
pub(crate) fn hold(_context: &Inner) -> Option<Turn<'_>> {
    None
}
