"""Random zones, judged by the program and by pyspf.

A zone is a few domains with SPF records that are put together from terms of every kind, some of them
broken, and the hosts that they speak of, some of which fail. It is made from its number alone, so that one
that differs can be looked at again.

Where both differ, pyspf is corrected where it is known to depart from the RFC (`pyspf_fixes.py`), one
correction after the other: those after which both agree are the reason.
"""

import collections
import ipaddress
import random

import program
import pyspf_fixes

ZONES_A_SERVER = 250


class Zone:
    """One random zone with an envelope for it."""

    def __init__(self, number):
        self.random = random.Random(number)
        self.number = number
        self.domain = f"z{number}.test"
        self.records = {}  # name -> [(type, value)]; the value SERVFAIL is a failure
        if self.random.random() < 0.8:
            self.ip = ipaddress.ip_address(0x0A000000 + number * 4 + 1)
        else:
            self.ip = ipaddress.ip_address((0x20010DB8 << 96) + number * 4 + 1)
        self.local = self.pick(["strong-bad", "x", "a+b", "Jo.e", "mail=x-y", "", "a..b"])
        self.helo = self.pick([f"h1.{self.domain}", f"h3.{self.domain}", "workstation", "bad..name", f"sick.{self.domain}"])
        self.sender = f"{self.local}@{self.domain}"
        self.hosts()
        for name in (self.domain, f"i1.{self.domain}", f"i2.{self.domain}", f"i3.{self.domain}"):
            self.policy(name)

    def pick(self, values):
        return self.random.choice(values)

    def maybe(self, chance):
        return self.random.random() < chance

    def add(self, name, kind, value):
        self.records.setdefault(name.lower(), []).append((kind, value))

    def address(self):
        """The client's address, or one nearby, in its own family or the other one."""
        if self.maybe(0.15):
            return "2001:db8:ffff::1" if self.ip.version == 4 else "198.51.100.1"
        return str(self.ip if self.maybe(0.35) else self.ip + self.pick([1, 2, 300, 70000]))

    def add_address(self, name):
        address = self.address()
        self.add(name, "AAAA" if ":" in address else "A", address)

    def hosts(self):
        d = self.domain
        for host in ("h1", "h2", "h3"):
            for _ in range(self.pick([1, 1, 2])):
                self.add_address(f"{host}.{d}")
        self.add(f"sick.{d}", "ANY", "SERVFAIL")
        self.add(f"alias.{d}", "CNAME", f"{self.pick(['h1', 'h2', 'gone', 'sick'])}.{d}")
        for name in (d, f"m.{d}"):
            for preference, host in enumerate(self.random.sample(["h1", "h2", "h3", "gone", "alias", "sick"], self.pick([0, 1, 1, 2]))):
                self.add(name, "MX", (preference, f"{host}.{d}"))
        if self.maybe(0.5):
            self.add_address(d)
        reverse = self.ip.reverse_pointer
        for name in self.random.sample([d, f"h1.{d}", f"h2.{d}", f"gone.{d}", "elsewhere.test"], self.pick([0, 1, 1, 2])):
            self.add(reverse, "PTR", name)
        if reverse not in self.records and self.maybe(0.3):
            self.add(reverse, "ANY", "SERVFAIL")
        digits = str(self.ip) if self.ip.version == 4 else ".".join(self.ip.exploded.replace(":", ""))
        turned = ".".join(reversed(digits.split(".")))
        family = "in-addr" if self.ip.version == 4 else "ip6"
        local = self.local or "postmaster"
        for name in (digits, f"{turned}.{family}", f"{local}", f"{local}@{d}", "strong", "bad.strong", "unknown", f"h1.{d}", d, f"test.z{self.number}"):
            if self.maybe(0.4) and ".." not in name:
                self.add(f"{name}.ex.{d}", self.pick(["A", "A", "A", "AAAA"]), "127.0.0.2")

    def macro(self):
        d = self.domain
        return self.pick(
            [
                "%{d}", "%{o}", "%{h}", "%{p}", f"%{{i}}.ex.{d}", f"%{{ir}}.%{{v}}.ex.{d}", f"%{{l}}.ex.{d}", f"%{{s}}.ex.{d}",
                f"%{{l1r-}}.ex.{d}", f"%{{lr-}}.ex.{d}", f"%{{p}}.ex.{d}", f"%{{h}}.ex.{d}", f"%{{dr}}.ex.{d}", f"%{{d2}}", f"%{{L}}.ex.{d}",
                f"%{{d{self.pick([1, 2, 3, 9])}{self.pick(['', 'r'])}{self.pick(['', '.', '-', '+='])}}}.ex.{d}", f"%{{o1}}.%{{d}}", f"h1.%{{d2}}.",
                f"%%x%_y%-z.{d}",
            ]
        )

    def spec(self):
        d = self.domain
        if self.maybe(0.35):
            return self.macro()
        return self.pick([f"h1.{d}", f"h2.{d}", f"h3.{d}.", f"H1.{d.upper()}", f"gone.{d}", f"sick.{d}", f"alias.{d}", d, f"m.{d}", f"a+b:c/d.{d}"])

    def lengths(self):
        return self.pick(["", "", "", "/24", "/0", "/32", "//64", "//0", "/16//48", "/31//127"])

    def term(self):
        d = self.domain
        qualifier = self.pick(["", "", "", "+", "-", "~", "?"])
        kind = self.pick(["a", "a", "mx", "ip", "ip", "include", "include", "exists", "exists", "ptr", "modifier", "broken"])
        if kind in ("a", "mx"):
            target = "" if self.maybe(0.3) else ":" + (f"m.{d}" if kind == "mx" and self.maybe(0.5) else self.spec())
            text = self.pick([kind, kind.upper()]) + target + self.lengths()
        elif kind == "ip":
            address = self.address()
            text = f"ip6:{address}" + self.pick(["", "/128", "/64", "/0"]) if ":" in address else f"ip4:{address}" + self.pick(["", "/32", "/24", "/8", "/0"])
        elif kind == "include":
            text = "include:" + self.pick([f"i1.{d}", f"i2.{d}", f"i3.{d}", f"none.{d}", f"sick.{d}"] if self.maybe(0.9) else [self.spec()])
        elif kind == "exists":
            text = "exists:" + (self.macro() if self.maybe(0.8) else self.spec())
        elif kind == "ptr":
            text = "ptr" + ("" if self.maybe(0.5) else ":" + self.spec())
        elif kind == "modifier":
            return self.pick(["ref=a/b", "REF=x", "x-y_z.1=%{d}", f"exp=why.{d}", "m="])
        else:
            if self.maybe(0.8):
                return self.term()
            return self.pick(
                ["ip4:192.0.2", "ip4:192.0.2.1/33", "ip4:192.0.2.1/", "ip6:::1/129", "a/33", "a:", "a:h.1", "include", "include:x.test/24", "all:x", "ipv4:192.0.2.1",
                 "exists:%{q}.test", "exists:%x.test", "a:%{d0}", "mx/024", "redirect=", f"+redirect=i1.{d}", "ptr/24", ",", "a//129", "exists:%{c}.test", "1x=y", "ip4:1.2.3.04"]
            )
        return qualifier + text

    def policy(self, name):
        roll = self.random.random()
        if roll < 0.04:
            return
        if roll < 0.06:
            self.add(name, "TXT", "SERVFAIL")
            return
        count = 12 if self.maybe(0.04) else self.pick([1, 2, 2, 3, 3, 4, 5])
        terms = [self.term() for _ in range(count)]
        if self.maybe(0.2):
            terms.insert(self.random.randint(0, len(terms)), f"{self.pick(['redirect', 'redirect', 'Redirect'])}={self.pick(['i1', 'i2', 'i3', 'none', 'sick'])}.{self.domain}")
        if self.maybe(0.6):
            terms.append(self.pick(["-all", "-all", "~all", "?all", "+all", "ALL"]))
        text = self.pick(["v=spf1 ", "v=spf1 ", "v=spf1 ", "V=SPF1 ", "v=spf1  "]) + self.pick([" ", " ", " ", "  "]).join(terms)
        self.add(name, "TXT", text + self.pick(["", "", "", " "]))
        if self.maybe(0.02):
            self.add(name, "TXT", "v=spf1 -all")
        if self.maybe(0.1):
            self.add(name, "TXT", "other text")

    def master(self):
        """The records as lines of a master file."""
        for name, records in self.records.items():
            owner = program.name(name)
            for kind, value in records:
                if value == "SERVFAIL":
                    yield f"{owner} {'' if kind == 'ANY' else kind} SERVFAIL"
                elif kind == "TXT":
                    yield f"{owner} TXT {program.strings([value])}"
                elif kind == "MX":
                    yield f"{owner} MX {value[0]} {program.name(value[1])}"
                elif kind in ("CNAME", "PTR"):
                    yield f"{owner} {kind} {program.name(value)}"
                elif kind == "AAAA" and ":" not in value:
                    yield f"{owner} AAAA 2001:db8::7f"
                else:
                    yield f"{owner} {kind} {value}"

    def answers(self, spf, name, kind):
        """What pyspf is answered: tuples of its own form, or a temporary error."""
        name = name.lower().rstrip(".")
        for own, value in self.records.get(name, []):
            if value == "SERVFAIL":
                if own in ("ANY", kind):
                    raise spf.TempError("DNS failure")
            elif own == kind or own == "CNAME":
                if own == "TXT":
                    value = (value.encode(),)
                elif own == "AAAA":
                    value = ipaddress.ip_address(value if ":" in value else "2001:db8::7f").packed
                yield (name, own), value

    def judged_by(self, spf):
        """What this version of pyspf says."""
        spf.DNSLookup = lambda name, kind, *_, **__: self.answers(spf, name, kind)
        query = spf.query(i=str(self.ip), s=self.sender, h=self.helo, strict=True)
        return query.check()[0]

    def shown(self):
        lines = [f"client {self.ip}, sender {self.sender}, HELO {self.helo}"]
        return lines + [line for line in self.master() if " TXT " in line]


def reason(zone, got, source):
    """The corrections of pyspf after which it agrees, the fewest that there are; None if none do."""
    for chosen in pyspf_fixes.choices():
        if zone.judged_by(pyspf_fixes.corrected(source, chosen)) == got:
            return chosen
    return None


def run(prog, source, numbers):
    """The results of the zones that agreed, what each correction explains, and what none explains."""
    agreed, explained, open_ = collections.Counter(), {}, []
    spf = pyspf_fixes.corrected(source, ())
    numbers = list(numbers)
    for start in range(0, len(numbers), ZONES_A_SERVER):
        zones = [Zone(number) for number in numbers[start : start + ZONES_A_SERVER]]
        text = "$TTL 0\n" + "".join(f"{line}\n" for zone in zones for line in zone.master())
        with prog.serve(text) as dns:
            results = prog.all(lambda zone: prog.spf(dns.address, str(zone.ip), zone.helo, zone.sender), zones)
        for zone, got in zip(zones, results):
            wanted = zone.judged_by(spf)
            if got == wanted:
                agreed[got] += 1
                continue
            chosen = reason(zone, got, source)
            if chosen is None:
                open_.append((zone, wanted, got))
            else:
                explained.setdefault(chosen, []).append((zone.number, wanted, got))
    return agreed, explained, open_
