#!/usr/bin/env python3
"""A disk that fills during a conversation: the window says so, and loses nothing. usage: tst_full_disk.py build/bin"""

import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import Display, Window, inside, main, rows, wait_for


class FullDisk(unittest.TestCase):
    def answers(self):
        return [text for text, in rows(self.data, "SELECT text FROM messages WHERE role = 'assistant'"
                                                  " AND state = 'complete' ORDER BY id")]

    def fill(self, ballast):
        with ballast.open("ab", buffering=0) as file, self.assertRaises(OSError):
            while True:
                file.write(bytes(4096))

    def test_is_explained_and_what_was_written_meanwhile_is_kept(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = Path(folder.name)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16M", "tmpfs", self.data], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", self.data], check=True)
        display = Display()
        self.addCleanup(display.close)
        window = Window(display, self.data)
        self.addCleanup(window.kill)

        display.wait_to_read("Ready", 30)
        window.ask("What is 2 + 3?")
        wait_for("the first answer in the database", 60, lambda: len(self.answers()) == 1)
        ballast = self.data / "ballast"
        self.fill(ballast)
        # The room that Ponder kept back takes the question and its answer in.
        window.ask("What is 347 + 586?")
        display.wait_to_read(r"disk|full|reserve", 60)
        wait_for("the second answer in the database", 60, lambda: len(self.answers()) == 2)
        self.assertIn("933", self.answers()[1])

        self.fill(ballast)
        window.ask("What is 12 + 13?")
        display.wait_to_read(r"disk|full|saved", 60)
        self.assertIsNone(window.process.poll())

        ballast.unlink()
        window.press("Return")  # where it could not be stored, the question still stands where it was written
        wait_for("the third answer in the database", 60, lambda: len(self.answers()) == 3)
        self.assertIn("25", self.answers()[2])
        self.assertEqual(window.close(), 0, window.said())


if __name__ == "__main__":
    inside("mount")
    main()
