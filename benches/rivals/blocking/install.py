"""Installs and compiles the programs of the comparison of blocking calls, in a folder of their own.

It needs Debian 12 on x86-64, a C++ compiler, cargo, Python with pip, and npm with Node.js. It changes nothing outside the folder,
except for the caches of these programs.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
RIVALS = HERE.parent
PYZMQ = "27.3.0"
ZEROMQ_JS = "6.8.0"
DEBIAN = ["cppzmq-dev=4.9.0-1", "libnng-dev=1.5.2-2", "libnng1=1.5.2-2", "libmbedcrypto7", "libmbedtls14", "libmbedx509-1"]
CRATES = ["end-zmq-0-10", "rival-monocoque", "rival-omq", "rival-rzmq", "rival-zmq-rs"]
DEFINES = ["-D_GNU_SOURCE", "-D_REENTRANT", "-D_THREAD_SAFE", "-DZMQ_STATIC", "-DZMQ_CUSTOM_PLATFORM_HPP", "-DNDEBUG"]


def run(command, quiet=False, **options):
    """Runs a command, and ends this program if it fails."""
    if not quiet:
        print("+", *command, file=sys.stderr)
    try:
        return subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True, **options).stdout
    except FileNotFoundError:
        sys.exit(f"install.py: '{command[0]}' is not installed")
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error.stdout}\ninstall.py: {error}")


def cargo(manifest, target, *arguments):
    """Compiles crates, with the versions of the lock file."""
    command = ["cargo", "build", "--release", "--locked", "--message-format", "json-render-diagnostics", "--manifest-path", manifest]
    return run([*command, *arguments], env={**os.environ, "CARGO_TARGET_DIR": str(target)})


def compiler(variable, default):
    """Returns the words of the command that runs a compiler."""
    return os.environ.get(variable, default).split()


def libzmq(folder, messages):
    """Compiles libzmq as released, from the source that the bundled one is made of. Returns its source."""
    metadata = run(["cargo", "metadata", "--locked", "--format-version", "1", "--manifest-path", HERE / "this_crate/Cargo.toml"])
    found = [package["manifest_path"] for package in json.loads(metadata)["packages"] if package["name"] == "zeromq-src"]
    source = Path(found[0]).parent / "vendor"
    scripts = [json.loads(line) for line in messages.splitlines() if '"build-script-executed"' in line]
    out = next(Path(script["out_dir"]) for script in scripts if "zmq-sys" in script["package_id"])
    platform = (out / "libzmq/src/platform.hpp").read_text()
    # No row encrypts, so the library needs no libsodium.
    platform = "".join(line for line in platform.splitlines(True) if not re.search("CURVE|SODIUM", line))
    for name, defines in {"released": [], "drafts": ["-DZMQ_BUILD_DRAFT_API"]}.items():
        built = folder / "libzmq" / name
        if (built / "libzmq.a").exists():
            continue
        built.mkdir(parents=True, exist_ok=True)
        (built / "platform.hpp").write_text(platform)
        flags = ["-O3", "-w", *DEFINES, *defines, f"-I{built}", f"-I{source}/include", f"-I{source}/src", "-c"]
        print(f"compiling libzmq as released into {built}", file=sys.stderr)
        commands = [[*compiler("CXX", "c++"), "-std=c++11", *flags, "-o", built / f"{file.stem}.o", file] for file in source.glob("src/*.cpp")]
        commands.append([*compiler("CC", "cc"), *flags, "-o", built / "sha1.o", source / "external/sha1/sha1.c"])
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda command: run(command, quiet=True), commands))
        run(["ar", "rc", built / "new.a", *built.glob("*.o")])
        (built / "new.a").rename(built / "libzmq.a")
    return source


def perf_programs(folder, source):
    """Compiles libzmq's own programs, which write each message once, as the other programs do."""
    built = folder / "perf"
    built.mkdir(exist_ok=True)
    (built / "written.hpp").write_text(
        "#include <cstring>\n#include <zmq.h>\n"
        "static inline int written_message (zmq_msg_t *msg_, size_t size_)\n{\n"
        "    int rc = zmq_msg_init_size (msg_, size_);\n"
        "    if (rc == 0)\n        memset (zmq_msg_data (msg_), 0, size_);\n    return rc;\n}\n"
        "#define zmq_msg_init_size written_message\n"
    )
    # The programs include files by paths such as `../include/zmq.h` and `../src/platform.hpp`.
    for link, aim in {"include": source / "include", "src": folder / "libzmq/released"}.items():
        (folder / link).unlink(missing_ok=True)
        (folder / link).symlink_to(aim)
    for program in ["local_thr", "remote_thr"]:
        shutil.copy(source / "perf" / f"{program}.cpp", built)
        flags = ["-O3", "-w", *DEFINES, f"-I{source}/include", f"-I{folder}/src", "-include", built / "written.hpp"]
        link = [folder / "libzmq/released/libzmq.a", "-lpthread", "-lrt"]
        run([*compiler("CXX", "c++"), *flags, "-o", built / program, built / f"{program}.cpp", *link])


def c_programs(folder, source, debian):
    """Compiles the programs in this folder that are written in C and C++."""
    zmq = [f"-I{source}/include", "-DZMQ_STATIC"]
    end = ["-lstdc++", "-lm", "-lpthread", "-lrt"]
    libraries = debian / "usr/lib/x86_64-linux-gnu"
    if not libraries.exists():
        libraries = next((debian / "usr/lib").glob("*-linux-gnu*"))
    flags = ["-O3", "-Wall", f"-I{HERE}"]
    cc, cxx = compiler("CC", "cc"), compiler("CXX", "c++")
    released, drafts = (folder / "libzmq" / name / "libzmq.a" for name in ("released", "drafts"))
    run([*cc, *flags, *zmq, "-o", folder / "end-libzmq", HERE / "libzmq.c", released, *end])
    batches = ["-DZMQ_BUILD_DRAFT_API", "-DBATCH_SIZE=65536"]
    run([*cc, *flags, *zmq, *batches, "-o", folder / "end-libzmq-batches", HERE / "libzmq.c", drafts, *end])
    include = f"-I{debian}/usr/include"
    run([*cxx, *flags, *zmq, include, "-o", folder / "end-cppzmq", HERE / "cppzmq.cpp", released, *end])
    # Only the older form of the path also applies to the libraries that nng needs.
    path = f"-Wl,--disable-new-dtags,-rpath,{libraries},-rpath-link,{libraries}"
    nng = [f"-L{libraries}", path, "-l:libnng.so.1", "-lpthread"]
    run([*cc, *flags, include, "-o", folder / "end-nng", HERE / "nng.c", *nng])


def debian_packages(folder):
    """Downloads packages of Debian and unpacks them."""
    unpacked = folder / "debian"
    if not (unpacked / "usr/include/nng").exists():
        downloads = folder / "downloads"
        downloads.mkdir(exist_ok=True)
        run(["apt-get", "download", "-q", *DEBIAN], cwd=downloads)
        for package in downloads.glob("*.deb"):
            run(["dpkg", "-x", package, unpacked])
    return unpacked


def install(folder):
    """Installs everything that is missing in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    messages = cargo(HERE / "this_crate/Cargo.toml", folder / "this_crate")
    packages = [word for crate in CRATES for word in ("--package", crate)]
    cargo(RIVALS / "Cargo.toml", folder / "cargo", "--bins", *packages)
    debian = debian_packages(folder)
    source = libzmq(folder, messages)
    perf_programs(folder, source)
    c_programs(folder, source, debian)
    if not (folder / "python" / f"pyzmq-{PYZMQ}.dist-info").exists():
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--only-binary", ":all:"]
        run([*pip, "--upgrade", "--target", folder / "python", f"pyzmq=={PYZMQ}"])
    package = folder / "npm/node_modules/zeromq/package.json"
    if not package.exists() or json.loads(package.read_text())["version"] != ZEROMQ_JS:
        # The package contains compiled libraries, so its script has nothing to do.
        npm = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder / "npm"]
        run([*npm, f"zeromq@{ZEROMQ_JS}"])
