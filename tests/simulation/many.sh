#!/usr/bin/env bash
# Many seeds of the simulation, in pieces: what was done stays done, so that a run of hours can be stopped and
# started again.
#
#   tests/simulation/many.sh FIRST SEEDS [MESSAGES]
#
# Seeds from FIRST on, SEEDS of them, MESSAGES of each (10,000). What each printed is in target/simulated,
# by seed; a seed whose file says that it passed isn't run again. The last line sums up all that is there.
# NEW=yes runs all of them again.
# Exit 0: all passed. 1: a fault was found, and its file is named. 2: it could not be tried.
set -euo pipefail

cd "$(dirname "$0")/../.."
first=${1:?tests/simulation/many.sh FIRST SEEDS [MESSAGES]} seeds=${2:?} messages=${3:-10000}
cargo=${CARGO:-cargo}
out=${CARGO_TARGET_DIR:-target}/simulated
mkdir -p "$out"

program=${PROGRAM:-$("$cargo" test --profile quick --locked --test simulation --no-run --message-format=json 2>"$out/build.log" |
    sed -nE 's/.*"name":"simulation".*"executable":"([^"]+)".*/\1/p' | tail -1)}
[[ -x $program ]] || { echo "many: it doesn't build, see $out/build.log" >&2; exit 2; }
[[ ${NEW:-} != yes ]] || rm -f "$out"/*.seed

for ((seed = first; seed < first + seeds; seed++)); do
    log=$out/$seed.seed
    [[ ! -e $log ]] || ! grep -q "^seed $seed: " "$log" || continue
    if ! SEED=$seed SEEDS=1 MESSAGES=$messages "$program" --exact --nocapture what_is_right_comes_out_whatever_happens >"$log.part" 2>&1; then
        mv "$log.part" "$out/$seed.fault"
        echo "many: seed $seed found something: $out/$seed.fault" >&2
        exit 1
    fi
    mv "$log.part" "$log"
done
cat "$out"/*.seed | awk '/^seed [0-9]+: / { seeds++; messages += $3; epochs += $11; connections += $9 }
    / events, / { events += $8; seconds += $10 }
    END { printf "%d seeds, %d messages answered, %d connections, %d epochs, %d events, %d s of their time\n",
        seeds, messages, connections, epochs, events, seconds }'
