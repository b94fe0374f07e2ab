//! The options of a context.

use core::ffi::c_int;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::{Context, INTERRUPTIBLE, Inner, no_thread};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::raw;
use crate::sys::scheduling::Scheduling;

/// More I/O threads than any machine has use for; libzmq has no bound, and ends the process near `i32::MAX` (A24).
const MAX_IO_THREADS: u32 = 1024;

/// Asks libzmq for one socket more than the user may have: for one that was closed and is not quite gone when the next is made,
/// and with another libzmq than the bundled one for the one in reserve (A23). With a build whose own limit is lower, there is none.
pub(super) fn reserve_socket(raw: &raw::context::Context, max: usize) {
    if let Ok(max) = c_int::try_from(max.saturating_add(1)) {
        let _ = raw.set(zmq_sys::ZMQ_MAX_SOCKETS, max);
    }
}

/// What was allowed when it was set may no longer be when the threads start.
pub(super) fn check_scheduling(context: &Inner) -> Result<()> {
    let wanted = context.scheduling.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if wanted.is_none() {
        return Ok(());
    }
    wanted
        .check()
        .map_err(|errno| no_thread(Operation::NewSocket, errno).on("with the scheduling that was set"))
}

/// # Options
///
/// Those that concern the I/O threads and the number of sockets must be set before the first socket is made; those that
/// concern sockets (IPv6, blocky, zero-copy) hold for sockets made afterwards.
///
/// Follows [zmq_ctx_set(3)](https://libzmq.readthedocs.io/en/latest/zmq_ctx_set.html) and
/// [zmq_ctx_get(3)](https://libzmq.readthedocs.io/en/latest/zmq_ctx_get.html). `ZMQ_MAX_MSGSZ` is absent because
/// libzmq never enforces it; [`Socket::set_max_message_size`](crate::Socket::set_max_message_size) is what works.
///
/// Every one fails with [`Forked`](ErrorKind::Forked) in a child of the process that made the context.
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

    /// Sets the number of I/O threads, 0 to 1024. One is enough for about a gigabyte a second; with none, only inproc
    /// works.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) beyond 1024; [`WrongState`](ErrorKind::WrongState) once a socket was
    /// made.
    #[doc(alias = "ZMQ_IO_THREADS")]
    #[doc(alias = "zmq_ctx_set")]
    pub fn set_io_threads(&self, threads: u32) -> Result<()> {
        let option = "io_threads";
        if threads > MAX_IO_THREADS {
            return Err(out_of_range(option, threads, "at most 1024"));
        }
        self.set_before_start(option, zmq_sys::ZMQ_IO_THREADS, threads)
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

    /// Sets how many sockets may be open at once, from 1 to [`socket_limit`](Self::socket_limit).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) out of that range; [`WrongState`](ErrorKind::WrongState) once a socket
    /// was made.
    #[doc(alias = "ZMQ_MAX_SOCKETS")]
    pub fn set_max_sockets(&self, sockets: u32) -> Result<()> {
        let option = "max_sockets";
        if sockets == 0 || sockets > self.socket_limit()? {
            return Err(out_of_range(option, sockets, "from 1 to Context::socket_limit"));
        }
        self.set_before_start(option, zmq_sys::ZMQ_MAX_SOCKETS, sockets)?;
        let sockets = usize::try_from(sockets).unwrap_or(usize::MAX);
        self.inner.max_sockets.store(sockets, Ordering::Relaxed);
        reserve_socket(&self.inner.raw, sockets);
        Ok(())
    }

    /// The largest number that [`set_max_sockets`](Self::set_max_sockets) takes.
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
        Ok(self.scheduling(|scheduling| scheduling.policy))
    }

    /// Sets the scheduling policy of the context's threads: a number of the system's, such as `libc::SCHED_FIFO`.
    ///
    /// `SCHED_FIFO` and `SCHED_RR` need a [priority](Self::set_thread_priority) too; without one, making the first socket
    /// fails.
    ///
    /// # Errors
    ///
    /// [`PermissionDenied`](ErrorKind::PermissionDenied) or [`InvalidInput`](ErrorKind::InvalidInput) if the system
    /// refuses it (libzmq would abort the process); [`WrongState`](ErrorKind::WrongState) once a socket was made.
    #[doc(alias = "ZMQ_THREAD_SCHED_POLICY")]
    pub fn set_thread_scheduling_policy(&self, policy: i32) -> Result<()> {
        let option = "thread_scheduling_policy";
        if policy < 0 {
            return Err(out_of_range(option, policy, "0 or more"));
        }
        self.schedule(option, zmq_sys::ZMQ_THREAD_SCHED_POLICY, policy, |wanted| wanted.policy = Some(policy))
    }

    /// Sets the priority of the context's threads: 1 to 99 with `SCHED_FIFO` or `SCHED_RR`. With any other policy, a
    /// number above 0 gives them the lowest nice value.
    ///
    /// # Errors
    ///
    /// As [`set_thread_scheduling_policy`](Self::set_thread_scheduling_policy).
    #[doc(alias = "ZMQ_THREAD_PRIORITY")]
    pub fn set_thread_priority(&self, priority: u32) -> Result<()> {
        let option = "thread_priority";
        let Ok(value) = c_int::try_from(priority) else {
            return Err(out_of_range(option, priority, "at most 99"));
        };
        self.schedule(option, zmq_sys::ZMQ_THREAD_PRIORITY, value, |wanted| wanted.priority = Some(value))
    }

    /// Adds a CPU to those that the context's threads may run on. While there are none, they may run on all.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if there is no such CPU (libzmq would abort the process);
    /// [`WrongState`](ErrorKind::WrongState) once a socket was made.
    #[doc(alias = "ZMQ_THREAD_AFFINITY_CPU_ADD")]
    pub fn add_thread_affinity_cpu(&self, cpu: u32) -> Result<()> {
        let option = "thread_affinity_cpu";
        let (Ok(value), Ok(index)) = (c_int::try_from(cpu), usize::try_from(cpu)) else {
            return Err(out_of_range(option, cpu, "no such CPU"));
        };
        self.schedule(option, zmq_sys::ZMQ_THREAD_AFFINITY_CPU_ADD, value, |wanted| {
            // Alone, so that one CPU that exists does not hide one that does not.
            wanted.cpus = vec![index];
        })?;
        self.scheduling(|scheduling| scheduling.cpus.push(index));
        Ok(())
    }

    /// Takes a CPU from those that the context's threads may run on.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if it was not [added](Self::add_thread_affinity_cpu);
    /// [`WrongState`](ErrorKind::WrongState) once a socket was made.
    #[doc(alias = "ZMQ_THREAD_AFFINITY_CPU_REMOVE")]
    pub fn remove_thread_affinity_cpu(&self, cpu: u32) -> Result<()> {
        self.set_before_start("thread_affinity_cpu", zmq_sys::ZMQ_THREAD_AFFINITY_CPU_REMOVE, cpu)?;
        self.scheduling(|scheduling| scheduling.cpus.retain(|&added| u32::try_from(added) != Ok(cpu)));
        Ok(())
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

    /// Sets a number, from 1, that the names of the context's threads begin with, as in `42/ZMQbg/IO/0`. It tells the
    /// threads of several contexts apart.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) for 0 or beyond `i32::MAX`; [`WrongState`](ErrorKind::WrongState) once
    /// a socket was made.
    #[doc(alias = "ZMQ_THREAD_NAME_PREFIX")]
    pub fn set_thread_name_prefix(&self, prefix: u32) -> Result<()> {
        let option = "thread_name_prefix";
        if prefix == 0 {
            return Err(out_of_range(option, prefix, "1 or more"));
        }
        self.set_before_start(option, zmq_sys::ZMQ_THREAD_NAME_PREFIX, prefix)
    }

    /// The text that the names of the context's threads begin with; `None` unless set.
    ///
    /// # Errors
    ///
    /// As for all [options](#options).
    #[cfg(zmq_draft)]
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

    /// Sets a text of 1 to 15 bytes that the names of the context's threads begin with, as in `sensor/ZMQbg/IO/0`. The
    /// system cuts names at 15 bytes, so a long one hides the rest.
    ///
    /// The same option as [`set_thread_name_prefix`](Self::set_thread_name_prefix), in its draft form.
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// context.set_thread_name_prefix_text("sensor")?;
    /// assert_eq!(context.thread_name_prefix_text()?.as_deref(), Some("sensor"));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a text that is empty, too long, or has a NUL in it;
    /// [`WrongState`](ErrorKind::WrongState) once a socket was made.
    #[cfg(zmq_draft)]
    #[doc(alias = "ZMQ_THREAD_NAME_PREFIX")]
    #[doc(alias = "zmq_ctx_set_ext")]
    pub fn set_thread_name_prefix_text(&self, prefix: impl AsRef<str>) -> Result<()> {
        let (name, prefix) = ("thread_name_prefix_text", prefix.as_ref());
        self.check_not_started(name)?;
        if prefix.is_empty() || prefix.len() > MAX_PREFIX || prefix.contains('\0') {
            return Err(out_of_range(name, format_args!("{prefix:?}"), "1 to 15 bytes, none of them NUL"));
        }
        // Four bytes would be taken for a number; with a NUL at the end, any length is text.
        let text = [prefix.as_bytes(), &[0]].concat();
        self.inner
            .raw
            .set_bytes(zmq_sys::ZMQ_THREAD_NAME_PREFIX, &text)
            .map_err(|errno| Error::new(Operation::SetContextOption, errno).on(format!("{name} {prefix:?}")))
    }

    /// Whether a signal ends blocking calls; false unless set.
    #[must_use]
    pub fn interruptible(&self) -> bool {
        self.inner.is_interruptible()
    }

    /// Sets whether a signal handler that runs during a blocking call ends the call with
    /// [`Interrupted`](ErrorKind::Interrupted), as in C.
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

    fn set(&self, name: &'static str, option: c_int, value: c_int) -> Result<()> {
        self.inner.check_process(Operation::SetContextOption)?;
        self.inner
            .raw
            .set(option, value)
            .map_err(|errno| Error::new(Operation::SetContextOption, errno).on(format!("{name} {value}")))
    }

    /// libzmq accepts these later too, and ignores them (C8).
    fn set_before_start(&self, name: &'static str, option: c_int, value: u32) -> Result<()> {
        let Ok(int) = c_int::try_from(value) else {
            return Err(out_of_range(name, value, "at most 2147483647"));
        };
        self.check_not_started(name)?;
        self.set(name, option, int)
    }

    fn check_not_started(&self, name: &'static str) -> Result<()> {
        self.inner.check_process(Operation::SetContextOption)?;
        if self.inner.started.load(Ordering::Relaxed) {
            return Err(Error::refused(
                Operation::SetContextOption,
                ErrorKind::WrongState,
                zmq_sys::EFSM,
                name,
                "must be set before the context's first socket is made",
            ));
        }
        Ok(())
    }

    /// Sets an option that libzmq applies in its threads, once the system is seen to allow it.
    fn schedule(
        &self,
        name: &'static str,
        option: c_int,
        value: c_int,
        change: impl FnOnce(&mut Scheduling),
    ) -> Result<()> {
        self.check_not_started(name)?;
        let mut wanted = self.scheduling(|scheduling| scheduling.clone());
        let cpus = wanted.cpus.clone();
        change(&mut wanted);
        wanted
            .check_so_far()
            .map_err(|errno| no_thread(Operation::SetContextOption, errno).on(format!("{name} {value}")))?;
        self.set(name, option, value)?;
        wanted.cpus = cpus;
        self.scheduling(|scheduling| *scheduling = wanted);
        Ok(())
    }

    fn scheduling<R>(&self, with: impl FnOnce(&mut Scheduling) -> R) -> R {
        with(&mut self.inner.scheduling.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A draft constant, but known to every 4.3 library.
const ZERO_COPY_RECV: c_int = 10;

/// A thread's name has no room for more.
#[cfg(zmq_draft)]
const MAX_PREFIX: usize = 15;

fn number(value: c_int) -> u32 {
    u32::try_from(value).unwrap_or_default()
}

fn out_of_range(name: &str, value: impl core::fmt::Display, range: &'static str) -> Error {
    Error::invalid(Operation::SetContextOption, format!("{name} {value}"), range)
}
