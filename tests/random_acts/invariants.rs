//! Checks that must hold for every message and for every owner of bytes.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use zmq::ErrorKind;

use super::common::random::Random;

/// The first byte of a part with a message's hash. XPUB and XSUB do not take such a part for a subscription.
const HEAD: u8 = b'M';

/// This byte, sender, number, number of parts, hash.
const HEAD_LEN: usize = 1 + 4 + 8 + 1 + 8;

/// The first byte of messages that come from options, not from the test.
pub(crate) const NOTICE: u8 = b'#';

/// The bytes of a message. The first part has a hash of the whole message.
pub(crate) fn content(
    random: &mut Random,
    sender: u32,
    number: u64,
    parts: usize,
    empty: bool,
) -> Vec<Vec<u8>> {
    let mut content: Vec<Vec<u8>> = (0..parts)
        .map(|_| {
            let len = random.len().max(usize::from(!empty));
            // Neither a subscription, nor a head, nor a notice.
            vec![b'U' + random.byte() % 8; len]
        })
        .collect();
    let hash = hash(&content);
    let mut head = vec![HEAD];
    head.extend(sender.to_le_bytes());
    head.extend(number.to_le_bytes());
    head.push(u8::try_from(parts).unwrap());
    head.extend(hash.to_le_bytes());
    head.append(&mut content[0]);
    content[0] = head;
    content
}

/// FNV-1a over the parts and their borders.
fn hash<T: AsRef<[u8]>>(parts: &[T]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut take = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for part in parts {
        part.as_ref().iter().copied().for_each(&mut take);
        u64::try_from(part.as_ref().len()).unwrap().to_le_bytes().into_iter().for_each(&mut take);
    }
    hash
}

/// The sender of a message, and its number among the messages of that sender.
pub(crate) struct Origin {
    pub(crate) sender: u32,
    pub(crate) number: u64,
}

/// Asserts that a message is whole. Returns `None` for messages that do not come from the test: subscriptions, probes
/// and notices.
pub(crate) fn check_whole(message: &[Vec<u8>], socket: &str) -> Option<Origin> {
    let is_head = |part: &Vec<u8>| part.len() >= HEAD_LEN && part[0] == HEAD;
    let Some(start) = message.iter().position(is_head) else {
        let (last, before) = message.split_last().unwrap();
        let notice = matches!(last.first(), None | Some(0 | 1 | &NOTICE));
        assert!(notice && before.iter().all(|part| part.len() <= 5), "{socket}: torn: {}", outline(message));
        return None;
    };
    let mut parts = message[start..].to_vec();
    let rest = parts[0].split_off(HEAD_LEN);
    let head = std::mem::replace(&mut parts[0], rest);
    let number = |from: usize, to: usize| {
        let mut bytes = [0; 8];
        bytes[..to - from].copy_from_slice(&head[from..to]);
        u64::from_le_bytes(bytes)
    };
    assert_eq!(usize::from(head[13]), parts.len(), "{socket}: parts: {}", outline(message));
    assert_eq!(number(14, 22), hash(&parts), "{socket}: the message has other bytes: {}", outline(message));
    Some(Origin { sender: u32::try_from(number(1, 5)).unwrap(), number: number(5, 13) })
}

/// The lengths of the parts and how they begin.
fn outline(message: &[Vec<u8>]) -> String {
    let parts = message.iter().map(|part| format!("{}: {:?}", part.len(), &part[..part.len().min(6)]));
    parts.collect::<Vec<_>>().join(", ")
}

/// Asserts that a refused part was returned, for a possible reason.
pub(crate) fn check_refused(kind: ErrorKind, begun: bool, came_back: &[u8], sent: &[u8], socket: &str) {
    assert!(came_back == sent, "{socket}: {kind:?}, and the returned message has other bytes");
    let known = if begun {
        matches!(kind, ErrorKind::MultipartAborted | ErrorKind::Terminated)
    } else {
        matches!(
            kind,
            ErrorKind::WouldBlock
                | ErrorKind::WrongState
                | ErrorKind::HostUnreachable
                | ErrorKind::Terminated
                | ErrorKind::InvalidInput
                // Over udp.
                | ErrorKind::MessageTooLarge
        )
    };
    assert!(known, "{socket}: a {} part was refused: {kind:?}", if begun { "later" } else { "first" });
}

/// The owners of bytes that are alive, and the socket type that sends the bytes.
static ALIVE: Mutex<Option<Alive>> = Mutex::new(None);

#[derive(Default)]
struct Alive {
    made: u64,
    owners: HashMap<u64, String>,
}

fn alive() -> MutexGuard<'static, Option<Alive>> {
    ALIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes that record when they are dropped.
pub(crate) struct Owner {
    number: u64,
    bytes: Vec<u8>,
}

impl Owner {
    pub(crate) fn new(bytes: Vec<u8>, what: String) -> Owner {
        let mut alive = alive();
        let alive = alive.get_or_insert_default();
        alive.made += 1;
        alive.owners.insert(alive.made, what);
        Owner { number: alive.made, bytes }
    }
}

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        if alive().get_or_insert_default().owners.remove(&self.number).is_none() {
            // A panic here would be caught.
            eprintln!("an owner was dropped twice");
            std::process::abort();
        }
    }
}

/// Asserts that every owner has been dropped, and returns how many there were.
pub(crate) fn check_all_dropped() -> u64 {
    let mut alive = alive();
    let alive = alive.get_or_insert_default();
    let left: Vec<_> = alive.owners.values().collect();
    assert!(left.is_empty(), "{} owners were never dropped: {left:?}", left.len());
    alive.made
}
