//! The mechanism that the attacked socket requires, and the secrets that accepted peers know.

use zmq::Context;
use zmq::security::{Authenticator, Null, PlainClient, PlainServer, Security};

use super::common::zmtp::command;

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Mechanism {
    Null,
    Plain,
    #[cfg(zmq_curve)]
    Curve,
}

/// The mechanisms that authenticate.
pub(crate) const SECURE: &[Mechanism] = &[
    Mechanism::Plain,
    #[cfg(zmq_curve)]
    Mechanism::Curve,
];

/// The secret keys of the server, of a hostile client that is accepted, and of the well-behaved client.
#[cfg(zmq_curve)]
pub(crate) const KEYS: [[u8; 32]; 3] = [[1; 32], [2; 32], [3; 32]];

#[cfg(zmq_curve)]
fn keys(index: usize) -> zmq::security::KeyPair {
    zmq::security::KeyPair::from_secret_key(zmq::security::SecretKey::from_bytes(KEYS[index])).unwrap()
}

impl Mechanism {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Mechanism::Null => "NULL",
            Mechanism::Plain => "PLAIN",
            #[cfg(zmq_curve)]
            Mechanism::Curve => "CURVE",
        }
    }

    pub(crate) fn server(self) -> Security {
        match self {
            Mechanism::Null => Null::new().into(),
            Mechanism::Plain => PlainServer::new().zap_domain("attacked").into(),
            #[cfg(zmq_curve)]
            Mechanism::Curve => zmq::security::CurveServer::new(keys(0)).zap_domain("attacked").into(),
        }
    }

    /// The security of the well-behaved client.
    pub(crate) fn client(self) -> Security {
        match self {
            Mechanism::Null => Null::new().into(),
            Mechanism::Plain => PlainClient::new("guest", "guest").into(),
            #[cfg(zmq_curve)]
            Mechanism::Curve => zmq::security::CurveClient::new(&keys(2), keys(0).public_key()).into(),
        }
    }

    /// The first command of a client that is accepted, if the mechanism has one: HELLO.
    pub(crate) fn hello(self) -> Option<Vec<u8>> {
        match self {
            Mechanism::Null => None,
            Mechanism::Plain => Some(command("HELLO", b"\x05admin\x06secret")),
            #[cfg(zmq_curve)]
            Mechanism::Curve => Some(command("HELLO", &hostile_client([4; 32]).hello())),
        }
    }
}

/// A hostile client that is accepted, with this short-term key.
#[cfg(zmq_curve)]
pub(crate) fn hostile_client(short: [u8; 32]) -> super::common::curve::Client {
    super::common::curve::Client::new(*keys(0).public_key().as_bytes(), KEYS[1], short)
}

/// Accepts the well-behaved client, and hostile clients with the right credentials.
pub(crate) fn authenticator(context: &Context) -> Authenticator {
    let authenticator = Authenticator::new(context).unwrap();
    authenticator.set_plain_passwords("*", [("guest", "guest"), ("admin", "secret")]).unwrap();
    #[cfg(zmq_curve)]
    {
        let known = zmq::security::CurveClients::keys([1, 2].map(|index| keys(index).public_key()));
        authenticator.set_curve_clients("*", known).unwrap();
    }
    authenticator
}
