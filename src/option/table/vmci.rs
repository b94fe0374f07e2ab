//! Options about the transport vmci.

#[cfg(test)]
use core::time::Duration;

use crate::error::Result;
use crate::kind::Kind;
use crate::option::define::{ability, needs, options};
use crate::option::value::{Bits, TimeOrForever};
use crate::option::{Needs, Row, When};
use crate::socket::Socket;
use crate::timeout::IntoTimeout;

options! {
    ZMQ_VMCI_BUFFER_SIZE "ZMQ_VMCI_BUFFER_SIZE", Kind, AnyTime {
        set needs Vmci {
            /// Sets the size in bytes of the buffers of vmci connections. It holds for later binds and connects.
            ///
            /// The transport vmci, between virtual machines of one host, is not in the bundled libzmq. Without it, setting this is
            /// [`Unsupported`](crate::ErrorKind::Unsupported).
            set_vmci_buffer_size(bytes: u64): Bits = bytes
        }
        test |socket| {
            supported_or_not(socket.set_vmci_buffer_size(65_536))?;
        }
    }
    ZMQ_VMCI_BUFFER_MIN_SIZE "ZMQ_VMCI_BUFFER_MIN_SIZE", Kind, AnyTime {
        set needs Vmci {
            /// Sets the least size in bytes of the buffers of vmci connections. It holds for later binds and connects.
            ///
            /// The transport vmci, between virtual machines of one host, is not in the bundled libzmq. Without it, setting this is
            /// [`Unsupported`](crate::ErrorKind::Unsupported).
            set_vmci_buffer_min_size(bytes: u64): Bits = bytes
        }
        test |socket| {
            supported_or_not(socket.set_vmci_buffer_min_size(65_536))?;
        }
    }
    ZMQ_VMCI_BUFFER_MAX_SIZE "ZMQ_VMCI_BUFFER_MAX_SIZE", Kind, AnyTime {
        set needs Vmci {
            /// Sets the greatest size in bytes of the buffers of vmci connections. It holds for later binds and connects.
            ///
            /// The transport vmci, between virtual machines of one host, is not in the bundled libzmq. Without it, setting this is
            /// [`Unsupported`](crate::ErrorKind::Unsupported).
            set_vmci_buffer_max_size(bytes: u64): Bits = bytes
        }
        test |socket| {
            supported_or_not(socket.set_vmci_buffer_max_size(65_536))?;
        }
    }
    ZMQ_VMCI_CONNECT_TIMEOUT "ZMQ_VMCI_CONNECT_TIMEOUT", Kind, AnyTime {
        set needs Vmci {
            /// Sets how long a vmci connection may take to be made; `None`, the default, is as the system has it. It holds for later
            /// connects.
            ///
            /// The transport vmci, between virtual machines of one host, is not in the bundled libzmq. Without it, setting this is
            /// [`Unsupported`](crate::ErrorKind::Unsupported).
            set_vmci_connect_timeout(timeout: impl IntoTimeout): TimeOrForever = timeout.into_timeout()
        }
        test |socket| {
            supported_or_not(socket.set_vmci_connect_timeout(Duration::from_secs(1)))?;
        }
    }
}
