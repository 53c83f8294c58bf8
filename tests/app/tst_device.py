#!/usr/bin/env python3
"""Where the real window computes: without a GPU, with one, and when it is lost. usage: tst_device.py build/bin

The GPUs here are those of the fake module of tests/engine/backend/gpu, which the program loads as it would the real
one: behind the filter that closes it to the network.
"""

import sys
import tempfile
import unittest
from pathlib import Path

from harness import Display, Window, main, rows, skip, wait_for

FAKE = Path(sys.argv[1]).parent / "tests" / "libfake-cuda.so"
QUESTION = "What is 347 + 586?"


class Devices(unittest.TestCase):
    def setUp(self):
        self.display = Display()
        self.addCleanup(self.display.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = Path(folder.name)

    def open(self, module, gpus=""):
        window = Window(self.display, self.data, PONDER_CUDA_MODULE=str(module), PONDER_FAKE_GPU=gpus)
        self.addCleanup(window.kill)
        self.display.wait_to_read("Ready", 30)
        return window

    def kept(self):
        return [value for value, in rows(self.data, "SELECT value_json FROM settings WHERE key = 'device'")]

    def test_without_a_gpu(self):
        window = self.open("none")
        self.display.click_on("CPU")  # in the status line
        self.display.wait_to_read(r"Weights .* available", 20)
        self.display.click_on("Choose")
        self.display.wait_to_read(r"Device.*has no GPU module", 20)
        self.display.wait_to_read("Automat", 20)  # the choice, once its frame has come to rest
        window.press("Down")  # the choice has the keyboard
        wait_for("the choice in the database", 10, lambda: self.kept() == ['"cpu"'])
        self.display.wait_to_read("computer's processor", 20)
        self.assertEqual(window.close(), 0, window.said())

    def test_the_choice_is_kept_and_done_without_where_its_gpu_is_gone(self):
        window = self.open(FAKE)
        self.display.wait_to_read("GPU: Fake GPU", 20)
        self.display.click_on("Fake")
        self.display.click_on("Choose")
        self.display.wait_to_read("Now: GPU", 20)
        for _ in range(3):
            window.press("Down")
        wait_for("the choice in the database", 10, lambda: self.kept() == ['"cuda:1"'])
        self.display.wait_to_read("Now: GPU: Fake GPU, smaller", 20)
        self.assertEqual(window.close(), 0, window.said())

        again = self.open(FAKE)
        self.display.wait_to_read("GPU: Fake GPU, smaller", 20)
        self.assertEqual(again.close(), 0, again.said())

        without = self.open("none")
        self.display.click_on("CPU")
        self.display.wait_to_read("no GPU module.*computes instead", 20)
        without.press("Escape")
        without.press("ctrl+l")
        without.ask(QUESTION)
        self.display.wait_to_read(r"\b933\b", 60)
        self.assertEqual(without.close(), 0, without.said())
        self.assertEqual(self.kept(), ['"cuda:1"'])

    def test_a_lost_gpu_keeps_the_words_and_the_processor_goes_on(self):
        window = self.open(FAKE, "lost=30")
        window.ask(QUESTION)
        self.display.wait_to_read("stopped answering", 60)
        answers = "SELECT state, reasoning || text, finish_reason FROM messages WHERE role = 'assistant' ORDER BY id"
        (state, words, reason), = wait_for("the end in the database", 10, lambda: [
            row for row in rows(self.data, answers) if row[0] != "streaming"])
        self.assertEqual((state, reason), ("failed", "device_lost"))
        self.assertGreater(len(words), 10)
        self.display.click_on("processor")  # "Continue on the processor"
        self.display.wait_to_read(r"\b933\b", 60)
        wait_for("two versions of the answer", 10, lambda: [
            row[0] for row in rows(self.data, answers)] == ["failed", "complete"])
        (_, before, _), (_, whole, _) = rows(self.data, answers)
        self.assertTrue(whole.startswith(words.strip()), (words, whole))
        self.assertEqual(before, words)  # and what was there stays as it was
        self.display.wait_to_read("CPU", 20)
        self.assertEqual(window.close(), 0, window.said())


if __name__ == "__main__":
    if not FAKE.exists():
        skip(f"{FAKE} has not been built")
    main()
