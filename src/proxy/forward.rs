//! The loop of a proxy.
//!
//! An XPUB socket that drops nothing and a mandatory ROUTER socket report room even if they have no room for a certain message.
//! A poll for room would return at once. So the proxy waits in a send, at most for [`MOMENT`]. If it only tried again every 10
//! ms, a queue of ten messages would pass only a thousand messages per second.

use core::ptr;
use core::time::Duration;

use super::capture::Capture;
use super::control::{Course, Steering};
use super::statistics::{Statistics, Traffic};
use crate::error::{ErrorKind, Result};
use crate::events::{POLLERR, POLLIN, POLLOUT, PollEvents};
use crate::kind::{Ability, SocketKind};
use crate::message::{Message, Multipart};
use crate::poll::PollItem;
use crate::socket::Core;
use crate::wait::wait_for;

/// The maximum number of messages in one direction before the other direction has its turn.
const BURST: usize = 1000;

/// The time to wait for a socket that reports room but has no room. An order to the proxy may have to wait that long.
const MOMENT: Duration = Duration::from_millis(10);

/// The number of parts whose memory is kept.
const USUAL_PARTS: usize = 16;

/// The messages that a [`Proxy`](crate::proxy::Proxy) had received but not yet sent when it was terminated.
///
/// A direction has such a message only if its destination socket had no room. The message is the oldest one for that socket, so
/// send it first.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct Undelivered {
    /// The message that was received from the frontend, and must still be sent to the backend.
    pub to_backend: Option<Multipart>,
    /// The message that was received from the backend, and must still be sent to the frontend.
    pub to_frontend: Option<Multipart>,
}

impl Undelivered {
    /// Returns whether there is no undelivered message.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.to_backend.is_none() && self.to_frontend.is_none()
    }
}

/// A running proxy.
pub(super) struct Forwarder<'a> {
    there: Way<'a>,
    here: Way<'a>,
    capture: Option<Capture<'a>>,
    steering: Steering<'a>,
    course: Course,
}

impl<'a> Forwarder<'a> {
    pub(super) fn new(
        front: &'a Core,
        back: &'a Core,
        capture: Option<Capture<'a>>,
        steering: Steering<'a>,
    ) -> Forwarder<'a> {
        let mut here = Way::new(back, front);
        if ptr::eq(front, back) {
            // If both are the same socket, there is only one direction.
            here.state = State::Closed;
        }
        Forwarder { there: Way::new(front, back), here, capture, steering, course: Course::Running }
    }

    pub(super) fn run(&mut self) -> Result<Undelivered> {
        let mut rung = true;
        loop {
            let statistics = self.statistics();
            self.steering.obey(rung, &mut self.course, &statistics)?;
            if self.course == Course::Terminated {
                return Ok(self.undelivered());
            }
            if let Some(timeout) = self.time_to_wait() {
                rung = self.wait(timeout)?;
                if rung {
                    // Orders take precedence.
                    continue;
                }
            }
            if self.course == Course::Running {
                self.there.forward(&mut self.capture)?;
                self.here.forward(&mut self.capture)?;
            }
            // Without a wait, no poll reports an order, so the next turn checks for one.
            rung = self.time_to_wait().is_none();
        }
    }

    /// The time to wait before anything else is done, or `None` for no wait.
    fn time_to_wait(&self) -> Option<Option<Duration>> {
        let states = [self.there.state, self.here.state];
        if self.course == Course::Paused {
            return Some(None);
        }
        if states.contains(&State::Stubborn) {
            return Some(Some(Duration::ZERO));
        }
        if states.contains(&State::Ready) { None } else { Some(None) }
    }

    /// Waits until a direction can continue or an order has arrived. Returns whether an order has arrived.
    fn wait(&mut self, timeout: Option<Duration>) -> Result<bool> {
        let (mut at_front, mut at_back) = (PollEvents::NONE, PollEvents::NONE);
        if self.course == Course::Running {
            at_front = self.there.wants_from() | self.here.wants_to();
            at_back = self.here.wants_from() | self.there.wants_to();
        }
        let (front, back) = (self.there.from, self.there.to);
        let is_one_socket = ptr::eq(front, back);
        if is_one_socket {
            // If a socket is in the list twice, an event that one item does not ask for may be hidden from the other (L9).
            at_front |= at_back;
            at_back = at_front;
        }
        let control = self.steering.socket();
        // libzmq does not notice a shutdown if no events are requested. It never reports an error event for a socket (L8).
        let mut items = [
            PollItem::of(front, at_front | POLLERR),
            PollItem::of(back, at_back | POLLERR),
            PollItem::of(control.unwrap_or(front), POLLIN),
        ];
        let count = if control.is_some() { 3 } else { 2 };
        let is_interruptible = || [front, back].iter().any(|socket| socket.context().is_interruptible());
        wait_for(items.get_mut(..count).unwrap_or_default(), timeout, is_interruptible)?;
        let [mut at_front, at_back, at_control] = items.map(|item| item.returned_events());
        if is_one_socket {
            at_front |= at_back;
        }
        if self.course == Course::Running {
            self.there.notice(at_front, at_back)?;
            self.here.notice(at_back, at_front)?;
        }
        Ok(at_control.contains(POLLIN))
    }

    fn statistics(&self) -> Statistics {
        let traffic = |out: &Way<'_>, back: &Way<'_>| Traffic {
            messages_received: out.received.count,
            bytes_received: out.received.bytes,
            messages_sent: back.sent.count,
            bytes_sent: back.sent.bytes,
        };
        Statistics {
            frontend: traffic(&self.there, &self.here),
            backend: traffic(&self.here, &self.there),
            uncaptured: self.capture.as_ref().map_or(0, |capture| capture.missed),
        }
    }

    fn undelivered(&mut self) -> Undelivered {
        Undelivered { to_backend: self.there.take(), to_frontend: self.here.take() }
    }
}

/// One of the two directions of a proxy.
struct Way<'a> {
    from: &'a Core,
    to: &'a Core,
    state: State,
    /// Messages that are reused. The first `held` of them are the parts of a message that was received and must still be sent.
    parts: Vec<Message>,
    held: usize,
    /// The number of bytes in that message.
    held_bytes: usize,
    /// The number of parts of the longest message since the parts were last cleared.
    used: usize,
    received: Count,
    sent: Count,
}

/// What a direction waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Nothing: the source can never receive, or the destination can never send.
    Closed,
    /// A message to receive.
    Listening,
    /// Room to send, with or without a held message. Meanwhile, the direction receives nothing.
    Blocked,
    /// Nothing: it can continue.
    Ready,
    /// Room in a socket that reports room but does not take the held message: an XPUB that drops nothing, or a mandatory
    /// ROUTER.
    Stubborn,
}

/// The number of message parts and of their bytes.
#[derive(Clone, Copy, Default)]
struct Count {
    count: u64,
    bytes: u64,
}

impl Count {
    #[inline]
    fn add(&mut self, count: usize, bytes: usize) {
        // Neither number is wider than 64 bits.
        self.count = self.count.wrapping_add(u64::try_from(count).unwrap_or_default());
        self.bytes = self.bytes.wrapping_add(u64::try_from(bytes).unwrap_or_default());
    }
}

/// Whether the socket can send a received message unchanged. A RADIO can, because the message already has its group.
fn takes_messages(to: &Core) -> bool {
    let kind = to.socket_kind();
    #[cfg(zmq_draft)]
    if kind.has(Ability::Is(SocketKind::Radio)) {
        return true;
    }
    kind.has(Ability::Send)
}

impl<'a> Way<'a> {
    fn new(from: &'a Core, to: &'a Core) -> Way<'a> {
        let is_open = from.socket_kind().has(Ability::Receive) && takes_messages(to);
        Way {
            from,
            to,
            state: if is_open { State::Listening } else { State::Closed },
            parts: Vec::new(),
            held: 0,
            held_bytes: 0,
            used: 0,
            received: Count::default(),
            sent: Count::default(),
        }
    }

    fn wants_from(&self) -> PollEvents {
        if self.state == State::Listening { POLLIN } else { PollEvents::NONE }
    }

    fn wants_to(&self) -> PollEvents {
        if self.state == State::Blocked { POLLOUT } else { PollEvents::NONE }
    }

    /// Takes note of the events that a poll returned.
    fn notice(&mut self, at_from: PollEvents, at_to: PollEvents) -> Result<()> {
        match self.state {
            // A message that cannot be forwarded stays at the peer, where other receivers can get it.
            State::Listening if at_from.contains(POLLIN) => {
                let has_room = ptr::eq(self.from, self.to) || self.to.is_writable()?;
                self.state = if has_room { State::Ready } else { State::Blocked };
            }
            State::Blocked if at_to.contains(POLLOUT) => self.state = State::Ready,
            _ => {}
        }
        Ok(())
    }

    /// Forwards a burst of messages, if there is one.
    #[inline]
    fn forward(&mut self, capture: &mut Option<Capture<'_>>) -> Result<()> {
        match self.state {
            State::Ready => self.forward_burst(capture),
            State::Stubborn => {
                if self.send(Some(MOMENT))? {
                    self.state = State::Ready;
                }
                Ok(())
            }
            State::Closed | State::Listening | State::Blocked => Ok(()),
        }
    }

    fn forward_burst(&mut self, capture: &mut Option<Capture<'_>>) -> Result<()> {
        if self.held > 0 && !self.send(None)? {
            return self.wait_for_room();
        }
        for turn in 0..BURST {
            match self.from.try_recv_parts(&mut self.parts) {
                Ok((parts, bytes)) => (self.held, self.held_bytes) = (parts, bytes),
                // While many messages arrive, another attempt costs less than a poll.
                Err(error) if error.kind() == ErrorKind::WouldBlock && turn > 0 => return Ok(()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.state = State::Listening;
                    self.clear();
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
            self.received.add(self.held, self.held_bytes);
            if let Some(capture) = capture {
                capture.copy(self.parts.get(..self.held).unwrap_or_default())?;
            }
            if !self.send(None)? {
                return self.wait_for_room();
            }
        }
        Ok(())
    }

    /// Sends the held message. Waits up to `timeout`. Returns whether the message was taken.
    #[inline]
    fn send(&mut self, timeout: Option<Duration>) -> Result<bool> {
        let message = self.parts.get_mut(..self.held).unwrap_or_default();
        let sent = match timeout {
            // The message does not begin with a routing id. Any sender can cause this. The message is dropped, like a message
            // that a ROUTER socket cannot route.
            _ if self.held == 1 && self.to.socket_kind().has(Ability::Is(SocketKind::Router)) => {
                message.iter_mut().for_each(Message::clear);
                Ok(())
            }
            None => self.to.try_pass_on(message),
            Some(timeout) => self.to.send_parts_within(message, timeout),
        };
        match sent {
            Ok(()) => {
                self.sent.add(self.held, self.held_bytes);
                self.used = self.used.max(self.held);
                self.held = 0;
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Releases the parts that were sent as copies: all parts of a message except the last.
    fn clear(&mut self) {
        if core::mem::take(&mut self.used) > 1 {
            self.parts.truncate(USUAL_PARTS);
            self.parts.shrink_to(USUAL_PARTS);
            self.parts.iter_mut().for_each(Message::clear);
        }
    }

    fn wait_for_room(&mut self) -> Result<()> {
        self.state = if self.to.is_writable()? { State::Stubborn } else { State::Blocked };
        Ok(())
    }

    /// Takes the held message, if there is one.
    fn take(&mut self) -> Option<Multipart> {
        let held = core::mem::take(&mut self.held);
        Multipart::from_frames(self.parts.drain(..held))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use core::cell::RefCell;
    use core::time::Duration;
    use std::rc::Rc;
    use std::sync::mpsc::{Sender, channel};

    use super::{State, USUAL_PARTS, Way};
    use crate::{Context, ErrorKind, Message, Pair, Pull, Push, Result, Socket};

    /// A peer may send such a message, and its memory would be kept as long as the proxy runs.
    #[test]
    fn the_memory_of_a_message_of_many_parts_is_released() {
        let context = Context::new().unwrap();
        let [from, to, sender, receiver] = [(); 4].map(|()| context.socket(Pair).unwrap());
        from.bind("inproc://from").unwrap();
        sender.connect("inproc://from").unwrap();
        to.bind("inproc://to").unwrap();
        receiver.connect("inproc://to").unwrap();
        sender.send_multipart([""; 1000]).unwrap();
        let mut way = Way::new(from.core(), to.core());
        way.state = State::Ready;
        while way.state == State::Ready {
            way.forward(&mut None).unwrap();
        }
        assert_eq!(receiver.recv_multipart().unwrap(), [""; 1000]);
        assert!(way.parts.capacity() <= USUAL_PARTS, "{}", way.parts.capacity());
    }

    thread_local! {
        /// The socket that a destructor uses while it is in a call.
        static PULL: RefCell<Option<Rc<Socket<Pull>>>> = const { RefCell::new(None) };
    }

    /// Bytes whose destructor receives.
    struct Receives(Sender<Result<Message>>);

    impl AsRef<[u8]> for Receives {
        fn as_ref(&self) -> &[u8] {
            b"more than what libzmq would keep within a message"
        }
    }

    impl Drop for Receives {
        fn drop(&mut self) {
            let pull = PULL.take().unwrap();
            self.0.send(pull.try_recv()).unwrap();
        }
    }

    #[test]
    fn a_destructor_receives_no_part_of_the_message_that_is_being_received() {
        let context = Context::new().unwrap();
        let [sender, leaving] = [(); 2].map(|()| context.socket(Push).unwrap());
        let pull = Rc::new(context.socket(Pull).unwrap());
        pull.set_recv_timeout(Duration::from_secs(10)).unwrap();
        pull.bind("inproc://parts").unwrap();
        leaving.bind("inproc://leaving").unwrap();
        pull.connect("inproc://leaving").unwrap();
        let (to_test, received) = channel();
        leaving.send(Message::from_owner(Receives(to_test))).unwrap();
        pull.disconnect("inproc://leaving").unwrap();
        // The other end learns that its queue has ended, and answers. With the next call, the PULL drops the message in it.
        leaving.events().unwrap();
        sender.connect("inproc://parts").unwrap();
        sender.send_multipart(["first", "second"]).unwrap();
        PULL.set(Some(Rc::clone(&pull)));
        assert!(received.try_recv().is_err());
        assert_eq!(pull.core().try_recv_parts(&mut Vec::new()).unwrap(), (2, 11));
        assert_eq!(received.try_recv().unwrap().unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}
