//! Handlers and destructors that wait for each other's threads. None of them waits forever.

use crate::common;

use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;

use common::security::{secure_client, secure_server};
use common::{bound, connected, context, eventually, must_end, socket};
use zmq::proxy::{Handle, Proxy};
use zmq::security::{Authenticator, Decision, Null};
use zmq::{Context, Message, Pub, Pull, Push};

/// Makes a client ask the context's authenticator, without waiting for the answer.
fn ask(context: &Context) -> impl Sized {
    let (server, endpoint) = secure_server(context, Null::new().zap_domain("test"));
    let client = secure_client(context, Null::new(), endpoint);
    (server, client)
}

/// `count` authenticators, each of which drops the next one in its handler. The last one drops the first. All do so at
/// the same time.
fn authenticators_drop_each_other(count: usize) {
    must_end(move || {
        let contexts: Vec<_> = (0..count).map(|_| context()).collect();
        let all: Vec<_> =
            contexts.iter().map(|context| Arc::new(Mutex::new(Authenticator::new(context).ok()))).collect();
        let together = Arc::new(Barrier::new(count));
        let (dropped, ended) = mpsc::channel();
        for (number, authenticator) in all.iter().enumerate() {
            let next = Arc::clone(&all[(number + 1) % count]);
            let (together, dropped) = (Arc::clone(&together), dropped.clone());
            let mut first = true;
            let handler = move |_: &_| {
                if core::mem::take(&mut first) {
                    together.wait();
                    let authenticator = next.lock().unwrap().take();
                    drop(authenticator);
                    dropped.send(()).unwrap();
                }
                Decision::accept()
            };
            authenticator.lock().unwrap().as_ref().unwrap().set_handler("*", handler).unwrap();
        }
        let _asking: Vec<_> = contexts.iter().map(ask).collect();
        for _ in 0..count {
            ended.recv().unwrap();
        }
        for context in &contexts {
            let again = || Authenticator::new(context).ok();
            drop(eventually("the thread has ended, and the name is free", again));
        }
    });
}

#[test]
fn an_authenticator_can_drop_itself() {
    authenticators_drop_each_other(1);
}

#[test]
fn two_authenticators_can_drop_each_other() {
    authenticators_drop_each_other(2);
}

#[test]
fn five_authenticators_can_drop_each_other() {
    authenticators_drop_each_other(5);
}

/// Without a circle, dropping works as usual: the thread has ended when drop returns.
#[test]
fn dropping_an_idle_authenticator_waits_for_its_thread() {
    must_end(|| {
        let [deciding, other] = [(); 2].map(|()| context());
        let authenticator = Authenticator::new(&deciding).unwrap();
        let mut idle = Some(Authenticator::new(&other).unwrap());
        let (sender, dropped) = mpsc::channel();
        let again = other.clone();
        let handler = move |_: &_| {
            if let Some(idle) = idle.take() {
                drop(idle);
                sender.send(Authenticator::new(&again).map(drop)).unwrap();
            }
            Decision::accept()
        };
        authenticator.set_handler("*", handler).unwrap();
        let _asking = ask(&deciding);
        dropped.recv().unwrap().unwrap();
    });
}

/// The bytes of a message, and a function to call when they are freed.
struct Owner<F: FnMut()>(F);

impl<F: FnMut()> AsRef<[u8]> for Owner<F> {
    fn as_ref(&self) -> &[u8] {
        b"so many bytes that the message does not hold them itself"
    }
}

impl<F: FnMut()> Drop for Owner<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// A PUB without subscribers drops messages at once, in the thread of its proxy.
#[test]
fn two_proxies_can_pause_each_other() {
    must_end(|| {
        let context = context();
        let handles = [Handle::new(), Handle::new()];
        let together = Arc::new(Barrier::new(2));
        let (paused, ended) = mpsc::channel();
        let threads = [0, 1].map(|number| {
            let (frontend, endpoint) = bound(&context, Pull, &format!("inproc://frontend-{number}"));
            let source = connected(&context, Push, endpoint);
            let (handle, other) = (handles[number].clone(), handles[1 - number].clone());
            let backend = socket(&context, Pub);
            let proxy = thread::spawn(move || {
                Proxy::new(&frontend, &backend).control(&handle).run().unwrap();
            });
            let (together, paused) = (Arc::clone(&together), paused.clone());
            let pause = move || {
                together.wait();
                other.pause().unwrap();
                paused.send(()).unwrap();
            };
            source.send(Message::from_owner(Owner(pause))).unwrap();
            proxy
        });
        ended.recv().unwrap();
        ended.recv().unwrap();
        for (handle, thread) in handles.iter().zip(threads) {
            handle.terminate().unwrap();
            thread.join().unwrap();
        }
    });
}
