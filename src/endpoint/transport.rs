//! The transports: one row for each, with everything that the crate knows about it.

use crate::kind::SocketKind;

/// The form of the part after `://`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Address {
    /// `host:port`, or `source;host:port`.
    HostPort,
    /// `host:port/path`.
    HostPortPath,
    /// `interface;group:port`.
    Group,
    /// `interface;group:port`, or `interface;group;group:port`. OpenPGM ends the process if there are more parts (A77).
    PgmNetwork,
    /// Anything else: a path, a name, or a form that only libzmq understands.
    Other,
}

/// The security mechanisms that a transport has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mechanisms {
    /// All of them. Over `inproc` no mechanism is used, because nothing leaves the process.
    All,
    /// All but GSSAPI, which ends the process (A90).
    AllButGssapi,
    /// No mechanism: messages would not be encrypted.
    OnlyNull,
}

/// The socket types that may bind or connect to a transport.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Types {
    Only(&'static [SocketKind]),
    Except(&'static [SocketKind]),
}

/// The builds of libzmq that have a transport.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Availability {
    /// Every libzmq.
    Always,
    /// It depends on the system, or on how libzmq was built.
    Optional,
    /// The bundled libzmq has it with this feature of the crate, and another libzmq may have it.
    Feature(&'static str),
}

/// Every type. For an unknown transport, libzmq itself reports the error.
const ALL: Types = Types::Except(&[]);

const ALL_BUT_DGRAM: Types = Types::Except(&[
    #[cfg(zmq_draft)]
    SocketKind::Dgram,
]);

/// The types that speak ZMTP. A STREAM socket ends the process when it receives a message over a transport other than
/// `tcp` and `ipc` (A11).
const ZMTP: Types = Types::Except(&[
    SocketKind::Stream,
    #[cfg(zmq_draft)]
    SocketKind::Dgram,
]);

const PUBLISHERS_AND_SUBSCRIBERS: Types =
    Types::Only(&[SocketKind::Pub, SocketKind::XPub, SocketKind::Sub, SocketKind::XSub]);

const DISH_AND_DGRAM: Types = Types::Only(&[
    #[cfg(zmq_draft)]
    SocketKind::Dish,
    #[cfg(zmq_draft)]
    SocketKind::Dgram,
]);

const RADIO: Types = Types::Only(&[
    #[cfg(zmq_draft)]
    SocketKind::Radio,
]);

/// The properties of a transport.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) address: Address,
    pub(crate) mechanisms: Mechanisms,
    pub(crate) binds: Types,
    pub(crate) connects: Types,
    pub(crate) availability: Availability,
}

macro_rules! transports {
    (
        $($transport:ident = $name:literal, $address:ident, $mechanisms:ident, $binds:ident, $connects:ident,
        $availability:ident $(($feature:literal))?;)+
    ) => {
        /// A transport.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(crate) enum Transport {
            $($transport,)+
            /// libzmq has no such transport.
            Unknown,
        }

        impl Transport {
            /// All transports of libzmq, even if the linked libzmq was built without them.
            pub(crate) const ALL: &[Transport] = &[$(Transport::$transport),+];

            pub(crate) fn from_name(name: &str) -> Transport {
                match name {
                    $($name => Transport::$transport,)+
                    _ => Transport::Unknown,
                }
            }

            pub(crate) fn row(self) -> &'static Row {
                match self {
                    $(Transport::$transport => &Row {
                        name: $name,
                        address: Address::$address,
                        mechanisms: Mechanisms::$mechanisms,
                        binds: $binds,
                        connects: $connects,
                        availability: Availability::$availability $(($feature))?,
                    },)+
                    Transport::Unknown => &Row {
                        name: "",
                        address: Address::Other,
                        mechanisms: Mechanisms::All,
                        binds: ALL,
                        connects: ALL,
                        availability: Availability::Optional,
                    },
                }
            }
        }
    };
}

transports! {
    // transport = name, address, mechanisms, the types that may bind, the types that may connect, availability
    Tcp = "tcp", HostPort, All, ALL_BUT_DGRAM, ALL_BUT_DGRAM, Always;
    Ipc = "ipc", Other, All, ALL_BUT_DGRAM, ALL_BUT_DGRAM, Optional;
    Inproc = "inproc", Other, All, ZMTP, ZMTP, Always;
    Ws = "ws", HostPortPath, AllButGssapi, ZMTP, ZMTP, Optional;
    Wss = "wss", HostPortPath, AllButGssapi, ZMTP, ZMTP, Feature("wss");
    Udp = "udp", HostPort, OnlyNull, DISH_AND_DGRAM, RADIO, Always;
    Pgm = "pgm", PgmNetwork, OnlyNull, PUBLISHERS_AND_SUBSCRIBERS, PUBLISHERS_AND_SUBSCRIBERS, Feature("pgm");
    Epgm = "epgm", PgmNetwork, OnlyNull, PUBLISHERS_AND_SUBSCRIBERS, PUBLISHERS_AND_SUBSCRIBERS, Feature("pgm");
    Norm = "norm", Group, OnlyNull, PUBLISHERS_AND_SUBSCRIBERS, PUBLISHERS_AND_SUBSCRIBERS, Feature("norm");
    Tipc = "tipc", Other, All, ZMTP, ZMTP, Optional;
    Vmci = "vmci", Other, All, ZMTP, ZMTP, Optional;
}

impl Types {
    pub(crate) fn have(self, kind: SocketKind) -> bool {
        match self {
            Types::Only(kinds) => kinds.contains(&kind),
            Types::Except(kinds) => !kinds.contains(&kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_to_its_row() {
        for &transport in Transport::ALL {
            assert_eq!(Transport::from_name(transport.row().name), transport);
        }
        assert_eq!(Transport::from_name("TCP"), Transport::Unknown);
    }

    #[test]
    fn the_page_of_endpoint_lists_every_transport() {
        let page = include_str!("mod.rs");
        for &transport in Transport::ALL {
            let row = transport.row();
            assert!(page.contains(&format!("`{}://", row.name)) || row.name == "pgm", "{}", row.name);
            if let Availability::Feature(feature) = row.availability {
                assert!(page.contains(&format!("the feature `{feature}`")), "{feature}");
            }
        }
    }
}
