"""How many one-step variations of the brand's domains `domains classify` calls look-alikes.

usage: permutations.py PROGRAM DNSTWIST

DNSTWIST is the program of the PyPI package; it makes the variations and asks nothing of the network here. What the list
classes (official, owned, unrelated) is no variation to be found. Exits with 1 where a share is below what is wanted.
"""

import subprocess
import sys

# Domain and the share of its variations, in per cent, that has to be found.
WANTED = [
    ("amazon.com", 97),
    ("amazon.co.uk", 97),
    ("amazon.de", 97),
    ("amazon.co.jp", 97),
    ("amazon.in", 97),
    ("amazon.com.br", 97),
    ("primevideo.com", 95),
]


def run(command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return done.stdout


def measure(program, dnstwist, domain):
    """Hosts, look-alikes, strong ones among them, and those that were missed."""
    variations = run([dnstwist, "--format", "list", domain])
    rows = [line.split("\t") for line in run([program, "domains", "classify"], variations).splitlines()]
    listed = ("listed ", "below ")
    rows = [row for row in rows if not row[2].startswith(listed)]
    found = [row for row in rows if row[1] == "lookalike"]
    strong = [row for row in found if "(strong)" in row[2]]
    missed = [row[0] for row in rows if row[1] != "lookalike"]
    return len(rows), len(found), len(strong), missed


def main():
    program, dnstwist = sys.argv[1:]
    short = False
    print(f"{'domain':16} {'hosts':>6} {'found':>6} {'share':>7} {'strong':>7}")
    for domain, wanted in WANTED:
        hosts, found, strong, missed = measure(program, dnstwist, domain)
        share = 100 * found / max(hosts, 1)
        short |= hosts == 0 or share < wanted
        print(f"{domain:16} {hosts:6} {found:6} {share:6.1f}% {strong:7}  missed: {' '.join(missed[:8])}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
