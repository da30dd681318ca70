"""Draws mutants by a seed, and sums up what became of them; tests/mutants.sh says how it is used."""

import json
import random
import re
import sys
from collections import Counter
from pathlib import Path

CORE = ["brand", "claim", "html", "mail", "proof", "reason", "report", "verdict", "wants"]
NOTICED = ("CaughtMutant", "Timeout")


def room(name):
    """The room of a name such as `src/mail/url.rs:10:5: replace ...`."""
    return name.removeprefix("src/").partition("/")[0].partition(".rs")[0]


def draw(listed, seed, start, count, *rooms):
    names = sorted(mutant["name"] for mutant in json.loads(Path(listed).read_text()))
    names = [name for name in names if room(name) in (rooms or CORE)]
    random.Random(int(seed)).shuffle(names)
    for name in names[int(start) : int(start) + int(count)]:
        print(name)


def without_place(name):
    """The name without line and column, which move."""
    return re.sub(r":\d+:\d+:", ":", name)


def known_of(kept):
    kept = Path(kept)
    return dict(line.split("\t") for line in kept.read_text().splitlines()) if kept.exists() else {}


def left(drawn, kept):
    """Patterns for those of which nothing is known."""
    known = known_of(kept)
    for name in Path(drawn).read_text().splitlines():
        if name not in known:
            print(f"^{re.escape(name)}$")


def add(outcomes, kept):
    """What cargo-mutants found goes to what is known."""
    known = known_of(kept)
    for outcome in json.loads(Path(outcomes).read_text())["outcomes"]:
        if outcome["scenario"] != "Baseline":
            known[outcome["scenario"]["Mutant"]["name"]] = outcome["summary"]
    Path(kept).write_text("".join(f"{name}\t{summary}\n" for name, summary in sorted(known.items())))


def sum_up(kept, accepted):
    known = known_of(kept)
    lines = Path(accepted).read_text().splitlines()
    excused = {line.split("\t")[0] for line in lines if line and not line.startswith("#")}
    tried = {name: summary for name, summary in known.items() if summary != "Unviable"}
    by_room = {}
    missed = []
    for name, summary in tried.items():
        is_noticed = summary in NOTICED or without_place(name) in excused
        by_room.setdefault(room(name), Counter())[is_noticed] += 1
        missed += [] if is_noticed else [name]
    for name, counter in sorted(by_room.items()):
        print(f"{name:<10} {counter[True]:>4} of {counter.total():>4} noticed")
    noticed = len(tried) - len(missed)
    print(f"{'all':<10} {noticed:>4} of {len(tried):>4} noticed, {len(known) - len(tried)} that don't build left out")
    for name in sorted(missed):
        print(f"missed: {name}")
    sys.exit(not tried or noticed < 0.9 * len(tried))


{"draw": draw, "left": left, "add": add, "sum": sum_up}[sys.argv[1]](*sys.argv[2:])
