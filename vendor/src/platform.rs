//! Writes the features of the target to libzmq's `platform.hpp`.
//!
//! libzmq's CMake build determines the same features. Without its macro, a feature is silently missing. Two macros are
//! left out on purpose, although systems have the features. With `ZMQ_HAVE_PPOLL`, libzmq overruns a fixed array for
//! descriptors above 1023; our `ZMQ_HAVE_PPOLL_CALL` replaces it. With `ZMQ_HAVE_SO_PRIORITY`, an option value for which
//! the process lacks the permission ends the process.

use crate::probe::{Probe, Prober};
use crate::{Build, Error, env};

/// The system for which libzmq is compiled, which may differ from the system that compiles it.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The name that Rust gives the target, such as `x86_64-unknown-linux-gnu`.
    pub(crate) name: String,
    /// Whether the system that compiles is another one.
    pub(crate) is_foreign: bool,
    os: String,
    env: String,
    arch: String,
    vendor: String,
    width: String,
    endian: String,
    unix: bool,
}

impl Target {
    pub(crate) fn from_env() -> Result<Self, Error> {
        let name = env("TARGET")?;
        Ok(Self {
            is_foreign: env("HOST")? != name,
            name,
            os: env("CARGO_CFG_TARGET_OS")?,
            env: env("CARGO_CFG_TARGET_ENV").unwrap_or_default(),
            arch: env("CARGO_CFG_TARGET_ARCH")?,
            vendor: env("CARGO_CFG_TARGET_VENDOR").unwrap_or_default(),
            width: env("CARGO_CFG_TARGET_POINTER_WIDTH")?,
            endian: env("CARGO_CFG_TARGET_ENDIAN")?,
            unix: env("CARGO_CFG_UNIX").is_ok(),
        })
    }

    pub(crate) fn is_windows(&self) -> bool {
        self.os == "windows"
    }

    pub(crate) fn is_msvc(&self) -> bool {
        self.env == "msvc"
    }

    fn is_uwp(&self) -> bool {
        self.is_windows() && self.vendor == "uwp"
    }

    /// Windows has no epoll. libzmq contains an imitation, which UWP apps may not use.
    pub(crate) fn uses_wepoll(&self) -> bool {
        self.is_windows() && !self.is_uwp()
    }

    /// Returns C code that does not compile if the compiler compiles for another platform.
    pub(crate) fn test_of_compiler(&self) -> String {
        let system = match self.os.as_str() {
            "linux" => "__linux__",
            "android" => "__ANDROID__",
            "macos" | "ios" | "tvos" | "watchos" | "visionos" => "__APPLE__",
            "windows" => "_WIN32",
            "freebsd" => "__FreeBSD__",
            "dragonfly" => "__DragonFly__",
            "netbsd" => "__NetBSD__",
            "openbsd" => "__OpenBSD__",
            "solaris" | "illumos" => "__sun",
            _ => "",
        };
        // The names of Visual C++ are the second ones.
        let processor: &[&str] = match self.arch.as_str() {
            "x86_64" => &["__x86_64__", "_M_X64"],
            "x86" => &["__i386__", "_M_IX86"],
            "aarch64" => &["__aarch64__", "_M_ARM64"],
            "arm" => &["__arm__", "_M_ARM"],
            "s390x" => &["__s390x__"],
            "riscv32" | "riscv64" => &["__riscv"],
            "powerpc" | "powerpc64" => &["__powerpc__", "__ppc__", "__PPC__"],
            "mips" | "mips64" => &["__mips__"],
            "loongarch64" => &["__loongarch64"],
            _ => &[],
        };
        let mut others = Vec::new();
        if !system.is_empty() {
            others.push(format!("!defined {system}"));
        }
        if !processor.is_empty() {
            others.push(
                processor.iter().map(|name| format!("!defined {name}")).collect::<Vec<_>>().join(" && "),
            );
        }
        // A processor can have several sizes of pointers and orders of bytes.
        others.push(format!("defined __SIZEOF_POINTER__ && __SIZEOF_POINTER__ * 8 != {}", self.width));
        let order = format!("__ORDER_{}_ENDIAN__", self.endian.to_uppercase());
        others.push(format!("defined __BYTE_ORDER__ && __BYTE_ORDER__ != {order}"));
        others.iter().map(|other| format!("#if {other}\n#error another platform\n#endif\n")).collect()
    }

    /// Returns whether the target's packages have the names of Debian's compilers for other platforms.
    pub(crate) fn is_gnu_linux(&self) -> bool {
        self.os == "linux" && self.env.starts_with("gnu")
    }

    /// The macros that must be on the command line, because system headers read them.
    pub(crate) fn defines(&self) -> Vec<(&'static str, Option<&'static str>)> {
        let mut defines = vec![("_REENTRANT", None), ("_THREAD_SAFE", None)];
        match self.os.as_str() {
            "linux" | "android" | "hurd" | "cygwin" => defines.push(("_GNU_SOURCE", None)),
            "freebsd" | "dragonfly" => defines.push(("__BSD_VISIBLE", None)),
            "netbsd" => defines.push(("_NETBSD_SOURCE", None)),
            "openbsd" => defines.push(("_OPENBSD_SOURCE", None)),
            "solaris" | "illumos" => defines.push(("_PTHREADS", None)),
            "macos" | "ios" | "tvos" | "watchos" | "visionos" => defines.push(("_DARWIN_C_SOURCE", None)),
            // Windows 7, the oldest version for which Rust still has a target.
            "windows" => defines.push(("_WIN32_WINNT", Some("0x0601"))),
            _ => {}
        }
        defines
    }

    pub(crate) fn system_libs(&self) -> Vec<&'static str> {
        match self.os.as_str() {
            "windows" => vec!["ws2_32", "rpcrt4", "iphlpapi", "advapi32"],
            "solaris" | "illumos" => vec!["socket", "nsl"],
            _ => Vec::new(),
        }
    }

    /// The size of a cache line of the target, which may differ from that of the machine that compiles.
    fn cache_line(&self) -> u32 {
        match self.arch.as_str() {
            "aarch64" if self.vendor == "apple" => 128,
            "powerpc64" => 128,
            "s390x" => 256,
            _ => 64,
        }
    }
}

const fn probe(define: &'static str, headers: &'static str, body: &'static str) -> Probe {
    Probe { define, headers, body }
}

/// The ways in which I/O threads can wait. The first one that compiles is used.
const POLLERS: [Probe; 5] = [
    probe("ZMQ_IOTHREAD_POLLER_USE_KQUEUE", "sys/types.h sys/event.h sys/time.h", "(void) kqueue ();"),
    probe("ZMQ_IOTHREAD_POLLER_USE_EPOLL", "sys/epoll.h", "(void) epoll_create (1);"),
    probe("ZMQ_IOTHREAD_POLLER_USE_DEVPOLL", "sys/devpoll.h", "dvpoll_t request; (void) request;"),
    probe("ZMQ_IOTHREAD_POLLER_USE_POLLSET", "sys/pollset.h", "(void) pollset_create (-1);"),
    probe("ZMQ_IOTHREAD_POLLER_USE_POLL", "poll.h", "(void) poll (0, 0, 0);"),
];

const SOCKET: &str = "sys/types.h sys/socket.h netinet/in.h netinet/tcp.h";

/// All other features that a Unix may have.
const UNIX: [Probe; 32] = [
    probe("ZMQ_IOTHREAD_POLLER_USE_EPOLL_CLOEXEC", "sys/epoll.h", "(void) epoll_create1 (EPOLL_CLOEXEC);"),
    probe("HAVE_POSIX_MEMALIGN", "stdlib.h", "void *p; (void) !posix_memalign (&p, 64, 64);"),
    probe("HAVE_FORK", "sys/types.h unistd.h", "(void) fork ();"),
    probe("HAVE_CLOCK_GETTIME", "time.h", "timespec t; clock_gettime (CLOCK_MONOTONIC, &t);"),
    probe("HAVE_GETHRTIME", "sys/time.h", "(void) gethrtime ();"),
    probe("HAVE_MKDTEMP", "stdlib.h unistd.h", "char name[] = \"XXXXXX\"; (void) mkdtemp (name);"),
    probe("ZMQ_HAVE_UIO", "sys/types.h sys/uio.h", "iovec v; (void) v;"),
    probe("ZMQ_HAVE_NOEXCEPT", "stddef.h", "struct t { void f () noexcept; };"),
    probe("ZMQ_HAVE_EVENTFD", "sys/eventfd.h", "(void) eventfd (0, 0);"),
    probe("ZMQ_HAVE_EVENTFD_CLOEXEC", "sys/eventfd.h", "(void) eventfd (0, EFD_CLOEXEC);"),
    probe("ZMQ_HAVE_IFADDRS", "sys/types.h ifaddrs.h", "ifaddrs *a; (void) getifaddrs (&a);"),
    probe("ZMQ_HAVE_SO_BINDTODEVICE", SOCKET, "(void) SO_BINDTODEVICE;"),
    probe("ZMQ_HAVE_SO_PEERCRED", SOCKET, "(void) SO_PEERCRED;"),
    probe("ZMQ_HAVE_BUSY_POLL", SOCKET, "(void) SO_BUSY_POLL;"),
    probe(
        "ZMQ_HAVE_LOCAL_PEERCRED",
        "sys/types.h sys/socket.h sys/un.h sys/ucred.h",
        "xucred c; (void) c; (void) LOCAL_PEERCRED;",
    ),
    probe("ZMQ_HAVE_PPOLL_CALL", "poll.h signal.h time.h", "(void) ppoll (0, 0, 0, 0);"),
    probe("ZMQ_HAVE_O_CLOEXEC", "fcntl.h", "(void) O_CLOEXEC;"),
    probe("ZMQ_HAVE_SOCK_CLOEXEC", SOCKET, "(void) SOCK_CLOEXEC;"),
    probe("HAVE_ACCEPT4", SOCKET, "(void) accept4 (0, 0, 0, SOCK_CLOEXEC);"),
    probe("ZMQ_HAVE_SO_KEEPALIVE", SOCKET, "(void) SO_KEEPALIVE;"),
    probe("ZMQ_HAVE_TCP_KEEPCNT", SOCKET, "(void) TCP_KEEPCNT;"),
    probe("ZMQ_HAVE_TCP_KEEPIDLE", SOCKET, "(void) TCP_KEEPIDLE;"),
    probe("ZMQ_HAVE_TCP_KEEPINTVL", SOCKET, "(void) TCP_KEEPINTVL;"),
    probe("ZMQ_HAVE_TCP_KEEPALIVE", SOCKET, "(void) TCP_KEEPALIVE;"),
    probe("ZMQ_HAVE_PTHREAD_SETNAME_1", "pthread.h", "pthread_setname_np (\"name\");"),
    probe("ZMQ_HAVE_PTHREAD_SETNAME_2", "pthread.h", "pthread_setname_np (pthread_self (), \"name\");"),
    probe(
        "ZMQ_HAVE_PTHREAD_SETNAME_3",
        "pthread.h",
        "pthread_setname_np (pthread_self (), \"name\", (void *) 0);",
    ),
    probe(
        "ZMQ_HAVE_PTHREAD_SET_NAME",
        "pthread.h pthread_np.h",
        "pthread_set_name_np (pthread_self (), \"name\");",
    ),
    probe(
        "ZMQ_HAVE_PTHREAD_SET_AFFINITY",
        "pthread.h sched.h",
        "cpu_set_t set; CPU_ZERO (&set); pthread_setaffinity_np (pthread_self (), sizeof set, &set);",
    ),
    probe("HAVE_STRNLEN", "string.h", "(void) strnlen (\"\", 1);"),
    probe("ZMQ_HAVE_STRLCPY", "string.h", "char to[1]; strlcpy (to, \"\", 1);"),
    probe("HAVE_IF_NAMETOINDEX", "sys/types.h sys/socket.h net/if.h", "(void) if_nametoindex (\"lo\");"),
];

const TIPC: Probe = probe(
    "ZMQ_HAVE_TIPC",
    "sys/socket.h linux/tipc.h",
    "sockaddr_tipc a; a.family = AF_TIPC; (void) tipc_addr (0, 0, 0); (void) TIPC_TOP_SRV;",
);

const WINDOWS_IPC: Probe = probe("ZMQ_HAVE_IPC", "winsock2.h afunix.h", "sockaddr_un a; (void) a.sun_path;");

const WINDOWS_IF_NAMETOINDEX: Probe =
    probe("HAVE_IF_NAMETOINDEX", "winsock2.h iphlpapi.h", "(void) if_nametoindex (\"lo\");");

/// Returns the text of `platform.hpp` for this target.
pub(crate) fn header(target: &Target, options: &Build) -> Result<String, Error> {
    if !target.is_windows() && !target.unix {
        return Err(Error::new(format!(
            "libzmq does not run on {}: it needs the sockets and threads of a Unix or of Windows",
            target.os
        )));
    }
    let prober = Prober::new(target)?;
    let mut defines = vec!["ZMQ_USE_CV_IMPL_STL11", "ZMQ_USE_BUILTIN_SHA1", "ZMQ_HAVE_WS"];
    if target.is_windows() {
        windows(target, &prober, &mut defines);
    } else {
        unix(target, &prober, &mut defines)?;
    }
    // As in libzmq's CMake build, where the radix tree belongs to the draft API.
    if options.draft {
        defines.push("ZMQ_USE_RADIX_TREE");
    }
    if options.curve.is_some() {
        defines.extend(["ZMQ_HAVE_CURVE", "ZMQ_USE_LIBSODIUM", "SODIUM_STATIC"]);
    }
    for &(addition, _) in &options.additions {
        defines.extend(addition.defines());
    }
    let mut text =
        String::from("#ifndef __ZMQ_PLATFORM_HPP_INCLUDED__\n#define __ZMQ_PLATFORM_HPP_INCLUDED__\n\n");
    for define in defines {
        text.push_str(&format!("#define {define} 1\n"));
    }
    text.push_str(&format!("#define ZMQ_CACHELINE_SIZE {}\n\n#endif\n", target.cache_line()));
    Ok(text)
}

fn unix(target: &Target, prober: &Prober<'_>, defines: &mut Vec<&'static str>) -> Result<(), Error> {
    let Some(poller) = POLLERS.iter().find(|poller| prober.has(poller)) else {
        return Err(Error::new(format!(
            "none of kqueue, epoll, /dev/poll, pollset and poll compiles for {}: libzmq cannot wait for anything there",
            target.os
        )));
    };
    defines.extend([poller.define, "ZMQ_POLL_BASED_ON_POLL", "ZMQ_HAVE_IPC", "ZMQ_HAVE_STRUCT_SOCKADDR_UN"]);
    let epoll = poller.define == "ZMQ_IOTHREAD_POLLER_USE_EPOLL";
    for probe in UNIX.iter().filter(|probe| epoll || !probe.define.contains("EPOLL")) {
        if prober.has(probe) {
            defines.push(probe.define);
        }
    }
    defines.extend(match target.os.as_str() {
        "linux" => &["ZMQ_HAVE_LINUX"][..],
        "android" => &["ZMQ_HAVE_LINUX", "ZMQ_HAVE_ANDROID"],
        "macos" | "ios" | "tvos" | "watchos" | "visionos" => &["ZMQ_HAVE_OSX"],
        "freebsd" => &["ZMQ_HAVE_FREEBSD"],
        "dragonfly" => &["ZMQ_HAVE_FREEBSD", "ZMQ_HAVE_DRAGONFLY"],
        "netbsd" => &["ZMQ_HAVE_NETBSD"],
        "openbsd" => &["ZMQ_HAVE_OPENBSD"],
        "solaris" | "illumos" => &["ZMQ_HAVE_SOLARIS"],
        "aix" => &["ZMQ_HAVE_AIX"],
        "nto" => &["ZMQ_HAVE_QNXNTO"],
        _ => &[],
    });
    if target.os == "linux" && prober.has(&TIPC) {
        defines.push(TIPC.define);
    }
    Ok(())
}

fn windows(target: &Target, prober: &Prober<'_>, defines: &mut Vec<&'static str>) {
    defines.extend(["ZMQ_HAVE_WINDOWS", "ZMQ_HAVE_NOEXCEPT", "HAVE_STRNLEN"]);
    if target.is_uwp() {
        defines.extend([
            "ZMQ_HAVE_WINDOWS_UWP",
            "ZMQ_IOTHREAD_POLLER_USE_SELECT",
            "ZMQ_POLL_BASED_ON_SELECT",
        ]);
    } else {
        defines.extend(["ZMQ_IOTHREAD_POLLER_USE_EPOLL", "ZMQ_POLL_BASED_ON_POLL"]);
        // libzmq includes the header of `sockaddr_un` only with this compiler.
        if target.is_msvc() && prober.has(&WINDOWS_IPC) {
            defines.extend([WINDOWS_IPC.define, "ZMQ_HAVE_STRUCT_SOCKADDR_UN"]);
        }
    }
    if prober.has(&WINDOWS_IF_NAMETOINDEX) {
        defines.push(WINDOWS_IF_NAMETOINDEX.define);
    }
}
