//! The version and the features of the linked libzmq.

use core::ffi::CStr;
use core::fmt;

use crate::foreign;
use crate::raw::strings;

/// A version of libzmq.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub struct Version {
    /// The major version, such as 4 in 4.3.5.
    pub major: u32,
    /// The minor version, such as 3 in 4.3.5.
    pub minor: u32,
    /// The patch version, such as 5 in 4.3.5.
    pub patch: u32,
}

impl Version {
    /// Creates a version from its numbers, for comparisons.
    #[must_use]
    pub const fn new(major: u32, minor: u32, patch: u32) -> Version {
        Version { major, minor, patch }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// Returns the version of the linked libzmq.
///
/// ```
/// use zmq::Version;
///
/// assert!(zmq::version() >= Version::new(4, 3, 0));
/// println!("libzmq {}", zmq::version());
/// ```
///
/// The bundled libzmq and another libzmq 4.3.5 have the same version. [`has(Feature::Bundled)`](has) distinguishes them.
///
/// Follows [zmq_version(3)](https://libzmq.readthedocs.io/en/latest/zmq_version.html).
#[must_use]
#[doc(alias = "zmq_version")]
pub fn version() -> Version {
    let (major, minor, patch) = strings::version();
    let number = |part| u32::try_from(part).unwrap_or_default();
    Version::new(number(major), number(minor), number(patch))
}

macro_rules! features {
    ($($(#[$docs:meta])* $feature:ident = $name:literal,)+) => {
        /// A feature that the linked libzmq may have.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[non_exhaustive]
        pub enum Feature {
            $($(#[$docs])* $feature,)+
            /// Present if the linked libzmq is the bundled one, which fixes the known defects of libzmq 4.3.5. Some
            /// descriptions in this crate mention "a libzmq other than the bundled one". A program can require the bundled
            /// libzmq:
            ///
            /// ```no_run
            /// use zmq::Feature;
            ///
            /// assert!(zmq::has(Feature::Bundled), "libzmq {} was linked, not the bundled one", zmq::version());
            /// ```
            Bundled,
        }

        impl Feature {
            /// The name of the feature for `zmq_has`.
            fn name(self) -> Option<&'static CStr> {
                match self {
                    $(Feature::$feature => Some($name),)+
                    Feature::Bundled => None,
                }
            }
        }
    };
}

features! {
    /// The `ipc` transport.
    Ipc = c"ipc",
    /// The `pgm` and `epgm` transports.
    Pgm = c"pgm",
    /// The `tipc` transport.
    Tipc = c"tipc",
    /// The `norm` transport.
    Norm = c"norm",
    /// The `vmci` transport.
    Vmci = c"vmci",
    /// The `ws` transport.
    Ws = c"WS",
    /// The `wss` transport.
    Wss = c"WSS",
    /// CURVE encryption.
    Curve = c"curve",
    /// GSSAPI authentication.
    Gssapi = c"gssapi",
    /// The draft API.
    Draft = c"draft",
}

/// Returns whether the linked libzmq has a feature.
///
/// ```
/// use zmq::Feature;
///
/// if zmq::has(Feature::Curve) {
///     println!("connections can be encrypted");
/// }
/// ```
///
/// Follows [zmq_has(3)](https://libzmq.readthedocs.io/en/latest/zmq_has.html).
#[must_use]
#[doc(alias = "zmq_has")]
pub fn has(feature: Feature) -> bool {
    feature.name().map_or(!foreign::IS_LINKED, strings::has)
}
