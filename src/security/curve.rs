//! The CURVE mechanism.

use super::domain::{Domain, with_domain};
use super::key::require_curve;
use super::{KeyPair, PublicKey, SecretKey, Settings, Value};
use crate::error::{Operation, Result};

/// The server side of CURVE, whose public key the clients must know.
///
/// All traffic is encrypted, and clients verify the identity of the server.
///
/// **Without a [ZAP domain](Self::zap_domain) and without a ZAP handler in the context, the server accepts every client** that
/// knows its public key. To restrict access, give the server a domain and start an
/// [`Authenticator`](crate::security::Authenticator).
///
/// Follows [zmq_curve(7)](https://libzmq.readthedocs.io/en/latest/zmq_curve.html).
#[derive(Clone, Debug)]
#[doc(alias = "ZMQ_CURVE_SERVER")]
#[doc(alias = "set_curve_server")]
#[doc(alias = "ZMQ_CURVE_SECRETKEY")]
pub struct CurveServer {
    secret: SecretKey,
    pub(super) domain: Domain,
}

impl CurveServer {
    /// Creates a server with a [`SecretKey`], or with the secret key of a [`KeyPair`].
    #[must_use]
    pub fn new(key: impl AsRef<SecretKey>) -> CurveServer {
        CurveServer { secret: key.as_ref().clone(), domain: Domain::none() }
    }

    pub(super) fn settings(&self) -> Result<Settings<'_>> {
        require_curve(Operation::SetSecurity, "CurveServer")?;
        // The key is set as bytes, because libzmq keeps the first half of an invalid text.
        Ok(vec![
            (zmq_sys::ZMQ_CURVE_SECRETKEY, Value::Bytes(self.secret.expose_bytes())),
            (zmq_sys::ZMQ_CURVE_SERVER, Value::Number(1)),
        ])
    }
}

with_domain!(CurveServer);

/// The client side of CURVE, with its own key pair and the public key of the server.
///
/// An anonymous client can generate a new [`KeyPair`] for each run.
///
/// ```
/// use zmq::security::{CurveClient, KeyPair, PublicKey};
///
/// # if !zmq::has(zmq::Feature::Curve) { return Ok(()) }
/// let server: PublicKey = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID".parse()?;
/// let context = zmq::Context::new()?;
/// let client = context.socket(zmq::Req)?;
/// client.set_security(CurveClient::new(&KeyPair::generate()?, server))?;
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// Confusing the server's key with the client's own keys is a compile error:
///
/// ```compile_fail,E0308
/// # use zmq::security::{CurveClient, KeyPair};
/// # let (client_keys, server_keys) = (KeyPair::generate()?, KeyPair::generate()?);
/// CurveClient::new(server_keys.public_key(), &client_keys);
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// Follows [zmq_curve(7)](https://libzmq.readthedocs.io/en/latest/zmq_curve.html).
#[derive(Clone, Debug)]
#[doc(alias = "ZMQ_CURVE_PUBLICKEY")]
#[doc(alias = "ZMQ_CURVE_SECRETKEY")]
#[doc(alias = "ZMQ_CURVE_SERVERKEY")]
#[doc(alias = "set_curve_serverkey")]
#[doc(alias = "curve_serverkey")]
pub struct CurveClient {
    keys: KeyPair,
    server: PublicKey,
    public: PublicKey,
}

impl CurveClient {
    /// Creates a client with the key pair `keys`. It connects only to a server that has the secret key for the public key
    /// `server`.
    #[must_use]
    pub fn new(keys: &KeyPair, server: PublicKey) -> CurveClient {
        CurveClient { public: keys.public_key(), keys: keys.clone(), server }
    }

    pub(super) fn settings(&self) -> Result<Settings<'_>> {
        require_curve(Operation::SetSecurity, "CurveClient")?;
        Ok(vec![
            (zmq_sys::ZMQ_CURVE_SECRETKEY, Value::Bytes(self.keys.secret_key().expose_bytes())),
            (zmq_sys::ZMQ_CURVE_PUBLICKEY, Value::Bytes(self.public.as_bytes())),
            // Makes the socket a client, even if it was a server before.
            (zmq_sys::ZMQ_CURVE_SERVERKEY, Value::Bytes(self.server.as_bytes())),
        ])
    }
}
