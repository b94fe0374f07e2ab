//! The table of the features of libzmq that need a library of the system.

/// Everything that the build knows about an addition.
struct Row {
    feature: &'static str,
    pkg_config_names: &'static [&'static str],
    debian_package: &'static str,
    defines: &'static [&'static str],
}

macro_rules! additions {
    ($($(#[$docs:meta])* $name:ident = $feature:literal, $pkg_config_names:expr, $debian_package:literal, $defines:expr;)+) => {
        /// A feature of libzmq that needs a library of the system.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Addition {
            $($(#[$docs])* $name),+
        }

        impl Addition {
            /// All additions.
            pub const ALL: &[Addition] = &[$(Addition::$name),+];

            fn row(self) -> Row {
                match self {
                    $(Addition::$name => Row {
                        feature: $feature,
                        pkg_config_names: $pkg_config_names,
                        debian_package: $debian_package,
                        defines: $defines,
                    }),+
                }
            }
        }
    };
}

additions! {
    // addition = feature, names for pkg-config (newest first), Debian package, macros that the build defines
    /// The transports `pgm` and `epgm`, which need OpenPGM.
    Pgm = "pgm", &["openpgm-5.3", "openpgm-5.2"], "libpgm-dev", &["ZMQ_HAVE_OPENPGM"];
    /// The transport `norm`, which needs NORM.
    Norm = "norm", &["norm"], "libnorm-dev", &["ZMQ_HAVE_NORM"];
    /// Kerberos authentication, which needs MIT's GSSAPI.
    Gssapi = "gssapi", &["krb5-gssapi", "mit-krb5-gssapi"], "libkrb5-dev", &["HAVE_LIBGSSAPI_KRB5"];
    /// The transport `wss`, which needs GnuTLS.
    Wss = "wss", &["gnutls"], "libgnutls28-dev", &["ZMQ_HAVE_WSS", "ZMQ_USE_GNUTLS"];
}

impl Addition {
    /// Returns the feature of `zmq` and `zmq-sys` that selects the addition.
    #[must_use]
    pub fn feature(self) -> &'static str {
        self.row().feature
    }

    /// Returns the names that the library can have for pkg-config. The newest name comes first.
    #[must_use]
    pub fn pkg_config_names(self) -> &'static [&'static str] {
        self.row().pkg_config_names
    }

    /// Returns the Debian package that contains the library.
    #[must_use]
    pub fn debian_package(self) -> &'static str {
        self.row().debian_package
    }

    /// The macros with which libzmq is compiled.
    pub(crate) fn defines(self) -> &'static [&'static str] {
        self.row().defines
    }
}
