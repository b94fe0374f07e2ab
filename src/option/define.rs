//! What a row of the [table](super::table) turns into: methods, their docs and names of C, checks and a test.

/// Which ability a capability trait stands for; all kinds have those of `Kind`.
macro_rules! ability {
    (Kind) => {
        None
    };
    (CanSubscribe) => {
        Some(Ability::Subscribe)
    };
    (CanRequest) => {
        Some(Ability::Request)
    };
    (CanRoute) => {
        Some(Ability::Route)
    };
    (CanProbe) => {
        Some(Ability::Probe)
    };
    (CanMulticast) => {
        Some(Ability::Multicast)
    };
    (CanSendHello) => {
        Some(Ability::SendHello)
    };
    (CanRecvDisconnect) => {
        Some(Ability::ReceiveDisconnect)
    };
    (CanRecvHiccup) => {
        Some(Ability::ReceiveHiccup)
    };
}

macro_rules! options {
    ($(
        $constant:ident $alias:literal, $capability:ident, $when:ident {
            $(get {
                $(#[$get_docs:meta])*
                $getter:ident: $get_codec:ident -> $get_type:ty
            })?
            $(set {
                $(#[$set_docs:meta])*
                $setter:ident($argument:ident: $set_type:ty): $set_codec:ident = $value:expr
            })?
            test |$socket:ident| $test:block
        }
    )+) => {
        $(
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
                    pub fn $setter(&self, $argument: $set_type) -> Result<()>
                    where
                        K: $capability,
                    {
                        let row = Row {
                            name: stringify!($setter),
                            constant: zmq_sys::$constant,
                            ability: ability!($capability),
                            when: When::$when,
                        };
                        self.core().set_option::<$set_codec>(row, $value)
                    }
                )?
            }
        )+

        #[cfg(test)]
        mod tests {
            use super::*;
            use crate::{Any, Context, ErrorKind, SocketKind};

            /// Runs a row's test on a fresh socket of every kind, and sees that those without the option refuse.
            fn on_every_kind(ability: Option<Ability>, test: impl Fn(&Socket<Any>) -> Result<()>) {
                let context = Context::new().unwrap();
                for &kind in SocketKind::ALL {
                    let result = test(&context.socket(Any(kind)).unwrap());
                    if ability.is_none_or(|ability| kind.has(ability)) {
                        result.unwrap();
                    } else {
                        assert_eq!(result.unwrap_err().kind(), ErrorKind::Unsupported, "{kind}");
                    }
                }
            }

            #[allow(dead_code, reason = "some tables have no value to refuse")]
            fn assert_refused(result: Result<()>) {
                assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidInput);
            }

            $(
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

pub(super) use {ability, options};
