#!/usr/bin/env python3
"""The real window, as a person uses it: on a screen, with a keyboard, twice. usage: tst_window.py build/bin"""

import tempfile
import unittest
from pathlib import Path

from harness import Display, Window, main, rows, starter, wait_for

QUESTION = "What is 347 + 586?"
THOUGHT_FOR = r"Thought for"
SIDE_BAR = 250  # pixels that the list of conversations surely has


class ANewUser(unittest.TestCase):
    def setUp(self):
        self.display = Display()
        self.addCleanup(self.display.close)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.data = Path(self.folder.name)

    def open(self, *arguments):
        window = Window(self.display, self.data, *arguments)
        self.addCleanup(window.kill)
        return window

    def answers(self):
        return rows(self.data, "SELECT reasoning, text, state FROM messages WHERE role = 'assistant'")

    def test_asks_reads_closes_and_finds_it_again(self):
        window = self.open()
        self.display.wait_to_read("Ready", 30)
        window.ask(QUESTION)
        read = self.display.wait_to_read(r"\b933\b", 60)
        self.assertRegex(read, "347")
        self.display.wait_to_read(THOUGHT_FOR, 20)

        wait_for("the answer in the database", 10,
                 lambda: [answer for answer in self.answers() if answer[2] == "complete"])
        (thought, answer, _), = self.answers()
        self.assertIn("933", answer)
        self.assertRegex(thought, r"\d")
        self.assertNotIn("<think>", thought + answer)
        (question,), = rows(self.data, "SELECT text FROM messages WHERE role = 'user'")
        self.assertEqual(question, QUESTION)
        self.assertEqual(window.close(), 0, window.said())

        again = self.open()
        self.display.wait_to_read("Ready", 30)
        if "933" not in self.display.words():  # then it is in the list at the left, by its title
            self.display.click_on("347", left_of=SIDE_BAR)
        self.display.wait_to_read(r"\b933\b", 30)
        self.display.wait_to_read(THOUGHT_FOR, 20)
        self.assertEqual(again.close(), 0, again.said())
        self.assertEqual(len(self.answers()), 1)

    def test_comes_back_as_it_was_left(self):
        window = self.open()
        self.display.wait_to_read("Ready", 30)
        window.type("not sent yet")
        self.display.tool("windowsize", "--sync", window.id, 900, 640)
        self.display.tool("windowmove", "--sync", window.id, 130, 70)
        place = self.place(window)
        self.assertEqual(place[2:], ["900", "640"])
        self.display.wait_to_read("[nh]ot sent yet", 20)
        wait_for("size and place in the database", 10, lambda: [
            value for value, in rows(self.data, "SELECT value_json FROM settings WHERE key = 'window'")
            if "900" in value and "130" in value])
        self.assertEqual(window.close(), 0, window.said())

        again = self.open()
        self.display.wait_to_read("[nh]ot sent yet", 30)
        self.assertEqual(self.place(again), place)
        self.assertEqual(again.close(), 0, again.said())

    def place(self, window):
        """Left, top, width and height."""
        said = dict(line.split("=") for line in
                    self.display.tool("getwindowgeometry", "--shell", window.id).stdout.split())
        return [said[key] for key in ("X", "Y", "WIDTH", "HEIGHT")]

    def test_a_file_that_is_no_model_is_explained(self):
        bad = self.data / "notes.gguf"
        bad.write_bytes(starter().read_bytes()[:100_000])
        window = self.open(bad)
        self.display.wait_to_read(r"incomplete|cut short|truncated|bytes", 30)
        self.assertIsNone(window.process.poll())
        self.assertEqual(window.close(), 0, window.said())


if __name__ == "__main__":
    main()
