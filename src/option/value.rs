//! Conversions of option values between Rust and C.
//!
//! If `-1` or `0` has a special meaning in C, it is `None` here. A value that C would truncate or wrap is refused.

use core::ffi::c_int;
use core::fmt::Debug;
use core::time::Duration;

#[cfg(zmq_draft)]
use super::types::{NormMode, ReconnectStop, RouterNotify};
use crate::events::PollEvents;
#[cfg(zmq_draft)]
use crate::foreign;
use crate::raw::Errno;
use crate::raw::socket::Socket;
use crate::socket::limits::{LONGEST_PREFIX, check_routing_id};
use crate::timeout::{
    SPIN_TIME_RANGE, from_milliseconds, microseconds, milliseconds, milliseconds_or_forever,
};

/// A value in the form that libzmq expects.
#[derive(Clone, Debug)]
pub(crate) enum Encoded<'a> {
    Int(c_int),
    Int64(i64),
    Bits(u64),
    Bytes(&'a [u8]),
    #[cfg(zmq_draft)]
    Text(String),
    /// A null pointer, which resets some options.
    Nothing,
}

impl Encoded<'_> {
    /// The number, or whether there are any bytes. Sockets remember nothing else about their options.
    pub(crate) fn summary(&self) -> Option<c_int> {
        match self {
            Encoded::Int(value) => Some(*value),
            Encoded::Bytes(bytes) => Some(c_int::from(!bytes.is_empty())),
            _ => None,
        }
    }
}

/// A conversion for values that can be set.
pub(crate) trait Set {
    type Value<'a>: Copy + Debug;
    /// Returns the value for libzmq, or the valid range if the value is out of range.
    fn encode(value: Self::Value<'_>) -> Result<Encoded<'_>, &'static str>;
    /// Returns the value for the text of an error.
    fn show(value: Self::Value<'_>) -> String {
        format!("{value:?}")
    }
}

/// A conversion for values that can be read.
pub(crate) trait Get {
    type Value;
    fn get(socket: &Socket, option: c_int) -> Result<Self::Value, Errno>;
}

/// Conversions from and to a C int.
macro_rules! ints {
    ($($(#[$docs:meta])* $name:ident: $value:ty, $encode:expr, $decode:expr;)+) => {$(
        $(#[$docs])*
        pub(crate) enum $name {}

        impl Set for $name {
            type Value<'a> = $value;
            fn encode(value: Self::Value<'_>) -> Result<Encoded<'_>, &'static str> {
                let encode: fn($value) -> Result<c_int, &'static str> = $encode;
                encode(value).map(Encoded::Int)
            }
        }

        impl Get for $name {
            type Value = $value;
            fn get(socket: &Socket, option: c_int) -> Result<$value, Errno> {
                let decode: fn(c_int) -> $value = $decode;
                socket.get::<c_int>(option).map(decode)
            }
        }
    )+};
}

ints! {
    /// 0 or 1.
    Flag: bool, |on| Ok(c_int::from(on)), |value| value != 0;
    /// A number of at least 0.
    Count: u32, |count| count.try_into().map_err(|_| UP_TO_MAX), |value| value.try_into().unwrap_or(0);
    /// From 1 to 127; -1, the system default, is `None`.
    CountOrDefault: Option<u32>,
        |count| match count {
            None => Ok(-1),
            Some(count @ 1..=127) => count.try_into().map_err(|_| KEEPALIVE_COUNT),
            // If the kernel refused a larger value, libzmq would never connect.
            Some(_) => Err(KEEPALIVE_COUNT),
        },
        |value| value.try_into().ok();
    /// 0 or 1; -1, the system default, is `None`.
    FlagOrDefault: Option<bool>, |on| Ok(on.map_or(-1, c_int::from)), |value| (value >= 0).then_some(value != 0);
    /// Whole seconds, from 1 to 32767; -1, the system default, is `None`.
    SecondsOrDefault: Option<Duration>,
        |time| match time {
            None => Ok(-1),
            // Rounded up, like every time. If the kernel refused a larger value, libzmq would never connect.
            Some(time) => match time.as_nanos().div_ceil(1_000_000_000) {
                seconds @ 1..=32_767 => seconds.try_into().map_err(|_| KEEPALIVE_SECONDS),
                _ => Err(KEEPALIVE_SECONDS),
            },
        },
        |value| u64::try_from(value).ok().map(Duration::from_secs);
    /// A number of at least 1.
    NumberFromOne: u32,
        |number| if number == 0 { Err(FROM_ONE) } else { number.try_into().map_err(|_| FROM_ONE) },
        |value| value.try_into().unwrap_or(0);
    /// A number of bytes; -1, the system default, is `None`.
    SizeOrDefault: Option<u32>,
        |size| size.map_or(Ok(-1), |size| size.try_into().map_err(|_| UP_TO_MAX)),
        |value| value.try_into().ok();
    /// Eight bits.
    Byte: u8, |byte| Ok(c_int::from(byte)), byte;
    /// A number of networks. The kernel accepts at most 255.
    Hops: u8, |hops| if hops == 0 { Err("must be from 1 to 255") } else { Ok(c_int::from(hops)) }, byte;
    /// Milliseconds.
    Time: Duration, |time| Ok(milliseconds(time)), |value| from_milliseconds(value).unwrap_or_default();
    /// At least 1 millisecond; 0, which turns the option off, is `None`. A duration of zero is refused.
    TimeOrNone: Option<Duration>, encode_time_or_none, |value| from_milliseconds(value).filter(|time| !time.is_zero());
    /// Milliseconds in steps of 100; 0, with which the peer decides, is `None`. At the peer, a longer time wraps around
    /// (O11).
    TenthsOfSecond: Option<Duration>,
        |time| match time {
            None => Ok(0),
            Some(time) => match time.as_nanos().div_ceil(100_000_000) {
                tenths @ 1..=655 => c_int::try_from(tenths * 100).map_err(|_| HEARTBEAT_TTL),
                _ => Err(HEARTBEAT_TTL),
            },
        },
        |value| from_milliseconds(value).filter(|time| !time.is_zero());
    /// Microseconds.
    SpinTime: Duration,
        |time| microseconds(time).ok_or(SPIN_TIME_RANGE),
        |value| Duration::from_micros(value.try_into().unwrap_or(0));
    /// Milliseconds; -1, which means forever, is `None`.
    TimeOrForever: Option<Duration>, |time| Ok(milliseconds_or_forever(time)), from_milliseconds;
    /// At least 1 millisecond; -1, which means never, is `None`. To libzmq, 0 means never as well, so zero is refused.
    TimeOrNever: Option<Duration>,
        |time| match time {
            Some(Duration::ZERO) => Err("must be greater than zero, or None for never"),
            time => Ok(milliseconds_or_forever(time)),
        },
        |value| from_milliseconds(value).filter(|time| !time.is_zero());
    /// At least 1 millisecond; 0, which turns the option off, is `None`.
    TimeOrZero: Option<Duration>,
        |time| Ok(time.map_or(0, milliseconds)),
        |value| from_milliseconds(value).filter(|time| !time.is_zero());
}

#[cfg(zmq_draft)]
ints! {
    /// The size of a buffer of each connection. libzmq aborts if it cannot allocate the buffer.
    InBatchSize: u32,
        |size| match size {
            1..=LARGEST_BATCH if foreign::is_in_batch_size(size) => {
                size.try_into().map_err(|_| foreign::IN_BATCH_SIZES)
            }
            _ => Err(foreign::IN_BATCH_SIZES),
        },
        |value| value.try_into().unwrap_or(0);
    /// Like `InBatchSize`, but every libzmq accepts any number of bytes.
    OutBatchSize: u32,
        |size| match size {
            1..=LARGEST_BATCH => size.try_into().map_err(|_| OUT_BATCH_SIZE),
            _ => Err(OUT_BATCH_SIZE),
        },
        |value| value.try_into().unwrap_or(0);
    /// A number above 6 needs privileges, and libzmq aborts without them (A28).
    Priority: u8, |priority| if priority > 6 { Err("must be from 0 to 6") } else { Ok(c_int::from(priority)) }, byte;
    /// At least 1 microsecond; 0, which turns the option off, is `None`.
    Microseconds: Option<Duration>,
        |time| match time.map(microseconds) {
            None => Ok(0),
            Some(None | Some(0)) => Err(MICROSECONDS),
            Some(Some(microseconds)) => Ok(microseconds),
        },
        |value| u64::try_from(value).ok().filter(|&value| value != 0).map(Duration::from_micros);
    /// See [`ReconnectStop`].
    Stop: ReconnectStop,
        |conditions| {
            if !conditions.is_known() {
                return Err("must consist of named conditions");
            }
            foreign::check_reconnect_stop(conditions).map(|()| conditions.bits())
        },
        ReconnectStop::from_bits;
    /// See [`RouterNotify`].
    Notify: RouterNotify, |events| Ok(events.bits()), RouterNotify::from_bits;
    /// See [`NormMode`].
    NormModeCodec: NormMode, |mode| Ok(mode.constant()), NormMode::from_constant;
    /// From 1 to 65535, because norm stores 16 bits.
    NormSegmentSize: u16, |bytes| if bytes == 0 { Err("must be at least 1") } else { Ok(bytes.into()) },
        |value| value.try_into().unwrap_or(u16::MAX);
    /// From 1 to 255.
    NormBlockSize: u8, |packets| if packets == 0 { Err("must be at least 1") } else { Ok(packets.into()) }, byte;
    /// From 0 to 254.
    NormParity: u8, |packets| if packets == u8::MAX { Err("must be at most 254") } else { Ok(packets.into()) }, byte;
}

fn byte(value: c_int) -> u8 {
    value.try_into().unwrap_or(u8::MAX)
}

fn encode_time_or_none(time: Option<Duration>) -> Result<c_int, &'static str> {
    match time {
        Some(Duration::ZERO) => Err("must be greater than zero, or None"),
        time => Ok(time.map_or(0, milliseconds)),
    }
}

const FROM_ONE: &str = "must be from 1 to 2147483647";
const HEARTBEAT_TTL: &str = "must be greater than zero and at most 65.5 seconds, or None";
#[cfg(zmq_draft)]
const LARGEST_BATCH: u32 = 0x0100_0000;
#[cfg(zmq_draft)]
const OUT_BATCH_SIZE: &str = "must be from 1 to 16777216";
#[cfg(zmq_draft)]
const MICROSECONDS: &str = "must be from 1 to 2147483647 microseconds, or None";
const UP_TO_MAX: &str = "must be at most 2147483647";
const KEEPALIVE_COUNT: &str = "must be from 1 to 127";
const KEEPALIVE_SECONDS: &str = "must be from 1 to 32767 seconds";

/// A size of 64 bits; a negative size, which means no limit, is `None`.
pub(crate) enum SizeOrUnlimited {}

impl Set for SizeOrUnlimited {
    type Value<'a> = Option<u64>;
    fn encode(value: Self::Value<'_>) -> Result<Encoded<'_>, &'static str> {
        match value {
            None => Ok(Encoded::Int64(-1)),
            Some(size) => {
                size.try_into().map(Encoded::Int64).map_err(|_| "must be at most 9223372036854775807")
            }
        }
    }
}

impl Get for SizeOrUnlimited {
    type Value = Option<u64>;
    fn get(socket: &Socket, option: c_int) -> Result<Option<u64>, Errno> {
        socket.get::<i64>(option).map(|size| size.try_into().ok())
    }
}

/// 64 bits.
pub(crate) enum Bits {}

impl Set for Bits {
    type Value<'a> = u64;
    fn encode(value: Self::Value<'_>) -> Result<Encoded<'_>, &'static str> {
        Ok(Encoded::Bits(value))
    }
}

/// One bit for each I/O thread.
pub(crate) type Affinity = Bits;

impl Get for Bits {
    type Value = u64;
    fn get(socket: &Socket, option: c_int) -> Result<u64, Errno> {
        socket.get(option)
    }
}

/// At least 1 millisecond; 0, which means forever, is `None`. -1 is the default, which cannot be set. It means the interval
/// of the heartbeats.
pub(crate) enum HeartbeatTimeout {}

impl Set for HeartbeatTimeout {
    type Value<'a> = Option<Duration>;
    fn encode(value: Self::Value<'_>) -> Result<Encoded<'_>, &'static str> {
        encode_time_or_none(value).map(Encoded::Int)
    }
}

impl Get for HeartbeatTimeout {
    type Value = Option<Duration>;
    fn get(socket: &Socket, option: c_int) -> Result<Option<Duration>, Errno> {
        match socket.get::<c_int>(option)? {
            -1 => TimeOrNone::get(socket, zmq_sys::ZMQ_HEARTBEAT_IVL),
            milliseconds => Ok(from_milliseconds(milliseconds).filter(|time| !time.is_zero())),
        }
    }
}

/// A text of up to `MAX` bytes, or `None` if it is not set. The text contains no zero byte, because in C it would end there
/// (O5).
pub(crate) enum Text<const MAX: usize> {}

/// The name of a network interface. In the kernel, it has 16 bytes, of which the last is zero.
pub(crate) type DeviceName = Text<15>;
/// A host and a port, or two of them, as in `source;proxy`.
pub(crate) type Proxy = Text<1023>;
/// A text whose length SOCKS stores in one byte.
#[cfg(zmq_draft)]
pub(crate) type Credential = Text<255>;

impl<const MAX: usize> Set for Text<MAX> {
    type Value<'a> = Option<&'a str>;
    fn encode(value: Self::Value<'_>) -> Result<Encoded<'_>, &'static str> {
        match value {
            None => Ok(Encoded::Nothing),
            Some("") => Err("must not be empty; pass None instead"),
            Some(text) if text.len() > MAX => Err("is too long"),
            Some(text) if text.contains('\0') => Err("must not contain a zero byte"),
            Some(text) => Ok(Encoded::Bytes(text.as_bytes())),
        }
    }
}

impl<const MAX: usize> Get for Text<MAX> {
    type Value = Option<String>;
    fn get(socket: &Socket, option: c_int) -> Result<Option<String>, Errno> {
        // It ends with a zero byte (O3).
        let mut buffer = vec![0; MAX.saturating_add(1)];
        let len = socket.get_bytes(option, &mut buffer)?;
        buffer.truncate(len.saturating_sub(1));
        Ok(Some(String::from_utf8_lossy(&buffer).into_owned()).filter(|text| !text.is_empty()))
    }
}

/// A property of a connection: a name and a value.
#[cfg(zmq_draft)]
pub(crate) enum Property {}

#[cfg(zmq_draft)]
impl Set for Property {
    type Value<'a> = (&'a str, &'a str);
    fn encode((name, value): Self::Value<'_>) -> Result<Encoded<'_>, &'static str> {
        if !name.starts_with("X-") || name.len() < 3 || name.len() > 255 {
            Err("the name must have 3 to 255 bytes and start with X-")
        } else if name.contains(':') {
            Err("the name must not contain a colon")
        } else if value.is_empty() {
            Err("the value must not be empty")
        } else if name.contains('\0') || value.contains('\0') {
            Err("must not contain a zero byte")
        } else {
            Ok(Encoded::Text(format!("{name}:{value}")))
        }
    }
}

/// Bytes as in a byte string: with escapes for bytes that are not printable ASCII.
fn escaped(bytes: &[u8]) -> String {
    format!("\"{}\"", bytes.escape_ascii())
}

/// Any bytes.
pub(crate) enum Bytes {}

impl Set for Bytes {
    type Value<'a> = &'a [u8];
    fn encode(value: Self::Value<'_>) -> Result<Encoded<'_>, &'static str> {
        Ok(Encoded::Bytes(value))
    }
    fn show(value: &[u8]) -> String {
        escaped(value)
    }
}

/// A routing id: 1 to 255 bytes.
pub(crate) enum RoutingId {}

impl Set for RoutingId {
    type Value<'a> = &'a [u8];
    fn encode(value: Self::Value<'_>) -> Result<Encoded<'_>, &'static str> {
        check_routing_id(value).map(|()| Encoded::Bytes(value))
    }
    fn show(value: &[u8]) -> String {
        escaped(value)
    }
}

impl Get for RoutingId {
    type Value = Vec<u8>;
    fn get(socket: &Socket, option: c_int) -> Result<Vec<u8>, Errno> {
        let mut id = vec![0; 255];
        let len = socket.get_bytes(option, &mut id)?;
        id.truncate(len);
        Ok(id)
    }
}

/// A prefix to subscribe to.
pub(crate) enum Prefix {}

impl Set for Prefix {
    type Value<'a> = &'a [u8];
    fn encode(value: Self::Value<'_>) -> Result<Encoded<'_>, &'static str> {
        if value.len() > LONGEST_PREFIX {
            return Err("must have at most 16384 bytes");
        }
        Ok(Encoded::Bytes(value))
    }
    fn show(value: &[u8]) -> String {
        escaped(value)
    }
}

/// The events that a socket is ready for.
pub(crate) enum Polled {}

impl Get for Polled {
    type Value = PollEvents;
    fn get(socket: &Socket, option: c_int) -> Result<PollEvents, Errno> {
        socket.get::<c_int>(option).map(|events| PollEvents::from_bits(events.try_into().unwrap_or(0)))
    }
}
