//! A Kerberos realm that exists as long as a test program: a database, key files, and a KDC on the loopback interface.
//!
//! It needs the programs of MIT Kerberos (on Debian `krb5-kdc` and `krb5-admin-server`), but no privileges and no
//! configuration of the system. Kerberos reads its configuration from the environment, so each test runs in its own
//! process.

use std::io::Write;
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::{env, fs, io, thread};

use super::common::{Directory, eventually, free_endpoint};

const NAME: &str = "ZMQ.TEST";

/// The environment variable with the name of the test that a process was started for.
const ROLE: &str = "ZMQ_TEST_GSSAPI_CHILD";

/// The environment variable with the directory of the realm's files.
const FILES: &str = "ZMQ_TEST_GSSAPI_FILES";

/// The principals, and the files with their keys. `elsewhere` is a service of another server.
const PRINCIPALS: [(&str, &[&str]); 5] = [
    ("zmq/localhost", &["server"]),
    ("server", &["server"]),
    ("elsewhere/localhost", &[]),
    ("alice", &["clients"]),
    ("bob", &["clients"]),
];

struct Realm {
    kdc: Child,
    directory: Directory,
}

/// The path of a realm's file.
fn file(directory: &Path, name: &str) -> String {
    directory.join(name).display().to_string()
}

/// One of the programs of Kerberos, which may be in a directory for administrators.
fn program(name: &str, configuration: &Path) -> Command {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    let found = folders.map(|folder| folder.join(name)).find(|path| path.is_file());
    let mut command = Command::new(found.unwrap_or_else(|| {
        panic!("there is no {name}: this test needs the packages krb5-kdc and krb5-admin-server")
    }));
    command.env("KRB5_CONFIG", configuration.join("krb5.conf"));
    command.env("KRB5_KDC_PROFILE", configuration.join("kdc.conf"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a program with these lines as its input.
fn run(command: &mut Command, lines: &str) {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
}

impl Realm {
    fn new() -> Realm {
        let directory = Directory::new();
        let at = directory.path("");
        let address = free_endpoint().strip_prefix("tcp://").unwrap().to_owned();
        fs::write(
            at.join("krb5.conf"),
            // Over TCP, which needs no retries. The tests do not depend on what the name servers know about this
            // machine.
            format!(
                "[libdefaults]\n default_realm = {NAME}\n udp_preference_limit = 1\n dns_lookup_kdc = false\n \
                 dns_lookup_realm = false\n dns_canonicalize_hostname = false\n rdns = false\n\
                 [realms]\n {NAME} = {{\n  kdc = {address}\n }}\n\
                 [domain_realm]\n localhost = {NAME}\n"
            ),
        )
        .unwrap();
        fs::write(
            at.join("kdc.conf"),
            format!(
                "[kdcdefaults]\n kdc_listen = {address}\n kdc_tcp_listen = {address}\n\
                 [realms]\n {NAME} = {{\n  database_name = {}\n  key_stash_file = {}\n  \
                 supported_enctypes = aes256-cts-hmac-sha1-96:normal\n }}\n\
                 [logging]\n kdc = FILE:{}\n",
                file(&at, "principal"),
                file(&at, "stash"),
                file(&at, "kdc.log"),
            ),
        )
        .unwrap();
        run(program("kdb5_util", &at).args(["-r", NAME, "create", "-s", "-P", "of the database"]), "");
        let mut lines = String::new();
        for (name, keytabs) in PRINCIPALS {
            lines.push_str(&format!("addprinc -randkey {name}\n"));
            for keytab in keytabs {
                lines.push_str(&format!("ktadd -norandkey -k {} {name}\n", file(&at, keytab)));
            }
        }
        run(program("kadmin.local", &at).args(["-r", NAME]), &lines);
        for keytab in PRINCIPALS.iter().flat_map(|(_, keytabs)| *keytabs) {
            assert!(at.join(keytab).is_file(), "kadmin.local wrote no {keytab}");
        }
        let mut kdc = program("krb5kdc", &at);
        kdc.arg("-n");
        let mut kdc = start(kdc);
        eventually("the KDC answers", || {
            let ended = kdc.try_wait().unwrap();
            let log = || fs::read_to_string(at.join("kdc.log")).unwrap_or_default();
            assert!(ended.is_none(), "the KDC ended: {}", log());
            TcpStream::connect(&address).ok()
        });
        Realm { kdc, directory }
    }
}

/// Starts a process that ends with this process, even if this one is killed.
fn start(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // SAFETY: between fork and exec, only one system call is made.
    unsafe { command.pre_exec(end_with_parent) };
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        send.send(command.spawn()).unwrap();
        // To the system, the end of this thread counts as the end of the process.
        loop {
            thread::park();
        }
    });
    receive.recv().unwrap().unwrap()
}

fn end_with_parent() -> io::Result<()> {
    // SAFETY: takes numbers.
    let result = unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

static REALM: Mutex<Option<Realm>> = Mutex::new(None);

/// Called after all tests.
extern "C" fn clean_up() {
    if let Some(mut realm) = REALM.lock().unwrap_or_else(PoisonError::into_inner).take() {
        let _ = realm.kdc.kill();
        let _ = realm.kdc.wait();
    }
}

/// The directory with the files of the realm. All tests of a program share it.
fn directory() -> PathBuf {
    let mut realm = REALM.lock().unwrap_or_else(PoisonError::into_inner);
    let realm = realm.get_or_insert_with(|| {
        // SAFETY: a function that takes nothing and never unwinds.
        unsafe { libc::atexit(clean_up) };
        Realm::new()
    });
    realm.directory.path("")
}

/// Runs the rest of a test in a child process, where `zmq/localhost` and `server` accept tickets, and `alice` and `bob`
/// can get some; or the principals whose keys are in two other files. In the parent process, the test ends here.
macro_rules! in_realm {
    () => {
        in_realm!("server", "clients")
    };
    ($servers:literal, $clients:literal) => {
        fn here() {}
        if !$crate::realm::is_inside(std::any::type_name_of_val(&here), $servers, $clients) {
            return;
        }
    };
}
pub(crate) use in_realm;

/// Whether this is the child process of a test, which is named by a function within it. If not, a child process is
/// started, and has ended on return.
pub(crate) fn is_inside(within_test: &str, servers: &str, clients: &str) -> bool {
    // Without the name of the program and of the inner function.
    let (_, test) = within_test.split_once("::").unwrap();
    let (test, _) = test.rsplit_once("::").unwrap();
    if env::var(ROLE).is_ok_and(|role| role == test) {
        return true;
    }
    let directory = directory();
    let files = |name: &str| format!("FILE:{}", file(&directory, name));
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(ROLE, test)
        .env(FILES, &directory)
        .env("KRB5_CONFIG", file(&directory, "krb5.conf"))
        .env("KRB5_KTNAME", files(servers))
        .env("KRB5_CLIENT_KTNAME", files(clients))
        // A directory can have tickets of several principals.
        .env(
            "KRB5CCNAME",
            format!("DIR:{}", file(&directory, &format!("tickets-{}", test.replace("::", "-")))),
        )
        .env("KRB5RCACHEDIR", &directory)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{test}: {}\n{said}\n{errors}", output.status);
    assert!(said.contains("1 passed"), "the process ran no test: {said}");
    print!("{said}");
    false
}

/// A file of the realm, for a test in a child process.
pub(crate) fn realm_file(name: &str) -> PathBuf {
    PathBuf::from(env::var_os(FILES).unwrap()).join(name)
}
