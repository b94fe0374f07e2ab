//! The options of a context.

use core::ffi::c_int;
use std::sync::atomic::Ordering;

use super::{Context, INTERRUPTIBLE, Inner, no_thread};
use crate::error::{Error, Operation, Result};
use crate::raw;

/// Asks libzmq for one socket more than the user may have: for one that was closed and is not quite gone when the next is made,
/// and with another libzmq than the bundled one for the one in reserve (A23). With a build whose own limit is lower, there is none.
pub(super) fn reserve_socket(raw: &raw::context::Context, max: usize) {
    if let Ok(max) = c_int::try_from(max.saturating_add(1)) {
        let _ = raw.set(zmq_sys::ZMQ_MAX_SOCKETS, max);
    }
}

/// What was allowed when it was set may no longer be when the threads start.
pub(super) fn check_scheduling(context: &Inner) -> Result<()> {
    let Some(wanted) = context.scheduling.get().filter(|wanted| !wanted.is_none()) else { return Ok(()) };
    wanted
        .check()
        .map_err(|errno| no_thread(Operation::NewSocket, errno).on("with the scheduling that was set"))
}

/// # Options
///
/// Options that must be set before the first socket is created are set with [`Context::builder`]. The other options can be set at
/// any time. IPv6, blocky and zero-copy apply to sockets that are created afterwards.
///
/// Follows [zmq_ctx_set(3)](https://libzmq.readthedocs.io/en/latest/zmq_ctx_set.html) and
/// [zmq_ctx_get(3)](https://libzmq.readthedocs.io/en/latest/zmq_ctx_get.html). `ZMQ_MAX_MSGSZ` is absent because
/// libzmq never enforces it; [`Socket::set_max_message_size`](crate::Socket::set_max_message_size) is what works.
///
/// Every one fails with [`Forked`](crate::ErrorKind::Forked) in a child of the process that made the context.
impl Context {
    /// The number of I/O threads; 1 unless set.
    ///
    /// # Errors
    ///
    /// As for all [options](#options).
    #[doc(alias = "ZMQ_IO_THREADS")]
    #[doc(alias = "zmq_ctx_get")]
    pub fn io_threads(&self) -> Result<u32> {
        self.get("io_threads", zmq_sys::ZMQ_IO_THREADS).map(number)
    }

    /// How many sockets may be open at once; 1023 unless set.
    ///
    /// # Errors
    ///
    /// As for all [options](#options).
    #[doc(alias = "ZMQ_MAX_SOCKETS")]
    pub fn max_sockets(&self) -> Result<u32> {
        self.inner.check_process(Operation::GetContextOption)?;
        Ok(u32::try_from(self.inner.max_sockets.load(Ordering::Relaxed)).unwrap_or(u32::MAX))
    }

    /// The largest number that [`ContextBuilder::max_sockets`](crate::option::ContextBuilder::max_sockets) accepts.
    ///
    /// # Errors
    ///
    /// As for all [options](#options).
    #[doc(alias = "ZMQ_SOCKET_LIMIT")]
    pub fn socket_limit(&self) -> Result<u32> {
        self.get("socket_limit", zmq_sys::ZMQ_SOCKET_LIMIT).map(number)
    }

    /// Whether sockets made from now on use IPv6; false unless set.
    ///
    /// # Errors
    ///
    /// As for all [options](#options).
    #[doc(alias = "ZMQ_IPV6")]
    pub fn ipv6(&self) -> Result<bool> {
        self.get("ipv6", zmq_sys::ZMQ_IPV6).map(|value| value != 0)
    }

    /// Sets whether sockets made from now on use IPv6.
    ///
    /// # Errors
    ///
    /// As for all [options](#options).
    #[doc(alias = "zmq_ctx_set")]
    #[doc(alias = "ZMQ_IPV6")]
    pub fn set_ipv6(&self, ipv6: bool) -> Result<()> {
        self.set("ipv6", zmq_sys::ZMQ_IPV6, c_int::from(ipv6))
    }

    /// Whether sockets made from now on wait for ever, when closed, for unsent messages; true unless set.
    ///
    /// # Errors
    ///
    /// As for all [options](#options).
    #[doc(alias = "ZMQ_BLOCKY")]
    pub fn blocky(&self) -> Result<bool> {
        self.get("blocky", zmq_sys::ZMQ_BLOCKY).map(|value| value != 0)
    }

    /// Sets whether sockets made from now on wait for unsent messages when closed.
    ///
    /// With `false` they start with a [linger](crate::Socket::set_linger) of zero: dropping the context never waits, and
    /// drops what was not sent.
    ///
    /// # Errors
    ///
    /// As for all [options](#options).
    #[doc(alias = "ZMQ_BLOCKY")]
    pub fn set_blocky(&self, blocky: bool) -> Result<()> {
        self.set("blocky", zmq_sys::ZMQ_BLOCKY, c_int::from(blocky))
    }

    /// Whether sockets made from now on receive messages as slices of one buffer; true unless set.
    ///
    /// # Errors
    ///
    /// As for all [options](#options).
    #[doc(alias = "ZMQ_ZERO_COPY_RECV")]
    pub fn zero_copy_recv(&self) -> Result<bool> {
        self.get("zero_copy_recv", ZERO_COPY_RECV).map(|value| value != 0)
    }

    /// Sets whether sockets made from now on receive messages as slices of one 8 KiB buffer.
    ///
    /// That saves a copy, but a small message that is kept keeps the buffer.
    ///
    /// # Errors
    ///
    /// As for all [options](#options).
    #[doc(alias = "ZMQ_ZERO_COPY_RECV")]
    pub fn set_zero_copy_recv(&self, zero_copy: bool) -> Result<()> {
        self.set("zero_copy_recv", ZERO_COPY_RECV, c_int::from(zero_copy))
    }

    /// The scheduling policy of the context's threads, as the system numbers them; `None` unless set.
    ///
    /// # Errors
    ///
    /// As for all [options](#options).
    #[doc(alias = "ZMQ_THREAD_SCHED_POLICY")]
    pub fn thread_scheduling_policy(&self) -> Result<Option<i32>> {
        self.inner.check_process(Operation::GetContextOption)?;
        Ok(self.inner.scheduling.get().and_then(|scheduling| scheduling.policy))
    }

    /// The number that the names of the context's threads begin with; `None` unless set.
    ///
    /// # Errors
    ///
    /// As for all [options](#options).
    #[doc(alias = "ZMQ_THREAD_NAME_PREFIX")]
    pub fn thread_name_prefix(&self) -> Result<Option<u32>> {
        let prefix = self.get("thread_name_prefix", zmq_sys::ZMQ_THREAD_NAME_PREFIX).map(number)?;
        Ok(if prefix == 0 { None } else { Some(prefix) })
    }

    /// The text that the names of the context's threads begin with; `None` unless set.
    ///
    /// # Errors
    ///
    /// As for all [options](#options).
    #[cfg(zmq_draft)]
    #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
    #[doc(alias = "ZMQ_THREAD_NAME_PREFIX")]
    #[doc(alias = "zmq_ctx_get_ext")]
    pub fn thread_name_prefix_text(&self) -> Result<Option<String>> {
        let name = "thread_name_prefix_text";
        self.inner.check_process(Operation::GetContextOption)?;
        let mut buffer = [0; MAX_PREFIX + 1];
        self.inner
            .raw
            .get_bytes(zmq_sys::ZMQ_THREAD_NAME_PREFIX, &mut buffer)
            .map_err(|errno| Error::new(Operation::GetContextOption, errno).on(name))?;
        let text = buffer.split(|&byte| byte == 0).next().unwrap_or_default();
        Ok(if text.is_empty() { None } else { Some(String::from_utf8_lossy(text).into_owned()) })
    }

    /// Whether a signal ends blocking calls; false unless set.
    #[must_use]
    pub fn interruptible(&self) -> bool {
        self.inner.is_interruptible()
    }

    /// Sets whether a signal handler that runs during a blocking call ends the call with
    /// [`Interrupted`](crate::ErrorKind::Interrupted), as in C.
    ///
    /// By default the call goes on: until its timeout, counted anew from the first signal at the latest, has passed.
    /// [`poll`](crate::poll()) and [`Poller::wait`](crate::Poller::wait) are interrupted if this is set for any context of
    /// the process, a [proxy](crate::proxy()) if it is for that of a socket that it forwards between. This crate never
    /// installs a signal handler.
    ///
    /// A signal that comes just before the call ends nothing. [`Context`](Context#ctrl-c) has surer ways to stop a program.
    pub fn set_interruptible(&self, interruptible: bool) {
        let before = self.inner.interruptible.swap(interruptible, Ordering::Relaxed);
        match (before, interruptible) {
            (false, true) => {
                INTERRUPTIBLE.fetch_add(1, Ordering::Relaxed);
            }
            (true, false) => {
                INTERRUPTIBLE.fetch_sub(1, Ordering::Relaxed);
            }
            _ => {}
        }
    }

    fn get(&self, name: &'static str, option: c_int) -> Result<c_int> {
        self.inner.check_process(Operation::GetContextOption)?;
        self.inner.raw.get(option).map_err(|errno| Error::new(Operation::GetContextOption, errno).on(name))
    }

    pub(super) fn set(&self, name: &'static str, option: c_int, value: c_int) -> Result<()> {
        self.inner.check_process(Operation::SetContextOption)?;
        self.inner
            .raw
            .set(option, value)
            .map_err(|errno| Error::new(Operation::SetContextOption, errno).on(format!("{name} {value}")))
    }
}

/// A draft constant, but known to every 4.3 library.
const ZERO_COPY_RECV: c_int = 10;

/// The most bytes that a prefix has: a thread's name has no room for more.
#[cfg(zmq_draft)]
pub(super) const MAX_PREFIX: usize = 15;

fn number(value: c_int) -> u32 {
    u32::try_from(value).unwrap_or_default()
}

pub(super) fn out_of_range(name: &str, value: impl core::fmt::Display, range: &'static str) -> Error {
    Error::invalid(Operation::SetContextOption, format!("{name} {value}"), range)
}
