//! The options that are set before a context has sockets.

use core::ffi::c_int;
use core::time::Duration;
use std::sync::atomic::Ordering;

#[cfg(zmq_draft)]
use super::options::MAX_PREFIX;
use super::options::{out_of_range, reserve_socket};
use super::{Context, no_thread};
use crate::error::{Error, Operation, Result};
use crate::foreign;
use crate::sys::scheduling::Scheduling;
use crate::timeout::{SPIN_TIME_RANGE, microseconds};

/// The maximum number of I/O threads, more than any machine can use. libzmq has no limit, and aborts the process near
/// `i32::MAX` (A24).
const MAX_IO_THREADS: u32 = 1024;

/// Builds a [`Context`] with options that must be set before its first socket is created.
///
/// [`Context::builder`] returns a builder. The other options can be set on the [`Context`](Context#options) at any time.
///
/// ```
/// use zmq::Context;
///
/// let context = Context::builder().io_threads(2).max_sockets(5000).build()?;
/// assert_eq!(context.io_threads()?, 2);
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// No value is checked before [`build`](Self::build). If an option is set twice, the last value is used.
///
/// Follows [zmq_ctx_set(3)](https://libzmq.readthedocs.io/en/latest/zmq_ctx_set.html).
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until `build` is called"]
#[doc(alias = "zmq_ctx_set")]
pub struct ContextBuilder {
    io_threads: Option<u32>,
    max_sockets: Option<u32>,
    policy: Option<i32>,
    priority: Option<u32>,
    cpus: Vec<u32>,
    prefix: Option<Prefix>,
    spin_time: Option<Duration>,
}

#[derive(Clone, Debug)]
enum Prefix {
    Number(u32),
    #[cfg(zmq_draft)]
    Text(String),
}

impl ContextBuilder {
    /// Sets the number of I/O threads, from 0 to 1024. Default: 1.
    ///
    /// One thread is enough for about a gigabyte per second. Without I/O threads, sockets can use only the transport `inproc`.
    #[doc(alias = "ZMQ_IO_THREADS")]
    pub fn io_threads(mut self, threads: u32) -> ContextBuilder {
        self.io_threads = Some(threads);
        self
    }

    /// Sets how many sockets may be open at once, from 1 to [`Context::socket_limit`]. Default: 1023.
    #[doc(alias = "ZMQ_MAX_SOCKETS")]
    pub fn max_sockets(mut self, sockets: u32) -> ContextBuilder {
        self.max_sockets = Some(sockets);
        self
    }

    /// Sets the scheduling policy of the context's threads, by the number that the system uses, such as `libc::SCHED_FIFO`.
    /// Default: the policy that the system gives to new threads.
    ///
    /// `SCHED_FIFO` and `SCHED_RR` also need a [priority](Self::thread_priority).
    #[doc(alias = "ZMQ_THREAD_SCHED_POLICY")]
    pub fn thread_scheduling_policy(mut self, policy: i32) -> ContextBuilder {
        self.policy = Some(policy);
        self
    }

    /// Sets the priority of the context's threads. Default: the priority that the system gives to new threads.
    ///
    /// With `SCHED_FIFO` or `SCHED_RR`, it is a number from 1 to 99. With any other policy, each number above 0 gives the
    /// threads the lowest nice value, and so the highest priority.
    #[doc(alias = "ZMQ_THREAD_PRIORITY")]
    pub fn thread_priority(mut self, priority: u32) -> ContextBuilder {
        self.priority = Some(priority);
        self
    }

    /// Sets the CPUs that the context's threads may run on, by their numbers from 0. Default: all CPUs, as with an empty list.
    ///
    /// This has an effect only on Linux and Android.
    ///
    /// ```
    /// let builder = zmq::Context::builder().thread_affinity([0, 2]);
    /// ```
    #[doc(alias = "ZMQ_THREAD_AFFINITY_CPU_ADD")]
    #[doc(alias = "ZMQ_THREAD_AFFINITY_CPU_REMOVE")]
    pub fn thread_affinity(mut self, cpus: impl IntoIterator<Item = u32>) -> ContextBuilder {
        self.cpus = cpus.into_iter().collect();
        self
    }

    /// Sets a number, from 1 to `i32::MAX`, with which the names of the context's threads begin, as in `42/ZMQbg/IO/0`.
    /// Default: none.
    ///
    /// The number distinguishes the threads of several contexts.
    #[doc(alias = "ZMQ_THREAD_NAME_PREFIX")]
    pub fn thread_name_prefix(mut self, prefix: u32) -> ContextBuilder {
        self.prefix = Some(Prefix::Number(prefix));
        self
    }

    /// Sets a text of 1 to 15 bytes with which the names of the context's threads begin, as in `sensor/ZMQbg/IO/0`. Default:
    /// none.
    ///
    /// The system cuts names off after 15 bytes, so a long prefix hides the rest. This replaces a prefix that was set with
    /// [`thread_name_prefix`](Self::thread_name_prefix).
    ///
    /// ```
    /// let context = zmq::Context::builder().thread_name_prefix_text("sensor").build()?;
    /// assert_eq!(context.thread_name_prefix_text()?.as_deref(), Some("sensor"));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[cfg(zmq_draft)]
    #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
    #[doc(alias = "ZMQ_THREAD_NAME_PREFIX")]
    #[doc(alias = "zmq_ctx_set_ext")]
    pub fn thread_name_prefix_text(mut self, prefix: impl Into<String>) -> ContextBuilder {
        self.prefix = Some(Prefix::Text(prefix.into()));
        self
    }

    /// Sets how long the context's I/O threads spin before they sleep, from zero to 2,147,483,647 µs (about 35 minutes). This
    /// is also the default of [`Socket::set_spin_time`](crate::Socket::set_spin_time) for the sockets of the context. The time
    /// is rounded up to whole microseconds. Default: zero, which means that no thread spins.
    ///
    /// A thread that spins looks for work again and again, so a message need not wait until the system wakes the thread. But
    /// **the thread uses a processor all the time**: as long as messages arrive, and up to the spin time after the last one.
    /// It lets other threads run every few microseconds. Spinning helps most if each thread that spins has a processor of its
    /// own. 50 µs is a good value to try.
    ///
    /// ```
    /// use std::time::Duration;
    /// use zmq::{Context, Feature};
    ///
    /// let spin_time = Duration::from_micros(50);
    /// if zmq::has(Feature::Bundled) {
    ///     let context = Context::builder().spin_time(spin_time).build()?;
    ///     assert_eq!(context.spin_time()?, spin_time);
    /// }
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// Only the bundled libzmq has this option. With another libzmq, [`build`](Self::build) fails with
    /// [`Unsupported`](crate::ErrorKind::Unsupported).
    #[doc(alias = "ZMQ_SPIN_TIME")]
    #[doc(alias = "busy_poll")]
    #[doc(alias = "busy_wait")]
    pub fn spin_time(mut self, time: Duration) -> ContextBuilder {
        self.spin_time = Some(time);
        self
    }

    /// Creates the context. Its threads start with its first socket.
    ///
    /// # Errors
    ///
    /// See [`Context::new`] for the errors. In addition, the call fails with the following errors, whose text names the option
    /// and its value:
    ///
    /// * [`InvalidInput`](crate::ErrorKind::InvalidInput) if a value is out of range, if there is no such CPU, or if the
    ///   system does not know the policy or priority. In the last two cases, libzmq would abort a C program.
    /// * [`PermissionDenied`](crate::ErrorKind::PermissionDenied) if the system does not allow the policy or the priority.
    /// * [`WouldBlock`](crate::ErrorKind::WouldBlock) if the system cannot start a thread to test the scheduling.
    /// * [`Unsupported`](crate::ErrorKind::Unsupported) if a spin time is set, and the libzmq is not the bundled one.
    pub fn build(self) -> Result<Context> {
        let context = Context::new()?;
        if let Some(threads) = self.io_threads {
            if threads > MAX_IO_THREADS {
                return Err(out_of_range("io_threads", threads, "must be at most 1024"));
            }
            context.set_number("io_threads", zmq_sys::ZMQ_IO_THREADS, threads)?;
        }
        if let Some(sockets) = self.max_sockets {
            context.limit_sockets(sockets)?;
        }
        let scheduling = self.scheduling()?;
        if let Some(policy) = scheduling.policy {
            context.set("thread_scheduling_policy", zmq_sys::ZMQ_THREAD_SCHED_POLICY, policy)?;
        }
        if let Some(priority) = scheduling.priority {
            context.set("thread_priority", zmq_sys::ZMQ_THREAD_PRIORITY, priority)?;
        }
        for &cpu in &self.cpus {
            context.set_number("thread_affinity", zmq_sys::ZMQ_THREAD_AFFINITY_CPU_ADD, cpu)?;
        }
        let _ = context.inner.scheduling.set(scheduling);
        match self.prefix {
            None => {}
            Some(Prefix::Number(0)) => {
                return Err(out_of_range("thread_name_prefix", 0, "must be at least 1"));
            }
            Some(Prefix::Number(prefix)) => {
                context.set_number("thread_name_prefix", zmq_sys::ZMQ_THREAD_NAME_PREFIX, prefix)?;
            }
            #[cfg(zmq_draft)]
            Some(Prefix::Text(prefix)) => context.set_prefix(&prefix)?,
        }
        if let Some(time) = self.spin_time {
            context.set_spin_time(time)?;
        }
        Ok(context)
    }

    /// Tests the settings that libzmq will apply in its threads. The options are tested one after the other, so that the error
    /// can name the option.
    fn scheduling(&self) -> Result<Scheduling> {
        let mut wanted = Scheduling::default();
        let mut cpus = Vec::new();
        for &cpu in &self.cpus {
            let Ok(index) = usize::try_from(cpu) else {
                return Err(out_of_range("thread_affinity", cpu, "there is no such CPU"));
            };
            // Each CPU is tested alone, so that an existing CPU does not hide a missing one.
            wanted.cpus = vec![index];
            wanted.check_so_far().map_err(|errno| refused(errno, "thread_affinity", cpu))?;
            cpus.push(index);
        }
        wanted.cpus = cpus;
        if let Some(policy) = self.policy {
            if policy < 0 {
                return Err(out_of_range("thread_scheduling_policy", policy, "must be at least 0"));
            }
            wanted.policy = Some(policy);
            wanted.check_so_far().map_err(|errno| refused(errno, "thread_scheduling_policy", policy))?;
        }
        if let Some(priority) = self.priority {
            let Ok(value) = c_int::try_from(priority) else {
                return Err(out_of_range("thread_priority", priority, "must be at most 99"));
            };
            wanted.priority = Some(value);
            wanted.check().map_err(|errno| refused(errno, "thread_priority", priority))?;
        } else if let Some(policy) = self.policy {
            wanted.check().map_err(|errno| {
                refused(errno, "thread_scheduling_policy", policy).hint("it also needs a thread_priority")
            })?;
        }
        Ok(wanted)
    }
}

fn refused(errno: crate::raw::Errno, option: &str, value: impl core::fmt::Display) -> Error {
    no_thread(Operation::SetContextOption, errno).on(format!("{option} {value}"))
}

impl Context {
    fn set_number(&self, name: &'static str, option: c_int, value: u32) -> Result<()> {
        match c_int::try_from(value) {
            Ok(int) => self.set(name, option, int),
            Err(_) => Err(out_of_range(name, value, "must be at most 2147483647")),
        }
    }

    fn limit_sockets(&self, sockets: u32) -> Result<()> {
        if sockets == 0 || sockets > self.socket_limit()? {
            return Err(out_of_range("max_sockets", sockets, "must be from 1 to Context::socket_limit"));
        }
        self.set_number("max_sockets", zmq_sys::ZMQ_MAX_SOCKETS, sockets)?;
        let sockets = usize::try_from(sockets).unwrap_or(usize::MAX);
        self.inner.max_sockets.store(sockets, Ordering::Relaxed);
        reserve_socket(&self.inner.raw, sockets);
        Ok(())
    }

    fn set_spin_time(&self, time: Duration) -> Result<()> {
        foreign::check_addition(Operation::SetContextOption, "spin_time")?;
        let Some(value) = microseconds(time) else {
            return Err(out_of_range("spin_time", format_args!("{time:?}"), SPIN_TIME_RANGE));
        };
        self.set("spin_time", zmq_sys::ZMQ_SPIN_TIME, value)
    }

    #[cfg(zmq_draft)]
    fn set_prefix(&self, prefix: &str) -> Result<()> {
        let name = "thread_name_prefix_text";
        if prefix.is_empty() || prefix.len() > MAX_PREFIX || prefix.contains('\0') {
            return Err(out_of_range(
                name,
                format_args!("{prefix:?}"),
                "must have 1 to 15 bytes, none of them NUL",
            ));
        }
        // libzmq takes four bytes as a number. If a NUL ends the bytes, libzmq takes any length as text.
        let text = [prefix.as_bytes(), &[0]].concat();
        self.inner
            .raw
            .set_bytes(zmq_sys::ZMQ_THREAD_NAME_PREFIX, &text)
            .map_err(|errno| Error::new(Operation::SetContextOption, errno).on(format!("{name} {prefix:?}")))
    }
}
