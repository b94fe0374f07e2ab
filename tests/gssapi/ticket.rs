//! GSSAPI through its own functions, for peers that do not use libzmq.

use std::ffi::{c_int, c_void};
use std::ptr::{null, null_mut};

#[repr(C)]
struct Buffer {
    length: usize,
    value: *mut c_void,
}

const MUTUAL: u32 = 2;
const REPLAY: u32 = 4;
const CONTINUE_NEEDED: u32 = 1;

// libzmq is linked to the library that contains them.
unsafe extern "C" {
    static GSS_C_NT_HOSTBASED_SERVICE: *const c_void;
    fn gss_import_name(minor: *mut u32, name: *mut Buffer, kind: *const c_void, out: *mut *mut c_void)
    -> u32;
    fn gss_release_name(minor: *mut u32, name: *mut *mut c_void) -> u32;
    fn gss_release_buffer(minor: *mut u32, buffer: *mut Buffer) -> u32;
    fn gss_delete_sec_context(minor: *mut u32, context: *mut *mut c_void, token: *mut Buffer) -> u32;
    fn gss_init_sec_context(
        minor: *mut u32,
        credentials: *mut c_void,
        context: *mut *mut c_void,
        target: *mut c_void,
        mechanism: *const c_void,
        flags: u32,
        time: u32,
        bindings: *mut c_void,
        input: *mut Buffer,
        actual: *mut *const c_void,
        output: *mut Buffer,
        actual_flags: *mut u32,
        actual_time: *mut u32,
    ) -> u32;
    fn gss_unwrap(
        minor: *mut u32,
        context: *mut c_void,
        input: *mut Buffer,
        output: *mut Buffer,
        encrypted: *mut c_int,
        quality: *mut u32,
    ) -> u32;
}

impl Buffer {
    const EMPTY: Buffer = Buffer { length: 0, value: null_mut() };

    /// A buffer of bytes that are only read and outlive it.
    fn over(bytes: &[u8]) -> Buffer {
        Buffer { length: bytes.len(), value: bytes.as_ptr().cast_mut().cast() }
    }

    /// Takes bytes that GSSAPI has allocated.
    fn take(mut self) -> Vec<u8> {
        let bytes = if self.length == 0 {
            Vec::new()
        } else {
            // SAFETY: according to GSSAPI, this many bytes exist.
            unsafe { std::slice::from_raw_parts(self.value.cast::<u8>(), self.length) }.to_vec()
        };
        // SAFETY: a buffer that GSSAPI has filled, released once.
        unsafe { gss_release_buffer(&mut 0, &raw mut self) };
        bytes
    }
}

/// The security context that a client and a server establish with a ticket.
pub(crate) struct Ticket {
    context: *mut c_void,
    service: *mut c_void,
}

impl Ticket {
    /// Gets a ticket for this service, for the client whose key the process has. Returns the token to send to the
    /// server.
    pub(crate) fn for_service(name: &str) -> (Ticket, Vec<u8>) {
        let mut ticket = Ticket { context: null_mut(), service: null_mut() };
        // SAFETY: a constant of the library.
        let kind = unsafe { GSS_C_NT_HOSTBASED_SERVICE };
        let mut name_buffer = Buffer::over(name.as_bytes());
        // SAFETY: a name that is only read, and room for the result.
        let status = unsafe { gss_import_name(&mut 0, &raw mut name_buffer, kind, &raw mut ticket.service) };
        assert_eq!(status, 0);
        let (status, token) = ticket.step(null_mut());
        assert_eq!(status, CONTINUE_NEEDED, "there is no ticket for {name}");
        (ticket, token)
    }

    /// Takes the server's answer.
    pub(crate) fn confirm(&mut self, answer: &[u8]) {
        let (status, token) = self.step(&mut Buffer::over(answer));
        assert_eq!((status, token.len()), (0, 0));
    }

    fn step(&mut self, input: *mut Buffer) -> (u32, Vec<u8>) {
        let mut output = Buffer::EMPTY;
        // SAFETY: the context and the name belong to this ticket, the input is empty or lives, and the rest may be
        // null.
        let status = unsafe {
            gss_init_sec_context(
                &mut 0,
                null_mut(),
                &raw mut self.context,
                self.service,
                null(),
                MUTUAL | REPLAY,
                0,
                null_mut(),
                input,
                null_mut(),
                &raw mut output,
                null_mut(),
                null_mut(),
            )
        };
        (status, output.take())
    }

    /// A message for the server, encrypted or only signed.
    pub(crate) fn wrap(&self, encrypted: bool, message: &[u8]) -> Vec<u8> {
        let mut output = Buffer::EMPTY;
        let mut input = Buffer::over(message);
        // SAFETY: an established context, a message that is only read, and room for the result.
        let status = unsafe {
            super::wrapping::gss_wrap(
                &mut 0,
                self.context,
                c_int::from(encrypted),
                0,
                (&raw mut input).cast(),
                null_mut(),
                (&raw mut output).cast(),
            )
        };
        assert_eq!(status, 0);
        output.take()
    }

    /// Decrypts a message from the server.
    pub(crate) fn unwrap(&self, token: &[u8]) -> Vec<u8> {
        let mut output = Buffer::EMPTY;
        // SAFETY: an established context, a token that is only read, and room for the result.
        let status = unsafe {
            gss_unwrap(
                &mut 0,
                self.context,
                &mut Buffer::over(token),
                &raw mut output,
                null_mut(),
                null_mut(),
            )
        };
        assert_eq!(status, 0);
        output.take()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // SAFETY: it belongs to this ticket, or is null.
        unsafe { gss_delete_sec_context(&mut 0, &raw mut self.context, null_mut()) };
        // SAFETY: it belongs to this ticket, or is null.
        unsafe { gss_release_name(&mut 0, &raw mut self.service) };
    }
}
