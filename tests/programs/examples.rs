//! Runs the examples as programs, and checks what they print.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use zmq::{Context, Dealer, Rep};

/// Longer than anything here takes on a busy machine. Under Wine and qemu, thousands of requests can take a minute.
const PATIENCE: Duration =
    Duration::from_secs(if cfg!(any(windows, not(any(target_arch = "x86", target_arch = "x86_64")))) {
        180
    } else {
        20
    });

/// A running example. Dropping it kills the program.
struct Program {
    name: &'static str,
    child: Child,
    output: Receiver<String>,
    /// The lines that it has printed so far.
    lines: Vec<String>,
    deadline: Instant,
}

impl Program {
    fn start(name: &'static str, args: &[&str]) -> Program {
        let path = path_of(name);
        assert!(path.exists(), "there is no {}: run `cargo build --examples`", path.display());
        let mut child = Command::new(path).args(args).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, output) = mpsc::channel();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Program { name, child, output, lines: Vec::new(), deadline: Instant::now() + PATIENCE }
    }

    /// Waits until it has printed a line, or has closed its output.
    fn next_line(&mut self) -> Option<&str> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        match self.output.recv_timeout(left) {
            Ok(line) => self.lines.push(line),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => {
                panic!("{} prints nothing more after {:#?}", self.name, self.lines)
            }
        }
        self.lines.last().map(String::as_str)
    }

    /// Waits until it has printed this line.
    fn wait_for(&mut self, expected: &str) {
        while let Some(line) = self.next_line() {
            if line == expected {
                return;
            }
        }
        panic!("{} never printed {expected:?}, but {:#?}", self.name, self.lines);
    }

    /// Waits until it has ended. Returns its exit status and what it printed.
    fn end(mut self) -> (ExitStatus, Vec<String>) {
        while self.next_line().is_some() {}
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, std::mem::take(&mut self.lines));
            }
            assert!(Instant::now() < self.deadline, "{} does not end after {:#?}", self.name, self.lines);
            thread::yield_now();
        }
    }

    /// Waits until it has ended with success. Returns what it printed.
    fn success(self) -> Vec<String> {
        let name = self.name;
        let (status, lines) = self.end();
        assert!(status.success(), "{name}: {status} after {lines:#?}");
        lines
    }

    /// Kills it, and returns what it printed.
    fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        while self.next_line().is_some() {}
        std::mem::take(&mut self.lines)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// In the directory next to this test's own program.
fn path_of(example: &str) -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.push("examples");
    path.push(format!("{example}{}", std::env::consts::EXE_SUFFIX));
    path
}

/// Addresses with ports that were free a moment ago, all different.
fn free_addresses<const N: usize>() -> [String; N] {
    let reserved = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    reserved.map(|listener| listener.local_addr().unwrap().to_string())
}

fn free_endpoint() -> String {
    let [address] = free_addresses();
    format!("tcp://{address}")
}

/// Runs an example that needs nothing and ends by itself.
fn run(name: &'static str) -> Vec<String> {
    Program::start(name, &[]).success()
}

/// Returns the lines that begin with `start`, without `start`.
fn after<'a>(lines: &'a [String], start: &str) -> Vec<&'a str> {
    lines.iter().filter_map(|line| line.strip_prefix(start)).collect()
}

#[test]
fn hello_world_exchanges_ten_messages() {
    let lines = run("hello_world");
    let numbers: Vec<String> = (0..10).map(|number| number.to_string()).collect();
    assert_eq!(after(&lines, "Received World "), numbers);
    assert_eq!(lines.iter().filter(|line| *line == "Received Hello").count(), 10);
}

#[test]
fn monitor_events_reports_a_client_and_a_stranger() {
    let lines = run("monitor_events");
    let seen = after(&lines, "Watcher: ");
    assert_eq!(seen.iter().filter(|line| **line == "a client has connected").count(), 1);
    assert_eq!(seen.iter().filter(|line| **line == "a peer has disconnected").count(), 2);
    assert_eq!(seen.iter().filter(|line| line.starts_with("a stranger (")).count(), 1);
    assert_eq!(seen.iter().filter(|line| line.starts_with("ACCEPTED tcp://127.0.0.1:")).count(), 2);
}

#[test]
fn peer_metadata_prints_the_properties_of_each_sender() {
    let lines = run("peer_metadata");
    let address = ["Some(\"127.0.0.1\")", "Some(\"127.0.0.1\")", "None"];
    assert_eq!(after(&lines, "  Peer-Address: "), address);
    assert_eq!(after(&lines, "  Socket-Type: "), ["Some(\"PUSH\")", "Some(\"DEALER\")", "None"]);
    assert_eq!(after(&lines, "  Identity: "), ["None", "Some(\"worker-7\")", "None"]);
}

#[test]
fn hello_client_gets_its_replies_from_hello_server() {
    let endpoint = free_endpoint();
    let server = Program::start("hello_server", &[&endpoint, "0"]);
    let lines = Program::start("hello_client", &[&endpoint, "5"]).success();
    assert_eq!(after(&lines, "Sending Hello "), ["0...", "1...", "2...", "3...", "4..."]);
    assert_eq!(after(&lines, "Received World "), ["0", "1", "2", "3", "4"]);
    // A second client is served as well.
    let lines = Program::start("hello_client", &[&endpoint, "1"]).success();
    assert_eq!(after(&lines, "Received World "), ["0"]);
    assert_eq!(server.kill(), ["Received Hello"; 6]);
}

#[test]
fn a_message_keeps_its_boundaries_in_the_ten_bytes_of_hello_client() {
    let context = Context::new().unwrap();
    let responder = context.socket(Rep).unwrap();
    responder.set_recv_timeout(PATIENCE).unwrap();
    let endpoint = responder.bind("tcp://127.0.0.1:*").unwrap();
    let client = Program::start("hello_client", &[endpoint.as_str(), "2"]);
    for reply in ["more than ten bytes", "few"] {
        assert_eq!(responder.recv().unwrap(), "Hello");
        responder.send(reply).unwrap();
    }
    assert_eq!(after(&client.success(), "Received "), ["more than  0", "few 1"]);
}

#[test]
fn cpp_client_gets_its_reply_from_cpp_server() {
    let endpoint = free_endpoint();
    let mut server = Program::start("cpp_server", &[&endpoint]);
    let lines = Program::start("cpp_client", &[&endpoint]).success();
    assert_eq!(lines, ["Received: Server response"]);
    server.wait_for("Received: Client request");
}

#[test]
fn balanced_client_may_start_before_its_two_servers() {
    let endpoints = free_addresses::<2>().map(|address| format!("tcp://{address}"));
    // An endpoint that cannot be connected is reported and skipped.
    let mut client = Program::start("balanced_client", &["tcp://*:1", &endpoints[0], &endpoints[1]]);
    client.wait_for("Send hello_0 to server.");
    let mut servers =
        endpoints.each_ref().map(|endpoint| Program::start("balanced_server", &[endpoint, "0"]));

    let lines = client.success();
    assert_eq!(after(&lines, "connect server "), ["tcp://*:1 failed."]);
    assert_eq!(after(&lines, "Received "), ["World."; 50]);

    let mut requests = Vec::new();
    for server in &mut servers {
        server.wait_for("send world to client with count=24.");
    }
    for server in servers {
        let lines = server.kill();
        let served: Vec<u32> =
            after(&lines, "hello_").iter().map(|line| line.trim_end_matches('.').parse().unwrap()).collect();
        assert_eq!(served.len(), 25);
        assert!(served.iter().all(|number| number % 2 == served[0] % 2), "in turn: {served:?}");
        requests.extend(served);
    }
    requests.sort_unstable();
    assert_eq!(requests, Vec::from_iter(0..50));
}

#[test]
fn balanced_server_reports_a_port_in_use() {
    let context = Context::new().unwrap();
    let occupant = context.socket(Rep).unwrap();
    let endpoint = occupant.bind("tcp://127.0.0.1:*").unwrap();
    let text = context.socket(Rep).unwrap().bind(&endpoint).unwrap_err().strerror();

    let (status, lines) = Program::start("balanced_server", &[endpoint.as_str()]).end();
    assert!(!status.success());
    assert_eq!(lines, [format!("Error occurred during zmq_bind(): {text}")]);
}

#[test]
fn router_server_replies_to_each_dealer_client() {
    let endpoint = free_endpoint();
    let server = Program::start("router_server", &[&endpoint]);
    assert_eq!(Program::start("dealer_client", &[&endpoint]).success(), ["Reply: ACK"]);
    assert_eq!(Program::start("dealer_client", &[&endpoint]).success(), ["Reply: ACK"]);
    let lines = server.kill();
    let ids: Vec<&str> = lines.iter().filter_map(|line| line.strip_suffix(": Hello ROUTER")).collect();
    assert_eq!(ids.len(), 2, "{lines:?}");
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn async_router_gives_each_dealer_client_its_own_reply() {
    let endpoint = free_endpoint();
    let _server = Program::start("async_router", &[&endpoint, "500"]);
    let clients = ["one", "two"].map(|content| Program::start("dealer_client", &[&endpoint, content]));
    assert_eq!(clients.map(Program::success), [["Reply: Reply to one"], ["Reply: Reply to two"]]);
}

#[test]
fn async_router_answers_out_of_order() {
    let endpoint = free_endpoint();
    let mut server = Program::start("async_router", &[&endpoint, "500"]);
    let context = Context::new().unwrap();
    let dealer = context.socket(Dealer).unwrap();
    dealer.set_recv_timeout(PATIENCE).unwrap();
    dealer.connect(&endpoint).unwrap();
    for content in ["first", "second", "third"] {
        dealer.send_multipart(["", content]).unwrap();
    }
    server.wait_for("Collected 3");
    for content in ["third", "second", "first"] {
        assert_eq!(dealer.recv_multipart().unwrap(), ["", &format!("Reply to {content}")]);
    }
}

#[test]
fn multipart_meta_prints_both_frames() {
    assert_eq!(run("multipart_meta"), ["Meta: META:userid=1234", "Body: Hello World"]);
}

#[test]
fn requester_gives_each_thread_its_own_replies() {
    let expected: Vec<String> =
        (0..8).map(|number| format!("thread {number}: 1000 replies, each to its own request")).collect();
    assert_eq!(run("requester"), expected);
}

#[test]
#[cfg(feature = "tokio")]
fn async_requester_gets_a_reply_to_every_request() {
    assert_eq!(run("async_requester"), ["100 tasks: 10000 replies, 0 requests without a reply"]);
}

#[test]
fn worker_queue_serves_every_request() {
    let lines = run("worker_queue");
    assert_eq!(lines.last().unwrap(), "queue: 12 requests served");
    for client in ["client-1", "client-2", "client-3"] {
        let received = after(&lines, &format!("{client}: "));
        for number in 1..=4 {
            let task = format!("task {number} of {client} done by worker-");
            assert_eq!(received.iter().filter(|line| line.starts_with(&task)).count(), 1, "{lines:#?}");
        }
        assert_eq!(received.contains(&"for you alone"), client == "client-2", "{lines:#?}");
        assert_eq!(received.last(), Some(&"goodbye"));
    }
}

#[test]
fn pub_sub_delivers_each_topic_to_its_subscriber() {
    let lines = run("pub_sub");
    assert_eq!(after(&lines, "Subscriber to news: "), ["A comet was seen", "The comet has gone", "end"]);
    assert_eq!(after(&lines, "Subscriber to sport: "), ["The home team won", "end"]);
    assert_eq!(lines.len(), 5);
}

#[test]
fn xpub_last_value_cache_sends_the_latest_values() {
    let lines = run("xpub_last_value_cache");
    let expected = [
        "at once: weather is sunny",
        "at once: weather is sunny",
        "at once: traffic is dense",
        "later: traffic is light",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn push_pull_distributes_the_tasks_evenly() {
    let lines = run("push_pull");
    for worker in ["Worker 1", "Worker 2"] {
        assert_eq!(after(&lines, &format!("{worker}: ")).len(), 5);
        assert_eq!(after(&lines, worker).last(), Some(&" did 5 tasks"));
    }
}

#[test]
fn pair_exchanges_messages_in_both_directions() {
    assert_eq!(run("pair"), ["Main received: Ready", "Thread received: Go", "Main received: Done"]);
}

#[test]
fn transports_prints_every_transport() {
    let lines = run("transports");
    for transport in ["tcp", "inproc", "ipc", "ws", "pgm", "epgm"] {
        let exchanged = lines.iter().any(|line| line.starts_with(&format!("{transport}://")));
        let skipped = lines.iter().any(|line| line.starts_with(&format!("Skipped {transport}://")));
        assert!(exchanged != skipped, "{transport} in {lines:#?}");
        match transport {
            "tcp" | "inproc" => assert!(exchanged),
            "ipc" => assert_eq!(exchanged, zmq::has(zmq::Feature::Ipc)),
            "ws" => assert_eq!(exchanged, zmq::has(zmq::Feature::Ws)),
            _ => {}
        }
    }
}

#[test]
fn reconnect_exchanges_messages_with_both_servers() {
    let expected = [
        "Server received: Hello before",
        "Client received: World before",
        "Server killed",
        "Server started again",
        "Server received: Hello after",
        "Client received: World after",
    ];
    assert_eq!(run("reconnect"), expected);
}

#[test]
fn queueing_refuses_the_sixth_message_and_loses_none() {
    let lines = run("queueing");
    assert_eq!(lines.iter().filter(|line| line.starts_with("Queued")).count(), 5);
    assert_eq!(
        lines.iter().filter(|line| line.contains("high-water mark: message 6 refused")).count(),
        1,
        "{lines:#?}"
    );
    let received = ["message 1", "message 2", "message 3", "message 4", "message 5", "message 6", "end"];
    assert_eq!(after(&lines, "Received "), received);
}

#[test]
fn raw_tcp_server_echoes_to_tcp_clients() {
    let [address] = free_addresses();
    let mut server = Program::start("raw_tcp_server", &[&format!("tcp://{address}")]);
    let deadline = Instant::now() + PATIENCE;
    for text in ["Hello", "Hello again"] {
        let mut client = loop {
            match TcpStream::connect(&address) {
                Ok(client) => break client,
                Err(error) => assert!(Instant::now() < deadline, "{error}"),
            }
            thread::yield_now();
        };
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        client.write_all(text.as_bytes()).unwrap();
        let mut echo = vec![0; text.len()];
        client.read_exact(&mut echo).unwrap();
        assert_eq!(echo, text.as_bytes());
    }
    while after(&server.lines, "Closed ").len() < 2 {
        assert!(server.next_line().is_some());
    }
    assert_eq!(after(&server.lines, "Accepted ").len(), 2);
}

/// Waits until the program has connected.
fn accept(listener: &TcpListener, program: &Program) -> TcpStream {
    listener.set_nonblocking(true).unwrap();
    loop {
        match listener.accept() {
            Ok((peer, _)) => {
                peer.set_nonblocking(false).unwrap();
                return peer;
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}"),
        }
        assert!(Instant::now() < program.deadline, "{} does not connect", program.name);
        thread::yield_now();
    }
}

#[test]
fn raw_tcp_client_receives_the_echo_of_a_tcp_server() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
    let client = Program::start("raw_tcp_client", &[&endpoint, "Hello, stream"]);
    let mut peer = accept(&listener, &client);
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut bytes = [0; 13];
    peer.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"Hello, stream");
    // In two pieces: the client joins them.
    peer.set_nodelay(true).unwrap();
    peer.write_all(&bytes[..5]).unwrap();
    peer.write_all(&bytes[5..]).unwrap();
    // The client closes its side when it has received all bytes.
    assert_eq!(peer.read(&mut bytes).unwrap(), 0);
    assert_eq!(client.success(), ["Received Hello, stream"]);
}

#[test]
fn poll_two_sockets_receives_from_both_sockets() {
    let lines = run("poll_two_sockets");
    for sender in ["Task: ", "Weather: "] {
        assert_eq!(after(&lines, sender), ["update 1", "update 2", "update 3"]);
    }
}

#[test]
fn poll_socket_and_fd_receives_messages_and_datagrams() {
    let lines = run("poll_socket_and_fd");
    for sender in ["Message: ", "Datagram: "] {
        assert_eq!(after(&lines, sender), ["number 1", "number 2", "number 3"]);
    }
}

#[test]
#[cfg(zmq_draft)]
fn client_server_answers_every_question() {
    let mut replies = run("client_server");
    replies.sort_unstable();
    let expected = ["first", "second"].map(|which| {
        [1, 2, 3].map(|thread| format!("Reply: answer to the {which} question of thread {thread}"))
    });
    assert_eq!(replies, expected.concat());
}

#[test]
#[cfg(zmq_draft)]
fn radio_dish_delivers_each_group_to_its_members() {
    let lines = run("radio_dish");
    let expected = [
        "Farmer received from weather: Wind from the west",
        "Farmer received from weather: Rain in the evening",
        "Sailor received from weather: Wind from the west",
        "Sailor received from tides: High water at noon",
        "Sailor received from weather: Rain in the evening",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn wake_poll_reports_its_task_and_stops() {
    assert_eq!(run("wake_poll"), ["Worker: a task", "Report: 1 task done", "Stopped"]);
}

#[test]
fn poller_loop_serves_every_client() {
    let lines = run("poller_loop");
    for client in ["client 0: ", "client 1: ", "client 2: "] {
        assert_eq!(after(&lines, client), ["first", "second", "goodbye"]);
    }
    assert_eq!(lines.last().unwrap(), "all 3 clients have left");
}

#[test]
fn proxy_steerable_pauses_resumes_and_ends() {
    let expected = [
        "Running: received one",
        "Paused: nothing arrives",
        "Resumed: received two",
        "Ended: 2 messages in, 2 out, 6 bytes, 0 left over",
    ];
    assert_eq!(run("proxy_steerable"), expected);
}

#[test]
fn timers_detects_that_the_peer_is_gone() {
    let expected = ["The peer is alive", "The peer is alive", "The peer is alive", "The peer is gone"];
    assert_eq!(run("timers"), expected);
}

#[test]
fn plain_auth_accepts_only_the_right_password() {
    assert_eq!(run("plain_auth"), ["admin says Hello", "guest was turned away"]);
}

#[test]
fn authenticator_applies_each_rule() {
    let expected = [
        "without rules: let in as \"\"",
        "denied: turned away",
        "no longer denied: let in as \"\"",
        "right password: let in as \"alice\"",
        "wrong password: turned away",
    ];
    assert_eq!(run("authenticator"), expected);
}

#[cfg(zmq_curve)]
#[test]
fn curve_server_accepts_curve_client() {
    let directory = temporary("curve");
    let endpoint = free_endpoint();
    for client in 0..2 {
        let mut server = Program::start("curve_server", &[&endpoint, &directory]);
        let key = server.next_line().unwrap().to_owned();
        let lines = Program::start("curve_client", &[&endpoint, &directory]).success();
        assert_eq!(lines, ["Received World"], "client {client}");
        let lines = server.success();
        assert_eq!(lines, [&key, "Received Hello from a client of the example"]);
    }
    std::fs::remove_dir_all(directory).unwrap();
}

#[cfg(zmq_curve)]
#[test]
fn certificates_saves_and_prints_a_certificate() {
    let directory = temporary("certificates");
    std::fs::create_dir_all(&directory).unwrap();
    let file = format!("{directory}/mine.key");
    let lines = Program::start("certificates", &[&file, "email=me@example.com"]).success();
    assert_eq!(lines, [format!("{file}: for your peers"), format!("{file}_secret: for you alone")]);
    let lines = Program::start("certificates", &[&file]).success();
    assert!(lines[0].starts_with("public key: "), "{lines:?}");
    assert_eq!(lines[1..], ["email: me@example.com"]);
    std::fs::remove_dir_all(directory).unwrap();
}

/// A directory for this run, not created yet.
#[cfg(zmq_curve)]
fn temporary(name: &str) -> String {
    let path = std::env::temp_dir().join(format!("zmq-example-{name}-{}", std::process::id()));
    path.into_os_string().into_string().unwrap()
}

#[cfg(feature = "tokio")]
#[test]
fn async_broker_answers_every_question() {
    let mut lines = run("async_broker");
    let mut expected: Vec<String> =
        (1..=10).map(|number| format!("The square of {number} is {}", number * number)).collect();
    // The order depends on the machine.
    lines.sort_unstable();
    expected.sort_unstable();
    assert_eq!(lines, expected);
}

#[cfg(feature = "tokio")]
#[test]
fn async_hello_world_exchanges_ten_messages() {
    exchanges_ten_messages("async_hello_world");
}

#[cfg(feature = "smol")]
#[test]
fn smol_hello_world_exchanges_ten_messages() {
    exchanges_ten_messages("smol_hello_world");
}

#[cfg(any(feature = "smol", feature = "tokio"))]
fn exchanges_ten_messages(name: &'static str) {
    let lines = run(name);
    let numbers: Vec<String> = (0..10).map(|number| number.to_string()).collect();
    assert_eq!(after(&lines, "Received World "), numbers);
    assert_eq!(lines.iter().filter(|line| *line == "Received Hello").count(), 10);
}

#[cfg(feature = "tokio")]
#[test]
fn async_pipeline_sums_all_squares() {
    sums_all_squares("async_pipeline");
}

#[cfg(feature = "smol")]
#[test]
fn smol_pipeline_sums_all_squares() {
    sums_all_squares("smol_pipeline");
}

#[cfg(any(feature = "smol", feature = "tokio"))]
fn sums_all_squares(name: &'static str) {
    let lines = run(name);
    let mut numbers: Vec<u32> = [1, 2, 3]
        .iter()
        .flat_map(|worker| after(&lines, &format!("Worker {worker}: ")))
        .map(|number| number.parse().unwrap())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, Vec::from_iter(1..=12));
    assert_eq!(lines.last().unwrap(), "The sum of the squares is 650");
}

#[cfg(all(feature = "futures", feature = "tokio"))]
#[test]
fn async_pub_sub_prints_three_temperatures_of_each_city() {
    let lines = run("async_pub_sub");
    for city in ["Lima", "Oslo"] {
        assert_eq!(after(&lines, &format!("{city}: ")), ["20 °C", "21 °C", "22 °C"]);
    }
    assert_eq!(lines.len(), 6);
}

// On Windows, Ctrl-C reaches all programs of a console.
#[cfg(all(feature = "tokio", unix))]
#[test]
fn async_shutdown_answers_and_ends_at_ctrl_c() {
    let mut server = Program::start("async_shutdown", &["tcp://127.0.0.1:*"]);
    let endpoint = server.next_line().unwrap().strip_prefix("Serving at ").unwrap().to_owned();
    let lines = Program::start("hello_client", &[&endpoint, "3"]).success();
    assert_eq!(after(&lines, "Received World "), ["0", "1", "2"]);
    let id = server.child.id().try_into().unwrap();
    // SAFETY: takes two numbers; the child is alive, because nobody has waited for it.
    assert_eq!(unsafe { libc::kill(id, libc::SIGINT) }, 0);
    let lines = server.success();
    assert_eq!(
        lines[1..],
        ["Received Hello", "Received Hello", "Received Hello", "Interrupted", "All replies are sent"]
    );
}
