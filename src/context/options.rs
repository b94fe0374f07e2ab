//! The options of a context.

use core::ffi::c_int;
use core::time::Duration;
use std::sync::atomic::Ordering;

use super::{Context, INTERRUPTIBLE, Inner, no_thread};
use crate::error::{Error, Operation, Result};
use crate::foreign;
use crate::raw;

/// Sets a limit in libzmq that is one socket higher than the limit for the program. The additional socket is for a closed
/// socket that is not yet destroyed when the next socket is created. With a libzmq other than the bundled one, it is for the
/// socket in reserve (A23). If libzmq was built with a lower limit, there is no additional socket.
pub(super) fn reserve_socket(raw: &raw::context::Context, max: usize) {
    if let Ok(max) = c_int::try_from(max.saturating_add(1)) {
        let _ = raw.set(zmq_sys::ZMQ_MAX_SOCKETS, max);
    }
}

/// Checks the scheduling again, because the system may refuse now what it allowed when the context was built.
pub(super) fn check_scheduling(context: &Inner) -> Result<()> {
    let Some(wanted) = context.scheduling.get().filter(|wanted| !wanted.is_none()) else { return Ok(()) };
    wanted
        .check()
        .map_err(|errno| no_thread(Operation::NewSocket, errno).on("with the configured scheduling"))
}

/// # Options
///
/// [`Context::builder`] sets the options that must be set before the first socket is created. The other options can be set
/// at any time. The options IPv6, blocky and zero-copy apply only to sockets that are created afterwards.
///
/// Follows [zmq_ctx_set(3)](https://libzmq.readthedocs.io/en/latest/zmq_ctx_set.html) and
/// [zmq_ctx_get(3)](https://libzmq.readthedocs.io/en/latest/zmq_ctx_get.html). `ZMQ_MAX_MSGSZ` is missing because libzmq never
/// enforces it. Use [`Socket::set_max_message_size`](crate::Socket::set_max_message_size) instead.
///
/// All options fail with [`Forked`](crate::ErrorKind::Forked) in a child of the process that created the context.
impl Context {
    /// Returns the number of I/O threads. Default: 1.
    ///
    /// # Errors
    ///
    /// See [options](#options).
    #[doc(alias = "ZMQ_IO_THREADS")]
    #[doc(alias = "zmq_ctx_get")]
    pub fn io_threads(&self) -> Result<u32> {
        self.get("io_threads", zmq_sys::ZMQ_IO_THREADS).map(number)
    }

    /// Returns the maximum number of open sockets. Default: 1023.
    ///
    /// # Errors
    ///
    /// See [options](#options).
    #[doc(alias = "ZMQ_MAX_SOCKETS")]
    pub fn max_sockets(&self) -> Result<u32> {
        self.inner.check_process(Operation::GetContextOption)?;
        Ok(u32::try_from(self.inner.max_sockets.load(Ordering::Relaxed)).unwrap_or(u32::MAX))
    }

    /// Returns the largest number that [`ContextBuilder::max_sockets`](crate::option::ContextBuilder::max_sockets) accepts.
    ///
    /// # Errors
    ///
    /// See [options](#options).
    #[doc(alias = "ZMQ_SOCKET_LIMIT")]
    pub fn socket_limit(&self) -> Result<u32> {
        self.get("socket_limit", zmq_sys::ZMQ_SOCKET_LIMIT).map(number)
    }

    /// Returns whether new sockets use IPv6. Default: `false`.
    ///
    /// # Errors
    ///
    /// See [options](#options).
    #[doc(alias = "ZMQ_IPV6")]
    pub fn ipv6(&self) -> Result<bool> {
        self.get("ipv6", zmq_sys::ZMQ_IPV6).map(|value| value != 0)
    }

    /// Sets whether new sockets use IPv6. Default: `false`.
    ///
    /// # Errors
    ///
    /// See [options](#options).
    #[doc(alias = "zmq_ctx_set")]
    #[doc(alias = "ZMQ_IPV6")]
    pub fn set_ipv6(&self, ipv6: bool) -> Result<()> {
        self.set("ipv6", zmq_sys::ZMQ_IPV6, c_int::from(ipv6))
    }

    /// Returns whether dropping the context waits for the unsent messages of new sockets. Default: `true`.
    ///
    /// # Errors
    ///
    /// See [options](#options).
    #[doc(alias = "ZMQ_BLOCKY")]
    pub fn blocky(&self) -> Result<bool> {
        self.get("blocky", zmq_sys::ZMQ_BLOCKY).map(|value| value != 0)
    }

    /// Sets whether dropping the context waits for the unsent messages of new sockets. Default: `true`, which waits
    /// forever.
    ///
    /// With `false`, new sockets have a [linger](crate::Socket::set_linger) period of zero. So dropping the context does not
    /// wait, and discards unsent messages.
    ///
    /// # Errors
    ///
    /// See [options](#options).
    #[doc(alias = "ZMQ_BLOCKY")]
    pub fn set_blocky(&self, blocky: bool) -> Result<()> {
        self.set("blocky", zmq_sys::ZMQ_BLOCKY, c_int::from(blocky))
    }

    /// Returns whether new sockets receive messages as slices of a shared buffer. Default: `true`.
    ///
    /// # Errors
    ///
    /// See [options](#options).
    #[doc(alias = "ZMQ_ZERO_COPY_RECV")]
    pub fn zero_copy_recv(&self) -> Result<bool> {
        self.get("zero_copy_recv", ZERO_COPY_RECV).map(|value| value != 0)
    }

    /// Sets whether new sockets receive small messages as slices of a shared 8 KiB buffer. Default: `true`.
    ///
    /// This saves a copy, but a small message then keeps the whole buffer in memory.
    ///
    /// # Errors
    ///
    /// See [options](#options).
    #[doc(alias = "ZMQ_ZERO_COPY_RECV")]
    pub fn set_zero_copy_recv(&self, zero_copy: bool) -> Result<()> {
        self.set("zero_copy_recv", ZERO_COPY_RECV, c_int::from(zero_copy))
    }

    /// Returns the scheduling policy of the context's threads, as the number that the system uses. Default: `None`.
    ///
    /// # Errors
    ///
    /// See [options](#options).
    #[doc(alias = "ZMQ_THREAD_SCHED_POLICY")]
    pub fn thread_scheduling_policy(&self) -> Result<Option<i32>> {
        self.inner.check_process(Operation::GetContextOption)?;
        Ok(self.inner.scheduling.get().and_then(|scheduling| scheduling.policy))
    }

    /// Returns the number with which the names of the context's threads begin. Default: `None`.
    ///
    /// # Errors
    ///
    /// See [options](#options).
    #[doc(alias = "ZMQ_THREAD_NAME_PREFIX")]
    pub fn thread_name_prefix(&self) -> Result<Option<u32>> {
        let prefix = self.get("thread_name_prefix", zmq_sys::ZMQ_THREAD_NAME_PREFIX).map(number)?;
        Ok(if prefix == 0 { None } else { Some(prefix) })
    }

    /// Returns the text with which the names of the context's threads begin. Default: `None`.
    ///
    /// # Errors
    ///
    /// See [options](#options).
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

    /// Returns how long the context's I/O threads spin before they sleep. Default: zero, which means that they do not spin.
    ///
    /// [`ContextBuilder::spin_time`](crate::option::ContextBuilder::spin_time) sets this time.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](crate::ErrorKind::Unsupported) with a libzmq other than the bundled one. See also [options](#options).
    #[doc(alias = "ZMQ_SPIN_TIME")]
    pub fn spin_time(&self) -> Result<Duration> {
        foreign::check_addition(Operation::GetContextOption, "spin_time")?;
        let microseconds = self.get("spin_time", zmq_sys::ZMQ_SPIN_TIME)?;
        Ok(Duration::from_micros(u64::try_from(microseconds).unwrap_or_default()))
    }

    /// Returns whether a signal ends blocking calls. Default: `false`.
    #[must_use]
    pub fn interruptible(&self) -> bool {
        self.inner.is_interruptible()
    }

    /// Sets whether a signal handler that runs during a blocking call ends the call with
    /// [`Interrupted`](crate::ErrorKind::Interrupted), as in C. Default: `false`.
    ///
    /// With `false`, the call continues. Its timeout may start again once, at the first signal.
    ///
    /// [`poll`](crate::poll()) and [`Poller::wait`](crate::Poller::wait) are interrupted if any context of the process is
    /// interruptible. A [proxy](crate::proxy()) is interrupted if the context of one of its sockets is interruptible. This
    /// crate never installs a signal handler.
    ///
    /// A signal that arrives just before the call does not end it. While the call [spins](crate::Socket::set_spin_time), the
    /// system can let another thread handle a signal, and this signal does not end the call either. [`Context`](Context#ctrl-c)
    /// describes more reliable ways to stop a program.
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

/// A draft constant, but every libzmq 4.3 supports it.
const ZERO_COPY_RECV: c_int = 10;

/// The maximum length of a prefix in bytes, because the name of a thread cannot be longer.
#[cfg(zmq_draft)]
pub(super) const MAX_PREFIX: usize = 15;

fn number(value: c_int) -> u32 {
    u32::try_from(value).unwrap_or_default()
}

pub(super) fn out_of_range(name: &str, value: impl core::fmt::Display, range: &'static str) -> Error {
    Error::invalid(Operation::SetContextOption, format!("{name} {value}"), range)
}
