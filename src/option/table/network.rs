//! Options about the network.

#[cfg(all(test, zmq_draft))]
use core::time::Duration;

use crate::error::Result;
use crate::kind::Kind;
use crate::option::define::options;
use crate::option::value::{Byte, DeviceName, Flag, SizeOrDefault};
#[cfg(zmq_draft)]
use crate::option::value::{Microseconds, Priority};
use crate::socket::Socket;
#[cfg(zmq_draft)]
use crate::timeout::IntoTimeout;

options! {
    /// # Options: network
    ZMQ_SNDBUF "ZMQ_SNDBUF", Kind, Next {
        get {
            /// Returns the size in bytes of the system's send buffer. `None` is the system default.
            send_buffer: SizeOrDefault -> Option<u32>
        }
        set {
            /// Sets the size in bytes of the system's send buffer for each TCP connection. The system may
            /// choose another size.
            ///
            /// Default: `None`, the system default.
            set_send_buffer(bytes: impl Into<Option<u32>>): SizeOrDefault = bytes.into()
        }
        test |socket| {
            assert_eq!(socket.send_buffer()?, None);
            for value in [Some(16_384), Some(0), None] {
                socket.set_send_buffer(value)?;
                assert_eq!(socket.send_buffer()?, value);
            }
            assert_refused(socket.set_send_buffer(u32::MAX));
        }
    }
    ZMQ_RCVBUF "ZMQ_RCVBUF", Kind, Next {
        get {
            /// Returns the size in bytes of the system's receive buffer. `None` is the system default.
            recv_buffer: SizeOrDefault -> Option<u32>
        }
        set {
            /// Sets the size in bytes of the system's receive buffer for each TCP connection. The system may
            /// choose another size.
            ///
            /// Default: `None`, the system default.
            set_recv_buffer(bytes: impl Into<Option<u32>>): SizeOrDefault = bytes.into()
        }
        test |socket| {
            assert_eq!(socket.recv_buffer()?, None);
            for value in [Some(16_384), Some(0), None] {
                socket.set_recv_buffer(value)?;
                assert_eq!(socket.recv_buffer()?, value);
            }
            assert_refused(socket.set_recv_buffer(u32::MAX));
        }
    }
    ZMQ_IPV6 "ZMQ_IPV6", Kind, Next {
        get {
            /// Returns whether the socket uses IPv6 in addition to IPv4.
            ipv6: Flag -> bool
        }
        set {
            /// Sets whether the socket uses IPv6 in addition to IPv4.
            ///
            /// Default: the setting of the [context](crate::Context::set_ipv6) when the socket was created.
            ///
            /// With IPv6, host names are looked up for both families, and each address is tried in turn. (A
            /// libzmq other than the bundled one tries only the first address, which is an IPv6 address if
            /// there is one.) Without IPv6, connecting to an IPv6 address fails with
            /// [`InvalidInput`](crate::ErrorKind::InvalidInput).
            set_ipv6(ipv6: bool): Flag = ipv6
        }
        test |socket| {
            for ipv6 in [true, false] {
                socket.set_ipv6(ipv6)?;
                assert_eq!(socket.ipv6()?, ipv6);
            }
        }
    }
    ZMQ_TOS "ZMQ_TOS", Kind, Next {
        get {
            /// Returns the type-of-service byte of the socket's packets.
            tos: Byte -> u8
        }
        set {
            /// Sets the type-of-service byte of the packets that the socket sends over TCP. It consists of
            /// the DSCP and ECN bits.
            ///
            /// Default: 0.
            set_tos(tos: u8): Byte = tos
        }
        test |socket| {
            assert_eq!(socket.tos()?, 0);
            for value in [0x28, 0xff, 0] {
                socket.set_tos(value)?;
                assert_eq!(socket.tos()?, value);
            }
        }
    }
    ZMQ_BINDTODEVICE "ZMQ_BINDTODEVICE", Kind, Next {
        get {
            /// Returns the network interface that connections must use. `None` means any interface.
            bound_device: DeviceName -> Option<String>
        }
        set {
            /// Sets the network interface that connections must use, such as `eth0`. The name has 1 to 15
            /// bytes. `None` means any interface.
            ///
            /// Default: `None`. Only Linux supports this option, and it can require privileges. Without them,
            /// binding fails with [`PermissionDenied`](crate::ErrorKind::PermissionDenied). On other systems,
            /// binding fails with [`Unsupported`](crate::ErrorKind::Unsupported). In both cases, `connect`
            /// succeeds, and the socket tries to connect again and again.
            set_bound_device<'a>(name: impl Into<Option<&'a str>>): DeviceName = name.into()
        }
        test |socket| {
            assert_eq!(socket.bound_device()?, None);
            for name in [Some("lo"), Some("fifteen-letters"), None] {
                socket.set_bound_device(name)?;
                assert_eq!(socket.bound_device()?.as_deref(), name);
            }
            for name in ["", "sixteen--letters", "a\0b"] {
                assert_refused(socket.set_bound_device(name));
            }
        }
    }
}

options! {
    draft
    /// # Options: network (draft)
    ZMQ_LOOPBACK_FASTPATH "ZMQ_LOOPBACK_FASTPATH", Kind, Next {
        get {
            /// Returns whether connections within this machine use the fast path of Windows.
            loopback_fastpath: Flag -> bool
        }
        set {
            /// Sets whether connections within this machine use the fast path of Windows. Both ends must set
            /// this option. It has no effect on other systems.
            ///
            /// Default: `false`.
            set_loopback_fastpath(on: bool): Flag = on
        }
        test |socket| {
            assert!(!socket.loopback_fastpath()?);
            for value in [true, false] {
                socket.set_loopback_fastpath(value)?;
                assert_eq!(socket.loopback_fastpath()?, value);
            }
        }
    }
    ZMQ_PRIORITY "ZMQ_PRIORITY", Kind, Next {
        get {
            /// Returns the priority that the system gives to the socket's packets.
            priority: Priority -> u8
        }
        set {
            /// Sets the priority that the system gives to the packets that the socket sends over TCP, from 0
            /// to 6. Higher priorities are refused, because libzmq would abort if the process lacks the
            /// privileges for them.
            ///
            /// Default: 0. The bundled libzmq stores the value, but does not use it.
            set_priority(priority: u8): Priority = priority
        }
        test |socket| {
            assert_eq!(socket.priority()?, 0);
            for value in [3, 6, 0] {
                socket.set_priority(value)?;
                assert_eq!(socket.priority()?, value);
            }
            assert_refused(socket.set_priority(7));
        }
    }
    ZMQ_BUSY_POLL "ZMQ_BUSY_POLL", Kind, Next {
        set {
            /// Sets how long a connection actively checks the network for data before it waits, in whole
            /// microseconds. `None` means that it does not check.
            ///
            /// Default: `None`. The option has an effect only on Linux.
            set_busy_poll(time: impl IntoTimeout): Microseconds = time.into_timeout()
        }
        test |socket| {
            for time in [Some(Duration::from_micros(50)), None] {
                socket.set_busy_poll(time)?;
            }
            assert_refused(socket.set_busy_poll(Duration::MAX));
            assert_refused(socket.set_busy_poll(Duration::ZERO));
        }
    }
}
