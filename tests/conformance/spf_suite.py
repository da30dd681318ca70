"""The RFC 7208 suite of openspf.org, from pyspf's source distribution."""

import os

import yaml

import program


def lines(owner, entries):
    """The entries of a name in the suite's notation as lines of a master file."""
    owner = program.name(owner)
    # Without a TXT record of its own a name has its SPF record as TXT, too.
    has_txt = any(isinstance(entry, dict) and "TXT" in entry for entry in entries)
    there = {kind for entry in entries if isinstance(entry, dict) for kind, value in entry.items() if value != "NONE"}
    for entry in entries:
        if entry == "TIMEOUT":
            # Whatever is not there times out.
            for kind in {"TXT", "A", "AAAA", "MX", "PTR"} - there - ({"TXT"} if "SPF" in there and not has_txt else set()):
                yield f"{owner} {kind} TIMEOUT"
            continue
        ((kind, value),) = entry.items()
        if value == "NONE" or kind == "SPF" and has_txt:
            continue
        kind = "TXT" if kind == "SPF" else kind
        if value == "TIMEOUT":
            yield f"{owner} {kind} TIMEOUT"
        elif kind == "TXT":
            yield f"{owner} TXT {program.strings(value if isinstance(value, list) else [value])}"
        elif kind == "MX":
            preference, host = value
            yield f"{owner} MX {preference} {program.name(host) if host else '.'}"
        elif kind in ("CNAME", "PTR"):
            yield f"{owner} {kind} {program.name(value)}"
        else:
            yield f"{owner} {kind} {value}"


def zone(scenario):
    text = "$TTL 0\n" + "".join(
        f"{line}\n" for owner, entries in scenario["zonedata"].items() for line in lines(owner, entries)
    )
    return text


def cases(file):
    """Name, section, zone, test of each case."""
    with open(file, "rb") as text:
        for scenario in yaml.safe_load_all(text):
            yield scenario


def run(prog, source):
    """Number of cases, and of each that differs its name with what the suite wants and what came out."""
    count, differences = 0, []
    for scenario in cases(os.path.join(source, "test", "rfc7208-tests.yml")):
        with prog.serve(zone(scenario)) as dns:
            for case, test in scenario["tests"].items():
                wanted = test["result"] if isinstance(test["result"], list) else [test["result"]]
                sender = test["mailfrom"]
                got = prog.spf(dns.address, test["host"], test["helo"], sender)
                count += 1
                if got not in wanted:
                    differences.append((case, " or ".join(wanted), got))
    return count, differences
