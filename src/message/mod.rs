//! Messages: one frame, and several.

// rustdoc shows the methods of a message in the order of these lines. The blank lines keep rustfmt from sorting them.
mod frame;

mod metadata;

#[cfg(zmq_draft)]
mod addressing;
mod convert;
mod encoding;
mod into;
mod multipart;
mod mutable;

#[cfg(zmq_draft)]
pub use addressing::RoutingId;
#[cfg(zmq_draft)]
pub(crate) use addressing::check_group;
pub use frame::Message;
pub(crate) use frame::to_str;
use frame::{allocation_failed, fmt_bytes};
pub use into::{IntoMessage, IntoMultipart};
pub use multipart::{FrameCountError, Multipart};
pub use mutable::MessageMut;
