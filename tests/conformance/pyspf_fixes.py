"""Where pyspf departs from RFC 7208, as corrections of its source."""

import functools
import itertools
import os
import types

# name: section, why, [(text in spf.py, what stands in its place)]
FIXES = {
    "redirect-counts": (
        "4.6.4",
        "pyspf counts a redirect among the ten terms that ask DNS though it is not evaluated",
        [
            ("elif mod == 'redirect':\n                self.check_lookups()\n", "elif mod == 'redirect':\n"),
            ("            if redirect:\n                #Catch", "            if redirect:\n                self.check_lookups()\n                #Catch"),
        ],
    ),
    "mx-after-match": (
        "5.4",
        "pyspf looks every host of an mx up even after one of them matched",
        [("return [a for mx in mxnames[:max] for a in self.dns_a(mx[1],self.A)]", "return (a for mx in mxnames[:max] for a in self.dns_a(mx[1],self.A))"),
         ("for netwrk in [ipaddress.ip_network(ip) for ip in ipaddrs]:", "for netwrk in (ipaddress.ip_network(ip) for ip in ipaddrs):")],
    ),
    "own-include": (
        "5.2",
        "pyspf calls a record broken that includes its own domain; the RFC has no such rule, and the limit of ten terms ends it where it is reached",
        [("if arg == self.d:\n                    if mech != 'include':", "if not arg:\n                    if mech != 'include':")],
    ),
    "modifier-again": (
        "6",
        "pyspf refuses an unknown modifier that stands twice, which must be ignored however often it appears",
        [("if mod in modifiers:", "if mod.lower() in ('redirect', 'exp') and mod in modifiers:")],
    ),
    "modifier-case": (
        "4.6.1",
        "pyspf knows modifiers in lower case only",
        [("            mod,arg = m\n", "            mod,arg = m[0].lower(), m[1]\n")],
    ),
    "ptr-error": (
        "5.5",
        "pyspf makes a DNS failure within ptr or %{p} a temporary error, where the mechanism fails to match",
        [("self.cidrmatch(self.dns_a(p,self.A),cidrlength)]", "self.cidrmatch(self.unless_error(self.dns_a,p,self.A),cidrlength)]"),
         ("return [p for p in self.dns_ptr(self.i)", "return [p for p in self.unless_error(self.dns_ptr,self.i)"),
         ("    def validated_ptrs(self):", "    def unless_error(self, work, *arguments):\n        try: return work(*arguments)\n        except TempError: return []\n\n    def validated_ptrs(self):")],
    ),
    "ptr-again": (
        "4.6.4",
        "pyspf asks for the client's names again at each ptr and %{p}, and counts those that lead nowhere again; they are asked for once here",
        [("    def validated_ptrs(self):", "    def validated_ptrs(self):\n        if not hasattr(self, 'known_ptrs'): self.known_ptrs = self.ask_ptrs()\n        return self.known_ptrs\n\n    def ask_ptrs(self):")],
    ),
    "no-parts": (
        "7.1",
        "pyspf takes a macro that keeps no part (`%{d0}`), whose number must not be nought",
        [("                letter = macro[2].lower()\n",
          "                letter = macro[2].lower()\n                if re.match(r'%[{].0+(?![0-9])', macro): raise PermError('no part', macro)\n")],
    ),
    "early-names": (
        "4.6.2",
        "pyspf looks the client's names up for a %{p} in a term that is not reached, and counts those that lead nowhere",
        [("            arg = self.expand_domain(arg)\n            if not arg:\n                raise PermError('empty domain:',mech)",
          "            if re.search('%[{]p', arg, re.I) and not RE_TOPLAB.split(arg)[-1]: return mech, m, arg, cidrlength, result\n"
          "            arg = self.expand_domain(arg)\n            if not arg:\n                raise PermError('empty domain:',mech)"),
         ("        for mech, m, arg, cidrlength, result in mechs:\n",
          "        for mech, m, arg, cidrlength, result in mechs:\n            if arg and re.search('%[{]p', arg, re.I): arg = self.expand(arg)\n")],
    ),
    "no-local-part": (
        "4.3",
        "pyspf leaves the local part of %{s} empty where the sender has none, which is postmaster",
        [("        self.l, self.o = split_email(s, h)\n", "        self.l, self.o = split_email(s, h)\n        self.s = s = self.l + '@' + self.o\n")],
    ),
    "alias-void": (
        "4.6.4",
        "pyspf counts an alias of a name without records as two void lookups, though it is one answer",
        [("if not result and not ignore_void:", "if not result and not ignore_void and not cname:")],
    ),
}

# So many corrections at once are tried for one difference.
AT_ONCE = 3


@functools.cache
def corrected(source, chosen):
    """pyspf with these corrections."""
    with open(os.path.join(source, "spf.py"), encoding="utf-8") as file:
        text = file.read()
    for name in chosen:
        for old, new in FIXES[name][2]:
            if old not in text:
                raise RuntimeError(f"pyspf has changed: the correction {name} has no place in it")
            text = text.replace(old, new)
    module = types.ModuleType("spf_" + "_".join(chosen))
    exec(compile(text, "spf.py", "exec"), module.__dict__)
    return module


def choices():
    """Every choice of corrections, the smallest first."""
    for count in range(1, AT_ONCE + 1):
        yield from itertools.combinations(FIXES, count)
