//! Waking a task from a thread of libzmq. Only the bundled libzmq does this.

use core::cell::UnsafeCell;
use core::ffi::{c_int, c_void};
use core::ptr::{self, NonNull};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Wake;

use super::callback;
use crate::readiness::direct::Waiting;
use crate::sys::fork::Origin;

/// The functions of the bundled libzmq for the mailbox of one socket.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mailbox {
    mailbox: NonNull<c_void>,
    arm: unsafe extern "C" fn(NonNull<c_void>, *mut Link) -> c_int,
    disarm: unsafe extern "C" fn(NonNull<c_void>),
}

// SAFETY: the mailbox has a lock, under which both functions work, so any thread may call them at any time.
unsafe impl Send for Mailbox {}
// SAFETY: as above.
unsafe impl Sync for Mailbox {}

/// The part of a waiter that libzmq knows.
#[repr(C)]
struct Link {
    note: unsafe extern "C" fn(*mut Link) -> c_int,
    wake: unsafe extern "C" fn(*mut Link),
    /// Belongs to the thread that has noted the waiter.
    next: UnsafeCell<*mut Link>,
}

/// The waiter of a socket: the task that waits.
#[repr(C)]
pub(crate) struct Waiter {
    /// The first field, so that a pointer to it is a pointer to the waiter.
    link: Link,
    pub(crate) waiting: Waiting,
}

// SAFETY: only the thread whose `note` returned 1 uses `next`, until it calls `wake`.
unsafe impl Send for Waiter {}
// SAFETY: as above.
unsafe impl Sync for Waiter {}

impl Waiter {
    fn new() -> Waiter {
        let link = Link { note, wake, next: UnsafeCell::new(ptr::null_mut()) };
        Waiter { link, waiting: Waiting::default() }
    }
}

impl Wake for Waiter {
    fn wake(self: Arc<Self>) {
        self.waiting.wake();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.waiting.wake();
    }
}

/// Notes the waiter. The mailbox is locked, so this runs no code of an executor. The note owns a share of the waiter.
///
/// # Safety
///
/// `link` is the beginning of a waiter in an `Arc` that exists during the call.
unsafe extern "C" fn note(link: *mut Link) -> c_int {
    let waiter = link.cast::<Waiter>().cast_const();
    // SAFETY: this function's contract.
    let is_noted = unsafe { &*waiter }.waiting.note();
    if is_noted {
        // SAFETY: this function's contract.
        unsafe { Arc::increment_strong_count(waiter) };
    }
    c_int::from(is_noted)
}

/// Wakes the waiter. The thread belongs to libzmq, but has finished what it was doing, or is about to run the destructor of a message. So
/// a waker may do here what such a destructor may do. A panic must not unwind into C.
///
/// # Safety
///
/// `link` was passed to `note`, which returned 1, and is passed to this function once.
unsafe extern "C" fn wake(link: *mut Link) {
    // SAFETY: the share of the note.
    let waiter = unsafe { Arc::from_raw(link.cast::<Waiter>().cast_const()) };
    waiter.waiting.end_note();
    callback::foreign(move || waiter.waiting.wake());
}

/// Whether the mailbox of a socket may be armed.
#[derive(Debug, Default)]
struct State {
    /// Whether the mailbox was armed since it was disarmed last.
    is_armed: bool,
    /// Whether a caller has the blocking socket, and may wait for the descriptor.
    is_lent: bool,
}

/// Wakes the task of one socket. The mailbox is disarmed on drop, so the value must be dropped before the socket closes.
pub(crate) struct DirectWake {
    pub(crate) waiter: Arc<Waiter>,
    mailbox: Option<Mailbox>,
    state: Mutex<State>,
    origin: Origin,
}

impl DirectWake {
    /// Until there is a mailbox, the functions do nothing.
    pub(crate) fn new() -> DirectWake {
        DirectWake {
            waiter: Arc::new(Waiter::new()),
            mailbox: None,
            state: Mutex::default(),
            origin: Origin::here(),
        }
    }

    /// Sets the mailbox of the socket, if its libzmq can wake tasks directly.
    pub(crate) fn attach(&mut self, mailbox: Option<Mailbox>) {
        self.mailbox = mailbox;
    }

    /// Arms the mailbox. Returns whether there are commands for which a thread of libzmq has noted the waiter.
    pub(crate) fn arm(&self) -> bool {
        let Some(Mailbox { mailbox, arm, .. }) = self.mailbox else { return false };
        let mut state = self.lock();
        if state.is_lent {
            return false;
        }
        state.is_armed = true;
        let link = Arc::as_ptr(&self.waiter).cast_mut().cast::<Link>();
        // SAFETY: the socket is open, because this value is dropped before. The waiter exists until the mailbox is disarmed.
        unsafe { arm(mailbox, link) != 0 }
    }

    /// Disarms the mailbox, so that the descriptor announces all commands, including commands that were not read yet.
    pub(crate) fn disarm(&self) {
        // In a forked child process, the locks may be held forever by a thread that exists only in the parent.
        if let Some(mailbox) = self.mailbox.as_ref().filter(|_| self.origin.is_here()) {
            disarm(mailbox, &mut self.lock());
        }
    }

    /// Keeps the mailbox disarmed, or allows tasks to arm it again.
    pub(crate) fn set_lent(&self, is_lent: bool) {
        // As in `disarm`.
        if let Some(mailbox) = self.mailbox.as_ref().filter(|_| self.origin.is_here()) {
            let mut state = self.lock();
            state.is_lent = is_lent;
            disarm(mailbox, &mut state);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn disarm(Mailbox { mailbox, disarm, .. }: &Mailbox, state: &mut State) {
    if core::mem::take(&mut state.is_armed) {
        // SAFETY: the socket is open, because the `DirectWake` is dropped before.
        unsafe { disarm(*mailbox) };
    }
}

impl Drop for DirectWake {
    fn drop(&mut self) {
        if self.origin.is_here_exactly() {
            self.disarm();
        }
    }
}
