"""Lines of the core that the tests ran, by room, from the JSON of llvm-cov; tests/coverage.sh makes it.

The lines of test modules within a file count for nothing.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

CORE = ["brand", "claim", "html", "mail", "proof", "reason", "report", "verdict", "wants"]
WANTED = 95.0


def lines_of(segments):
    """Whether each line was run, from segments of [line, column, count, has_count, is_entry, is_gap]."""
    counted = {}
    for now, after in zip(segments, segments[1:]):
        line, _, count, has_count, _, is_gap = now[:6]
        if not has_count or is_gap:
            continue
        for number in range(line, after[0] + (after[1] > 1)):
            counted[number] = max(counted.get(number, 0), count)
    return counted


def code_lines(path):
    """How many lines stand before the tests of the same file, and which of them hold code."""
    text = path.read_text(encoding="utf-8").split("\n")
    end = next(
        (
            at
            for at, line in enumerate(text)
            if line.strip() == "#[cfg(test)]"
            and any(after.startswith("mod ") and after.endswith("{") for after in text[at + 1 : at + 4])
        ),
        len(text),
    )
    is_code = lambda line: line.strip() not in ("", "{", "}", "};", "})", "});", ")", "),") and not line.strip().startswith("//")
    return {at + 1 for at, line in enumerate(text[:end]) if is_code(line)}


def main(report, missed):
    rooms = defaultdict(lambda: [0, 0])
    lost = []
    for file in json.loads(Path(report).read_text())["data"][0]["files"]:
        name = file["filename"].rpartition("/src/")[2]
        room = name.partition("/")[0].removesuffix(".rs")
        if room not in CORE or name.endswith("/tests.rs"):
            continue
        code = code_lines(Path(file["filename"]))
        counted = {line: count for line, count in lines_of(file["segments"]).items() if line in code}
        rooms[room][0] += sum(count > 0 for count in counted.values())
        rooms[room][1] += len(counted)
        lost += [f"src/{name}:{line}" for line, count in sorted(counted.items()) if count == 0]
    run = sum(done for done, _ in rooms.values())
    all_lines = sum(lines for _, lines in rooms.values())
    if not all_lines:
        sys.exit("coverage: the report has no line of the core")
    for room, (done, lines) in sorted(rooms.items()):
        print(f"{room:<10} {done:>6} of {lines:>6} lines  {100 * done / lines:5.1f} %")
    share = 100 * run / all_lines
    print(f"{'all':<10} {run:>6} of {all_lines:>6} lines  {share:5.1f} %")
    Path(missed).write_text("\n".join(lost) + "\n")
    print(f"{len(lost)} lines that none ran: {missed}")
    sys.exit(share < WANTED)


main(*sys.argv[1:])
