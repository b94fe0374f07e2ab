//! Messages, and the buffers in them.

mod destructors_between_calls;
mod first_owner;
mod message;
mod metadata;
mod multipart;
mod owner_destructors;
mod ownership;
#[cfg(zmq_vendored)]
mod reference_counts;
