//! A count of references never starts again at zero, however many references a program keeps.

use crate::common;

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use common::{TCP, bound, connected, context, eventually};
use zmq::{Message, Pull, Push, Sub, XPub};

/// The highest count that changes.
const MOST: u32 = i32::MAX.unsigned_abs();
/// A higher count is set to this number.
const ENDLESS: u32 = 0xc000_0000;

/// Returns the count of references to the content of a message. It is where the bundled libzmq has it.
fn content_count(message: &Message) -> &AtomicU32 {
    count(message, size_of::<usize>(), 4 * size_of::<usize>())
}

/// Returns the number at this offset of the memory to which the pointer at the other offset of the message points.
fn count(message: &Message, pointer: usize, offset: usize) -> &AtomicU32 {
    assert_eq!(size_of::<Message>(), 64);
    // SAFETY: the offset is less than the size of a message.
    let pointer = unsafe { ptr::from_ref(message).byte_add(pointer) };
    // SAFETY: the message has an aligned pointer there.
    let memory = unsafe { pointer.cast::<*mut u32>().read() };
    // SAFETY: the memory is longer than that.
    let count = unsafe { memory.byte_add(offset) };
    // SAFETY: the count is aligned, and stays as long as the message.
    unsafe { AtomicU32::from_ptr(count) }
}

/// Asserts that the count changes up to [`MOST`] references and not beyond.
fn assert_stops(message: &Message, count: &AtomicU32, references: u32) {
    let is = |expected: u32| assert_eq!(count.load(Ordering::Relaxed), expected);
    is(references);
    count.store(MOST - 1, Ordering::Relaxed);
    let clone = message.clone();
    is(MOST);
    drop(clone);
    is(MOST - 1);
    for before in [MOST, MOST + 1, u32::MAX] {
        count.store(before, Ordering::Relaxed);
        let clone = message.clone();
        is(ENDLESS);
        drop(clone);
        is(ENDLESS);
        let clone = message.clone();
        count.store(MOST + 1, Ordering::Relaxed);
        drop(clone);
        is(ENDLESS);
    }
    count.store(references, Ordering::Relaxed);
}

struct Owner(#[expect(dead_code, reason = "counts the owners")] Arc<()>);

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        &[7; 1000]
    }
}

#[test]
fn too_many_references_to_a_content_keep_it() {
    let owners = Arc::new(());
    let message = Message::from_owner(Owner(Arc::clone(&owners)));
    let clone = message.clone();
    assert_stops(&message, content_count(&message), 2);
    assert_eq!((&message, Arc::strong_count(&owners)), (&clone, 2));
    drop(message);
    assert_eq!((&clone[..], Arc::strong_count(&owners)), (&[7; 1000][..], 2));
    drop(clone);
    assert_eq!(Arc::strong_count(&owners), 1);
}

#[test]
fn too_many_publications_of_a_content_keep_it() {
    let context = context();
    let (publisher, endpoint) = bound(&context, XPub, "inproc://publications");
    publisher.set_xpub_verbose(true).unwrap();
    let subscribers = [(); 3].map(|()| {
        let subscriber = connected(&context, Sub, &endpoint);
        subscriber.subscribe("").unwrap();
        publisher.recv().unwrap();
        subscriber
    });
    // Each publication makes two more references.
    let owners = Arc::new(());
    let message = Message::from_owner(Owner(Arc::clone(&owners)));
    let publication = message.clone();
    let count = content_count(&message);
    count.store(MOST - 1, Ordering::Relaxed);
    publisher.send(publication).unwrap();
    // Before a message is dropped, which would set the count, too.
    assert_eq!(count.load(Ordering::Relaxed), ENDLESS);
    for subscriber in &subscribers {
        assert_eq!(subscriber.recv().unwrap(), message);
        assert_eq!(count.load(Ordering::Relaxed), ENDLESS);
    }
    count.store(1, Ordering::Relaxed);
    drop(message);
    eventually("the owner is dropped", || (Arc::strong_count(&owners) == 1).then_some(()));
}

#[test]
fn too_many_references_to_properties_keep_them() {
    let context = context();
    let (pull, endpoint) = bound(&context, Pull, TCP);
    let push = connected(&context, Push, endpoint);
    push.send("Hello").unwrap();
    let message = pull.recv().unwrap();
    let peer = message.property("Peer-Address").unwrap().unwrap().to_owned();
    // The connection has the other reference.
    assert_stops(&message, count(&message, 0, 0), 2);
    assert_eq!(message.property("Peer-Address").unwrap(), Some(&*peer));
}

#[cfg(zmq_draft)]
#[test]
fn too_many_references_to_a_group_keep_it() {
    use zmq::{Dish, Radio};

    let group = "a group of more than fourteen bytes";
    let context = context();
    let (dish, endpoint) = bound(&context, Dish, "inproc://group");
    dish.join(group).unwrap();
    let radio = connected(&context, Radio, endpoint);
    let message = eventually("the radio knows the group", || {
        radio.send_to(group, "Hello").unwrap();
        dish.try_recv().ok()
    });
    // The pointer follows the type of the group. The count follows the text, for which there are 256 bytes.
    assert_stops(&message, count(&message, 48 + size_of::<usize>(), 256), 1);
    assert_eq!(message.group(), group.as_bytes());
}
