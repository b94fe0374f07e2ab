#!/bin/sh
# Tests the build script in ways that `cargo test` cannot: each failure with its error text, which libzmq is chosen, and
# linking an installed libzmq.
#
# usage: link-modes.sh [prefix of an installed libzmq]
#
# Prints SKIP for the tests of an installed libzmq without the argument, or if pkg-config finds no libzmq.
set -eu
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
. ./tests/build-functions

mkdir -p "$scratch/empty" "$scratch/old/lib/pkgconfig" "$scratch/old/include" "$scratch/headless"
printf 'Name: libzmq\nDescription: too old\nVersion: 4.1.8\nLibs: -lzmq\nCflags:\n' >"$scratch/old/lib/pkgconfig/libzmq.pc"
printf '#define ZMQ_VERSION_MAJOR 4\n#define ZMQ_VERSION_MINOR 2\n#define ZMQ_VERSION_PATCH 5\n' >"$scratch/old/include/zmq.h"
: >"$scratch/old/lib/libzmq.a"
: >"$scratch/headless/libzmq.a"
mkdir -p "$scratch/shared/lib" "$scratch/nameless/lib" "$scratch/nameless/include" "$scratch/lost/pkgconfig"
: >"$scratch/shared/lib/libzmq.so"
: >"$scratch/nameless/lib/libzmq.a"
: >"$scratch/nameless/include/zmq.h"
printf 'includedir=%s\nName: libzmq\nDescription: lost its header\nVersion: 4.3.5\nLibs: -lzmq\nCflags: -I${includedir}\n' \
    "$scratch/empty" >"$scratch/lost/pkgconfig/libzmq.pc"
nowhere="PKG_CONFIG_LIBDIR=$scratch/empty PKG_CONFIG_PATH=$scratch/empty"
# Simulates a machine on which a libzmq is installed, unless pkg-config finds an installed libzmq.
if pkg-config --atleast-version=4.3 libzmq 2>/dev/null; then
    installed=
else
    mkdir -p "$scratch/installed"
    printf '#define ZMQ_VERSION_MAJOR 4\n#define ZMQ_VERSION_MINOR 3\n#define ZMQ_VERSION_PATCH 4\n' >"$scratch/installed/zmq.h"
    printf 'includedir=%s\nName: libzmq\nDescription: as if\nVersion: 4.3.4\nLibs: -L${includedir} -lzmq\nCflags: -I${includedir}\n' \
        "$scratch/installed" >"$scratch/installed/libzmq.pc"
    installed="PKG_CONFIG_PATH=$scratch/installed"
fi

fails 'LIBZMQ_NO_VENDOR=1, but no libzmq is installed' 'LIBZMQ_NO_VENDOR asks' $nowhere LIBZMQ_NO_VENDOR=1
also 'the same error names the packages that contain libzmq' 'apt install libzmq3-dev'
fails 'the feature `system`, but no libzmq is installed' 'the feature `system` asks' $nowhere -- --features system
also 'the same error names a command that shows which package enables the feature' 'cargo tree -e features -i zmq-sys'
fails 'LIBZMQ_NO_VENDOR=1, but no pkg-config is installed' 'could not be run' PKG_CONFIG="$scratch/empty/none" LIBZMQ_NO_VENDOR=1
fails 'the feature `system`, but no pkg-config is installed' 'could not be run' PKG_CONFIG="$scratch/empty/none" -- --features system
fails 'without settings, an installed libzmq is not linked, even if the bundled libzmq cannot be compiled' 'apt install g++' $installed CXX=false
fails 'the same with LIBZMQ_NO_VENDOR=0, which overrides the feature `system`' 'apt install g++' \
    $installed LIBZMQ_NO_VENDOR=0 CXX=false -- --features system
fails 'pkg-config finds a libzmq that is too old' 'found libzmq 4.1.8, which is older than 4.3' \
    PKG_CONFIG_LIBDIR="$scratch/empty" PKG_CONFIG_PATH="$scratch/old/lib/pkgconfig" LIBZMQ_NO_VENDOR=1
fails 'a directory without a library' "no libzmq in $scratch/empty" LIBZMQ_LIB_DIR="$scratch/empty"
fails 'a directory that does not exist' "no libzmq in $scratch/gone" LIBZMQ_LIB_DIR="$scratch/gone"
fails 'a library without a header' 'no zmq.h in' LIBZMQ_LIB_DIR="$scratch/headless"
fails 'directories with a libzmq that is too old' 'of libzmq 4.2.5' LIBZMQ_PREFIX="$scratch/old"
fails 'LIBZMQ_STATIC=0, but there is no shared library' 'no libzmq in' LIBZMQ_PREFIX="$scratch/old" LIBZMQ_STATIC=0
fails 'LIBZMQ_STATIC=1, but there is no static library' 'no static libzmq (LIBZMQ_STATIC is set)' \
    LIBZMQ_PREFIX="$scratch/shared" LIBZMQ_STATIC=1
fails 'a header without a version' 'does not define its version' LIBZMQ_PREFIX="$scratch/nameless"
fails 'pkg-config finds a libzmq without a header' "no zmq.h in $scratch/empty" \
    PKG_CONFIG_LIBDIR="$scratch/empty" PKG_CONFIG_PATH="$scratch/lost/pkgconfig" LIBZMQ_NO_VENDOR=1
fails 'cross-compiling without settings for pkg-config' 'PKG_CONFIG_SYSROOT_DIR' \
    LIBZMQ_NO_VENDOR=1 -- --target wasm32-unknown-unknown
fails 'a target that is neither Unix nor Windows' 'libzmq does not run on unknown' -- --target wasm32-unknown-unknown
fails 'system libraries that features need are missing' 'apt install libnorm-dev libgnutls28-dev pkg-config' $nowhere -- --features norm,wss
fails 'no C++ compiler' 'apt install g++' $nowhere CXX="$scratch/empty/c++"
fails 'a C++ compiler that fails' 'apt install g++' $nowhere CXX=false
fails 'LIBZMQ_SOURCE_DIR names a directory without a source' 'does not contain the source of libzmq' $nowhere LIBZMQ_SOURCE_DIR="$scratch/empty"

# links NAME TESTS FEATURES [VARIABLE=VALUE...]: the tests of this package must pass with the libzmq that the build finds, and
# a second build must compile nothing. TESTS is `all`, or `abi` for a libzmq that has already passed all tests.
links() {
    name=$1 features=$3
    test="$cargo test --package zmq-sys --no-default-features --features=$features"
    [ "$2" = all ] || test="$test --test $2"
    shift 3
    if env LIBZMQ_NO_VENDOR=1 "$@" $test >"$scratch/output" 2>&1 &&
        env LIBZMQ_NO_VENDOR=1 "$@" $test --no-run >"$scratch/output" 2>&1 && ! grep Compiling "$scratch/output"; then
        echo "ok   $name"
    else
        echo "FAIL $name:"
        cat "$scratch/output"
        failures=$((failures + 1))
    fi
}

# All builds before this one failed, so the build script runs again.
chooses 'without settings, although a libzmq is installed' bundled $installed
# The tests below use copies of the bundled libraries as installed libraries.
mkdir "$scratch/bundled" "$scratch/drafts"
cp -R "$out/lib" "$out/libzmq/include" "$scratch/bundled/"
chooses 'the same, with drafts' bundled $installed -- --features draft
edited=$out/libzmq
cp -R "$out/lib" "$out/libzmq/include" "$scratch/drafts/"
chooses 'LIBZMQ_NO_VENDOR=1, and a libzmq is installed' other $installed LIBZMQ_NO_VENDOR=1
chooses 'the feature `system`, and a libzmq is installed' other $installed -- --features system
chooses 'LIBZMQ_PREFIX, although another libzmq is installed' other $installed LIBZMQ_PREFIX="$scratch/bundled"
links 'a static library in LIBZMQ_PREFIX' all '' LIBZMQ_PREFIX="$scratch/bundled"
links 'the same with LIBZMQ_STATIC=1' abi '' LIBZMQ_PREFIX="$scratch/bundled" LIBZMQ_STATIC=1
links 'a library with drafts, in two directories' all draft \
    LIBZMQ_LIB_DIR="$scratch/drafts/lib" LIBZMQ_INCLUDE_DIR="$scratch/drafts/include"
fails 'a source that differs from libzmq 4.3.5' 'does not fit src/msg.cpp' LIBZMQ_SOURCE_DIR="$edited"
fails 'the feature `bindgen`, but no libclang is installed' 'apt install libclang-dev' \
    LIBZMQ_PREFIX="$scratch/bundled" LIBCLANG_PATH="$scratch/empty" -- --features bindgen
fails 'the feature `draft`, but a libzmq without drafts' 'needs a libzmq built with its draft API' \
    LIBZMQ_PREFIX="$scratch/bundled" -- --features draft

# rebuilds NAME FILE: cargo must build again when FILE has changed, and not before.
rebuilds() {
    name=$1 file=$2
    again="env LIBZMQ_PREFIX=$scratch/bundled LIBZMQ_NO_VENDOR=1 $cargo check --package zmq-sys --no-default-features"
    if $again >"$scratch/output" 2>&1 && $again >"$scratch/output" 2>&1 && ! grep -E 'Compiling|Checking' "$scratch/output" &&
        touch "$file" && $again >"$scratch/output" 2>&1 && grep -qE 'Compiling|Checking' "$scratch/output"; then
        echo "ok   $name"
    else
        echo "FAIL $name:"
        cat "$scratch/output"
        failures=$((failures + 1))
    fi
}
rebuilds 'the header changes' "$scratch/bundled/include/zmq.h"
rebuilds 'the library changes' "$scratch/bundled/lib/libzmq.a"

# docs.rs has no network, and needs no libzmq: there, the build must neither search for a libzmq nor compile one.
rm -rf "$CARGO_TARGET_DIR/doc"
if env $nowhere DOCS_RS=1 LIBZMQ_NO_VENDOR=1 CXX=false $cargo doc --quiet --no-deps --package zmq --no-default-features \
    --features bytes,draft >"$scratch/output" 2>&1 && [ -f "$CARGO_TARGET_DIR/doc/zmq/struct.Server.html" ]; then
    echo 'ok   documentation without a libzmq'
else
    echo 'FAIL documentation without a libzmq:'
    cat "$scratch/output"
    failures=$((failures + 1))
fi

prefix=${1-}
if [ -n "$prefix" ]; then
    links 'the prefix from the command line' all '' LIBZMQ_PREFIX="$prefix" LD_LIBRARY_PATH="$prefix/lib"
else
    echo 'SKIP the prefix from the command line: there is none'
fi
if [ -z "$installed" ]; then
    dir=$(pkg-config --variable=libdir libzmq)
    links 'pkg-config' all '' LIBZMQ_STATIC=0 LD_LIBRARY_PATH="$dir"
    links 'pkg-config, with the feature `system`' abi system LIBZMQ_STATIC=0 LIBZMQ_NO_VENDOR= LD_LIBRARY_PATH="$dir"
    fails 'a system library without drafts' 'needs a libzmq built with its draft API' LIBZMQ_NO_VENDOR=1 -- --features draft
else
    echo 'SKIP pkg-config: it finds no libzmq 4.3'
fi

finish
