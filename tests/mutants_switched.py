"""Mutants that are built once, all together, each behind a switch: the program is the right one, unless the
variable MUTANT has the number of one of them. tests/mutants.sh says how it is used.

    build LISTED DRAWN ROOT TREE MUTANTS COMMAND...
        writes the drawn ones into a copy of the sources, with their switches, and builds it by COMMAND; what
        does not compile is taken out again, and it is tried anew. MUTANTS has those that are in it
    try MUTANTS TREE OUT
        runs the programs on each, until one fails; what came out is added to OUT

A switch costs the tests nothing, and to build one program for each mutant would cost nearly all of the time.
What can't be switched at run time (a constant, what doesn't compile behind a switch) is left to cargo-mutants.
"""

import json
import os
import resource
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import tree_sitter_rust
from tree_sitter import Language, Parser

# The simulation's own tests take more seeds than each mutant can have.
SIMULATED = {"SEED": "1", "SEEDS": "6", "MESSAGES": "100"}
MEMORY = 6 << 30
UNITS = "amazon_spoof_milter"
# Seconds that a program may take in any case, beside five times as long as without a mutant.
PATIENCE = 10
# Programs of fewer seconds come before all others.
QUICK = 8
# These take long over signatures and DNS, and over ever the same few texts.
OF_PROOFS = ("proof_matrix", "spf", "arc")
PARSER = Parser(Language(tree_sitter_rust.language()))
SWITCH = """
/// Whether this mutant is the one that is tried.
// Copied into each place it would make the build take minutes more.
#[inline(never)]
#[doc(hidden)]
pub fn is_mutant(number: u32) -> bool {
    static TRIED: std::sync::LazyLock<Option<u32>> =
        std::sync::LazyLock::new(|| std::env::var("MUTANT").ok()?.parse().ok());
    *TRIED == Some(number)
}
"""


def on(number):
    return f"crate::is_mutant({number})"


def marked(number, text):
    """Its text with its borders, by which an error of the compiler is laid to it."""
    return f"/*<{number}*/{text}/*>{number}*/"


class Source:
    """One file with its mutants."""

    def __init__(self, path):
        self.octets = path.read_bytes()
        self.lines = [0]
        for at, octet in enumerate(self.octets):
            if octet == 10:
                self.lines.append(at + 1)
        self.root = PARSER.parse(self.octets).root_node
        self.changes = {}
        self.guards = {}

    def place(self, point):
        """The octet at a line and column, both counted from 1, columns in letters."""
        start = self.lines[point["line"] - 1]
        line = self.octets[start:].split(b"\n", 1)[0].decode()
        return start + len(line[: point["column"] - 1].encode())

    def node(self, start, end):
        return self.root.descendant_for_byte_range(start, max(start, end - 1))

    def add(self, number, mutant):
        """Whether it can be switched."""
        start, end = (self.place(mutant["span"][side]) for side in ("start", "end"))
        genre, replacement = mutant["genre"], mutant["replacement"]
        node = self.node(start, end)
        if is_constant(node):
            return False
        if genre == "FnValue":
            # A function that doesn't name its type has one only: that of what it returns late.
            if "impl " in mutant["function"]["return_type"]:
                return False
            whole = node
            while whole is not None and whole.type != "function_item":
                whole = whole.parent
            body = whole and whole.child_by_field_name("body")
            if body is None:
                return False
            text = f"if {on(number)} {{ return {replacement}; }}"
            self.changes.setdefault((body.start_byte + 1, body.start_byte + 1), []).append((number, "before", text))
            return True
        if genre == "BinaryOperator":
            parent = node.parent
            if parent.type not in ("binary_expression", "compound_assignment_expr"):
                return False
            kind = "binary"
        elif genre == "UnaryOperator":
            parent = node if node.type == "unary_expression" else node.parent
            if parent.type != "unary_expression":
                return False
            kind = "unary"
        elif genre in ("MatchArm", "MatchArmGuard"):
            parent = node
            while parent is not None and parent.type != "match_arm":
                parent = parent.parent
            if parent is None:
                return False
            pattern = parent.child_by_field_name("pattern")
            guard = pattern.child_by_field_name("condition")
            if guard is not None and guard.type in ("let_chain", "let_condition"):
                return False
            self.guards.setdefault((pattern.start_byte, pattern.end_byte), []).append((number, genre, replacement))
            return True
        elif genre == "StructField":
            parent = node
            while parent is not None and parent.type != "struct_expression":
                parent = parent.parent
            if parent is None:
                return False
            kind = "field"
        else:
            return False
        key = (parent.start_byte, parent.end_byte)
        self.changes.setdefault(key, []).append((number, kind, (start, end, replacement)))
        return True

    def text(self, start, end):
        return self.octets[start:end].decode()

    def written(self):
        return self.render(self.root)

    def render(self, node):
        """The text of a node with the switches in it."""
        out, at = [], node.start_byte if node.parent is not None else 0
        for child in node.children:
            out.append(self.text(at, child.start_byte))
            out.append(self.render(child))
            at = child.end_byte
            out += [marked(number, text) for number, kind, text in self.changes.get((at, at), []) if kind == "before"]
        out.append(self.text(at, node.end_byte if node.parent is not None else len(self.octets)))
        text = "".join(out)
        key = (node.start_byte, node.end_byte)
        if node.type in ("binary_expression", "compound_assignment_expr", "unary_expression", "struct_expression"):
            for number, kind, (start, end, replacement) in self.changes.get(key, []):
                text = self.switched(node, number, kind, (start, end, replacement), text)
        if node.type == "match_pattern" and key in self.guards:
            text = self.guarded(node, text)
        return text

    def switched(self, node, number, kind, change, text):
        start, end, replacement = change
        # One mutant is on at a time, so what it puts in the place has no others in it.
        if kind == "unary":
            other = self.text(node.children[1].start_byte, node.end_byte)
        else:
            other = self.text(node.start_byte, start) + replacement + self.text(end, node.end_byte)
        return marked(number, f"(if {on(number)} {{ {other} }} else {{ {text} }})")

    def guarded(self, node, text):
        """A pattern with its guard. One that is taken away never matches."""
        condition = node.child_by_field_name("condition")
        pattern, guard = text, "true"
        if condition is not None:
            # What stands before the guard has no switches.
            before = self.text(node.start_byte, condition.start_byte)
            guard = f"({text[len(before):]})"
            pattern = before.rstrip().removesuffix("if")
        for number, genre, replacement in self.guards[(node.start_byte, node.end_byte)]:
            kept = f"(!{on(number)} && {guard})"
            if genre == "MatchArmGuard" and replacement == "true":
                kept = f"({on(number)} || {guard})"
            guard = marked(number, kept)
        return f"{pattern} if {guard} "


def is_constant(node):
    """Whether it is computed while it is compiled."""
    while node is not None:
        if node.type == "closure_expression":
            return False
        if node.type in ("const_item", "static_item", "const_block", "array_type", "enum_variant"):
            return True
        if node.type == "function_item":
            modifiers = [child for child in node.children if child.type == "function_modifiers"]
            return any("const" in child.text.decode().split() for child in modifiers)
        node = node.parent
    return False


def plant(listed, drawn, root, taken_out):
    """The mutants that can be switched, by their number, and the texts of the files that have them."""
    by_name = {mutant["name"]: mutant for mutant in json.loads(Path(listed).read_text())}
    sources, planted = {}, {}
    for number, name in enumerate(Path(drawn).read_text().splitlines()):
        mutant = by_name[name]
        if number in taken_out:
            continue
        source = sources.setdefault(mutant["file"], Source(root / mutant["file"]))
        if source.add(number, mutant):
            planted[number] = name
    texts = {file: source.written().encode() for file, source in sources.items()}
    texts["src/lib.rs"] = texts.get("src/lib.rs", (root / "src/lib.rs").read_bytes()) + SWITCH.encode()
    return planted, texts


def lay(root, tree, texts):
    """Makes the tree what the root is, but for the texts. A file that is right stays as old as it is, so that
    cargo builds nothing twice."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, stdout=subprocess.PIPE, text=True)
    files = [file for file in listed.stdout.split("\0") if file and (root / file).is_file()]
    for file in files:
        text = texts.get(file) or (root / file).read_bytes()
        path = tree / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != text:
            path.write_bytes(text)
        path.chmod((root / file).stat().st_mode)
    kept = set(files)
    for path in [*(tree / "src").rglob("*"), *(tree / "tests").rglob("*")]:
        if path.is_file() and str(path.relative_to(tree)) not in kept:
            path.unlink()


def borders(text):
    """Where each mutant's text is, in octets: the innermost last."""
    found, open_at = [], {}
    octets = text.encode()
    at = 0
    while (at := octets.find(b"/*", at)) >= 0:
        end = octets.find(b"*/", at)
        word = octets[at + 2 : end].decode(errors="replace")
        if word[:1] == "<" and word[1:].isdigit():
            open_at[int(word[1:])] = at
        elif word[:1] == ">" and word[1:].isdigit() and int(word[1:]) in open_at:
            found.append((open_at[int(word[1:])], end, int(word[1:])))
        at += 2
    return sorted(found, key=lambda border: border[1] - border[0], reverse=True)


def in_patterns(octets, span, found):
    """The mutants in the patterns of the `match` that an error is laid to: with their guards it takes all, and
    the compiler doesn't see it."""
    node = PARSER.parse(octets).root_node.descendant_for_byte_range(span["byte_start"], span["byte_end"])
    while node is not None and node.type != "match_expression":
        node = node.parent
    arms = node.child_by_field_name("body").children if node is not None else []
    ranges = [
        (arm.child_by_field_name("pattern").start_byte, arm.child_by_field_name("value").start_byte)
        for arm in arms
        if arm.type == "match_arm"
    ]
    return {number for start, end, number in found if any(a <= start and end <= b for a, b in ranges)}


def guilty(messages, tree):
    """The mutants in which the compiler found errors."""
    numbers = set()
    for line in messages.splitlines():
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if message.get("reason") != "compiler-message" or message["message"]["level"] != "error":
            continue
        for span in message["message"]["spans"]:
            path = tree / span["file_name"]
            if not path.exists():
                continue
            octets = path.read_bytes()
            found = borders(octets.decode())
            if (message["message"].get("code") or {}).get("code") == "E0004":
                numbers |= in_patterns(octets, span, found)
            around = [
                number for start, end, number in found if start <= span["byte_start"] and span["byte_end"] <= end
            ]
            numbers.update(around[-1:])
    return numbers


def builds_nowhere(mutant):
    """Whether one that doesn't compile behind its switch doesn't without it, either: what a function returns
    early has the type of what it returns late."""
    return mutant["genre"] == "FnValue"


def build(listed, drawn, root, tree, planted_file, *command):
    root, tree = Path(root), Path(tree)
    names = Path(drawn).read_text().splitlines()
    by_name = {mutant["name"]: mutant for mutant in json.loads(Path(listed).read_text())}
    # What did not compile once, does not the next time.
    remembered = tree / "taken-out.json"
    before = json.loads(remembered.read_text()) if remembered.exists() else []
    taken_out = {number for number, name in enumerate(names) if name in before}
    while True:
        planted, texts = plant(listed, drawn, root, taken_out)
        lay(root, tree, texts)
        done = subprocess.run(
            [*command, "--message-format=json"], cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        if done.returncode == 0:
            break
        found = guilty(done.stdout, tree) - taken_out
        if not found:
            (tree / "errors.json").write_text(done.stdout)
            sys.exit(f"mutants: it doesn't build, and no mutant is to blame: {tree}/errors.json")
        print(f"mutants: {len(found)} don't compile behind a switch", file=sys.stderr)
        taken_out |= found
        remembered.write_text(json.dumps([*before, *(names[number] for number in taken_out)]))
    programs = [
        message["executable"]
        for message in map(json.loads, filter(lambda line: line.startswith("{"), done.stdout.splitlines()))
        if message.get("executable") and message["profile"]["test"]
    ]
    unviable = [names[number] for number in sorted(taken_out) if builds_nowhere(by_name[names[number]])]
    print(
        f"mutants: of {len(names)}, {len(planted)} are behind switches, {len(unviable)} build nowhere, "
        f"{len(names) - len(planted) - len(unviable)} are left",
        file=sys.stderr,
    )
    Path(planted_file).write_text(json.dumps({"mutants": planted, "unviable": unviable, "programs": programs}))


def bounded():
    """What a mutant may take: one that fills the memory shall end before the machine does."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def run(program, tree, number, patience, only=()):
    """`None` where its tests pass; else how it was noticed."""
    environment = {**os.environ, **SIMULATED, "RUST_BACKTRACE": "0"}
    environment.pop("MUTANT", None)
    if number is not None:
        environment["MUTANT"] = str(number)
    began = time.monotonic()
    try:
        done = subprocess.run(
            [program, "-q", *only], cwd=tree, env=environment, timeout=patience,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=bounded,
        )
    except subprocess.TimeoutExpired:
        return "Timeout", time.monotonic() - began
    return ("CaughtMutant" if done.returncode else None), time.monotonic() - began


class Programs:
    """Those that notice much in little time come first."""

    def __init__(self, paths, tree):
        self.tree = tree
        # The unmutated one says how long each may take. It is not asked again of the same program.
        kept = tree / "lasted.json"
        known = json.loads(kept.read_text()) if kept.exists() else {}
        self.lasted = {}
        for path in paths:
            key = f"{path} {Path(path).stat().st_mtime_ns}"
            if key not in known:
                noticed, known[key] = run(path, tree, None, 900)
                if noticed:
                    sys.exit(f"mutants: {self.name(path)} fails without any mutant")
            self.lasted[path] = known[key]
        kept.write_text(json.dumps(known))
        self.tries = dict.fromkeys(paths, 2)
        self.hits = dict.fromkeys(paths, 1)
        print("mutants: " + ", ".join(f"{self.name(path)} {self.lasted[path]:.1f} s" for path in self.ordered()))

    @staticmethod
    def name(path):
        return Path(path).name.rsplit("-", 1)[0]

    def ordered(self):
        return sorted(self.lasted, key=lambda path: self.lasted[path] * self.tries[path] / self.hits[path])

    def of_room(self, number, room):
        """Whether the tests beside the code notice it: most are noticed there."""
        for path in self.lasted:
            if self.name(path) == UNITS:
                noticed, _ = run(path, self.tree, number, PATIENCE + 5 * self.lasted[path], [f"{room}::"])
                if noticed:
                    return noticed, " by its room's unit tests"
        return None, ""

    def notice(self, number, room, are_quick):
        """How a mutant was noticed, and by which program."""
        for path in self.ordered():
            if self.name(path) in OF_PROOFS and room not in ("proof", "verdict"):
                continue
            if (self.lasted[path] < QUICK) != are_quick:
                continue
            self.tries[path] += 1
            noticed, _ = run(path, self.tree, number, PATIENCE + 5 * self.lasted[path])
            if noticed:
                self.hits[path] += 1
                return noticed, f" by {self.name(path)}"
        return None, ""


def try_all(planted_file, tree, kept):
    what = json.loads(Path(planted_file).read_text())
    kept = Path(kept)
    known = dict(line.split("\t") for line in kept.read_text().splitlines()) if kept.exists() else {}
    known.update((name, "Unviable") for name in what["unviable"])
    settled = {"CaughtMutant", "Timeout", "Unviable"}
    # Tests that are new may notice what was missed.
    settled |= set() if os.environ.get("AGAIN") == "yes" else {"MissedMutant"}
    programs = Programs(what["programs"], Path(tree))
    left = {number: name for number, name in what["mutants"].items() if known.get(name) not in settled}
    # Those that the quick tests don't notice are few, and take nearly all of the time.
    steps = [programs.of_room, partial(programs.notice, are_quick=True), partial(programs.notice, are_quick=False)]
    for step in steps:
        for number, name in list(left.items()):
            noticed, by = step(number, name.removeprefix("src/").split("/")[0].split(".rs")[0])
            if noticed or step is steps[-1]:
                known[name] = noticed or "MissedMutant"
                del left[number]
                print(f"{known[name]}{by}: {name}", flush=True)
                kept.write_text("".join(f"{name}\t{summary}\n" for name, summary in sorted(known.items())))
        print(f"mutants: {len(left)} are left", flush=True)


{"build": build, "try": try_all}[sys.argv[1]](*sys.argv[2:])
