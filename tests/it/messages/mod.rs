//! Messages, and the buffers that they are made of.

mod first_owner;
mod message;
mod metadata;
mod multipart;
mod owner_destructors;
mod ownership;
