//! The sources that a poller can keep: sockets and descriptors, borrowed or shared.

use std::rc::Rc;
use std::sync::Arc;

use crate::error::{Operation, Result};
use crate::kind::Kind;
use crate::raw;
use crate::raw::poller::{AsDescriptor, BorrowedDescriptor, OwnsSocket, Source};
use crate::socket::Socket;
use crate::sys::descriptors::RawDescriptor;

pub(super) mod sealed {
    use super::{Result, Source};

    #[expect(unnameable_types, reason = "this seals the trait")]
    pub trait OfSocket<'a> {
        #[doc(hidden)]
        fn into_source(self) -> Result<Source<'a>>;
    }

    #[expect(unnameable_types, reason = "this seals the trait")]
    pub trait OfFd<'a> {
        #[doc(hidden)]
        fn into_source(self) -> Source<'a>;
    }
}

/// A socket for [`Poller::add`](crate::Poller::add): `&Socket`, `Rc<Socket>` or `Arc<Socket>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a socket that a poller can keep",
    note = "it takes `&Socket`, `Rc<Socket>` and `Arc<Socket>`; `Poller::add_fd` takes descriptors"
)]
pub trait Pollable<'a>: sealed::OfSocket<'a> {}

/// A descriptor for [`Poller::add_fd`](crate::Poller::add_fd): a `BorrowedFd`, or a type that has a descriptor, as `&T`,
/// `Rc<T>` or `Arc<T>`. On Windows, the descriptor is a `BorrowedSocket`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a descriptor that a poller can keep",
    note = "it takes `BorrowedFd`, and `&T`, `Rc<T>` and `Arc<T>` of types with a descriptor"
)]
pub trait PollableFd<'a>: sealed::OfFd<'a> {}

impl<K: Kind> OwnsSocket for Socket<K> {
    fn raw(&self) -> &raw::socket::Socket {
        self.core().raw()
    }

    fn is_thread_safe(&self) -> bool {
        self.core().socket_kind().is_thread_safe()
    }

    fn notification(&self) -> Option<RawDescriptor> {
        self.core().notification()
    }
}

macro_rules! pollable {
    ($($socket:ty, $of_socket:ident; $owner:ty, $of_owner:ident;)+) => {$(
        impl<'a, K: Kind> sealed::OfSocket<'a> for $socket {
            fn into_source(self) -> Result<Source<'a>> {
                self.core().check_process(Operation::Poll)?;
                Ok(Source::$of_socket(self))
            }
        }

        impl<'a, K: Kind> Pollable<'a> for $socket {}

        impl<'a, T: AsDescriptor + 'static> sealed::OfFd<'a> for $owner {
            fn into_source(self) -> Source<'a> {
                Source::$of_owner(self)
            }
        }

        impl<'a, T: AsDescriptor + 'static> PollableFd<'a> for $owner {}
    )+};
}

pollable! {
    &'a Socket<K>, borrowed; &'a T, borrowed_descriptor;
    Rc<Socket<K>>, rc; Rc<T>, rc_descriptor;
    Arc<Socket<K>>, arc; Arc<T>, arc_descriptor;
}

impl<'a> sealed::OfFd<'a> for BorrowedDescriptor<'a> {
    fn into_source(self) -> Source<'a> {
        Source::descriptor(self)
    }
}

impl<'a> PollableFd<'a> for BorrowedDescriptor<'a> {}
