//! Options about the transport vmci.

#[cfg(test)]
use core::time::Duration;

use crate::error::{ErrorKind, Result};
use crate::kind::Kind;
use crate::option::Refusal;
use crate::option::define::options;
use crate::option::value::{Bits, TimeOrForever};
use crate::socket::{Core, Socket};
use crate::timeout::IntoTimeout;

/// The reason why an option of vmci is invalid.
fn lacks_vmci(_: &Core) -> Option<Refusal> {
    let reason = "the linked libzmq has no vmci";
    Some(Refusal { kind: ErrorKind::Unsupported, errno: libc::ENOTSUP, reason })
}

options! {
    /// # Options: vmci
    ///
    /// The transport vmci connects virtual machines of one host. The bundled libzmq does not have this transport. Without it,
    /// these options fail with [`Unsupported`](crate::ErrorKind::Unsupported).
    ZMQ_VMCI_BUFFER_SIZE "ZMQ_VMCI_BUFFER_SIZE", Kind, Next {
        with { invalid_means: Some(lacks_vmci) }
        set {
            /// Sets the size in bytes of the buffers of vmci connections.
            set_vmci_buffer_size(bytes: u64): Bits = bytes
        }
        test |socket| {
            supported_or_not(socket.set_vmci_buffer_size(65_536))?;
        }
    }
    ZMQ_VMCI_BUFFER_MIN_SIZE "ZMQ_VMCI_BUFFER_MIN_SIZE", Kind, Next {
        with { invalid_means: Some(lacks_vmci) }
        set {
            /// Sets the minimum size in bytes of the buffers of vmci connections.
            set_vmci_buffer_min_size(bytes: u64): Bits = bytes
        }
        test |socket| {
            supported_or_not(socket.set_vmci_buffer_min_size(65_536))?;
        }
    }
    ZMQ_VMCI_BUFFER_MAX_SIZE "ZMQ_VMCI_BUFFER_MAX_SIZE", Kind, Next {
        with { invalid_means: Some(lacks_vmci) }
        set {
            /// Sets the maximum size in bytes of the buffers of vmci connections.
            set_vmci_buffer_max_size(bytes: u64): Bits = bytes
        }
        test |socket| {
            supported_or_not(socket.set_vmci_buffer_max_size(65_536))?;
        }
    }
    ZMQ_VMCI_CONNECT_TIMEOUT "ZMQ_VMCI_CONNECT_TIMEOUT", Kind, NextConnect {
        with { invalid_means: Some(lacks_vmci) }
        set {
            /// Sets how long an attempt to connect over vmci may take.
            ///
            /// Default: `None`, the system default.
            set_vmci_connect_timeout(timeout: impl IntoTimeout): TimeOrForever = timeout.into_timeout()
        }
        test |socket| {
            supported_or_not(socket.set_vmci_connect_timeout(Duration::from_secs(1)))?;
        }
    }
}
