#!/usr/bin/env python3
"""A data folder that cannot be written, or is full, or cannot be: the window says so, shows what is there, and lets one
chat, of which nothing is kept. usage: tst_read_only.py build/bin"""

import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import Display, Window, inside, main, rows, wait_for


class ReadOnly(unittest.TestCase):
    def test_is_explained_and_what_is_there_can_be_read(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        data = Path(folder.name)
        display = Display()
        self.addCleanup(display.close)

        window = Window(display, data)
        self.addCleanup(window.kill)
        display.wait_to_read("Ready", 30)
        window.ask("What is 347 + 586?")
        wait_for("the answer in the database", 60, lambda: rows(
            data, "SELECT 1 FROM messages WHERE role = 'assistant' AND state = 'complete'"))
        self.assertEqual(window.close(), 0, window.said())

        subprocess.run(["mount", "--bind", data, data], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", data], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", data], check=True)
        with self.assertRaises(OSError):
            (data / "try").touch()

        # Everything that the program may write besides lies elsewhere, as it would.
        elsewhere = tempfile.TemporaryDirectory()
        self.addCleanup(elsewhere.cleanup)
        reader = Window(display, data, XDG_CONFIG_HOME=elsewhere.name, XDG_CACHE_HOME=elsewhere.name)
        self.addCleanup(reader.kill)
        display.wait_to_read(r"can be read but not changed", 30)
        display.click_on("347", left_of=250)
        display.wait_to_read(r"\b933\b", 30)
        display.wait_to_read(r"nothing is kept", 20)
        reader.ask("What is 12 + 13?")
        display.wait_to_read(r"\b25\b", 60)
        self.assertIsNone(reader.process.poll())
        self.assertEqual(reader.close(), 0, reader.said())
        subprocess.run(["mount", "-o", "remount,bind,rw", data], check=True)
        self.assertEqual(len(rows(data, "SELECT 1 FROM messages")), 2)

    def chat_in_memory(self, data):
        display = Display()
        self.addCleanup(display.close)
        elsewhere = tempfile.TemporaryDirectory()
        self.addCleanup(elsewhere.cleanup)
        window = Window(display, data, XDG_CONFIG_HOME=elsewhere.name, XDG_CACHE_HOME=elsewhere.name)
        self.addCleanup(window.kill)
        display.wait_to_read(r"nothing is kept", 30)
        window.ask("What is 347 + 586?")
        display.wait_to_read(r"\b933\b", 60)
        self.assertEqual(window.close(), 0, window.said())

    def test_a_full_folder_lets_one_chat(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        data = Path(folder.name)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1M", "tmpfs", data], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", data], check=True)
        with (data / "ballast").open("wb", buffering=0) as file, self.assertRaises(OSError):
            while True:
                file.write(bytes(4096))
        self.chat_in_memory(data)

    def test_a_folder_that_cannot_be_lets_one_chat(self):
        self.chat_in_memory(Path("/dev/full/ponder"))


if __name__ == "__main__":
    inside("mount")
    main()
