//! The CURVE mechanism.

use super::domain::{Domain, with_domain};
use super::key::require_curve;
use super::{KeyPair, PublicKey, SecretKey, Settings, Value};
use crate::error::{Operation, Result};

/// The side of CURVE whose public key the others have to know.
///
/// Everything is encrypted, and the clients can be sure whom they talk to.
///
/// **Without a [domain](Self::zap_domain) and without a ZAP handler in the context, every client is let in** that knows the
/// server's public key. To choose the clients, give the server a domain and start an
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
    /// A server with this key: a [`SecretKey`], or the [`KeyPair`] with it.
    #[must_use]
    pub fn new(key: impl AsRef<SecretKey>) -> CurveServer {
        CurveServer { secret: key.as_ref().clone(), domain: Domain::none() }
    }

    pub(super) fn settings(&self) -> Result<Settings<'_>> {
        require_curve(Operation::SetSecurity, "CurveServer")?;
        // As bytes: of a bad text libzmq would keep the first half.
        Ok(vec![
            (zmq_sys::ZMQ_CURVE_SECRETKEY, Value::Bytes(self.secret.expose_bytes())),
            (zmq_sys::ZMQ_CURVE_SERVER, Value::Number(1)),
        ])
    }
}

with_domain!(CurveServer);

/// The side of CURVE that knows the other's public key, and has a key pair of its own.
///
/// A client that need not be known by its key makes a new [`KeyPair`] each time.
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
/// The server's key and the client's own cannot be taken for one another:
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
    /// A client with these keys, which talks to the server with that public key, and to no other.
    #[must_use]
    pub fn new(keys: &KeyPair, server: PublicKey) -> CurveClient {
        CurveClient { public: keys.public_key(), keys: keys.clone(), server }
    }

    pub(super) fn settings(&self) -> Result<Settings<'_>> {
        require_curve(Operation::SetSecurity, "CurveClient")?;
        Ok(vec![
            (zmq_sys::ZMQ_CURVE_SECRETKEY, Value::Bytes(self.keys.secret_key().expose_bytes())),
            (zmq_sys::ZMQ_CURVE_PUBLICKEY, Value::Bytes(self.public.as_bytes())),
            // Makes it a client, whatever it was before.
            (zmq_sys::ZMQ_CURVE_SERVERKEY, Value::Bytes(self.server.as_bytes())),
        ])
    }
}
