//! Checks whether a thread may have the scheduling that is set for the threads of a context.
//!
//! libzmq sets policy, priority and affinity in each of its threads when it starts, and aborts the process if the
//! system refuses (A25–A27). So the crate first makes the same calls in a thread that ends immediately.

use core::ffi::c_int;

use super::Errno;

/// The settings that libzmq applies to its threads. `None` and an empty list leave the default.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scheduling {
    pub(crate) policy: Option<c_int>,
    pub(crate) priority: Option<c_int>,
    pub(crate) cpus: Vec<usize>,
}

impl Scheduling {
    /// Whether everything keeps its default.
    pub(crate) fn is_none(&self) -> bool {
        self.policy.is_none() && self.priority.is_none() && self.cpus.is_empty()
    }

    /// Like [`check`](Self::check), but accepts a real-time policy whose priority is not set yet.
    pub(crate) fn check_so_far(&self) -> Result<(), Errno> {
        let mut complete = self.clone();
        complete.priority = Some(self.priority.unwrap_or(i32::from(self.is_real_time())));
        complete.check()
    }

    #[cfg(unix)]
    fn is_real_time(&self) -> bool {
        matches!(self.policy, Some(libc::SCHED_FIFO | libc::SCHED_RR))
    }

    #[cfg(not(unix))]
    fn is_real_time(&self) -> bool {
        false
    }

    /// Applies the scheduling to a thread of the crate. With each error, libzmq would have aborted the process.
    #[cfg(unix)]
    pub(crate) fn check(&self) -> Result<(), Errno> {
        let wanted = self.clone();
        let Ok(thread) = std::thread::Builder::new().spawn(move || wanted.apply()) else {
            return Err(Errno(libc::EAGAIN));
        };
        thread.join().unwrap_or(Err(Errno(libc::EINVAL)))
    }

    /// Windows ignores these options.
    #[cfg(not(unix))]
    pub(crate) fn check(&self) -> Result<(), Errno> {
        let _ = (self.policy, self.priority, &self.cpus);
        Ok(())
    }

    #[cfg(unix)]
    fn apply(&self) -> Result<(), Errno> {
        // SAFETY: no arguments; always succeeds.
        let thread = unsafe { libc::pthread_self() };
        let mut policy = 0;
        // SAFETY: an all-zero parameter block is a valid one.
        let mut parameters: libc::sched_param = unsafe { core::mem::zeroed() };
        // SAFETY: the calling thread, and two valid places to write to.
        let rc = unsafe { libc::pthread_getschedparam(thread, &raw mut policy, &raw mut parameters) };
        done(rc)?;
        let policy = self.policy.unwrap_or(policy);
        let real_time = policy == libc::SCHED_FIFO || policy == libc::SCHED_RR;
        parameters.sched_priority = match self.priority {
            _ if !real_time => 0,
            Some(priority) => priority,
            None => parameters.sched_priority,
        };
        // SAFETY: the calling thread, and a parameter block that is only read.
        let rc = unsafe { libc::pthread_setschedparam(thread, policy, &raw const parameters) };
        done(rc)?;
        // On other systems the nice value belongs to the whole process, and a trial must not change it.
        let has_own_nice = cfg!(any(target_os = "linux", target_os = "android"));
        if has_own_nice && !real_time && self.priority.is_some_and(|priority| priority > 0) {
            // SAFETY: takes a number; affects only the calling thread, which is about to end.
            if unsafe { libc::nice(-20) } == -1 {
                return Err(Errno(libc::EPERM));
            }
        }
        self.pin()
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn pin(&self) -> Result<(), Errno> {
        if self.cpus.is_empty() {
            return Ok(());
        }
        // SAFETY: an all-zero set is the empty set.
        let mut set: libc::cpu_set_t = unsafe { core::mem::zeroed() };
        for &cpu in &self.cpus {
            if cpu >= 8 * size_of::<libc::cpu_set_t>() {
                return Err(Errno(libc::EINVAL));
            }
            // SAFETY: the index lies within the set.
            unsafe { libc::CPU_SET(cpu, &mut set) };
        }
        // SAFETY: 0 means the calling thread; the set is only read.
        let rc = unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set) };
        super::cvt(rc).map(drop)
    }

    #[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
    fn pin(&self) -> Result<(), Errno> {
        Ok(())
    }
}

/// The POSIX calls for threads return the error number itself.
#[cfg(unix)]
fn done(rc: c_int) -> Result<(), Errno> {
    if rc == 0 { Ok(()) } else { Err(Errno(rc)) }
}
