#!/bin/sh
# Tests the errors of a build for another target: each must name what is missing and the variable to set. No build runs or links a
# program of the target.
#
# It needs no compiler for another processor. It prints SKIP for the tests with Debian's compiler for aarch64 if it is missing.
# The Rust code is not compiled, so the standard library of the targets is not needed either.
set -eu
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
. ./tests/build-functions
unset CC CXX CFLAGS CXXFLAGS CROSS_COMPILE PKG_CONFIG PKG_CONFIG_PATH PKG_CONFIG_LIBDIR PKG_CONFIG_ALLOW_CROSS || true

case $(rustc -vV | sed -n 's/^host: //p') in
x86_64-unknown-linux-gnu) ;;
*)
    echo 'SKIP all tests: they are written for a host of x86-64 Linux'
    exit
    ;;
esac

# Another processor.
other=aarch64-unknown-linux-gnu
# For the compiler, this target does not differ from the host.
similar=x86_64-unknown-linux-musl

# program NAME: makes an executable script of the standard input.
program() {
    cat >"$scratch/$1"
    chmod +x "$scratch/$1"
}

mkdir -p "$scratch/empty" "$scratch/host/include"

fails 'no compiler is installed for the target' 'Set CXX_aarch64_unknown_linux_gnu to a C++ compiler' \
    CROSS_COMPILE=missing- -- --target $other
also 'the same error names the missing program' 'no program `missing-g++`'
also 'the same error names a package' 'apt install g++-aarch64-linux-gnu'
fails 'the variable names a compiler that does not exist' 'The variable CXX_aarch64_unknown_linux_gnu names it' \
    CXX_aarch64_unknown_linux_gnu="$scratch/gone" -- --target $other
fails 'CXX names the compiler of the host' '`c++`, which the variable CXX names, compiles for another platform' \
    CXX=c++ -- --target $other
also 'the same error names the variable for the target' 'Set CXX_aarch64_unknown_linux_gnu to'
fails 'the compiler of the host for another system' 'compiles for another platform' \
    CXX_x86_64_unknown_freebsd=c++ -- --target x86_64-unknown-freebsd
fails 'flags for another size of pointers' 'compiles for another platform with the flags in CXXFLAGS' \
    CXX=c++ CXXFLAGS=-mx32 -- --target $similar
fails 'flags of the host that the compiler of the target does not know' 'refuses the flags in CXXFLAGS' \
    CXX=c++ CXXFLAGS=-mno-such-processor -- --target $similar
also 'the same error names the variables for the host and the target' \
    'Set HOST_CXXFLAGS .* and CXXFLAGS_x86_64_unknown_linux_musl to'
fails 'wrong flags for the target' 'refuses the flags in CXXFLAGS_x86_64_unknown_linux_musl' \
    CXX=c++ CXXFLAGS_x86_64_unknown_linux_musl=-mno-such-processor -- --target $similar
fails 'flags that select an older C++' 'CXXFLAGS selects an older C++' CXX=c++ CXXFLAGS=-std=c++98 -- --target $similar
fails 'the C++ library of the target has no headers' 'cannot compile with the C++ library for x86_64-unknown-linux-musl' \
    CXX=c++ CXXFLAGS=-nostdinc++ -- --target $similar
also 'the same error names the variable for a sysroot' 'set CXXFLAGS_x86_64_unknown_linux_musl to --sysroot='
fails 'a sysroot without the C++ library' "in the sysroot $scratch/empty, which CXXFLAGS_x86_64_unknown_linux_musl names" \
    CXX=c++ CXXFLAGS_x86_64_unknown_linux_musl="--sysroot=$scratch/empty" -- --target $similar

# A compiler that has the headers of the C++ library, but not the library.
program headers-only <<'END'
#!/bin/sh
case " $* " in *' -print-file-name='*) echo "${*##*-print-file-name=}" ;; *) exec c++ "$@" ;; esac
END
fails 'the C++ library cannot be linked' 'finds no libstdc++ to link' CXX="$scratch/headers-only" -- --target $similar
also 'the same error names the variable for another library' 'set CXXSTDLIB_x86_64_unknown_linux_musl'

fails 'no C compiler for the target' 'Set CC_x86_64_unknown_linux_musl to a C compiler' \
    CXX=c++ CC="$scratch/gone" -- --target $similar
fails 'CFLAGS that the C compiler does not know' 'refuses the flags in CFLAGS' \
    CXX=c++ CC=cc CFLAGS=-mno-such-processor -- --target $similar
fails 'no C compiler for libsodium' 'Set CC_aarch64_unknown_linux_gnu to a C compiler' \
    CC="$scratch/gone" -- --target $other --features curve

# A libzmq of the host, in a directory and for pkg-config.
echo 'int nothing;' | cc -x c -shared -o "$scratch/host/libzmq.so" -
printf '#define ZMQ_VERSION_MAJOR 4\n#define ZMQ_VERSION_MINOR 3\n#define ZMQ_VERSION_PATCH 5\n' >"$scratch/host/include/zmq.h"
for name in libzmq norm; do
    printf 'includedir=%s\nName: %s\nDescription: of the host\nVersion: 4.3.5\nLibs: -L%s -lzmq\nCflags: -I${includedir}\n' \
        "$scratch/host/include" $name "$scratch/host" >"$scratch/host/$name.pc"
done
# The same for the target: only the first bytes matter.
mkdir "$scratch/target"
cp -R "$scratch/host/include" "$scratch/target/"
printf '\177ELF\002\001\001\000\000\000\000\000\000\000\000\000\003\000\267\000' >"$scratch/target/libzmq.so"
sed "s|$scratch/host|$scratch/target|" "$scratch/host/libzmq.pc" >"$scratch/target/libzmq.pc"

fails 'no variable for pkg-config' 'PKG_CONFIG_LIBDIR_aarch64_unknown_linux_gnu to the directories' \
    LIBZMQ_NO_VENDOR=1 -- --target $other
also 'the same error names the other variable for pkg-config' \
    'PKG_CONFIG_SYSROOT_DIR_aarch64_unknown_linux_gnu to the directory'
also 'the same error names the variable for a directory' 'AARCH64_UNKNOWN_LINUX_GNU_LIBZMQ_PREFIX'
fails 'pkg-config finds the libzmq of the host' 'libzmq.so is a library for x86-64, but the build is for aarch64' \
    LIBZMQ_NO_VENDOR=1 PKG_CONFIG_ALLOW_CROSS=1 PKG_CONFIG_LIBDIR="$scratch/host" -- --target $other
also 'the same error names the variable for pkg-config' 'PKG_CONFIG_LIBDIR_aarch64_unknown_linux_gnu to the directories'
fails 'a libzmq of the host in a directory' 'libzmq.so is a library for x86-64, but the build is for aarch64' \
    LIBZMQ_LIB_DIR="$scratch/host" LIBZMQ_INCLUDE_DIR="$scratch/host/include" -- --target $other
also 'the same error names the variable for the target' 'Set AARCH64_UNKNOWN_LINUX_GNU_LIBZMQ_PREFIX'
fails 'a library of the host for a feature' 'libzmq.so is a library for x86-64, but the build is for aarch64' \
    PKG_CONFIG_ALLOW_CROSS=1 PKG_CONFIG_LIBDIR="$scratch/host" -- --target $other --features norm
fails 'no variable for pkg-config, but a feature needs it' 'PKG_CONFIG_LIBDIR_aarch64_unknown_linux_gnu to the directories' \
    -- --target $other --features norm
chooses 'pkg-config finds the libzmq of the target' other LIBZMQ_NO_VENDOR=1 \
    PKG_CONFIG_SYSROOT_DIR_aarch64_unknown_linux_gnu=/ PKG_CONFIG_LIBDIR_aarch64_unknown_linux_gnu="$scratch/target" -- --target $other
chooses 'a libzmq of the target in a directory' other \
    LIBZMQ_LIB_DIR="$scratch/target" LIBZMQ_INCLUDE_DIR="$scratch/target/include" -- --target $other

# A compiler that writes down its arguments, and compiles nothing but the snippets of the probes.
program noting <<'END'
#!/bin/sh
echo "$*" >>"$(dirname "$0")/calls"
case " $* " in
*/probes/*) exec c++ "$@" ;;
*' -c '*) ;;
*) exec c++ "$@" ;;
esac
while [ $# != 0 ]; do
    if [ "$1" = -o ]; then : >"$2"; fi
    shift
done
END
chooses 'a build with the right compiler' bundled CC="$scratch/noting" CXX="$scratch/noting" AR=true -- --target $similar
if [ -s "$scratch/calls" ] && ! grep -vE -e '(^| )(-c|-E|-[?]|--version|-print-[^ ]*)( |$)' "$scratch/calls"; then
    echo 'ok   no program of the target is linked, so none is run'
else
    echo 'FAIL these calls of the compiler can link a program'
    failures=$((failures + 1))
fi

if command -v aarch64-linux-gnu-g++ >/dev/null; then
    fails 'flags of x86-64 for aarch64' 'refuses the flags in CXXFLAGS: .*-m64' CXXFLAGS=-m64 -- --target $other
    fails 'a processor of x86-64 for aarch64' 'refuses the flags in CXXFLAGS: .*x86-64' CXXFLAGS=-march=x86-64-v3 -- --target $other
    fails 'a compiler for aarch64 that is used for x86-64' 'compiles for another platform' \
        CXX_x86_64_unknown_linux_musl=aarch64-linux-gnu-g++ -- --target $similar
    mkdir -p "$scratch/sysroot/usr"
    ln -s /usr/aarch64-linux-gnu/include /usr/aarch64-linux-gnu/lib "$scratch/sysroot/usr/"
    # The library itself is compiled by `.ci/cross`.
    program noting-aarch64 <<'END'
#!/bin/sh
case " $* " in
*/probes/*) exec aarch64-linux-gnu-g++ "$@" ;;
*' -c '*) ;;
*) exec aarch64-linux-gnu-g++ "$@" ;;
esac
while [ $# != 0 ]; do
    if [ "$1" = -o ]; then : >"$2"; fi
    shift
done
END
    chooses 'a sysroot with the libraries of the target' bundled AR=true CC="$scratch/noting-aarch64" CXX="$scratch/noting-aarch64" \
        CXXFLAGS_aarch64_unknown_linux_gnu="--sysroot=$scratch/sysroot" -- --target $other
else
    echo 'SKIP a compiler for aarch64: aarch64-linux-gnu-g++ is not installed'
fi

finish
