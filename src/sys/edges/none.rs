//! Systems for which the crate has no such wait.

use core::ffi::c_int;

use crate::sys::Errno;
use crate::sys::descriptors::RawDescriptor;

/// Always fails.
pub(crate) enum Edges {}

impl Edges {
    pub(crate) fn new() -> Result<Edges, Errno> {
        Err(Errno(libc::ENOSYS))
    }

    pub(crate) fn is_here(&self) -> bool {
        match *self {}
    }

    pub(crate) fn descriptor(&self) -> RawDescriptor {
        match *self {}
    }

    pub(crate) fn add(&self, _descriptor: RawDescriptor, _place: usize) -> Result<(), Errno> {
        match *self {}
    }

    pub(crate) fn remove(&self, _descriptor: RawDescriptor) {
        match *self {}
    }

    pub(crate) fn wait(&mut self, _milliseconds: c_int, _each: impl FnMut(usize)) -> Result<(), Errno> {
        match *self {}
    }
}
