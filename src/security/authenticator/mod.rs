//! The thread that decides who is let in.

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
use crate::poll::{PollItem, poll};
use crate::socket::Socket;
use crate::sys::signals::without_signals;
use crate::sys::threads::refusal;
use crate::waits::Awaited;

pub use network::Network;
pub use request::{Credentials, Decision, Password, Request};
pub use rules::CurveClients;

/// Where libzmq looks for whoever decides.
const ENDPOINT: &str = "inproc://zeromq.zap.01";

/// Where the thread is told to end.
const CONTROL: &str = "inproc://zeromq.zap.01.control";

/// Decides who is let in by the sockets of a context, on a thread of its own: a ZAP handler, as [RFC 27](https://rfc.zeromq.org/spec/27/)
/// has it.
///
/// The sockets that ask are those with a [mechanism](crate::security) on the server's side. All methods may be called at any time, from any
/// thread, and hold for clients that come afterwards; connections made earlier stay.
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
/// # How it decides
///
/// 1. By address: who is [denied](Self::deny) is turned away; if any is [allowed](Self::allow), everybody else is too.
/// 2. By the rules of the socket's domain, else by those of the domain `"*"`, which stands for all: a
///    [handler](Self::set_handler) decides alone; without one, what is set for the mechanism does.
/// 3. Where nothing is set, NULL clients are let in, and all others turned away.
///
/// Clients are decided about one after the other. One that waits longer than its server's handshake interval, 30 seconds by default, is
/// disconnected, and tries again.
///
/// # How it ends
///
/// Dropping it waits for a decision that is just being made, and stops the thread. A handler may drop the authenticator that calls
/// it, or one whose handler waits for that, itself or by way of others: then the thread stops later, by itself. Clients that still wait for one are disconnected after
/// the handshake interval. **From then on, servers whose domain is not enforced
/// let in whom they like** ([the table](crate::security#who-is-let-in-if-nobody-decides)). It has a share in its context, as sockets have, so the order in which they are
/// dropped does not matter; after [`Context::shutdown`] it decides nothing more. It takes three of the context's sockets.
#[doc(alias = "zauth")]
#[doc(alias = "ThreadAuthenticator")]
#[doc(alias = "ZAP")]
pub struct Authenticator {
    rules: Arc<Mutex<Rules>>,
    /// Only to tell the thread to end.
    control: Mutex<Socket<Pair>>,
    thread: Option<JoinHandle<()>>,
    awaited: Arc<Awaited>,
    context: Context,
}

impl Authenticator {
    /// Starts one, without any rules yet.
    ///
    /// # Errors
    ///
    /// [`AddrInUse`](ErrorKind::AddrInUse) if the context has one already, or another ZAP handler;
    /// [`WouldBlock`](ErrorKind::WouldBlock) if the system starts no more threads; else as [`Context::socket`].
    pub fn new(context: &Context) -> Result<Authenticator> {
        let start = |error: Error| error.within(Operation::Authenticator);
        let handler = context.socket(Rep).map_err(start)?;
        let (control, stop) = (context.socket(Pair).map_err(start)?, context.socket(Pair).map_err(start)?);
        handler.bind(ENDPOINT).map_err(|error| {
            let error = start(error);
            let in_use = error.kind() == ErrorKind::AddrInUse;
            if in_use {
                error.hint("the context has an authenticator or another ZAP handler already")
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

    /// Lets clients in only from this address or network, and from others that are allowed.
    ///
    /// Clients over ipc have no address, so none of them is let in any more.
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
    /// [`InvalidInput`](ErrorKind::InvalidInput) for what is no address or network; [`Forked`](ErrorKind::Forked) in a child process.
    pub fn allow<N>(&self, network: N) -> Result<()>
    where
        N: TryInto<Network>,
        Error: From<N::Error>,
    {
        let network = network.try_into()?;
        self.rules()?.allow(network);
        Ok(())
    }

    /// Turns clients from this address or network away, also if they are allowed too.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) for what is no address or network; [`Forked`](ErrorKind::Forked) in a child process.
    pub fn deny<N>(&self, network: N) -> Result<()>
    where
        N: TryInto<Network>,
        Error: From<N::Error>,
    {
        let network = network.try_into()?;
        self.rules()?.deny(network);
        Ok(())
    }

    /// Takes back that this address or network, as it was given, is allowed, or denied.
    ///
    /// Once any was allowed, no other is let in, even if all have been taken back.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) for what is no address or network; [`Forked`](ErrorKind::Forked) in a child process.
    pub fn remove<N>(&self, network: N) -> Result<()>
    where
        N: TryInto<Network>,
        Error: From<N::Error>,
    {
        let network = network.try_into()?;
        self.rules()?.remove(network);
        Ok(())
    }

    /// Sets who may use PLAIN in a domain, or, with `"*"`, in all that have no rules of their own: names and passwords, of up to
    /// 255 bytes each, instead of those set before.
    ///
    /// Passwords are compared in constant time as far as the compiler allows it. The name becomes the client's user id.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a longer name or password; [`Forked`](ErrorKind::Forked) in a child process.
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

    /// As [`set_plain_passwords`](Self::set_plain_passwords), with those of a file, which has lines like `name = password`.
    ///
    /// It is read once. A line that begins with `#` is a comment; a password with spaces at its ends, or with a `#`, stands in quotes.
    ///
    /// # Errors
    ///
    /// [`InvalidData`](ErrorKind::InvalidData) if it is of another form: the text names the line. Else what reading met, such as
    /// [`NotFound`](ErrorKind::NotFound); [`Forked`](ErrorKind::Forked) in a child process.
    pub fn read_plain_passwords(&self, domain: &str, path: impl AsRef<Path>) -> Result<()> {
        let table = Passwords::read(path.as_ref())?;
        self.rules()?.domain(domain).passwords = Some(Arc::new(table));
        Ok(())
    }

    /// Sets who may use CURVE in a domain, or, with `"*"`, in all that have no rules of their own, instead of those set before.
    ///
    /// The text of the client's public key becomes its user id; the metadata of its certificate, if it is in a directory, become
    /// properties of its messages.
    ///
    /// # Errors
    ///
    /// [`Forked`](ErrorKind::Forked) in a child process.
    #[doc(alias = "configure_curve")]
    pub fn set_curve_clients(&self, domain: &str, clients: CurveClients) -> Result<()> {
        self.rules()?.domain(domain).curve = Some(clients);
        Ok(())
    }

    /// Sets which principals may use GSSAPI in a domain, or, with `"*"`, in all that have no rules of their own, instead of those set
    /// before. The principal becomes the client's user id.
    ///
    /// # Errors
    ///
    /// [`Forked`](ErrorKind::Forked) in a child process.
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

    /// Lets a function decide in a domain, or, with `"*"`, in all that have no rules of their own, about everybody whose address is not
    /// turned away. It replaces all rules of the domain.
    ///
    /// It runs on the authenticator's thread, so while it waits for something, all other clients wait too. If it panics, the client
    /// is turned away, and the authenticator goes on.
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
    /// [`Forked`](ErrorKind::Forked) in a child process.
    #[doc(alias = "configure_curve_callback")]
    pub fn set_handler(
        &self,
        domain: &str,
        handler: impl FnMut(&Request) -> Decision + Send + 'static,
    ) -> Result<()> {
        let handler: rules::Handler = Box::new(handler);
        let handler = Some(Arc::new(Mutex::new(handler)));
        let before = mem::replace(&mut self.rules()?.domain(domain).handler, handler);
        // Its destructor may be anything, also a change of the rules.
        drop(before);
        Ok(())
    }

    fn rules(&self) -> Result<MutexGuard<'_, Rules>> {
        // A forked child would wait for a lock that a thread of the parent had.
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
            // A forked child has no such thread, and would wait for it for ever.
            mem::forget(thread);
            return;
        }
        let control = self.control.get_mut().unwrap_or_else(PoisonError::into_inner);
        // It fails only after the context was shut down, and that ends the thread too.
        let _ = control.try_send("");
        // A handler may hold the authenticator that calls it, or one whose handler is waiting for that to end. Its result is
        // nothing.
        let _ = self.awaited.wait(|| thread.join());
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

/// What runs on the thread.
struct Thread {
    handler: Socket<Rep>,
    stop: Socket<Pair>,
    rules: Arc<Mutex<Rules>>,
}

impl Thread {
    fn run(self) {
        while self.wait() {
            // One that fails has not come, or its answer has nowhere to go; who asks has a time limit.
            if let Ok(request) = self.handler.try_recv_multipart() {
                let _ = self.handler.send_multipart(answer(&self.rules, request));
            }
        }
        // Closing frees the name only some time later, and somebody may want it now. Fails after a shutdown, as all does.
        let _ = self.handler.unbind(ENDPOINT);
        let _ = self.stop.unbind(CONTROL);
    }

    /// Waits for a request; `false` if it is time to end.
    fn wait(&self) -> bool {
        let mut items = [PollItem::new(&self.handler, POLLIN), PollItem::new(&self.stop, POLLIN)];
        match poll(&mut items, None::<Duration>) {
            Ok(_) => {
                let [_, stop] = &items;
                !stop.is_readable()
            }
            // Nothing else is reason enough to leave the door to chance.
            Err(error) => error.kind() != ErrorKind::Terminated,
        }
    }
}

/// The reply to a request.
fn answer(rules: &Mutex<Rules>, request: Multipart) -> Multipart {
    let frames: Vec<&[u8]> = request.iter().map(|frame| &frame[..]).collect();
    let decision = match request::parse(&frames) {
        Ok(request) => decide(rules, &request),
        Err(answer) => answer,
    };
    let request_id = request.into_iter().nth(1).unwrap_or_default();
    decision.into_reply(request_id)
}

/// The decision; whatever panics on the way turns the client away.
fn decide(rules: &Mutex<Rules>, request: &Request) -> Decision {
    match catch_unwind(AssertUnwindSafe(|| rules::decide(rules, request))) {
        Ok(decision) => decision,
        Err(panic) => {
            // Its destructor might panic too.
            mem::forget(panic);
            Decision::internal_error("the handler panicked")
        }
    }
}
