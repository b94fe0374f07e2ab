//! The rules by which clients are accepted or rejected.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::PublicKey;
use super::directory::Directory;
use super::network::Network;
use super::passwords::Passwords;
use super::request::{Credentials, Decision, Request, is_property_name};
use crate::error::Result;

/// The name for all domains without their own rules.
const EVERY_DOMAIN: &str = "*";

pub(super) type Handler = Box<dyn FnMut(&Request) -> Decision + Send>;

/// The CURVE clients to accept, for [`Authenticator::set_curve_clients`](super::Authenticator::set_curve_clients).
#[derive(Clone)]
pub struct CurveClients(Curve);

#[derive(Clone)]
enum Curve {
    Any,
    Keys(HashSet<PublicKey>),
    Directory(Arc<Mutex<Directory>>),
}

impl CurveClients {
    /// Accepts every client that knows the server's public key. Traffic is encrypted, but clients are not authenticated.
    #[must_use]
    #[doc(alias = "CURVE_ALLOW_ANY")]
    pub fn any() -> CurveClients {
        CurveClients(Curve::Any)
    }

    /// Accepts only the clients with these public keys.
    #[must_use]
    pub fn keys(keys: impl IntoIterator<Item = PublicKey>) -> CurveClients {
        CurveClients(Curve::Keys(keys.into_iter().collect()))
    }

    /// Accepts the owners of the [certificates](crate::security::Certificate) in a directory and its subdirectories.
    ///
    /// The directory is checked again for each new client. So adding or removing a certificate takes effect immediately.
    /// Established connections stay.
    ///
    /// Every file that is a certificate counts, unless its name ends in `_secret`. **To exclude a client, move its certificate
    /// out of the directory.** Renaming the file is not enough, and neither is deleting it while an editor's backup copy
    /// remains. Links to files are followed, but links to directories are not.
    ///
    /// # Errors
    ///
    /// The system's error, such as [`NotFound`](crate::ErrorKind::NotFound), if the directory cannot be read.
    pub fn directory(path: impl AsRef<Path>) -> Result<CurveClients> {
        let directory = Directory::open(path.as_ref())?;
        Ok(CurveClients(Curve::Directory(Arc::new(Mutex::new(directory)))))
    }

    fn decide(&self, key: PublicKey) -> Decision {
        let accept = || Decision::accept().user_id(key.to_string());
        let unknown = || Decision::deny("the key is unknown");
        match &self.0 {
            Curve::Any => accept(),
            Curve::Keys(keys) if keys.contains(&key) => accept(),
            Curve::Keys(_) => unknown(),
            Curve::Directory(directory) => {
                let found = directory.lock().unwrap_or_else(PoisonError::into_inner).find(key);
                let Some(certificate) = found else { return unknown() };
                // Metadata that ZMTP cannot express is left out.
                let properties = certificate.metadata_iter().filter(|(name, _)| is_property_name(name));
                properties.fold(accept(), |decision, (name, value)| decision.property(name, value))
            }
        }
    }
}

impl core::fmt::Debug for CurveClients {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match &self.0 {
            Curve::Any => f.write_str("CurveClients::any"),
            Curve::Keys(keys) => f.debug_tuple("CurveClients::keys").field(keys).finish(),
            Curve::Directory(_) => f.write_str("CurveClients::directory"),
        }
    }
}

/// The rules of one domain.
#[derive(Default)]
pub(super) struct DomainRules {
    pub(super) passwords: Option<Arc<Passwords>>,
    pub(super) curve: Option<CurveClients>,
    pub(super) gssapi: Option<Arc<HashSet<String>>>,
    pub(super) handler: Option<Arc<Mutex<Handler>>>,
}

/// All rules.
#[derive(Default)]
pub(super) struct Rules {
    /// Set by the first `allow`. From then on, all other addresses are rejected, even if no allowed address is left.
    allowed: Option<HashSet<Network>>,
    denied: HashSet<Network>,
    domains: HashMap<String, DomainRules>,
}

/// The rule that decides. It is copied from the rules, so that they can be changed meanwhile.
enum Judge {
    Done(Decision),
    Passwords(Arc<Passwords>),
    Curve(CurveClients),
    Gssapi(Arc<HashSet<String>>),
    Handler(Arc<Mutex<Handler>>),
}

impl Rules {
    pub(super) fn allow(&mut self, network: Network) {
        self.allowed.get_or_insert_default().insert(network);
    }

    pub(super) fn deny(&mut self, network: Network) {
        self.denied.insert(network);
    }

    pub(super) fn remove(&mut self, network: Network) {
        self.denied.remove(&network);
        if let Some(allowed) = &mut self.allowed {
            allowed.remove(&network);
        }
    }

    pub(super) fn domain(&mut self, name: &str) -> &mut DomainRules {
        self.domains.entry(name.to_owned()).or_default()
    }

    /// The reason to reject the client's address, if any.
    fn refusal(&self, request: &Request) -> Option<&'static str> {
        let ip = request.ip();
        let is_in = |networks: &HashSet<Network>| {
            ip.is_some_and(|ip| networks.iter().any(|network| network.contains(ip)))
        };
        if is_in(&self.denied) {
            return Some("the address is denied");
        }
        match &self.allowed {
            Some(allowed) if !is_in(allowed) => Some("the address is not allowed"),
            _ => None,
        }
    }

    fn judge(&self, request: &Request) -> Judge {
        if let Some(reason) = self.refusal(request) {
            return Judge::Done(Decision::deny(reason));
        }
        // The rules of the domain itself take precedence over the rules for all domains.
        for domain in [request.domain(), EVERY_DOMAIN].iter().filter_map(|&name| self.domains.get(name)) {
            if let Some(handler) = &domain.handler {
                return Judge::Handler(handler.clone());
            }
            let judge = match request.credentials() {
                Credentials::Plain { .. } => domain.passwords.clone().map(Judge::Passwords),
                Credentials::Curve { .. } => domain.curve.clone().map(Judge::Curve),
                Credentials::Gssapi { .. } => domain.gssapi.clone().map(Judge::Gssapi),
                Credentials::Null | Credentials::Other { .. } => None,
            };
            if let Some(judge) = judge {
                return judge;
            }
        }
        Judge::Done(match request.credentials() {
            Credentials::Null => Decision::accept(),
            _ => Decision::deny("the domain has no rules for the mechanism"),
        })
    }
}

/// Decides about a client.
pub(super) fn decide(rules: &Mutex<Rules>, request: &Request) -> Decision {
    // The lock is released before the decision is made, because a handler may change the rules.
    let judge = rules.lock().unwrap_or_else(PoisonError::into_inner).judge(request);
    match (judge, request.credentials()) {
        (Judge::Done(decision), _) => decision,
        (Judge::Handler(handler), _) => {
            let mut handler = handler.lock().unwrap_or_else(PoisonError::into_inner);
            handler(request)
        }
        (Judge::Passwords(passwords), Credentials::Plain { username, password, .. }) => {
            if passwords.matches(username, password.expose()) {
                Decision::accept().user_id(username)
            } else {
                Decision::deny("user name or password is wrong")
            }
        }
        (Judge::Curve(clients), Credentials::Curve { public_key, .. }) => clients.decide(*public_key),
        (Judge::Gssapi(principals), Credentials::Gssapi { principal, .. }) => {
            if principals.contains(principal) {
                Decision::accept().user_id(principal)
            } else {
                Decision::deny("the principal is unknown")
            }
        }
        _ => Decision::internal_error("the rule is of another mechanism"),
    }
}
