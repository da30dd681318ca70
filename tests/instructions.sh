#!/bin/sh
# Counts the instructions of what every message goes through, and compares them with what is
# committed. A count is no time: it is the same on a busy machine, and a change that makes a message
# dearer shows in it.
#
#   tests/instructions.sh            compare; exit 1 where a count has grown by more than 5 %
#   tests/instructions.sh --write    take the counts of now for the ones to compare with
#
# Counted with valgrind (Debian: valgrind), in the release profile, over ten runs after a first one, so
# that neither the start nor the tables that it builds are in it.
set -eu

cd "$(dirname "$0")/.."
known=tests/bench/instructions.txt
command -v valgrind >/dev/null || { echo "instructions: valgrind is missing" >&2; exit 2; }
program=$(${CARGO:-cargo} bench --locked --no-run --bench instructions 2>&1 |
    sed -n 's/.*Executable.*(\(.*\))$/\1/p')
[ -x "$program" ] || { echo "instructions: the benchmark does not build" >&2; exit 2; }

count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        --collect-atstart=no --toggle-collect='*ten_times*' "$program" "$1" 2>&1 |
        sed -n 's/.*Collected : //p'
}

work=$(mktemp)
trap 'rm -f "$work"' EXIT
for name in $("$program"); do
    echo "$name $(($(count "$name") / 10))" >>"$work"
done
if [ "${1-}" != --write ] && [ ! -e $known ]; then
    cat "$work"
    echo "instructions: nothing to compare with yet: tests/instructions.sh --write makes $known" >&2
    exit 2
fi
if [ "${1-}" = --write ]; then
    cp "$work" $known
    exit 0
fi
awk '
    NR == FNR { known[$1] = $2; next }
    { change = known[$1] ? ($2 / known[$1] - 1) * 100 : 0
      printf "%-20s %12d %+7.1f %%%s\n", $1, $2, change, (change > 5 ? "  GROWN" : "")
      grown += change > 5 }
    END { exit grown > 0 }
' $known "$work"
