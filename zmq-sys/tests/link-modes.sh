#!/bin/sh
# Every way the build script can go that `cargo test` does not show: each failure, with the words that it must say, which
# libzmq is linked, and linking to one of the system.
#
# usage: link-modes.sh [prefix of an installed libzmq]
#
# Without the argument, or when pkg-config knows no libzmq, linking to the system's is left out, and says so.
set -eu
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# Apart from the usual folder, whose libraries these runs would otherwise throw away.
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-../target}/link-modes
export CARGO_TARGET_DIR
unset LIBZMQ_PREFIX LIBZMQ_LIB_DIR LIBZMQ_INCLUDE_DIR LIBZMQ_STATIC LIBZMQ_NO_VENDOR || true

cargo=${CARGO:-cargo}
build="$cargo check --quiet --package zmq-sys --no-default-features"
failures=0

# fails NAME WORDS [VARIABLE=VALUE...] [-- CARGO ARGUMENTS]: the build must fail, say WORDS, and not panic.
fails() {
    name=$1 words=$2
    shift 2
    variables=
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        variables="$variables $1"
        shift
    done
    [ $# -eq 0 ] || shift
    if env $variables $build "$@" >"$scratch/output" 2>&1; then
        echo "FAIL $name: it built"
    elif ! grep -q -e "$words" "$scratch/output"; then
        echo "FAIL $name: it does not say '$words':"
        cat "$scratch/output"
    elif grep -q -e 'panicked' -e RUST_BACKTRACE "$scratch/output"; then
        echo "FAIL $name: it panicked:"
        cat "$scratch/output"
    else
        echo "ok   $name"
        return
    fi
    failures=$((failures + 1))
}

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
# As on a machine that has libzmq: the real one, if there is any, else what looks like it.
if pkg-config --atleast-version=4.3 libzmq 2>/dev/null; then
    installed=
else
    mkdir -p "$scratch/installed"
    printf '#define ZMQ_VERSION_MAJOR 4\n#define ZMQ_VERSION_MINOR 3\n#define ZMQ_VERSION_PATCH 4\n' >"$scratch/installed/zmq.h"
    printf 'includedir=%s\nName: libzmq\nDescription: as if\nVersion: 4.3.4\nLibs: -L${includedir} -lzmq\nCflags: -I${includedir}\n' \
        "$scratch/installed" >"$scratch/installed/libzmq.pc"
    installed="PKG_CONFIG_PATH=$scratch/installed"
fi

fails 'no libzmq where it is asked for' 'LIBZMQ_NO_VENDOR asks' $nowhere LIBZMQ_NO_VENDOR=1
fails 'the same, and the packages that have it' 'apt install libzmq3-dev' $nowhere LIBZMQ_NO_VENDOR=1
fails 'the same, by the feature' 'the feature `system` asks' $nowhere -- --features system
fails 'the same, and who enables it' 'cargo tree -e features -i zmq-sys' $nowhere -- --features system
fails 'no pkg-config at all' 'could not be run' PKG_CONFIG="$scratch/empty/none" LIBZMQ_NO_VENDOR=1
fails 'the same, with the feature' 'could not be run' PKG_CONFIG="$scratch/empty/none" -- --features system
fails 'a libzmq is installed, nothing is set, and the bundled one cannot be compiled' 'apt install g++' $installed CXX=false
fails 'the same, where the variable overrules the feature' 'apt install g++' \
    $installed LIBZMQ_NO_VENDOR=0 CXX=false -- --features system
fails 'pkg-config finds one that is too old' 'found libzmq 4.1.8, which is older than 4.3' \
    PKG_CONFIG_LIBDIR="$scratch/empty" PKG_CONFIG_PATH="$scratch/old/lib/pkgconfig" LIBZMQ_NO_VENDOR=1
fails 'a directory without a library' "no libzmq in $scratch/empty" LIBZMQ_LIB_DIR="$scratch/empty"
fails 'a directory that does not exist' "no libzmq in $scratch/gone" LIBZMQ_LIB_DIR="$scratch/gone"
fails 'a library without a header' 'no zmq.h in' LIBZMQ_LIB_DIR="$scratch/headless"
fails 'directories of one that is too old' 'of libzmq 4.2.5' LIBZMQ_PREFIX="$scratch/old"
fails 'no shared library where one is demanded' 'no libzmq in' LIBZMQ_PREFIX="$scratch/old" LIBZMQ_STATIC=0
fails 'no static library where one is demanded' 'no static libzmq (LIBZMQ_STATIC is set)' \
    LIBZMQ_PREFIX="$scratch/shared" LIBZMQ_STATIC=1
fails 'a header without a version' 'does not say which version it is' LIBZMQ_PREFIX="$scratch/nameless"
fails 'pkg-config finds one without its header' "no zmq.h in $scratch/empty" \
    PKG_CONFIG_LIBDIR="$scratch/empty" PKG_CONFIG_PATH="$scratch/lost/pkgconfig" LIBZMQ_NO_VENDOR=1
fails 'cross-compiling, and nothing said to pkg-config' 'PKG_CONFIG_SYSROOT_DIR' \
    LIBZMQ_NO_VENDOR=1 -- --target wasm32-unknown-unknown
fails 'neither a Unix nor Windows' 'libzmq does not run on unknown' -- --target wasm32-unknown-unknown
fails 'libraries that features need' 'apt install libnorm-dev libgnutls28-dev pkg-config' $nowhere -- --features norm,wss
fails 'no C++ compiler' 'apt install g++' $nowhere CXX="$scratch/empty/c++"
fails 'a C++ compiler that fails' 'apt install g++' $nowhere CXX=false
fails 'a source that is none' 'does not hold the source of libzmq' $nowhere LIBZMQ_SOURCE_DIR="$scratch/empty"

# links NAME TESTS FEATURES [VARIABLE=VALUE...]: the tests of this package must pass with the libzmq found that way, and a second
# build must find nothing to do. TESTS is `all`, or `abi` for a libzmq that passed all of them before.
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

# chooses NAME WHICH [VARIABLE=VALUE...] [-- CARGO ARGUMENTS]: WHICH is `bundled` or `other`. Leaves in `out` where it was built.
chooses() {
    name=$1 which=$2
    shift 2
    variables=
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        variables="$variables $1"
        shift
    done
    [ $# -eq 0 ] || shift
    env $variables $build --message-format=json "$@" >"$scratch/output" 2>&1 || true
    script=$(grep '"reason":"build-script-executed"' "$scratch/output" | grep 'zmq-sys' | tail -n 1)
    out=$(printf '%s\n' "$script" | sed 's/.*"out_dir":"\([^"]*\)".*/\1/')
    case $script in
    *'"zmq_vendored"'*) found=bundled ;;
    '') found=none ;;
    *) found=other ;;
    esac
    if [ "$found" = "$which" ]; then
        echo "ok   $name"
    else
        echo "FAIL $name: not $which, but $found:"
        cat "$scratch/output"
        failures=$((failures + 1))
    fi
}

# The builds before failed, so that this one looks anew.
chooses 'a libzmq is installed, and nothing is set' bundled $installed
# The bundled libraries in a place of their own serve as somebody else's.
mkdir "$scratch/bundled" "$scratch/drafts"
cp -R "$out/lib" "$out/libzmq/include" "$scratch/bundled/"
chooses 'the same, with drafts' bundled $installed -- --features draft
edited=$out/libzmq
cp -R "$out/lib" "$out/libzmq/include" "$scratch/drafts/"
chooses 'a libzmq is installed, and the variable asks for it' other $installed LIBZMQ_NO_VENDOR=1
chooses 'the same, by the feature' other $installed -- --features system
chooses 'the one that was named, whatever is installed' other $installed LIBZMQ_PREFIX="$scratch/bundled"
links 'a static library in LIBZMQ_PREFIX' all '' LIBZMQ_PREFIX="$scratch/bundled"
links 'the same, demanded' abi '' LIBZMQ_PREFIX="$scratch/bundled" LIBZMQ_STATIC=1
links 'one with drafts, in two directories' all draft \
    LIBZMQ_LIB_DIR="$scratch/drafts/lib" LIBZMQ_INCLUDE_DIR="$scratch/drafts/include"
fails 'a source that was changed' 'does not fit src/msg.cpp' LIBZMQ_SOURCE_DIR="$edited"
fails 'no libclang, and declarations to be made' 'apt install libclang-dev' \
    LIBZMQ_PREFIX="$scratch/bundled" LIBCLANG_PATH="$scratch/empty" -- --features bindgen
fails 'one without drafts, where they are asked for' 'needs a libzmq built with its draft API' \
    LIBZMQ_PREFIX="$scratch/bundled" -- --features draft

# rebuilds NAME FILE: cargo must build again once FILE has changed, and only then.
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

# docs.rs links nothing, and has no network: nothing may be looked for or compiled there.
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
    links 'the prefix that was given' all '' LIBZMQ_PREFIX="$prefix" LD_LIBRARY_PATH="$prefix/lib"
else
    echo 'SKIP the prefix that was given: there was none'
fi
if [ -z "$installed" ]; then
    dir=$(pkg-config --variable=libdir libzmq)
    links 'pkg-config' all '' LIBZMQ_STATIC=0 LD_LIBRARY_PATH="$dir"
    links 'the same, by the feature' abi system LIBZMQ_STATIC=0 LIBZMQ_NO_VENDOR= LD_LIBRARY_PATH="$dir"
    fails 'a system library without drafts' 'needs a libzmq built with its draft API' LIBZMQ_NO_VENDOR=1 -- --features draft
else
    echo 'SKIP pkg-config: it knows no libzmq 4.3 here'
fi

[ "$failures" = 0 ] || { echo "$failures failed"; exit 1; }
