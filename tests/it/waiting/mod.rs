//! Waiting for sockets, descriptors and timers.

mod poll;
mod poller;
mod poller_many;
mod readiness;
mod send_within;
#[cfg(zmq_vendored)]
mod spinning;
mod timers;
