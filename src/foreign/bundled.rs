//! The functions of `inproc.rs` for the bundled libzmq, which needs nothing of the kind.

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

impl OfSocket {
    pub(crate) fn note_option(&self, _option: c_int, _is_set: bool) {}
}

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
