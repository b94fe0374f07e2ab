//! Messages.
//!
//! A [`Message`] contains the bytes of one frame. A [`Multipart`] is a message of one or more frames. A [`MessageMut`] is a
//! message whose bytes can be written before it is sent.

// rustdoc shows the methods of a message in the order of these lines. The blank lines keep rustfmt from sorting them.
mod frame;

mod metadata;

#[cfg(zmq_draft)]
#[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
mod addressing;
mod convert;
mod encoding;
pub(crate) mod into;
pub(crate) mod multipart;
mod mutable;
mod received;

#[cfg(zmq_draft)]
pub use addressing::RoutingId;
#[cfg(zmq_draft)]
pub(crate) use addressing::check_group;
pub use frame::Message;
pub(crate) use frame::to_str;
use frame::{allocation_failed, fmt_bytes};
pub(crate) use into::{IntoMessage, IntoMultipart};
pub use multipart::Multipart;
pub use mutable::MessageMut;
pub use received::RecvInto;
