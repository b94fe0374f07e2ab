//! The thread that accepts or rejects clients.

mod directory;
mod network;
mod passwords;
mod request;
mod rules;

use core::fmt;
use std::collections::HashSet;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use self::passwords::Passwords;
use self::rules::Rules;
use crate::context::{Context, no_thread};
use crate::error::{Error, ErrorKind, Operation, Result};
use crate::events::POLLIN;
use crate::kind::{Pair, Rep};
use crate::message::Multipart;
use crate::panics;
use crate::poll::{PollItem, poll};
use crate::socket::Socket;
use crate::sys::signals::without_signals;
use crate::sys::threads::refusal;
use crate::waits::Awaited;

pub use network::Network;
pub use request::{Credentials, Decision, Password, Request};
pub use rules::CurveClients;

/// The endpoint at which libzmq asks the ZAP handler.
const ENDPOINT: &str = "inproc://zeromq.zap.01";

/// The endpoint at which the thread is asked to end.
const CONTROL: &str = "inproc://zeromq.zap.01.control";

/// Accepts or rejects the clients of a context's sockets, on its own thread.
///
/// An `Authenticator` is a ZAP handler, as defined by [RFC 27](https://rfc.zeromq.org/spec/27/). A context can have only one
/// ZAP handler.
///
/// Sockets ask it about each new client if they have the server side of a [security mechanism](crate::security). All methods
/// can be called at any time and from any thread. Changes apply to new clients; established connections stay.
///
/// ```
/// use zmq::security::{Authenticator, PlainClient, PlainServer};
/// use zmq::{Context, Pull, Push};
///
/// let context = Context::new()?;
/// let authenticator = Authenticator::new(&context)?;
/// authenticator.allow("127.0.0.1")?;
/// authenticator.set_plain_passwords("*", [("admin", "secret")])?;
///
/// let server = context.socket(Pull)?;
/// server.set_security(PlainServer::new().zap_domain("global"))?;
/// let endpoint = server.bind("tcp://127.0.0.1:*")?;
///
/// let client = context.socket(Push)?;
/// client.set_security(PlainClient::new("admin", "secret"))?;
/// client.connect(&endpoint)?;
/// client.send("Hello")?;
/// assert_eq!(server.recv_string()?, "Hello");
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// # Rules
///
/// 1. Addresses come first. A client with a [denied](Self::deny) address is rejected. Once any address is
///    [allowed](Self::allow), clients with other addresses are rejected as well.
/// 2. Next, the rules of the socket's domain apply. If that domain has no rule for the client's mechanism, the rules of the
///    domain `"*"` apply, which stands for all domains. A [handler](Self::set_handler) takes precedence over the other rules of
///    its domain.
/// 3. If no rule applies, NULL clients are accepted, and all other clients are rejected.
///
/// Clients are handled one after the other. A client that waits longer than the server's [handshake
/// interval](crate::Socket::set_handshake_interval) (default: 30 seconds) is disconnected, and tries again.
///
/// # Dropping an authenticator
///
/// Dropping waits until the current decision is made, and then stops the thread. A handler may drop its own authenticator, or
/// another authenticator whose handler waits for this handler. In these cases, dropping does not wait, and the thread stops
/// later. Clients that still wait for a decision are disconnected after the handshake interval.
///
/// **After the authenticator is dropped, servers without an enforced ZAP domain accept every client**, except PLAIN servers
/// ([table](crate::security#who-is-accepted-without-an-authenticator)).
///
/// Like a socket, an authenticator keeps its context alive, so the two can be dropped in any order. After [`Context::shutdown`]
/// it makes no more decisions. It uses three of the context's [sockets](crate::option::ContextBuilder::max_sockets).
#[doc(alias = "zauth")]
#[doc(alias = "ThreadAuthenticator")]
#[doc(alias = "ZAP")]
pub struct Authenticator {
    rules: Arc<Mutex<Rules>>,
    /// Asks the thread to end.
    control: Mutex<Socket<Pair>>,
    thread: Option<JoinHandle<()>>,
    awaited: Arc<Awaited>,
    context: Context,
}

impl Authenticator {
    /// Starts an authenticator without rules.
    ///
    /// # Errors
    ///
    /// * [`AddrInUse`](ErrorKind::AddrInUse) if the context already has an authenticator or another ZAP handler
    /// * [`WouldBlock`](ErrorKind::WouldBlock) if the system cannot start another thread
    /// * the errors of [`Context::socket`]
    pub fn new(context: &Context) -> Result<Authenticator> {
        let start = |error: Error| error.within(Operation::Authenticator);
        let handler = context.socket(Rep).map_err(start)?;
        let (control, stop) = (context.socket(Pair).map_err(start)?, context.socket(Pair).map_err(start)?);
        handler.bind(ENDPOINT).map_err(|error| {
            let error = start(error);
            let in_use = error.kind() == ErrorKind::AddrInUse;
            if in_use {
                error.hint("the context already has an authenticator or another ZAP handler")
            } else {
                error
            }
        })?;
        let endpoints = stop.bind(CONTROL).and_then(|_| control.connect(CONTROL));
        let (rules, awaited) = (Arc::default(), Awaited::new());
        let thread = endpoints.map_err(start).and_then(|()| {
            let rules = Arc::clone(&rules);
            let here = Arc::clone(&awaited);
            let run = move || {
                here.is_here();
                Thread { handler, stop, rules }.run();
            };
            let thread =
                without_signals(|| thread::Builder::new().name("zmq-authenticator".to_owned()).spawn(run));
            thread.map_err(|error| no_thread(Operation::Authenticator, refusal(&error)))
        })?;
        Ok(Authenticator {
            rules,
            control: Mutex::new(control),
            thread: Some(thread),
            awaited,
            context: context.clone(),
        })
    }

    /// Allows an address or a network, and rejects clients from all addresses that are not allowed.
    ///
    /// Once any address is allowed, clients over `ipc` are rejected, because they have no address.
    ///
    /// ```
    /// # use zmq::security::Authenticator;
    /// # let context = zmq::Context::new()?;
    /// # let authenticator = Authenticator::new(&context)?;
    /// authenticator.allow("10.0.0.0/8")?;
    /// authenticator.allow(std::net::Ipv6Addr::LOCALHOST)?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if the text is not an address or network; [`Forked`](ErrorKind::Forked) in a
    /// forked child process.
    pub fn allow<N>(&self, network: N) -> Result<()>
    where
        N: TryInto<Network>,
        Error: From<N::Error>,
    {
        let network = network.try_into()?;
        self.rules()?.allow(network);
        Ok(())
    }

    /// Rejects clients from an address or a network, even if they are also allowed.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if the text is not an address or network; [`Forked`](ErrorKind::Forked) in a
    /// forked child process.
    pub fn deny<N>(&self, network: N) -> Result<()>
    where
        N: TryInto<Network>,
        Error: From<N::Error>,
    {
        let network = network.try_into()?;
        self.rules()?.deny(network);
        Ok(())
    }

    /// Removes an address or a network from the lists of allowed and denied networks. Pass the same network that was passed to
    /// [`allow`](Self::allow) or [`deny`](Self::deny), not a part of it.
    ///
    /// If `allow` was ever called, clients from all other addresses stay rejected, even if no allowed address is left.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if the text is not an address or network; [`Forked`](ErrorKind::Forked) in a
    /// forked child process.
    pub fn remove<N>(&self, network: N) -> Result<()>
    where
        N: TryInto<Network>,
        Error: From<N::Error>,
    {
        let network = network.try_into()?;
        self.rules()?.remove(network);
        Ok(())
    }

    /// Sets the user names and passwords that PLAIN clients may use in a domain.
    ///
    /// The domain `"*"` stands for all domains without their own passwords. Each name and password has at most 255 bytes. A
    /// second call replaces all passwords of the domain.
    ///
    /// Passwords are compared in constant time, as far as the compiler allows it. The user name becomes the client's user id.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a longer name or password, or a name with a NUL;
    /// [`Forked`](ErrorKind::Forked) in a forked child process.
    #[doc(alias = "configure_plain")]
    pub fn set_plain_passwords<U: AsRef<str>, P: AsRef<str>>(
        &self,
        domain: &str,
        passwords: impl IntoIterator<Item = (U, P)>,
    ) -> Result<()> {
        let mut table = Passwords::default();
        for (username, password) in passwords {
            let username = username.as_ref();
            table.add(username, password.as_ref()).map_err(|reason| {
                Error::invalid(Operation::Authenticator, format!("password of {username:?}"), reason)
            })?;
        }
        self.rules()?.domain(domain).passwords = Some(Arc::new(table));
        Ok(())
    }

    /// Sets the passwords of a domain from a file with lines of the form `name = password`.
    ///
    /// See [`set_plain_passwords`](Self::set_plain_passwords).
    ///
    /// The file is read once. A line that begins with `#` is a comment. A password that contains `#`, or begins or ends with a
    /// space, must be quoted.
    ///
    /// # Errors
    ///
    /// * [`InvalidData`](ErrorKind::InvalidData) if the file has another form; the error names the line
    /// * [`NotFound`](ErrorKind::NotFound), or another error of the system, if the file cannot be read
    /// * [`Forked`](ErrorKind::Forked) in a forked child process
    pub fn read_plain_passwords(&self, domain: &str, path: impl AsRef<Path>) -> Result<()> {
        let table = Passwords::read(path.as_ref())?;
        self.rules()?.domain(domain).passwords = Some(Arc::new(table));
        Ok(())
    }

    /// Sets which CURVE clients are accepted in a domain.
    ///
    /// The domain `"*"` stands for all domains without their own CURVE clients. A second call replaces the clients of the
    /// domain.
    ///
    /// The text of a client's public key becomes its user id. If the client's certificate comes from a
    /// [directory](CurveClients::directory), its metadata becomes [properties](crate::Message::property) of the client's
    /// messages.
    ///
    /// # Errors
    ///
    /// [`Forked`](ErrorKind::Forked) in a forked child process.
    #[doc(alias = "configure_curve")]
    pub fn set_curve_clients(&self, domain: &str, clients: CurveClients) -> Result<()> {
        self.rules()?.domain(domain).curve = Some(clients);
        Ok(())
    }

    /// Sets which GSSAPI principals are accepted in a domain.
    ///
    /// The domain `"*"` stands for all domains without their own principals. A second call replaces the principals of the
    /// domain. The principal becomes the client's user id.
    ///
    /// # Errors
    ///
    /// [`Forked`](ErrorKind::Forked) in a forked child process.
    #[doc(alias = "configure_gssapi")]
    pub fn set_gssapi_principals<P: Into<String>>(
        &self,
        domain: &str,
        principals: impl IntoIterator<Item = P>,
    ) -> Result<()> {
        let principals: HashSet<String> = principals.into_iter().map(Into::into).collect();
        self.rules()?.domain(domain).gssapi = Some(Arc::new(principals));
        Ok(())
    }

    /// Sets a function that accepts or rejects the clients of a domain.
    ///
    /// The domain `"*"` stands for all domains without their own rules. With a handler, the other rules of the domain have no
    /// effect. Clients whose address is rejected do not reach the handler.
    ///
    /// The handler runs on the authenticator's thread, so all other clients wait until it returns. If it panics, the client is
    /// rejected, and the authenticator continues.
    ///
    /// ```
    /// # use zmq::security::Authenticator;
    /// use zmq::security::{Credentials, Decision};
    ///
    /// # let context = zmq::Context::new()?;
    /// # let authenticator = Authenticator::new(&context)?;
    /// authenticator.set_handler("*", |request| match request.credentials() {
    ///     Credentials::Curve { public_key, .. } if public_key.as_bytes()[0] != 0 => {
    ///         Decision::accept().user_id(public_key.to_string())
    ///     }
    ///     _ => Decision::deny("not one of us"),
    /// })?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Forked`](ErrorKind::Forked) in a forked child process.
    #[doc(alias = "configure_curve_callback")]
    pub fn set_handler(
        &self,
        domain: &str,
        handler: impl FnMut(&Request) -> Decision + Send + 'static,
    ) -> Result<()> {
        let handler: rules::Handler = Box::new(handler);
        let handler = Some(Arc::new(Mutex::new(handler)));
        let before = mem::replace(&mut self.rules()?.domain(domain).handler, handler);
        // The destructor of the old handler may do anything, even change the rules.
        drop(before);
        Ok(())
    }

    fn rules(&self) -> Result<MutexGuard<'_, Rules>> {
        // In a forked child process, the lock may be held forever by a thread that exists only in the parent.
        self.context.inner().check_process(Operation::Authenticator)?;
        Ok(lock(&self.rules))
    }
}

fn lock(rules: &Mutex<Rules>) -> MutexGuard<'_, Rules> {
    rules.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Authenticator {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        if !self.context.inner().raw().origin().is_here_exactly() {
            // A forked child does not have the thread, and would wait for it forever.
            mem::forget(thread);
            return;
        }
        let control = self.control.get_mut().unwrap_or_else(PoisonError::into_inner);
        // This fails only after the context was shut down, which also ends the thread.
        let _ = control.try_send("");
        // A handler may hold its own authenticator, or an authenticator whose handler waits for it. The thread returns nothing.
        let _ = self.awaited.wait(|| thread.join());
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

/// The state of the thread.
struct Thread {
    handler: Socket<Rep>,
    stop: Socket<Pair>,
    rules: Arc<Mutex<Rules>>,
}

impl Thread {
    fn run(self) {
        while self.wait() {
            // A failure means that there is no request, or nobody to answer. Sockets wait for an answer only for a limited
            // time.
            if let Ok(request) = self.handler.try_recv_multipart() {
                let _ = self.handler.send_multipart(answer(&self.rules, request));
            }
        }
        // Closing the socket frees the name only later, but another authenticator may need it now. Unbinding fails after a
        // shutdown, like every call.
        let _ = self.handler.unbind(ENDPOINT);
        let _ = self.stop.unbind(CONTROL);
    }

    /// Waits for a request. Returns `false` when the thread must end.
    fn wait(&self) -> bool {
        let mut items = [PollItem::new(&self.handler, POLLIN), PollItem::new(&self.stop, POLLIN)];
        match poll(&mut items, None::<Duration>) {
            Ok(_) => {
                let [_, stop] = &items;
                !stop.is_readable()
            }
            // No other error may end the thread, because servers may accept everybody without it.
            Err(error) => error.kind() != ErrorKind::Terminated,
        }
    }
}

/// Returns the reply to a request.
fn answer(rules: &Mutex<Rules>, request: Multipart) -> Multipart {
    let frames: Vec<&[u8]> = request.iter().map(|frame| &frame[..]).collect();
    let decision = match request::parse(&frames) {
        Ok(request) => decide(rules, &request),
        Err(answer) => answer,
    };
    let request_id = request.into_iter().nth(1).unwrap_or_default();
    decision.into_reply(request_id)
}

/// Makes the decision. If the handler panics, the client is rejected.
fn decide(rules: &Mutex<Rules>, request: &Request) -> Decision {
    match catch_unwind(AssertUnwindSafe(|| rules::decide(rules, request))) {
        Ok(decision) => decision,
        Err(panic) => {
            panics::discard(panic);
            Decision::internal_error("the handler panicked")
        }
    }
}
