//! Runs the other side of a conversation in another process.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;
use std::{env, fs, thread};

use zmq::capability::Kind;
use zmq::{Context, Socket, SocketKind};

use crate::language::PeerCommand;
use crate::patience;

/// The last line of a peer that received everything it expected.
const DONE: &str = "done";

/// The side that binds. The other one connects.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Ours,
    Theirs,
}

impl Side {
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Side::Ours => "bind",
            Side::Theirs => "connect",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Tcp,
    Ipc,
}

impl Transport {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Transport::Tcp => "tcp",
            Transport::Ipc => "ipc",
        }
    }

    /// The endpoint to bind to.
    fn wildcard(self) -> String {
        match self {
            Transport::Tcp => "tcp://127.0.0.1:*".to_owned(),
            // Not `ipc://*`: a peer that is killed would leave a directory behind, wherever the test runs.
            Transport::Ipc => {
                static COUNT: AtomicU32 = AtomicU32::new(0);
                let count = COUNT.fetch_add(1, Ordering::Relaxed);
                fs::create_dir_all(ipc_directory()).unwrap();
                format!("ipc://{}", ipc_directory().join(count.to_string()).display())
            }
        }
    }
}

/// The directory of the ipc endpoints of this run. libzmq leaves their files behind.
pub(crate) fn ipc_directory() -> PathBuf {
    env::temp_dir().join(format!("zmq-interop-{}", process::id()))
}

/// The parameters of a connection to a peer.
pub(crate) struct Link<'a> {
    pub(crate) command: &'a PeerCommand,
    pub(crate) role: &'static str,
    pub(crate) transport: Transport,
    pub(crate) side: Side,
}

impl Link<'_> {
    /// Our socket, prepared but not yet bound or connected.
    pub(crate) fn socket<K: Kind>(&self, context: &Context, kind: K) -> Socket<K> {
        let socket = context.socket(kind).unwrap();
        socket.set_recv_timeout(patience()).unwrap();
        socket.set_send_timeout(patience()).unwrap();
        if socket.kind() != SocketKind::Sub {
            // Without a limit, a SUB would wait for a publisher that has ended to read its subscriptions.
            socket.set_linger(patience()).unwrap();
        }
        socket
    }

    /// Starts the peer, and connects the two sockets.
    pub(crate) fn establish<K: Kind>(&self, socket: &Socket<K>) -> Peer {
        let context = socket.context();
        let wildcard = &self.transport.wildcard();
        match self.side {
            Side::Ours => {
                let endpoint = socket.bind(wildcard).unwrap();
                Peer::start(context, self.command, [self.role, "connect", endpoint.as_str()])
            }
            Side::Theirs => {
                let mut peer = Peer::start(context, self.command, [self.role, "bind", wildcard]);
                let line = peer.line().expect("the peer ended before it was bound");
                let endpoint = line.strip_prefix("endpoint ").expect("an endpoint");
                socket.connect(endpoint).unwrap();
                peer
            }
        }
    }
}

pub(crate) struct Peer {
    process: Child,
    lines: Receiver<String>,
}

impl Peer {
    fn start(context: Context, command: &PeerCommand, arguments: [&str; 3]) -> Peer {
        let mut process = Command::new(&command.program)
            .args(&command.arguments)
            .args(arguments)
            .envs(command.environment.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Under Wine, Python does not start with the error output of this process.
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let errors = BufReader::new(process.stderr.take().unwrap());
        // This thread ends with the peer as well.
        thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                eprintln!("{line}");
            }
        });
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        // This thread ends with the peer, which closes its output.
        thread::spawn(move || {
            let mut done = false;
            for line in output.lines().map_while(Result::ok) {
                done = line == DONE;
                // If the test has failed, nobody listens any more.
                let _ = sender.send(line);
            }
            if !done {
                // Otherwise a call that waits for a message from the peer would never return.
                context.shutdown().unwrap();
            }
        });
        Peer { process, lines }
    }

    /// The next line that the peer prints, or `None` after it has ended.
    fn line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(patience()) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("the peer neither prints a line nor ends"),
        }
    }

    /// Whether the peer has printed this line, or prints it within a moment.
    pub(crate) fn has_said(&mut self, expected: &str) -> bool {
        match self.lines.recv_timeout(Duration::from_millis(2)) {
            Ok(line) => line == expected,
            Err(RecvTimeoutError::Disconnected) => panic!("the peer ended before it printed {expected:?}"),
            Err(RecvTimeoutError::Timeout) => false,
        }
    }

    pub(crate) fn say(&mut self, line: &str) {
        writeln!(self.process.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Checks that the peer received and sent everything.
    pub(crate) fn finish(mut self) {
        assert_eq!(self.line().as_deref(), Some(DONE));
        assert_eq!(self.line(), None);
        let status = self.process.wait().unwrap();
        assert!(status.success(), "the peer failed: {status}");
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // The process has already ended unless the test failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
