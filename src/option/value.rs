//! How option values look in Rust and in C.
//!
//! `-1` and `0` with a meaning of their own become `None`; what C would cut or wrap is refused.

use core::ffi::c_int;
use core::fmt::Debug;
use core::time::Duration;

use crate::poll::PollEvents;
use crate::raw::Errno;
use crate::raw::socket::Socket;
use crate::timeout::{from_milliseconds, milliseconds, milliseconds_or_forever};

/// A value as libzmq takes it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Encoded<'a> {
    Int(c_int),
    Int64(i64),
    Bytes(&'a [u8]),
}

/// A kind of value that can be set.
pub(crate) trait Set {
    type Value<'a>: Copy + Debug;
    /// The value for libzmq, or what range it should have been in.
    fn encode(value: Self::Value<'_>) -> Result<Encoded<'_>, &'static str>;
}

/// A kind of value that can be read.
pub(crate) trait Get {
    type Value;
    fn get(socket: &Socket, option: c_int) -> Result<Self::Value, Errno>;
}

/// Kinds of values that are one C int, there and back.
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
    /// A number from 0.
    Count: u32, |count| count.try_into().map_err(|_| UP_TO_MAX), |value| value.try_into().unwrap_or(0);
    /// A number from 1; -1, "as the system has it", is `None`.
    CountOrDefault: Option<u32>,
        |count| match count {
            None => Ok(-1),
            Some(count @ 1..=127) => count.try_into().map_err(|_| KEEPALIVE_COUNT),
            // The kernel takes no more, and libzmq would then never connect.
            Some(_) => Err(KEEPALIVE_COUNT),
        },
        |value| value.try_into().ok();
    /// 0 or 1; -1, "as the system has it", is `None`.
    FlagOrDefault: Option<bool>, |on| Ok(on.map_or(-1, c_int::from)), |value| (value >= 0).then_some(value != 0);
    /// Whole seconds from 1; -1, "as the system has it", is `None`.
    SecondsOrDefault: Option<Duration>,
        |time| match time {
            None => Ok(-1),
            // Rounded up, as every time is. The kernel takes no more, and libzmq would then never connect.
            Some(time) => match time.as_nanos().div_ceil(1_000_000_000) {
                seconds @ 1..=32_767 => seconds.try_into().map_err(|_| KEEPALIVE_SECONDS),
                _ => Err(KEEPALIVE_SECONDS),
            },
        },
        |value| u64::try_from(value).ok().map(Duration::from_secs);
    /// Milliseconds; -1, for ever, is `None`.
    TimeOrForever: Option<Duration>, |time| Ok(milliseconds_or_forever(time)), from_milliseconds;
    /// Milliseconds from 1; -1, "never", is `None`. libzmq takes 0 for "never" too, which a zero wait is not.
    TimeOrNever: Option<Duration>,
        |time| match time {
            Some(Duration::ZERO) => Err("more than zero, or None for never"),
            time => Ok(milliseconds_or_forever(time)),
        },
        |value| from_milliseconds(value).filter(|time| !time.is_zero());
    /// Milliseconds from 1; 0, "none", is `None`.
    TimeOrZero: Option<Duration>,
        |time| Ok(time.map_or(0, milliseconds)),
        |value| from_milliseconds(value).filter(|time| !time.is_zero());
}

const UP_TO_MAX: &str = "at most 2147483647";
const KEEPALIVE_COUNT: &str = "from 1 to 127";
const KEEPALIVE_SECONDS: &str = "from 1 to 32767 seconds";

/// A size in 64 bits; negative, "no limit", is `None`.
pub(crate) enum SizeOrUnlimited {}

impl Set for SizeOrUnlimited {
    type Value<'a> = Option<u64>;
    fn encode(value: Self::Value<'_>) -> Result<Encoded<'_>, &'static str> {
        match value {
            None => Ok(Encoded::Int64(-1)),
            Some(size) => size.try_into().map(Encoded::Int64).map_err(|_| "at most 9223372036854775807"),
        }
    }
}

impl Get for SizeOrUnlimited {
    type Value = Option<u64>;
    fn get(socket: &Socket, option: c_int) -> Result<Option<u64>, Errno> {
        socket.get::<i64>(option).map(|size| size.try_into().ok())
    }
}

/// A routing id: 1 to 255 bytes.
pub(crate) enum RoutingId {}

impl Set for RoutingId {
    type Value<'a> = &'a [u8];
    fn encode(value: Self::Value<'_>) -> Result<Encoded<'_>, &'static str> {
        match value {
            id if id.is_empty() || id.len() > 255 => Err("from 1 to 255 bytes"),
            // Reserved for those that ROUTER makes up; one it is about to make up has aborted the ROUTER (I3).
            [0, ..] => Err("must not begin with a zero byte"),
            _ => Ok(Encoded::Bytes(value)),
        }
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

/// The most that a subscription may have. libzmq walks one byte deeper with each, on the stack of whichever thread it is.
const LONGEST_PREFIX: usize = 16_384;

/// A prefix to subscribe to.
pub(crate) enum Prefix {}

impl Set for Prefix {
    type Value<'a> = &'a [u8];
    fn encode(value: Self::Value<'_>) -> Result<Encoded<'_>, &'static str> {
        if value.len() > LONGEST_PREFIX {
            return Err("at most 16384 bytes");
        }
        Ok(Encoded::Bytes(value))
    }
}

/// Any bytes.
#[cfg(zmq_draft)]
pub(crate) enum Bytes {}

#[cfg(zmq_draft)]
impl Set for Bytes {
    type Value<'a> = &'a [u8];
    fn encode(value: Self::Value<'_>) -> Result<Encoded<'_>, &'static str> {
        Ok(Encoded::Bytes(value))
    }
}

/// What a socket is ready for.
pub(crate) enum Events {}

impl Get for Events {
    type Value = PollEvents;
    fn get(socket: &Socket, option: c_int) -> Result<PollEvents, Errno> {
        socket.get::<c_int>(option).map(|events| PollEvents::from_bits(events.try_into().unwrap_or(0)))
    }
}
