"""dkimpy's own tests: whatever they verify, the program verifies, too."""

import functools
import re
import unittest

import program

# What the program says otherwise, by what stands in the message or its key, and why.
REASONS = [
    ("a body that was signed in part", "a signature with `l=` proves nothing here: anything can be added behind it", lambda case: case.kind == "dkim" and re.search(rb"[;\s]l\s*=\s*\d", case.signature)),
    ("a key of 512 bits", "RFC 8301 section 3.2: keys under 1024 bits prove nothing", lambda case: case.kind == "dkim" and any(len(key) < 200 for key in case.keys) and b"rsa" in case.signature),
]


class Case:
    def __init__(self, test, kind, message, records, theirs, ours):
        self.test, self.kind, self.message, self.theirs, self.ours = test, kind, message, theirs, ours
        self.records = records
        self.keys = [re.sub(rb"\s", b"", text).split(b"p=", 1)[-1] for text in records.values()]
        field = re.search(rb"(?im)^dkim-signature:(?:.*\r?\n)(?:[ \t].*\r?\n)*", message)
        self.signature = field.group() if field else b""

    def reason(self):
        for name, why, holds in REASONS:
            if holds(self):
                return f"{name}: {why}"
        return None


def crlf(message):
    return re.sub(rb"\r?\n", b"\r\n", message)


class Recorder:
    """Stands around dkimpy's verifying functions and has the program verify the same."""

    def __init__(self, prog):
        self.prog, self.cases, self.test = prog, [], ""
        self.config = prog.configured("trust", 'arc_sealers = ["example.com"]')

    def around(self, kind, verify):
        @functools.wraps(verify)
        def wrapped(message, *arguments, dnsfunc=None, **options):
            records = {}

            def asked(name, *arguments, **options):
                answer = dnsfunc(name, *arguments, **options)
                if answer is not None:
                    key = name.decode("ascii", "replace") if isinstance(name, bytes) else name
                    records[key] = answer.encode() if isinstance(answer, str) else answer
                return answer

            result = verify(message, *arguments, dnsfunc=asked, **options)
            # What only TLS reports may have is another service than mail.
            if not options.get("tlsrpt"):
                self.compare(kind, message, records, result)
            return result

        return wrapped

    def compare(self, kind, message, records, result):
        zone = "$TTL 0\n" + "".join(
            f"{program.name(name)} TXT {program.strings([text])}\n" for name, text in records.items() if text
        )
        with self.prog.serve(zone) as dns:
            if kind == "dkim":
                auth = self.prog.check(dns.address, crlf(message))["auth"]
                ours = any(signature["result"] == "pass" for signature in auth["dkim"][:1])
                theirs = bool(result)
            else:
                ours = self.prog.check(dns.address, crlf(message), config=self.config)["auth"]["arc"]
                theirs = result[0].decode()
        self.cases.append(Case(self.test, kind, message, records, theirs, ours))


def run(prog, module_names):
    """Every verification that the tests made, as cases; tests of the library alone make none."""
    import dkim

    recorder = Recorder(prog)
    dkim.verify = recorder.around("dkim", dkim.verify)
    dkim.arc_verify = recorder.around("arc", dkim.arc_verify)

    class Result(unittest.TestResult):
        def startTest(self, test):
            recorder.test = test.id().rsplit(".", 1)[-1]
            super().startTest(test)

    result = Result()
    for name in module_names:
        unittest.defaultTestLoader.loadTestsFromName(name).run(result)
    return recorder.cases, result
