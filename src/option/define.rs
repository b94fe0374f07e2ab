//! What a row of the [table](super::table) turns into: methods, their docs and names of C, checks and a test.

/// Which ability a capability trait stands for; all kinds have those of `Kind`.
macro_rules! ability {
    (Kind) => {
        None
    };
    ($capability:ident) => {
        Some(<crate::kind::Any as $capability>::ABILITY)
    };
}

/// What a row needs; nothing unless it says so.
macro_rules! needs {
    () => {
        Needs::Nothing
    };
    ($needs:ident) => {
        Needs::$needs
    };
}

macro_rules! options {
    ($(
        $(#[cfg($draft:ident)])?
        $constant:ident $alias:literal, $capability:ident, $when:ident {
            $(get $(needs $get_needs:ident)? {
                $(#[$get_docs:meta])*
                $getter:ident: $get_codec:ident -> $get_type:ty
            })?
            $(set $(needs $needs:ident)? {
                $(#[$set_docs:meta])*
                $setter:ident $(<$text:lifetime>)? ($($argument:ident: $set_type:ty),+): $set_codec:ident = $value:expr
            })?
            test |$socket:ident| $test:block
        }
    )+) => {
        $(
            $(
                #[cfg($draft)]
                #[cfg_attr(docsrs, doc(cfg(feature = "draft")))]
            )?
            impl<K: Kind> Socket<K> {
                $(
                    $(#[$get_docs])*
                    ///
                    /// # Errors
                    ///
                    /// [`Terminated`](crate::ErrorKind::Terminated) once the context is shut down;
                    /// [`Forked`](crate::ErrorKind::Forked) in a child process.
                    #[doc(alias = $alias)]
                    #[doc(alias = "zmq_getsockopt")]
                    pub fn $getter(&self) -> Result<$get_type>
                    where
                        K: $capability,
                    {
                        self.core().get_option::<$get_codec>(Row {
                            name: stringify!($getter),
                            constant: zmq_sys::$constant,
                            ability: ability!($capability),
                            when: When::$when,
                            needs: needs!($($get_needs)?),
                        })
                    }
                )?
                $(
                    $(#[$set_docs])*
                    ///
                    /// # Errors
                    ///
                    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a value out of range;
                    /// [`WrongState`](crate::ErrorKind::WrongState) if it may only be set before the first bind or
                    /// connect, and that was; [`Terminated`](crate::ErrorKind::Terminated) once the context is shut
                    /// down; [`Forked`](crate::ErrorKind::Forked) in a child process.
                    #[doc(alias = $alias)]
                    #[doc(alias = "zmq_setsockopt")]
                    pub fn $setter $(<$text>)? (&self, $($argument: $set_type),+) -> Result<()>
                    where
                        K: $capability,
                    {
                        let row = Row {
                            name: stringify!($setter),
                            constant: zmq_sys::$constant,
                            ability: ability!($capability),
                            when: When::$when,
                            needs: needs!($($needs)?),
                        };
                        self.core().set_option::<$set_codec>(row, $value)
                    }
                )?
            }
        )+

        #[cfg(test)]
        mod tests {
            use super::*;
            #[allow(unused_imports, reason = "not every topic uses all")]
            use crate::error::ErrorKind;
            #[allow(unused_imports, reason = "not every topic uses all")]
            use crate::kind::SocketKind;
            #[allow(unused_imports, reason = "not every topic uses all")]
            use crate::option::table::harness::{assert_refused, on_every_kind, supported_or_not};
            #[cfg(zmq_draft)]
            #[allow(unused_imports, reason = "not every topic uses all")]
            use crate::option::table::harness::{assert_refused_or_no_norm, has_norm};

            $(
                $(#[cfg($draft)])?
                #[test]
                #[allow(non_snake_case, reason = "named after the constant")]
                fn $constant() {
                    on_every_kind(ability!($capability), |$socket| {
                        $test
                        Ok(())
                    });
                }
            )+
        }
    };
}

pub(super) use {ability, needs, options};
