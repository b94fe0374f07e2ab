//! Options about the network beneath.

#[cfg(all(test, zmq_draft))]
use core::time::Duration;

use crate::error::Result;
use crate::kind::Kind;
use crate::option::define::{ability, needs, options};
use crate::option::value::{Byte, DeviceName, Flag, SizeOrDefault};
#[cfg(zmq_draft)]
use crate::option::value::{Microseconds, Priority};
use crate::option::{Needs, Row, When};
use crate::socket::Socket;
#[cfg(zmq_draft)]
use crate::timeout::IntoTimeout;

options! {
    ZMQ_SNDBUF "ZMQ_SNDBUF", Kind, AnyTime {
        get {
            /// The size in bytes of the system's buffer for sending; `None` is as the system has it.
            send_buffer: SizeOrDefault -> Option<u32>
        }
        set {
            /// Sets the size in bytes of the system's buffer for sending on each TCP connection. `None`, the default, is as the system
            /// has it. The system may take another size than the one asked for. It holds for later binds and connects.
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
    ZMQ_RCVBUF "ZMQ_RCVBUF", Kind, AnyTime {
        get {
            /// The size in bytes of the system's buffer for receiving; `None` is as the system has it.
            recv_buffer: SizeOrDefault -> Option<u32>
        }
        set {
            /// Sets the size in bytes of the system's buffer for receiving on each TCP connection. `None`, the default, is as the system
            /// has it. The system may take another size than the one asked for. It holds for later binds and connects.
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
    ZMQ_IPV6 "ZMQ_IPV6", Kind, AnyTime {
        get {
            /// Whether the socket uses IPv6 along with IPv4.
            ipv6: Flag -> bool
        }
        set {
            /// Sets whether the socket uses IPv6 along with IPv4; it is the [context's](crate::Context::set_ipv6) unless set.
            /// It holds for later binds and connects.
            ///
            /// A name is then looked up in both families, and every address of it is tried in turn (another libzmq than the bundled one
            /// tries the first alone, which is one of IPv6 if there is any). Without it, to connect to an address of IPv6 is
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
    ZMQ_TOS "ZMQ_TOS", Kind, AnyTime {
        get {
            /// The type of service that the socket's packets are marked with.
            tos: Byte -> u8
        }
        set {
            /// Sets the type of service (the DSCP and ECN bits) that the socket's packets are marked with over TCP; 0 unless set.
            /// It holds for later binds and connects.
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
    ZMQ_BINDTODEVICE "ZMQ_BINDTODEVICE", Kind, AnyTime {
        get {
            /// The network interface that connections have to go through; `None` is any.
            bound_device: DeviceName -> Option<String>
        }
        set {
            /// Sets the network interface that connections have to go through, such as `eth0`; 1 to 15 bytes. `None`, the default, is any.
            /// It holds for later binds and connects.
            ///
            /// Only Linux has it, and may want rights for it. A bind then fails with
            /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied), or [`Unsupported`](crate::ErrorKind::Unsupported) elsewhere; a connect
            /// tries for ever.
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
    #[cfg(zmq_draft)]
    ZMQ_LOOPBACK_FASTPATH "ZMQ_LOOPBACK_FASTPATH", Kind, AnyTime {
        get {
            /// Whether connections within this machine take Windows' fast path.
            loopback_fastpath: Flag -> bool
        }
        set {
            /// Sets whether connections within this machine take Windows' fast path, at both ends; other systems have none. It holds for later binds and connects.
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
    #[cfg(zmq_draft)]
    ZMQ_PRIORITY "ZMQ_PRIORITY", Kind, AnyTime {
        get {
            /// The priority that the system gives the socket's packets.
            priority: Priority -> u8
        }
        set {
            /// Sets the priority that the system gives the socket's packets over TCP; from 0, the default, to 6. (More need rights, without
            /// which libzmq aborts.) The bundled libzmq keeps the value and does nothing with it. It holds for later binds and connects.
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
    #[cfg(zmq_draft)]
    ZMQ_BUSY_POLL "ZMQ_BUSY_POLL", Kind, AnyTime {
        set {
            /// Sets how long a connection looks for data on the network before it waits for it; in whole microseconds. `None`, the default,
            /// is not at all. Only Linux has it. It holds for later binds and connects.
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
