#!/usr/bin/env python3
"""The files that packages are made of agree with each other, and the portable folder's scripts do what they say.

usage: tst_package.py SOURCE_DIR VERSION CMAKE [unittest arguments]
"""

import configparser
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

SOURCE, VERSION, CMAKE = Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3]
INSTALLER = SOURCE / "installer"
ID = "io.github.ponder.Ponder"
MIME = "{http://www.freedesktop.org/standards/shared-mime-info}"


def text(name):
    return (SOURCE / name).read_text(encoding="utf-8")


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False,
                          timeout=60, **options)


def listed(array):
    """The words of one of dev's arrays, without the versions asked for."""
    words = re.search(rf"^{array}=\(([^)]*)\)", text("dev"), re.MULTILINE).group(1).split()
    return {word.strip("'").split(">=")[0] for word in words}


def cpack(variable):
    """The packages that a variable of installer/debian.cmake names."""
    value = re.search(rf'set\({variable}\s+"([^"]*)"', text("installer/debian.cmake")).group(1)
    return dict(re.fullmatch(r"(\S+)(?: \(>= (\S+)\))?", name.strip()).groups()
                for name in value.replace("\\\n", "").split(","))


class Files(unittest.TestCase):
    def setUp(self):
        parser = configparser.ConfigParser(interpolation=None)
        parser.optionxform = str
        parser.read(INSTALLER / f"{ID}.desktop", encoding="utf-8")
        self.desktop = parser["Desktop Entry"]
        self.metainfo = ElementTree.parse(INSTALLER / f"{ID}.metainfo.xml").getroot()
        self.mime = ElementTree.parse(INSTALLER / f"{ID}.mime.xml").getroot()

    def test_they_name_the_same_program(self):
        self.assertEqual(self.metainfo.findtext("id"), ID)
        self.assertEqual(self.metainfo.findtext("launchable"), f"{ID}.desktop")
        self.assertEqual(self.desktop["Icon"], ID)
        self.assertEqual(self.desktop["Exec"], "ponder %f")
        self.assertEqual(self.desktop["Name"], self.metainfo.findtext("name"))
        self.assertEqual(self.desktop["Comment"], self.metainfo.findtext("summary"))
        self.assertIn(f'u"{ID}"_s', text("app/main.cpp"))

    def test_they_name_the_same_kind_of_file(self):
        kind, = self.mime.findall(f"{MIME}mime-type")
        self.assertEqual(self.desktop["MimeType"], f"{kind.get('type')};")
        self.assertEqual(self.metainfo.findtext("provides/mediatype"), kind.get("type"))
        match, = kind.iter(f"{MIME}match")
        self.assertEqual(match.get("offset"), "0")
        with open(SOURCE / "resources" / "starter" / "ponder-starter.gguf", "rb") as model:
            self.assertEqual(model.read(4), match.get("value").encode())
        self.assertEqual([glob.get("pattern") for glob in kind.iter(f"{MIME}glob")], ["*.gguf"])

    def test_they_name_this_version(self):
        self.assertEqual([release.get("version") for release in self.metainfo.iter("release")][0], VERSION)
        self.assertRegex(text("installer/changelog"), rf"^ponder \({re.escape(VERSION)}\) ")

    def test_packages_needed_to_run_are_those_that_dev_installs(self):
        needed, recommended = cpack("CPACK_DEBIAN_PACKAGE_DEPENDS"), cpack("CPACK_DEBIAN_PACKAGE_RECOMMENDS")
        modules = {name for name in listed("run_needs") if name.startswith("qml6-")}
        self.assertTrue(modules)
        self.assertEqual({name for name in needed if name.startswith("qml6-")}, modules)
        self.assertEqual(listed("run_needs") - needed.keys() - recommended.keys(), set())
        self.assertEqual(listed("font_needs") - recommended.keys(), set())

    def test_one_oldest_sqlite_everywhere(self):
        oldest = re.search(r"'libsqlite3-dev>=([\d.]+)'", text("dev")).group(1)
        self.assertEqual(cpack("CPACK_DEBIAN_PACKAGE_DEPENDS")["libsqlite3-0"], oldest)
        asked = re.search(r"find_package\(SQLite3 ([\d.]+)", text("storage/CMakeLists.txt"))
        if asked:
            self.assertEqual(asked.group(1), oldest)

    def test_every_licence_named_has_its_text(self):
        copyright_file = text("installer/copyright")
        named = set(re.findall(r"^Files:.*?^License: (\S+)$", copyright_file, re.MULTILINE | re.DOTALL))
        given = set(re.findall(r"^License: (\S+)\n ", copyright_file, re.MULTILINE))
        self.assertEqual(named, given)
        self.assertGreaterEqual(named, {"Apache-2.0", "OFL-1.1", "MIT"})


class PackagesThatWouldBeWrong(unittest.TestCase):
    def test_none_is_made_without_the_tools_that_find_its_libraries(self):
        with tempfile.TemporaryDirectory() as empty:
            done = run(CMAKE, "-DCPACK_GENERATOR=DEB", "-P", INSTALLER / "cpack_checks.cmake",
                       env={"PATH": empty})
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr, r"dpkg-shlibdeps|file")

    def test_the_script_says_what_it_lacks(self):
        with tempfile.TemporaryDirectory() as folder:
            for tool in ("bash", "dirname"):
                os.symlink(shutil.which(tool), f"{folder}/{tool}")
            os.symlink(shutil.which("realpath"), f"{folder}/realpath")
            done = run("bash", INSTALLER / "package", folder, env={"PATH": folder})
        self.assertEqual(done.returncode, 1)
        self.assertIn("./dev package", done.stderr)


class Portable(unittest.TestCase):
    """The scripts of the portable folder, with programs that only say how they were started."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="ponder portable ")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def script(self, name, path, **values):
        content = text(f"installer/bundle/{name}")
        for key, value in values.items():
            content = content.replace(f"@{key}@", str(value))
        self.assertNotRegex(content, r"@[A-Z]+@")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        path.chmod(0o755)
        return path

    def starter(self, glibc="2.0"):
        program = self.folder / "bin" / "ponder"
        program.parent.mkdir(exist_ok=True)
        program.write_text('#!/bin/sh\necho "words:$*" "libraries:$LD_LIBRARY_PATH" "fonts:$FONTCONFIG_FILE"\n')
        program.chmod(0o755)
        return self.script("start.sh", self.folder / "ponder", PROGRAM="ponder", GLIBC=glibc)

    def test_starts_from_anywhere_and_hands_words_on(self):
        start = self.starter()
        link = self.folder / "elsewhere"
        link.symlink_to(start)
        for name in (start, link):
            done = run(name, "a file.gguf")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("words:a file.gguf", done.stdout)

    def test_spare_libraries_are_for_what_the_system_lacks(self):
        for library in ("libc.so.6", "libnobodyhasthis.so.9"):
            (self.folder / "lib" / "ponder" / "spare" / library).mkdir(parents=True)
        known = self.folder / "tools" / "ldconfig"
        known.parent.mkdir()
        known.write_text("#!/bin/sh\nprintf '\\tlibc.so.6 (libc6,x86-64, OS ABI: Linux 3.2.0) => /lib/libc.so.6\\n'\n"
                         "printf '\\tlibnobodyhasthis.so.9 (libc6) => /lib32/libnobodyhasthis.so.9\\n'\n")
        known.chmod(0o755)
        done = run(self.starter(), env={**os.environ, "PATH": f"{known.parent}:{os.environ['PATH']}",
                                        "LD_LIBRARY_PATH": "/own"})
        where = re.search(r"libraries:(.*) fonts:", done.stdout).group(1).split(":")
        self.assertEqual(where, [f"{self.folder}/lib/ponder/spare/libnobodyhasthis.so.9", "/own"])

    def test_a_system_that_is_too_old_is_told(self):
        done = run(self.starter(glibc="99.1"))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"needs version 99\.1 of the C library.* has \d")

    def packed(self):
        inside = self.folder / "name-1"
        self.script("start.sh", inside / "ponder", PROGRAM="ponder", GLIBC="2.0")
        (inside / "bin").mkdir()
        (inside / "bin" / "ponder").write_text("#!/bin/sh\necho started\n")
        (inside / "bin" / "ponder").chmod(0o755)
        (inside / "big").write_bytes(os.urandom(50_000))
        archive = run("tar", "-C", self.folder, "-czf", self.folder / "x.tar.gz", "name-1")
        self.assertEqual(archive.returncode, 0, archive.stderr)
        lines = text("installer/bundle/unpack.sh").count("\n") + 1
        path = self.script("unpack.sh", self.folder / "name.run", VERSION="1", NAME="name-1", LINES=lines)
        path.write_bytes(path.read_bytes() + (self.folder / "x.tar.gz").read_bytes())
        return path

    def test_one_file_unpacks_itself_and_starts(self):
        there = self.folder / "a new place"
        done = run("sh", self.packed(), "--start", there)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.endswith("started\n"), done.stdout)
        self.assertEqual((there / "big").read_bytes(), (self.folder / "name-1" / "big").read_bytes())
        again = run("sh", self.folder / "name.run", there)
        self.assertEqual(again.returncode, 1)
        self.assertIn("not empty", again.stderr)

    def test_a_file_cut_short_says_so(self):
        path = self.packed()
        path.write_bytes(path.read_bytes()[:-20_000])
        done = run("sh", path, self.folder / "there")
        self.assertEqual(done.returncode, 1)
        self.assertIn("incomplete", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
