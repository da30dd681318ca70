#!/usr/bin/env python3
"""conformance.py --binaries FOLDER --work FOLDER [--zones N] [--first N] [--write FILE]

Runs public suites, fetched from PyPI, through the program and the zone server in FOLDER, compares it with
pyspf over N random zones (2000), and writes what came out as Markdown. What can't be fetched is named as left
out. Exit status 0: every difference has its reason. 1: one has none.

`make conformance` calls this in a Python of its own.
"""

import argparse
import collections
import glob
import importlib.metadata
import os
import subprocess
import sys
import tarfile

HERE = os.path.dirname(os.path.abspath(__file__))


class Section:
    """What came out of one suite."""

    def __init__(self, title, source, cases, agreed, differences):
        # differences: [(what, reason or None)]
        self.title, self.source, self.cases, self.agreed, self.differences = title, source, cases, agreed, differences
        self.note = ""


class LeftOut(Exception):
    """A suite that can't be run here."""


def fetch(work, name):
    """The unpacked source distribution of a package, and its version."""
    sources = os.path.join(work, "sources")
    if not glob.glob(os.path.join(sources, f"{name}-*.tar.gz")):
        command = [sys.executable, "-m", "pip", "--quiet", "download", "--no-deps", "--no-binary", ":all:", "--dest", sources, name]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise LeftOut(f"the source distribution of {name} can't be fetched")
    (archive,) = glob.glob(os.path.join(sources, f"{name}-*.tar.gz"))[:1]
    folder = archive.removesuffix(".tar.gz")
    if not os.path.isdir(folder):
        with tarfile.open(archive) as tar:
            tar.extractall(sources, filter="data")
    return folder, os.path.basename(folder).removeprefix(f"{name}-")


def refuse_errors(result):
    """A test that could not be run is no agreement."""
    for test, trace in result.errors + result.failures:
        raise RuntimeError(f"{test.id()}: {trace.splitlines()[-1]}")


def spf_suite(prog, work, _):
    import spf_suite

    folder, version = fetch(work, "pyspf")
    count, differences = spf_suite.run(prog, folder)
    found = [(f"`{case}`: {got} here, {wanted} there", None) for case, wanted, got in differences]
    yield Section("RFC 7208 suite", f"pyspf {version}", count, count - len(found), found)


def spf_random(prog, work, arguments):
    import pyspf_fixes
    import spf_random

    folder, version = fetch(work, "pyspf")
    numbers = range(arguments.first, arguments.first + arguments.zones)
    agreed, explained, open_ = spf_random.run(prog, folder, numbers)
    found = []
    for chosen, zones in sorted(explained.items(), key=lambda item: -len(item[1])):
        why = "; ".join(f"{pyspf_fixes.FIXES[name][1]} (RFC 7208 section {pyspf_fixes.FIXES[name][0]})" for name in chosen)
        found += [(f"zone {number}: {got} here, {wanted} there", why) for number, wanted, got in zones]
    for zone, wanted, got in open_:
        print("\n".join([f"zone {zone.number}: {got} here, {wanted} there", *zone.shown()]))
        found.append((f"zone {zone.number}: {got} here, {wanted} there", None))
    section = Section(f"random SPF zones {numbers[0]} to {numbers[-1]}", f"pyspf {version}", len(numbers), agreed.total(), found)
    section.note = "Both say " + ", ".join(f"{result} of {count}" for result, count in agreed.most_common()) + "."
    yield section


def dkim_suite(prog, work, _):
    folder, version = fetch(work, "dkimpy")
    sys.path.insert(0, folder)
    import dkim_suite

    names = [f"dkim.tests.{name}" for name in ("test_dkim", "test_dkim_ed25519", "test_dkim_rsavariants", "test_arc")]
    cases, result = dkim_suite.run(prog, names)
    refuse_errors(result)
    for kind, title in (("dkim", "DKIM: what dkimpy's tests verify"), ("arc", "ARC: what dkimpy's tests verify")):
        of_kind = [case for case in cases if case.kind == kind]
        differing = [case for case in of_kind if case.ours != case.theirs]
        found = [(f"`{case.test}`: {case.ours} here, {case.theirs} there", case.reason()) for case in differing]
        yield Section(title, f"dkimpy {version}", len(of_kind), len(of_kind) - len(found), found)


def arc_suite(prog, work, _):
    import dkim

    import arc_suite

    folder = os.path.join(work, "arc")
    if not os.path.exists(os.path.join(folder, "index.tsv")):
        raise LeftOut("the chains of tests/arc are not there: ARC_CASES=FOLDER cargo test --test arc writes them")
    cases, differing = arc_suite.run(prog, folder)
    found = [(f"{case.shown()}: {ours} here, {theirs} there", case.reason(ours, theirs)) for case, ours, theirs in differing]
    version = importlib.metadata.version("dkimpy")
    yield Section("ARC: the chains of tests/arc", f"dkimpy {version}", len(cases), len(cases) - len(found), found)


def dmarc_suite(prog, work, _):
    folder, version = fetch(work, "dmarc")
    keys, _ = fetch(work, "dkimpy")
    sys.path[:0] = [folder, keys]
    import dmarc_suite

    data = os.path.join(keys, "dkim", "tests", "data")
    with open(os.path.join(data, "test.private"), "rb") as key, open(os.path.join(data, "test.txt")) as public:
        cases, result = dmarc_suite.run(prog, key.read(), public.read().strip())
    refuse_errors(result)
    found = [(f"`{case.test}` ({case.described}): {case.ours} here, {case.theirs} there", case.reason()) for case in cases if case.ours != case.theirs]
    yield Section("DMARC: the results of dmarc's tests", f"dmarc {version}", len(cases), len(cases) - len(found), found)


def authres_suite(prog, work, _):
    folder, version = fetch(work, "authres")
    sys.path.insert(0, folder)
    import authres_suite

    agreed, differences = authres_suite.run(prog.written)
    found = [(f"`{field}`: {what}", None) for field, what in differences]
    yield Section("Authentication-Results of all these, read by authres", f"authres {version}", len(prog.written), agreed, found)


SUITES = [spf_suite, spf_random, dkim_suite, arc_suite, dmarc_suite, authres_suite]


def markdown(sections, left_out):
    """The page."""
    lines = [
        "# Conformance",
        "",
        "What `make conformance` saw: public suites, fetched from PyPI, run through the program and a DNS server that serves their zones.",
        "Where a suite and an RFC say different things, the RFC decides.",
        "",
        "| suite | from | cases | agreed | differences | without a reason |",
        "|---|---|---|---|---|---|",
    ]
    for section in sections:
        unexplained = sum(why is None for _, why in section.differences)
        lines.append(f"| {section.title} | {section.source} | {section.cases} | {section.agreed} | {len(section.differences)} | {unexplained} |")
    lines += ["", *(f"Left out: {one}." for one in left_out)]
    if left_out:
        lines.append("")
    lines += [
        "The random zones are made from their numbers by `tests/conformance/spf_random.py`: a sender's domain and three that it includes or redirects to, with terms of every kind, mistakes, and hosts that fail.",
        "A difference has its reason where pyspf, corrected in the place that is named (`tests/conformance/pyspf_fixes.py`), agrees.",
        "The chains of `tests/arc` are this project's own, each with a result by the sections of RFC 8617; dkimpy is a second opinion about them.",
        "The suites of dkimpy and dmarc are their own tests: whatever those verify, the program verifies, too.",
    ]
    for section in sections:
        if section.differences:
            lines += ["", f"## {section.title}", "", *([section.note, ""] if section.note else [])]
        by_reason = collections.defaultdict(list)
        for what, why in section.differences:
            by_reason[why or "No reason is known"].append(what)
        for why, cases in by_reason.items():
            shown = ", ".join(cases[:3]) + (f" and {len(cases) - 3} more" if len(cases) > 3 else "")
            lines.append(f"- {len(cases)}: {why}. {shown[0].upper()}{shown[1:]}.")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", required=True, help="where the program is, and examples/zone-server")
    parser.add_argument("--work", required=True, help="where sources are kept")
    parser.add_argument("--zones", type=int, default=2000, help="random zones (2000)")
    parser.add_argument("--first", type=int, default=0, help="the number of the first one (0)")
    parser.add_argument("--write", help="the page; standard output without it")
    arguments = parser.parse_args()
    sys.path.insert(0, HERE)
    import program

    prog = program.Program(arguments.binaries)
    sections, left_out = [], []
    for suite in SUITES:
        try:
            for section in suite(prog, arguments.work, arguments):
                sections.append(section)
                print(f"{section.title}: {section.agreed} of {section.cases} agreed", flush=True)
        except LeftOut as error:
            left_out.append(f"{suite.__name__.replace('_', ' ')}: {error}")
        except ModuleNotFoundError as error:
            left_out.append(f"{suite.__name__.replace('_', ' ')}: the Python package {error.name} can't be had")
    page = markdown(sections, left_out)
    if arguments.write:
        with open(arguments.write, "w", encoding="utf-8") as out:
            out.write(page)
    else:
        print(page)
    for one in left_out:
        print(f"left out: {one}")
    return any(why is None for section in sections for _, why in section.differences)


if __name__ == "__main__":
    sys.exit(main())
