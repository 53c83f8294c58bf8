#!/usr/bin/env python3
"""A whole conversation where there is no network: in a namespace with no interface that is up.

usage: tst_nowhere.py build/bin
"""

import json
import socket
import unittest

from harness import inside, main, program, run, starter


class Nowhere(unittest.TestCase):
    def test_this_is_nowhere(self):
        with open("/proc/net/dev", encoding="ascii") as interfaces:
            names = [line.split(":")[0].strip() for line in interfaces if ":" in line]
        self.assertEqual(names, ["lo"])
        with self.assertRaises(OSError):  # even this machine itself cannot be reached: lo is down
            socket.create_connection(("127.0.0.1", 9), timeout=1)

    def test_the_conversation_is_held(self):
        result = run(program("ponder-cli"), "chat", "-m", starter(), "-p", "What is 347 + 586?",
                     "--temp", "0", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        done = json.loads(result.stdout.splitlines()[-1])
        self.assertIn("933", done["content"])
        self.assertTrue(done["reasoning_content"].strip())


if __name__ == "__main__":
    inside("net")
    main()
