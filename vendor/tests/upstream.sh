#!/bin/sh
# Compiles libzmq's own test programs from the packaged source, and runs them with the bundled library. Arguments name the
# programs to run. Without arguments, it runs all of them.
#
# A program that exits with 77 counts as skipped: it needs a protocol or a permission that this machine lacks.
set -eu
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cxx=${CXX:-c++}
cc=${CC:-cc}

# Finds the package, and the folder of the build.
source=$(cargo metadata --format-version 1 |
    sed -n 's|.*"manifest_path":"\([^"]*/zeromq-src-[^"]*\)/Cargo.toml".*|\1/vendor|p')
out=$(cargo build --package zmq-sys --features draft,curve --message-format json 2>"$scratch/build" |
    sed -n 's|.*"package_id":"[^"]*zmq-sys[^"]*".*"out_dir":"\([^"]*\)".*|\1|p' | tail -n 1)
sodium=$(cargo build --package zmq-sys --features draft,curve --message-format json 2>/dev/null |
    sed -n 's|.*zmq-sodium-sys.*"linked_paths":\["native=\([^"]*\)".*|\1|p' | tail -n 1)
[ -d "$source/tests" ] || { echo "upstream.sh: no tests in $source" >&2; exit 1; }
[ -d "$out/libzmq" ] || { cat "$scratch/build"; echo "upstream.sh: no build of libzmq found" >&2; exit 1; }

flags="-O1 -D_GNU_SOURCE -DZMQ_CUSTOM_PLATFORM_HPP -DZMQ_BUILD_DRAFT_API -DUNITY_USE_COMMAND_LINE_ARGS -DUNITY_EXCLUDE_FLOAT"
flags="$flags -I$out/libzmq/src -I$out/libzmq/include -I$source/external/unity ${sodium:+-I$sodium/../libsodium/src/libsodium/include}"
# Some programs use paths relative to their own folder. These paths lead to the patched tree.
mkdir -p "$scratch/tree"
cp -R "$source/tests" "$scratch/tree/tests"
ln -s "$out/libzmq/src" "$scratch/tree/src"
ln -s "$out/libzmq/include" "$scratch/tree/include"
ln -s "$source/external" "$scratch/tree/external"
cd "$scratch/tree/tests"
# A client that is turned away reports one event. The programs start the monitor after the connect, so they may miss the event,
# also with the pristine library. They then wait until their alarm. So connect after the monitor has started.
sed -i '/^void \*create_and_connect_client (/,/^}/ {
    /zmq_connect (client, my_endpoint_)/d
    s/^    return client;/    TEST_ASSERT_SUCCESS_ERRNO (zmq_connect (client, my_endpoint_));\n&/
}' testutil_security.cpp
grep -A1 'zmq_connect (client, my_endpoint_)' testutil_security.cpp | grep -q 'return client;' ||
    { echo 'upstream.sh: testutil_security.cpp is not as it was' >&2; exit 1; }
$cc $flags -c -o "$scratch/unity.o" "$source/external/unity/unity.c"
for util in testutil testutil_monitoring testutil_security testutil_unity; do
    $cxx $flags -c -o "$scratch/$util.o" "$util.cpp"
done
ar rc "$scratch/libtestutil.a" "$scratch"/*.o
export cxx flags scratch out sodium

# compile NAME
cat >"$scratch/compile" <<'COMPILE'
set -eu
$cxx $flags -o "$scratch/$1" "$1.cpp" "$scratch/libtestutil.a" "$out/lib/libzmq.a" \
    ${sodium:+-L"$sodium"} -lzmq_sodium -lpthread -lrt 2>"$scratch/$1.log" || { cat "$scratch/$1.log"; exit 1; }
COMPILE
if [ $# = 0 ]; then
    # The fuzzer programs need corpora, which are not in the package.
    set -- $(ls test_*.cpp | sed 's/\.cpp$//' | grep -vE 'vmci|wss|gssapi|fuzzer')
fi
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 1 sh "$scratch/compile"


# Most programs wait more than they compute, so more of them run than there are processors.
cat >"$scratch/run" <<'RUN'
status=0
timeout 150 "$scratch/$1" >"$scratch/$1.output" 2>&1 || status=$?
case $status in
0) echo passed ;;
77) echo skipped ;;
*)
    echo failed
    { echo "FAIL $1 ($status)"; tail -n 20 "$scratch/$1.output"; } >&2
    ;;
esac
RUN
printf '%s\n' "$@" | xargs -P 8 -n 1 sh "$scratch/run" >"$scratch/results"
count() { grep -c "$1" "$scratch/results" || true; }
echo "libzmq's own programs: $(count passed) passed, $(count failed) failed, $(count skipped) skipped"
[ "$(count failed)" = 0 ]
