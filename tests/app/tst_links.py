#!/usr/bin/env python3
"""No network library is linked, and nothing that opens a connection is called. usage: tst_links.py build/bin"""

import re
import sys
import unittest
from pathlib import Path

from harness import main, need, program, run

NETWORK_LIBRARY = re.compile(
    r"Network|WebSockets|WebEngine|HttpServer|curl|ssl|gnutls|nghttp|soup|resolv|cares|libevent|zmq|grpc")
# What it takes to reach another machine. `socket` itself is called once, by the probe that proves that
# it is refused.
REACHES_OUT = re.compile(
    r"^(connect|bind|listen|accept4?|send(to|msg|mmsg)?|recv(from|msg|mmsg)?|getaddrinfo|gethostby\w+"
    r"|res_n?query|_ZN\d+(QNetwork|QTcp|QUdp|QSsl|QHttp|QDns|QHost|QLocalSocket)\w*)(@|$)")


def named(binary):
    """The libraries that a binary asks for itself."""
    return re.findall(r"\(NEEDED\).*\[(.+)\]", run("readelf", "-d", binary).stdout)


def imported(binary):
    return [line.split()[-1] for line in run("nm", "-D", "--undefined-only", binary).stdout.splitlines()]


def loaded(binary):
    """Everything that the loader brings in: path by name."""
    return dict(re.findall(r"(\S+) => (\S+)", run("ldd", binary).stdout))


class Programs(unittest.TestCase):
    def check(self, name):
        binary = program(name)
        self.assertIn("libc.so.6", named(binary))
        self.assertEqual([library for library in named(binary) if NETWORK_LIBRARY.search(library)], [])
        self.assertEqual([symbol for symbol in imported(binary) if REACHES_OUT.match(symbol)], [])
        return binary

    def test_the_terminal_loads_no_network_library_at_all(self):
        binary = self.check("ponder-cli")
        self.assertEqual([library for library in loaded(binary) if NETWORK_LIBRARY.search(library)], [])
        self.assertEqual([library for library in loaded(binary) if library.startswith("libQt")], [])

    @unittest.skipUnless((Path(sys.argv[1]) / "ponder").exists(), "built without the window; it runs where PONDER_UI is ON")
    def test_the_window_loads_only_what_others_drag_in(self):
        binary = self.check("ponder")
        libraries = loaded(binary)
        dragged_in = {library for library in libraries if "Network" in library}
        self.assertLessEqual(dragged_in, {"libQt6Network.so.6"})
        for library in dragged_in:
            users = {name for name, path in libraries.items() if library in named(path)}
            self.assertTrue(all(re.match(r"libQt6(Qml|Quick)|libKF6SyntaxHighlighting", user)
                                for user in users), users)

    def test_the_patterns_know_what_they_look_for(self):
        python = [symbol for symbol in ("connect@GLIBC_2.2.5", "getaddrinfo@GLIBC_2.2.5",
                                        "_ZN21QNetworkAccessManager3getERK15QNetworkRequest")
                  if REACHES_OUT.match(symbol)]
        self.assertEqual(len(python), 3)
        self.assertFalse(REACHES_OUT.match("_ZN7QObject7connectEPKS_"))
        self.assertTrue(NETWORK_LIBRARY.search("libQt6Network.so.6"))
        self.assertTrue(NETWORK_LIBRARY.search("libcurl.so.4"))


if __name__ == "__main__":
    need("readelf", "nm", "ldd")
    main()
