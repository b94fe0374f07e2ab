#!/usr/bin/env bash
# Compares the performance programs of this crate (`examples/local_thr.rs` and others) with the C programs of the same names
# in the folder `perf/` of libzmq's package.
#
#   benches/against-c.sh                       all rows; takes about half an hour
#   benches/against-c.sh --rows 'tcp .*64 B'   the rows whose name matches this extended regular expression
#   benches/against-c.sh --list                the names of all rows
#
#   --pairs N         runs of each program; default 15
#   --milliseconds N  approximate length of a run; default 500
#   --upstream        links the C programs to libzmq as released, without our patches; compiling it takes a minute
#   --unwritten       leaves the messages of the C programs unwritten, as released. By default, they write each message once
#   --spin N          lets the threads of this crate's latency programs spin for N microseconds before they sleep
#
# Without `--upstream`, both programs of a row are linked to the bundled libzmq. The programs take turns, so that other work of
# the machine affects both. The result is a table with these columns:
#
# * The figure that the program prints: thousands of messages per second, or microseconds for half a round trip.
# * CPU: the processor time of all threads of both processes, in microseconds for each message or round trip. It includes the
#   start and the end of the processes.
# * ratio: this crate's figure divided by C's, within each pair. For throughput, more is better. For latency and CPU, less is
#   better.
#
# Each figure is a median. The least and the most are in parentheses.
set -euo pipefail
cd "$(dirname "$0")/.."

rows='' pairs=15 milliseconds=500 upstream=false unwritten=false list=false spin=()
usage() {
    sed -n '2,14s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
while [ $# -gt 0 ]; do
    case $1 in
    --rows) rows=${2-} && shift ;;
    --pairs) pairs=${2-} && shift ;;
    --milliseconds) milliseconds=${2-} && shift ;;
    --upstream) upstream=true ;;
    --unwritten) unwritten=true ;;
    --spin) spin=("${2-}") && shift ;;
    --list) list=true ;;
    *) usage ;;
    esac
    shift || usage
done
case $pairs$milliseconds${spin[*]-} in *[!0-9]*) usage ;; esac
[ "$pairs" -gt 0 ] && [ "$milliseconds" -gt 0 ] || usage

# Prints the names of all rows. A name consists of a program and the size of the messages.
all_rows() {
    local program size
    for program in tcp_thr tcp_thr_curve tcp_lat inproc_thr inproc_lat proxy_thr; do
        for size in 1 64 256 1024 4096 65536; do echo "$program $size B"; done
    done
}
wanted=$(all_rows | grep -E -- "$rows") || { echo "against-c.sh: no row matches '$rows'" >&2; exit 2; }
if $list; then
    echo "$wanted"
    exit
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
    echo "against-c.sh: $*" >&2
    exit 1
}

# Builds the programs of this crate, and the library that they are linked to.
cargo build --release --examples --message-format json >"$scratch/messages" 2>"$scratch/build" ||
    { cat "$scratch/build" >&2; fail 'the examples cannot be built'; }
# of_package NAME KEY: prints the value of KEY from the output of the build script of the package NAME.
of_package() {
    sed -n "s|.*\"reason\":\"build-script-executed\",\"package_id\":\"[^\"]*$1[#@/][^\"]*\".*\"$2\":\[*\"\([^\"]*\)\".*|\1|p" \
        "$scratch/messages" | tail -n 1
}
out=$(of_package zmq-sys out_dir)
sodium=$(of_package sodium linked_paths)
sodium=${sodium#native=}
source=$(cargo metadata --format-version 1 |
    sed -n 's|.*"manifest_path":"\([^"]*/zeromq-src-[^"]*\)/Cargo.toml".*|\1/vendor|p')
[ -d "$source/perf" ] || fail "no perf programs in '$source'"
[ -f "$out/lib/libzmq.a" ] || fail 'the bundled libzmq was not built'
ours=${CARGO_TARGET_DIR:-target}/release/examples

# Builds the programs of libzmq.
cxx=${CXX:-c++}
cc=${CC:-cc}
flags="-O3 -D_GNU_SOURCE -D_REENTRANT -D_THREAD_SAFE -DZMQ_STATIC -DZMQ_CUSTOM_PLATFORM_HPP -DNDEBUG"
library=$out/lib/libzmq.a
include=$out/libzmq/include
if $upstream; then
    mkdir "$scratch/upstream"
    cp "$out/libzmq/src/platform.hpp" "$scratch/upstream"
    include=$source/include
    library=$scratch/upstream/libzmq.a
    headers="-I$scratch/upstream -I$include -I$source/src ${sodium:+-I$sodium/../libsodium/src/libsodium/include}"
    # shellcheck disable=SC2086 # each is a list of words
    for file in "$source"/src/*.cpp; do
        echo "$cxx -std=c++11 $flags $headers -c -o $scratch/upstream/$(basename "$file").o $file"
    done | xargs -P "$(nproc)" -I '{}' sh -c '{}'
    # shellcheck disable=SC2086 # as above
    $cc $flags -c -o "$scratch/upstream/sha1.o" "$source/external/sha1/sha1.c"
    ar rc "$library" "$scratch"/upstream/*.o
fi
# The programs of this crate write the messages that they send, as safe Rust requires. Those of libzmq send memory that they never
# write, which would compare different work from 4 KiB up.
cat >"$scratch/written.hpp" <<'END'
#include <cstring>
#include <zmq.h>
static inline int written_message (zmq_msg_t *msg_, size_t size_)
{
    int rc = zmq_msg_init_size (msg_, size_);
    if (rc == 0)
        memset (zmq_msg_data (msg_), 0, size_);
    return rc;
}
#define zmq_msg_init_size written_message
END
written=(-include "$scratch/written.hpp")
if $unwritten; then written=(); fi
for program in local_thr remote_thr local_lat remote_lat inproc_thr inproc_lat proxy_thr; do
    mkdir -p "$scratch/perf" "$scratch/c"
    cp "$source/perf/$program.cpp" "$scratch/perf"
    # The programs include files by paths such as `../include/zmq.h` and `../src/platform.hpp`.
    [ -e "$scratch/include" ] || ln -s "$include" "$scratch/include"
    [ -e "$scratch/src" ] || ln -s "$out/libzmq/src" "$scratch/src"
    # shellcheck disable=SC2086 # as above
    $cxx $flags -w -I"$include" -I"$scratch/src" "${written[@]}" -o "$scratch/c/$program" "$scratch/perf/$program.cpp" "$library" \
        ${sodium:+-L"$sodium" -lzmq_sodium} -lpthread -lrt
done

# free_port: prints a port on which nobody listens at the moment.
free_port() {
    local port
    while port=$((20000 + RANDOM % 10000)); (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
    echo "$port"
}

# execute FOLDER PROGRAM SIZE COUNT: runs a program, or for tcp both programs.
execute() {
    local endpoint
    case $2 in
    tcp_*)
        endpoint=tcp://127.0.0.1:$(free_port)
        set -- "$1" "${2#tcp_}" "$3" "$4"
        local more=()
        if [ "$2" = thr_curve ]; then more=(1); set -- "$1" thr "$3" "$4"; fi
        if [ "$1 $2" = "$ours lat" ]; then more=("${spin[@]}"); fi
        timeout 300 "$1/local_$2" "$endpoint" "$3" "$4" "${more[@]}" &
        local receiver=$!
        timeout 300 "$1/remote_$2" "$endpoint" "$3" "$4" "${more[@]}" || { kill "$receiver"; return 1; }
        wait "$receiver"
        ;;
    inproc_lat) if [ "$1" = "$ours" ]; then set -- "$@" "${spin[@]}"; fi; timeout 300 "$1/$2" "${@:3}" ;;
    *) timeout 300 "$1/$2" "$3" "$4" ;;
    esac
}

# measure FOLDER PROGRAM SIZE COUNT: prints the figure of the program, and the processor time in microseconds per message.
measure() {
    local output
    output=$(TIMEFORMAT='cpu %U %S'; { time execute "$@" || echo FAILED; } 2>&1)
    echo "$output" | awk -v count="$4" '
        /^mean throughput: .*msg/ { figure = $3 / 1e3 }
        /^average latency:/ { figure = $3 }
        /^cpu / { cpu = ($2 + $3) * 1e6 / count }
        /FAILED/ { exit }
        END { if (figure > 0) print figure, cpu; else exit 1 }' || { echo "$output" >&2; fail "$2 failed"; }
}

# count_of PROGRAM SIZE: prints how many messages the C program handles in the time of a run.
count_of() {
    # With fewer messages, the start of the programs would dominate the figure.
    local least=1000 count figure
    case $1 in *thr*) least=20000 ;; esac
    count=$least
    for _ in 1 2; do
        read -r figure _ < <(measure "$scratch/c" "$1" "$2" "$count")
        count=$(awk -v figure="$figure" -v time="$milliseconds" -v program="$1" -v least="$least" 'BEGIN {
            count = program ~ /thr/ ? figure * time : time * 1000 / (2 * figure)
            printf "%d", count < least ? least : count
        }')
    done
    echo "$count"
}

# cell DECIMALS FILE: prints the median, the least and the most of the numbers in a file.
cell() {
    sort -g "$2" | awk -v decimals="$1" '
        { values[NR] = $1 }
        END {
            median = NR % 2 ? values[(NR + 1) / 2] : (values[NR / 2] + values[NR / 2 + 1]) / 2
            number = "%." decimals "f"
            printf number " (" number " to " number ")", median, values[1], values[NR]
        }'
}

line='| %-22s | %26s | %26s | %22s | %22s | %22s | %22s |\n'
echo "Medians of $pairs pairs of runs on $(nproc) processors; C: $($upstream && echo 'libzmq as released' || echo 'the bundled library')"
echo
# shellcheck disable=SC2059 # the lines have one format
printf "$line" row 'zmq, 1000/s or µs' 'C, 1000/s or µs' 'ratio' 'CPU zmq, µs' 'CPU C, µs' 'ratio of CPU'
printf '|---|---|---|---|---|---|---|\n'
echo "$wanted" | while read -r program size _; do
    count=$(count_of "$program" "$size")
    rm -f "$scratch"/ours.* "$scratch"/c.* "$scratch"/ratio.*
    for pair in $(seq "$pairs"); do
        # The programs change their order, because the second run might benefit from the first.
        order='ours c'
        if [ $((pair % 2)) = 0 ]; then order='c ours'; fi
        for side in $order; do
            if [ "$side" = ours ]; then folder=$ours; else folder=$scratch/c; fi
            measure "$folder" "$program" "$size" "$count" >"$scratch/measured"
            cut -d ' ' -f 1 "$scratch/measured" >>"$scratch/$side.figure"
            cut -d ' ' -f 2 "$scratch/measured" >>"$scratch/$side.cpu"
        done
        for what in figure cpu; do
            paste "$scratch/ours.$what" "$scratch/c.$what" | tail -n 1 | awk '{ print $1 / ($2 ? $2 : 1) }' >>"$scratch/ratio.$what"
        done
    done
    # shellcheck disable=SC2059 # as above
    printf "$line" "$program $size B" "$(cell 1 "$scratch/ours.figure")" "$(cell 1 "$scratch/c.figure")" \
        "$(cell 2 "$scratch/ratio.figure")" "$(cell 2 "$scratch/ours.cpu")" "$(cell 2 "$scratch/c.cpu")" \
        "$(cell 2 "$scratch/ratio.cpu")"
done
