"""The chains of tests/arc, checked by dkimpy as well."""

import os
import re

import program

# Where dkimpy says something else: our result, its own (or what it stumbles over), what stands in the case, and
# the section that decides.
REASONS = [
    ("none", "*", r"A last sealer|Names below|Without a seal|whose it is", "a chain whose last sealer the operator doesn't name is not looked at: `none` proves as little as `fail`"),
    ("none", "pass", r"More are not looked at", "no more than ten sets are looked at, since each costs a key"),
    ("temperror", "fail", r"failure of DNS|A named sealer's", "a server that fails says nothing about a key (RFC 6376 section 6.1.2); dkimpy takes it for a key that isn't there"),
    ("policy", "*", r"stands twice", "a field that a message has once and that stands twice is shown to one reader and signed for another (RFC 6376 section 8.15): no pass here"),
    ("fail", "pass", r"Results that don't begin|payload of Authentication-Results", "dkimpy reads no results but for a number behind `i=`; they have a grammar (sections 4.1.1 and 4.2.1)"),
    ("fail", "*", r"An instance has one or two digits", "an instance is one or two digits from 1 to 50 (section 4.2.1); dkimpy takes what Python's `int` takes, or finds no set"),
    ("fail", "pass", r"From is signed|signature\.h= ", "From has to be signed (RFC 6376 section 5.4)"),
    ("fail", "pass", r"A list has names and colons", "a list of fields has no empty name (RFC 6376 section 3.5)"),
    ("fail", "pass", r"c-x=", "the name of a tag is a letter with letters, digits and underscores behind it (RFC 6376 section 3.2)"),
    ("fail", "pass", r"t=now\+3600|x=now-60", "a time in the future, or an end that has passed (RFC 6376 section 3.5)"),
    ("fail", "pass", r"key h=sha1", "a key for SHA-1 alone (RFC 6376 section 3.6.1)"),
    ("fail", "pass", r"key t=(s:)?y", "a key that is being tested proves no more than none (RFC 6376 section 3.6.1)"),
    ("fail", "pass", r"Two keys at a name", "two keys at a name: what a verifier makes of them is undefined (RFC 6376 section 3.6.2.2)"),
    ("fail", "AttributeError", r"cv=fail|found the chain before him broken|in the middle of a chain", "`cv=fail` ends a chain (section 5.2); dkimpy 1.1 raises an exception"),
    ("fail", "MessageFormatError", r"blank in front of the colon", "dkimpy reads no message with a blank in front of a colon, which RFC 5322 section 4.5.8 lets stand"),
    ("pass", "fail", r"signature\.v=2", "a version is ignored (section 4.1.2)"),
    ("pass", "fail", r"signature\.c=none!", "without `c=` both forms are simple (RFC 6376 section 3.5)"),
    ("pass", "fail", r"q=other:dns/txt", "`q=` is a list (RFC 6376 section 3.5)"),
    ("pass", "fail", r"seal\.c=", "a seal has no `c=`, and what isn't known is ignored (section 4.1.3, RFC 6376 section 3.2)"),
    ("pass", "fail", r"seal\.cv=(NONE|PASS)", "words of a grammar have no case (RFC 5234 section 2.3)"),
    ("pass", "fail", r"s=tlsrpt:email", "`s=` of a key is a list (RFC 6376 section 3.6.1)"),
    ("pass", "fail", r"Ed25519 \(RFC 8463\)", "signatures may be of Ed25519 (RFC 8463); dkimpy knows it in DKIM alone"),
]


class Case:
    def __init__(self, number, name, check, wanted, folder):
        self.number, self.name, self.check, self.wanted = number, name, check, wanted
        with open(os.path.join(folder, f"{number}.eml"), "rb") as message:
            self.message = message.read()
        with open(os.path.join(folder, f"{number}.zone"), encoding="utf-8") as zone:
            self.zone = zone.read()

    def shown(self):
        return f"`{self.name}`, `{self.check}`"

    def reason(self, ours, theirs):
        said = f"{self.name} {self.check}"
        for our, their, found, why in REASONS:
            if our == ours and their in ("*", theirs) and re.search(found, said):
                return why
        return None


def records(zone):
    """Name to the texts at it; a name whose server fails has none."""
    found = {}
    for line in zone.splitlines():
        owner, _, rest = line.partition(" ")
        kind, _, data = rest.partition(" ")
        if kind == "TXT" and data.startswith('"'):
            strings = re.findall(r'"((?:[^"\\]|\\.)*)"', data)
            found.setdefault(owner.lower(), []).append("".join(re.sub(r"\\(.)", r"\1", one) for one in strings))
        elif kind == "CNAME":
            found[owner.lower()] = data.strip().lower()
    return found


def theirs(case):
    """What dkimpy says."""
    import dkim

    known = records(case.zone)

    def asked(name, timeout=5):
        key = (name.decode("ascii", "replace") if isinstance(name, bytes) else name).lower()
        found = known.get(key)
        for _ in range(8):
            if not isinstance(found, str):
                break
            found = known.get(found)
        if not isinstance(found, list):
            return None
        return found[0].encode()

    try:
        return dkim.arc_verify(case.message, dnsfunc=asked)[0].decode()
    except Exception as error:  # Whatever it stumbles over, it says nothing.
        return type(error).__name__


def run(prog, folder):
    """(cases, [(case, ours, theirs)])"""
    with open(os.path.join(folder, "index.tsv"), encoding="utf-8") as index:
        cases = [Case(*line.rstrip("\n").split("\t"), folder) for line in index]
    config = prog.configured("trust", 'arc_sealers = ["forward.example", "second.example"]')

    def ours(case):
        with prog.serve(case.zone) as dns:
            return prog.check(dns.address, case.message, config=config)["auth"]["arc"]

    results = zip(cases, prog.all(ours, cases), map(theirs, cases))
    return cases, [(case, our, their) for case, our, their in results if our != their]
