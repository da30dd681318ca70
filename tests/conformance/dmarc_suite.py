"""The tests of the package `dmarc`: each result that they ask for, asked of the program with real mail.

What a test says about SPF and DKIM becomes a record, a client and a signature that have this outcome.
"""

import unittest

import program

SELECTOR = "conformance"


class Case:
    def __init__(self, test, theirs, ours, described):
        self.test, self.theirs, self.ours, self.described = test, theirs, ours, described
        self.siblings = False

    def reason(self):
        if self.siblings and (self.theirs, self.ours) == ("fail", "pass"):
            return "two names below one Organizational Domain are aligned in relaxed mode (RFC 9989 section 4.4); the package knows that one only with a public suffix list"
        return None


class Recorder:
    def __init__(self, prog, key, public_key):
        self.prog, self.key, self.public_key = prog, key, public_key
        self.cases, self.test, self.records = [], "", {}

    def parsing(self, parse):
        def wrapped(own, record, domain, *arguments, **options):
            policy = parse(own, record, domain, *arguments, **options)
            self.records[id(policy)] = (policy, record)
            return policy

        return wrapped

    def judging(self, judge):
        def wrapped(own, policy, spf=None, dkim=None, auth_results=None, **options):
            result = judge(own, policy, spf, dkim, auth_results, **options)
            known = self.records.get(id(policy))
            if known:
                results = [spf, dkim] if auth_results is None else [auth_results.spf, *(auth_results.dkim or [])]
                self.compare(known[1], policy, [one for one in results if one], result)
            return result

        return wrapped

    def compare(self, record, policy, results, result):
        import dkim

        author = policy.domain
        zone = {f"_dmarc.{policy.org_domain or author}": record}
        message = f"From: <x@{author}>\r\nSubject: conformance\r\n\r\nHello.\r\n".encode()
        sender = "x@unrelated.test"
        for one in results:
            passes = one.result.name == "PASS"
            if "SPF" in type(one).__name__:
                sender = f"x@{one.domain}"
                zone[one.domain] = "v=spf1 ip4:192.0.2.1 -all" if passes else "v=spf1 -all"
            elif passes:
                zone[f"{SELECTOR}._domainkey.{one.domain}"] = self.public_key
                message = dkim.sign(message, SELECTOR.encode(), one.domain.encode(), self.key) + message
        text = "$TTL 0\n" + "".join(f"{program.name(name)} TXT {program.strings([text])}\n" for name, text in zone.items())
        with self.prog.serve(text) as dns:
            ours = self.prog.check(dns.address, message, sender=sender)["auth"]["dmarc"]
        theirs = "pass" if result.result.name == "PASS" else "fail"
        case = Case(self.test, theirs, ours, f"{record} of {policy.org_domain or author}, author {author}")
        organization = policy.org_domain
        case.siblings = bool(organization) and any(
            one.domain.endswith(f".{organization}") and author.endswith(f".{organization}") for one in results
        )
        self.cases.append(case)


def run(prog, key, public_key):
    import dmarc

    recorder = Recorder(prog, key, public_key)
    dmarc.DMARC.parse_record = recorder.parsing(dmarc.DMARC.parse_record)
    dmarc.DMARC.get_result = recorder.judging(dmarc.DMARC.get_result)

    class Result(unittest.TestResult):
        def startTest(self, test):
            recorder.test = test.id().rsplit(".", 1)[-1]
            super().startTest(test)

    result = Result()
    unittest.defaultTestLoader.loadTestsFromName("dmarc.tests.test_dmarc").run(result)
    return recorder.cases, result
