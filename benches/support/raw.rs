//! libzmq's calls. Each call is checked as a C program checks it, and does nothing else.

#![allow(
    clippy::multiple_unsafe_ops_per_block,
    reason = "such a block performs one operation with one message"
)]

use std::ffi::{c_int, c_long, c_short, c_void};
use std::marker::PhantomData;
use std::mem::MaybeUninit;
#[cfg(unix)]
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;
use std::time::Duration;

use zmq::Socket;
use zmq::capability::Kind;
use zmq::zmq_sys::{self, zmq_msg_t, zmq_pollitem_t};

/// The handle of a socket. It is valid while the socket is borrowed.
#[derive(Clone, Copy)]
pub(crate) struct RawSocket<'a> {
    handle: *mut c_void,
    socket: PhantomData<&'a ()>,
}

impl<'a> RawSocket<'a> {
    pub(crate) fn of<K: Kind>(socket: &'a Socket<K>) -> RawSocket<'a> {
        RawSocket { handle: socket.as_raw(), socket: PhantomData }
    }

    #[inline]
    pub(crate) fn send(self, bytes: &[u8]) {
        // SAFETY: a live socket; the bytes are only read, during the call.
        let sent = unsafe { zmq_sys::zmq_send(self.handle, bytes.as_ptr().cast(), bytes.len(), 0) };
        assert!(sent >= 0);
    }

    /// Sends another reference to the bytes of `message`.
    #[inline]
    pub(crate) fn send_copy(self, message: &mut RawMessage) {
        let mut copy = MaybeUninit::<zmq_msg_t>::uninit();
        // SAFETY: the copy is initialised first, and empty after it was sent; the rest is live and valid.
        unsafe {
            assert_eq!(zmq_sys::zmq_msg_init(copy.as_mut_ptr()), 0);
            assert_eq!(zmq_sys::zmq_msg_copy(copy.as_mut_ptr(), &raw mut message.0), 0);
            assert!(zmq_sys::zmq_msg_send(copy.as_mut_ptr(), self.handle, 0) >= 0);
        }
    }

    #[inline]
    pub(crate) fn send_message(self, message: &mut RawMessage) {
        // SAFETY: a live socket and a valid message, which is left empty.
        assert!(unsafe { zmq_sys::zmq_msg_send(&raw mut message.0, self.handle, 0) } >= 0);
    }

    /// Receives into a buffer, and returns the length of the message.
    #[inline]
    pub(crate) fn recv_into(self, buffer: &mut [u8]) -> usize {
        // SAFETY: a live socket; the buffer is written to only during the call.
        let received = unsafe { zmq_sys::zmq_recv(self.handle, buffer.as_mut_ptr().cast(), buffer.len(), 0) };
        usize::try_from(received).unwrap()
    }

    /// Receives into a new message, and returns the length of the message.
    #[inline]
    pub(crate) fn recv(self) -> usize {
        let mut message = MaybeUninit::<zmq_msg_t>::uninit();
        // SAFETY: the message is initialised first and closed last; the socket is live.
        unsafe {
            assert_eq!(zmq_sys::zmq_msg_init(message.as_mut_ptr()), 0);
            assert!(zmq_sys::zmq_msg_recv(message.as_mut_ptr(), self.handle, 0) >= 0);
            let len = zmq_sys::zmq_msg_size(message.as_ptr());
            assert_eq!(zmq_sys::zmq_msg_close(message.as_mut_ptr()), 0);
            len
        }
    }

    #[inline]
    pub(crate) fn recv_to(self, message: &mut RawMessage) {
        // SAFETY: a live socket and a valid message.
        assert!(unsafe { zmq_sys::zmq_msg_recv(&raw mut message.0, self.handle, 0) } >= 0);
    }

    #[inline]
    pub(crate) fn set(self, option: c_int, value: c_int) {
        // SAFETY: a live socket; the value is only read, during the call.
        let set = unsafe {
            zmq_sys::zmq_setsockopt(self.handle, option, (&raw const value).cast(), size_of::<c_int>())
        };
        assert_eq!(set, 0);
    }

    #[inline]
    pub(crate) fn get(self, option: c_int) -> c_int {
        let (mut value, mut len) = (0, size_of::<c_int>());
        // SAFETY: a live socket; value and length are written to only during the call, and fit each other.
        let got = unsafe {
            zmq_sys::zmq_getsockopt(self.handle, option, (&raw mut value).cast::<c_void>(), &raw mut len)
        };
        assert_eq!(got, 0);
        value
    }

    pub(crate) fn poll_item(self, events: c_short) -> zmq_pollitem_t {
        zmq_pollitem_t { socket: self.handle, fd: 0, events, revents: 0 }
    }
}

impl RawSocket<'_> {
    /// Makes a message whose bytes are zeros, and sends it.
    #[inline]
    pub(crate) fn send_zeros(self, len: usize) {
        let mut message = MaybeUninit::<zmq_msg_t>::uninit();
        // SAFETY: the message is initialised first, has room for the bytes, and is empty after it was sent.
        unsafe {
            assert_eq!(zmq_sys::zmq_msg_init_size(message.as_mut_ptr(), len), 0);
            ptr::write_bytes(zmq_sys::zmq_msg_data(message.as_mut_ptr()).cast::<u8>(), 0, len);
            assert!(zmq_sys::zmq_msg_send(message.as_mut_ptr(), self.handle, 0) >= 0);
        }
    }

    /// Sends a message that refers to static bytes.
    #[inline]
    pub(crate) fn send_static(self, bytes: &'static [u8]) {
        let mut message = MaybeUninit::<zmq_msg_t>::uninit();
        let data = bytes.as_ptr().cast_mut().cast::<c_void>();
        // SAFETY: the bytes are only read; the message is initialised first, and is empty after it was sent.
        unsafe {
            let made =
                zmq_sys::zmq_msg_init_data(message.as_mut_ptr(), data, bytes.len(), None, ptr::null_mut());
            assert_eq!(made, 0);
            assert!(zmq_sys::zmq_msg_send(message.as_mut_ptr(), self.handle, 0) >= 0);
        }
    }

    /// Sends a message that refers to the bytes of an owner. The owner is dropped when the message is closed.
    #[inline]
    pub(crate) fn send_owned<T: AsRef<[u8]> + Send + 'static>(self, owner: T) {
        unsafe extern "C" fn free<T>(_: *mut c_void, owner: *mut c_void) {
            // SAFETY: the owner of `send_owned`, freed once.
            drop(unsafe { Box::from_raw(owner.cast::<T>()) });
        }
        let owner = Box::into_raw(Box::new(owner));
        let mut message = MaybeUninit::<zmq_msg_t>::uninit();
        // SAFETY: the owner stays until the message is closed; the message is initialised first, and is empty after it was sent.
        unsafe {
            let bytes: &[u8] = (*owner).as_ref();
            let data = bytes.as_ptr().cast_mut().cast::<c_void>();
            let made = zmq_sys::zmq_msg_init_data(
                message.as_mut_ptr(),
                data,
                bytes.len(),
                Some(free::<T>),
                owner.cast::<c_void>(),
            );
            assert_eq!(made, 0);
            assert!(zmq_sys::zmq_msg_send(message.as_mut_ptr(), self.handle, 0) >= 0);
        }
    }

    /// Sends a part of a message. More parts follow.
    #[inline]
    pub(crate) fn send_more(self, bytes: &[u8]) {
        let (data, len) = (bytes.as_ptr().cast(), bytes.len());
        // SAFETY: a live socket; the bytes are only read, during the call.
        assert!(unsafe { zmq_sys::zmq_send(self.handle, data, len, zmq_sys::ZMQ_SNDMORE) } >= 0);
    }

    /// Sends a message of several parts with the same bytes.
    #[inline]
    pub(crate) fn send_parts(self, bytes: &[u8], parts: usize) {
        (1..parts).for_each(|_| self.send_more(bytes));
        self.send(bytes);
    }

    /// Receives all parts of a message, and returns their number.
    #[inline]
    pub(crate) fn recv_parts(self) -> usize {
        let mut parts = 0;
        loop {
            let mut message = MaybeUninit::<zmq_msg_t>::uninit();
            // SAFETY: the message is initialised first and closed last; the socket is live.
            let more = unsafe {
                assert_eq!(zmq_sys::zmq_msg_init(message.as_mut_ptr()), 0);
                assert!(zmq_sys::zmq_msg_recv(message.as_mut_ptr(), self.handle, 0) >= 0);
                let more = zmq_sys::zmq_msg_more(message.as_ptr());
                assert_eq!(zmq_sys::zmq_msg_close(message.as_mut_ptr()), 0);
                more
            };
            parts += 1;
            if more == 0 {
                return parts;
            }
        }
    }

    /// Receives a message of `N` parts, and sends it back unchanged.
    #[inline]
    pub(crate) fn echo_parts<const N: usize>(self) {
        let mut parts = [const { MaybeUninit::<zmq_msg_t>::uninit() }; N];
        for part in &mut parts {
            // SAFETY: a message is initialised first; the socket is live.
            unsafe {
                assert_eq!(zmq_sys::zmq_msg_init(part.as_mut_ptr()), 0);
                assert!(zmq_sys::zmq_msg_recv(part.as_mut_ptr(), self.handle, 0) >= 0);
            }
        }
        for (at, part) in parts.iter_mut().enumerate() {
            let flags = if at + 1 < N { zmq_sys::ZMQ_SNDMORE } else { 0 };
            // SAFETY: the message was received, and is empty after it was sent; the socket is live.
            assert!(unsafe { zmq_sys::zmq_msg_send(part.as_mut_ptr(), self.handle, flags) } >= 0);
        }
    }
}

/// Waits for the items. Their sockets must be open.
#[inline]
pub(crate) fn poll(items: &mut [zmq_pollitem_t], milliseconds: c_long) -> c_int {
    let count = c_int::try_from(items.len()).unwrap();
    // SAFETY: the sockets of the items are open. The list is used only during the call.
    let ready = unsafe { zmq_sys::zmq_poll(items.as_mut_ptr(), count, milliseconds) };
    assert!(ready >= 0);
    ready
}

/// Forwards messages until the context is shut down.
pub(crate) fn proxy<F: Kind, B: Kind>(frontend: &Socket<F>, backend: &Socket<B>) {
    // SAFETY: two open sockets, which only this thread uses.
    let ended = unsafe { zmq_sys::zmq_proxy(frontend.as_raw(), backend.as_raw(), ptr::null_mut()) };
    assert_eq!(ended, -1);
}

/// A `zmq_msg_t` that is closed when it is dropped.
pub(crate) struct RawMessage(zmq_msg_t);

impl RawMessage {
    pub(crate) fn of_size(len: usize) -> RawMessage {
        let mut message = MaybeUninit::<zmq_msg_t>::uninit();
        // SAFETY: memory of the right size, which the call initialises if it succeeds.
        let message = unsafe {
            assert_eq!(zmq_sys::zmq_msg_init_size(message.as_mut_ptr(), len), 0);
            message.assume_init()
        };
        RawMessage(message)
    }

    /// Makes a message with a copy of the bytes.
    pub(crate) fn of(bytes: &[u8]) -> RawMessage {
        let mut message = RawMessage::of_size(bytes.len());
        // SAFETY: a new message has room for the bytes.
        unsafe {
            let data = zmq_sys::zmq_msg_data(&raw mut message.0).cast::<u8>();
            ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
        }
        message
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        // SAFETY: a valid message.
        unsafe { zmq_sys::zmq_msg_size(&raw const self.0) }
    }
}

impl Drop for RawMessage {
    fn drop(&mut self) {
        // SAFETY: a valid message, closed once.
        unsafe { zmq_sys::zmq_msg_close(&raw mut self.0) };
    }
}

/// Makes a message with a copy of the bytes, and closes it.
#[inline]
pub(crate) fn make_copy(bytes: &[u8]) {
    let mut message = MaybeUninit::<zmq_msg_t>::uninit();
    // SAFETY: the message is initialised first and closed last; a new one has room for the bytes.
    unsafe {
        assert_eq!(zmq_sys::zmq_msg_init_size(message.as_mut_ptr(), bytes.len()), 0);
        let data = zmq_sys::zmq_msg_data(message.as_mut_ptr()).cast::<u8>();
        ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
        assert_eq!(zmq_sys::zmq_msg_close(message.as_mut_ptr()), 0);
    }
}

/// Makes a message that refers to a boxed buffer, and closes it. Closing frees the buffer.
#[inline]
pub(crate) fn make_over(bytes: Box<[u8]>) {
    unsafe extern "C" fn free(data: *mut c_void, len: *mut c_void) {
        // SAFETY: the buffer of `make_over`, freed once.
        drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(data.cast::<u8>(), len.addr())) });
    }
    let len = bytes.len();
    let data = Box::into_raw(bytes).cast::<c_void>();
    let mut message = MaybeUninit::<zmq_msg_t>::uninit();
    // SAFETY: the message is initialised first and closed last, which frees the buffer.
    unsafe {
        let hint = ptr::without_provenance_mut(len);
        assert_eq!(zmq_sys::zmq_msg_init_data(message.as_mut_ptr(), data, len, Some(free), hint), 0);
        assert_eq!(zmq_sys::zmq_msg_close(message.as_mut_ptr()), 0);
    }
}

/// Returns the processor time that all threads of the process have used.
#[cfg(unix)]
pub(crate) fn processor_time() -> Duration {
    let mut usage = MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: the call only writes the structure.
    let usage = unsafe {
        assert_eq!(libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()), 0);
        usage.assume_init()
    };
    let times = [usage.ru_utime, usage.ru_stime];
    times.iter().map(|time| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000)).sum()
}

/// Returns the processor time that all threads of the process have used.
#[cfg(windows)]
pub(crate) fn processor_time() -> Duration {
    // Times are numbers of 64 bits, whose lower half comes first. Their unit is 100 ns.
    type Time = [u32; 2];
    unsafe extern "system" {
        fn GetCurrentProcess() -> *mut c_void;
        fn GetProcessTimes(
            process: *mut c_void,
            started: *mut Time,
            ended: *mut Time,
            kernel: *mut Time,
            user: *mut Time,
        ) -> c_int;
    }
    let [mut started, mut ended, mut kernel, mut user] = [[0; 2]; 4];
    // SAFETY: this process, and four places to write to.
    let filled =
        unsafe { GetProcessTimes(GetCurrentProcess(), &mut started, &mut ended, &mut kernel, &mut user) };
    assert_ne!(filled, 0);
    let nanoseconds = |[low, high]: Time| (u64::from(high) << 32 | u64::from(low)) * 100;
    Duration::from_nanos(nanoseconds(kernel) + nanoseconds(user))
}

/// Makes the system calls with which released libzmq checks whether a socket has commands.
#[cfg(unix)]
pub(crate) fn getpid_and_poll(descriptor: BorrowedFd<'_>) {
    let mut item = libc::pollfd { fd: descriptor.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one valid item.
    let ready = unsafe {
        libc::getpid();
        libc::poll(&raw mut item, 1, 0)
    };
    assert_eq!(ready, 0);
}
