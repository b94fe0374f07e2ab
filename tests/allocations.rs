//! Sending and receiving do not allocate, and do not copy a buffer that was passed by value.
//!
//! The tests count only allocations by Rust code of the testing thread. libzmq allocates with C's allocator, and needs
//! the same memory in a C program.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "how a test fails")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use zmq::capability::Kind;
use zmq::{
    Context, Error, ErrorKind, Message, MessageMut, POLLIN, POLLOUT, Pair, PollItem, Poller, Pull, Push,
    Result, SendError, Socket,
};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    ALLOCATIONS.with(|allocations| allocations.set(allocations.get() + 1));
}

// SAFETY: the system's allocator does everything; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: by the caller's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: by the caller's contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: by the caller's contract.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: by the caller's contract.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Returns the number of allocations in `work`, and its result.
fn allocations<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let before = ALLOCATIONS.get();
    let result = work();
    (ALLOCATIONS.get() - before, result)
}

#[track_caller]
fn none<T>(work: impl FnOnce() -> T) -> T {
    let (count, result) = allocations(work);
    assert_eq!(count, 0, "allocations");
    result
}

/// The length of the shortest buffer that is taken over. A shorter one lies inside a `zmq_msg_t`.
const TAKEN_OVER: usize = if cfg!(target_pointer_width = "64") { 34 } else { 38 };

/// Lengths of messages inside and outside of a `zmq_msg_t`.
const LENGTHS: [usize; 6] = [0, 1, TAKEN_OVER - 1, TAKEN_OVER, 1000, 1 << 20];

/// Two connected sockets whose calls fail rather than hang.
struct Line {
    sender: Socket<Push>,
    receiver: Socket<Pull>,
    _context: Context,
}

impl Line {
    fn new() -> Line {
        Line::over("inproc://line")
    }

    fn over(endpoint: &str) -> Line {
        let context = context();
        let receiver = context.socket(Pull).unwrap();
        let sender = context.socket(Push).unwrap();
        receiver.set_recv_timeout(Duration::from_secs(5)).unwrap();
        sender.set_send_timeout(Duration::from_secs(5)).unwrap();
        sender.connect(receiver.bind(endpoint).unwrap()).unwrap();
        Line { sender, receiver, _context: context }
    }

    /// A buffer that is sent without a copy is received at the same address.
    #[track_caller]
    fn assert_taken_over(&self, message: impl Into<Message>, address: *const u8) {
        none(|| self.sender.send(message).unwrap());
        assert_eq!(self.receiver.recv().unwrap().as_ptr(), address);
    }
}

fn context() -> Context {
    let context = Context::new().unwrap();
    context.set_blocky(false).unwrap();
    context
}

#[test]
fn the_counter_counts() {
    let (one, boxed) = allocations(|| black_box(Box::new(1)));
    assert_eq!((one, *boxed), (1, 1));
    let mut buffer = vec![1_u8];
    assert_eq!(allocations(|| buffer.reserve_exact(black_box(1000))).0, 1);
    assert_eq!(allocations(|| black_box(vec![0_u8; 10])).0, 1);
}

#[test]
fn a_vec_is_not_copied() {
    let line = Line::new();
    for len in [TAKEN_OVER, 1000, 1 << 20] {
        let mut bytes = Vec::with_capacity(len + 100);
        bytes.resize(len, b'x');
        let address = bytes.as_ptr();
        line.assert_taken_over(bytes, address);
    }
}

#[test]
fn other_owned_buffers_are_not_copied() {
    let line = Line::new();
    let text = "x".repeat(TAKEN_OVER);
    let address = text.as_ptr();
    line.assert_taken_over(text, address);
    let boxed = vec![b'x'; TAKEN_OVER].into_boxed_slice();
    let address = boxed.as_ptr();
    line.assert_taken_over(boxed, address);
    let built = MessageMut::try_zeroed(TAKEN_OVER).unwrap();
    let address = built.as_ptr();
    line.assert_taken_over(built, address);
    let constant = b"constants of any length are shown, and never copied";
    line.assert_taken_over(Message::from_static(constant), constant.as_ptr());
}

#[test]
fn shared_buffers_allocate_only_a_box() {
    let bytes: Arc<[u8]> = vec![b'x'; TAKEN_OVER].into();
    let (count, message) = allocations(|| Message::from(bytes.clone()));
    assert_eq!(count, 1);
    assert_eq!(message.as_ptr(), bytes.as_ptr());
    let (count, message) = allocations(|| Message::from_owner(bytes.clone()));
    assert_eq!(count, 1);
    assert_eq!(message.as_ptr(), bytes.as_ptr());
}

#[test]
fn short_buffers_are_copied_into_the_message() {
    let line = Line::new();
    let bytes = vec![b'x'; TAKEN_OVER - 1];
    let address = bytes.as_ptr();
    none(|| line.sender.send(bytes).unwrap());
    let received = line.receiver.recv().unwrap();
    assert_eq!(received.len(), TAKEN_OVER - 1);
    assert_ne!(received.as_ptr(), address);
}

#[test]
fn sending_borrowed_bytes_and_shared_messages_does_not_allocate() {
    let line = Line::new();
    for len in LENGTHS {
        let text = "x".repeat(len);
        let message = Message::from(text.as_str());
        none(|| {
            line.sender.send(text.as_str()).unwrap();
            line.sender.send(text.as_bytes()).unwrap();
            line.sender.send_more(&message).unwrap();
            line.sender.try_send(&message).unwrap();
        });
        for _ in 0..4 {
            assert_eq!(line.receiver.recv().unwrap().len(), len);
        }
    }
}

#[test]
fn receiving_does_not_allocate() {
    for endpoint in ["inproc://line", "tcp://127.0.0.1:*"] {
        let line = Line::over(endpoint);
        let mut message = Message::new();
        let mut buffer = vec![0; 1 << 20];
        for len in LENGTHS {
            let bytes = vec![b'x'; len];
            for _ in 0..4 {
                line.sender.send(&bytes).unwrap();
            }
            none(|| {
                assert_eq!(line.receiver.recv().unwrap().len(), len);
                line.receiver.recv_to(&mut message).unwrap();
                assert_eq!(message.len(), len);
                assert_eq!(line.receiver.recv_into(&mut buffer).unwrap().len(), len);
                assert_eq!(line.receiver.recv_within(Duration::from_secs(5)).unwrap().len(), len);
            });
        }
    }
}

#[test]
fn a_request_and_its_reply_are_never_copied() {
    let context = context();
    let (left, right) = (context.socket(Pair).unwrap(), context.socket(Pair).unwrap());
    right.connect(left.bind("inproc://round").unwrap()).unwrap();
    for socket in [&left, &right] {
        socket.set_recv_timeout(Duration::from_secs(5)).unwrap();
    }
    let message = Message::from(vec![b'x'; 1000]);
    let address = message.as_ptr();
    let message = none(|| {
        let mut message = message;
        for _ in 0..10 {
            left.send(message).unwrap();
            right.send(right.recv().unwrap()).unwrap();
            message = left.recv().unwrap();
        }
        message
    });
    assert_eq!(message.as_ptr(), address);
}

#[track_caller]
fn would_block<T, E: Into<Error>>(result: Result<T, E>) {
    let Err(error) = result else { panic!("the send succeeded") };
    assert_eq!(error.into().kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_receive_that_would_block_does_not_allocate() {
    let line = Line::new();
    none(|| {
        would_block(line.receiver.try_recv());
        would_block(line.receiver.try_recv_multipart());
        would_block(line.receiver.recv_within(Duration::from_millis(1)));
    });
    line.receiver.set_recv_timeout(Duration::from_millis(1)).unwrap();
    let mut message = Message::new();
    none(|| {
        would_block(line.receiver.recv());
        would_block(line.receiver.recv_to(&mut message));
        would_block(line.receiver.recv_into(&mut [0; 10]));
        would_block(line.receiver.recv_multipart());
    });
}

#[test]
fn a_send_that_would_block_does_not_allocate_and_returns_the_buffer() {
    let context = context();
    let lonely = context.socket(Push).unwrap();
    lonely.set_send_timeout(Duration::from_millis(1)).unwrap();
    let bytes = vec![b'x'; 1000];
    let address = bytes.as_ptr();
    let message = none(|| {
        let failure = lonely.try_send(bytes).unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::WouldBlock);
        let failure = lonely.send(failure.into_message()).unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::WouldBlock);
        failure.into_message()
    });
    assert_eq!(message.as_ptr(), address);
    none(|| would_block(lonely.try_send("borrowed")));
}

/// The numbers of sockets to poll, including more than libzmq keeps on its stack. Some systems allow only 256
/// descriptors.
const COUNTS: [usize; 3] = [1, 16, if cfg!(target_os = "linux") { 256 } else { 64 }];

fn items<'a, K: Kind>(sockets: &'a [Socket<K>]) -> Vec<PollItem<'a>> {
    sockets.iter().map(|socket| PollItem::new(socket, POLLIN)).collect()
}

#[test]
fn polling_does_not_allocate() {
    let context = context();
    for count in COUNTS {
        let sockets: Vec<_> = (0..count).map(|_| context.socket(Pull).unwrap()).collect();
        let endpoint = sockets[0].bind(format!("inproc://{count}")).unwrap();
        let sender = context.socket(Push).unwrap();
        sender.connect(&endpoint).unwrap();
        let mut items = items(&sockets);
        none(|| {
            assert_eq!(zmq::poll(&mut items, Duration::ZERO).unwrap(), 0);
            assert_eq!(zmq::poll(&mut items, Duration::from_millis(1)).unwrap(), 0);
            sender.send("ready").unwrap();
            assert_eq!(zmq::poll(&mut items, Duration::from_secs(5)).unwrap(), 1);
            assert!(items[0].is_readable());
            assert_eq!(zmq::poll(&mut items, None).unwrap(), 1);
        });
    }
}

#[test]
fn waiting_with_a_poller_does_not_allocate() {
    let context = context();
    for count in COUNTS {
        let sockets: Vec<_> = (0..count).map(|_| context.socket(Pull).unwrap()).collect();
        let endpoint = sockets[0].bind(format!("inproc://poller-{count}")).unwrap();
        let sender = context.socket(Push).unwrap();
        sender.connect(&endpoint).unwrap();
        let poller = Poller::new();
        for (number, socket) in sockets.iter().enumerate() {
            poller.add(socket, number, POLLIN).unwrap();
        }
        none(|| {
            assert!(poller.wait(Duration::ZERO).unwrap().is_empty());
            assert!(poller.wait(Duration::from_millis(1)).unwrap().is_empty());
            sender.send("ready").unwrap();
            for timeout in [Some(Duration::from_secs(5)), None] {
                assert!(poller.wait(timeout).unwrap().eq([(0, POLLIN)]));
            }
            poller.modify(&sockets[0], POLLIN | POLLOUT).unwrap();
            // A free place is used again.
            poller.remove(&sockets[0]).unwrap();
            poller.add(&sockets[0], 7, POLLIN).unwrap();
            assert!(poller.wait(None).unwrap().eq([(7, POLLIN)]));
        });
    }
}

#[cfg(feature = "smol")]
#[test]
fn async_calls_with_smol_allocate_nothing() {
    // The reactor, which allocates, runs in its own thread.
    smol::future::block_on(calls_allocate_nothing(
        |socket| socket.into_smol().unwrap(),
        |socket| socket.into_smol().unwrap(),
    ));
}

#[cfg(feature = "tokio")]
#[test]
fn async_calls_with_tokio_allocate_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(calls_allocate_nothing(
        |socket| socket.into_tokio().unwrap(),
        |socket| socket.into_tokio().unwrap(),
    ));
}

/// This holds for a call that is ready at once, and for a call that waits and is woken.
#[cfg(any(feature = "smol", feature = "tokio"))]
async fn calls_allocate_nothing<R: zmq::aio::Reactor>(
    sender_of: fn(zmq::Socket<Push>) -> zmq::aio::Socket<Push, R>,
    receiver_of: fn(zmq::Socket<Pull>) -> zmq::aio::Socket<Pull, R>,
) {
    let Line { sender, receiver, _context: context } = Line::new();
    let (mut sender, mut receiver) = (sender_of(sender), receiver_of(receiver));
    let mut message = Message::new();
    let mut many = Vec::with_capacity(10);
    let before = ALLOCATIONS.get();
    for _ in 0..1000 {
        {
            let mut receiving = std::pin::pin!(receiver.recv_to(&mut message));
            std::future::poll_fn(|task| {
                assert!(receiving.as_mut().poll(task).is_pending());
                std::task::Poll::Ready(())
            })
            .await;
            sender.send("wakes").await.unwrap();
            receiving.await.unwrap();
        }
        sender.send("is there").await.unwrap();
        assert_eq!(receiver.recv().await.unwrap(), "is there");
        for _ in 0..10 {
            sender.send("one of many").await.unwrap();
        }
        while many.len() < 10 {
            receiver.recv_many(&mut many, 10).await.unwrap();
        }
        many.clear();
    }
    // tokio allocates a list when the first task has used up its budget, and keeps it.
    let count = ALLOCATIONS.get() - before;
    assert!(count <= 2, "{count} allocations");
    drop((sender, receiver, context));
}

/// The memory for the parts is allocated with the first message, and used again.
#[test]
fn a_proxy_does_not_allocate_for_each_message() {
    let context = context();
    let (frontend, backend) = (context.socket(Pull).unwrap(), context.socket(Push).unwrap());
    let from = frontend.bind("inproc://frontend").unwrap();
    let to = backend.bind("inproc://backend").unwrap();
    let (source, sink) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
    source.connect(from).unwrap();
    sink.connect(to).unwrap();
    sink.set_recv_timeout(Duration::from_secs(5)).unwrap();
    let proxy = std::thread::spawn(move || allocations(|| zmq::proxy(&frontend, &backend)).0);
    for _ in 0..1000 {
        for part in 0..5 {
            source.send_more([part; 100]).unwrap();
        }
        source.send([5; 100]).unwrap();
    }
    for _ in 0..1000 {
        assert_eq!(sink.recv_multipart().unwrap().len(), 6);
    }
    context.shutdown().unwrap();
    let count = proxy.join().unwrap();
    assert!(count < 10, "{count} allocations");
}

#[test]
fn common_types_are_small() {
    assert_eq!(size_of::<Message>(), 64);
    assert_eq!(size_of::<MessageMut>(), 64);
    assert!(size_of::<Error>() <= 16);
    assert!(size_of::<Result<()>>() <= 16);
    assert!(size_of::<Result<Message>>() <= 64 + 8);
    assert!(size_of::<Result<(), SendError>>() <= 64 + 16);
}
