#!/usr/bin/env python3
"""What ./dev decides, with package tools that only pretend. usage: tst_dev.py SOURCE_DIR [unittest arguments]"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(sys.argv[1]).resolve()
DEV = (SOURCE / "dev").read_text(encoding="utf-8")

MIRROR = "Debian|main|bookworm|http://mirror.invalid/debian/|{folder}/debian.sources:1\n"
UPDATES = "Debian|main|bookworm-updates|http://mirror.invalid/debian/|{folder}/debian.sources:1\n"
SECURITY = "Debian|main|bookworm-security|http://safe.invalid/debian-security/|{folder}/more.list:3\n"
OTHERS = ("Docker|stable|bookworm|http://other.invalid/linux/debian/|{folder}/docker.list:1\n"
          "Debian|contrib|bookworm|http://mirror.invalid/contrib/|{folder}/debian.sources:1\n"
          "Debian|main|bookworm-backports|http://mirror.invalid/debian/|{folder}/debian.sources:1\n")


class Dev(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "debian.sources").write_text("Types: deb\nSigned-By: /usr/share/keyrings/debian.gpg\n")
        (self.folder / "more.list").write_text("deb [signed-by=/etc/keys/more.asc] http://safe.invalid/ x main\n")
        (self.folder / "docker.list").write_text("deb http://other.invalid bookworm stable\n")

    def tool(self, name, script):
        path = self.folder / "tools" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def call(self, line):
        """A line of bash that knows dev's functions and writes its two files into our folder."""
        script = (f"source {SOURCE}/dev help >/dev/null; trixie_source={self.folder}/source; "
                  f"trixie_pin={self.folder}/pin; as_root() {{ \"$@\"; }}; {line}")
        return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, timeout=60,
                              env={**os.environ, "PATH": f"{self.folder}/tools:{os.environ['PATH']}"})

    def sources(self, said):
        self.tool("apt-get", f"cat <<'END'\n{said.format(folder=self.folder)}END")
        done = self.call("add_trixie")
        self.assertEqual(done.returncode, 0, done.stderr)
        return (self.folder / "source").read_text(), (self.folder / "pin").read_text(), done.stdout

    def test_help_names_every_command(self):
        commands = set()
        for line in re.search(r"^case \$1 in\n(.*?)^esac", DEV, re.MULTILINE | re.DOTALL).group(1).splitlines():
            commands |= set(re.split(r"[ |]+", line.split(")")[0].strip())) - {"-h", "--help", "*", "help"}
        self.assertGreaterEqual(commands, {"run", "test", "package", "deps", "fonts", "clean"})
        done = subprocess.run([SOURCE / "dev", "help"], capture_output=True, text=True, check=False)
        self.assertEqual(set(re.findall(r"^\./dev (\w+) ", done.stdout, re.MULTILINE)), commands)
        self.assertEqual(subprocess.run([SOURCE / "dev", "nothing"], capture_output=True, check=False).returncode, 2)

    def test_debian_13_comes_from_where_debian_12_comes_from_with_its_security_updates(self):
        source, pin, said = self.sources(OTHERS + MIRROR + UPDATES + SECURITY)
        stanzas = {re.search(r"Suites: (\S+)", stanza).group(1): stanza for stanza in source.strip().split("\n\n")}
        self.assertEqual(stanzas.keys(), {"trixie", "trixie-updates", "trixie-security"})
        self.assertIn("URIs: http://mirror.invalid/debian/\n", stanzas["trixie"])
        self.assertIn("Signed-By: /usr/share/keyrings/debian.gpg", stanzas["trixie"])
        self.assertIn("URIs: http://safe.invalid/debian-security/\n", stanzas["trixie-security"])
        self.assertIn("Signed-By: /etc/keys/more.asc", stanzas["trixie-security"])
        self.assertNotIn("other.invalid", source)
        # Without a pin of its own, each would raise every package that it has.
        for suite in stanzas:
            self.assertIn(f"Package: *\nPin: release n={suite}\nPin-Priority: 100\n", pin)
        self.assertEqual(said, "")

    def test_a_machine_without_security_updates_is_told(self):
        source, _, said = self.sources(MIRROR)
        self.assertNotIn("security", source)
        self.assertIn("no source for Debian 12's security updates", said)

    def test_no_source_at_all_is_told(self):
        self.tool("apt-get", "true")
        done = self.call("add_trixie")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/etc/apt/sources.list", done.stderr)
        self.assertFalse((self.folder / "source").exists())

    def calls_of_apt(self):
        self.tool("apt-get", f"echo \"$1\" >>{self.folder}/calls\n"
                             f"[ \"$1\" = update ] && touch {self.folder}/lists\n"
                             f"[ \"$1\" = indextargets ] && [ -e {self.folder}/lists ] && cat <<'END'\n"
                             f"{(MIRROR + SECURITY).format(folder=self.folder)}END\ntrue")
        done = self.call("is_debian12() { true; }; update_lists")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("trixie-security", (self.folder / "source").read_text())
        return (self.folder / "calls").read_text().split()

    def test_a_bare_image_fetches_lists_before_its_sources_are_looked_at(self):
        self.assertEqual(self.calls_of_apt(), ["indextargets", "update", "indextargets", "update"])

    def test_lists_that_are_there_are_fetched_once(self):
        (self.folder / "lists").touch()
        self.assertEqual(self.calls_of_apt(), ["indextargets", "indextargets", "update"])

    @unittest.skipUnless(shutil.which("dpkg"), "no dpkg here: it runs on Debian and its kin")
    def test_what_is_too_old_is_missing(self):
        self.tool("dpkg-query", "echo installed libsqlite3-dev 3.39.9-1; echo installed cmake 3.25.1-1\n"
                                "echo config-files ninja-build 1.11")
        done = self.call("missing 'libsqlite3-dev>=3.40' cmake ninja-build g++")
        self.assertEqual(done.stdout.split(), ["libsqlite3-dev", "ninja-build", "g++"])
        self.tool("dpkg-query", "echo installed libsqlite3-dev 3.40.1-2+deb12u2")
        self.assertEqual(self.call("missing 'libsqlite3-dev>=3.40'").stdout, "")

    def test_a_library_that_only_changes_its_name_is_not_lost(self):
        plan = "Remv libdb5.3 [5.3.28]\nInst libdb5.3t64 (5.3.28-9 Debian:13)\nRemv libgnutls30 [3.7]\nInst libgnutls30t64 (3.8)"
        self.assertEqual(self.call(f"lost_by '{plan}' || echo none").stdout, "none\n")
        self.assertEqual(self.call(f"lost_by 'Remv gdb [13.1]\n{plan}'").stdout.split(), ["gdb"])

    def test_fonts_are_named_once(self):
        self.tool("dpkg-query", "true")
        line = f"cd {self.folder} && mkdir -p build && name_fonts"
        self.assertIn("./dev fonts", self.call(line).stdout)
        self.assertEqual(self.call(line).stdout, "")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
