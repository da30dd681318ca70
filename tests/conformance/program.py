"""The program and the zone server of the tests, as everybody else runs them."""

import concurrent.futures
import json
import os
import subprocess
import tempfile

# Every message is authenticated, from any client; failures end soon.
CONFIG = """
[inspect]
authenticate = "all"
[trust]
networks = []
authenticated = false
[headers]
authserv_id = "mx.conformance.example"
[dns]
timeout = "200ms"
deadline = "5s"
"""

MESSAGE = b"From: <somebody@author.example>\r\nSubject: conformance\r\n\r\nHello.\r\n"


class ZoneServer:
    """Serves the text of a master file until it is closed."""

    def __init__(self, program, text):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".zone")
        self.file.write(text)
        self.file.flush()
        self.process = subprocess.Popen(
            [program, self.file.name, "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.address = self.process.stdout.readline().strip()
        if not self.address:
            raise RuntimeError("zone server: " + self.process.stderr.read().strip())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()
        self.file.close()


class Program:
    """`amazon-spoof-milter check`, once a message."""

    def __init__(self, folder):
        self.binary = os.path.join(folder, "amazon-spoof-milter")
        self.zone_server = os.path.join(folder, "examples", "zone-server")
        # Every Authentication-Results that was written, with the results that the report says.
        self.written = []
        self.work = tempfile.TemporaryDirectory()
        self.config = os.path.join(self.work.name, "config.toml")
        with open(self.config, "w") as out:
            out.write(CONFIG)

    def configured(self, section, line):
        """A configuration with one line more."""
        path = os.path.join(self.work.name, f"{section}.toml")
        with open(path, "w") as out:
            out.write(CONFIG.replace(f"[{section}]\n", f"[{section}]\n{line}\n"))
        return path

    def serve(self, text):
        return ZoneServer(self.zone_server, text)

    def check(self, dns, message=MESSAGE, ip="192.0.2.1", helo="", sender="<>", config=None):
        """The report about one message, as the program prints it."""
        options = ["--format", "json", "--config", config or self.config, "--dns", dns]
        options += ["--client-ip", ip, f"--helo={helo}", f"--mail-from={sender}"]
        done = subprocess.run(
            [self.binary, "check", *options, "-"], input=message, capture_output=True, timeout=60
        )
        try:
            report = json.loads(done.stdout.splitlines()[0])
        except (IndexError, ValueError):
            raise RuntimeError(done.stderr.decode(errors="replace")) from None
        auth = report["auth"]
        said = [("spf", auth["spf"]["result"])]
        said += [("dkim", one["result"]) for one in auth["dkim"]] or [("dkim", "none")]
        said += [("dmarc", auth["dmarc"])]
        fields = [field for field in report["headers"] if field.startswith("Authentication-Results:")]
        self.written.append((fields, said))
        return report

    @staticmethod
    def all(work, items):
        """The results of many runs, a few at once."""
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            return list(pool.map(work, items))

    def spf(self, dns, ip, helo, sender):
        """What SPF says about an envelope."""
        return self.check(dns, ip=ip, helo=helo, sender=sender or "<>")["auth"]["spf"]["result"]


def name(text):
    """A name as it stands in a master file."""
    plain = "abcdefghijklmnopqrstuvwxyz0123456789-_."
    escaped = "".join(c if c.lower() in plain else "".join(f"\\{b:03d}" for b in c.encode()) for c in text)
    return escaped.rstrip(".") + "."


def strings(texts):
    """The character-strings of a TXT record as they stand in a master file."""
    quoted = []
    for text in texts:
        octets = text if isinstance(text, bytes) else text.encode("utf-8")
        for at in range(0, max(len(octets), 1), 255):
            part = octets[at : at + 255]
            quoted.append('"' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\{b:03d}" for b in part) + '"')
    # A record without any string can't be sent.
    return " ".join(quoted) or '""'
