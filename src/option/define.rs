//! What a row of the [table](super::table) expands to: methods with documentation, C names and checks, and a test.

/// Expands to one `impl` block for the rows of a topic, and to a test for each row.
///
/// A second invocation for the same topic, which begins with `draft`, has the options of the draft API.
macro_rules! options {
    (draft $($table:tt)+) => {
        $crate::option::define::options! {
            @[cfg(zmq_draft), cfg_attr(docsrs, doc(cfg(feature = "draft")))] draft_tests $($table)+
        }
    };
    (@[$($gate:meta),*] $tests:ident
        $(#[$heading:meta])+
        $(
            $constant:ident $alias:literal, $capability:ident $(<$kind:ident>)?, $when:ident {
                $(with $with:tt)?
                $(get $get:tt)?
                $(set $set:tt)?
                test |$socket:ident| $test:block
            }
        )+
    ) => {
        $(#[$gate])*
        $(#[$heading])+
        impl<K: Kind> Socket<K> {
            $(
                $crate::option::define::get! {
                    [$capability $(<$kind>)?] ($constant $alias $when $($with)?) $($get)?
                }
                $crate::option::define::set! {
                    [$capability $(<$kind>)?] ($constant $alias $when $($with)?) $($set)?
                }
            )+
        }

        #[cfg(test)]
        $(#[$gate])*
        mod $tests {
            #[allow(unused_imports, reason = "not every topic uses all")]
            use super::*;
            #[allow(unused_imports, reason = "not every topic uses all")]
            use crate::error::ErrorKind;
            #[allow(unused_imports, reason = "not every topic uses all")]
            use crate::kind::SocketKind;
            #[allow(unused_imports, reason = "not every topic uses all")]
            use crate::option::table::harness::*;

            $(
                #[test]
                #[allow(non_snake_case, reason = "named after the constant")]
                fn $constant() {
                    on_every_kind($crate::option::define::ability!([$capability $(<$kind>)?]), |$socket| {
                        $test
                        Ok(())
                    });
                }
            )+
        }
    };
    ($($table:tt)+) => {
        $crate::option::define::options! { @[] tests $($table)+ }
    };
}

/// The getter of a row, if it has one.
macro_rules! get {
    ($capability:tt $row:tt) => {};
    ([Kind] $row:tt $getter:tt) => {
        $crate::option::define::get! { @[] [Kind] $row $getter }
    };
    ([$($capability:tt)+] $row:tt $getter:tt) => {
        $crate::option::define::get! { @[where K: $($capability)+] [$($capability)+] $row $getter }
    };
    (@[$($bound:tt)*] $capability:tt
        ($constant:ident $alias:literal $when:ident $({ $($field:ident: $value_of_field:expr),+ })?)
    {
        $(#[$docs:meta])*
        $getter:ident: $codec:ident -> $type:ty
    }) => {
        $(#[$docs])*
        ///
        /// # Errors
        ///
        /// See the [errors of all options](Socket#options).
        #[doc(alias = $alias)]
        #[doc(alias = "zmq_getsockopt")]
        pub fn $getter(&self) -> Result<$type> $($bound)* {
            const ROW: $crate::option::Row = $crate::option::Row {
                $($($field: $value_of_field,)+)?
                ..$crate::option::define::row!($getter $constant $capability $when)
            };
            self.core().get_option::<$codec>(&ROW)
        }
    };
}

/// The setter of a row, if it has one.
macro_rules! set {
    ($capability:tt $row:tt) => {};
    ([Kind] $row:tt $setter:tt) => {
        $crate::option::define::set! { @[] [Kind] $row $setter }
    };
    ([$($capability:tt)+] $row:tt $setter:tt) => {
        $crate::option::define::set! { @[where K: $($capability)+] [$($capability)+] $row $setter }
    };
    (@[$($bound:tt)*] $capability:tt
        ($constant:ident $alias:literal $when:ident $({ $($field:ident: $value_of_field:expr),+ })?)
    {
        $(#[$docs:meta])*
        $setter:ident $(<$text:lifetime>)? ($($argument:ident: $type:ty),+): $codec:ident = $value:expr
    }) => {
        $(#[$docs])*
        #[doc = $crate::option::define::footer!($when)]
        ///
        /// # Errors
        ///
        #[doc = $crate::option::define::errors!($when)]
        #[doc(alias = $alias)]
        #[doc(alias = "zmq_setsockopt")]
        pub fn $setter $(<$text>)? (&self, $($argument: $type),+) -> Result<()> $($bound)* {
            const ROW: $crate::option::Row = $crate::option::Row {
                $($($field: $value_of_field,)+)?
                ..$crate::option::define::row!($setter $constant $capability $when)
            };
            self.core().set_option::<$codec>(&ROW, $value)
        }
    };
}

/// The parts that all methods of a row share.
macro_rules! row {
    ($method:ident $constant:ident $capability:tt $when:ident) => {
        $crate::option::Row::new(
            stringify!($method),
            zmq_sys::$constant,
            $crate::option::define::ability!($capability),
            $crate::option::When::$when,
        )
    };
}

/// The ability that a capability trait stands for. All socket types have the abilities of `Kind`.
macro_rules! ability {
    ([Kind]) => {
        None
    };
    ([$($capability:tt)+]) => {
        Some(<$crate::kind::Any as $($capability)+>::ABILITY)
    };
}

/// The last sentence about a setter: when the option takes effect.
macro_rules! footer {
    (Now) => {
        ""
    };
    (Next) => {
        "\nTakes effect for subsequent [`bind`](Socket::bind) and [`connect`](Socket::connect) calls."
    };
    (NextBind) => {
        "\nTakes effect for subsequent [`bind`](Socket::bind) calls."
    };
    (NextConnect) => {
        "\nTakes effect for subsequent [`connect`](Socket::connect) calls."
    };
    (Before) => {
        "\nMust be set before the first [`bind`](Socket::bind) or [`connect`](Socket::connect)."
    };
}

/// The errors of a setter.
macro_rules! errors {
    (Before) => {
        "[`WrongState`](crate::ErrorKind::WrongState) after the first `bind` or `connect`. See also the \
         [errors of all options](Socket#options)."
    };
    ($when:ident) => {
        "See the [errors of all options](Socket#options)."
    };
}

pub(super) use {ability, errors, footer, get, options, row, set};
