#!/usr/bin/env python3
"""The window when the file of its model is cut short while it answers. usage: tst_window_files.py build/bin"""

import os
import shutil
import struct
import tempfile
import unittest
from pathlib import Path

from gguf_patch import Places, patched
from harness import Display, Slowed, Window, main, rows, starter, wait_for



def write_endless(path):
    """The starter model without the end of text that it learned, so that it goes on until its context is full."""
    whole = starter().read_bytes()
    values = Places(whole).values
    pad = values["tokenizer.ggml.padding_token_id"][1]
    whole = patched(whole, values["tokenizer.ggml.eos_token_id"][0], struct.pack("<I", pad))
    end = "<｜end▁of▁sentence｜>".encode()
    path.write_bytes(patched(whole, whole.index(end), end.replace(b"sentence", b"sometime")))


class ACutFile(unittest.TestCase):
    def setUp(self):
        self.display = Display()
        self.addCleanup(self.display.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = Path(folder.name)

    def answer(self):
        found = rows(self.data, "SELECT reasoning || text || coalesce((SELECT group_concat(reasoning || text, '') FROM chunks"
                     " WHERE message = messages.id), ''), state FROM messages WHERE role = 'assistant' ORDER BY id DESC")
        return found[0] if found else ("", "")

    def test_the_answer_keeps_its_text_and_says_why_it_ended(self):
        model = self.data / "cut.gguf"
        write_endless(model)
        window = Window(self.display, self.data, model, PONDER_CPU="reference")  # the slowest way
        self.addCleanup(window.kill)
        self.display.wait_to_read("Ready", 60)
        with Slowed(window.process, 0.03):  # so that the file is cut early
            window.ask("What is 347 * 8?")
            wait_for("the beginning of an answer in the database", 60, lambda: self.answer()[0])
            os.truncate(model, 8192)
            wait_for("the end of the answer", 120, lambda: self.answer()[1] in ("failed", "complete"))
        text, state = self.answer()
        self.assertEqual(state, "failed")
        self.assertTrue(text)
        self.display.wait_to_read("became shorter", 60)
        self.assertIsNone(window.process.poll(), window.said())

        # Asked again it says so again; the file copied again opens, and the conversation goes on.
        window.ask("And 2 + 3?")
        wait_for("the second answer's end", 60, lambda: len(rows(
            self.data, "SELECT id FROM messages WHERE role = 'assistant' AND state = 'failed'")) == 2)
        self.assertEqual(window.close(), 0, window.said())
        shutil.copy(starter(), model)
        again = Window(self.display, self.data, model)
        self.addCleanup(again.kill)
        self.display.wait_to_read("Ready", 60)
        again.ask("What is 347 + 586?")
        wait_for("an answer", 60, lambda: self.answer()[1] == "complete")
        self.assertEqual(again.close(), 0, again.said())


if __name__ == "__main__":
    main()
